"""Text made a column at a time is the text a plain loop would make."""

import csv
import gzip
import hashlib
import io
import json
from datetime import UTC, date, datetime
from decimal import Decimal

import duckdb
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

from generator.schema import Column, Kind, Table
from generator.write import FORMATS
from generator.write.one import write_file

TABLE = Table(
    "odd",
    (
        Column("first", Kind.TEXT, nullable=True),
        Column("code", Kind.ENUM, nullable=True, values=('"', "plain", "")),
        Column("small", Kind.DECIMAL, nullable=True, precision=5, scale=2),
        Column("large", Kind.DECIMAL, nullable=True, precision=30, scale=4),
        Column("at", Kind.TIMESTAMP, nullable=True),
        Column("day", Kind.DATE, nullable=True),
        Column("ratio", Kind.FLOAT, nullable=True),
        Column("yes", Kind.BOOLEAN, nullable=True),
        Column("number", Kind.INTEGER, nullable=True),
    ),
)
ROWS = [
    (
        *("a", "plain", "1.00", "-0.0001"),
        *(datetime(2025, 1, 31, 9, 15, 0, 250_000, UTC), date(2024, 2, 29), 0.1, True, 1),
    ),
    (
        *('q"\\,\x01\n\t', '"', "655.36", "12345678901234567890.1234"),
        datetime(1899, 12, 31, 23, 59, 59, 999_000, UTC),
        *(date(1850, 1, 1), -1e300, False, -(2**63)),
    ),
    (None,) * 9,
    (
        *("Zoë 漢字", "", "-0.05", "0.0000", datetime(2150, 6, 1, tzinfo=UTC)),
        *(date(2200, 12, 31), 5e-324, True, 2**63 - 1),
    ),
    (
        *("", "plain", "655.35", "9.9999", datetime(1900, 1, 1, tzinfo=UTC)),
        *(date(2099, 12, 31), 1.0, False, 0),
    ),
]


def odd_rows(*places: int) -> pa.Table:
    """Some of the rows; the enum as codes, all columns slices of longer ones."""
    chosen = [ROWS[0], *(ROWS[place] for place in places)]
    columns = []
    for column, values in zip(TABLE.columns, zip(*chosen, strict=True), strict=True):
        exact = Decimal if column.kind is Kind.DECIMAL else lambda value: value
        held = [None if value is None else exact(value) for value in values]
        columns.append(pa.array(held, column.arrow_type()))
    columns[1] = columns[1].dictionary_encode()
    return pa.table(columns, names=list(TABLE.column_names)).slice(1)


PLACES = [(0, 1, 2, 3, 4), (0, 4), (0,), (2, 0), (2,), (1, 3)]


def said(value) -> str:
    match value:
        case datetime():
            return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        case bool():
            return str(value).lower()
    return str(value)


@pytest.mark.parametrize("places", PLACES)
def test_json_lines_are_what_json_says(places, tmp_path):
    rows = odd_rows(*places)
    lines = write_file(FORMATS["jsonl"], [(TABLE, [rows])], tmp_path).read_text("utf-8")
    wanted = [
        {
            name: value if isinstance(value, int | float) else said(value)
            for name, value in row.items()
            if value is not None
        }
        for row in rows.to_pylist()
    ]
    assert [json.loads(line) for line in lines.split("\n")[:-1]] == wanted
    assert lines.endswith("}\n")


@pytest.mark.parametrize("places", PLACES)
def test_csv_is_what_a_csv_reader_reads(places, tmp_path):
    rows = odd_rows(*places)
    text = write_file(FORMATS["csv"], [(TABLE, [rows])], tmp_path).read_bytes().decode()
    head, *lines = csv.reader(io.StringIO(text, newline=""))
    assert head == list(TABLE.column_names)
    texts = [name for name in head if name not in ("ratio",)]
    for line, row in zip(lines, rows.to_pylist(), strict=True):
        read = dict(zip(head, line, strict=True))
        assert [read[name] for name in texts] == [
            "" if row[name] is None else said(row[name]) for name in texts
        ]
        assert (float(read["ratio"]) if read["ratio"] else None) == row["ratio"]


def test_a_float_that_is_no_number_is_absent_from_json(tmp_path):
    table = Table("t", (Column("x", Kind.FLOAT, nullable=True), Column("n", Kind.INTEGER)))
    rows = pa.table({"x": [float("nan"), float("inf"), 2.5], "n": [1, 2, 3]})
    lines = write_file(FORMATS["jsonl"], [(table, [rows])], tmp_path).read_text()
    assert lines == '{"n":1}\n{"n":2}\n{"x":2.5,"n":3}\n'


def test_packed_bytes_are_those_of_every_processor(tmp_path):
    """libdeflate's output for these rows, noted once; it must not depend on the machine."""
    rows = pa.table({"n": list(range(5_000)), "word": [f"w{n * n % 97}" for n in range(5_000)]})
    table = Table("t", (Column("n", Kind.INTEGER), Column("word", Kind.TEXT)))
    path = write_file(FORMATS["csv.gz"], [(table, [rows, rows])], tmp_path)
    packed = path.read_bytes()
    assert gzip.decompress(packed).count(b"\n") == 10_001
    assert hashlib.sha256(packed).hexdigest() == PACKED


PACKED = "a6844dfcd693bf0ff7c045411551ed20f12aafc4ea8f5e5a1f640b7917dc41b1"


def test_parquet_reads_back_exactly_in_other_tools(tmp_path):
    rows = odd_rows(0, 1, 2, 3, 4)
    path = write_file(FORMATS["parquet"], [(TABLE, [rows, rows])], tmp_path)
    wanted = pa.concat_tables([rows, rows]).cast(TABLE.arrow_schema())
    assert parquet.read_table(path).equals(wanted)
    names = TABLE.column_names
    with duckdb.connect() as database:
        database.execute("SET TimeZone = 'UTC'")
        said = ", ".join('epoch_ms("at")' if name == "at" else f'"{name}"' for name in names)
        query = f"SELECT {said} FROM read_parquet(?)"
        found = database.execute(query, [str(path)]).fetchall()
    moments = wanted.column("at").cast(pa.int64()).to_pylist()
    for at, (row, read) in enumerate(zip(wanted.to_pylist(), found, strict=True)):
        row["at"] = moments[at]
        assert read == tuple(row[name] for name in names)
    frame = pd.read_parquet(path)
    assert frame["small"].tolist()[0] == Decimal("1.00")
    assert str(frame["at"].dtype) == "datetime64[ms, UTC]"


def test_parquet_packs_numbers_and_keeps_short_dictionaries(tmp_path):
    rows = odd_rows(0, 1, 3, 4)
    path = write_file(FORMATS["parquet"], [(TABLE, [rows])], tmp_path)
    group = parquet.ParquetFile(path).metadata.row_group(0)
    encodings = {
        TABLE.column_names[at]: group.column(at).encodings for at in range(len(TABLE.columns))
    }
    for name in ("small", "at", "day", "number"):
        assert "DELTA_BINARY_PACKED" in encodings[name]
    assert "RLE_DICTIONARY" in encodings["code"]
    assert "BYTE_STREAM_SPLIT" in encodings["ratio"]
