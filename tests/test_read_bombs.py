"""Small files that stand for very much: each is refused in one sentence, before it is made."""

import io
import re

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from generator.read.pages import pages_of
from tests.memory import measured

MOST_MIB = 900  # of a process that reads them all; 150 are the libraries
LEVELS = 20_000


def packed(table: pa.Table, **options) -> bytes:
    sink = io.BytesIO()
    parquet.write_table(table, sink, **options)
    return sink.getvalue()


def of_one_value(size: int, rows: int) -> pa.Table:
    codes = pa.array(np.zeros(rows, np.int32))
    return pa.table({"a": pa.DictionaryArray.from_arrays(codes, ["x" * size])})


def bombs() -> dict[str, tuple[bytes, str]]:
    """Content by name, and words of the sentence."""
    noughts = pa.array(np.zeros(10_000_000, np.int64))
    short = np.zeros(5_000_000, np.int8)
    of_noughts = pa.table({"a": short, "b": pa.array(["y" * 60]).take(pa.array(short))})
    alike = pa.table({"a": pa.array(["x" * 60_000 + str(n) for n in range(5000)])})
    return {
        "deep.jsonl": (b'{"a":' * LEVELS, "line 1: values lie more than 64 deep"),
        "lists.jsonl": (b'{"a":' + b"[" * LEVELS + b"]" * LEVELS + b"}", "line 1: values lie more"),
        "lines.jsonl": (b'{"a":\n' * LEVELS, "line 1 is no JSON"),
        "hidden.jsonl": (b'{"a":"}",\n"b":{"c":"}",\n' * LEVELS, "line 1 is no JSON"),
        "keys.jsonl": (_keys('{"k%d":1}'), "has more than 1,000 columns"),
        "later.jsonl": (b'{"a":1}\n' * 200_000 + _keys('{"k%d":1}'), "more than 1,000 columns"),
        "escaped.jsonl": (_keys('{"k\\"%d\\"a":1}'), "has more than 1,000 columns"),
        "spaced.jsonl": (_keys('{"k%d" :1}'), "has more than 1,000 columns"),
        "value.parquet": (packed(of_one_value(1_000_000, 3200)), "column a, rows 1 to 3,200"),
        "long.parquet": (packed(of_one_value(2_000_000, 10)), "a value of 2,000,000 bytes"),
        "rows.parquet": (
            packed(pa.table(dict.fromkeys("abcde", noughts))),
            "10,000,000 rows of 5 columns: as plain values they take 381 MiB",
        ),
        "pages.parquet": (
            packed(of_noughts, compression="zstd", use_dictionary=False),
            "its .* pages",
        ),
        "alike.parquet": (
            packed(alike, use_dictionary=False, column_encoding={"a": "DELTA_BYTE_ARRAY"}),
            "column a, rows 1 to",
        ),
        "wide.parquet": (packed(pa.table({f"c{n}": [1] for n in range(5000)})), "5,000 columns"),
        "wide.csv": (b"a," * 1_000_000 + b"a\n1\n", "has 1,000,001 columns"),
        "wider.csv": (b"a," * 4_000_000, "first line, which should name the columns"),
        "line.csv": (b"a,b\n1," + b"x" * (40 << 20) + b"\n1,2\n", "row 2: a line of more than 16"),
        "text.jsonl": (b'{"a":"' + b"x" * (40 << 20) + b'"}\n', "row 1: a line of more than 16"),
    }


def _keys(form: str) -> bytes:
    return "\n".join(form % number for number in range(20_000)).encode()


READ = """
from pathlib import Path
import generator
def run(folder):
    said = {}
    for path in sorted(Path(folder).iterdir()):
        try:
            said[path.name] = f"read {len(generator.read(path))}"
        except generator.ExtractError as refused:
            said[path.name] = refused.sentence
    return said
"""


def test_a_bomb_is_refused_in_little_memory(tmp_path):
    made = bombs()
    for name, (content, _) in made.items():
        (tmp_path / name).write_bytes(content)
    said, memory = measured(READ, str(tmp_path))
    for name, (_, words) in made.items():
        assert re.search(words, said[name]), (name, said[name])
        assert f"“{name}”" in said[name]
        assert said[name].endswith(".")
    assert memory < MOST_MIB


def test_a_turned_bit_of_a_parquet_file_ends_no_process(tmp_path):
    table = pa.table({"a": range(300), "b": [f"text {n % 7}" for n in range(300)]})
    whole = packed(table)
    for at in range(4, len(whole), len(whole) // 120):
        harmed = whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :]
        (tmp_path / f"{at:05}.parquet").write_bytes(harmed)
    said, memory = measured(READ, str(tmp_path))
    assert len(said) > 100
    assert all("\n" not in sentence for sentence in said.values())
    assert memory < MOST_MIB


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"compression": "zstd"},
        {"compression": "gzip", "data_page_version": "2.0"},
        {"compression": "none", "use_dictionary": False, "write_page_checksum": True},
        {"use_dictionary": False, "column_encoding": {"b": "DELTA_BYTE_ARRAY"}},
        {"data_page_size": 2000, "row_group_size": 700, "write_statistics": False},
    ],
    ids=str,
)
def test_the_pages_are_all_pages_there_are(options):
    """Headers and content of all pages come to what the footer says of each column."""
    table = pa.table(
        {"a": range(3000), "b": [None if n % 9 == 0 else f"t{n}" for n in range(3000)]}
    )
    raw = packed(table, **options)
    footer = parquet.ParquetFile(io.BytesIO(raw)).metadata
    for group in range(footer.num_row_groups):
        for column in range(2):
            chunk = footer.row_group(group).column(column)
            start = min(filter(None, (chunk.dictionary_page_offset, chunk.data_page_offset)))
            pages = list(pages_of(raw, start, start + chunk.total_compressed_size))
            unpacked = sum(page.unpacked for page in pages)
            assert unpacked < chunk.total_uncompressed_size
            assert chunk.total_uncompressed_size - unpacked < 150 * len(pages)
            delta = options.get("column_encoding", {}).get(footer.schema.names[column])
            assert (7 in {page.encoding for page in pages}) == bool(delta)
