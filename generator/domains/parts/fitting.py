"""Which parts the operations of the workshop take, and which number of them fits a car."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from generator.domains.parts.families import families, place_of
from generator.frame import Frame
from generator.leaves.figures import figures

Integers = NDArray[np.int64]
MOST_PARTS = 4  # of a line of a repair order


class Takes(NamedTuple):
    """What operations take, shape (operations, MOST_PARTS): place of the family (-1: nothing),
    pieces, share of the jobs that take it."""

    family: Integers
    pieces: Integers
    share: NDArray[np.float64]

    @classmethod
    def of(cls, codes: list[str]) -> Takes:
        size = (len(codes), MOST_PARTS)
        found = cls(np.full(size, -1), np.zeros(size, dtype=np.int64), np.zeros(size))
        named = figures()["parts_of_operations"]
        for row, code in enumerate(codes):
            for place, (name, pieces, share) in enumerate(named.get(code, ())):
                found.family[row, place] = place_of()[name]
                found.pieces[row, place] = pieces
                found.share[row, place] = share
        return found


@cache
def any_job() -> tuple[int, ...]:
    """Places of the families that are taken for a job whatever it is."""
    return tuple(place_of()[name] for name in figures()["parts_of_any_job"])


def fits(parts: Frame, family: Integers, car: Integers, cars: Frame) -> Integers:
    """The catalogue row of a family for cars of rows ``car`` of the catalogue of cars: the make's
    number for the model that can be had, or the one that fits all makes."""
    makes = ("", *parts["_make"].labels)
    make_of = {label: at for at, label in enumerate(dict.fromkeys(makes))}
    deepest = max(one.variants for one in families())
    row_of = np.full((len(families()), len(make_of), deepest), -1, dtype=np.int64)
    own = np.array([make_of[label] for label in parts["_make"].labels])[parts["_make"].codes]
    there = np.flatnonzero(parts["_orderable"] & (parts["_newer"] < 0))
    row_of[parts["_family"][there], own[there], parts["_variant"][there]] = there
    labels = cars["make"].labels
    make = np.array([make_of.get(label, 0) for label in labels])[cars["make"].codes[car]]
    variants = np.array([one.variants for one in families()])[family]
    any_make = np.array([one.fit == "any" for one in families()])[family]
    model = cars["model"].codes[car].astype(np.int64)
    wanted = row_of[family, make, model % variants]
    general = row_of[family, 0, np.where(any_make, model % variants, 0)]
    return np.asarray(np.where(wanted >= 0, wanted, general))
