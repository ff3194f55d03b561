"""``part_order_item``: the lines of orders; no order has a part twice.

What is sold is chosen by how often such parts are sold; what is ordered for stock, by what the
dealer sells and uses in the span.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from generator.domains.columns import decimal, integer, text
from generator.domains.counts import Noun, asks, each
from generator.domains.graph import Declaration, Draw, Made, derived, drawn, keyed, link
from generator.domains.groups import place_in_group, round_half_up
from generator.domains.parts.exact import distinct, settled
from generator.domains.parts.families import families
from generator.domains.parts.part_master import priced
from generator.domains.parts.part_order import MOST_LINES
from generator.domains.parts.part_order_item_rules import RULES
from generator.domains.parts.special_order import needs_of
from generator.schema import Link, Table

TABLE = Table(
    "part_order_item",
    domain="parts",
    meaning="Order line",
    key="part_order_item_key",
    columns=(
        text("part_order_item_key", 50, unique=True),
        text("part_order_key", 50),
        integer("line_number", "1..n without gaps"),
        text("part_master_key", 50),
        integer("total_quantity"),
        integer("backordered_quantity"),
        decimal("unit_price", 10, 2),
        decimal("total_price", 12, 2, "= total_quantity * unit_price"),
    ),
    links=(
        Link("part_order_key", "part_order", "part_order_key", "parent"),
        Link("part_master_key", "part_master", "part_master_key", "lookup"),
    ),
)

Integers = NDArray[np.int64]


@link("part_order_key", "line_number", "_order", "_dealer", "_written")
def _lines(draw: Draw) -> Made:
    orders = draw.frames["part_order"]
    local = orders["_dealer"] - draw.frames["dealer"].start
    counts = settled(_natural(draw), local, draw.counts[TABLE.name], least=1, most=MOST_LINES)
    order = np.repeat(np.arange(orders.rows), counts)
    return {
        "part_order_key": draw.key("part_order", order + orders.start),
        "line_number": place_in_group(order) + 1,
        "_order": order,
        "_dealer": orders["_dealer"][order],
        "_written": orders["create_date_time"][order],
    }


def _natural(draw: Draw) -> Integers:
    """Lines an order has by itself; the numbers of an order, not of its lines."""
    orders = draw.frames["part_order"]
    u = draw.stream("lines").uniform(orders.start, orders.start + orders.rows)
    buyer = np.where(orders["_trade"], "trade", "retail").astype(object)
    stock = draw.leaf("lines_for_stock", u=u)
    sold = draw.leaf("lines_sold", by=[buyer], u=u)
    job = np.minimum(_number(draw.leaf("lines_for_job", u=u)), _needed_by(draw)[1])
    found: Integers = np.select(
        [orders["_job"] >= 0, orders["_stock"]], [job, _number(stock)], _number(sold)
    )
    return found


def _needed_by(draw: Draw) -> tuple[Integers, Integers]:
    """Where the parts that the job of each order needs begin among ``needs_of``, and how many
    there are; none where there is no job."""
    job, needs = draw.frames["part_order"]["_job"], needs_of(draw)
    begin = np.searchsorted(needs.order, job)
    return begin, np.searchsorted(needs.order, job, side="right") - begin


@link("_special", "_special_pieces")
def _for_jobs(draw: Draw) -> Made:
    """What each line orders for a job, -1 of other lines."""
    needs = needs_of(draw)
    begin, many = _needed_by(draw)
    place = draw["line_number"] - 1
    for_job = place < many[draw["_order"]]
    at = np.where(for_job, begin[draw["_order"]] + place, len(needs.part))
    return {
        "_special": np.append(needs.part, -1)[at],
        "_special_pieces": np.append(needs.pieces, 0)[at],
    }


def _number(coded: object) -> Integers:
    labels = np.array([int(label) for label in coded.labels], dtype=np.int64)  # type: ignore[attr-defined]
    return np.asarray(labels[coded.codes])  # type: ignore[attr-defined]


class Lists(NamedTuple):
    """Parts to choose from, list by list: list r is entries ``first[r]`` to ``first[r + 1]``;
    ``upto`` adds up their weights within the list, up to 1."""

    first: Integers
    part: Integers
    upto: NDArray[np.float64]

    def choose(self, of: Integers, group: Integers, u: NDArray[np.float64]) -> Integers:
        """A part for each row, of list ``of``, none twice in a group; rows lie group by group."""
        if not len(of):
            return np.zeros(0, dtype=np.int64)
        turn = place_in_group(group)
        share = (turn + u) / np.bincount(group)[group]
        owner = np.repeat(np.arange(len(self.first) - 1), np.diff(self.first))
        at = np.searchsorted(owner + self.upto, of + share) - self.first[of]
        size = np.diff(self.first)[of]
        at = distinct(np.clip(at, 0, size - 1), group, turn, size)
        return np.asarray(self.part[self.first[of] + at])


def lists_of(weight: NDArray[np.float64], luck: NDArray[np.float64]) -> Lists:
    """``weight`` (lists, parts): parts with a weight, in the order of ``luck``."""
    order = np.argsort(luck, kind="stable")
    dealt = weight[:, order]
    owner, place = np.nonzero(dealt > 0)
    chosen = dealt[owner, place]
    first = np.searchsorted(owner, np.arange(len(weight) + 1))
    running = np.cumsum(chosen)
    before = np.append(0, running)[first[:-1]]
    total = np.append(0, running)[first[1:]] - before
    return Lists(first, order[place], (running - before[owner]) / total[owner])


@drawn("_sold", "_sold_pieces")
def _sales(draw: Draw) -> Made:
    """The part of each line that is sold, -1 of the others: of the dealer's make, or for all."""
    orders, parts = draw.frames["part_order"], draw.frames["part_master"]
    rows = np.flatnonzero(~orders["_stock"][draw["_order"]])
    order = draw["_order"][rows]
    own = own_make(draw)
    usual = np.array([[family.counter, family.body] for family in families()])[parts["_family"]]
    weight = usual.T[:, None, :] * (own & parts["_orderable"])[None] / (1 + parts["_variant"])
    luck = draw.stream("shuffle").uniform(0, parts.rows)
    lists = lists_of(weight.reshape(2 * len(own), parts.rows), luck)
    dealer = draw["_dealer"][rows] - draw.frames["dealer"].start
    which = np.where(orders["_trade"][order], len(own), 0) + dealer
    group = np.unique(order, return_inverse=True)[1]
    chosen = np.full(draw.n, -1, dtype=np.int64)
    chosen[rows] = lists.choose(which, group, draw.u("part")[rows])
    small = parts["dealer_cost"][chosen] < 100 * draw.figures["small_part_dollars"]
    tires = parts.text("part_name")[chosen].astype(str)
    size = np.where(np.char.startswith(tires, "Tire,"), "tires", np.where(small, "small", "large"))
    pieces = _number(draw.leaf("pieces_sold", by=[size.astype(object)]))
    return {"_sold": chosen, "_sold_pieces": np.where(chosen >= 0, pieces, 0)}


