"""How trees are grown for a fit: cut back by gain, on steps of features, over chosen predictors."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.tree import DecisionTreeRegressor

from generator.cells import tree_from, tree_ok
from generator.fit import steps as steps_module
from generator.fit.steps import Steps
from tests.extracts import random
from tests.test_fit import drawn
from tests.test_fit_settings import column_of, learnt, text


@pytest.fixture(scope="module")
def rows():
    rng = random(5)
    features = rng.normal(size=(2_000, 4)).astype(np.float32)
    features[:, 3] = rng.integers(0, 5, 2_000)
    target = features[:, 0] * (features[:, 3] > 2) + 0.3 * rng.normal(size=2_000)
    return features, target


def test_a_tree_cut_back_is_the_tree_grown_under_that_condition(rows):
    features, target = rows
    full = DecisionTreeRegressor(min_samples_leaf=15, random_state=1).fit(features, target)
    for least in (0.5, 2.0, 20.0):
        grown = DecisionTreeRegressor(
            min_samples_leaf=15, min_impurity_decrease=least / len(target), random_state=1
        ).fit(features, target)
        cut = tree_from(full.tree_, least=least)
        assert cut.cells == grown.get_n_leaves() < full.get_n_leaves()
        assert tree_ok(cut, 4)
        same = grown.apply(features)
        pairs = set(zip(cut.apply(features).tolist(), same.tolist(), strict=True))
        assert len(pairs) == cut.cells


def test_rows_fall_by_features_where_they_fall_by_steps(rows, monkeypatch):
    features, target = rows
    monkeypatch.setattr(steps_module, "FEW_ROWS", 0)
    monkeypatch.setattr(steps_module, "MOST_STEPS", 40)
    steps = Steps.of(features)
    taken = steps.taken(features)
    assert [len(np.unique(one)) for one in taken.T] == [40, 40, 40, 5]
    grown = DecisionTreeRegressor(min_samples_leaf=15, random_state=1).fit(taken, target)
    tree = tree_from(grown.tree_)
    assert np.array_equal(steps.on_features(tree).apply(features), tree.apply(taken))
    assert not np.array_equal(tree.apply(features), tree.apply(taken))


def test_of_many_columns_those_that_tell_something_are_found():
    rng = random(7)
    told = {f"idle_{n:02d}": rng.normal(size=800) for n in range(70)}
    told |= {"base": rng.normal(size=800), "group": rng.integers(0, 3, 800).astype(float)}
    told["curve"] = told["base"] ** 2 + 3 * (told["group"] == 1) + 0.1 * rng.normal(size=800)
    columns = {name: text(np.round(values, 2)) for name, values in told.items()}
    profile = learnt(columns)
    order = list(profile.world.tables["t"].columns)
    last = max(("base", "curve"), key=order.index)
    other = "base" if last == "curve" else "curve"
    used = [one.column for one in column_of(profile, last).predictors]
    assert len(used) == 12
    assert other in used


def test_what_says_that_a_value_is_missing_need_not_say_which_it_is():
    rng = random(9)
    n = 1_500
    columns = {f"more_{at:02d}": rng.normal(size=n) for at in range(13)}
    gate = rng.integers(0, 2, n)
    value = sum(columns.values())
    shown = text(np.round(value, 3))
    told = {name: text(np.round(values, 2)) for name, values in columns.items()}
    told["gate"] = ["yes" if one else "no" for one in gate]
    told["value"] = ["" if one else shown[at] for at, one in enumerate(gate)]
    profile = learnt(told)
    leaves = column_of(profile, "value")
    assert leaves.absent_tree.cells >= 2


def test_a_label_that_alone_has_values_is_told_by_absence():
    """The value's own tree has all labels in one place, at its mean."""
    rng = random(4)
    kind = rng.choice(["calm", "gale", "haze", "storm"], 2_000)
    often = {"calm": 0.0, "gale": 0.0, "haze": 0.0, "storm": 0.9}
    there = rng.random(2_000) < np.array([often[one] for one in kind])
    force = text(rng.integers(1, 6, 2_000))
    shown = [one if told else "" for one, told in zip(force, there, strict=True)]
    made = drawn(learnt({"kind": kind.tolist(), "force": shown}), 2_000, name="t")
    absent = np.asarray(made["force"].is_null())
    for name, share in often.items():
        of_kind = np.array(made["kind"].to_pylist()) == name
        assert abs(1 - absent[of_kind].mean() - share) < 0.06
