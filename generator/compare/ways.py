"""How references of each kind are measured: what a shard says adds up, and what all say together is
held against the figure."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from generator.compare.labels import Parts, parts_of
from generator.profile import Reference
from generator.schema import Kind
from generator.sketch import Moments, Quantiles, Sample, rank_correlation
from generator.tables import Tables

if TYPE_CHECKING:
    from generator.compare.figure import Figure

SIGMAS = 3.0  # of sampling noise, as if rows were drawn one by one, that a figure may be away
OR = " or "  # between labels that a published figure counts as one
RANKED_ROWS = 20_000  # a correlation of ranks rests on; the noise of so many is within ROUNDED
Floats = NDArray[np.float64]
Span: TypeAlias = tuple[date | None, date | None]


class Share(NamedTuple):
    """Rows a statement is true of, of how many."""

    true: int
    rows: int

    def __add__(self, other: Any) -> Share:
        return Share(self.true + other.true, self.rows + other.rows)


class Sums(NamedTuple):
    """Two numbers of the same rows, and the sum of the two."""

    top: Moments
    bottom: Moments
    both: Moments

    def __add__(self, other: Any) -> Sums:
        return Sums(self.top + other.top, self.bottom + other.bottom, self.both + other.both)


class Rate(NamedTuple):
    """Numbers of some rows, and how many rows of another table they are for."""

    top: Moments
    below: int

    def __add__(self, other: Any) -> Rate:
        return Rate(self.top + other.top, self.below + other.below)


class Split(NamedTuple):
    """Numbers of the rows of each label, in the order of the labels."""

    labels: tuple[Moments, ...]

    def __add__(self, other: Any) -> Split:
        return Split(tuple(a + b for a, b in zip(self.labels, other.labels, strict=True)))


Seen: TypeAlias = Parts | Share | Moments | Quantiles | Sums | Sample | Rate | Split
"""What the rows of a shard say about a figure; the sum of two is that of both shards."""


class Measured(NamedTuple):
    """What was reached on ``rows`` rows.  ``target`` is the figure, laid over the span of the
    bundle where it is about months; ``noise`` is SIGMAS of sampling noise."""

    reached: Any
    target: Any
    gap: float
    rows: int
    noise: float


@dataclass(frozen=True)
class Way:
    """How references of one kind are measured."""

    seen: Callable[[Figure, Tables], Any]
    measured: Callable[[Reference, Any, Span], Measured | None]


def _parts(figure: Figure, tables: Tables) -> Parts:
    """Rows by the labels of a ``shares`` reference."""
    reference = figure.reference
    named = {str(label): float(share) for label, share in reference.value.items()}
    if figure.column.paths == (reference.column,):
        column = tables.column(reference.table, reference.column)
        if column.kind in (Kind.TEXT, Kind.ENUM, Kind.BOOLEAN):
            held = tables.codes(reference.table, reference.column)
            codes = figure.chosen(held.codes[tables.own(reference.table)], tables)
            return parts_of(named, labels=held.labels, codes=codes)
    return parts_of(named, values=figure.values(tables))


def _shares(reference: Reference, parts: Parts, span: Span) -> Measured | None:
    """Shares by label among the rows that hold a value."""
    total = int(parts.counts.sum()) + parts.rest
    if not total:
        return None
    target = parts.target(*span)
    reached = {
        label: round(float(count) / total, 5)
        for label, count in zip(parts.labels, parts.counts, strict=True)
    }
    gaps = [_missed(reference.goal, reached[label], target[label]) for label in parts.labels]
    noise = max(binomial(share, total) for share in target.values())
    return Measured(reached, target, max(gaps), total, noise)


def _truth(figure: Figure, tables: Tables) -> Share:
    holds = figure.truth(tables)
    return Share(int(np.count_nonzero(holds)), len(holds))


def _share(reference: Reference, seen: Share, _span: Any) -> Measured | None:
    if not seen.rows:
        return None
    reached, target = seen.true / seen.rows, float(reference.value)
    gap = _missed(reference.goal, reached, target)
    return Measured(round(reached, 5), target, gap, seen.rows, binomial(target, seen.rows))


def _finite(figure: Figure, tables: Tables) -> Floats:
    values = figure.numbers(figure.column, tables)
    return values[np.isfinite(values)]


def _mean(reference: Reference, moments: Moments, _span: Any) -> Measured | None:
    if not moments.rows:
        return None
    noise = SIGMAS * moments.deviation / math.sqrt(moments.rows)
    return _average(reference, moments.mean, moments.rows, noise)


def _median(reference: Reference, quantiles: Quantiles, _span: Any) -> Measured | None:
    rows = quantiles.rows
    if not rows:
        return None
    reach = SIGMAS * 0.5 / math.sqrt(rows)
    low, high = (quantiles.quantile(min(1.0, max(0.0, 0.5 + way))) for way in (-reach, reach))
    return _average(reference, quantiles.quantile(0.5), rows, (high - low) / 2)


def _average(reference: Reference, reached: float, rows: int, noise: float) -> Measured:
    target = float(reference.value)
    scale = abs(target) or 1.0
    gap = _missed(reference.goal, reached, target) / scale
    return Measured(_plain(reached), target, gap, rows, noise / scale)


def _sums(figure: Figure, tables: Tables) -> Sums:
    assert figure.other is not None  # a ratio is of two
    top = figure.numbers(figure.column, tables)
    bottom = figure.numbers(figure.other, tables)
    there = np.isfinite(top) & np.isfinite(bottom)
    top, bottom = top[there], bottom[there]
    return Sums(Moments.of(top), Moments.of(bottom), Moments.of(top + bottom))


def _ratio(reference: Reference, seen: Sums, _span: Any) -> Measured | None:
    """The noise is that of the rows' distance from the ratio, as the delta method has it."""
    rows, below = seen.bottom.rows, float(seen.bottom.total)
    if not rows or not below:
        return None
    reached = float(seen.top.total) / below
    squares = [float(one.squares) for one in (seen.top, seen.bottom, seen.both)]
    product = (squares[2] - squares[0] - squares[1]) / 2
    off = squares[0] - 2 * reached * product + reached**2 * squares[1]
    return _average(reference, reached, rows, SIGMAS * math.sqrt(max(off, 0.0)) / abs(below))


