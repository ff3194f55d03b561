"""What the makes of a bundle's dealers cannot show of the market, said before the run.

Few dealers have few makes, and a make builds what it builds: nobody sells electric Acuras of 2019,
whatever share of the country's cars are electric.  All of it follows from the line-up and from the
published shares, as the cars themselves do (``mix``).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from generator.domains.vehicle_asset_mgt.mix import (
    ALIKE,
    PUBLISHED,
    expected,
    makes_of,
    market,
    state_shares,
)
from generator.frame import Frame
from generator.leaves.figures import Figures
from generator.profile import Plan

Floats = NDArray[np.float64]
WORDS = {
    "HEV": "hybrids",
    "PHEV": "plug-in hybrids",
    "BEV": "electric cars",
    "PICKUP": "pickups",
    "SUV": "SUVs",
    "VAN": "vans",
    "SEDAN": "sedans",
    "HATCHBACK": "hatchbacks and wagons",
    "COUPE": "coupes",
    "CONVERTIBLE": "convertibles",
}
NEAR = 0.05  # of a published share that one may be off, as where bundles are compared
CHANCES = 2.0  # standard errors that one may be off
APART = 0.1  # of the deals, from where the makes are not those of the country
MOST_OF = 0.9  # of the market, whose makes are to be there
NAMED = 4  # makes that a sentence names


def foretold(plan: Plan, catalogue: Frame, numbers: Figures) -> Iterator[str]:
    """Sentences about the new cars of the plan's dealers; none where no deals are told of, or
    where there are so many dealers that even the smallest make has one."""
    dealers = len(plan.world["per_dealer"]["deal"])
    if not catalogue.rows or not plan.count("deal"):
        return
    makes, width = market(plan, catalogue, numbers)
    width = width / max(float(width.sum()), NEAR)
    if not len(makes) or dealers * float(width.min()) > 1:
        return
    mine = makes_of(plan, catalogue, numbers)
    yield from _makes(plan, mine, makes, width)
    yield from _kinds(plan, mine, catalogue, numbers)


def _makes(
    plan: Plan, mine: NDArray[np.str_], makes: NDArray[np.str_], width: Floats
) -> Iterator[str]:
    deals = np.maximum(np.array(plan.world["per_dealer"]["deal"], dtype=np.float64), 1.0)
    here = np.array([deals[mine == make].sum() for make in makes]) / deals.sum()
    if np.abs(here - width).sum() / 2 <= APART:
        return
    falling = np.sort(width)[::-1]
    smallest = falling[np.searchsorted(np.cumsum(falling), MOST_OF)]
    yield (
        f"{_dealers(mine)} {len(set(mine.tolist()))} of {len(makes)} makes new, so shares of makes "
        "and models are theirs and not the country's; about "
        f"{_round(1 / float(smallest)):,} dealers (dealer) have the makes of nine tenths of the "
        "market."
    )


def _kinds(plan: Plan, mine: NDArray[np.str_], catalogue: Frame, numbers: Figures) -> Iterator[str]:
    """Powertrains and bodies, those of which there are none and those of which there are others
    than published."""
    share = expected(plan, catalogue, numbers)
    cars = sum(plan.world["per_dealer"]["deal"]) * state_shares(numbers)[0]
    none, off = [], []
    for name, wanted, of, reached, rows in _shares(catalogue, numbers, share):
        spread = float(np.sqrt(wanted * (1 - wanted) / max(cars * rows, 1.0)))
        if not reached:
            none.append(f"{WORDS[name]} ({_percent(wanted)}{of})")
        elif abs(reached - wanted) > max(NEAR * wanted, CHANCES * spread):
            off.append(f"{WORDS[name]} {_percent(reached)} for {_percent(wanted)}{of}")
    if none:
        missing = _listed(none, "or")
        yield f"{_dealers(mine)} no new {missing}, as the line-up of these makes has none."
    if off:
        yield f"{_dealers(mine)} other shares new than are published: {_listed(off, 'and')}."


def _shares(
    catalogue: Frame, numbers: Figures, share: Floats
) -> Iterator[tuple[str, float, str, float, float]]:
    """(kind, published share, of what, share to come, share of what that is of all new cars)"""
    train = catalogue.text("power_train_type").astype(str)
    for name in PUBLISHED:
        reached = float(share[train == name].sum())
        yield name, float(numbers["powertrain_weight"][name]), " of new cars", reached, 1.0
    body = catalogue.text("vehicle_category_type").astype(str)
    body = np.array([ALIKE.get(name, name) for name in body])
    light = catalogue["_light_truck"].astype(bool)
    for group, rows, of in (("light", light, " of light trucks"), ("car", ~light, " of cars")):
        whole = float(share[rows].sum())
        for name, wanted in numbers["body_share"][group].items():
            reached = float(share[rows & (body == name)].sum()) / max(whole, NEAR**9)
            yield name, float(wanted), of, reached, whole


def _dealers(mine: NDArray[np.str_]) -> str:
    """As in: 2 dealers (Chevrolet, Honda) sell."""
    names = sorted(set(mine.tolist()))
    more = len(names) - NAMED
    said = ", ".join(names[:NAMED]) + (f" and {more} more makes" if more > 0 else "")
    return f"{len(mine)} dealer{'s' if len(mine) > 1 else ''} ({said}) sell" + (
        "" if len(mine) > 1 else "s"
    )


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _listed(said: list[str], last: str) -> str:
    return f"{', '.join(said[:-1])} {last} {said[-1]}" if said[1:] else said[0]


def _round(number: float) -> int:
    """To one figure, upwards."""
    unit = 10 ** int(np.log10(number))
    return int(-(-number // unit) * unit)
