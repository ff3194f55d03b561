"""Stays in stock: the cars of the deals first, then what is unsold at the as-of day."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generator.domains.calendar import DAY, MINUTE, horizon, offsets
from generator.domains.columns import day, decimal, enum, integer, moment, text
from generator.domains.counts import Given, Noun, free, limits
from generator.domains.graph import Declaration, Draw, Made, derived, drawn, key, link
from generator.domains.groups import place_in_group, renamed
from generator.domains.keys import numbered
from generator.domains.leanings import taken
from generator.domains.logistics_fulfillment.warehouse import lot_of
from generator.domains.sales_operations.choice import specification_of, used_specification_of
from generator.domains.vehicle_asset_mgt.inventory_vehicle_rules import RULES
from generator.domains.vehicle_asset_mgt.miles import beyond, usual_miles
from generator.frame import Coded
from generator.schema import Link, Table

TABLE = Table(
    "inventory_vehicle",
    domain="vehicle_asset_mgt",
    meaning="One stint of a vehicle in one dealer stock",
    key="inventory_vehicle_key",
    columns=(
        text("inventory_vehicle_key", 50, unique=True),
        text("vehicle_key", 50),
        text("dealer_key", 50),
        text("stock_number", 40, "unique per dealer"),
        enum("product_state_type", "ProductStateTypes"),
        enum("condition_type", "ConditionTypes"),
        enum("inventory_status_type", "InventoryStatusTypes"),
        text("acquisition_source", 20, "FACTORY | TRADE_IN | AUCTION | DEALER_TRADE"),
        text("source_trade_in_vehicle_key", 50, nullable=True),
        day("on_order_date", nullable=True),
        moment("stock_date_time", "null while ON_ORDER/IN_TRANSIT", nullable=True),
        moment("delivered_date_time", "to customer", nullable=True),
        integer("odometer_at_stock"),
        decimal("cost_amount", 12, 2),
        decimal("reconditioning_cost", 10, 2),
        decimal("list_price", 12, 2),
        integer(
            "inventory_days",
            "= days(coalesce(delivered_date_time, as_of) - stock_date_time)",
            nullable=True,
        ),
        text("floorplan_reference", 60, "null if paid", nullable=True),
        decimal("floorplan_interest", 10, 2, "= cost_amount * annual_rate * inventory_days / 365"),
        text("warehouse_key", 50, nullable=True),
    ),
    links=(
        Link("vehicle_key", "vehicle", "vehicle_key", "lookup"),
        Link("dealer_key", "dealer", "dealer_key", "parent"),
        Link("warehouse_key", "warehouse", "warehouse_key", "lookup"),
    ),
)


STATUSES = ("SOLD", "AVAILABLE", "RESERVED", "IN_TRANSIT")
CONDITIONS = {"NEW": "NEW", "USED": "USED", "CERTIFIED": "CERTIFIED_PREOWNED"}
OPEN = 2  # fate of a deal that is still worked
LATEST_MINUTE = 1439  # of the UTC day


@key("inventory_vehicle_key", "stock_number", "_place", "_deal")
def _keys(draw: Draw) -> Made:
    local = draw["_dealer"] - draw.frames["dealer"].start
    place = place_in_group(local)
    return {
        "inventory_vehicle_key": draw.key(TABLE.name, draw.rows),
        "stock_number": numbered("S", place + 1, 7),
        "_place": place,
        "_deal": _deal_of(draw, local, place),
    }


def _deal_of(draw: Draw, local: NDArray[np.int64], place: NDArray[np.int64]) -> NDArray[np.int64]:
    """Local deal row of each stint, -1 for unsold stock."""
    deals = draw.counts["deal"]
    first = np.cumsum(deals) - deals
    return np.where(place < deals[local], first[local] + place, -1)


@link("vehicle_key", "dealer_key", "_vehicle_key", "_dealer_key")
def _links(draw: Draw) -> Made:
    """A dealer's first vehicles are those of its stays; the others only visit its workshop."""
    cars = draw.counts["vehicle"]
    first = np.cumsum(cars) - cars + draw.starts["vehicle"]
    car = first[draw["_dealer"] - draw.frames["dealer"].start] + draw["_place"]
    return {
        "vehicle_key": draw.key("vehicle", car),
        "_vehicle_key": car,
        "dealer_key": draw.key("dealer", draw["_dealer"]),
        "_dealer_key": draw["_dealer"],
    }


