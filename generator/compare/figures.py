"""Mean, standard deviation, 95th and 99th percentile and share of noughts of every number, each
held against what two real halves differ by."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.compare.rows import TableRows
from generator.compare.sides import Sides
from generator.compare.thresholds import LOOSE
from generator.stop import asking
from generator.summary import Summary

FEWEST = 100  # values that a figure rests on
TAIL = 20  # of them beyond a percentile: with fewer it would be somebody's own value
BEYOND = {"95th percentile": 0.05, "99th percentile": 0.01}
PARTS = 20  # of a column, whose scatter tells a figure's standard error
ERRORS = 2.0  # standard errors of the difference of two halves that a figure may be away
Floats = NDArray[np.float64]

Figure = Callable[[Floats], Floats]

FIGURES: dict[str, Figure] = {
    "mean": lambda values: values.mean(axis=0),
    "deviation": lambda values: values.std(axis=0),
    "95th percentile": lambda values: np.quantile(values, 0.95, axis=0),
    "99th percentile": lambda values: np.quantile(values, 0.99, axis=0),
    "noughts": lambda values: (values == 0).mean(axis=0),
}


def figures_of(sides: Sides, reference: Summary) -> list[dict[str, Any]]:
    """Every figure met or missed, those missed by most first.  ``off`` is the distance from the
    real figure and ``allowed`` what it may be: two standard errors of what two real halves differ
    by, or ``LOOSE`` of the figure, whichever is more."""
    found = [
        entry
        for real, made in zip(sides.unseen or sides.learnt, sides.made, strict=True)
        for name in asking(real.columns, every=1)
        if reference.tables[real.table].columns[name].role == "number"
        for entry in of_column(real, made, name)
    ]
    return sorted(found, key=lambda one: (one["met"], -one["off"] / max(one["allowed"], 1e-300)))


def of_column(real: TableRows, made: TableRows, name: str) -> Iterator[dict[str, Any]]:
    """The figures of one column that enough values tell; see ``figures_of``."""
    held, drawn = (_there(side, name) for side in (real, made))
    if min(len(held), len(drawn)) < FEWEST or held.min() == held.max():
        return
    for word, figure in FIGURES.items():
        if word == "noughts" and not (held == 0).any():
            continue
        if min(len(held), len(drawn)) * BEYOND.get(word, 1.0) < TAIL:
            continue
        target, reached = float(figure(held)), float(figure(drawn))
        loose = LOOSE[word] * (1.0 if word == "noughts" else abs(target))
        allowed = max(ERRORS * _error(held, figure), loose)
        off = abs(reached - target)
        yield {
            "table": real.table,
            "column": name,
            "figure": word,
            "target": _short(target),
            "reached": _short(reached),
            "off": _short(off),
            "allowed": _short(allowed),
            "met": bool(off <= allowed),
        }


def _there(side: TableRows, name: str) -> Floats:
    values = np.asarray(side.columns[name])
    kept: Floats = values[np.isfinite(values)]
    return kept


def _error(values: Floats, figure: Figure) -> float:
    """The standard error of the difference of a figure on two samples of this size, from the
    scatter of the figure over parts of the column (each ``PARTS`` times as small)."""
    parts = figure(values[: len(values) // PARTS * PARTS].reshape(-1, PARTS))
    return float(np.std(parts, ddof=1) * np.sqrt(2 / PARTS))


def _short(value: float) -> float:
    """Three digits: a percentile of real values is one of them, or stands between two."""
    return float(f"{value:.3g}")
