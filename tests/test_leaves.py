"""Distributions: drawn, read, written, counted; a new one is one class."""

import json
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest

from generator import leaves
from generator.errors import ProfileError
from generator.leaves import Choice, Leaf, Quantiles, leaf_from
from generator.leaves.entry import Entry
from generator.leaves.figures import Figures, figures
from generator.leaves.tails import ending

U = (np.arange(20_000) + 0.5) / 20_000
ONE_OF_EACH = [
    ({"leaf": "normal", "mean": 10, "sd": 2}, 10),
    ({"leaf": "lognormal", "mu": 0, "sigma": 0.5}, np.exp(0.125)),
    ({"leaf": "gamma", "shape": 2, "scale": 3}, 6),
    ({"leaf": "uniform", "low": 2, "high": 4}, 3),
    ({"leaf": "power", "low": 1, "high": 4, "exponent": 2}, 2),
    ({"leaf": "bands", "edges": [0, 10, 20], "shares": [0.5, 0.5]}, 10),
    ({"leaf": "quantiles", "at": [0, 0.5, 1], "values": [0, 1, 2]}, 1),
    ({"leaf": "constant", "value": 7}, 7),
]


@pytest.mark.parametrize(("document", "mean"), ONE_OF_EACH)
def test_a_leaf_has_its_mean(document, mean):
    assert leaf_from(document, where="x").draw(U).mean() == pytest.approx(mean, rel=1e-3)


@pytest.mark.parametrize(
    "document", [*(d for d, _ in ONE_OF_EACH), {"leaf": "choice", "shares": {"a": 1, "b": 3}}]
)
def test_a_leaf_is_written_as_it_is_read(document):
    leaf = leaf_from(document, where="x")
    written = json.loads(json.dumps(leaf.document()))
    assert leaf_from(written, where="x") == leaf
    assert set(document) <= set(written) | {"low"}


def test_choice_keeps_its_shares_and_its_labels():
    codes = Choice(("a", "b", "c"), (1, 2, 1)).draw(U)
    assert np.bincount(codes).tolist() == [5000, 10_000, 5000]
    assert Choice(("a",), (1.0,)).draw(np.array([0.0, np.nextafter(1, 0)])).tolist() == [0, 0]


@pytest.mark.parametrize(
    "document",
    [
        {"leaf": "zeta"},
        {},
        {"leaf": "normal", "mean": 1},
        {"leaf": "normal", "mean": "1", "sd": 1},
        {"leaf": "normal", "mean": float("nan"), "sd": 1},
        {"leaf": "choice", "shares": {}},
        {"leaf": "choice", "shares": {"a": -1, "b": 2}},
        {"leaf": "choice", "shares": {"a": True}},
        {"leaf": "bands", "edges": [1, 2], "shares": [1, 2]},
        {"leaf": "bands", "edges": [2, 1], "shares": [1]},
        {"leaf": "quantiles", "at": [0, 1], "values": [1]},
        {"leaf": "quantiles", "at": [0.5, 1], "values": [1, 2]},
        {"leaf": "quantiles", "at": [0, 1], "values": [2, 1]},
        {"leaf": "quantiles", "at": "01", "values": [1, 2]},
    ],
)
def test_a_malformed_leaf_is_refused_by_name_in_one_sentence(document):
    with pytest.raises(ProfileError, match=r"^deal\.price: .*\.$"):
        leaf_from(document, where="deal.price")


def test_shares_are_counted_of_labels_that_k_rows_share():
    values = np.array(["a"] * 60 + ["b"] * 30 + ["c"] * 5, dtype=object)
    found = Choice.counted(values, 10)
    assert found == Choice(("a", "b"), (0.666667, 0.333333))
    assert Choice.counted(values[-5:], 10) is None


def test_knots_rest_on_k_rows_and_keep_what_many_share():
    rng = np.random.Generator(np.random.PCG64(1))
    values = np.concatenate([np.zeros(3000), rng.normal(100, 20, 7000)])
    found = Quantiles.counted(values, 20)
    drawn = found.draw(U)
    assert (drawn == 0).mean() == pytest.approx(0.3, abs=0.002)
    for share in (0.35, 0.5, 0.75, 0.95):
        assert np.quantile(drawn, share) == pytest.approx(np.quantile(values, share), rel=0.01)
    kept = set(np.round(found.values, 6)) & set(np.round(values, 6))
    assert kept == {0.0}, "only a value that k rows share stands as it is"
    assert Quantiles.counted(values[:19], 20) is None


