"""Any frame that can be invented is fitted, sampled and compared, or refused with one sentence:
never a traceback, a hang, a wrong type, a changed column order, an unreadable bundle."""

import datetime
import os
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import generator
from generator.errors import GeneratorError

EXAMPLES = int(os.environ.get("FRAMES", "12"))  # of each test
QUICK = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize="FRAMES" not in os.environ,
    suppress_health_check=list(HealthCheck),
    database=None,
)
WORDS = ("N/A", "-", "0", "1e3", "$1,200.00", "7 %", "3-Mar-24", "2024-02-30", "9999-12-31")
SHOWN = st.characters(exclude_categories=("Cs", "Cc"))

names = st.one_of(
    st.sampled_from(["id", "a.b", "order", "Größe", "select", "x y", "1", "_u", "é\u0301"]),
    st.text(SHOWN, min_size=1, max_size=12),
)
SPAN = (
    datetime.datetime.fromisoformat("1700-01-01"),
    datetime.datetime.fromisoformat("2200-01-01"),
)
days = st.dates(datetime.date(1, 1, 1), datetime.date(9999, 12, 31))
moments = st.datetimes(*SPAN)
texts = st.one_of(st.sampled_from(WORDS), st.text(SHOWN, max_size=12))
KINDS = {
    "int8": (pa.int8(), st.integers(-128, 127)),
    "int64": (pa.int64(), st.integers(-(2**63), 2**63 - 1)),
    "uint64": (pa.uint64(), st.integers(0, 2**64 - 1)),
    "small": (pa.int64(), st.integers(0, 5)),
    "float": (pa.float64(), st.floats(allow_subnormal=False)),
    "float32": (pa.float32(), st.floats(width=32)),
    "truth": (pa.bool_(), st.booleans()),
    "day": (pa.date32(), days),
    "moment": (pa.timestamp("us"), moments),
    "zoned": (pa.timestamp("ms", tz="UTC"), moments),
    "text": (pa.string(), texts),
    "few": (pa.string(), st.sampled_from(["a", "b", "c"])),
    "prices": (pa.string(), st.integers(0, 10**6).map(lambda n: f"${n / 100:,.2f}")),
    "codes": (pa.string(), st.integers(0, 9999).map(lambda n: f"A-{n:05}")),
    "decimal": (pa.decimal128(12, 2), st.integers(-(10**9), 10**9).map(lambda n: Decimal(n) / 100)),
    "nothing": (pa.null(), st.none()),
    "time": (pa.time64("us"), st.times()),
    "bytes": (pa.binary(), st.binary(max_size=4)),
    "many": (pa.list_(pa.int64()), st.lists(st.integers(0, 3), max_size=2)),
}


@st.composite
def columns(draw, rows, kinds=tuple(KINDS)):
    """One column: repeated values of a few, or each its own; nulls now and then."""
    kind, value = KINDS[draw(st.sampled_from(kinds))]
    pool = draw(st.lists(value, min_size=1, max_size=12))
    chosen = draw(st.lists(st.integers(0, 10**6), min_size=rows, max_size=rows))
    holes = draw(st.sampled_from([0, 0, 3, 7]))
    values = [
        None if holes and at % 10 < holes else pool[number % len(pool)]
        for at, number in enumerate(chosen)
    ]
    return pa.array(values, kind)


@st.composite
def frames(draw, kinds=tuple(KINDS)):
    rows = draw(st.sampled_from([1, 2, 13, 60, 220]))
    named = draw(st.lists(names, min_size=1, max_size=4, unique=True))
    return pa.table([draw(columns(rows, kinds)) for _ in named], names=named)


def through(path: Path, folder: Path) -> None:
    """Fit, sample in two formats, compare; or one sentence."""
    try:
        raw = generator.read(path)
        schema = generator.infer(raw)
        profile = generator.fit(generator.typed(raw, schema), schema, name="frame")
    except GeneratorError as refused:
        said(refused)
        return
    saved = folder / "frame.profile"
    generator.save_profile(profile, saved)
    read = generator.load_profile(saved)
    plan = generator.plan(read, generator.Recipe.from_dict({"formats": ["csv", "parquet"]}))
    out = folder / "out"
    generator.sample(read, plan, out)
    (table,) = schema
    drawn = generator.open_bundle(out).tables()
    assert drawn.schema[table.name].column_names == table.column_names
    wanted = [column.arrow_type() for column in read.schema[table.name].columns]
    assert [drawn.arrow(table.name, name).type for name in table.column_names] == wanted
    head = pyarrow.csv.read_csv(next(out.glob("*.csv"))).column_names
    assert head == list(table.column_names)
    found = generator.compare_paths(path, out)
    assert "<svg" in generator.to_html(found) or not found["columns"]
    assert generator.to_text(found)


def said(refused: GeneratorError) -> None:
    """One sentence or two, in one line, without the words of a programmer."""
    text = refused.sentence
    assert text.endswith((".", "?"))
    assert "\n" not in text
    assert "Traceback" not in text
    assert 20 < len(text) < 500


@QUICK
@given(frames())
def test_any_parquet_file(tmp_path_factory, frame):
    folder = tmp_path_factory.mktemp("frame")
    pyarrow.parquet.write_table(frame, folder / "frame.parquet")
    through(folder / "frame.parquet", folder)


TEXTS = ("small", "text", "few", "prices", "codes", "float", "int64", "day", "moment", "truth")


@QUICK
@given(frames(kinds=TEXTS))
def test_any_csv_file(tmp_path_factory, frame):
    folder = tmp_path_factory.mktemp("frame")
    pyarrow.csv.write_csv(frame, folder / "frame.csv")
    through(folder / "frame.csv", folder)


@pytest.mark.parametrize("kind", KINDS)
def test_one_column_of_each_kind(tmp_path, kind):
    """Sixty rows of three values, then nothing: every kind is seen, whatever chance invents."""
    arrow, _ = KINDS[kind]
    held = {
        "int64": [2**63 - 1, -(2**63), 0],
        "uint64": [2**64 - 1, 1, 2],
        "float": [float("nan"), float("inf"), 1e308],
        "float32": [1.5, -0.0, 3e38],
        "truth": [True, False, None],
        "day": [datetime.date(1, 1, 1), datetime.date(9999, 12, 31), None],
        "moment": [*SPAN, None],
        "zoned": [*SPAN, None],
        "text": ["$1", "", "\U0001f697 é"],
        "few": ["a", "b", "c"],
        "prices": ["$1.00", "$2,000.50", "N/A"],
        "codes": ["A-00001", "A-00002", "B-1"],
        "decimal": [Decimal("1.10"), Decimal("-99999999.99"), None],
        "nothing": [None, None, None],
        "time": [datetime.time(0), datetime.time(23, 59, 59), None],
        "bytes": [b"\xff", b"", None],
        "many": [[1], [], None],
    }.get(kind, [1, 2, 3])
    table = pa.table({"value": pa.array(held * 20, arrow), "n": list(range(60))})
    pyarrow.parquet.write_table(table, tmp_path / "frame.parquet")
    through(tmp_path / "frame.parquet", tmp_path)
