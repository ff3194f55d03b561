"""Keys and links of several columns: checked, followed, written and described as one."""

import sqlite3
from dataclasses import replace

import pyarrow as pa
import pytest

from generator.dictionary import dictionary
from generator.errors import ProfileError
from generator.schema import Column, Kind, Link, Schema, Table
from generator.summary import tables_of
from generator.validate import validate
from generator.write import mysql, postgres, sqlite

VISIT = Table(
    "visit",
    (
        Column("dealer", Kind.TEXT),
        Column("day", Kind.DATE),
        Column("guests", Kind.INTEGER),
    ),
    together=("dealer", "day"),
)
DRIVE = Table(
    "drive",
    (
        Column("drive_id", Kind.INTEGER, unique=True),
        Column("at.dealer", Kind.TEXT, nullable=True),
        Column("on", Kind.DATE, nullable=True),
    ),
    key="drive_id",
    links=(Link("at.dealer", "visit", "dealer", "parent", further=(("on", "day"),)),),
)
SCHEMA = Schema((VISIT, DRIVE))


def visits(*rows):
    dealers, days, guests = zip(*rows, strict=True)
    return pa.table({"dealer": dealers, "day": pa.array(days, pa.int32()), "guests": guests})


def drives(*rows):
    dealers, days = zip(*rows, strict=True)
    return pa.table(
        {
            "drive_id": list(range(len(rows))),
            "at.dealer": dealers,
            "on": pa.array(days, pa.int32()),
        }
    )


VISITS = (("A", 1, 5), ("A", 2, 6), ("B", 1, 7))
DRIVES = (("B", 1), ("A", 2), ("A", 2), (None, None), ("A", None))


def held(visited=VISITS, driven=DRIVES):
    days = {"visit": visits(*visited), "drive": drives(*driven)}
    return tables_of(SCHEMA, {name: _dated(table) for name, table in days.items()})


def _dated(table):
    days = {"day", "on"}
    fields = [(f.name, pa.date32() if f.name in days else f.type) for f in table.schema]
    return table.cast(pa.schema(fields))


def broken(tables):
    rules = validate(SCHEMA, (), tables)["rules"]
    return {(r["id"], r["table"]): r["reason"] for r in rules if r["broken"]}


def test_a_link_of_several_columns_is_followed():
    tables = held()
    link = SCHEMA["drive"].links[0]
    assert tables.row_of("drive", link.path).tolist() == [2, 1, 1, -1, -1]
    assert tables.values("drive", f"{link.path}.guests")[:3].tolist() == [7, 6, 6]
    assert broken(tables) == {}


def test_a_key_of_several_columns_comes_once_and_a_link_leads_to_it():
    assert broken(held(visited=(*VISITS, ("A", 2, 9)))) == {
        ("R001", "visit"): "dealer, day: 1 row."
    }
    lost = broken(held(driven=(("B", 2), ("A", 1))))
    assert lost == {("R007", "drive"): "at.dealer, on: 1 row."}


def test_a_database_holds_them(tmp_path):
    tables = {"visit": visits(*VISITS), "drive": drives(*DRIVES)}
    path = tmp_path / "bundle.sqlite3"
    sqlite.fill([(SCHEMA[n], [_dated(t)]) for n, t in tables.items()], path)
    with sqlite3.connect(path) as database:
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
        database.execute("PRAGMA foreign_keys=ON")
        with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
            database.execute("INSERT INTO drive VALUES (99, 'B', '1970-01-03')")
        with pytest.raises(sqlite3.IntegrityError, match="UNIQUE"):
            database.execute("INSERT INTO visit VALUES ('A', '1970-01-02', 1)")
    said = postgres.frame(SCHEMA.tables).after.decode()
    assert 'PRIMARY KEY ("dealer", "day")' in said
    assert 'FOREIGN KEY ("at.dealer", "on") REFERENCES "visit" ("dealer", "day")' in said
    framed = mysql.frame(SCHEMA.tables)
    assert "PRIMARY KEY (`dealer`, `day`)" in framed.before.decode()
    assert "FOREIGN KEY (`at.dealer`, `on`) REFERENCES `visit` (`dealer`, `day`)" in (
        framed.after.decode()
    )


def test_a_document_keeps_them_and_refuses_halves():
    assert Schema.from_dict(SCHEMA.to_dict()) == SCHEMA
    assert "`day` (key)" in dictionary(SCHEMA.tables)
    link = DRIVE.links[0]
    for table in (
        replace(VISIT, together=("dealer",)),
        replace(VISIT, together=("dealer", "dealer")),
        replace(VISIT, together=("dealer", "nobody")),
        replace(VISIT, key="dealer"),
        replace(DRIVE, links=(replace(link, further=(("on", "nobody"),)),)),
        replace(DRIVE, links=(replace(link, further=(("at.dealer", "day"),)),)),
        replace(DRIVE, links=(link, link)),
    ):
        tables = [table if table.name == one.name else one for one in SCHEMA]
        with pytest.raises(ProfileError):
            Schema.from_dict(Schema(tuple(tables)).to_dict())
    for further in (["on"], [["on"]], "on", [["on", 1]]):
        document = SCHEMA.to_dict()
        document["tables"][1]["links"][0]["further"] = further
        with pytest.raises(ProfileError):
            Schema.from_dict(document)
