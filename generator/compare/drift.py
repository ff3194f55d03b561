"""How far two versions of a profile are apart: column by column, from their own summaries.

Nothing but summaries is read, so that versions can be held against each other when their extracts
are long deleted.  A column's *drift* is, for labels, half the sum of the differences of their
shares (total variation); for numbers and moments the greatest difference of their distribution
functions (Kolmogorov and Smirnov), interpolated within bins.  Both run from 0 to 1.  Beside it
stands what *chance* alone makes of two extracts of one population: for labels
sum(sqrt(p (1 - p))) sqrt(1/n + 1/m) / sqrt(2 pi), for numbers .8687 sqrt(1/n + 1/m), the mean of
Kolmogorov's distribution.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import pi, sqrt
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from generator.compare.digits import percent, three
from generator.summary import ColumnSummary, Summary, TableSummary
from generator.summary.bins import OTHER, day

Floats = NDArray[np.float64]
Level = Literal["same", "moved", "far"]

LEAST, FAR = 0.01, 0.10  # below the first nothing is said to have moved, from the second far
BEYOND_CHANCE = 2.0  # times what chance makes of it
KOLMOGOROV = 0.8687
LEVELS = (("a tenth below", 0.1), ("half below", 0.5), ("a tenth above", 0.9))
BARS = 30
TOLD = 3  # labels whose shares moved most


@dataclass(frozen=True)
class Drift:
    """One column, ``before`` and ``after``.  ``told`` are short sentences, what moved first."""

    table: str
    column: str
    drift: float
    chance: float
    level: Level
    told: tuple[str, ...]


@dataclass(frozen=True)
class Difference:
    """``rows`` are (table, before, after), ``children`` (parent, child, mean before, after);
    ``new`` and ``gone`` name columns, ``columns`` what both have, the farthest first.
    ``comparison`` has the shape of comparison.json: the later version as ``synthetic``, the
    earlier one as ``reference``."""

    rows: tuple[tuple[str, int | None, int | None], ...]
    columns: tuple[Drift, ...]
    new: tuple[str, ...]
    gone: tuple[str, ...]
    children: tuple[tuple[str, str, float, float], ...]
    comparison: dict[str, Any]


def difference(before: Summary, after: Summary) -> Difference:
    """What moved from one version's summary to another's."""
    pairs = list(_pairs(before, after))
    drifts = [drift for pair in pairs if (drift := _drift(*pair))]
    entries = [entry for pair in pairs if (entry := _entry(*pair))]
    here, there = _named(after), _named(before)
    return Difference(
        rows=tuple(_rows(before, after)),
        columns=tuple(sorted(drifts, key=lambda one: (-one.drift, one.table, one.column))),
        new=tuple(name for name in here if name not in there),
        gone=tuple(name for name in there if name not in here),
        children=tuple(_children(before, after)),
        comparison={"columns": entries, "calendar": [], "dependence": {}},
    )


@dataclass(frozen=True)
class Side:
    """A column in one version: its shares, in how many rows."""

    column: ColumnSummary
    table: TableSummary

    @property
    def rows(self) -> int:
        return max(self.table.rows - self.column.missing, 1)

    @property
    def missing(self) -> float:
        return self.column.missing / max(self.table.rows, 1)

    def shares(self) -> dict[str, float]:
        """By label, of what is drawn."""
        bins, counts = self.column.chart, self.column.chart_counts
        if bins is None:
            return {}
        whole = max(sum(counts[:-1]), 1)
        return {label: n / whole for label, n in zip(bins.labels, counts, strict=False)}

    def ordered(self) -> tuple[Floats, Floats] | None:
        """Edges and the share of rows below each; None for labels."""
        bins, counts = self.column.chart, self.column.chart_counts
        if bins is None or bins.edges is None:
            bins, counts = self.column.bins, self.column.counts
        if bins is None or bins.edges is None:
            return None
        below = np.concatenate(([0.0], np.cumsum(np.asarray(counts[:-1], dtype=np.float64))))
        return np.asarray(bins.edges), below / max(below[-1], 1.0)


def _pairs(before: Summary, after: Summary) -> Iterator[tuple[str, str, Side, Side]]:
    for name, table in after.tables.items():
        was = before.tables.get(name)
        for column, entry in table.columns.items():
            old = was.columns.get(column) if was is not None else None
            if was is not None and old is not None:
                yield name, column, Side(old, was), Side(entry, table)


def _named(summary: Summary) -> list[str]:
    return [f"{name}.{column}" for name, t in summary.tables.items() for column in t.columns]


def _rows(before: Summary, after: Summary) -> Iterator[tuple[str, int | None, int | None]]:
    for name in dict.fromkeys((*after.tables, *before.tables)):
        sides = (before.tables.get(name), after.tables.get(name))
        old, new = (None if side is None else side.rows for side in sides)
        yield name, old, new


def _children(before: Summary, after: Summary) -> Iterator[tuple[str, str, float, float]]:
    was = {(one.parent, one.child, one.column): one.mean for one in before.children}
    for one in after.children:
        mean = was.get((one.parent, one.child, one.column))
        if mean is not None:
            yield one.parent, one.child, mean, one.mean


def _drift(table: str, column: str, old: Side, new: Side) -> Drift | None:
    """None where neither version says more than how many are missing, and that stayed."""
    told: list[str] = []
    drawn = True
    drift = chance = 0.0
    if (ordered := _both_ordered(old, new)) is not None:
        (edges, below), (edges_now, below_now) = ordered
        places = np.union1d(edges, edges_now)
        apart = np.interp(places, edges, below) - np.interp(places, edges_now, below_now)
        drift = float(np.abs(apart).max())
        chance = KOLMOGOROV * sqrt(1 / old.rows + 1 / new.rows)
        told += _quantiles(old, new, ordered)
    elif (shares := old.shares()) and (now := new.shares()):
        labels = _labels(shares, now)
        moves = {name: now.get(name, 0.0) - shares.get(name, 0.0) for name in labels}
        drift = sum(map(abs, moves.values())) / 2
        chance = _chance(list(shares.values()), old.rows, new.rows)
        told += _shares(shares, now, moves)
    else:
        drawn = False
    lacking = abs(new.missing - old.missing)
    if lacking >= LEAST:
        told.append(f"missing {percent(old.missing)} → {percent(new.missing)}")
        if lacking > drift:
            share = old.missing
            rows = (max(side.table.rows, 1) for side in (old, new))
            drift, chance = lacking, _chance((share, 1 - share), *rows)
    if not drawn and not told:
        return None
    return Drift(table, column, round(drift, 4), round(chance, 4), _level(drift, chance), (*told,))


def _level(drift: float, chance: float) -> Level:
    if drift <= max(LEAST, BEYOND_CHANCE * chance):
        return "same"
    return "moved" if drift < FAR else "far"


def _chance(shares: Sequence[float], rows: int, more: int) -> float:
    spread = sum(sqrt(share * (1 - share)) for share in shares)
    return spread * sqrt(1 / rows + 1 / more) / sqrt(2 * pi)


def _both_ordered(old: Side, new: Side) -> tuple[tuple[Floats, Floats], ...] | None:
    sides = (old.ordered(), new.ordered())
    there = tuple(side for side in sides if side is not None)
    return there if len(there) == 2 else None


def _labels(old: dict[str, float], new: dict[str, float]) -> list[str]:
    """Of both, what is rare last."""
    labels = dict.fromkeys((*old, *new))
    rest = [OTHER] if labels.pop(OTHER, 0) is None else []
    return [*labels, *rest]


def _shares(old: dict[str, float], new: dict[str, float], moves: dict[str, float]) -> list[str]:
    most = sorted(moves, key=lambda name: -abs(moves[name]))[:TOLD]
    return [
        f"{name} {percent(old.get(name, 0.0))} → {percent(new.get(name, 0.0))}"
        for name in most
        if abs(moves[name]) >= LEAST / 2
    ]


def _quantiles(old: Side, new: Side, ordered: tuple[tuple[Floats, Floats], ...]) -> list[str]:
    said = day if new.column.role == "moment" else three
    told = [] if new.column.role == "moment" else _means(old, new)
    for words, level in LEVELS:
        was, now = (said(float(np.interp(level, below, edges))) for edges, below in ordered)
        if was != now:
            told.append(f"{words} {was} → {now}")
    return told


def _means(old: Side, new: Side) -> list[str]:
    if old.column.mean is None or new.column.mean is None:
        return []
    was, now = three(old.column.mean), three(new.column.mean)
    return [f"mean {was} → {now}"] if was != now else []


def _entry(table: str, column: str, old: Side, new: Side) -> dict[str, Any] | None:
    """As an entry of ``columns`` in comparison.json; None where nothing is drawn."""
    drawn: dict[str, Any] = {"table": table, "column": column, "kind": new.column.role}
    drawn["missing"] = {"synthetic": round(new.missing, 5), "reference": round(old.missing, 5)}
    if (ordered := _both_ordered(old, new)) is not None:
        return drawn | _histogram(ordered, dated=new.column.role == "moment")
    shares, now = old.shares(), new.shares()
    if not shares or not now:
        return None
    labels = _labels(shares, now)
    return drawn | {
        "chart": "bars",
        "labels": labels,
        "reference": [round(shares.get(name, 0.0), 5) for name in labels],
        "synthetic": [round(now.get(name, 0.0), 5) for name in labels],
    }


def _histogram(ordered: tuple[tuple[Floats, Floats], ...], *, dated: bool) -> dict[str, Any]:
    """Both versions between edges of one width."""
    low = min(float(edges[0]) for edges, _ in ordered)
    high = max(float(edges[-1]) for edges, _ in ordered)
    grid = np.linspace(low, high if high > low else low + 1, BARS + 1)
    old, new = (np.diff(np.interp(grid, edges, below)).round(5) for edges, below in ordered)
    said = [day(edge) for edge in grid] if dated else [float(edge) for edge in grid]
    return {
        "chart": "histogram",
        "edges": said,
        "reference": old.tolist(),
        "synthetic": new.tolist(),
    }
