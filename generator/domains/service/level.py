"""How dear the make of a dealer is to keep, by the cost of its parts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generator.domains.graph import Draw


def parts_level(draw: Draw, dealer: NDArray[np.int64]) -> NDArray[np.float64]:
    """Cost of the parts of these dealers' makes (global rows) over the usual ones."""
    dealers, level = draw.frames["dealer"], draw.figures["part_cost_level"]
    make = dealers["primary_make"]
    found = np.array([float(level.get(label, 1.0)) for label in make.labels])
    return np.asarray(found[make.codes][dealer - dealers.start])
