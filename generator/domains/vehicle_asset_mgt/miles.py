"""How far cars are driven, by published miles a year of age."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generator.leaves.figures import Figures

Floats = NDArray[np.float64]


def usual_miles(figures: Figures, years: Floats, *, truck: NDArray[np.bool_]) -> Floats:
    """Published miles by age, a share of them: dealers offer the cars that were driven less, the
    more so the older they are."""
    offered = figures["offered_miles_share"]
    share = float(offered["young"]) * np.exp(-float(offered["a_year"]) * beyond(years))
    return driven_miles(figures, years, truck=truck) * share


def beyond(years: Floats) -> Floats:
    """Years of age from where the cars that are left differ from those that were sold."""
    return np.maximum(years - 3, 0.0)


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
    older = np.maximum(years - len(yearly), 0.0)  # as many as in the last year
    return miles + older * float(yearly[-1])
