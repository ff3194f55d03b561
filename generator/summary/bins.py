"""How the values of a column are counted: bins of ordered values, labels of categories.

Binning follows mostlyai-qa (up to ten quantile-like bins, or the ten largest categories and
"(other)"; missing values on their own).  What is kept of the data is safe to show: a label that
fewer than ``k`` rows hold is folded, an edge is a value that ``k`` rows share or the mean of
``k`` neighbours.  ``holders`` say of how many persons ``k`` speaks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.frame import Coded
from generator.holders import EACH_ROW, Holders

OTHER = "(other)"
FEWER = 4  # bins that are tried for none to have too few rows
COARSE = 10  # bins scored
Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
_NICE = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True)
class Bins:
    """``labels`` name the bins.  ``edges`` (one more than labels, ascending; moments in
    milliseconds since 1970) bound ordered values, the last bin closed above and the outer bins
    taking what lies beyond; None for categories, whose last label is then ``OTHER``.

    Codes run over the labels; the code after the last label is a missing value.
    """

    labels: tuple[str, ...]
    edges: tuple[float, ...] | None = None

    @property
    def levels(self) -> int:
        """Number of codes, the one for missing values among them."""
        return len(self.labels) + 1

    def code(self, values: Floats | Coded) -> NDArray[np.int16]:
        """Codes of numbers (NaN is missing) or labels, shape (rows,)."""
        if isinstance(values, Coded):
            place = {label: at for at, label in enumerate(self.labels)}
            other = place.get(OTHER, len(self.labels))
            codes = [place.get(label, other) for label in values.labels]
            return np.array([*codes, len(self.labels)], dtype=np.int16)[values.codes]
        inner = np.asarray(self.edges, dtype=np.float64)[1:-1]
        coded = np.searchsorted(inner, values, side="right").astype(np.int16)
        coded[np.isnan(values)] = len(self.labels)
        return coded

    def count(self, values: Floats | Coded) -> Counts:
        """Rows by code, shape (levels,)."""
        return np.bincount(self.code(values), minlength=self.levels).astype(np.int64)

    def to_dict(self) -> dict[str, Any]:
        return {
            "labels": list(self.labels),
            "edges": None if self.edges is None else list(self.edges),
        }

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Bins:
        edges = document["edges"]
        return cls(
            tuple(str(label) for label in document["labels"]),
            None if edges is None else tuple(float(edge) for edge in edges),
        )


def category_bins(values: Coded, *, most: int, k: int, holders: Holders = EACH_ROW) -> Bins:
    """The ``most`` largest labels that at least ``k`` rows hold, and ``OTHER``."""
    rows = np.bincount(values.codes[values.codes >= 0], minlength=len(values.labels))
    held = holders.number(values.codes, len(values.labels))
    order = sorted(range(len(values.labels)), key=lambda at: (-rows[at], values.labels[at]))
    kept = [values.labels[at] for at in order[:most] if held[at] >= max(k, 1)]
    return Bins((*(label for label in kept if label != OTHER), OTHER))


def quantile_bins(
    values: Floats, *, most: int, k: int, dated: bool = False, holders: Holders = EACH_ROW
) -> Bins:
    """At most ``most`` bins of about equal rows, at least ``k`` rows each; a bin for each value
    where there are few values."""
    ordered, theirs = in_order(values, holders)
    return bins_in_order(ordered, most=most, k=k, dated=dated, holders=theirs)


def bins_in_order(
    ordered: Floats, *, most: int, k: int, dated: bool = False, holders: Holders = EACH_ROW
) -> Bins:
    """``quantile_bins`` of values in their order, none missing."""
    few = value_bins(ordered, most=most, k=k, dated=dated, holders=holders)
    if few is not None:
        return few
    bins = max(1, min(most, len(ordered) // max(k, 1)))
    edges: list[float] = []
    for pieces in range(bins, max(bins - FEWER, 1) - 1, -1):
        edges = _safe_edges(ordered, _breaks(ordered, pieces), k, holders)
        if len(_filled(edges, ordered, k, holders)) == len(edges):
            break
    edges = _filled(edges, ordered, k, holders)
    return Bins(_between(edges, dated=dated), tuple(edges))


def in_order(values: Floats, holders: Holders) -> tuple[Floats, Holders]:
    """The values that are there in their order, and whose they are."""
    if holders.of is None:
        return np.sort(values[~np.isnan(values)]), holders
    there = np.flatnonzero(~np.isnan(values))
    order = there[np.argsort(values[there], kind="stable")]
    return values[order], holders.at(order)


def value_bins(
    ordered: Floats, *, most: int, k: int, dated: bool = False, holders: Holders = EACH_ROW
) -> Bins | None:
    """A bin for each distinct value if there are 1 to ``most``, ``k`` rows hold each, and two
    on average do (else they are no repeated values but few rows)."""
    distinct = _steps(ordered)
    if not 1 <= len(distinct) <= most or dated:
        return None
    place = np.searchsorted(distinct, ordered)
    if holders.number(place, len(distinct)).min() < k:
        return None
    if 2 * len(distinct) > len(ordered) > 1:
        return None
    middles = (distinct[1:] + distinct[:-1]) / 2
    return Bins(
        tuple(plain(value) for value in distinct),
        (float(distinct[0]), *(float(middle) for middle in middles), float(distinct[-1])),
    )


def even_bins(
    values: Floats, *, about: int, k: int, whole: bool, holders: Holders = EACH_ROW
) -> Bins:
    """Bins of one round width over all but the outermost half percent at each end."""
    ordered, theirs = in_order(values, holders)
    low = _around(ordered, int(0.005 * (len(ordered) - 1)), k, theirs)
    high = _around(ordered, int(np.ceil(0.995 * (len(ordered) - 1))), k, theirs)
    step = _nice((high - low) / about, whole=whole)
    first = np.floor(low / step)
    count = max(1, int(np.ceil(high / step - first + (1e-9 if whole else 0))))
    if whole and (first + count) * step <= high:
        count += 1
    edges = [float(round((first + at) * step, 10)) for at in range(count + 1)]
    return Bins(_between(edges, dated=False), tuple(edges))


def month_bins(first: int, last: int) -> Bins:
    """A bin for each month from ``first`` to ``last`` (months since January 1970)."""
    starts = np.arange(first, last + 2).astype("datetime64[M]")
    edges = starts.astype("datetime64[ms]").astype(np.int64)
    return Bins(tuple(str(month) for month in starts[:-1]), tuple(float(edge) for edge in edges))


def plain(value: float) -> str:
    """A number as short text: whole numbers without a point."""
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else f"{value:.6g}"


def day(milliseconds: float) -> str:
    return str(np.datetime64(int(milliseconds), "ms").astype("datetime64[D]"))


def _breaks(ordered: Floats, bins: int) -> Floats:
    """More and more evenly spaced order statistics until ``bins`` + 1 of them are distinct."""
    if not len(ordered):
        return np.zeros(2)
    last, most = len(ordered) - 1, 20 * bins
    breaks = _steps(ordered[[0, last]])
    # where there are too few values the loop would end with its last turn, whatever came before
    first = bins if len(_steps(ordered)) > bins + 1 else most
    for pieces in range(first, most + 1):
        places = np.round(np.linspace(0, last, pieces + 1)).astype(np.int64)
        distinct = _steps(ordered[places])
        if len(distinct) > bins + 1:
            break
        breaks = distinct
    return breaks


def _steps(ordered: Floats) -> Floats:
    """The distinct values of ordered ones."""
    if not len(ordered):
        return ordered
    return np.asarray(ordered[np.append(True, ordered[1:] != ordered[:-1])])


def _safe_edges(ordered: Floats, breaks: Floats, k: int, holders: Holders) -> list[float]:
    """Each break as it is where ``k`` rows share it, else the mean of ``k`` neighbours."""
    edges: list[float] = []
    for value in breaks:
        left, right = np.searchsorted(ordered, value), np.searchsorted(ordered, value, "right")
        shared = holders.count(slice(left, right)) >= k
        edge = float(value) if shared else _around(ordered, int(left), k, holders)
        if not edges or edge > edges[-1]:
            edges.append(edge)
    return edges if len(edges) > 1 else [edges[0], edges[0]] if edges else [0.0, 0.0]


def _filled(edges: list[float], ordered: Floats, k: int, holders: Holders) -> list[float]:
    """Edges between which ``k`` rows lie.  An edge that is a mean of neighbours may leave a bin a
    row short, and nothing would be told of its rows: it joins the smaller of its neighbours."""
    edges = list(edges)
    while len(edges) > 2:
        inner = np.asarray(edges[1:-1])
        places = np.searchsorted(inner, ordered, side="right")
        rows = holders.number(places, len(edges) - 1)
        least = int(rows.argmin())
        if rows[least] >= k:
            break
        left = least > 0 and (least == len(rows) - 1 or rows[least - 1] <= rows[least + 1])
        del edges[least if left else least + 1]
    return edges


def _around(ordered: Floats, at: int, k: int, holders: Holders) -> float:
    """The mean of ``k`` neighbouring order statistics, to six digits when it is one; of as many
    as ``k`` persons hold."""
    if not len(ordered):
        return 0.0
    width = min(max(k, 1), len(ordered))
    while True:
        first = min(max(0, at - width // 2), len(ordered) - width)
        near = slice(first, first + width)
        if width == len(ordered) or holders.count(near) >= k:
            return float(ordered[near].mean())
        width = min(2 * width, len(ordered))


def _nice(step: float, *, whole: bool) -> float:
    """The smallest round width that is not below ``step``."""
    if step <= 0:
        return 1.0
    power = 10.0 ** np.floor(np.log10(step))
    width = float(next(power * nice for nice in _NICE if power * nice >= step * (1 - 1e-9)))
    return max(1.0, float(np.ceil(width))) if whole else width


def _between(edges: Sequence[float], *, dated: bool) -> tuple[str, ...]:
    said = day if dated else plain
    return _distinct([f"{said(low)} to {said(high)}" for low, high in pairwise(edges)])


def _distinct(labels: list[str]) -> tuple[str, ...]:
    seen: dict[str, int] = {}
    named = []
    for label in labels:
        seen[label] = seen.get(label, 0) + 1
        named.append(label if seen[label] == 1 else f"{label} ({seen[label]})")
    return tuple(named)
