"""Counting entries and measuring figures on the rows of an extract."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.errors import Cancelled, ProfileError, shown
from generator.expressions import Expression
from generator.leaves import Choice, Leaf, Quantiles
from generator.leaves.entry import ANY, Cell, Counting, Entry, cells_of, fits
from generator.leaves.figures import Figures
from generator.tables import Tables

Documents = dict[str, dict[str, Any]]
Values = NDArray[Any]
_DIGITS = 6


def calibrate(
    tables: Tables,
    figures: Figures,
    *,
    k: int,
    source: str,
    cancelled: Callable[[], bool] | None = None,
) -> dict[str, Documents]:
    """Entries ("leaves") and figures, counted on the rows of ``tables``, in the form in which the
    platform's profile keeps them; those about what is not there are left out.

    Whatever is kept rests on ``k`` rows at least: a cell with fewer takes what all rows give, an
    entry with fewer stays as it was.  ``source`` says what they were counted from.
    """
    found: dict[str, Documents] = {"leaves": {}, "figures": {}}
    for name, document in figures.documents_of("leaves").items():
        _check(cancelled)
        counted = _entry(tables, Entry.read(name, document), k)
        if counted is not None:
            found["leaves"][name] = {**counted, "source": source}
    for name, document in figures.documents_of("figures").items():
        _check(cancelled)
        measured = _figure(tables, name, document, k)
        if measured is not None:
            found["figures"][name] = {**measured, "source": source}
    return found


def _check(cancelled: Callable[[], bool] | None) -> None:
    if cancelled is not None and cancelled():
        raise Cancelled("The fit was cancelled; nothing was kept.")


def _entry(tables: Tables, entry: Entry, k: int) -> dict[str, Any] | None:
    """The entry with counted leaves as a document, or None where it cannot be counted."""
    values, rows = _counted_rows(tables, entry.counting)
    if values is None or len(values) < k:
        return None
    values, rows = _without_besides(tables, entry.counting, values, rows)
    by = [_labels_of(tables, entry.counting, name) for name in entry.by]
    if any(labels is None for labels in by):
        return None
    labels = [one[rows] for one in by if one is not None]
    whole = _leaf(entry, None, values, k)
    if whole is None:
        return None
    alone: dict[Cell, Leaf] = {(): whole}
    cells = _cells(entry, values, labels, whole, k) if entry.by else alone
    if cells is None:
        return None
    about = {word: said for word, said in entry.about.items() if word == "unit"}
    return Entry(entry.name, cells, entry.by, entry.counting, about).document()


def _without_besides(
    tables: Tables, counting: Counting, values: Values, rows: NDArray[np.int64]
) -> tuple[Values, NDArray[np.int64]]:
    """The rows without the first of each label that comes besides what is drawn."""
    kept = np.ones(len(rows), dtype=bool)
    for label, column in counting.besides.items():
        of = evaluated(tables, counting.table, column)
        if of is None:
            continue
        own = np.flatnonzero(values == label)
        kept[own[np.unique(of[rows[own]].astype(str), return_index=True)[1]]] = False
    return values[kept], rows[kept]


def _cells(
    entry: Entry, values: Values, labels: list[Values], whole: Leaf, k: int
) -> dict[Cell, Leaf] | None:
    """The entry's own cells, or one for each that occurs, with what all rows give for the rest;
    None where no row lies in a cell of the entry: then its labels are not those of the extract."""
    occurring = [(cell, rows) for cell, rows in cells_of(labels, len(values)) if "" not in cell]
    patterns = list(entry.cells) or [cell for cell, _ in occurring]
    rows_of: dict[Cell, list[NDArray[np.int64]]] = {pattern: [] for pattern in patterns}
    for cell, rows in occurring:
        first = next((pattern for pattern in patterns if fits(pattern, cell)), None)
        if first is not None:
            rows_of[first].append(rows)
    if not any(rows_of.values()):
        return None
    cells: dict[Cell, Leaf] = {}
    for pattern, parts in rows_of.items():
        own = values[np.concatenate(parts)] if parts else values[:0]
        cells[pattern] = _leaf(entry, pattern, own, k) or whole
    cells.setdefault((ANY,) * len(entry.by), whole)
    return cells


def _leaf(entry: Entry, cell: Cell | None, values: Values, k: int) -> Leaf | None:
    """A leaf of the entry's own kind where that can be counted, else quantiles."""
    first = next(iter(entry.cells.values()), None)
    if isinstance(first, Choice):
        written = entry.cells.get(cell) if cell is not None else None
        return _choice(entry, written if isinstance(written, Choice) else first, values, k)
    if values.dtype.kind not in "fb":
        raise ProfileError(f"{entry.name} is counted of “{entry.counting.of}”, which is no number.")
    counted = getattr(type(first), "counted", Quantiles.counted)
    leaf: Leaf | None = counted(values.astype(np.float64), k)
    return leaf


