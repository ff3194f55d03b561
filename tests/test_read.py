import gzip
import io
import zipfile

import pyarrow as pa
import pytest
from pyarrow import parquet

from generator.errors import Cancelled, ExtractError
from generator.infer import typed
from generator.read import Limits, read
from generator.schema import Column, Kind, Schema, Table


def parquet_of(table):
    sink = io.BytesIO()
    parquet.write_table(table, sink)
    return sink.getvalue()


BAD = {
    "broken.csv": (b"a,b\n1,2\nsecret,4,5\n6,7\n", "row 3: 3 fields where the header has 2"),
    "short.csv": (b"a,b\n1,2\n3\n", "row 3: 1 fields"),
    "latin.csv": (b"a,b\n1,caf\xe9\n", r"row 2 \(byte 9\) is not UTF-8"),
    "twice.csv": (b"a,b,a\n1,2,3\n", "columns 1 and 3 have the same name"),
    "nameless.csv": (b"a,,c\n1,2,3\n", "column 2 has no name"),
    "norows.csv": (b"a,b\n", "has a header and no rows"),
    "empty.csv": (b"", "is empty"),
    "nul.csv": (b"a,b\n1,\0\n", "row 2: a NUL byte"),
    "utf16.csv": (b"\xff\xfea\x00\x00\xd8\n\x00", r"byte 4\) is not UTF-16 as it begins"),
    "page.csv": (b"<!DOCTYPE html><table><tr><td>1</td></tr></table>\n", "is a page"),
    "paper.csv": (b"%PDF-1.7\n1 0 obj\n", "is a PDF"),
    "nameless_too.csv": (b"a,,b\n1,2,3\n1,,3\n", "column 2 has no name"),
    "many.parquet": (parquet_of(pa.table({"a": pa.array([0] * 100)})), "100 rows"),
    "quote.csv": (b'a,b\n1,2\n1,"x\n2,y\n', "row 3: a quote that is never closed"),
    "inner.csv": (b'a,b\n1,"x\n2,"y"\n3,z\n', "row 2: a quote that is never closed"),
    "lines.csv": (b'a,b\n"1\n2",3\n4,5,6\n', r"row 3 \(line 4\): 3 fields"),
    "blank.csv": (b"a,b\n1,2\n\n3,4,5\n", "row 4: 3 fields"),
    "one.csv": (b"a,b", "has a header and no rows"),
    "long.csv": (b"a," + b"b" * 140_000 + b"\n1,2\n", "no header that can be read"),
    "longish.csv": (b"a," + b"b" * 501 + b"\n1,2\n", "column 2 has 501 characters"),
    "bell.csv": (b"a\x07,b\n1,2\n", "column 1 holds a line end or another control"),
    "folded.csv": (b'"a\nb",c\n1,2\n', "column 1 holds a line end or another control"),
    "nul_name.jsonl": (b'{"a\\u0000":1}\n', "column 1 holds a line end or another control"),
    "blank_name.jsonl": (b'{"a":1," ":1}\n', "column 2 has no name"),
    "nameless.parquet": (parquet_of(pa.table({"": [1]})), "column 1 has no name"),
    "after.jsonl": (b'{"a":1} x\n', "line 1 is no JSON"),
    "later.jsonl": (b'{"a":1}\n\n{"a":3,}\n', "line 3 is no JSON"),
    "list.jsonl": (b'{"a":1}\n[1]\n', "line 2 is no JSON object"),
    "deep.jsonl": (b'{"a":1}\n' + b"[" * 100_000, "line 2: values lie more than 64 deep"),
    "double.jsonl": (b'{"a":1,"a":2}\n', "line 1 names a column twice"),
    "kinds.jsonl": (
        b'{"a":1}\n{"a":"secret"}\n',
        "line 2, column a: text where lines before have a number",
    ),
    "bomb.csv.gz": (gzip.compress(b"a,b\n" + b"0,0\n" * 4_000_000), "archive bomb"),
    "cut.csv.gz": (gzip.compress(b"a,b\n1,2\n" * 999)[:-9], "not a whole gzip file"),
    "no.csv.gz": (b"a,b\n1,2\n", "not a whole gzip file"),
    "no.parquet": (b"PAR1 and nothing", "not a Parquet file"),
    "bad.jsonl": (b'{"a":1}\n{"a":\n', "line 2 is no JSON"),
    "nested.jsonl": (b'{"a":{"b":1}}\n', "column a: nested"),
    "what.txt": (b"a", "not a kind of file"),
    "no.zip": (b"PK nothing", "not a ZIP file"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_one_sentence_without_its_values(name, tmp_path):
    content, words = BAD[name]
    (tmp_path / name).write_bytes(content)
    limits = Limits(rows=50) if name == "many.parquet" else None
    with pytest.raises(ExtractError, match=words) as refused:
        read(tmp_path / name, limits=limits)
    assert "secret" not in refused.value.sentence
    assert name in refused.value.sentence


def packed(members, **options):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, **options) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"../../x.csv": "a\n1\n"}, "leads out of it"),
        ({"/x.csv": "a\n1\n"}, "leads out of it"),
        ({"x.zip": "a\n1\n"}, "another packed file"),
        ({"x.csv": "a\n" + "0\n" * 8_000_000}, "archive bomb"),
        ({f"{n}.csv": "a\n1\n" for n in range(101)}, "at most 100"),
        ({"readme.md": "x"}, "holds no table"),
        ({"one/x.csv": "a\n1\n", "two/x.csv": "a\n1\n"}, "Two files are named"),
        ({"Cars.csv": "a\n1\n", "cars.csv": "a\n1\n"}, "Two files are named “cars”, capitals"),
    ],
)
def test_a_bad_archive_is_refused(members, words, tmp_path):
    (tmp_path / "x.zip").write_bytes(packed(members))
    with pytest.raises(ExtractError, match=words):
        read(tmp_path / "x.zip")


