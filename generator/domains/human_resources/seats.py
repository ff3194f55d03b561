"""Who sits where: the seats of a dealer, and who takes over from whom.

A seat is a job that somebody holds.  Six seats of a dealer are never vacant; the others follow the
published mix of roles.  Most seats never change hands in a year, a few do again and again: that is
how half of those at work can have been there for six years while four of ten leave in a year.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generator.domains.calendar import span
from generator.domains.graph import Draw, Made, drawn
from generator.domains.groups import place_in_group
from generator.frame import Coded
from generator.leaves.choice import Choice
from generator.leaves.figures import Figures

Rows = NDArray[np.int64]
FIXED = ("GEN_MGR", "SALES_MGR", "FI_MGR", "SALES_ASSOC", "SERVICE_ADVISOR", "SERVICE_TECH")
"""The seats that every dealer has and that are never vacant, in this order."""

PERMANENT = ("GEN_MGR", "SALES_MGR", "SERVICE_MGR")
"""Roles whose first holder at a dealer stays: others report to them."""


@drawn("role_type", "_seat", "_turn", "_turns", "_number", "_permanent", "_stays")
def seats(draw: Draw) -> Made:
    """``_seat`` is the local row of the seat's first holder, ``_turn`` how many held it before,
    ``_turns`` how many leave it within the span, ``_number`` the seat's number among those of its
    role at the dealer; ``_stays`` says that nobody ever leaves it unless nobody else can."""
    dealer = draw["_dealer"] - draw.frames["dealer"].start
    place = place_in_group(dealer)
    labels, others = _by_role(draw)
    rows = draw.counts[draw.frame.table.name]
    head = np.cumsum(rows) - rows
    first_ones = len(FIXED) + others.sum(axis=1)
    first = place < first_ones[dealer]
    role = np.zeros(draw.n, dtype=np.int64)
    role[first] = _first_roles(labels, others, place[first], dealer[first])
    seat = np.arange(draw.n)
    number = np.zeros(draw.n, dtype=np.int64)
    number[first] = place_in_group(dealer[first] * len(labels) + role[first])
    lasting = np.isin(role, [labels.index(name) for name in PERMANENT if name in labels])
    permanent = lasting & (number == 0)
    stays = draw.u("stays") < draw.figures["lasting_seat_share"]
    leave = _weights(draw, labels, role, first, permanent, stays)
    seat[~first] = _taken_over(draw, leave, dealer, head, first_ones)
    turn = np.zeros(draw.n, dtype=np.int64)
    turn[~first] = 1 + place_in_group(seat[~first])
    return {
        "role_type": Coded(role[seat].astype(np.int32), labels),
        "_seat": seat,
        "_turn": turn,
        "_turns": np.bincount(seat, minlength=draw.n)[seat] - 1,
        "_number": number[seat],
        "_permanent": permanent,
        "_stays": stays[seat],
    }


def _by_role(draw: Draw) -> tuple[tuple[str, ...], Rows]:
    """The roles, and the seats of each beside the fixed ones under each dealer, shape (dealers,
    roles): so many that those who leave them within the span come to the dealer's staff."""
    leaf = draw.figures.entry("staff_member.role_type").leaf(())
    if not isinstance(leaf, Choice):
        raise ValueError("staff_member.role_type is a choice")
    labels = (*leaf.labels, *(name for name in FIXED if name not in leaf.labels))
    share = np.array([*leaf.shares, *([0.0] * (len(labels) - len(leaf.shares)))])
    share /= share.sum()
    leaving = leavers(draw, labels)
    fixed = sum(leaving[labels.index(name)] for name in FIXED if name not in PERMANENT)
    free = draw.counts[draw.frame.table.name] - len(FIXED)
    wanted = np.rint((free - fixed) / (1 + share @ leaving)).astype(np.int64)
    wanted = np.clip(wanted, np.minimum(free, 1), free)
    first = draw.frames["dealer"].start
    phase = draw.stream("role").uniform(first, first + len(free))
    edges = np.floor(np.cumsum(share) * wanted[:, None] + phase[:, None]).astype(np.int64)
    edges = np.minimum(edges, wanted[:, None])
    edges[:, -1] = wanted
    return labels, np.diff(edges, axis=1, prepend=0)


def leavers(draw: Draw, labels: tuple[str, ...]) -> NDArray[np.float64]:
    """How many leave a seat of each role within the span."""
    begin, end = span(draw)
    return leavers_in(draw.figures, labels, float((end - begin).astype(np.int64)))


def leavers_in(figures: Figures, labels: tuple[str, ...], days: float) -> NDArray[np.float64]:
    by_role = figures["turnover_by_role"]
    usual = float(figures["turnover_annual"])
    return np.array([float(by_role.get(name, usual)) for name in labels]) * days / 365.25


def among_staff(figures: Figures, role: str, days: float) -> float:
    """Seats of a role for each of the staff whom a dealer does not always have, counting who
    leaves and who follows within so many days."""
    leaf = figures.entry("staff_member.role_type").leaf(())
    if not isinstance(leaf, Choice):
        raise ValueError("staff_member.role_type is a choice")
    share = np.array(leaf.shares) / sum(leaf.shares)
    leaving = leavers_in(figures, tuple(leaf.labels), days)
    return float(share[leaf.labels.index(role)] / (1 + share @ leaving))


def _first_roles(labels: tuple[str, ...], others: Rows, place: Rows, dealer: Rows) -> Rows:
    """The roles of the first holders: the fixed seats, then the others role by role."""
    fixed = np.array([labels.index(name) for name in FIXED])
    upto = np.cumsum(others, axis=1)
    beyond = place - len(FIXED)
    other = (upto[dealer] <= beyond[:, None]).sum(axis=1)
    return np.asarray(np.where(beyond < 0, fixed[np.minimum(place, len(FIXED) - 1)], other))


def _weights(
    draw: Draw,
    labels: tuple[str, ...],
    role: Rows,
    first: NDArray[np.bool_],
    permanent: NDArray[np.bool_],
    stays: NDArray[np.bool_],
) -> NDArray[np.float64]:
    """How likely each seat is left: by its role, and hardly where people stay."""
    weight = np.maximum(leavers(draw, labels)[role], 1e-9) * np.where(stays, 1e-6, 1.0)
    weight = np.where(permanent, 1e-12, weight)
    return np.asarray(np.where(first, weight, 0.0))


def _taken_over(
    draw: Draw, weight: NDArray[np.float64], dealer: Rows, head: Rows, seats_there: Rows
) -> Rows:
    """The seat (a local row) that each of those who are not first takes over, spread evenly over
    the weights of the dealer's seats."""
    later = place_in_group(dealer) >= seats_there[dealer]
    upto = np.cumsum(weight)
    last = head + seats_there - 1
    before = np.where(head > 0, upto[head - 1], 0.0)
    mine = dealer[later]
    share = place_in_group(mine) + draw.u("takes_over")[later]
    share /= np.bincount(mine, minlength=len(head))[mine]
    wanted = before[mine] + share * (upto[last] - before)[mine]
    found = np.searchsorted(upto, wanted, side="right")
    return np.asarray(np.minimum(np.maximum(found, head[mine]), last[mine]))