def _choice(entry: Entry, written: Choice, values: Values, k: int) -> Choice | None:
    """Shares of the labels the platform draws.  Labels that fewer than ``k`` rows have share what
    is theirs together, if that is ``k`` rows, as they are ``written``."""
    texts = _texts(values)
    rows = np.array([(texts == label).sum() for label in entry.labels], dtype=np.float64)
    rare = rows < k
    rest = rows[rare].sum()
    if rows.sum() < k:
        return None
    shares = dict(zip(written.labels, written.shares, strict=True))
    weight = np.where(rare, [shares.get(label, 0.0) for label in entry.labels], 0.0)
    spread = rest / weight.sum() if rest >= k and weight.sum() > 0 else 0.0
    found = np.where(rare, weight * spread, rows)
    if found.sum() <= 0:
        return None
    return Choice(entry.labels, tuple(np.round(found / found.sum(), 6).tolist()))


def _texts(values: Values) -> Values:
    """Labels of values: whole numbers without a point."""
    if values.dtype.kind == "f":
        return np.array([f"{value:.10g}" for value in values.tolist()], dtype=object)
    if values.dtype.kind == "b":
        return np.where(values, "true", "false").astype(object)
    return values.astype(str).astype(object)


def _counted_rows(tables: Tables, counting: Counting) -> tuple[Values | None, NDArray[np.int64]]:
    """The present values an entry is counted from, and their rows."""
    values = evaluated(tables, counting.table, counting.of)
    if values is None:
        return None, np.zeros(0, dtype=np.int64)
    there = _present(values)
    if counting.where:
        where = evaluated(tables, counting.table, counting.where)
        if where is None:
            return None, np.zeros(0, dtype=np.int64)
        there &= where
    rows = np.flatnonzero(there)
    return values[rows], rows


def evaluated(tables: Tables, table: str, text: str) -> Values | None:
    """Values of an expression for each row, None where the extract lacks what it speaks about."""
    if not text or table not in tables:
        return None
    expression = Expression(text)
    for path in expression.paths:
        try:
            tables.column(table, path)
        except KeyError:
            return None
    return expression.evaluate(tables, table)


def _present(values: Values) -> NDArray[np.bool_]:
    if values.dtype.kind == "f":
        return np.isfinite(values)
    if values.dtype.kind == "M":
        return ~np.isnat(values)
    if values.dtype.kind == "O":
        return np.array([value is not None for value in values.tolist()], dtype=bool)
    return np.ones(len(values), dtype=bool)


def _labels_of(tables: Tables, counting: Counting, name: str) -> Values | None:
    """The label of each row under a name of ``by``, empty where it has none."""
    rows = tables.rows(counting.table)
    if name in counting.labels:
        found = np.full(rows, "", dtype=object)
        for label, statement in reversed(list(counting.labels[name].items())):
            holds = evaluated(tables, counting.table, statement)
            if holds is None:
                return None
            found[holds.astype(bool)] = label
        return found
    band = counting.bands.get(name)
    values = evaluated(tables, counting.table, band.of if band else name)
    if values is None:
        return None
    if band is not None:
        return band.labels(values)
    labels = np.full(rows, "", dtype=object)
    there = _present(values)
    labels[there] = _texts(values[there])
    return labels


def _figure(
    tables: Tables, name: str, document: Mapping[str, Any], k: int
) -> dict[str, Any] | None:
    """A measured figure as a document, or None where it cannot be measured."""
    if "of" not in document:
        return None
    counting = Counting.read(name, document)
    values, rows = _counted_rows(tables, counting)
    if values is None or len(values) < k:
        return None
    measure = _measure(name, document, values)
    whole = measure(values, k)
    said = {word: document[word] for word in ("by", "is", "unit", "labels") if word in document}
    about = {**said, **counting.document()}
    if "by" not in document:
        return {**about, "value": whole}
    labels = _labels_of(tables, counting, document["by"])
    if labels is None:
        return None
    own = labels[rows]
    value = {
        label: measure(values[own == label], k) if (own == label).sum() >= k else whole
        for label in document["value"]
    }
    return {**about, "value": value}


def _measure(
    name: str, document: Mapping[str, Any], values: Values
) -> Callable[[Values, int], float]:
    if values.dtype.kind == "b":
        return _share
    word = document.get("is", "mean")
    if values.dtype.kind != "f" or word not in _AVERAGES:
        raise ProfileError(
            f"{name} is “{shown(word)}” of “{document['of']}”; it must be the mean or median of a "
            "number, or the share of a statement."
        )
    return _AVERAGES[word]


def _share(values: Values, k: int) -> float:
    """The share of rows; a side that fewer than ``k`` rows are on counts as nobody."""
    held, rows = int(values.sum()), len(values)
    if held < k:
        return 0.0
    return 1.0 if rows - held < k else round(held / rows, _DIGITS)


def _mean(values: Values, k: int) -> float:
    del k
    return float(f"{values.mean():.{_DIGITS}g}")


def _median(values: Values, k: int) -> float:
    """The mean of the ``k`` values in the middle."""
    ordered = np.sort(values)
    first = max((len(ordered) - k) // 2, 0)
    return float(f"{ordered[first : first + k].mean():.{_DIGITS}g}")


_AVERAGES: Mapping[str, Callable[[Values, int], float]] = {"mean": _mean, "median": _median}
