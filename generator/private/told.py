"""What was counted privately, as the summary a bundle is compared with and charts are drawn from.

One-way tables are the noisy counts of groups; two-way tables only those that were counted.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from generator.private.eye import Query
from generator.private.groups import Groups
from generator.schema import Kind
from generator.summary import Bins, ColumnSummary, TableSummary

Ints = NDArray[np.int64]

OTHER = "(other)"
_DAY_MS = 86_400_000.0


def told_table(
    groups: Sequence[Groups], tables: Sequence[tuple[Query, Ints]], rows: int
) -> TableSummary:
    """The summary of a table: its columns by groups, and the pairs that were counted."""
    names = [one.levels.column.name for one in groups]
    places = {name: at for at, name in enumerate(names)}
    columns = {name: _column(one) for name, one in zip(names, groups, strict=True)}
    pairs: dict[tuple[str, str], Ints] = {}
    for query, counts in tables:
        table = counts.reshape(query.sizes)
        for a in range(len(query.columns)):
            for b in range(a + 1, len(query.columns)):
                pair = query.columns[a], query.columns[b]
                if not set(pair) <= places.keys():
                    continue
                others = tuple(x for x in range(len(query.columns)) if x not in (a, b))
                two = table.sum(axis=others)
                both = [groups[places[name]] for name in pair]
                if (told := _pair(both, two, [query.maps[a], query.maps[b]])) is not None:
                    pairs.setdefault(pair, told)
    return TableSummary(max(rows, 1), max(rows, 1), columns, pairs)


def _scored(one: Groups) -> Ints:
    """The class of each group that is scored: ten of them at most, without what is missing."""
    return one.coarser[-2] if len(one.coarser) > 1 else np.arange(one.size)


def _column(one: Groups) -> ColumnSummary:
    missing = 0 if one.gone < 0 else round(float(one.mass[one.gone]))
    coarse, fine = _scored(one), np.arange(one.size)
    bins, chart = _bins(one, coarse), _bins(one, fine)
    column = one.levels.column
    role = "number"
    if column.kind in (Kind.DATE, Kind.TIMESTAMP):
        role = "moment"
    elif not one.levels.ordered or column.kind is Kind.BOOLEAN:
        role = "category"
    return ColumnSummary(
        role=role,  # type: ignore[arg-type]  # one of the roles, by the lines above
        missing=missing,
        bins=bins,
        counts=_counts(one, coarse, bins, missing),
        chart=chart,
        chart_counts=_counts(one, fine, chart, missing),
        shown="histogram" if chart.edges is not None else "bars",
    )


def _bins(one: Groups, classes: Ints) -> Bins:
    levels = one.levels
    of = classes[one.of[:-1]]
    if not levels.ordered or levels.column.kind is Kind.BOOLEAN:
        words = levels.labels or ("false", "true")
        sole = [at for at in range(int(of.max()) + 1) if np.count_nonzero(of == at) == 1]
        return Bins((*(words[int(np.flatnonzero(of == at)[0])] for at in sole), OTHER))
    assert levels.low is not None
    scale = _DAY_MS if levels.column.kind is Kind.DATE else 1.0
    first = np.searchsorted(of, np.arange(int(of.max()) + 1))
    inner = (levels.low[first][1:] - levels.step / 2) * scale
    edges = [float(levels.low[0]) * scale, *inner.tolist(), float(levels.ends[-1]) * scale]
    starts, ends = levels.low[first], levels.ends[np.append(first[1:] - 1, levels.size - 1)]
    labels = [_said(one, low, high) for low, high in zip(starts, ends, strict=True)]
    return Bins(tuple(labels), tuple(edges))


def _said(one: Groups, low: float, high: float) -> str:
    kind = one.levels.column.kind
    if kind in (Kind.DATE, Kind.TIMESTAMP):
        day = 1.0 if kind is Kind.DATE else _DAY_MS
        words = [str(np.datetime64(int(value // day), "D")) for value in (low, high)]
    else:
        words = [f"{value:.10g}" for value in (low, high)]
    return words[0] if words[0] == words[1] else " to ".join(words)


def _counts(one: Groups, classes: Ints, bins: Bins, missing: int) -> tuple[int, ...]:
    there = classes if one.gone < 0 else classes[: one.gone]
    rows = np.bincount(there, one.mass[: len(there)])
    return (*_in_bins(one, classes, bins, rows).astype(int).tolist(), missing)


def _in_bins(one: Groups, classes: Ints, bins: Bins, rows: NDArray[np.float64] | Ints) -> Ints:
    """Rows by class as rows by bin, along the first axis: classes of several labels are one bin."""
    whole = np.maximum(np.rint(rows), 0).astype(np.int64)
    if bins.edges is not None:
        return whole
    of = classes[one.of[:-1]]
    told = np.zeros((len(bins.labels), *whole.shape[1:]), dtype=np.int64)
    place = 0
    for at in range(int(of.max()) + 1):
        if np.count_nonzero(of == at) == 1:
            told[place] = whole[at]
            place += 1
        else:
            told[-1] += whole[at]
    return told


def _pair(both: Sequence[Groups], table: Ints, maps: Sequence[Ints]) -> Ints | None:
    """A counted table in the bins that are scored; None where it was counted in fewer classes."""
    told = table.astype(np.float64)
    for axis, (one, classes) in enumerate(zip(both, maps, strict=True)):
        wanted = _scored(one)[one.of]
        size = told.shape[axis]
        into = np.full(size, -1, dtype=np.int64)
        into[classes] = wanted
        if not np.array_equal(into[classes], wanted) or (into < 0).any():
            return None
        told = np.moveaxis(told, axis, 0)
        summed = np.zeros((int(wanted.max()) + 1, *told.shape[1:]))
        np.add.at(summed, into, told)
        bins = _bins(one, _scored(one))
        gone = int(wanted.max()) if one.gone >= 0 else -1
        there = summed[:gone] if gone >= 0 else summed
        missing = summed[gone] if gone >= 0 else np.zeros(summed.shape[1:])
        rows = _in_bins(one, _scored(one), bins, there)
        last = np.maximum(np.rint(missing), 0).astype(np.int64)[None]
        told = np.moveaxis(np.concatenate([rows, last]), 0, axis).astype(np.float64)
    return told.astype(np.int64)
