"""Stays in stock: the cars of the deals first, then what is unsold at the as-of day."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.domains.calendar import DAY, MINUTE, end_of, offsets, span
from generator.domains.groups import place_in_group
from generator.domains.keys import key_of, numbered
from generator.domains.sales_operations.choice import specification_of
from generator.domains.table import Declaration, Draw, Made, derived, drawn, key, link
from generator.domains.vehicle_asset_mgt.rules import STOCK_RULES, VEHICLE_RULES
from generator.domains.vehicle_asset_mgt.tables import INVENTORY_VEHICLE, VEHICLE
from generator.domains.vehicle_asset_mgt.vehicle import VEHICLE_STEPS
from generator.frame import Coded

STATUSES = ("SOLD", "AVAILABLE", "RESERVED", "IN_TRANSIT")
SOURCES = ("FACTORY", "AUCTION", "TRADE_IN")
YOUNGEST_USED = 190  # days between production and stock of a used car


@key("inventory_vehicle_key", "stock_number")
def _keys(draw: Draw) -> Made:
    local = draw["_dealer"] - draw.frames["dealer"].start
    place = place_in_group(local)
    return {
        "inventory_vehicle_key": key_of(INVENTORY_VEHICLE.name, draw.rows),
        "stock_number": numbered("S", place + 1, 7),
        "_place": place,
        "_deal": _deal_of(draw, local, place),
    }


def _deal_of(draw: Draw, local: NDArray[np.int64], place: NDArray[np.int64]) -> NDArray[np.int64]:
    """Local deal row of each stint, -1 for unsold stock."""
    deals = draw.counts["deal"]
    first = np.cumsum(deals) - deals
    return np.where(place < deals[local], first[local] + place, -1)


@link("vehicle_key", "dealer_key")
def _links(draw: Draw) -> Made:
    return {
        "vehicle_key": key_of("vehicle", draw.rows),
        "_vehicle_key": draw.rows,
        "dealer_key": key_of("dealer", draw["_dealer"]),
        "_dealer_key": draw["_dealer"],
    }


@derived("product_state_type", "condition_type", "inventory_status_type", "acquisition_source")
def _state(draw: Draw) -> Made:
    deals, deal = draw.frames["deal"], draw["_deal"]
    has = deal >= 0
    at = np.maximum(deal, 0)
    new = draw.u("unsold_new") < draw.figures["unsold_new_share"]
    labels = ("NEW", "USED", "CERTIFIED")
    codes = np.where(new, 0, 1)
    if deals.rows:
        order = np.array([labels.index(name) for name in deals["product_state_type"].labels])
        codes = np.where(has, order[deals["product_state_type"].codes][at], codes)
        sold, open_ = deals["_sold"][at] & has, (deals["_fate"][at] == 2) & has
    else:
        sold = open_ = np.zeros(draw.n, dtype=bool)
    away = ~has & (codes == 0) & (draw.u("away") < draw.figures["on_order_share"])
    status = np.where(sold, 0, np.where(open_, 2, np.where(away, 3, 1)))
    source = np.where(codes == 0, 0, np.where(draw.u("acquisition_source") < 0.55, 1, 2))
    return {
        "product_state_type": Coded(codes.astype(np.int32), labels),
        "condition_type": Coded(codes.astype(np.int32), ("NEW", "USED", "CERTIFIED_PREOWNED")),
        "inventory_status_type": Coded(status.astype(np.int32), STATUSES),
        "acquisition_source": Coded(source.astype(np.int32), SOURCES),
        "_new": codes == 0,
        "_sold": sold,
        "_away": away,
    }


@derived("stock_date_time", "delivered_date_time", "on_order_date", "inventory_days")
def _dates(draw: Draw) -> Made:
    """Into stock some days before the deal is signed, or before the as-of day."""
    deals, deal = draw.frames["deal"], draw["_deal"]
    at, has = np.maximum(deal, 0), deal >= 0
    as_of = np.datetime64(draw.plan.recipe.as_of, "D")
    today = end_of(span(draw)[1])
    signed = np.where(has, deals["_signed"][at], today) if deals.rows else np.full(draw.n, today)
    label = np.where(draw["_new"], "NEW", "USED").astype(object)
    days = draw.leaf("days_in_stock", by=[label])
    hours = (10 - offsets(draw, draw["_dealer"])) * 60
    stocked = (signed.astype("datetime64[D]") - np.ceil(days).astype(np.int64) * DAY).astype(
        "datetime64[ms]"
    ) + np.clip(hours, 0, 1380) * MINUTE
    delivered = deals["delivery_date_time"][at] if deals.rows else stocked
    until = np.where(draw["_sold"], delivered.astype("datetime64[D]"), as_of)
    stay = (until - stocked.astype("datetime64[D]")).astype(np.int64)
    low, high = draw.figures["transit_days"]
    transit = (low + (high - low) * draw.u("transit")).astype(np.int64)
    ordered = stocked.astype("datetime64[D]") - (transit + 21) * DAY
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


@derived("odometer_at_stock")
def _specification(draw: Draw) -> Made:
    """The deal's car; unsold stock is chosen like it."""
    deals, deal = draw.frames["deal"], draw["_deal"]
    dealers = draw.frames["dealer"]
    make = dealers.text("primary_make")[draw["_dealer"] - dealers.start]
    truck = draw.u("light_truck") < draw.figures["light_truck_share"]
    year = draw["_stocked"].astype("datetime64[Y]").astype(np.int64) + 1970
    age = draw.leaf("used_age")
    old = np.array([int(label) for label in age.labels])[age.codes]
    u = draw.u("specification")
    own = specification_of(draw, make=make, truck=truck, year=year, u=u, new=True)
    other = specification_of(draw, make=None, truck=truck, year=year - old, u=u, new=False)
    chosen = np.where(draw["_new"], own, other)
    if deals.rows:
        chosen = np.where(deal >= 0, deals["_specification"][np.maximum(deal, 0)], chosen)
    catalogue = draw.frames["vehicle_specification"]
    produced = _production(draw, catalogue["model_year"][chosen])
    return {
        "odometer_at_stock": _miles(draw, chosen, produced),
        "_specification": chosen,
        "_produced": produced,
    }


