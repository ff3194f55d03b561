"""Which of many earlier columns a column is learnt from."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generator.fit.column import Columns, Lesson, Target, evenly
from generator.fit.features import predictor_of
from generator.fit.trees import planted
from generator.fitted import Predictor, features_of
from generator.stop import asking

SAMPLE_ROWS = 10_000  # that predictors are chosen on
MOST_TRIED = 48  # earlier columns that a tree is asked about
BANDS = 16  # of an earlier column, by which it is known at a glance


def chosen_for(
    lesson: Lesson, rows: NDArray[np.int64], target: Target, earlier: list[str], most: int
) -> list[str]:
    """The ``most`` predictors of a target (n,) or (n, outputs) of some ``rows`` of the table:
    those a tree over all of them splits on most.  Where there are many, only those that tell
    something by themselves are asked about."""
    if len(earlier) <= most:
        return earlier
    sample = evenly(np.arange(len(rows)), SAMPLE_ROWS)
    target, part = target[sample], lesson.at(rows[sample])
    predictors = tuple(
        predictor_of(part.columns, other, target) for other in asking(earlier, every=1)
    )
    if len(predictors) > MOST_TRIED:
        predictors = _telling(part.columns, predictors, target)
    grown = planted(
        features_of(predictors, part.columns, len(target)),
        target,
        classes=target.dtype.kind == "i",
        seed=lesson.seed,
        leaf=4 * lesson.way.leaf,
    )
    owner = np.repeat(np.arange(len(predictors)), [p.width for p in predictors])
    weight = np.bincount(owner, grown.feature_importances_, minlength=len(predictors))
    best = {predictors[at].column for at in np.argsort(-weight, kind="stable")[:most].tolist()}
    return [name for name in earlier if name in best]


def _telling(
    columns: Columns, predictors: tuple[Predictor, ...], target: Target
) -> tuple[Predictor, ...]:
    """Those predictors between whose bands the target differs most."""
    outputs = _outputs(target)
    told = np.array(
        [_told(columns, one, outputs) for one in asking(predictors, every=10)], dtype=np.float64
    )
    best = np.sort(np.argsort(-told, kind="stable")[:MOST_TRIED])
    return tuple(predictors[at] for at in best.tolist())


def _outputs(target: Target) -> NDArray[np.float64]:
    """The target as centred numbers (n, outputs); of classes the most frequent ones' indicators."""
    if target.dtype.kind == "i":
        outputs = (target[:, None] == np.arange(min(int(target.max()) + 1, BANDS))).astype(float)
    else:
        outputs = target if target.ndim == 2 else target[:, None]
    centred: NDArray[np.float64] = outputs - outputs.mean(axis=0)
    return centred


def _told(columns: Columns, predictor: Predictor, outputs: NDArray[np.float64]) -> float:
    """Squares of the outputs between the bands of one predictor, the most of its features."""
    best = 0.0
    for feature in features_of((predictor,), columns, len(outputs)).T:
        places = np.arange(1, BANDS) * len(feature) // BANDS
        band = np.searchsorted(np.unique(np.partition(feature, places)[places]), feature)
        rows = np.maximum(np.bincount(band), 1)
        sums = np.stack([np.bincount(band, one) for one in outputs.T])
        best = max(best, float((sums**2 / rows).sum()))
    return best
