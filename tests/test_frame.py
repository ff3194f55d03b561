from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

from generator.frame import Coded, Frame, scaled_of
from generator.schema import Column, Kind, Table

TABLE = Table(
    "t",
    (
        Column("key", Kind.TEXT),
        Column("n", Kind.INTEGER, nullable=True),
        Column("money", Kind.DECIMAL, nullable=True, precision=12, scale=2),
        Column("state", Kind.ENUM, nullable=True, values=("A", "B")),
        Column("day", Kind.DATE),
        Column("at", Kind.TIMESTAMP),
        Column("ok", Kind.BOOLEAN),
    ),
)


@pytest.fixture
def frame():
    frame = Frame(TABLE, start=0, rows=2)
    frame.set("key", np.array([b"K-1", b"K-2"]))
    frame.set("n", np.array([5, 0]), np.array([False, True]))
    frame.set("money", np.array([-1234, 99]), np.array([False, True]))
    frame.set("state", Coded(np.array([1, -1], np.int32), ("A", "B")))
    frame.set("day", np.array(["2025-02-28", "2024-02-29"], "datetime64[D]"))
    frame.set("at", np.array(["2025-01-01T00:00:00.123", "1969-12-31"], "datetime64[ms]"))
    frame.set("ok", np.array([True, False]))
    frame.set("_row", np.array([7, 8]))
    return frame


def test_to_arrow_keeps_values_and_leaves_working_columns_out(frame):
    rows = frame.to_arrow().to_pylist()
    assert "_row" not in rows[0]
    assert rows[0]["key"] == "K-1"
    assert rows[0]["money"] == Decimal("-12.34")
    assert rows[0]["state"] == "B"
    assert rows[0]["at"].isoformat() == "2025-01-01T00:00:00.123000+00:00"
    assert rows[1]["n"] is rows[1]["money"] is rows[1]["state"] is None
    assert rows[1]["day"].isoformat() == "2024-02-29"


def test_scaled_of_reverses_decimals(frame):
    money = frame.to_arrow().column("money")
    assert scaled_of(money).tolist() == [-1234, 0]
    assert scaled_of(money.slice(1)).tolist() == [0]
    assert scaled_of(pa.chunked_array([], pa.decimal128(12, 2))).tolist() == []


def test_text_reads_all_forms_alike(frame):
    assert frame.text("key").tolist() == ["K-1", "K-2"]
    assert frame.text("state").tolist() == ["B", None]
    assert frame.missing("state").tolist() == [False, True]


def test_a_column_of_another_length_is_refused(frame):
    with pytest.raises(ValueError, match=r"t\.n: 3 values, 2 rows"):
        frame.set("n", np.arange(3))