def test_a_claim_of_three_gigabytes_is_refused_unread(tmp_path):
    raw = bytearray(packed({"x.csv": "a\n1\n"}))
    at = raw.index(b"PK\x01\x02")
    raw[at + 24 : at + 28] = (3 * 2**30).to_bytes(4, "little")
    (tmp_path / "x.zip").write_bytes(raw)
    with pytest.raises(ExtractError, match="claims 3,072 MiB"):
        read(tmp_path / "x.zip")


def test_limits_count_rows_columns_and_cells(tmp_path):
    (tmp_path / "x.csv").write_text("a,b\n" + "1,22222\n" * 20)
    for limits, words in (
        (Limits(rows=19), "20 rows"),
        (Limits(columns=1), "2 columns"),
        (Limits(cell=4), "a value of 5 bytes"),
        (Limits(bytes=10), "unpacks to more"),
    ):
        with pytest.raises(ExtractError, match=words):
            read(tmp_path / "x.csv", limits=limits)


@pytest.mark.parametrize(
    "content",
    [
        b"a,b\n1,x\n",
        b"\xef\xbb\xbfa;b\n1;x\n",
        b"a\tb\r\n1\tx\r\n",
        b"a|b\n1|x",
        b"a,b\r1,x\r",
    ],
    ids=["comma", "bom and semicolon", "tab and crlf", "pipe without end", "cr alone"],
)
def test_usual_csv_is_read_as_it_stands(content, tmp_path):
    (tmp_path / "My cars.csv").write_bytes(content)
    assert read(tmp_path / "My cars.csv")["My_cars"].to_pylist() == [{"a": "1", "b": "x"}]


def test_a_folder_gives_a_table_a_file(tmp_path):
    (tmp_path / "one.csv").write_text("a\n1\n")
    parquet.write_table(pa.table({"b": [1, 2]}), tmp_path / "two.parquet")
    (tmp_path / "three.jsonl").write_text('{"c":1}\n')
    (tmp_path / "four.csv.gz").write_bytes(gzip.compress(b"d\n1\n"))
    (tmp_path / "notes.txt").write_text("not a table")
    assert sorted(read(tmp_path)) == ["four", "one", "three", "two"]


