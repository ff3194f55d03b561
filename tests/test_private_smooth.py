"""What is made of noisy counts: levels in an order, and labels."""

import numpy as np
import pytest

from generator.private.levels import levels_between
from generator.private.smooth import rare, smoothed
from generator.schema import Column, Kind
from tests.extracts import random

SIGMA = 60.0


def off(guess, counts):
    return np.abs(guess - counts).sum()


def noised(counts, seed):
    return counts + random(seed).normal(0, SIGMA, len(counts))


@pytest.fixture(scope="module")
def ages():
    """Rows by year: a slope, as drawn from a population, and one year that half as many again
    have."""
    counts = random(5).poisson(np.linspace(1200, 100, 70)).astype(float)
    counts[22] += 3000
    return counts


def test_steps_and_slopes_come_out_of_noise(ages):
    for seed in range(5):
        noisy = noised(ages, seed)
        guess = smoothed(noisy, SIGMA)
        assert off(guess, ages) < 0.7 * off(noisy, ages)
        assert guess[22] == pytest.approx(ages[22], abs=4 * SIGMA)
    assert smoothed(ages, 0.0) == pytest.approx(ages)
    assert (smoothed(noised(np.zeros(50), 1), SIGMA) <= 2 * SIGMA).all()
    assert smoothed(np.array([5.0]), SIGMA).shape == (1,)


def test_rows_scatter_as_counts_do(ages):
    """What noise is narrow enough to tell is not smoothed away."""
    noisy = ages + random(1).normal(0, 10, len(ages))
    assert off(smoothed(noisy, 10.0), ages) < 1.05 * off(noisy, ages)


def test_rare_labels_are_neither_all_alike_nor_as_noise_has_them():
    counts = np.sort(random(2).exponential(40, 60))
    for seed in range(5):
        noisy = noised(counts, seed)
        guess = rare(noisy, SIGMA)
        alike = np.full(60, counts.mean())
        assert off(guess, counts) < min(off(alike, counts), off(np.maximum(noisy, 0), counts))
        assert guess.sum() == pytest.approx(noisy.sum())
        assert (guess > 0).all()
    assert (rare(np.array([-40.0, 12.0]), SIGMA) > 0).all()


def test_values_that_stand_alone_part_stretches_and_nothing_is_lost():
    column = Column("pay", Kind.INTEGER)
    levels = levels_between(
        column, -500, 99_999, 1.0, required=False, alone=(7298.0, 99_999.0, 7.5)
    )
    assert levels.low[0] == -500
    assert levels.ends[-1] == 99_999
    assert (levels.low[1:] == levels.ends[:-1] + 1).all()
    for value in (0.0, 7298.0, 99_999.0):
        at = levels.code(np.array([value]))[0]
        assert levels.low[at] == levels.ends[at] == value
