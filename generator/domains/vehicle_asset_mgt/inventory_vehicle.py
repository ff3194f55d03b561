"""Stays in stock: which cars they are of is in ``stock_slots``; here are their miles and prices."""

from __future__ import annotations

import numpy as np

from generator.domains.columns import day, decimal, enum, integer, moment, text
from generator.domains.counts import Bound, Count, Given, Noun, Relation, limits
from generator.domains.graph import Declaration, Draw, Made, derived, drawn, link
from generator.domains.keys import numbered
from generator.domains.logistics_fulfillment.warehouse import lot_of
from generator.domains.vehicle_asset_mgt.inventory_vehicle_postings import journals
from generator.domains.vehicle_asset_mgt.inventory_vehicle_rules import RULES
from generator.domains.vehicle_asset_mgt.miles import usual_miles
from generator.domains.vehicle_asset_mgt.stock_course import days_until, known_from, steps
from generator.domains.vehicle_asset_mgt.stock_slots import SLOTS
from generator.domains.vehicle_asset_mgt.worth import cost_of, left, offered_share, price_of
from generator.schema import Link, Table

STEP = 100 * 100  # cents between list prices

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
        Link("source_trade_in_vehicle_key", "trade_in_vehicle", "trade_in_vehicle_key", "lookup"),
    ),
)


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
    that leaves the dealer its margin; of a car taken in the cost is known and the price follows."""
    from scipy.special import ndtri  # a third of a second that planning need not wait for

    vehicles, at = draw.frames["vehicle"], draw["_vehicle_key"] - draw.frames["vehicle"].start
    figures, new = draw.figures, draw["_new"]
    msrp = vehicles["total_msrp"][at].astype(np.float64)
    extra = (draw["odometer_at_stock"] - draw["_usual_miles"]) / 10_000
    luck = ndtri(np.clip(draw.u("list_price"), *figures["price_luck_cut"]))
    catalogue = draw.frames["vehicle_specification"]
    value = msrp * left(figures, catalogue, draw["_specification"], draw["_years"])
    value *= offered_share(figures, draw["_years"])
    value *= np.exp(figures["mileage_value"] * extra)
    value *= np.exp(figures["price_residual"] * luck)
    value = np.clip(value, figures["cheapest_car"] * 100, figures["dearest_used_share"] * msrp)
    listed = np.rint(value / 100).astype(np.int64) * 100
    low, high = figures["reconditioning_dollars"]
    work = (low + (high - low) * draw.u("reconditioning_cost")).astype(np.int64) * 100
    cost = np.rint(cost_of(figures, listed.astype(np.float64), work.astype(np.float64)))
    trades, transfers = draw.frames["trade_in_vehicle"], draw.frames["vehicle_transfer_order"]
    trade = draw["_trade"].copy()
    came = np.flatnonzero(draw["_in"] >= 0)
    trade[came] = transfers["_trade"][draw["_in"][came]]
    taken = trade >= 0
    if taken.any():
        paid = trades["trade_wholesale_value"][np.maximum(trade, 0)]
        more = np.rint(paid * float(figures["dealer_resale_markup"]) / STEP * 4) * STEP // 4
        paid = np.where(draw["_trade"] >= 0, paid, more.astype(np.int64))
        asked = price_of(figures, paid.astype(np.float64), work.astype(np.float64))
        cost = np.where(taken, paid, cost)
        listed = np.where(taken, np.ceil(asked / STEP).astype(np.int64) * STEP, listed)
    return {
        "cost_amount": np.where(new, vehicles["vehicle_invoice_amount"][at], cost).astype(np.int64),
        "reconditioning_cost": np.where(new, 0, work),
        "list_price": np.where(new, vehicles["total_msrp"][at], listed),
    }


@derived("floorplan_reference", "floorplan_interest")
def _floorplan(draw: Draw) -> Made:
    rate = draw.figures["floorplan_rate"]
    interest = np.rint(draw["cost_amount"] * rate * np.maximum(draw["_stay"], 0) / 365)
    return {
        "floorplan_reference": (
            numbered("FP", draw.frames.numbers("inventory_vehicle"), 9),
            draw["_sold"] | draw["_gone"] | draw["_away"],
        ),
        "floorplan_interest": interest.astype(np.int64),
    }


@link("warehouse_key")
def _lot(draw: Draw) -> Made:
    """A car that has come stands on its dealer's lot."""
    return {"warehouse_key": (draw.key("warehouse", lot_of(draw, draw["_dealer"])), draw["_away"])}


def known(draw: Draw, at: np.datetime64) -> Made:
    """Days and interest so far, and what is still financed."""
    days = days_until(draw, at)
    interest = np.rint(draw["cost_amount"] * draw.figures["floorplan_rate"] * days / 365)
    gone = (draw["_sold"] | draw["_gone"]) & (draw["_left"] <= at)
    return {
        "inventory_days": (days, draw["_away"] | (draw["_stocked"] > at)),
        "floorplan_interest": interest.astype(np.int64),
        "floorplan_reference": (
            draw["floorplan_reference"],
            gone | draw["_away"] | (draw["_stocked"] > at),
        ),
    }


def _stays(given: Given) -> float:
    """A car for each deal and each car taken in, and those on the lot, less those that come back
    to the lot and are sold again."""
    figures, deals = given.figures, given["deal"]
    supply = min(figures["days_supply"] / given.days, 1.0)
    again = (1 - supply) * figures["sold_again_share"]
    lot = max(deals * (supply - again), figures["least_unsold"] * given["dealer"])
    return float(deals + given["taken"] + lot + 2 * given["vehicle_transfer_order"])


def _relations(name: str) -> tuple[Relation, ...]:
    return (
        Bound((("deal", 1), (name, -1)), 0, "Every deal takes a car of its own from stock"),
        Bound(
            (("deal", 1), ("taken", 1), ("sent", 1), ("vehicle_transfer_order", 1), (name, -1)),
            0,
            "Every deal takes a car of its own from stock, every car taken in comes into it, and "
            "one that is moved is in that of two dealers",
        ),
    )


COUNT = Count(
    Noun("stay in stock", "stays in stock"),
    _stays,
    lambda given: (
        f"{Noun('deal', 'deals').of(given['deal'])}, "
        f"{Noun('car', 'cars').of(given['taken'])} taken in, and unsold stock"
    ),
    _relations,
    lambda lay: lay["deal"] + lay["taken"] + 1e-2,
    limits(0.66),
)


INVENTORY_VEHICLE = Declaration(
    TABLE,
    prefix="IV",
    by_lot=True,
    count=COUNT,
    makers=(*SLOTS, known_from, _age, _lot, _prices, _floorplan),
    rules=RULES,
    born="_known_from",
    reveals={
        "stock_date_time": "_stocked",
        "delivered_date_time": "_left",
        "warehouse_key": "_stocked",
    },
    state="inventory_status_type",
    steps=steps,
    known=known,
    journals=journals,
)
