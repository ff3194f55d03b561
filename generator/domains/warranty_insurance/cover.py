"""Which coverage of a car a repair goes to, and why it is outside of all of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generator.frame import Frame
from generator.leaves.figures import figures

Integers = NDArray[np.int64]
IN_COVER, MILES, TIME, COMPONENT = range(4)
"""Inside, or what is against it: the miles, the time, the component; what fits and is over says
more than what never fitted."""

CONTRACT = "EXTENDED_SERVICE_CONTRACT"
FAR = 10_000_000  # days


def cover_of(
    warranties: Frame,
    *,
    car: Integers,
    day: NDArray[np.datetime64],
    miles: Integers,
    system: NDArray[np.object_],
) -> tuple[Integers, Integers]:
    """The local row of a warranty of each car (rows of all cars), and one of ``IN_COVER`` …

    The first one that covers the component on the day at these miles; else the one that is nearest
    to it.  Raises ValueError for a car that never had any coverage.
    """
    own = warranties["_vehicle_key"]
    order = np.argsort(own, kind="stable")
    first = np.searchsorted(own[order], car)
    many = np.searchsorted(own[order], car, side="right") - first
    if len(car) and not many.all():
        raise ValueError("A repair is claimed for a car that never had any coverage.")
    covers = figures()["covered_systems"]
    kinds = warranties.text("warranty_term_type")
    best = np.zeros(len(car), dtype=np.int64)
    why, least = np.full(len(car), IN_COVER), np.full(len(car), np.iinfo(np.int64).max)
    for turn in range(int(many.max(initial=0))):
        row = order[np.minimum(first + turn, len(order) - 1)]
        start, end = warranties["start_date"][row], warranties["warranty_expiration_date"][row]
        against = np.where(miles > warranties["end_mileage"][row], MILES, IN_COVER)
        against = np.where((start <= day) & (day <= end), against, TIME)
        against = np.where(_covers(kinds[row], system, covers), against, COMPONENT)
        # Makers pay before contracts; of two that do not cover it, the later one is nearer to it.
        ends = FAR - end.astype("datetime64[D]").astype(np.int64)
        distance = np.where(against == IN_COVER, turn, against * FAR + ends)
        better = (turn < many) & (distance < least)
        best, why = np.where(better, row, best), np.where(better, against, why)
        least = np.where(better, distance, least)
    return best, why


def under_contract(
    warranties: Frame, *, car: Integers, at: NDArray[np.datetime64], miles: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Whether coverage that was sold holds for cars (rows of all cars) at a moment and miles."""
    sold = np.flatnonzero(warranties.text("warranty_term_type") == CONTRACT)
    owner = warranties["_vehicle_key"][sold]
    sold = sold[np.argsort(owner, kind="stable")]
    owner = warranties["_vehicle_key"][sold]
    first = np.searchsorted(owner, car)
    many = np.searchsorted(owner, car, side="right") - first
    day, held = at.astype("datetime64[D]"), np.zeros(len(car), dtype=bool)
    for turn in range(int(many.max(initial=0))):
        row = sold[np.minimum(first + turn, len(sold) - 1)]
        holds = (warranties["_begins"][row] <= at) & (miles <= warranties["end_mileage"][row])
        holds &= day <= warranties["warranty_expiration_date"][row]
        held |= holds & (turn < many)
    return held


def _covers(
    kind: NDArray[np.object_], system: NDArray[np.object_], covers: dict[str, list[str]]
) -> NDArray[np.bool_]:
    """Whether coverage of a kind is for a system; kinds that are not listed are for all."""
    holds = np.ones(len(kind), dtype=bool)
    for name, systems in covers.items():
        holds &= (kind != name) | np.isin(system.astype(str), systems)
    return holds
