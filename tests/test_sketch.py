"""Sketches of parts sum to the sketch of the whole, and say what the rows say."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.sketch import Cells, Moments, Quantiles, Sample, exact_sum

numbers = st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=60)


def cut(values, at):
    at = min(at, len(values))
    return values[:at], values[at:]


@given(st.lists(st.integers(-1, 3), min_size=1, max_size=40), st.integers(0, 40))
def test_cells_add_up(codes, at):
    codes = np.array(codes)
    whole = Cells.of(codes, "abcd".__getitem__, amount=codes * 10)
    first, second = (
        Cells.of(part, "abcd".__getitem__, amount=part * 10) for part in cut(codes, at)
    )
    assert first + second == whole
    assert whole.counted == int((codes >= 0).sum())
    for code, label in enumerate("abcd"):
        rows = np.flatnonzero(codes == code)
        assert whole.count(label) == len(rows)
        verdict = whole.verdict(lambda held, label=label: held == label)
        assert verdict == (len(rows), tuple(rows[:5].tolist()))


def test_cells_sum_amounts_beyond_64_bits():
    large = np.full(8, 2**62)
    assert Cells.of(np.ones(8, dtype=bool), amount=large).cells[True].amount == 2**65
    assert Cells.of(np.ones(8, dtype=bool), amount=-large).cells[True].amount == -(2**65)


@given(numbers, st.integers(0, 60))
def test_moments_are_exact_and_add_up(values, at):
    values = np.array(values)
    first, second = (Moments.of(part) for part in cut(values, at))
    whole = Moments.of(values)
    assert first + second == whole
    assert whole.mean == pytest.approx(values.mean(), rel=1e-9, abs=1e-6)
    assert whole.deviation == pytest.approx(values.std(), rel=1e-6, abs=1e-3)


def test_a_sum_loses_nothing():
    assert exact_sum(np.array([1e16, 1.0, -1e16, 0.5])) == 1.5


@given(numbers, st.integers(0, 60), st.floats(0, 1))
def test_quantiles_are_near_and_add_up(values, at, share):
    values = np.array(values)
    first, second = (Quantiles.of(part) for part in cut(values, at))
    whole = Quantiles.of(values)
    for name, held in vars(first + second).items():
        assert np.array_equal(held, getattr(whole, name)), name
    low, high = (np.quantile(values, share, method=method) for method in ("lower", "higher"))
    reach = 2.0**-11 * max(abs(low), abs(high))
    assert low - reach <= whole.quantile(share) <= high + reach


@given(st.lists(st.integers(-4000, 4000), min_size=1, max_size=60))
def test_medians_of_small_whole_numbers_are_exact(values):
    assert Quantiles.of(np.array(values, dtype=float)).quantile(0.5) == np.median(values)


@given(st.lists(st.integers(0, 99), min_size=1, max_size=40, unique=True), st.integers(0, 40))
def test_a_sample_is_the_same_whatever_the_parts(lots, at):
    lots = np.array(lots, dtype=np.uint64)

    def sample(part):
        return Sample.of(part, [part.astype(float)], most=7)

    first, second = (sample(part) for part in cut(lots, at))
    assert (first + second).columns.tolist() == sample(lots).columns.tolist()
    assert sample(lots).lots.tolist() == sorted(lots.tolist())[:7]
