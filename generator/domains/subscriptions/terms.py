"""The course of an agreement: trial, terms that follow one another, and how it ends.

A term is a billing interval; terms are counted from the *anchor*, the day the trial ends (or the
agreement starts, without one), by the calendar: from the 31st to the last day of shorter months.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]
Days = NDArray[np.datetime64]
MONTHS = {"MONTHLY": 1, "QUARTERLY": 3, "SEMI_YEAR": 6, "YEARLY": 12}


def months_on(day: Days, months: Rows) -> Days:
    """The same day so many months later, or the last one of a shorter month."""
    month = day.astype("datetime64[M]")
    of_month = (day - month.astype("datetime64[D]")).astype(np.int64)
    wanted = month + months
    last = (wanted + 1).astype("datetime64[D]") - wanted.astype("datetime64[D]")
    within = np.minimum(of_month, last.astype(np.int64) - 1)
    found: Days = wanted.astype("datetime64[D]") + within
    return found


def terms_begun(anchor: Days, interval: Rows, until: Days) -> Rows:
    """Terms that have begun by the day ``until``, that day's included; none before the anchor."""
    apart = (until.astype("datetime64[M]") - anchor.astype("datetime64[M]")).astype(np.int64)
    whole = np.maximum(apart, 0) // interval
    whole = whole - (months_on(anchor, whole * interval) > until)
    return np.asarray(np.where(until < anchor, 0, whole + 1))


class Terms(NamedTuple):
    """Where an agreement stands on a day: up to when it is covered, how often it was renewed."""

    end: Days
    renewals: Rows


def terms_at(start: Days, anchor: Days, interval: Rows, lasts: Days, at: Days) -> Terms:
    """On the day ``at``: the trial, or the term begun last; an agreement that ``lasts`` up to a
    day begins no term on or after it."""
    day = np.minimum(at, lasts - 1)
    begun = terms_begun(anchor, interval, day)
    trial = anchor > start
    begun = np.maximum(begun, np.where(trial, 0, 1))
    return Terms(months_on(anchor, begun * interval), begun - np.where(trial, 0, 1))
