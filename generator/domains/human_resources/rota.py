"""Who of a dealer's staff is there to act at a moment."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.domains.calendar import clocks_of
from generator.domains.clocks import local_day
from generator.domains.graph import Draw
from generator.domains.human_resources.records import away
from generator.domains.human_resources.seats import FIXED, PERMANENT

Rows = NDArray[np.int64]
TRIES = 4


def on_duty(
    draw: Draw,
    dealer: Rows,
    moments: NDArray[Any],
    *,
    roles: tuple[str, ...],
    stream: str,
    until: NDArray[Any] | None = None,
) -> Rows:
    """Global staff rows, one a row: of the dealer, in one of ``roles``, employed on the day of the
    moment (and still ``until`` another), whether the day is the dealer's or that of UTC.

    The first of the roles acts but for a small share.  A seat that is vacant then, or whose holder
    has the day off, is left out; the never vacant seat of the first role that has one is always
    there, or for a longer time, if one of the roles stays, its holder.
    """
    staff = draw.frames["staff_member"]
    here = local_day(moments, clocks_of(draw, dealer))
    today = moments.astype("datetime64[D]")
    first, last = np.minimum(today, here), np.maximum(today, here)
    if until is not None:
        last = _day(draw, dealer, until, np.maximum)
    chosen = _always_there(draw, dealer, roles, first, last)
    deputed = draw.u(f"{stream}_deputy") < draw.figures["deputy_share"]
    open_ = np.ones(len(dealer), dtype=bool)
    for attempt in range(TRIES):
        u = draw.u(f"{stream}_{attempt}")
        found = np.where(
            deputed & (len(roles) > 1),
            _holder_of_some_seat(draw, dealer, roles[1:] or roles, u, first),
            _holder_of_some_seat(draw, dealer, roles[:1], u, first),
        )
        there = open_ & _employed(draw, found, first, last) & ~away(draw, found, here)
        chosen = np.where(there, found, chosen)
        open_ &= ~there
    result: Rows = chosen + staff.start
    return result


def _day(draw: Draw, dealer: Rows, moments: NDArray[Any], which: np.ufunc) -> NDArray[Any]:
    """The earlier (``np.minimum``) or later of the two days that a moment lies on."""
    there = local_day(moments, clocks_of(draw, dealer))
    days: NDArray[Any] = which(moments.astype("datetime64[D]"), there)
    return days


def _seats_of(draw: Draw, roles: tuple[str, ...]) -> Rows:
    """Local rows of the first holders of the seats of ``roles``."""
    staff = draw.frames["staff_member"]
    role = staff["role_type"]
    codes = [code for code, label in enumerate(role.labels) if label in roles]
    return np.flatnonzero((staff["_turn"] == 0) & np.isin(role.codes, codes))


def _holder_of_some_seat(
    draw: Draw, dealer: Rows, roles: tuple[str, ...], u: NDArray[np.float64], day: NDArray[Any]
) -> Rows:
    """Who holds a seat drawn from those of the dealer and the roles; -1 if nobody does."""
    staff = draw.frames["staff_member"]
    seats = _seats_of(draw, roles)
    begin = np.searchsorted(staff["_dealer"][seats], dealer)
    count = np.searchsorted(staff["_dealer"][seats], dealer, side="right") - begin
    if not len(seats):
        return np.full(len(dealer), -1)
    at = np.minimum(begin + (u * count).astype(np.int64), len(seats) - 1)
    found = staff["_holder"].step(seats[at], day)
    return np.where(count > 0, found, -1).astype(np.int64)


def _employed(draw: Draw, rows: Rows, first: NDArray[Any], last: NDArray[Any]) -> NDArray[np.bool_]:
    """Whether each local staff row (-1 is nobody) works there from one day to another."""
    staff = draw.frames["staff_member"]
    at = np.maximum(rows, 0)
    stays = staff.missing("termination_date")[at] | (last <= staff["termination_date"][at])
    return np.asarray((rows >= 0) & (staff["hire_date"][at] <= first) & stays)


def _always_there(
    draw: Draw, dealer: Rows, roles: tuple[str, ...], first: NDArray[Any], last: NDArray[Any]
) -> Rows:
    """Local rows of those who are there in any case."""
    staff = draw.frames["staff_member"]
    head = np.searchsorted(staff["_dealer"], dealer)
    fixed = [name for name in roles if name in FIXED]
    if not fixed:
        raise ValueError(f"one of {roles} must be a seat that is never vacant: {FIXED}")
    found: Rows = staff["_holder"].step(head + FIXED.index(fixed[0]), first).astype(np.int64)
    stays = [name for name in fixed if name in PERMANENT]
    if stays:
        gone = ~_employed(draw, found, first, last)
        found = np.where(gone, head + FIXED.index(stays[0]), found)
    return found


def employed_or_manager(draw: Draw, dealer: Rows, staff: Rows, moments: NDArray[Any]) -> Rows:
    """The global staff rows, or, where they do not work there at the moment, the sales manager who
    always does."""
    people = draw.frames["staff_member"]
    first, last = (_day(draw, dealer, moments, which) for which in (np.minimum, np.maximum))
    local = staff - people.start
    head = np.searchsorted(people["_dealer"], dealer) + FIXED.index("SALES_MGR")
    found: Rows = np.where(_employed(draw, local, first, last), local, head) + people.start
    return found