def _production(draw: Draw, year: NDArray[np.int64]) -> NDArray[Any]:
    """New cars leave the factory before their transit, used ones in the year before their model
    year or in it; always from 1 January before the model year to its end, and before stock."""
    stocked = draw["_stocked"].astype("datetime64[D]")
    new = stocked - draw["_transit"] * DAY
    january = (year - 1971).astype("datetime64[Y]").astype("datetime64[D]")
    used = january + (150 + 380 * draw.u("production")).astype(np.int64) * DAY
    used = np.minimum(used, stocked - YOUNGEST_USED * DAY)
    december = january + 729 * DAY
    return np.clip(np.where(draw["_new"], new, used), january, december)


def _miles(draw: Draw, chosen: NDArray[np.int64], produced: NDArray[Any]) -> NDArray[np.int64]:
    """A few miles for new cars; published miles by age for used ones, some more, some fewer."""
    years = (draw["_stocked"].astype("datetime64[D]") - produced).astype(np.int64) / 365.25
    truck = draw.frames["vehicle_specification"]["_light_truck"][chosen]
    total = np.where(
        truck, _driven(draw, "annual_miles_truck", years), _driven(draw, "annual_miles_car", years)
    )
    low, high = draw.figures["new_odometer"]
    fresh = low + (high - low) * draw.u("new_miles")
    used = np.maximum(total * np.exp(0.7 * (draw.u("miles") - 0.5)) * 0.92, 900)
    return np.where(draw["_new"], fresh, used).astype(np.int64)


def _driven(draw: Draw, name: str, years: NDArray[np.float64]) -> NDArray[np.float64]:
    yearly = np.array(list(draw.figures[name].values()), dtype=float)
    return np.interp(years, np.arange(len(yearly) + 1), np.concatenate([[0.0], np.cumsum(yearly)]))


