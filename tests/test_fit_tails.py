"""Heavy tails: means, deviations and top percentiles of what a fit draws, and what keeps them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from generator.fit import fit
from generator.leaves.curves import curves_of
from generator.leaves.evened import evened
from generator.leaves.guide import UNIT
from generator.leaves.knots import knots_of
from generator.leaves.scale import scale_of
from tests.extracts import random, ready
from tests.test_fit import drawn

SPOTS = (np.arange(2_000) + 0.5) / 2_000 * UNIT
EVERY_RANK = (np.arange(200_000) + 0.5) / 200_000 * UNIT


@pytest.mark.parametrize("spread", [0.5, 1.0, 1.5])
def test_a_scale_keeps_mean_and_deviation_of_a_heavy_tail(spread):
    for seed in range(3):
        rng = random(seed)
        values = np.round(np.exp(spread * rng.normal(size=4_000)) * 100, 2)
        for signed in (values, -values):
            scale, _ = scale_of(signed, k=20, grid=0.01, jitter=rng.random(4_000))
            reached = scale.values(EVERY_RANK)
            assert reached.mean() == pytest.approx(signed.mean(), rel=0.005)
            assert reached.std() == pytest.approx(signed.std(), rel=0.10)
            assert (np.sign(reached) == np.sign(signed[0])).all()


def test_a_single_row_far_out_is_not_told():
    rng = random(4)
    values = np.append(np.round(rng.normal(1_000, 100, 3_999)), 900_000.0)
    scale, _ = scale_of(values, k=20, grid=1.0, jitter=rng.random(4_000))
    assert scale.knots.value.max() < 450_000
    assert scale.values(EVERY_RANK).mean() == pytest.approx(values.mean(), rel=0.005)


def test_an_end_beyond_all_ranks_moves_no_other_knot():
    """Three of twenty rows lie far below the others, so that the lowest knot would lie below 0."""
    ranks = np.concatenate([[0.01, 0.2, 0.5], np.linspace(0.95, 0.99, 17)]) * UNIT
    alone = np.zeros(20, dtype=np.int32)
    none = np.full(20, -1)
    for turned in (ranks, UNIT - ranks[::-1]):
        curves = curves_of(
            alone, turned, none, np.empty((0, 2)), 1, segment=3, least=0.01 * UNIT, atom_rows=3
        )
        assert curves.value.min() >= 0
        assert curves.value.max() <= UNIT
        middle = np.sort(turned)[10]
        assert curves.at_places(alone[:1], np.array([0.525]) * UNIT) == pytest.approx(
            [middle], abs=0.01 * UNIT
        )


def test_cells_together_come_to_every_rank_alike():
    rng = random(5)
    n = 3_000
    ranks = np.sort((rng.permutation(n) + 0.5) / n * UNIT)
    cells = np.clip(np.arange(n) // 30 + rng.integers(-3, 4, n), 0, 99).astype(np.int32)
    none = np.full(n, -1)
    atoms = np.array([[0.4, 0.5]]) * UNIT
    curves = curves_of(cells, ranks, none, atoms, 100, segment=3, least=UNIT * 20 / n, atom_rows=3)
    rows = np.bincount(cells, minlength=100)
    found = {}
    for name, one in (("before", curves), ("after", evened(curves, rows, atoms))):
        assert one.of_ranks(100)
        places = np.tile((np.arange(400) + 0.5) / 400 * UNIT, 100)
        values = one.at_places(np.repeat(np.arange(100, dtype=np.int32), 400), places)
        shares = np.histogram(values, np.linspace(0, 1, 201) * UNIT, weights=np.repeat(rows, 400))[
            0
        ]
        found[name] = shares / shares.sum() * 200
    outside = np.r_[0:80, 100:200]
    assert (
        np.abs(found["after"][outside] - 1).mean()
        < 0.5 * np.abs(found["before"][outside] - 1).mean()
    )
    assert found["after"][-1] == pytest.approx(1, abs=0.1)


def test_an_atom_of_a_cell_that_rows_come_to_seldom_comes_as_often_as_it_ought_to():
    """Of two cells one has the atom for 80 of 100 rows, the other for 20; rows come to the first
    half as often as learnt ones did."""
    ranks, atom, cells = [], [], []
    for cell, held in ((0, 80), (1, 20)):
        others = (np.arange(100 - held) + 0.5) / (100 - held) * 0.5
        loose = np.where(others < 0.25, others, others + 0.5)
        ranks.append(np.sort(np.concatenate([loose, 0.25 + (np.arange(held) + 0.5) / held / 2])))
        atom.append(np.where((ranks[-1] > 0.25) & (ranks[-1] < 0.75), 0, -1))
        cells.append(np.full(100, cell, np.int32))
    atoms = np.array([[0.25, 0.75]]) * UNIT
    curves = curves_of(
        np.concatenate(cells),
        (np.concatenate(ranks) * UNIT).astype(np.uint32),
        np.concatenate(atom),
        atoms,
        2,
        segment=3,
        least=0.0,
        atom_rows=3,
    )
    rows = np.array([500.0, 1_500.0])
    made = evened(curves, rows, atoms)
    assert made.of_ranks(2)
    shares = []
    for one in (curves, made):
        values = one.at_places(np.repeat(np.arange(2, dtype=np.int32), 2_000), np.tile(SPOTS, 2))
        held = ((values >= atoms[0, 0]) & (values < atoms[0, 1])).reshape(2, -1).mean(axis=1)
        shares.append((held * rows).sum() / rows.sum())
    assert shares[0] == pytest.approx(0.35, abs=0.01)
    assert shares[1] == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize("below", [True, False])
def test_a_short_run_beside_an_atom_widens_no_further_than_the_atom(below):
    run = np.array([0.40, 0.41, 0.42, 0.43] if below else [0.57, 0.58, 0.59, 0.6])
    ranks = np.sort(np.concatenate([run, np.full(6, 0.5)])) * UNIT
    atom = np.where(ranks == 0.5 * UNIT, 0, -1)
    curves = curves_of(
        np.zeros(10, np.int32),
        ranks,
        atom,
        np.array([[0.45, 0.55]]) * UNIT,
        1,
        segment=3,
        least=0.3 * UNIT,
        atom_rows=3,
    )
    assert curves.ok(1)
    free = curves.value[:2] if below else curves.value[-2:]
    assert np.ptp(free) == pytest.approx(0.3 * UNIT, rel=0.01)
    assert free.max() <= 0.45 * UNIT if below else free.min() >= 0.55 * UNIT


def test_what_is_drawn_keeps_the_means_of_heavy_tails():
    rng = random(6)
    n = 4_000
    group, base = rng.integers(0, 5, n), rng.normal(size=n)
    paid = np.exp(1.5 * (0.8 * base + 0.6 * rng.normal(size=n)) + 0.3 * group) * 100
    lent = np.where(rng.random(n) < 0.3, 0, np.exp(1.5 * base) * 50)
    columns = {
        "group": [f"g{one}" for one in group],
        "paid": [f"{one:.2f}" for one in paid],
        "lent": [f"{one:.2f}" for one in lent],
    }
    profile = fit(*ready(pa.table(columns), "t"), name="t")
    made = drawn(profile, 60_000, name="t")
    for name, real in (("paid", paid), ("lent", lent)):
        values = np.asarray(made[name].cast(pa.float64()))
        assert values.mean() == pytest.approx(real.mean(), rel=0.04), name
        assert values.std() == pytest.approx(real.std(), rel=0.25), name
        for share in (0.95, 0.99):
            wanted = np.quantile(real, share)
            assert np.quantile(values, share) == pytest.approx(wanted, rel=0.1), name


@pytest.mark.parametrize("rows", [60, 77, 98, 119, 120, 121])
def test_few_rows_have_an_end_too(rows):
    values = np.sort(np.random.default_rng(rows).lognormal(size=rows))
    none = np.zeros(0, dtype=np.int64)
    places, heights = knots_of(values, np.zeros(0), none, none, 20, most=2000)
    assert places[0] == 0
    assert places[-1] == rows
    assert (np.diff(heights) >= 0).all()