def test_what_macos_leaves_beside_the_files_is_skipped(tmp_path):
    left = {"ok.csv": "a\n1\n", "__MACOSX/._ok.csv": "\0", ".DS_Store": "x", "in/._ok.csv": "\0"}
    (tmp_path / "x.zip").write_bytes(packed(left))
    assert list(read(tmp_path / "x.zip")) == ["ok"]
    (tmp_path / "ok.csv").write_text("a\n1\n")
    (tmp_path / "._ok.csv").write_bytes(b"\0")
    assert list(read(tmp_path)) == ["ok"]


def test_a_quote_within_a_field_is_no_open_quote(tmp_path):
    (tmp_path / "x.csv").write_text('a,b\n5" pipe,1\n')
    assert read(tmp_path / "x.csv")["x"]["a"].to_pylist() == ['5" pipe']


@pytest.mark.parametrize(
    ("name", "content", "where"),
    [
        ("x.csv", "a,b\n1,2\nsecret,3\n", r"row 3 \(the header is row 1\)"),
        ("x.csv", 'a,b\n\n1,"2\n2"\n\nsecret,3\n', r"row 5 \(the header is row 1\)"),
        ("x.csv", "a\n\nsecret\n", r"row 3 \(the header is row 1\)"),
        ("x.jsonl", '{"a":"1"}\n\n{"a":"secret"}\n', "row 3:"),
    ],
)
def test_a_value_is_told_by_its_row_in_the_file(name, content, where, tmp_path):
    (tmp_path / name).write_text(content)
    raw = read(tmp_path / name)
    columns = [Column(c, Kind.TEXT, nullable=True) for c in raw["x"].column_names]
    columns[0] = Column("a", Kind.INTEGER, nullable=True)
    with pytest.raises(ExtractError, match=f"Table “x”, column a, {where}") as refused:
        typed(raw, Schema((Table("x", tuple(columns)),)))
    assert "secret" not in refused.value.sentence


def test_endings_may_be_written_large(tmp_path):
    (tmp_path / "CARS.CSV").write_text("a\n1\n")
    (tmp_path / "Vans.Csv.GZ").write_bytes(gzip.compress(b"a\n1\n"))
    assert sorted(read(tmp_path)) == ["CARS", "Vans"]


def test_a_single_column_keeps_its_empty_lines(tmp_path):
    (tmp_path / "x.csv").write_text("a\n1\n\n3\n")
    assert read(tmp_path / "x.csv")["x"]["a"].to_pylist() == ["1", "", "3"]


@pytest.mark.parametrize("name", ["none.csv", "none.zip", "none", "../none.csv"])
def test_what_is_not_there_is_said(name, tmp_path):
    with pytest.raises(ExtractError, match="no file or folder"):
        read(tmp_path / name)


def test_a_folder_may_hold_folders(tmp_path):
    (tmp_path / "deeper.csv").mkdir()
    (tmp_path / "x.csv").write_text("a\n1\n")
    assert list(read(tmp_path)) == ["x"]
    (tmp_path / "x.csv").unlink()
    with pytest.raises(ExtractError, match="holds no table"):
        read(tmp_path)


def test_a_damaged_member_is_said(tmp_path):
    raw = bytearray(packed({"x.csv": "a\n" + "".join(f"{n}\n" for n in range(999))}))
    raw[60:70] = bytes(10)
    (tmp_path / "x.zip").write_bytes(raw)
    with pytest.raises(ExtractError, match=r"x\.csv.*damaged|not a ZIP"):
        read(tmp_path / "x.zip")