@derived(
    "product_state_type",
    "condition_type",
    "inventory_status_type",
    "acquisition_source",
    "_new",
    "_sold",
    "_away",
    "_label",
)
def _state(draw: Draw) -> Made:
    """Sold with its deal, held while one is open, else offered; some new cars are on the way."""
    deals, deal = draw.frames["deal"], draw["_deal"]
    has, at = deal >= 0, np.maximum(deal, 0)
    state = draw.leaf("unsold_state")
    codes, labels = state.codes, state.labels
    sold = reserved = np.zeros(draw.n, dtype=bool)
    if deals.rows:
        order = np.array([labels.index(name) for name in deals["product_state_type"].labels])
        codes = np.where(has, order[deals["product_state_type"].codes][at], codes)
        sold, reserved = has & deals["_sold"][at], has & (deals["_fate"][at] == OPEN)
    new = codes == labels.index("NEW")
    away = ~has & new & (draw.u("away") < draw.figures["in_transit_share"])
    status = np.where(sold, 0, np.where(reserved, 2, np.where(away, 3, 1)))
    bought = draw.leaf("inventory_vehicle.acquisition_source")
    state = Coded(codes.astype(np.int32), labels)
    return {
        "product_state_type": state,
        "condition_type": renamed(state, CONDITIONS),
        "inventory_status_type": Coded(status.astype(np.int32), STATUSES),
        "acquisition_source": Coded(
            np.where(new, 0, bought.codes + 1).astype(np.int32), ("FACTORY", *bought.labels)
        ),
        "_new": new,
        "_sold": sold,
        "_away": away,
        "_label": np.where(new, "NEW", "USED").astype(object),
    }


@derived(
    "stock_date_time",
    "delivered_date_time",
    "on_order_date",
    "inventory_days",
    "_transit",
    "_stay",
    "_signed",
    "_stocked",
)
def _dates(draw: Draw) -> Made:
    """Into stock some days before the deal is signed, or before the as-of day; not yet if on
    the way."""
    deals, deal = draw.frames["deal"], draw["_deal"]
    at, has, today = np.maximum(deal, 0), deal >= 0, horizon(draw)
    signed = np.where(has, deals["_signed"][at], today) if deals.rows else np.full(draw.n, today)
    days = np.ceil(draw.leaf("days_in_stock", by=[draw["_label"]])).astype(np.int64)
    unloaded = np.floor(draw.leaf("minute_unloaded", stream="stock_time")).astype(np.int64)
    minutes = unloaded - offsets(draw, draw["_dealer"]) * 60
    came = signed.astype("datetime64[D]") - days * DAY
    stocked = came.astype("datetime64[ms]") + np.clip(minutes, 0, LATEST_MINUTE) * MINUTE
    delivered = deals["delivery_date_time"][at] if deals.rows else stocked
    until = np.where(draw["_sold"], delivered, today).astype("datetime64[D]")
    stay = (until - came).astype(np.int64)
    low, high = draw.figures["transit_days"]
    transit = (low + (high - low) * draw.u("transit")).astype(np.int64)
    built = (draw.figures["order_to_build_days"] * draw.u("on_order_date")).astype(np.int64)
    ordered = came - (transit + built) * DAY
    return {
        "stock_date_time": (stocked, draw["_away"]),
        "delivered_date_time": (delivered, ~draw["_sold"]),
        "on_order_date": (ordered, ~draw["_new"]),
        "inventory_days": (stay, draw["_away"]),
        "_transit": transit,
        "_stay": np.where(draw["_away"], 0, stay),
        "_signed": signed,
        "_stocked": stocked,
    }


@derived("_specification")
def _specification(draw: Draw) -> Made:
    """The deal's car; unsold stock is chosen like it."""
    deals, deal = draw.frames["deal"], draw["_deal"]
    dealers = draw.frames["dealer"]
    local = draw["_dealer"] - dealers.start
    make, state = dealers.text("primary_make")[local], draw["product_state_type"]
    certified = state.codes == state.labels.index("CERTIFIED")
    own = certified | (draw.u("own_make") < draw.figures["own_make_used_share"])
    chance = np.where(own, dealers["_light_own"][local], dealers["_light_other"][local])
    chance = np.where(draw["_new"], dealers["_light_new"][local], chance)
    truck = taken(draw.u("light_truck"), deal >= 0, chance)
    year = draw["_stocked"].astype("datetime64[Y]").astype(np.int64) + 1970
    age = draw.leaf("used_age", by=[draw.frame.text("product_state_type")])
    old = np.array([int(label) for label in age.labels])[age.codes]
    u = draw.u("specification")
    fresh = specification_of(draw, make=make, truck=truck, year=year, u=u, new=True)
    used = used_specification_of(
        draw, make=make, own=own, certified=certified, truck=truck, year=year - old, u=u
    )
    chosen = np.where(draw["_new"], fresh, used)
    if deals.rows:
        chosen = np.where(deal >= 0, deals["_specification"][np.maximum(deal, 0)], chosen)
    return {"_specification": chosen}


@derived("odometer_at_stock", "_years", "_usual_miles")
def _age(draw: Draw) -> Made:
    """How old the car is when it comes, and what its odometer says then."""
    vehicles = draw.frames["vehicle"]
    car = draw["_vehicle_key"] - vehicles.start
    catalogue = draw.frames["vehicle_specification"]
    came = draw["_stocked"].astype("datetime64[D]")
    years = (came - vehicles["production_date"][car]).astype(np.int64) / 365.25
    truck = catalogue["_light_truck"][draw["_specification"]]
    return {
        "odometer_at_stock": vehicles["_odometer_of_stays"]
        .line(car, draw["_stocked"])
        .astype(np.int64),
        "_years": years,
        "_usual_miles": usual_miles(draw.figures, years, truck=truck),
    }