@dataclass(frozen=True)
class Triangle(Leaf):
    """A distribution of its own file: rises to its peak and falls again."""

    low: float
    high: float
    kind: ClassVar[str] = "triangle"

    def draw(self, u):
        half = np.where(u < 0.5, np.sqrt(u / 2), 1 - np.sqrt((1 - u) / 2))
        return self.low + (self.high - self.low) * half

    @classmethod
    def counted(cls, values, k):
        return None if len(values) < k else cls(*np.quantile(values, [0.01, 0.99]).tolist())


def test_a_new_distribution_is_one_class(monkeypatch):
    monkeypatch.setattr(leaves, "KINDS", (*leaves.KINDS, Triangle))
    document = {"leaf": "triangle", "low": 2, "high": 6, "assumption": "of this test alone"}
    known = Figures({"test": {"leaves": {"deal.wish": document}}})
    drawn = known.entry("deal.wish").draw(U)
    assert (drawn.min(), drawn.mean(), drawn.max()) == pytest.approx((2, 4, 6), abs=0.05)
    again = Triangle.counted(drawn, 20)
    assert again.low == pytest.approx(2.28, abs=0.02)
    assert leaf_from(again.document(), where="x") == again


def test_an_entry_draws_the_leaf_of_the_first_cell_that_fits():
    entry = Entry.read(
        "deal.x",
        {
            "leaf": "constant",
            "by": ["state", "kind"],
            "cells": [
                {"when": ["NEW", "LEASE"], "value": 1},
                {"when": ["NEW", "*"], "value": 2},
                {"when": ["*", "*"], "value": 3},
            ],
        },
    )
    by = [np.array(["NEW", "NEW", "USED"], object), np.array(["LEASE", "CASH", "LEASE"], object)]
    assert entry.draw(np.zeros(3), by).tolist() == [1, 2, 3]


def test_an_entry_without_a_cell_for_a_row_names_it():
    entry = Entry.read(
        "deal.x", {"leaf": "constant", "by": ["s"], "cells": [{"when": ["A"], "value": 1}]}
    )
    with pytest.raises(ProfileError, match=r"deal\.x: no cell for B\."):
        entry.draw(np.zeros(1), [np.array(["B"], object)])


@pytest.mark.parametrize("name", figures().documents_of("leaves"))
def test_every_entry_of_the_platform_is_written_as_it_is_read(name):
    entry = figures().entry(name)
    assert Entry.read(name, json.loads(json.dumps(entry.document()))) == entry


@pytest.mark.parametrize(
    "document",
    [
        {"leaf": "constant", "value": 1, "by": "state"},
        {"by": ["a"], "cells": []},
        {"by": ["a"], "cells": [{"leaf": "constant", "value": 1}]},
        {"by": ["a"], "cells": [{"when": ["x", "y"], "leaf": "constant", "value": 1}]},
        {"by": ["a"], "cells": ["x"]},
        {"leaf": "constant", "value": 1, "of": 3},
        {"leaf": "constant", "value": 1, "labels": {"a": "b"}},
        {
            "by": ["a"],
            "cells": [
                {"when": ["x"], "leaf": "constant", "value": 1},
                {"when": ["y"], "leaf": "choice", "shares": {"a": 1}},
            ],
        },
    ],
)
def test_a_malformed_entry_is_refused_by_name(document):
    with pytest.raises(ProfileError, match=r"^deal\.x: .*\.$"):
        Entry.read("deal.x", document)


def test_entries_laid_over_take_the_place_of_the_written_ones():
    mine = {
        "leaves": {"deal.payoff_share": {"leaf": "constant", "value": 5}},
        "figures": {"walk_in_share": {"value": 0.5}},
    }
    over = figures().over(mine)
    assert over["walk_in_share"] == 0.5
    assert over.entry("deal.payoff_share").draw(U[:2]).tolist() == [5, 5]
    assert figures()["walk_in_share"] == 0.04
    with pytest.raises(ProfileError, match=r"deal\.hat: "):
        figures().over({"leaves": {"deal.hat": {}}})


def test_a_tail_of_three_groups_of_few_rows_begins_at_the_first():
    """Groups are nearly of one size; the first of three once began before the first row."""
    rows = np.arange(77.0) ** 2
    places, values = ending(np.array([12.0, 38.0, 64.0]), rows[[12, 38, 64]], rows)
    assert places[-1] == 77
    assert (np.diff(values) >= 0).all()