def own_make(draw: Draw) -> NDArray[np.bool_]:
    """Which parts are of each dealer's make, or fit all makes, shape (dealers, parts)."""
    parts = draw.frames["part_master"]
    make = draw.frames["dealer"].text("primary_make")
    return np.asarray((parts.text("_make")[None, :] == make[:, None]) | parts["_any_make"])


@link("part_master_key", "_part")
def _parts(draw: Draw) -> Made:
    """Orders for stock are for what the dealer needs and stocks, most of all for what it needs
    most; what it does not stock makes up the lines where it stocks too little."""
    orders, parts = draw.frames["part_order"], draw.frames["part_master"]
    stock = draw.frames["part_inventory"]
    rows = np.flatnonzero((draw["_sold"] < 0) & (draw["_special"] < 0))
    order = draw["_order"][rows]
    first = draw.frames["dealer"].start
    weight = np.full((len(draw.counts["dealer"]), parts.rows), float(draw.figures["order_beside"]))
    needed = stock["_needed"]
    at = (stock["_dealer"] - first, stock["_part"])
    weight[at] = np.where(needed > 0, 1.0 + needed, draw.figures["order_idle"])
    weight *= own_make(draw) & parts["_orderable"]
    kinds = np.stack([weight * ~parts["_any_make"], weight * parts["_any_make"]], axis=1)
    which = 2 * (draw["_dealer"][rows] - first) + orders["_any_make"][order]
    luck = draw.stream("shelf").uniform(0, parts.rows)
    lists = lists_of(kinds.reshape(-1, parts.rows), luck)
    group = np.unique(order, return_inverse=True)[1]
    part = np.maximum(draw["_sold"], draw["_special"])
    part[rows] = lists.choose(which, group, draw.u("ordered")[rows])
    return {"part_master_key": draw.key("part_master", part), "_part": part}


