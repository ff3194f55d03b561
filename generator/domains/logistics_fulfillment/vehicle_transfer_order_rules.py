"""What must hold for transfers of cars (R098)."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from generator.domains.headings import LOGISTICS
from generator.rules import Rule, Truth
from generator.tables import Tables

ORDER = "vehicle_transfer_order"
PICKED = ("IN_PROGRESS", "ON_HOLD", "FAILED", "COMPLETED", "CLOSED")
ARRIVED = ("COMPLETED", "CLOSED")
NEVER = np.datetime64("9999-01-01", "ms")


def _missing(tables: Tables, column: str) -> Truth:
    return np.asarray(tables.missing("vehicle_transfer_order", column))


def _at(tables: Tables, column: str) -> NDArray[Any]:
    """A moment of each transfer, far away where there is none."""
    values = tables.values("vehicle_transfer_order", column).astype("datetime64[ms]")
    return np.asarray(np.where(_missing(tables, column), NEVER, values))


def _order(tables: Tables) -> Truth:
    asked, picked, came = (
        _at(tables, f"{name}_date_time") for name in ("requested", "pickup", "actual_arrival")
    )
    return np.asarray((asked <= picked) & (picked <= came))


def _planned(tables: Tables) -> Truth:
    """What is planned comes after the request, and every car that moves had a plan."""
    said = _at(tables, "estimated_arrival_date_time")
    planned = ~_missing(tables, "pickup_date_time") <= ~_missing(
        tables, "estimated_arrival_date_time"
    )
    return np.asarray(planned & (said >= _at(tables, "requested_date_time")))


def _status(tables: Tables) -> Truth:
    picked = tables.is_one_of("vehicle_transfer_order", "transfer_status_type", *PICKED)
    came = tables.is_one_of("vehicle_transfer_order", "transfer_status_type", *ARRIVED)
    return np.asarray(
        (picked == ~_missing(tables, "pickup_date_time"))
        & (came == ~_missing(tables, "actual_arrival_date_time"))
        & (came == ~_missing(tables, "actual_transportation_cost"))
    )


def _two_dealers(tables: Tables) -> Truth:
    return np.asarray(
        tables.row_of("vehicle_transfer_order", "source_dealer_key")
        != tables.row_of("vehicle_transfer_order", "destination_dealer_key")
    )


class Stays(NamedTuple):
    """Stays in stock by car and dealer; ``began`` and ``ended`` are far away where they did not."""

    key: NDArray[np.int64]
    row: NDArray[np.int64]
    began: NDArray[Any]
    ended: NDArray[Any]


def _stays(tables: Tables) -> Stays:
    dealers = tables.rows("dealer") + 1
    key = tables.row_of("inventory_vehicle", "vehicle_key") * dealers
    key = key + tables.row_of("inventory_vehicle", "dealer_key")
    began, ended = (
        np.where(
            tables.missing("inventory_vehicle", column),
            NEVER,
            tables.values("inventory_vehicle", column).astype("datetime64[ms]"),
        )
        for column in ("stock_date_time", "delivered_date_time")
    )
    return Stays(key, np.arange(len(key)), began, ended)


def _stay_of(tables: Tables, link: str, moment: str) -> NDArray[np.int64]:
    """The stay of each transfer's car at one of its dealers whose ``moment`` is that of the
    transfer, -1 if none."""
    stays, dealers = _stays(tables), tables.rows("dealer") + 1
    wanted = tables.row_of("vehicle_transfer_order", "vehicle_key") * dealers
    wanted = wanted + tables.row_of("vehicle_transfer_order", link)
    mine = stays.ended if moment == "pickup_date_time" else stays.began
    at = _at(tables, moment)
    both = np.concatenate([stays.key, wanted])
    when = np.concatenate([mine, at]).astype(np.int64)
    _, code = np.unique(np.stack([both, when], axis=1), axis=0, return_inverse=True)
    code = code.ravel()
    found = np.full(int(code.max(initial=-1)) + 1, -1)
    found[code[: len(mine)]] = stays.row
    return np.asarray(found[code[len(mine) :]])


def _in_source(tables: Tables) -> Truth:
    """The car was in the source's stock when it was asked for; that ends with the pickup."""
    stays, dealers = _stays(tables), tables.rows("dealer") + 1
    ending = _stay_of(tables, "source_dealer_key", "pickup_date_time")
    asked = _at(tables, "requested_date_time")
    began = np.append(stays.began, NEVER)[ending]
    moved = (ending >= 0) & (began <= asked)
    wanted = tables.row_of("vehicle_transfer_order", "vehicle_key") * dealers
    wanted = wanted + tables.row_of("vehicle_transfer_order", "source_dealer_key")
    order = np.lexsort((stays.began, stays.key))
    width = np.int64(1) << 43
    base = np.datetime64("1980-01-01", "ms")
    begun = np.clip((stays.began[order] - base).astype(np.int64), 0, width - 1)
    keys = stays.key[order] * width + begun
    at = np.searchsorted(keys, wanted * width + (asked - base).astype(np.int64), side="right")
    last = np.append(order, -1)[at - 1]
    there = (last >= 0) & (np.append(stays.key, -1)[last] == wanted)
    there &= np.append(stays.ended, NEVER)[last] >= asked
    waits = _missing(tables, "pickup_date_time")
    return np.asarray(np.where(waits, there, moved))


