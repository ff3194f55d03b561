"""Columns late in a table are laid out for the rows that are drawn, not for those learnt."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray

from generator.fit.rehearsed import with_shares
from generator.fit.table import learn_table
from generator.fit.way import Way
from generator.fitted.world import draw_rows
from generator.leaves.choice import choices_of
from generator.schema import Column, Kind, Table

ROWS = 3_000


@pytest.fixture(scope="module")
def both() -> tuple[dict[str, NDArray[Any]], dict[str, NDArray[Any]]]:
    """Balances of two months, what was paid between whether that was much: learnt, drawn."""
    rng = np.random.default_rng(5)
    limit = np.exp(rng.normal(11.7, 0.85, ROWS))
    first = np.round(rng.beta(0.6, 1, ROWS) * limit)
    share = np.where(rng.random(ROWS) < 0.35, 0, np.exp(rng.normal(-2.6, 1.3, ROWS)))
    paid = np.round(np.minimum(share, 1.2) * first)
    spent = np.where(rng.random(ROWS) < 0.25, 0, np.exp(rng.normal(-2.7, 1.2, ROWS)) * limit)
    second = np.maximum(first - paid + np.round(spent), 0)
    much = np.where(paid > 0.1 * first, "much", "little")
    learnt = {"first": first, "second": second, "paid": paid, "much": much}
    kinds = {"much": Kind("text")}
    columns = tuple(Column(name, kinds.get(name, Kind("float"))) for name in learnt)
    table = Table("accounts", columns)
    way = Way(order="extract")
    leaves = learn_table(table, pa.table(learnt), seed=3, tell=lambda _: None, way=way)
    drawn = draw_rows(table, leaves, 8, 0, 20_000)
    return learnt, {name: drawn.column(name).to_numpy() for name in learnt}


def test_a_number_that_follows_from_a_difference_keeps_its_mean(both: Any) -> None:
    """Learnt rows alone made it a twelfth too large."""
    learnt, drawn = both
    assert drawn["paid"].mean() == pytest.approx(learnt["paid"].mean(), rel=0.03)
    assert np.quantile(drawn["paid"], 0.95) == pytest.approx(
        np.quantile(learnt["paid"], 0.95), rel=0.05
    )


def test_a_label_that_follows_from_others_keeps_its_share(both: Any) -> None:
    learnt, drawn = both
    assert (drawn["much"] == "much").mean() == pytest.approx(
        (learnt["much"] == "much").mean(), abs=0.01
    )


def test_cells_give_more_of_what_comes_too_rarely() -> None:
    """Two cells of 500 rows, of which drawn rows come to the first three times as often."""
    cells = np.repeat([0, 1], 500).astype(np.int32)
    codes = np.where(np.arange(1000) % 10 < np.where(cells == 0, 8, 2), 0, 1)
    leaves = choices_of(cells, codes, 2)
    drawn = np.array([750.0, 250.0])
    made = with_shares(leaves, np.array([500, 500]), drawn)
    assert (leaves.shares[::2] * drawn).sum() == pytest.approx(650)
    assert (made.shares[::2] * drawn).sum() == pytest.approx(500, abs=15)
    assert made.shares.sum() == pytest.approx(2)
    same = with_shares(leaves, np.array([500, 500]), np.array([500.0, 500.0]))
    np.testing.assert_array_equal(same.upto, leaves.upto)
