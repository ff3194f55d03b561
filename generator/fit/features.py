"""What a tree is grown on: earlier columns as features, a column as a target."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generator.fit.column import Columns, Learning, Target, filled, ordinal, plain_numbers
from generator.fitted import Predictor

MOST_CLASSES = 256  # of a target, the rarer ones being one


def predictor_of(columns: Columns, name: str, target: Target) -> Predictor:
    """Features of an earlier column for a target (n,) or (n, outputs) of the same rows: numbers
    scaled, numeric labels at their values, other labels where the target is like theirs."""
    column = columns[name]
    if column.codec.form == "number":
        values = column.numbers
        spread = float(values.std()) or 1.0
        return Predictor(name, None, float(values.mean()), spread)
    labels = column.codec.labels
    if labels and not isinstance(labels[0], str):
        values = np.array([*labels, min(labels) - 1], dtype=np.float64)
        scaled = (values - values.mean()) / (values.std() or 1.0)
        return Predictor(name, scaled.astype(np.float32)[:, None])
    return Predictor(name, _coordinates(column, target, filled(column)))


def placed_by_target(column: Learning) -> bool:
    """Whether a predictor of the column suits no other target: labels that no row of a target had
    (those of rows where a value is missing) all lie in one place."""
    labels = column.codec.labels
    return bool(labels) and isinstance(labels[0], str)


def _coordinates(column: Learning, target: Target, codes: NDArray[np.int64]) -> NDArray[np.float32]:
    """Labels placed by the target: its mean for one or two outputs; for more classes the first two
    principal components of the class shares, so that like labels lie together."""
    size = column.labels + 1
    kept = codes < size
    counts = np.bincount(codes[kept], minlength=size)
    sums = _sums(codes[kept], target[kept], size)
    mean = sums.sum(axis=0) / max(counts.sum(), 1)
    means: NDArray[np.float64] = (sums + 2 * mean) / (counts[:, None] + 2)
    if means.shape[1] <= 2:
        return means.astype(np.float32)
    centred = (means - mean) * np.sqrt(counts / max(counts.sum(), 1))[:, None]
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    axes = axes[:2] * np.where(axes[:2, :1].sum(axis=1, keepdims=True) < 0, -1, 1)
    placed: NDArray[np.float32] = ((means - mean) @ axes.T).astype(np.float32)
    return placed


def _sums(codes: NDArray[np.int64], target: Target, size: int) -> NDArray[np.float64]:
    """Sums of the target by code, (size, outputs): of classes, rows by code and class."""
    if target.dtype.kind == "i":
        classes = int(target.max(initial=0)) + 1
        rows = np.bincount(codes * classes + target, minlength=size * classes)
        return rows.reshape(size, classes).astype(np.float64)
    outputs = target if target.ndim == 2 else target[:, None]
    return np.stack([np.bincount(codes, one, minlength=size) for one in outputs.T], axis=1)


def target_of(column: Learning) -> Target:
    """Ranks and values of a number; classes of labels."""
    if column.codec.form == "number" or ordinal(column):
        values = plain_numbers(column)
        low, high = np.quantile(values, [0.002, 0.998])
        clipped = np.clip(values, low, high)
        return np.stack([ranks_of(values), clipped / (clipped.std() or 1.0) * 0.29], axis=1)
    codes = column.coded.codes
    rows = np.bincount(codes[codes >= 0], minlength=column.labels)
    place = np.empty(column.labels + 1, dtype=np.int64)
    place[np.argsort(-rows, kind="stable")] = np.arange(column.labels)
    place[-1] = -1
    pooled: NDArray[np.int64] = np.minimum(place, MOST_CLASSES - 1)[codes]
    return pooled


def ranks_of(values: NDArray[np.float64]) -> NDArray[np.float64]:
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    middle = np.cumsum(counts) - counts / 2
    ranks: NDArray[np.float64] = middle[inverse] / len(values)
    return ranks
