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


class Learnt(NamedTuple):
    """``score`` is an AUC for yes or no (within alike rows), R² for a number; ``importance`` what
    each feature is worth, ``single`` what each one answers alone, ``key`` the rank of the key."""

    rows: int
    base: float
    score: float
    importance: pd.Series
    single: pd.Series
    key: float


def learn(question: Question) -> Learnt:
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
    alone = {name: alone_(known[name], question) for name in known}
    return Learnt(
        len(known),
        float(answer.mean()),
        whole,
        pd.Series(lost).sort_values(ascending=False),
        pd.Series(alone).sort_values(ascending=False),
        alone_(question.key.rank(), question),
    )


def alone_(feature: pd.Series, question: Question) -> float:
    """What one feature answers by itself: an AUC of at least .5, or the R² of means of bands; of
    later rows by what earlier ones say."""
    split = int(len(feature) * TRAINED)
    codes, mean = _means(feature, question.answer.astype(float), split)
    guess = mean[codes[split:]]
    by = None if question.by is None else question.by[split:]
    return score(question.answer[split:], guess, by)


def _means(feature: pd.Series, answer: pd.Series, split: int) -> tuple[np.ndarray, np.ndarray]:
    if feature.dtype.kind in "iuf" and feature.nunique() > 12:
        bands = pd.qcut(feature, 12, labels=False, duplicates="drop").fillna(-1)
    else:
        bands = feature.astype(str)
    codes = pd.factorize(bands, use_na_sentinel=False)[0]
    whole = float(answer[:split].mean())
    total = np.bincount(codes[:split], answer[:split], minlength=codes.max() + 1)
    many = np.bincount(codes[:split], minlength=codes.max() + 1)
    return codes, (total + 20 * whole) / (many + 20)


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