@drawn("cost_amount", "reconditioning_cost", "list_price")
def _prices(draw: Draw) -> Made:
    """New: the invoice and the MSRP.  Used: what age and miles have left of the MSRP, and a cost
    that leaves the dealer its margin."""
    from scipy.special import ndtri  # a third of a second that planning need not wait for

    vehicles, at = draw.frames["vehicle"], draw["_vehicle_key"] - draw.frames["vehicle"].start
    figures, new = draw.figures, draw["_new"]
    msrp = vehicles["total_msrp"][at].astype(np.float64)
    extra = (draw["odometer_at_stock"] - draw["_usual_miles"]) / 10_000
    luck = ndtri(np.clip(draw.u("list_price"), *figures["price_luck_cut"]))
    offered = figures["offered_price_share"]
    value = (
        msrp * _left(draw) * offered["young"] * np.exp(offered["a_year"] * beyond(draw["_years"]))
    )
    value *= np.exp(figures["mileage_value"] * extra)
    value *= np.exp(figures["price_residual"] * luck)
    listed = np.rint(np.maximum(value, figures["cheapest_car"] * 100) / 100).astype(np.int64) * 100
    low, high = figures["reconditioning_dollars"]
    work = (low + (high - low) * draw.u("reconditioning_cost")).astype(np.int64) * 100
    margin = figures["used_margin"]
    cost = listed * margin["share_of_list"] - work - margin["dollars"] * 100
    cost = np.rint(np.maximum(cost, listed * margin["least_share"])).astype(np.int64)
    return {
        "cost_amount": np.where(new, vehicles["vehicle_invoice_amount"][at], cost),
        "reconditioning_cost": np.where(new, 0, work),
        "list_price": np.where(new, vehicles["total_msrp"][at], listed),
    }


def _left(draw: Draw) -> NDArray[np.float64]:
    """Share of the price new that is left: the published curve, bent to what is published for
    pickups, SUVs, hybrids and electric cars after five years."""
    curve, five = draw.figures["retention_curve"], draw.figures["retention_five_years"]
    years = draw["_years"]
    left = np.interp(years, [0.0, *(float(k) for k in curve)], [1.0, *curve.values()])
    catalogue, at = draw.frames["vehicle_specification"], draw["_specification"]
    category = catalogue.text("vehicle_category_type")[at].astype(str)
    powertrain = catalogue.text("power_train_type")[at].astype(str)
    after = np.full(draw.n, float(five["all"]))
    after[np.isin(category, ["SUV", "CROSSOVER"])] = five["suv"]
    after[np.isin(category, ["PICKUP", "HEAVY_DUTY_TRUCK"])] = five["pickup"]
    after[powertrain == "HEV"] = five["hybrid"]
    after[powertrain == "BEV"] = five["electric"]
    bent: NDArray[np.float64] = left * (after / float(five["all"])) ** (years / 5)
    return bent


@derived("floorplan_reference", "floorplan_interest")
def _floorplan(draw: Draw) -> Made:
    rate = draw.figures["floorplan_rate"]
    interest = np.rint(draw["cost_amount"] * rate * np.maximum(draw["_stay"], 0) / 365)
    return {
        "floorplan_reference": (numbered("FP", draw.rows, 9), draw["_sold"]),
        "floorplan_interest": interest.astype(np.int64),
    }


@derived("source_trade_in_vehicle_key")
def _elsewhere(draw: Draw) -> Made:
    """The table it points at is not built yet."""
    nobody, none = np.full(draw.n, b"", dtype="S1"), np.ones(draw.n, dtype=bool)
    return {"source_trade_in_vehicle_key": (nobody, none)}


@link("warehouse_key")
def _lot(draw: Draw) -> Made:
    """A car that has come stands on its dealer's lot."""
    return {"warehouse_key": (draw.key("warehouse", lot_of(draw, draw["_dealer"])), draw["_away"])}


LEAST_UNSOLD = 5  # cars a dealer has on the lot at least, unless a count is named


def _stays(given: Given) -> float:
    supply = given.figures["days_supply"]
    unsold = max(given["deal"] * min(supply / given.days, 1.0), LEAST_UNSOLD * given["dealer"])
    return float(given["deal"] + unsold)


COUNT = free(
    Noun("stay in stock", "stays in stock"),
    typical=_stays,
    why=lambda given: (
        f"{Noun('deal', 'deals').of(given['deal'])} and {given.figures['days_supply']} days of "
        "unsold stock"
    ),
    no_fewer_than=("deal", "Every deal takes a car of its own from stock"),
    weight=lambda lay: lay["deal"] + 0.01,
    back=limits(0.75),
)


INVENTORY_VEHICLE = Declaration(
    TABLE,
    prefix="IV",
    count=COUNT,
    makers=(
        _keys,
        _links,
        _state,
        _dates,
        _specification,
        _age,
        _elsewhere,
        _lot,
        _prices,
        _floorplan,
    ),
    rules=RULES,
)
