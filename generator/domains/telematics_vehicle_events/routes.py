"""How a trip gets on: where along its way at which time, and where that lies.

The way bends: it is a row of arcs of circles, so that a mile on the odometer is a mile on the
map.  It is the same way there and back.  In time, a trip is a row of stretches between two
stops (lights, jams): stand, get going, roll, slow down; and the middle of a trip is faster.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Pace(NamedTuple):
    """How a moment of a trip lies in it.  ``path`` is the share of its miles driven, ``speed``
    the speed in means of the trip; ``change`` is 1 where it gets going, -1 where it slows down."""

    path: Floats
    speed: Floats
    change: NDArray[np.int8]


def pace(time: Floats, stretches: Floats, standing: Floats, *, ramp: Floats, swing: float) -> Pace:
    """At the share ``time`` of a trip's minutes, which has so many ``stretches``, of each of
    which the share ``standing`` is spent at rest; ``ramp`` of the rest to get going, as much to
    slow down.  The middle of the trip is ``swing`` faster than the mean, its ends slower."""
    place = np.minimum(time, 1 - 1e-9) * stretches
    stretch = np.floor(place)
    x = np.maximum((place - stretch - standing) / (1 - standing), 0.0)
    going, slowing = np.minimum(x / ramp, 1.0), np.minimum((1 - x) / ramp, 1.0)
    half = ramp / 2
    done = (x - half + half * (1 - going) ** 2 - half * (1 - slowing) ** 2) / (1 - ramp)
    rate = np.minimum(going, slowing) / ((1 - ramp) * (1 - standing))
    even = (stretch + done) / stretches
    turn = 2 * np.pi * even
    path = even - swing / (2 * np.pi) * np.sin(turn)
    change = (going < 1).astype(np.int8) - (slowing < 1) * (going >= 1)
    return Pace(path, rate * (1 - swing * np.cos(turn)), change)


class Bend(NamedTuple):
    """Where a share of a way lies: ``along`` the straight line from its beginning to its end,
    and ``beside`` it, both in lengths of that line."""

    along: Floats
    beside: Floats


def bend(path: Floats, arcs: Ints, angle: Floats, sides: Ints) -> Bend:
    """At the share ``path`` of the way's length, which is a row of ``arcs`` of the half angle
    ``angle`` each, to the left or to the right as the bits of ``sides`` say."""
    place = np.minimum(path, 1 - 1e-9) * arcs
    arc = np.floor(place)
    turn = angle * (2 * (place - arc) - 1)
    chord = 2 * np.sin(angle)
    along = (arc + 0.5 + np.sin(turn) / chord) / arcs
    side = 1 - 2 * (sides >> arc.astype(np.int64) & 1)
    return Bend(along, side * (np.cos(turn) - np.cos(angle)) / (chord * arcs))


def detour(angle: Floats) -> Floats:
    """Length of a way of such arcs, in lengths of the straight line."""
    return np.asarray(angle / np.sin(angle))
