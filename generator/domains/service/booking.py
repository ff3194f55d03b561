"""When visits are booked: by telephone, or by the dealer's people, while the workshop is open; on
the web at any hour, at night by few."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from generator.domains.calendar import DAY, MINUTE
from generator.domains.clocks import Clocks, local, utc
from generator.domains.closing import last_open, next_open

Moments = NDArray[Any]
Minutes = NDArray[np.int64]
Truth = NDArray[np.bool_]
STAFFED = ("PHONE", "SERVICE_ADVISOR_INITIATED", "DEALERSHIP_INITIATED")
ONLINE = "CONSUMER_PORTAL"


class Booking(NamedTuple):
    """When visits would be booked, from when until when they may be, and by whose clocks."""

    at: Moments
    first: Moments
    last: Moments
    clocks: Clocks

    def inside(self, moments: Moments) -> Truth:
        return np.asarray((moments >= self.first) & (moments <= self.last))

    def today(self) -> Moments:
        return local(self.at, self.clocks).astype("datetime64[D]")


def in_hours(
    booking: Booking, minute: Minutes, hours: tuple[int, int], *, before: Truth
) -> tuple[Moments, Truth]:
    """Moments on days that the workshop is open, at the ``minute`` of the day where they are not
    within its ``hours``, and whether there is such a one; ``before`` says for which closed days
    the day before is rather taken than the day after."""
    today = booking.today()
    of_day = (local(booking.at, booking.clocks) - today.astype("datetime64[ms]")) // MINUTE
    opens, closes = (hour * 60 for hour in hours)
    fits = (last_open(today, "workshop") == today) & (of_day >= opens) & (of_day < closes)
    near = [last_open(today, "workshop"), next_open(today, "workshop")]
    earliest = next_open(local(booking.first, booking.clocks).astype("datetime64[D]"), "workshop")
    found = booking.at
    # who would have called before they open has called the evening before
    eve = last_open((today - DAY).astype("datetime64[D]"), "workshop")
    for day in (np.where(before, *near), np.where(before, *near[::-1]), eve, earliest):
        moved = utc(day.astype("datetime64[ms]") + minute * MINUTE, booking.clocks)
        inside = booking.inside(moved) & ~fits
        found, fits = np.where(inside, moved, found), fits | inside
    return found, fits


def at_any_hour(booking: Booking, minute: Minutes) -> Moments:
    """On the same day at the ``minute``, if that may be."""
    moved = utc(booking.today().astype("datetime64[ms]") + minute * MINUTE, booking.clocks)
    return np.asarray(np.where(booking.inside(moved), moved, booking.at))
