"""Bills whose payment is contested: disputed until that is decided, then closed or open again."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from generator.domains.courses import Stage, Steps
from generator.domains.graph import Draw
from generator.domains.payment.contest import NEVER
from generator.domains.payment.dates import span_of
from generator.frame import Coded

Moments = NDArray[np.datetime64]
Truth = NDArray[np.bool_]


class Contested(NamedTuple):
    """Of each bill (n,): when its payment is contested, and when the bill is closed for all that
    (NEVER if it is not)."""

    at: Moments
    closed: Moments

    @property
    def some(self) -> Truth:
        return np.asarray(self.at < NEVER)

    @property
    def open(self) -> Truth:
        return np.asarray(self.some & (self.closed == NEVER))


def contested(draw: Draw) -> Contested:
    payments, horizon = draw.frames["payment+"], span_of(draw.plan).horizon
    at, closed = np.full((2, draw.n), NEVER)
    rows = np.flatnonzero(payments["_contested_at"] < NEVER)
    bill, decided = payments["_invoice_key"][rows], payments["_decided_at"][rows]
    at[bill] = payments["_contested_at"][rows]
    for_good = (payments["_back_at"][rows] < NEVER) | (decided > horizon)
    closed[bill] = np.where(for_good, NEVER, decided)
    return Contested(at, closed)


def course_of(draw: Draw, usual: Steps) -> Steps:
    """The ``usual`` steps of bills, and those of the contested ones."""
    found, issued = contested(draw), draw["invoice_date_time"]
    some = found.some
    theirs = Steps.of(
        Stage("DRAFT", issued, some),
        Stage("ISSUED", issued, some),
        Stage("ACKNOWLEDGED", found.at, some),
        Stage("DISPUTED", found.at, some),
        Stage("CLOSED", found.closed, some & ~found.open),
    )
    kept = np.flatnonzero(~some[usual.row])
    labels = tuple(dict.fromkeys((*usual.status.labels, *theirs.status.labels)))
    codes = []
    for one in (usual, theirs):
        place = np.array([labels.index(name) for name in one.status.labels], dtype=np.int32)
        codes.append(place[one.status.codes])
    row = np.concatenate([usual.row[kept], theirs.row])
    order = np.argsort(row, kind="stable")
    moments = np.concatenate([usual.at[kept], theirs.at])[order]
    code = np.concatenate([codes[0][kept], codes[1]])[order]
    return Steps(row[order], moments, Coded(code, labels))
