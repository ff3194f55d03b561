"""Which programmes each deal may have: in force on its day, with every gate open to it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from generator.domains.clocks import local_day
from generator.domains.graph import Draw
from generator.domains.incentives_programs.models import models_of
from generator.domains.incentives_programs.offers import (
    YEAR_CODE,
    Kind,
    kinds,
    makes,
    period_of,
    shift_of,
    slots,
)
from generator.frame import Frame

Rows = NDArray[np.int64]
Truth = NDArray[np.bool_]
FAR = YEAR_CODE * 10_000  # periods beyond any year
DAY = 86_400_000


class Matches(NamedTuple):
    """(deals, kinds): the programme (row of the catalogue, -1 for none) of each kind that a deal
    may have."""

    row: Rows

    @property
    def open(self) -> Truth:
        return np.asarray(self.row >= 0)


class _Deals(NamedTuple):
    """What the gates ask of each deal; ``day`` of the contract is the dealer's, ``utc`` the
    platform's; the deal was worked out on ``opened``."""

    make: Rows
    model: Rows
    state: Rows
    product: NDArray[np.str_]
    way: NDArray[np.str_]
    day: NDArray[np.datetime64]
    utc: NDArray[np.datetime64]
    opened: NDArray[np.datetime64]
    affiliate: NDArray[np.str_]


def matches(draw: Draw) -> Matches:
    programs, deals = draw.frames["incentive_program"], _deals(draw)
    found = [_of_kind(programs, deals, number, kind) for number, kind in enumerate(kinds())]
    return Matches(np.stack(found, axis=1))


def _of_kind(programs: Frame, deals: _Deals, number: int, kind: Kind) -> Rows:
    rows = np.flatnonzero(programs["_kind"] == number)
    none = np.full(len(deals.make), -1, dtype=np.int64)
    if not len(rows):
        return none
    general, slot = kind.scope == "all", np.zeros(len(none), dtype=np.int64)
    if kind.scope in ("model", "state"):
        slot = deals.model if kind.scope == "model" else deals.state
    make = np.zeros(len(none), dtype=np.int64) if general else deals.make
    own = np.zeros(len(rows), dtype=np.int64) if general else programs["_make"][rows]
    held = (own * slots(kind) + programs["_slot"][rows]) * FAR + programs["_period"][rows]
    order = np.argsort(held)
    period = period_of(kind, deals.day - shift_of(kind, make))
    wanted = (make * slots(kind) + slot) * FAR + period
    place = np.minimum(np.searchsorted(held[order], wanted), len(rows) - 1)
    at = rows[order][place]
    fits = (held[order][place] == wanted) & (slot >= 0) & (make >= 0)
    for day in (deals.day, deals.utc, deals.opened):  # either may be called the contract's day
        fits &= (programs["start_date"][at] <= day) & (day <= programs["end_date"][at])
    fits &= deals.product == kind.product
    if kind.pay:
        fits &= deals.way == kind.pay
    if kind.affiliate:
        fits &= deals.affiliate == kind.affiliate
    return np.where(fits, at, none)


def _deals(draw: Draw) -> _Deals:
    deals, catalogue = draw.frames["deal"], draw.frames["vehicle_specification"]
    dealers = draw.frames["dealer"]
    place = {make: at for at, make in enumerate(makes())}
    make = np.array([place.get(str(name), -1) for name in catalogue.text("make")], dtype=np.int64)
    row = deals["_specification"]
    fence = {state: at for at, state in enumerate(draw.figures["incentive_states"])}
    local = deals["_dealer"] - dealers.start
    states = np.array([fence.get(str(state), -1) for state in dealers.text("state")])
    lease = deals.text("payment_type").astype(str) == "LEASE"
    signed = deals["_signed"]
    here = local_day(signed, deals["_clock"])
    return _Deals(
        make[row],
        models_of(catalogue, draw.figures).of[row],
        states[local],
        deals.text("product_state_type").astype(str),
        np.where(lease, "LEASE", np.where(deals["_financed"], "LOAN", "CASH")),
        here,
        signed.astype("datetime64[D]"),
        deals["occurrence_date_time"].astype("datetime64[D]"),
        _affiliates(draw),
    )


def _affiliates(draw: Draw) -> NDArray[np.str_]:
    """What each deal's buyer belongs to ("" for nothing): by occupation, students by age, some
    who served, some who drive the make already."""
    deals, customers = draw.frames["deal"], draw.frames["customer"]
    buyer = deals["_customer_key"] - customers.start
    figures = draw.figures
    jobs, code = np.unique(customers.text("occupation_code").astype(str), return_inverse=True)
    lower = np.char.lower(jobs)
    of_job = np.full(len(jobs), "", dtype="U12")
    for affiliate, words in figures["affiliate_words"].items():
        for word in words:
            of_job[np.char.find(lower, word) >= 0] = affiliate
    unknown = customers.missing("occupation_code")[buyer]
    job = np.where(unknown, "", of_job[code][buyer])
    start = deals.start
    shares = figures["affiliate_share"]
    served, drives = (
        draw.stream(f"affiliate_{name}").uniform(start, start + deals.rows) < float(shares[name])
        for name in ("MILITARY", "VEHICLE")
    )
    parties = draw.frames["party"]
    person = customers["_party_key"][buyer] - parties.start
    age = (deals["_signed"].astype("datetime64[D]") - parties["birth_date"][person]).astype(int)
    young = age < float(figures["student_age"]) * 365.25
    found = np.where(job != "", job, np.where(drives, "VEHICLE", ""))
    found = np.where(served, "MILITARY", found)
    return np.where(young, "STUDENT", found)
