"""How well a question can be answered: learnt on the earlier rows, tried on the later ones."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.metrics import r2_score, roc_auc_score
from threadpoolctl import threadpool_limits

from tests.moments.questions import Question

TRAINED = 0.7  # the share of rows, the earliest, that a model learns from
TREES = {"max_iter": 150, "learning_rate": 0.05, "max_leaf_nodes": 8, "l2_regularization": 5.0}
SHUFFLES = 3
BANDS, DRAWN = 12, 20


class Learnt(NamedTuple):
    """``score`` is an AUC for yes or no (within alike rows), R² for a number; ``importance`` what
    is lost of it when a feature is shuffled, ``single`` what each one answers alone, ``key`` what
    the place of a row's key among the others does and ``time`` what that of its moment does,
    ``noise`` how far from guessing chance brings that (two standard errors)."""

    rows: int
    base: float
    score: float
    importance: pd.Series
    single: pd.Series
    key: float
    time: float
    noise: float


def learn(question: Question) -> Learnt:
    """The rows must be in order of time, and all answered."""
    with threadpool_limits(1):  # many small trees: threads only wait for one another
        return _learnt(question)


def _learnt(question: Question) -> Learnt:
    known, answer = question.known, question.answer
    numbers = answer.dtype.kind == "f"
    split = int(len(known) * TRAINED)
    kind = HistGradientBoostingRegressor if numbers else HistGradientBoostingClassifier
    model = kind(
        **TREES,
        min_samples_leaf=max(20, split // 200),
        categorical_features="from_dtype",
        early_stopping=False,
        random_state=0,
    )
    model.fit(known[:split], answer[:split])
    test, truth = known[split:], answer[split:]
    by = None if question.by is None else question.by[split:]

    def tried(rows: pd.DataFrame) -> float:
        guess = model.predict(rows) if numbers else model.predict_proba(rows)[:, 1]
        return score(truth, guess, by)

    whole, luck = tried(test), np.random.default_rng(0)
    lost = {}
    for name in known:
        without = []
        for _ in range(SHUFFLES):
            order = luck.permutation(len(test))
            mixed = test[name].iloc[order].set_axis(test.index)
            without.append(tried(test.assign(**{name: mixed})))
        lost[name] = whole - float(np.mean(without))
    alone = {name: by_one(known[name], question) for name in known}
    return Learnt(
        len(known),
        float(answer.mean()),
        whole,
        pd.Series(lost).sort_values(ascending=False),
        pd.Series(alone).sort_values(ascending=False),
        by_rank(question.key, question),
        by_rank(question.at, question),
        _noise(answer),
    )


def by_one(feature: pd.Series, question: Question) -> float:
    """What one feature answers of later rows, by what earlier ones say."""
    split = int(len(feature) * TRAINED)
    codes, answer = _bands(feature), question.answer.astype(float)
    guess = _means(codes[:split], answer[:split], codes.max() + 1)[codes[split:]]
    by = None if question.by is None else question.by[split:]
    return score(question.answer[split:], guess, by)


def by_rank(values: pd.Series, question: Question) -> float:
    """What the place of ``values`` among the others answers of one half of the rows by what the
    other half says, and the other way round."""
    codes, answer = _bands(values.rank()), question.answer.astype(float).to_numpy()
    half = np.random.default_rng(0).permutation(len(codes)) % 2 == 0
    found = []
    for mine in (half, ~half):
        guess = _means(codes[~mine], answer[~mine], codes.max() + 1)[codes[mine]]
        by = None if question.by is None else question.by[mine]
        found.append(score(question.answer[mine], guess, by))
    return float(np.mean(found))


def _noise(answer: pd.Series) -> float:
    """Two standard errors of an AUC of .5; next to nothing for a number."""
    if answer.dtype.kind == "f":
        return 0.0
    yes = int(answer.sum())
    return float(2 * np.sqrt((1 / yes + 1 / (len(answer) - yes)) / 12))


def _bands(feature: pd.Series) -> np.ndarray:
    """Twelfths of a number, labels as they are; what is missing is one of its own."""
    if feature.dtype.kind in "iuf" and feature.nunique() > BANDS:
        bands = pd.qcut(feature, BANDS, labels=False, duplicates="drop").fillna(-1)
    else:
        bands = feature.astype(str)
    return pd.factorize(bands, use_na_sentinel=False)[0]


def _means(codes: np.ndarray, answer: np.ndarray, bands: int) -> np.ndarray:
    """The mean answer of each band, drawn a little to that of all."""
    total = np.bincount(codes, answer, minlength=bands)
    many = np.bincount(codes, minlength=bands)
    return (total + DRAWN * float(np.mean(answer))) / (many + DRAWN)


def score(truth: pd.Series, guess: np.ndarray, by: pd.Series | None) -> float:
    if truth.dtype.kind == "f":
        return float(r2_score(truth, guess))
    if by is None:
        return float(roc_auc_score(truth, guess))
    found, weight = [], []
    for label in by.unique():
        own = (by == label).to_numpy()
        yes, no = int(truth[own].sum()), int((~truth[own]).sum())
        if yes and no:
            found.append(roc_auc_score(truth[own], guess[own]))
            weight.append(yes * no / (yes + no))
    return float(np.average(found, weights=weight))
