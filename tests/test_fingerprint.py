"""Equal values have equal fingerprints, others have others, wherever they stand."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.fingerprint import KeySet, fingerprints, rows_in

texts = st.lists(
    st.text(max_size=20)
    | st.from_regex(r"\A[A-Z]{1,3}-[0-9]{1,18}\Z")
    | st.integers(0, 30).map(lambda number: f"K-{number:04d}")
)


def pairs(values):
    marks = fingerprints(pa.array(values, pa.string()))
    return list(zip(marks.family.tolist(), marks.place.tolist(), strict=True))


@given(texts)
def test_texts_are_equal_exactly_when_their_fingerprints_are(values):
    numbers = dict(zip(values, pairs(values), strict=True))
    assert len(set(numbers.values())) == len(numbers)
    for text, pair in numbers.items():
        assert pairs([text]) == [pair]  # whatever stands beside it


@pytest.mark.parametrize("width", [1, 8, 9, 16])
def test_consecutive_keys_are_neighbours(width):
    numbers = [0, 1, 2, 3] if width == 1 else range(10 ** (width - 1) - 2, 10 ** (width - 1) + 2)
    marks = fingerprints(pa.array([f"DL-{number:0{width}d}" for number in numbers]))
    assert marks.run is not None
    assert np.diff(marks.place).tolist() == [1, 1, 1]


def test_integers_and_codes_have_fingerprints():
    assert fingerprints(pa.array([-1, 0, 1])).run is not None
    plain = pa.array(["a", None, "b9", "a"])
    first, second = fingerprints(plain), fingerprints(plain.dictionary_encode())
    assert first.missing.tolist() == second.missing.tolist() == [False, True, False, False]
    assert second.place.dtype == second.family.dtype == np.uint64  # floats would lose their ends
    assert not second.alone
    assert fingerprints(pa.array(["a1", None, "a2"]).dictionary_encode()).alone
    there = ~first.missing
    assert (first.place[there] == second.place[there]).all()
    assert (first.family[there] == second.family[there]).all()


@pytest.mark.parametrize("keys", [["T-01", "T-02", "other", None], ["T-01", "T-01", "T-02"]])
def test_runs_of_equal_texts_read_as_each_row_alone(keys):
    """A long column that repeats its rows is read a run at a time."""
    long = [key for key in [*keys, *keys] for _ in range(3_000)]
    marks, alone = fingerprints(pa.array(long)), fingerprints(pa.array(keys))
    again = np.tile(np.repeat(np.arange(len(keys)), 3_000), 2)
    assert marks.missing.tolist() == alone.missing[again].tolist()
    there = ~marks.missing
    assert (marks.place[there] == alone.place[again][there]).all()
    assert (marks.family[there] == alone.family[again][there]).all()
    assert marks.alone == alone.alone


@given(st.lists(st.integers(0, 40), unique=True), st.lists(st.integers(0, 60)))
def test_rows_of_keys_are_found_by_arithmetic_or_not_at_all(numbers, wanted):
    keys = [f"K-{number:03d}" for number in numbers]
    asked = [*(f"K-{number:03d}" for number in wanted), "X-001", None]
    found = rows_in(
        fingerprints(pa.array(keys, pa.string())), fingerprints(pa.array(asked, pa.string()))
    )
    if found is not None:
        expected = [keys.index(key) if key in keys else -1 for key in asked]
        assert found.tolist() == expected


@given(st.lists(texts, max_size=5))
def test_a_set_of_keys_names_what_it_held_before(parts):
    keys, seen = KeySet(), set()
    for part in parts:
        values = fingerprints(pa.array(part, pa.string()))
        assert keys.holds(values).tolist() == [text in seen for text in part]
        repeats = [row for row, text in enumerate(part) if text in seen or text in part[:row]]
        assert keys.add(values).tolist() == repeats
        seen |= set(part)


def test_runs_and_single_keys_are_held_against_each_other():
    def keys(numbers):
        return fingerprints(pa.array([f"K-{number:03d}" for number in numbers]))

    held = KeySet()
    assert held.add(keys(range(10))).tolist() == []
    assert held.add(keys([20, 9, 22])).tolist() == [1]
    assert held.add(keys(range(18, 24))).tolist() == [2, 4]
    assert held.add(keys(range(10, 13))).tolist() == []
    assert len(held.runs) == 1
    (runs,) = held.runs.values()
    assert len(runs) == 2


def test_missing_keys_are_no_keys():
    held = KeySet()
    assert held.add(fingerprints(pa.array([None, "a", None]))).tolist() == []
    assert not held.holds(fingerprints(pa.array([None, "b"]))).any()
