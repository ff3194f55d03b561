"""One bundle loaded into MariaDB, PostgreSQL and SQLite: the same rows and sums in all three."""

import sqlite3

import pyarrow as pa
import pytest

import generator
from generator.schema import Column, Kind, Link, Table
from generator.write import FORMATS
from generator.write.one import write_file
from tests.mariadb import PROGRAMS, mariadb_server, program
from tests.postgresql import postgresql_server
from tests.small import CHILD, NASTY, PARENT, parent_rows

pytestmark = pytest.mark.services
SCHEMA = generator.automotive().schema
KINDS = ("PRIMARY KEY", "FOREIGN KEY", "UNIQUE")


@pytest.fixture(scope="module")
def mariadb():
    if not all(map(program, PROGRAMS)):
        pytest.skip("needs a MariaDB server: apt install mariadb-server")
    with mariadb_server() as server:
        yield server


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    profile = generator.automotive()
    rows = {"deal": 40, "vehicle_telemetry_event": 1_500}
    recipe = generator.Recipe.from_dict({"rows": rows, "formats": ["sqlite", "postgres", "mysql"]})
    made = tmp_path_factory.mktemp("three") / "b"
    generator.sample(profile, generator.plan(profile, recipe), made)
    return made


def figures(table, quote, units):
    """A query of whole numbers: rows, and for each decimal column how many values there are and
    their sum in its least unit."""
    asked = ["count(*)"]
    for column in table.columns:
        if column.kind is Kind.DECIMAL:
            name = f"{quote}{column.name}{quote}"
            asked += [f"count({name})", units(name, 10**column.scale)]
    return f"SELECT {', '.join(asked)} FROM {quote}{table.name}{quote}"


def exact(name, unit):
    return f"CAST(coalesce(sum({name}), 0) * {unit} AS decimal(38, 0))"


def rounded(name, unit):
    return f"coalesce(sum(CAST(round({name} * {unit}) AS INTEGER)), 0)"


def constraints(rows, schema, kind):
    what = f"table_schema = '{schema}' AND constraint_type = '{kind}'"
    return int(
        rows(f"SELECT count(*) FROM information_schema.table_constraints WHERE {what}")[0][0]
    )


def test_three_databases_hold_the_same_rows_and_sums(folder, mariadb):
    mariadb.load(folder / "mysql.sql", "whole")
    with sqlite3.connect(folder / "bundle.sqlite3") as lite, postgresql_server() as post:
        post.load(folder / "postgres.sql")
        lite.execute("PRAGMA foreign_keys = ON")
        assert lite.execute("PRAGMA foreign_key_check").fetchall() == []
        for table in SCHEMA:
            said = {
                "MariaDB": mariadb.rows(figures(table, "`", exact), "whole")[0],
                "PostgreSQL": post.rows(figures(table, '"', exact))[0],
                "SQLite": lite.execute(figures(table, '"', rounded)).fetchone(),
            }
            numbers = {name: [int(str(value)) for value in row] for name, row in said.items()}
            assert numbers["MariaDB"] == numbers["PostgreSQL"], table.name
            assert numbers["SQLite"] == numbers["PostgreSQL"], table.name
        for kind in KINDS[:2]:
            assert constraints(mariadb.rows, "whole", kind) == constraints(
                post.rows, "public", kind
            )


def test_mariadb_keeps_every_text_letter_by_letter(mariadb, tmp_path):
    write_file(FORMATS["mysql"], [(PARENT, [parent_rows(0, 100)]), (CHILD, [])], tmp_path)
    mariadb.load(tmp_path / "mysql.sql", "small")
    held = mariadb.rows("SELECT hex(said) FROM parent ORDER BY k LIMIT 8", "small")
    wanted = ["NULL" if text is None else text.encode().hex().upper() for text in NASTY]
    assert [cells[0] for cells in held] == wanted
    count = mariadb.rows("SELECT count(*), sum(n), sum(money * 100) FROM parent", "small")[0]
    rows = parent_rows(0, 100)
    assert int(count[1]) == sum(rows.column("n").to_pylist())
    assert float(count[2]) == float(100 * sum(filter(None, rows.column("money").to_pylist())))
    moment = mariadb.rows("SELECT at, ok, x FROM parent WHERE k = 'K-000001'", "small")[0]
    assert moment == ["1970-01-01 03:25:42.857", "1", repr(1 / 3)]
    comment = mariadb.rows(
        "SELECT column_comment FROM information_schema.columns "
        "WHERE table_schema = 'small' AND column_name = 'said'"
    )
    assert comment == [["it's free"]]


CONTROL = "".join(map(chr, range(32))) + "'\"`\\%_\x7f\u2028\ufeff"
LONG = "a_table_with_a_name_that_is_longer_than_sixty-four_letters_which_is_cut_in_𝒯"
SELF = Table(
    LONG,
    (
        Column("k", Kind.TEXT, length=20, unique=True),
        Column("above", Kind.TEXT, length=20, nullable=True),
        Column("🚗 said ", Kind.TEXT),
        Column("` said", Kind.TEXT, length=40_000, nullable=True),
        *(Column(f"short {number}", Kind.TEXT, length=255, nullable=True) for number in range(70)),
        Column("DB_ROW_ID", Kind.FLOAT, nullable=True),
    ),
    key="k",
    links=(Link("above", LONG, "k"),),
)


def test_rows_may_point_at_later_rows_and_hold_any_character(mariadb, tmp_path):
    rows = {name: pa.nulls(3, pa.string()) for name in SELF.column_names}
    rows |= {
        "k": pa.array(["a", "A", "á"]),
        "above": pa.array(["A", "á", "a"]),
        "🚗 said ": pa.array([CONTROL, "\U0010ffff" * 20_000, "x" * 5_000_000]),
        "DB_ROW_ID": pa.array([float("inf"), float("nan"), 5e-324]),
    }
    file = write_file(FORMATS["mysql"], [(SELF, [pa.table(rows)])], tmp_path)
    mariadb.load(file, "hard")
    name = mariadb.rows("SHOW TABLES", "hard")[0][0]
    assert len(name) <= 64
    assert name.startswith("a_table_with_")
    held = mariadb.rows(f"SELECT hex(` said`) FROM `{name}` ORDER BY length(` said`)", "hard")
    assert bytes.fromhex(held[0][0]).decode() == CONTROL
    sizes = f"SELECT k, length(` said`), DB_ROW_ID_ FROM `{name}` ORDER BY 2"
    assert mariadb.rows(sizes, "hard") == [
        ["a", str(len(CONTROL.encode())), "NULL"],
        ["A", "80000", "NULL"],
        ["á", "5000000", "5e-324"],
    ]


def test_mariadb_refuses_a_row_that_points_nowhere(mariadb, tmp_path):
    child = pa.table({"k": ["C-1"], "p": ["K-nowhere"]})
    file = write_file(FORMATS["mysql"], [(PARENT, [parent_rows(0, 3)]), (CHILD, [child])], tmp_path)
    with pytest.raises(AssertionError, match="child_p_fkey"):
        mariadb.load(file, "orphan")
