"""Where a car comes back to: home, work, a few shops, friends, its dealer.

Places are miles north and east of home; a car that drives little lives in a small world, so its
trips are laid out first and its world is scaled afterwards (``trips``).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generator.domains.graph import Draw

HOME, WORK, SHOP, FRIEND, DEALER, AWAY = 0, 1, 2, 6, 7, 8
SHOPS = FRIEND - SHOP
KINDS = 8  # places of a car; AWAY is where it goes once
MILES_PER_DEGREE = 69.0
EARTH_MILES = MILES_PER_DEGREE * 180 / np.pi
Floats = NDArray[np.float64]


def haunts_of(draw: Draw, dealer: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Miles north and east of home of each car's places, shape (cars, KINDS); 0 for the dealer of
    those that have one near by (n,), another shop for the others."""
    u = draw.u("haunts", each=2 * KINDS).reshape(-1, 2 * KINDS)
    miles = np.zeros((draw.n, KINDS))
    miles[:, WORK] = draw.leaf("commute_miles", u=u[:, WORK])
    for shop in (*range(SHOP, FRIEND), DEALER):
        miles[:, shop] = draw.leaf("errand_miles", u=u[:, shop])
    miles[:, FRIEND] = draw.leaf("friend_miles", u=u[:, FRIEND])
    miles[dealer, DEALER] = 0
    turn = 2 * np.pi * u[:, KINDS:]
    return miles * np.cos(turn), miles * np.sin(turn)


def miles_between(
    latitude: Floats, longitude: Floats, to_latitude: Floats, to_longitude: Floats
) -> tuple[Floats, Floats]:
    """Miles north and east from one place (degrees) to another near by."""
    slope = np.cos(np.deg2rad(latitude))
    return (
        (to_latitude - latitude) * MILES_PER_DEGREE,
        (to_longitude - longitude) * MILES_PER_DEGREE * slope,
    )
