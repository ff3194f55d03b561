"""The peer: a sequential CART as synthpop's, which hands on real values of its leaves."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor


def drawn(rows: pd.DataFrame, *, leaf: int, seed: int) -> pd.DataFrame:
    """As many rows: column by column in the extract's order, a value of a random row of the leaf
    that the columns before it lead to."""
    rng = np.random.Generator(np.random.PCG64(seed))
    n = len(rows)
    codes = {name: _codes(rows[name]) for name in rows.columns}
    picked: dict[str, np.ndarray] = {}
    for at, name in enumerate(rows.columns):
        if not at:
            picked[name] = rng.integers(0, n, n)
            continue
        before = list(rows.columns[:at])
        known = np.stack([codes[one] for one in before], axis=1)
        made = np.stack([codes[one][picked[one]] for one in before], axis=1)
        few = rows[name].nunique() <= 20 or rows[name].dtype == object
        kind = DecisionTreeClassifier if few else DecisionTreeRegressor
        target = np.unique(codes[name], return_inverse=True)[1] if few else codes[name]
        tree = kind(min_samples_leaf=leaf, random_state=seed).fit(known, target)
        picked[name] = _of_leaves(tree.apply(known), tree.apply(made), rng)
    return pd.DataFrame({name: rows[name].to_numpy()[picked[name]] for name in rows.columns})


def _codes(values: pd.Series) -> np.ndarray:
    """Numbers as they are, labels by how often they come; what is missing lies below."""
    if pd.api.types.is_numeric_dtype(values):
        numbers = values.astype(float)
        return numbers.fillna(numbers.min() - 1).to_numpy()
    places = {label: at for at, label in enumerate(values.value_counts().index)}
    return values.map(places).astype(float).fillna(-1.0).to_numpy()


def _of_leaves(real: np.ndarray, made: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    order = np.argsort(real, kind="stable")
    ordered = real[order]
    first = np.searchsorted(ordered, made, side="left")
    last = np.searchsorted(ordered, made, side="right")
    return order[first + (rng.random(len(made)) * (last - first)).astype(int)]
