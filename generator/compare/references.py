"""Measuring what a profile's sourced figures speak about: each shard gives what adds up."""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from generator.compare.labels import Parts, parts_of
from generator.compare.verdict import is_far
from generator.errors import RequestError
from generator.expressions import Expression
from generator.profile import Plan, Reference, Source
from generator.schema import Kind, Schema
from generator.sketch import Moments, Quantiles, Sample, rank_correlation
from generator.tables import Tables, path_of

ASSUMED = ("approx", "weak", "assumption")
FEWEST = 30  # rows below which nothing is said to be met or missed
LAST = date(9999, 12, 31)  # stands for a last day that is not known
SIGMAS = 3.0  # of sampling noise, as if rows were drawn one by one, that a figure may be away
ROUNDED = {"shares": 0.01, "share": 0.01, "mean": 0.02, "median": 0.02, "spearman": 0.03}
ROUNDED |= {"ratio": 0.02, "rate": 0.02, "split": 0.01}
"""How far a published figure may be away however many rows there are, because it was rounded and
is itself a sample: shares and correlations absolutely, all others relatively."""
OR = " or "  # between labels that a published figure counts as one
RANKED_ROWS = 20_000  # a correlation of ranks rests on; the noise of so many is within ROUNDED
Truth = NDArray[np.bool_]
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


class Figure:
    """A reference with its expressions read.  Raises RequestError for a kind there is none of."""

    def __init__(self, reference: Reference, as_of: date | None = None) -> None:
        if reference.kind not in _KINDS:
            raise RequestError(
                f"Reference {reference.id} is of kind “{reference.kind}”; it must be one of "
                f"{', '.join(_KINDS)}."
            )
        day = (as_of or LAST).isoformat()
        column, other, where = (
            text.replace("{as_of}", day)
            for text in (reference.column, reference.other, reference.where)
        )
        self.reference = reference
        self.below, self.among = _table_and_rows(other) if reference.kind == "rate" else ("", None)
        self.column = Expression(column or "True")
        self.other = Expression(other) if other and not self.below else None
        self.where = Expression(where) if where else None

    def is_there(self, schema: Schema, names: Container[str]) -> bool:
        """Whether every table that the reference's paths lead to is in the data."""
        expressions = (self.column, self.other, self.where)
        paths = [path for one in expressions if one is not None for path in one.paths]
        table = self.reference.table
        if self.below:
            further = self.among.paths if self.among is not None else ()
            below = [(self.below, path) for path in further]
            if self.below not in names or not _all_there(schema, names, below):
                return False
        return table in names and _all_there(schema, names, [(table, path) for path in paths])

    def seen(self, tables: Tables) -> Seen | None:
        """What the own rows of a shard say; None if there are none."""
        if not any(tables.owned(table) for table in (self.reference.table, self.below) if table):
            return None
        seen: Seen = _KINDS[self.reference.kind].seen(self, tables)
        return seen

    def measured(self, seen: Seen | None, *, span: Span) -> Measured | None:
        """What all shards together say; None where no row speaks about the figure."""
        if seen is None:
            return None
        return _KINDS[self.reference.kind].measured(self.reference, seen, span)

    def rows(self, tables: Tables) -> Truth | None:
        """The own rows the reference is about; None for all."""
        if self.where is None:
            return None
        return np.asarray(self._own(self.where, tables), dtype=bool)

    def numbers(self, expression: Expression, tables: Tables) -> Floats:
        values = self._own(expression, tables)
        if values.dtype.kind not in "fb":
            raise RequestError(
                f"Reference {self.reference.id}: “{expression.text}” is not a number."
            )
        return self.chosen(values.astype(np.float64), tables)

    def truth(self, tables: Tables) -> Truth:
        values = self._own(self.column, tables)
        if values.dtype != bool:
            raise RequestError(
                f"Reference {self.reference.id}: “{self.column.text}” is not a statement."
            )
        return self.chosen(values, tables)

    def values(self, tables: Tables) -> NDArray[Any]:
        return self.chosen(self._own(self.column, tables), tables)

    def chosen(self, values: NDArray[Any], tables: Tables) -> NDArray[Any]:
        rows = self.rows(tables)
        return values if rows is None else values[rows]

    def _own(self, expression: Expression, tables: Tables) -> NDArray[Any]:
        table = self.reference.table
        return np.asarray(expression.evaluate(tables, table))[tables.own(table)]


def measure(
    references: Iterable[Reference],
    sources: Iterable[Source],
    tables: Tables,
    *,
    start: date | None = None,
    stop: date | None = None,
) -> list[dict[str, Any]]:
    """The ``references`` of comparison.json for whole tables, in their order; those about tables
    or rows that are not there are left out."""
    figures = [Figure(reference, stop) for reference in references]
    seen = {
        at: figure.seen(tables)
        for at, figure in enumerate(figures)
        if figure.is_there(tables.schema, tables)
    }
    return entries(figures, seen, sources, span=(start, stop))


