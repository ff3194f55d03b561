"""Which catalogue row a sale is of: popularity within make, kind of body and model year."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generator.domains.graph import Draw

Whole = NDArray[np.int64]
Truth = NDArray[np.bool_]
Floats = NDArray[np.float64]


def specification_of(
    draw: Draw,
    *,
    make: NDArray[np.object_] | None,
    truck: Truth,
    year: Whole,
    u: Floats,
    new: bool,
) -> Whole:
    """Catalogue rows (n,) of the wanted make (None: any), body and model year.

    The year is moved to the nearest one the catalogue has; a make without the wanted body gives
    its other one.  Within them a higher ``u`` is a dearer car.
    """
    return _Shelves(draw, by_make=make is not None, new=new).take(make, truck, year, u)


class UsedCars:
    """The catalogue as used cars are chosen from it, laid out once for however many choices."""

    def __init__(self, draw: Draw) -> None:
        self._any = _Shelves(draw, by_make=False, new=False)
        self._own = _Shelves(draw, by_make=True, new=False)

    def rows(
        self,
        *,
        make: NDArray[np.object_],
        own: Truth,
        certified: Truth,
        truck: Truth,
        year: Whole,
        u: Floats,
    ) -> Whole:
        """Catalogue rows (n,) of used cars: of the dealer's make where ``own`` and it built such
        a body in that year, else of any.  Certified ones are of its make whatever the body."""
        all_ = self._any.take(make, truck, year, u)
        has = self._own.has(make, truck, year)
        other = certified & ~has & self._own.has(make, ~truck, year)
        mine = certified | (own & has)
        rows: Whole = np.where(mine, self._own.take(make, truck ^ other, year, u), all_)
        return rows


class _Shelves:
    """The catalogue in groups of make (or all makes as one), body and model year, by price."""

    def __init__(self, draw: Draw, *, by_make: bool, new: bool) -> None:
        catalogue = draw.frames["vehicle_specification"]
        weight = catalogue["_weight_new" if new else "_weight_used"]
        years, make = catalogue["model_year"], catalogue["make"]
        self._labels = {name: at for at, name in enumerate(make.labels)} if by_make else {}
        self._low = int(years.min())
        self._width = int(years.max()) - self._low + 1
        code = make.codes.astype(np.int64) if by_make else np.zeros(len(years), dtype=np.int64)
        body = catalogue["_light_truck"].astype(np.int64)
        group = (code * 2 + body) * self._width + years - self._low
        self._order = np.lexsort((catalogue["base_msrp"], group))
        self._groups = group[self._order]
        self._total = np.concatenate([[0.0], np.cumsum(weight[self._order])])

    def _cell(
        self, make: NDArray[np.object_] | None, truck: Truth, year: Whole
    ) -> tuple[Whole, Whole, Whole]:
        code = np.zeros(len(truck), dtype=np.int64)
        if self._labels:
            names, at = np.unique(np.asarray(make).astype(str), return_inverse=True)
            code = np.array([self._labels[name] for name in names], dtype=np.int64)[at]
        year = np.clip(year - self._low, 0, self._width - 1)
        return code, year, (code * 2 + truck) * self._width + year

    def has(self, make: NDArray[np.object_] | None, truck: Truth, year: Whole) -> Truth:
        *_, cell = self._cell(make, truck, year)
        first = np.searchsorted(self._groups, cell)
        return np.asarray(first < np.searchsorted(self._groups, cell, side="right"))

    def take(self, make: NDArray[np.object_] | None, truck: Truth, year: Whole, u: Floats) -> Whole:
        code, year, cell = self._cell(make, truck, year)
        first, last = _found(self._groups, cell, code, truck, self._width, year)
        target = self._total[first] + u * (self._total[last] - self._total[first])
        at = np.searchsorted(self._total, target, side="right") - 1
        rows: Whole = self._order[np.clip(at, first, last - 1)]
        return rows


def _found(
    groups: Whole, cell: Whole, wanted: Whole, truck: Truth, width: int, year: Whole
) -> tuple[Whole, Whole]:
    """First and last + 1 place of each wanted group; a year that is absent becomes the nearest
    one of the same make and body, then of the other body."""
    first = np.searchsorted(groups, cell)
    last = np.searchsorted(groups, cell, side="right")
    for body in (truck, ~truck):
        for step in range(1, width):
            for sign in (-1, 1):
                empty = first == last
                if not empty.any():
                    return first, last
                other = np.clip(year + sign * step, 0, width - 1)
                near = (wanted * 2 + body) * width + other
                first = np.where(empty, np.searchsorted(groups, near), first)
                last = np.where(empty, np.searchsorted(groups, near, side="right"), last)
    return first, last