@derived("total_quantity", "_stocked")
def _pieces(draw: Draw) -> Made:
    """What a dealer needs of a part in the span, shared by the lines that order it."""
    stock, parts = draw.frames["part_inventory"], draw.frames["part_master"]
    needed = np.zeros((len(draw.counts["dealer"]), parts.rows), dtype=np.int64)
    first = draw.frames["dealer"].start
    needed[stock["_dealer"] - first, stock["_part"]] = stock["_needed"]
    ordered = draw["_sold"] < 0
    shelf = ordered & (draw["_special"] < 0)
    both = (draw["_dealer"] - first) * parts.rows + draw["_part"]
    lines = np.flatnonzero(shelf)
    found, of, many = np.unique(both[lines], return_inverse=True, return_counts=True)
    turn = place_in_group(of)
    total = needed.reshape(-1)[found][of]
    share = (turn + 1) * total // many[of] - turn * total // many[of]
    quantity = draw["_sold_pieces"] + draw["_special_pieces"]
    quantity[lines] = np.maximum(share, 1)
    return {"total_quantity": quantity, "_stocked": ordered}


@drawn("backordered_quantity", "unit_price", "total_price")
def _money(draw: Draw) -> Made:
    """At the price of the day: list price at the counter, cost and the usual gross for the trade,
    cost to the dealer."""
    trade = draw.frames["part_order"]["_trade"][draw["_order"]]
    quantity = draw["total_quantity"]
    listed, cost = priced(draw.frames["part_master"], draw["_part"], draw["_written"])
    gross = 1 / (1 - draw.figures["wholesale_gross"])
    off = np.minimum(round_half_up(cost * gross * draw.leaf("trade_discount_luck")), listed)
    sold = np.where(trade, np.maximum(off, cost + 1), listed)
    price = np.where(draw["_stocked"], cost, sold)
    short = draw.leaf("backordered").text()
    missing = np.where(short == "all", quantity, np.where(short == "some", quantity // 2, 0))
    shelf = draw["_stocked"] & (draw["_special"] < 0)  # what a job waits for has come
    return {
        "backordered_quantity": np.where(shelf, missing, 0),
        "unit_price": price,
        "total_price": price * quantity,
    }


COUNT = each(
    "part_order",
    Noun("order line", "order lines"),
    least=1,
    most=MOST_LINES,
    rule=f"A parts order has 1 to {MOST_LINES} lines",
    typical=lambda given: given["part_order"] * given.figures["lines_per_part_order"],
    why=lambda given: f"{given.figures['lines_per_part_order']:g} an order",
    back=asks(1 / 8),
)


PART_ORDER_ITEM = Declaration(
    TABLE,
    prefix="PL",
    count=COUNT,
    makers=(keyed(TABLE), _lines, _sales, _for_jobs, _parts, _pieces, _money),
    rules=RULES,
    born="_written",
)
