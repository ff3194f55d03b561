"""Excel workbooks: every sheet a table, cells as texts; hostile ones refused in one sentence."""

import io
import random
import zipfile
from datetime import date, datetime, time, timedelta

import pytest

import generator
from generator.errors import ExtractError
from generator.read import read
from tests.faults_drawn import learnt
from tests.memory import measured
from tests.workbooks import sheet, workbook

DAY = date(2024, 1, 31)
NOON = datetime(2024, 1, 31, 12, 30, 5)  # noqa: DTZ001 - Excel knows no zones


@pytest.fixture
def book(tmp_path):
    def make(sheets, *, name="book.xlsx", **more):
        path = tmp_path / name
        path.write_bytes(workbook(sheets, **more))
        return path

    return make


def test_cells_are_texts_in_one_form_a_kind(book):
    header = ["day", "at", "whole", "part", "flag", "clock", "length", "word"]
    first = [DAY, NOON, 12, 1.25, True, time(9, 30), timedelta(hours=51), "#N/A"]
    second = [DAY, datetime(2024, 2, 1), 123456789012345, 1e-7, False, time(9), None, " Zoë "]  # noqa: DTZ001
    table = read(book({"Deals": [header, first, second]}))["book"]
    rows = zip(*table.to_pydict().values(), strict=True)
    assert ["|".join(row) for row in rows] == [
        "2024-01-31|2024-01-31 12:30:05|12|1.25|true|09:30:00|51:00:00|",
        "2024-01-31|2024-02-01 00:00:00|123456789012345|1e-07|false|09:00:00||Zoë",
    ]


def test_every_sheet_with_a_table_is_one_and_named_after_it(book, tmp_path):
    rows = [["id", "n"], [1, "a"], [2, "b"]]
    path = book({"Deals 2024": rows, "Notes": [["only a note"]], "Cars": rows, "Empty": []})
    assert list(read(path)) == ["Deals_2024", "Cars"]
    book({"Cars": rows, "More": rows}, name="other.xlsx")
    assert set(read(tmp_path)) == {"Deals_2024", "Cars", "other_Cars", "More"}


def test_a_table_begins_below_its_title_and_right_of_nothing(book):
    rows = [
        [],
        [None, "Sales of all dealers"],
        [None, "made on", DAY],
        [],
        [None, "make", "price", None, "sold"],
        *([None, "Kia", at, None, DAY] for at in range(30)),
        [],
    ]
    raw = read(book({"x": rows}))
    assert raw["book"].column_names == ["make", "price", "sold"]
    assert raw["book"].num_rows == 30
    rows[20] = [None, "Kia", "dear", None, DAY]
    schema = generator.with_kinds(generator.infer(raw), {"price": "integer"})
    with pytest.raises(ExtractError, match="row 21: the value is no integer"):
        generator.typed(read(book({"x": rows})), schema)


def test_a_sheet_without_names_is_asked_about(book):
    path = book({"x": [[f"Pat{at}", at, DAY] for at in range(40)]})
    with pytest.raises(
        ExtractError, match=r"book\.xlsx, sheet x” seems to have no names of columns"
    ):
        read(path)
    assert read(path, header=False)["book"].column_names == ["column_1", "column_2", "column_3"]


def test_a_column_without_a_name_is_said(book):
    rows = [["make", None, "price"], *(["Kia", "x", at] for at in range(9))]
    with pytest.raises(ExtractError, match="sheet x”: column 2 has no name"):
        read(book({"x": rows}))


def test_a_workbook_is_learnt_and_drawn(book):
    lot = random.Random(3)
    rows = [["sold", "price", "make"]]
    rows += [
        [DAY + timedelta(days=lot.randrange(300)), lot.randrange(900), lot.choice(["Kia", "VW"])]
        for _ in range(300)
    ]
    found = learnt(book({"x": rows}))
    assert [column.kind for column in found.table.columns] == ["date", "integer", "enum"]
    assert {"Kia", "VW"} == set(found.made["make"])


FAR = sheet([["a", "b"], [1, 2]]).replace(
    "</sheetData>", '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
)
SAID = "".join(f'<row r="{at}"><c r="A{at}" t="s"><v>0</v></c></row>' for at in range(1, 9000))
LONG = {
    "xl/sharedStrings.xml": f"<sst><si><t>{'x' * 1_000_000}</t></si></sst>",
    "xl/worksheets/sheet1.xml": sheet([]).replace("</sheetData>", SAID + "</sheetData>"),
}


def hostile():
    plain = workbook({"x": [["a", "b"], [1, 2]]})
    return {
        "far": (workbook({"x": []}, more={"xl/worksheets/sheet1.xml": FAR}), "1,048,576 rows and"),
        "long": (workbook({"x": []}, more=LONG), "as plain values they take"),
        "bomb": (workbook({"x": []}, more={"xl/bomb.xml": "0" * 200_000_000}), "archive bomb"),
        "cut": (plain[:200], "not an Excel workbook"),
        "text": (b"a,b\n1,2\n", "not an Excel workbook"),
        "old": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "protected by a password, or of"),
        "broken": (
            workbook({"x": []}, more={"xl/worksheets/sheet1.xml": "<worksheet><sheetData><row>"}),
            "no sheet|not an Excel workbook",
        ),
        "parts": (workbook({"x": []}, more={f"p{at}": "" for at in range(2500)}), "2,5.. parts"),
        "nothing": (workbook({"x": []}), "no sheet with names of columns"),
        "zip": (workbook({}, more={"xl/workbook.xml": "no XML"}), "not an Excel workbook"),
        "wide": (workbook({"x": [range(1200), range(1200)]}), "has 1,200 columns"),
    }


@pytest.mark.parametrize("kind", hostile())
def test_a_hostile_workbook_is_refused_in_one_sentence(kind, tmp_path):
    content, said = hostile()[kind]
    path = tmp_path / "book.xlsx"
    path.write_bytes(content)
    with pytest.raises(ExtractError, match=said) as refused:
        read(path)
    assert "book.xlsx" in refused.value.sentence
    assert len(refused.value.sentence) < 300


def test_hostile_workbooks_take_little_memory(tmp_path):
    for kind in ("far", "long", "bomb"):
        (tmp_path / f"{kind}.xlsx").write_bytes(hostile()[kind][0])
    said, memory = measured(_READ, str(tmp_path))
    assert said == 3
    assert memory < 900


_READ = """
from generator.errors import ExtractError
from generator.read import read

def run(folder):
    refused = 0
    for path in Path(folder).iterdir():
        try:
            read(path)
        except ExtractError:
            refused += 1
    return refused
"""


def test_a_part_that_lies_about_its_size_is_found_out(tmp_path):
    content = bytearray(workbook({"x": [["a", "b"], *([at, at] for at in range(9))]}))
    with zipfile.ZipFile(io.BytesIO(bytes(content))) as packed:
        size = packed.getinfo("xl/worksheets/sheet1.xml").file_size
    content = bytes(content).replace(size.to_bytes(4, "little"), (size - 50).to_bytes(4, "little"))
    path = tmp_path / "book.xlsx"
    path.write_bytes(content)
    with pytest.raises(ExtractError, match="not an Excel workbook"):
        read(path)
