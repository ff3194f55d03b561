"""What a synthetic table is worth: against rows nobody has learnt, beside what real rows reach."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.metrics import r2_score, roc_auc_score
from sklearn.model_selection import cross_val_predict
from sklearn.neighbors import NearestNeighbors

from tests.benchmarks.fidelity.tables import Halves

BINS = 10
TRIPLES = 100
DCR_LEAST = 5_000  # rows of a side: below, the share says little
RESAMPLES = 40
STATISTICS = (  # name, function, how far it may be off at least
    ("mean", np.mean, 0.03),
    ("sd", np.std, 0.08),
    ("p95", lambda values: np.quantile(values, 0.95), 0.05),
    ("p99", lambda values: np.quantile(values, 0.99), 0.05),
)


def scored(made: pd.DataFrame, sides: Halves, target: str, seed: int) -> dict[str, float]:
    """Every figure of rows ``made`` from ``sides.learnt``."""
    learnt, unseen = sides
    plain = [_plain(side, learnt) for side in (made, learnt, unseen)]
    places = _places(pd.concat(plain))
    n, m = len(made), len(learnt)
    near_made, near_learnt, near_unseen = places[:n], places[n : n + m], places[n + m :]
    off, asked = moments_off(made, sides)
    return {
        "accuracy": accuracy(made, unseen, learnt),
        "c2st": told_apart(plain[0], plain[2], seed),
        "dcr": closer(near_made, near_learnt, near_unseen),
        "member": membership(near_made, near_learnt, near_unseen),
        "outliers": membership(near_made, *_outlying(near_learnt, near_unseen)),
        "copies": copied(made, learnt),
        "off": off,
        "of": asked,
        "learning": learning(plain[0], plain[2], target, seed),
    }


def accuracy(made: pd.DataFrame, unseen: pd.DataFrame, learnt: pd.DataFrame) -> float:
    """Mean of the accuracies of columns, pairs and at most 100 triples on ten bins."""
    first, second = _binned(made, learnt), _binned(unseen, learnt)
    columns = first.shape[1]
    rng = np.random.Generator(np.random.PCG64(0))
    triples = list(combinations(range(columns), 3))
    some = rng.permutation(len(triples))[:TRIPLES]
    ways = [
        [(at,) for at in range(columns)],
        list(combinations(range(columns), 2)),
        [triples[at] for at in some],
    ]
    means = [
        np.mean([_alike(_cells(first, group), _cells(second, group)) for group in groups])
        for groups in ways
        if groups
    ]
    return float(np.mean(means))


def _cells(bins: np.ndarray, group: tuple[int, ...]) -> np.ndarray:
    return sum(bins[:, at] * (BINS + 3) ** power for power, at in enumerate(group))


def _alike(first: np.ndarray, second: np.ndarray) -> float:
    size = int(max(first.max(), second.max())) + 1
    shares = [np.bincount(one, minlength=size) / len(one) for one in (first, second)]
    return 1 - np.abs(shares[0] - shares[1]).sum() / 2


def _binned(rows: pd.DataFrame, learnt: pd.DataFrame) -> np.ndarray:
    bins = []
    for name in learnt.columns:
        known = learnt[name]
        if pd.api.types.is_numeric_dtype(known) and known.nunique() > BINS:
            edges = np.unique(np.nanquantile(known, np.linspace(0, 1, BINS + 1)[1:-1]))
            values = pd.to_numeric(rows[name], errors="coerce")
            at = np.searchsorted(edges, values.fillna(0), side="right")
            bins.append(np.where(values.isna(), BINS + 1, at))
        else:
            common = known.astype(str).value_counts().index[:BINS]
            bins.append(pd.Categorical(rows[name].astype(str), common).codes.astype(int) + 1)
    return np.stack(bins, axis=1).astype(np.int64)


def told_apart(made: pd.DataFrame, unseen: pd.DataFrame, seed: int) -> float:
    """AUC of gradient boosting telling made rows from unseen ones, three folds."""
    n = min(len(made), len(unseen))
    rows = np.concatenate([made.to_numpy()[:n], unseen.to_numpy()[:n]])
    truth = np.repeat([1, 0], n)
    trees = HistGradientBoostingClassifier(max_iter=60, random_state=seed)
    found = cross_val_predict(trees, rows, truth, cv=3, method="predict_proba")[:, 1]
    auc = roc_auc_score(truth, found)
    return float(max(auc, 1 - auc))


def closer(made: np.ndarray, learnt: np.ndarray, unseen: np.ndarray) -> float:
    """Share of made rows closer to a learnt row than to an unseen one, ties half."""
    if min(map(len, (made, learnt, unseen))) < DCR_LEAST:
        return float("nan")
    some = made[:2_000]
    a, b = _nearest(learnt, some), _nearest(unseen, some)
    return float((a < b).mean() + (a == b).mean() / 2)


def membership(made: np.ndarray, learnt: np.ndarray, unseen: np.ndarray) -> float:
    """AUC of an attack that takes those rows for learnt that a made row lies next to."""
    some = [learnt[:1_500], unseen[:1_500]]
    near = np.concatenate([_nearest(made, side) for side in some])
    truth = np.concatenate([np.ones(len(some[0])), np.zeros(len(some[1]))])
    return float(roc_auc_score(truth, -near))


def _outlying(learnt: np.ndarray, unseen: np.ndarray) -> list[np.ndarray]:
    """The twentieth of each side that lies furthest from all others of its side."""
    found = []
    for side in (learnt, unseen):
        near = NearestNeighbors(n_neighbors=2).fit(side).kneighbors(side[:3_000])[0][:, 1]
        found.append(side[np.argsort(-near, kind="stable")[: max(len(near) // 20, 20)]])
    return found


def _nearest(of: np.ndarray, rows: np.ndarray) -> np.ndarray:
    return NearestNeighbors(n_neighbors=1).fit(of).kneighbors(rows)[0][:, 0]


def copied(made: pd.DataFrame, learnt: pd.DataFrame) -> float:
    """Share of made rows that are one of the learnt rows to the letter."""
    known = set(map(tuple, learnt.astype(str).to_numpy()))
    return float(np.mean([row in known for row in map(tuple, made.astype(str).to_numpy())]))


def moments_off(made: pd.DataFrame, sides: Halves) -> tuple[int, int]:
    """How many means, deviations and top percentiles of numbers are further off than two standard
    errors of what two real halves differ by and 3, 8, 5 and 5 % as well; and of how many."""
    rng = np.random.Generator(np.random.PCG64(0))
    off = asked = 0
    for name in sides.learnt.columns:
        real = [side[name].dropna().to_numpy() for side in sides]
        values = pd.to_numeric(made[name], errors="coerce").dropna().to_numpy()
        if any(one.dtype.kind not in "iuf" or not len(one) for one in (*real, values)):
            continue
        both = np.concatenate(real).astype(float)
        if len(np.unique(both)) <= BINS:
            continue
        draws = [rng.choice(both, len(real[0])) for _ in range(RESAMPLES)]
        for _, statistic, least in STATISTICS:
            reached, wanted = statistic(values.astype(float)), statistic(both)
            error = np.std([statistic(one) for one in draws]) * 2**0.5
            asked += 1
            off += abs(reached - wanted) > max(2 * error, least * abs(wanted)) + 1e-9
    return off, asked


def learning(made: pd.DataFrame, unseen: pd.DataFrame, target: str, seed: int) -> float:
    """R² or AUC on unseen rows of trees that learnt from made ones."""
    kept = [side[side[target].notna()] for side in (made, unseen)]
    (rows, truth), (test, wanted) = ((side.drop(columns=target), side[target]) for side in kept)
    if unseen[target].nunique() > BINS:
        trees = HistGradientBoostingRegressor(max_iter=80, random_state=seed).fit(rows, truth)
        return float(r2_score(wanted, trees.predict(test)))
    usual = wanted.mode()[0]
    trees = HistGradientBoostingClassifier(max_iter=80, random_state=seed)
    trees.fit(rows, truth == usual)
    return float(roc_auc_score(wanted == usual, trees.predict_proba(test)[:, 1]))


def _plain(rows: pd.DataFrame, learnt: pd.DataFrame) -> pd.DataFrame:
    """Numbers as they are, the sixty commonest labels as codes."""
    plain = {}
    for name in learnt.columns:
        if pd.api.types.is_numeric_dtype(learnt[name]):
            plain[name] = pd.to_numeric(rows[name], errors="coerce").astype(float).to_numpy()
        else:
            common = learnt[name].astype(str).value_counts().index[:60]
            plain[name] = pd.Categorical(rows[name].astype(str), common).codes.astype(float)
    return pd.DataFrame(plain)


def _places(rows: pd.DataFrame) -> np.ndarray:
    """Ranks from 0 to 1, by which rows lie near each other; what is missing lies apart."""
    return rows.rank(pct=True).fillna(-0.5).to_numpy()
