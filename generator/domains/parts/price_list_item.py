"""``price_list_item``: what each part cost since when; one price ends as the next begins."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from generator.domains.calendar import span
from generator.domains.columns import decimal, enum, moment, text
from generator.domains.counts import Given, Noun, each
from generator.domains.graph import Declaration, Draw, Made, derived, drawn, keyed, link
from generator.domains.groups import place_in_group, round_half_up
from generator.domains.parts.price_list_item_rules import RULES
from generator.frame import Coded
from generator.schema import Link, Table
from generator.streams import apportion_within

TABLE = Table(
    "price_list_item",
    domain="parts",
    meaning="Effective-dated part price",
    key="price_list_key",
    columns=(
        text("price_list_key", 50, unique=True),
        text("part_master_key", 50),
        enum("price_type", "PriceTypes"),
        decimal("price_amount", 10, 2),
        moment("start_date_time", "inclusive"),
        moment("complete_date_time", "exclusive; open-ended if missing", nullable=True),
    ),
    links=(Link("part_master_key", "part_master", "part_master_key", "parent"),),
)

MOST_PRICES = 4  # of a part
QUARTERS = 8  # at the least, until the end of the span, in which prices may change
MONTHS = 3  # of a quarter


@link("part_master_key", "_part", "_place", "_of", "price_type")
def _parts(draw: Draw) -> Made:
    """Each part has a price; what else there is to be are earlier ones of some of them."""
    parts = draw.frames["part_master"].rows
    luck = draw.stream("changes").uniform(0, parts)
    most = np.full(parts, MOST_PRICES - 1)
    more = apportion_within(luck, draw.n - parts, np.zeros_like(most), most)
    rows = np.repeat(np.arange(parts), 1 + more)
    return {
        "part_master_key": draw.key("part_master", rows),
        "_part": rows,
        "_place": place_in_group(rows),
        "_of": 1 + more[rows],
        "price_type": Coded(np.zeros(draw.n, np.int32), ("LIST",)),
    }


@drawn("start_date_time", "complete_date_time")
def _periods(draw: Draw) -> Made:
    """The first price began before the span; others as a quarter began."""
    parts, place = draw["_part"], draw["_place"]
    first, last = (day.astype("datetime64[M]").astype(int) // MONTHS for day in span(draw))
    quarters = max(QUARTERS, int(last - first) + 1)
    quarter = last - np.arange(quarters)
    luck = draw.stream("quarters").uniform(0, draw.frames["part_master"].rows * quarters)
    chosen = np.argsort(luck.reshape(-1, quarters), axis=1)[parts]
    changes = np.arange(quarters) < (draw["_of"] - 1)[:, None]
    # Quarters back from the last one: the farthest of those that a part changes in come first.
    back = -np.sort(-np.where(changes, chosen, -1), axis=1)
    mine = np.take_along_axis(back, np.maximum(place - 1, 0)[:, None], axis=1)[:, 0]
    changed = _month(quarter[np.clip(mine, 0, quarters - 1)] * MONTHS)
    years = draw.leaf("part_known_years")[np.searchsorted(parts, parts)]
    began = _month(quarter[-1] * MONTHS - 1 - np.floor(12 * years).astype(np.int64))
    start = np.where(place == 0, began, changed)
    end = np.roll(start, -1)
    final = place == draw["_of"] - 1
    return {"start_date_time": start, "complete_date_time": (np.where(final, start, end), final)}


def _month(months: NDArray[np.int64]) -> NDArray[np.datetime64]:
    """The first moment of months counted from 1970."""
    return months.astype("datetime64[M]").astype("datetime64[ms]")


@derived("price_amount")
def _prices(draw: Draw) -> Made:
    """The last price is the part's list price, those before were lower by a step each."""
    price = draw.frames["part_master"]["list_price"][draw["_part"]]
    step = np.log1p(draw.leaf("price_step"))
    step[draw["_place"] == 0] = 0.0
    risen = np.cumsum(step)
    last = np.arange(draw.n) + draw["_of"] - draw["_place"] - 1
    before = np.exp(risen - risen[last])
    return {"price_amount": np.maximum(round_half_up(price * before), 1)}


def _usual(given: Given) -> float:
    return float(given["part_master"] * given.figures["prices_per_part"])


COUNT = replace(
    each(
        "part_master",
        Noun("price of a part", "prices of parts"),
        least=1,
        most=MOST_PRICES,
        rule=f"A part has 1 to {MOST_PRICES} prices over time",
        typical=_usual,
        why=lambda given: f"{given.figures['prices_per_part']:g} a part",
    ),
    shared=True,
)


PRICE_LIST_ITEM = Declaration(
    TABLE,
    prefix="PI",
    count=COUNT,
    makers=(keyed(TABLE), _parts, _periods, _prices),
    rules=RULES,
    born="start_date_time",
    reveals={"complete_date_time": "complete_date_time"},
)