def _in_destination(tables: Tables) -> Truth:
    """It is in the destination's stock from the arrival on."""
    there = _stay_of(tables, "destination_dealer_key", "actual_arrival_date_time") >= 0
    return np.asarray(there | _missing(tables, "actual_arrival_date_time"))


def _franchise(tables: Tables) -> Truth:
    """A new car goes to a dealer that sells its make."""
    stay = _stay_of(tables, "destination_dealer_key", "actual_arrival_date_time")
    new = np.append(tables.is_one_of("inventory_vehicle", "product_state_type", "NEW"), False)
    make = tables.same(
        "vehicle_transfer_order",
        "source_dealer_key.primary_make",
        "destination_dealer_key.primary_make",
    )
    return np.asarray(~new[stay] | make)


def _for_deal(tables: Tables) -> Truth:
    """The deal is the destination's, about this car."""
    none = _missing(tables, "deal_key")
    dealer = tables.row_of("vehicle_transfer_order", "deal_key.dealer_key")
    car = tables.row_of("vehicle_transfer_order", "deal_key.inventory_vehicle_key.vehicle_key")
    mine = dealer == tables.row_of("vehicle_transfer_order", "destination_dealer_key")
    mine &= car == tables.row_of("vehicle_transfer_order", "vehicle_key")
    return np.asarray(none | mine)


def _costs(tables: Tables) -> Truth:
    miles = tables.values("vehicle_transfer_order", "distance_miles")
    said = tables.values("vehicle_transfer_order", "estimated_transportation_cost")
    paid = tables.values("vehicle_transfer_order", "actual_transportation_cost")
    open_ = _missing(tables, "actual_transportation_cost")
    return np.asarray((miles > 0) & (said > 0) & (open_ | (paid > 0)))


def _rule(
    name: str, text: str, check: Any, *, needs: tuple[str, ...] = (), scope: Any = "row"
) -> Rule:
    return Rule(f"R098.{name}", ORDER, text, check, needs=needs, group=LOGISTICS, scope=scope)


RULES = (
    _rule("order", "Asked for <= picked up <= come", _order),
    _rule("planned", "What moves was planned, after it was asked for", _planned),
    _rule("status", "The state says what has happened", _status),
    _rule("dealers", "A transfer is between two dealers", _two_dealers, needs=("dealer",)),
    _rule("cost", "A trip has miles and a price", _costs),
    _rule(
        "source",
        "The car is in the source's stock until it is picked up",
        _in_source,
        needs=("inventory_vehicle", "vehicle", "dealer"),
        scope="shard",
    ),
    _rule(
        "destination",
        "The car is in the destination's stock from the arrival on",
        _in_destination,
        needs=("inventory_vehicle", "vehicle", "dealer"),
        scope="shard",
    ),
    _rule(
        "make",
        "New cars go to dealers of their make",
        _franchise,
        needs=("inventory_vehicle", "vehicle", "dealer"),
        scope="shard",
    ),
    _rule(
        "sale",
        "A car that comes for a deal is the deal's",
        _for_deal,
        needs=("deal", "inventory_vehicle", "vehicle", "dealer"),
    ),
)