def _ranked(figure: Figure, tables: Tables) -> Sample:
    assert figure.other is not None  # a correlation is of two
    first = figure.numbers(figure.column, tables)
    second = figure.numbers(figure.other, tables)
    lots = figure.chosen(tables.lots(figure.reference.table), tables)
    there = np.isfinite(first) & np.isfinite(second)
    return Sample.of(lots[there], (first[there], second[there]), most=RANKED_ROWS)


def _spearman(reference: Reference, sample: Sample, _span: Any) -> Measured | None:
    rows = len(sample.lots)
    reached = rank_correlation(*sample.columns) if rows >= 3 else None
    if reached is None:
        return None
    target = float(reference.value)
    gap = _missed(reference.goal, reached, target)
    noise = SIGMAS * 1.06 / math.sqrt(max(rows - 3, 1))
    return Measured(round(reached, 4), target, gap, rows, noise)


def _rated(figure: Figure, tables: Tables) -> Rate:
    values = figure.values(tables)
    if values.dtype == bool:
        values = np.ones(np.count_nonzero(values))
    numbers = np.asarray(values, dtype=np.float64)
    own = tables.own(figure.below)
    below = tables.rows(figure.below)
    counted = np.zeros(below, dtype=np.bool_)
    counted[own] = True
    if figure.among is not None:
        counted &= figure.among.evaluate(tables, figure.below)
    return Rate(Moments.of(numbers[np.isfinite(numbers)]), int(counted.sum()))


def _rate(reference: Reference, seen: Rate, _span: Any) -> Measured | None:
    """The noise is that of as many rows thrown at random."""
    if not seen.below:
        return None
    squares = max(float(seen.top.squares), 1.0)
    noise = SIGMAS * math.sqrt(squares) / seen.below
    return _average(reference, float(seen.top.total) / seen.below, seen.below, noise)


def _weighed(figure: Figure, tables: Tables) -> Split:
    assert figure.other is not None  # a split is of a sum
    weight = figure.numbers(figure.other, tables)
    labels = figure.values(tables)
    there = np.isfinite(weight)
    return Split(
        tuple(
            Moments.of(weight[there & np.isin(labels, str(label).split(OR))])
            for label in figure.reference.value
        )
    )


def _split(reference: Reference, seen: Split, _span: Any) -> Measured | None:
    totals = [float(one.total) for one in seen.labels]
    whole = sum(totals)
    if whole <= 0:
        return None
    target = {str(label): float(share) for label, share in reference.value.items()}
    reached = {label: round(total / whole, 5) for label, total in zip(target, totals, strict=True)}
    gap = max(_missed(reference.goal, reached[label], target[label]) for label in target)
    squares = sum(float(one.squares) for one in seen.labels)
    noise = max(binomial(share, whole * whole / max(squares, 1e-9)) for share in target.values())
    return Measured(reached, target, gap, sum(one.rows for one in seen.labels), noise)


def _missed(goal: str, reached: float, target: float) -> float:
    match goal:
        case "at_most":
            return max(0.0, reached - target)
        case "at_least":
            return max(0.0, target - reached)
    return abs(reached - target)


def binomial(share: float, rows: float) -> float:
    inside = min(max(share, 0.0), 1.0)
    return SIGMAS * math.sqrt(inside * (1 - inside) / rows)


def _plain(value: float) -> float:
    return round(value, 2) if abs(value) >= 100 else round(value, 5)


KINDS: Mapping[str, Way] = {
    "shares": Way(_parts, _shares),
    "share": Way(_truth, _share),
    "mean": Way(lambda figure, tables: Moments.of(_finite(figure, tables)), _mean),
    "median": Way(lambda figure, tables: Quantiles.of(_finite(figure, tables)), _median),
    "ratio": Way(_sums, _ratio),
    "spearman": Way(_ranked, _spearman),
    "rate": Way(_rated, _rate),
    "split": Way(_weighed, _split),
}