@drawn("cost_amount", "reconditioning_cost", "list_price")
def _prices(draw: Draw) -> Made:
    """New: the invoice and the MSRP.  Used: what age and miles have left of the MSRP."""
    vehicles, at = draw.frames["vehicle"], draw["_vehicle_key"] - draw.frames["vehicle"].start
    msrp = vehicles["total_msrp"][at].astype(np.float64)
    curve = draw.figures["retention_curve"]
    years = (draw["_stocked"].astype("datetime64[D]") - draw["_produced"]).astype(np.int64) / 365.25
    left = np.interp(years, [0.0, *(float(k) for k in curve)], [1.0, *curve.values()])
    expected = _driven(draw, "annual_miles_car", years)
    extra = (draw["odometer_at_stock"] - expected) / 10_000
    value = msrp * left * np.exp(draw.figures["mileage_value"] * extra)
    value *= np.exp(0.24 * (draw.u("list_price") - 0.5))
    listed = np.rint(np.maximum(value, 350_000) / 100).astype(np.int64) * 100
    new = draw["_new"]
    low, high = draw.figures["reconditioning_dollars"]
    work = (low + (high - low) * draw.u("reconditioning_cost")).astype(np.int64) * 100
    return {
        "cost_amount": np.where(
            new,
            vehicles["vehicle_invoice_amount"][at],
            np.rint(listed * draw.figures["used_cost_share"]).astype(np.int64),
        ),
        "reconditioning_cost": np.where(new, 0, work),
        "list_price": np.where(new, vehicles["total_msrp"][at], listed),
    }


@derived("floorplan_reference", "floorplan_interest")
def _floorplan(draw: Draw) -> Made:
    rate = draw.figures["floorplan_rate"]
    interest = np.rint(draw["cost_amount"] * rate * np.maximum(draw["_stay"], 0) / 365)
    return {
        "floorplan_reference": (numbered("FP", draw.rows, 9), draw["_sold"]),
        "floorplan_interest": interest.astype(np.int64),
    }


@derived("source_trade_in_vehicle_key", "warehouse_key")
def _elsewhere(draw: Draw) -> Made:
    """Tables these point at are not built yet."""
    nobody, none = np.full(draw.n, b"", dtype="S1"), np.ones(draw.n, dtype=bool)
    return {"source_trade_in_vehicle_key": (nobody, none), "warehouse_key": (nobody, none)}


STOCK = Declaration(
    INVENTORY_VEHICLE,
    ((_keys, _links, _state, _dates, _specification, _elsewhere), (_prices, _floorplan)),
    STOCK_RULES,
)


@derived("production_date", "odometer", "original_sold_date", "vehicle_status_type")
def _life(draw: Draw) -> Made:
    """Which car it is, from its stay in stock: made, first sold, driven until the as-of day."""
    stock = draw.frames["inventory_vehicle"]
    as_of = span(draw)[1]
    sold, new = stock["_sold"], stock["_new"]
    delivered = stock["delivered_date_time"].astype("datetime64[D]")
    days = np.where(sold, (as_of - delivered).astype(np.int64), 0)
    yearly = draw.figures["annual_miles_car"]["1"]
    miles = days * yearly / 365.25 * np.exp(0.8 * (draw.u("driven") - 0.5))
    few = np.where(sold, 1, 0) + np.floor(6 * draw.u("lot_miles")).astype(np.int64)
    first = np.where(new, delivered, stock["_produced"] + 60 * DAY)
    return {
        "production_date": stock["_produced"],
        "odometer": stock["odometer_at_stock"] + miles.astype(np.int64) + few,
        "original_sold_date": (first, new & ~sold),
        "vehicle_status_type": Coded(np.where(sold, 0, 1).astype(np.int32), ("SOLD", "IN_STOCK")),
        "_specification": stock["_specification"],
        "_first_stint": np.arange(draw.n),
        "_last_stint": np.arange(draw.n),
        "_sold": sold,
    }


CARS = Declaration(VEHICLE, ((_life,), VEHICLE_STEPS), VEHICLE_RULES)
