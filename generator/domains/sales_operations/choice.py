"""Which catalogue row a sale is of: popularity within make, kind of body and model year."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generator.domains.graph import Draw


def specification_of(
    draw: Draw,
    *,
    make: NDArray[np.object_] | None,
    truck: NDArray[np.bool_],
    year: NDArray[np.int64],
    u: NDArray[np.float64],
    new: bool,
) -> NDArray[np.int64]:
    """Catalogue rows (n,) of the wanted make (None: any), body and model year.

    The year is moved to the nearest one the catalogue has; a make without the wanted body gives
    its other one.  Within them a higher ``u`` is a dearer car.
    """
    catalogue = draw.frames["vehicle_specification"]
    weight = catalogue["_weight_new" if new else "_weight_used"]
    years = catalogue["model_year"]
    makes, code = np.unique(catalogue.text("make").astype(str), return_inverse=True)
    wanted = (
        np.zeros(len(truck), dtype=np.int64)
        if make is None
        else np.searchsorted(makes, np.asarray(make).astype(str))
    )
    code = np.zeros_like(code) if make is None else code
    year = np.clip(year, years.min(), years.max())
    low = int(years.min())
    width = int(years.max()) - low + 1
    body = catalogue["_light_truck"].astype(np.int64)
    group = (code * 2 + body) * width + years - low
    order = np.lexsort((catalogue["base_msrp"], group))
    groups = group[order]
    total = np.concatenate([[0.0], np.cumsum(weight[order])])
    cell = (wanted * 2 + truck) * width + year - low
    first, last = _found(groups, cell, wanted, truck, width, year - low)
    target = total[first] + u * (total[last] - total[first])
    at = np.clip(np.searchsorted(total, target, side="right") - 1, first, last - 1)
    rows: NDArray[np.int64] = order[at]
    return rows


def _found(
    groups: NDArray[np.int64],
    cell: NDArray[np.int64],
    wanted: NDArray[np.int64],
    truck: NDArray[np.bool_],
    width: int,
    year: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
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
