"""Do synthetic rows lie closer to the rows that were learnt from than to rows never seen?

DCR share and IMS as in mostlyai-qa, on rows encoded without a language model.  A share near one
half shows no copying of this kind; it is no proof of privacy (arXiv 2505.01524).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.attack import nearest
from generator.compare.rows import TableRows, drawn, together
from generator.compare.thresholds import DCR_LEAST
from generator.frame import Coded
from generator.stop import asking

MOST_ROWS = 10_000
QUANTILES = 100
MOST_LABELS = 50
SAME = 1e-6  # distance of rows that count as identical
Floats = NDArray[np.float32]


def copies(
    real: TableRows, synthetic: TableRows, holdout: TableRows, *, most: int = MOST_ROWS
) -> dict[str, Any] | None:
    """``dcr_share``: share of synthetic rows whose nearest learnt row is nearer than their
    nearest unseen row, ties half (0.5 is ideal).  ``ims``: share of synthetic rows identical to a
    learnt row; ``ims_holdout``: what it would be without copying, of unseen rows, or of synthetic
    rows identical to an unseen one where that is more (of a table in which each combination comes
    once no unseen row is a learnt one).  Equal numbers of rows, at most ``most``; None under
    50 of them, and for rows of keys, text and personal values alone.  A DCR share of fewer than
    ``DCR_LEAST`` rows a side is None: chance weighs more than copying."""
    rows = min(real.rows, synthetic.rows, holdout.rows, most)
    if rows < 50 or not real.columns:
        return None
    sides = [
        side.take(drawn(side.rows, rows, name=f"{side.table} {name}"))
        for side, name in ((real, "learnt"), (synthetic, "made"), (holdout, "unseen"))
    ]
    learnt, made, unseen = encoded(sides).points
    near, far = nearest(made, learnt), nearest(made, unseen)
    without = max((apart <= SAME).mean() for apart in (far, nearest(unseen, learnt)))
    return {
        "rows": rows,
        "dcr_share": dcr_share(near, far) if rows >= DCR_LEAST else None,
        "ims": round(float((near <= SAME).mean()), 5),
        "ims_holdout": round(float(without), 5),
    }


def dcr_share(near: NDArray[np.float64], far: NDArray[np.float64]) -> float:
    """Share of rows nearer to a learnt row (``near``) than to an unseen one, ties half."""
    tie = np.abs(near - far) <= SAME
    return round(float(((near < far) & ~tie).mean() + tie.mean() / 2), 4)


def membership(
    real: TableRows, synthetic: TableRows, holdout: TableRows, *, most: int = MOST_ROWS
) -> dict[str, Any] | None:
    """A membership attack: whoever holds the synthetic rows guesses that a row was learnt from
    when a synthetic row is near.  ``auc`` over equal numbers of learnt and unseen rows; 0.5 is
    ideal, 1 means that every member is known.  None where ``copies`` is."""
    rows = min(real.rows, holdout.rows, most // 2)
    if rows < 50 or synthetic.rows < 50 or not real.columns:
        return None
    from sklearn.metrics import roc_auc_score  # takes two seconds, see ``learning``

    sides = [
        side.take(drawn(side.rows, wanted, name=f"{side.table} {name}"))
        for side, wanted, name in (
            (real, rows, "members"),
            (synthetic, most, "made"),
            (holdout, rows, "others"),
        )
    ]
    learnt, made, unseen = encoded(sides).points
    apart = np.concatenate([nearest(learnt, made), nearest(unseen, made)])
    auc = roc_auc_score(np.repeat([1, 0], rows), -apart)
    return {"auc": round(float(auc), 4), "rows": rows}


@dataclass(frozen=True)
class Encoded:
    """Rows of sides as points, one array a side; ``columns`` says which of the dimensions each
    column takes."""

    points: list[Floats]
    columns: Mapping[str, slice]


def encoded(sides: Sequence[TableRows]) -> Encoded:
    """The columns that all sides have."""
    names = [name for name in sides[0].columns if all(name in side.columns for side in sides)]
    parts = [
        list(_column([side.columns[name] for side in sides])) for name in asking(names, every=1)
    ]
    ends = np.cumsum([part[0].shape[1] for part in parts]).tolist()
    columns = {n: slice(low, high) for n, low, high in zip(names, [0, *ends], ends, strict=False)}
    points = [np.concatenate([part[at] for part in parts], axis=1) for at in range(len(sides))]
    return Encoded(points, columns)


def _column(values: Sequence[Any]) -> Iterator[Floats]:
    """Numbers as ranks among the first side's quantiles, in [-0.5, 0.5], and a flag for missing
    ones; labels one-hot, so that two labels lie one apart."""
    if isinstance(values[0], Coded):
        yield from _one_hot(values)
        return
    there = values[0][~np.isnan(values[0])]
    marks = np.quantile(there, np.linspace(0, 1, QUANTILES)) if len(there) else np.zeros(1)
    steps = np.linspace(-0.5, 0.5, len(marks))
    for column in values:
        missing = np.isnan(column)
        low = np.interp(column, marks, steps)
        high = -np.interp(-column, -marks[::-1], -steps[::-1])
        rank = np.where(missing, 0.0, (low + high) / 2)
        yield np.column_stack([rank, missing]).astype(np.float32)


def _one_hot(values: Sequence[Coded]) -> Iterator[Floats]:
    every = values[0]
    for value in values[1:]:
        every, _ = together(every, value)
    rows = np.bincount(every.codes[every.codes >= 0], minlength=len(every.labels))
    kept = np.argsort(-rows, kind="stable")[:MOST_LABELS]
    place = np.full(len(every.labels) + 1, len(kept))
    place[kept] = np.arange(len(kept))
    place[-1] = len(kept) + 1
    for value in values:
        codes = place[together(value, every)[0].codes]
        hot = np.zeros((len(codes), len(kept) + 2), dtype=np.float32)
        hot[np.arange(len(codes)), codes] = np.sqrt(0.5)
        yield hot
