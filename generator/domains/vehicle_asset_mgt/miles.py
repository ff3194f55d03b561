"""How far cars are driven, by published miles a year of age."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generator.leaves.figures import Figures

Floats = NDArray[np.float64]


def usual_miles(figures: Figures, years: Floats, *, truck: NDArray[np.bool_]) -> Floats:
    """Published miles by age, a share of them: dealers offer the cars that were driven less."""
    return driven_miles(figures, years, truck=truck) * float(figures["offered_miles_share"])


def driven_miles(figures: Figures, years: Floats, *, truck: NDArray[np.bool_]) -> Floats:
    """Published miles by age."""
    return np.where(
        truck,
        _driven(figures, "annual_miles_truck", years),
        _driven(figures, "annual_miles_car", years),
    )


def _driven(figures: Figures, name: str, years: Floats) -> Floats:
    yearly = np.array(list(figures[name].values()), dtype=float)
    miles: Floats = np.interp(
        years, np.arange(len(yearly) + 1), np.concatenate([[0.0], np.cumsum(yearly)])
    )
    return miles
