"""Orders for jobs: what a repair order needs and the shelf does not have, ordered as the job begins
and there before it is issued."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from generator.domains.calendar import MINUTE, when_open
from generator.domains.clocks import Clocks
from generator.domains.graph import Draw
from generator.domains.groups import place_in_group

Integers = NDArray[np.int64]
Moments = NDArray[np.datetime64]
LAST_MINUTES = 60  # in which what was wished for the night is done, where the morning is too late
NEVER = np.datetime64("2999-01-01", "ms")
SHORTEST = np.timedelta64(2 * 60 * 60 * 1000, "ms")  # in which a part can be fetched


class Needs(NamedTuple):
    """What repair orders need, a row for each part of each: local repair order, part, pieces;
    sorted by repair order and part."""

    order: Integers
    part: Integers
    pieces: Integers


def needs_of(draw: Draw) -> Needs:
    issued, lines = draw.frames["repair_order_part"], draw.frames["repair_order_line"]
    parts = draw.frames["part_master"].rows
    both = lines["_order"][issued["_line"]] * parts + issued["_part"]
    found, at = np.unique(both, return_inverse=True)
    pieces = np.bincount(at, weights=issued["quantity"], minlength=len(found))
    return Needs(found // parts, found % parts, pieces.astype(np.int64))


def first_issued(draw: Draw) -> Moments:
    """When the first part of each repair order is issued; NEVER where none is."""
    issued, lines = draw.frames["repair_order_part"], draw.frames["repair_order_line"]
    first = np.full(draw.frames["repair_order"].rows, NEVER)
    np.minimum.at(first, lines["_order"][issued["_line"]], issued["issued_date_time"])
    return first


def jobs_for(draw: Draw, wanted: NDArray[np.bool_], dealer: Integers) -> Integers:
    """A repair order of its local ``dealer`` for each order that is ``wanted`` to be for one, none
    twice, those that wait for parts first; -1 for the others, and where no job is left that a part
    can be ordered for in time."""
    orders = draw.frames["repair_order"]
    first = first_issued(draw)
    able = np.flatnonzero((first < NEVER) & (first - orders["opened_date_time"] >= SHORTEST))
    owner = orders["_dealer"][able] - draw.frames["dealer"].start
    luck = draw.stream("jobs").uniform(orders.start, orders.start + orders.rows)[able]
    able = able[np.lexsort((luck, ~orders["_held"][able], owner))]
    begin = np.searchsorted(np.sort(owner), np.arange(len(draw.counts["dealer"]) + 1))
    rows = np.flatnonzero(wanted)
    place = begin[dealer[rows]] + place_in_group(dealer[rows])
    job = np.full(len(wanted), -1, dtype=np.int64)
    there = place < begin[dealer[rows] + 1]
    job[rows[there]] = able[place[there]]
    return job


def in_hours(wished: Moments, latest: Moments, clocks: Clocks, u: NDArray[np.float64]) -> Moments:
    """Moments moved into business hours, or into the minutes before ``latest`` where that comes
    first; never after it."""
    moved = when_open(wished, clocks, u, who="workshop")
    just = np.maximum(latest - (u * LAST_MINUTES).astype(np.int64) * MINUTE, wished)
    return np.asarray(np.where(moved < latest, moved, np.minimum(just, latest)))


def first_part(draw: Draw, job: Integers) -> Integers:
    """The first part that each job (local repair order, -1: none) needs; 0 where there is none."""
    needs = needs_of(draw)
    at = np.minimum(np.searchsorted(needs.order, job), max(len(needs.order) - 1, 0))
    return np.append(needs.part, 0)[at] if len(needs.part) else np.zeros(len(job), dtype=np.int64)
