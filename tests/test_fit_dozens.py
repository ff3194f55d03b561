"""Whole numbers that people count in dozens, quarters, weeks: nothing is drawn between them."""

import numpy as np
import pyarrow as pa
import pytest

from generator.leaves.encode import encode
from generator.schema import Column, Kind
from generator.streams import Stream


@pytest.mark.parametrize(
    ("step", "start", "told"),
    [(12, 0, 12), (3, 1, 3), (20, 0, 20), (7, 0, 1), (1000, 0, 1000)],
)
def test_the_step_that_numbers_lie_apart_is_found(step, start, told):
    values = np.random.default_rng(1).integers(1, 9, 80) * step + start
    codec, _ = encode(
        Column("months", Kind.INTEGER),
        pa.chunked_array([values]),
        k=20,
        stream=Stream(1, "loan", "months"),
    )
    assert codec.scale.grid == told
    drawn = codec.scale.values(np.linspace(0, 2**32 - 1, 500))
    assert set((drawn - start) % told) == {0}


def test_one_row_in_many_that_lies_between_is_seen():
    values = np.append(np.full(5000, 24), 30)
    values[::2] = 36
    values[4990] = 31
    codec, _ = encode(
        Column("months", Kind.INTEGER),
        pa.chunked_array([values]),
        k=20,
        stream=Stream(1, "loan", "months"),
    )
    assert codec.scale.grid == 1
