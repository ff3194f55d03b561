"""Counting values by the labels of a published table: names, bands, months, days of the week."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
OTHERS = ("other", "others", "(other)", "all other", "rest")
_BAND = re.compile(r"(-?[\d.]+)?\s*\.\.\s*(-?[\d.]+)?")

Calendar = Literal["", "month", "weekday", "year", "hour"]


@dataclass(frozen=True)
class Parts:
    """Rows by label; ``rest`` holds those that no label speaks about."""

    shares: Mapping[str, float]
    counts: NDArray[np.int64]
    rest: int
    calendar: Calendar = ""

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(self.shares)

    def __add__(self, other: Parts) -> Parts:
        counts = self.counts + other.counts
        return Parts(self.shares, counts, self.rest + other.rest, self.calendar)

    def target(self, start: date | None, stop: date | None) -> dict[str, float]:
        """The shares to reach.  Monthly shares are laid over the days of the span, so half a
        year is not asked for the other half; without a span they stay as published."""
        if self.calendar != "month" or start is None or stop is None:
            return dict(self.shares)
        weights = month_weights(list(self.shares.values()), start, stop)
        by_month = [0.0] * 12
        for month, weight in weights.items():
            by_month[int(month[5:]) - 1] += weight
        places = [month_number(label) for label in self.shares]
        return {
            label: round(by_month[place], 5)
            for label, place in zip(self.shares, places, strict=True)
        }


def month_weights(shares: Sequence[float], start: date, stop: date) -> dict[str, float]:
    """Each month of a span with the share of the rows to expect in it: the month's published
    share, for a month covered in part its part; sums to 1.  ``shares`` from January on."""
    weights: dict[str, float] = {}
    first = start.replace(day=1)
    while first <= stop:
        following = (first + timedelta(days=32)).replace(day=1)
        days = (min(stop + timedelta(days=1), following) - max(start, first)).days
        weights[f"{first:%Y-%m}"] = shares[first.month - 1] * days / (following - first).days
        first = following
    total = sum(weights.values())
    return {month: weight / total for month, weight in weights.items()} if total else weights


def month_number(label: str) -> int:
    """0 for January, given "1" or "Jan"."""
    return int(label) - 1 if label.isdigit() else MONTHS.index(label[:3].lower())


def calendar_of(labels: Sequence[str]) -> Calendar:
    """What the labels of a published table count moments by."""
    low = [label.strip().lower()[:3] for label in labels]
    if len(labels) == 12 and (
        list(labels) == [str(month) for month in range(1, 13)] or tuple(low) == MONTHS
    ):
        return "month"
    if set(low) <= set(WEEKDAYS):
        return "weekday"
    if all(re.fullmatch(r"(19|20)\d\d", label) for label in labels):
        return "year"
    if all(label.isdigit() and int(label) < 24 for label in labels):
        return "hour"
    return ""


def parts_of(
    shares: Mapping[str, float],
    *,
    values: NDArray[Any] | None = None,
    labels: Sequence[str] = (),
    codes: NDArray[np.int32] | None = None,
) -> Parts:
    """Count ``values`` (numbers, moments, text or truth; missing ones left out) or ``codes``
    into ``labels`` (-1 missing) by the labels of ``shares``.

    Names match without regard to case; a label such as "other" takes what no other names.
    """
    if codes is not None:
        return _named(shares, labels, np.bincount(codes[codes >= 0], minlength=len(labels)))
    assert values is not None  # either codes or values are given
    match values.dtype.kind:
        case "M":
            return _dated(shares, values[~np.isnat(values)])
        case "b":
            return _named(shares, ("false", "true"), np.bincount(values, minlength=2))
        case "O":
            distinct, counts = np.unique(values[values != None], return_counts=True)  # noqa: E711 - elementwise, "is" would not be
            return _named(shares, [str(value) for value in distinct], counts)
    return _numeric(shares, values[~np.isnan(values)])


def _named(shares: Mapping[str, float], labels: Sequence[str], counts: NDArray[Any]) -> Parts:
    place = {name.strip().casefold(): at for at, name in enumerate(shares)}
    other = next((place[name] for name in OTHERS if name in place), None)
    counted, rest = np.zeros(len(shares), dtype=np.int64), 0
    for label, count in zip(labels, counts, strict=True):
        at = place.get(label.strip().casefold(), other)
        if at is None:
            rest += int(count)
        else:
            counted[at] += int(count)
    return Parts(shares, counted, rest)


def _dated(shares: Mapping[str, float], moments: NDArray[Any]) -> Parts:
    calendar = calendar_of(list(shares))
    match calendar:
        case "month":
            numbers = moments.astype("datetime64[M]").astype(np.int64) % 12
            places = [month_number(label) for label in shares]
        case "weekday":
            numbers = (moments.astype("datetime64[D]").astype(np.int64) + 3) % 7
            places = [WEEKDAYS.index(label.strip().lower()[:3]) for label in shares]
        case "hour":
            numbers = moments.astype("datetime64[h]").astype(np.int64) % 24
            places = [int(label) for label in shares]
        case _:
            numbers = moments.astype("datetime64[Y]").astype(np.int64) + 1970
            places = [int(label) if label.isdigit() else -1 for label in shares]
    counts = np.array([int((numbers == place).sum()) for place in places], dtype=np.int64)
    return Parts(shares, counts, len(numbers) - int(counts.sum()), calendar)


def _numeric(shares: Mapping[str, float], numbers: NDArray[np.float64]) -> Parts:
    bands = [_band(label) for label in shares]
    other = next((at for at, label in enumerate(shares) if label.casefold() in OTHERS), None)
    counts = np.zeros(len(bands), dtype=np.int64)
    for at, (low, high, closed) in enumerate(_joined(bands)):
        inside = (numbers >= low) & ((numbers <= high) if closed else (numbers < high))
        counts[at] = int(inside.sum())
    rest = len(numbers) - int(counts.sum())
    if other is not None:
        counts[other], rest = rest, 0
    return Parts(shares, counts, max(rest, 0))


def _band(label: str) -> tuple[float, float]:
    """ "300..579", "..20", "80..", or one number; a name matches nothing."""
    band = _BAND.fullmatch(label.strip())
    if band:
        low, high = band.groups()
        return (float(low) if low else -np.inf), (float(high) if high else np.inf)
    try:
        return float(label), float(label)
    except ValueError:
        return np.inf, -np.inf


def _joined(bands: Sequence[tuple[float, float]]) -> list[tuple[float, float, bool]]:
    """Bands as (low, high, closed above): a band ends where the next begins if that is at most
    one away (300..579, 580..619 leaves no hole at 579.5); a last band includes its end."""
    order = sorted(range(len(bands)), key=lambda at: bands[at])
    joined = [(low, high, True) for low, high in bands]
    for at, following in pairwise(order):
        (low, high), after = bands[at], bands[following][0]
        if low < high <= after <= high + 1:
            joined[at] = (low, after, False)
    return joined