def test_what_all_tables_may_take_in_memory_is_an_argument(tmp_path):
    parquet.write_table(pa.table({c: [0] * 300 for c in "abcd"}), tmp_path / "x.parquet")
    (tmp_path / "y.csv").write_text("a,b\n" + "1,2\n" * 300)
    (tmp_path / "z.jsonl").write_text('{"a":1,"b":2}\n' * 300)
    assert sorted(read(tmp_path, budget=100_000)) == ["x", "y", "z"]
    for name, words in (
        ("x.parquet", "300 rows of 4 columns"),
        ("y.csv", "301 lines of 2 columns"),
        ("z.jsonl", "300 lines of 2 columns"),
    ):
        with pytest.raises(ExtractError, match=f"{words}: as plain values they take") as refused:
            read(tmp_path / name, budget=2000)
        assert "bring fewer rows, or leave columns out" in refused.value.sentence
    with pytest.raises(ExtractError, match=r"z\.jsonl"):  # what the others took is gone
        read(tmp_path, budget=15_000)


@pytest.mark.parametrize("name", ["x.csv", "x.csv.gz", "x.jsonl", "x.parquet"])
def test_reading_stops_when_asked(name, tmp_path):
    rows = 50_000
    text = "a,b\n" + "1,some text\n" * rows
    content = {
        "x.csv": text.encode(),
        "x.csv.gz": gzip.compress(text.encode()),
        "x.jsonl": b'{"a":1,"b":"some text"}\n' * rows,
        "x.parquet": parquet_of(pa.table({"a": range(rows), "b": ["some text"] * rows})),
    }
    (tmp_path / name).write_bytes(content[name])
    asked = 0

    def cancelled():
        nonlocal asked
        asked += 1
        return asked > 3

    with pytest.raises(Cancelled):
        read(tmp_path / name, cancelled=cancelled)


@pytest.mark.parametrize("name", ["a\nb.csv", "a\udcffb.csv", "a\x07b.csv"])
def test_a_file_may_be_named_as_no_message_can_say_it(name, tmp_path):
    (tmp_path / name).write_text("a\n1\n")
    assert list(read(tmp_path / name)) == list(read(tmp_path)) == ["a_b"]
    (tmp_path / name).write_text("a,a\n1,2\n")
    with pytest.raises(ExtractError, match=r"“a\ufffdb\.csv”: columns 1 and 2"):
        read(tmp_path / name)


def test_a_name_of_a_packed_file_that_no_system_takes_is_refused(tmp_path):
    (tmp_path / "x.zip").write_bytes(packed({"x" * 300 + ".csv": "a\n1\n"}))
    with pytest.raises(ExtractError, match="whose name has 304 characters"):
        read(tmp_path / "x.zip")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
def test_text_of_other_widths_is_read(encoding, tmp_path):
    (tmp_path / "cars.csv").write_bytes("make;Größe\nŠkoda;ja\nKia;1\n".encode(encoding))
    assert read(tmp_path / "cars.csv")["cars"].to_pydict() == {
        "make": ["Škoda", "Kia"],
        "Größe": ["ja", "1"],
    }


def test_a_stray_delimiter_at_the_end_makes_no_column(tmp_path):
    (tmp_path / "cars.csv").write_text('make,"a b",\n' + "Kia,1,\nVW,2, \n" * 9)
    table = read(tmp_path / "cars.csv", header=True)["cars"]
    assert table.num_rows == 18
    assert table.column_names == ["make", "a b"]


@pytest.mark.parametrize(
    "before",
    [
        "Report;\nDate;2024-01-01\n\n",
        "Report;;\nDate;2024-01-01;\n;;\n",
        "Sales of all\n\n\n",
        "a;b;c;d;e\n\n",
    ],
)
def test_a_report_begins_behind_its_title(before, tmp_path):
    rows = "".join(f"Kia;{at};2024-01-{1 + at % 28:02}\n" for at in range(60))
    (tmp_path / "cars.csv").write_text(before + "make;price;sold\n" + rows)
    table = read(tmp_path / "cars.csv")["cars"]
    assert (table.column_names, table.num_rows) == (["make", "price", "sold"], 60)


def test_a_row_of_too_few_names_is_no_title(tmp_path):
    (tmp_path / "cars.csv").write_text("make,model\n" + "Kia,Rio,red\nVW,Golf,blue\n" * 30)
    with pytest.raises(ExtractError, match="row 2: 3 fields where the header has 2"):
        read(tmp_path / "cars.csv")