def entries(
    figures: Sequence[Figure],
    seen: Mapping[int, Seen | None],
    sources: Iterable[Source],
    *,
    span: Span,
) -> list[dict[str, Any]]:
    """The ``references`` of comparison.json from what was seen of each, by its place."""
    known = {source.id: source for source in sources}
    reached = [figure.measured(seen.get(at), span=span) for at, figure in enumerate(figures)]
    return [
        _entry(figure.reference, measured, known.get(figure.reference.source))
        for figure, measured in zip(figures, reached, strict=True)
        if measured is not None
    ]


def span_of(plan: Plan) -> Span:
    return plan.recipe.start, plan.recipe.stop


def _table_and_rows(text: str) -> tuple[str, Expression | None]:
    """The table of “deal: sale_price > 0”, and which of its rows are meant."""
    table, _, where = text.partition(":")
    return table.strip(), Expression(where) if where.strip() else None


def _all_there(schema: Schema, names: Container[str], paths: Iterable[tuple[str, str]]) -> bool:
    return all(
        name in names for table, path in paths for name in _along(schema, names, table, path)
    )


def _along(schema: Schema, names: Container[str], table: str, path: str) -> Iterable[str]:
    for column in path_of(schema, table, path)[:-1]:
        link = schema[table].link(column)
        if link is None:
            raise RequestError(f"A reference follows {table}.{column}, which is not a link.")
        yield link.parent
        if link.parent not in names:
            return
        table = link.parent


def source_dict(source: Source | None) -> dict[str, str] | None:
    return None if source is None else dict(vars(source))


def assumed(confidence: str) -> bool:
    return confidence in ASSUMED


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
    noise = max(_binomial(share, total) for share in target.values())
    return Measured(reached, target, max(gaps), total, noise)


def _truth(figure: Figure, tables: Tables) -> Share:
    holds = figure.truth(tables)
    return Share(int(np.count_nonzero(holds)), len(holds))


def _share(reference: Reference, seen: Share, _span: Any) -> Measured | None:
    if not seen.rows:
        return None
    reached, target = seen.true / seen.rows, float(reference.value)
    gap = _missed(reference.goal, reached, target)
    return Measured(round(reached, 5), target, gap, seen.rows, _binomial(target, seen.rows))


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
    noise = max(_binomial(share, whole * whole / max(squares, 1e-9)) for share in target.values())
    return Measured(reached, target, gap, sum(one.rows for one in seen.labels), noise)


def _missed(goal: str, reached: float, target: float) -> float:
    match goal:
        case "at_most":
            return max(0.0, reached - target)
        case "at_least":
            return max(0.0, target - reached)
    return abs(reached - target)


def _binomial(share: float, rows: float) -> float:
    inside = min(max(share, 0.0), 1.0)
    return SIGMAS * math.sqrt(inside * (1 - inside) / rows)


def _plain(value: float) -> float:
    return round(value, 2) if abs(value) >= 100 else round(value, 5)


def _entry(reference: Reference, measured: Measured, source: Source | None) -> dict[str, Any]:
    is_assumed = assumed(reference.confidence)
    published = measured.target
    if reference.asked is not None:
        measured = _about(reference, measured)
    tolerance = max(measured.noise, ROUNDED[reference.kind])
    said = not is_assumed and measured.rows >= FEWEST
    said = measured.rows >= FEWEST if reference.asked is not None else said
    said = said and (not reference.overridden or reference.asked is not None)
    entry = {
        "id": reference.id,
        "title": reference.title,
        "table": reference.table,
        "column": reference.column,
        "kind": reference.kind,
        "goal": reference.goal,
        "unit": reference.unit,
        "note": reference.note,
        "reason": reference.reason,
        "choice": reference.choice,
        "source": source_dict(source),
        "confidence": reference.confidence,
        "assumption": is_assumed,
        "target": measured.target,
        "reached": measured.reached,
        "rows": measured.rows,
        "gap": round(measured.gap, 5),
        "met": bool(measured.gap <= tolerance + 1e-12) if said else None,
        "tolerance": round(tolerance, 5),
        "overridden": reference.overridden,
        "published": published if reference.overridden else None,
    }
    return {**entry, "far": is_far(entry)}


def _about(reference: Reference, measured: Measured) -> Measured:
    """What was reached, held against the value asked for in the place of the published one."""
    asked = float(reference.asked or 0.0)
    scale = 1.0 if reference.kind in ("share", "spearman") else abs(asked) or 1.0
    gap = abs(measured.reached - asked) / scale
    noise = measured.noise
    if reference.kind == "share":
        noise = _binomial(asked, measured.rows)
    return measured._replace(target=asked, gap=gap, noise=noise)


_KINDS: Mapping[str, Way] = {
    "shares": Way(_parts, _shares),
    "share": Way(_truth, _share),
    "mean": Way(lambda figure, tables: Moments.of(_finite(figure, tables)), _mean),
    "median": Way(lambda figure, tables: Quantiles.of(_finite(figure, tables)), _median),
    "ratio": Way(_sums, _ratio),
    "spearman": Way(_ranked, _spearman),
    "rate": Way(_rated, _rate),
    "split": Way(_weighed, _split),
}
