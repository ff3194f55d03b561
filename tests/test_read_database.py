"""A live database is read, with its keys and links, and never written; nobody hears a password."""

import sqlite3
import sys

import pytest

import generator
from generator.__main__ import main
from generator.errors import ExtractError, RequestError
from generator.read import read_database
from tests.mariadb import PROGRAMS, mariadb_server, program
from tests.postgresql import postgresql_server
from tests.test_infer_links import links

TABLES = """
CREATE TABLE people (id INTEGER PRIMARY KEY, mail VARCHAR(80) UNIQUE, boss INTEGER,
  height NUMERIC(5,2), FOREIGN KEY (boss) REFERENCES people (id));
CREATE TABLE visits (dealer VARCHAR(9), on_day DATE, guests INTEGER, PRIMARY KEY (dealer, on_day));
CREATE TABLE notes (no INTEGER PRIMARY KEY, dealer VARCHAR(9), on_day DATE, writer INTEGER,
  FOREIGN KEY (writer) REFERENCES people (id),
  FOREIGN KEY (dealer, on_day) REFERENCES visits (dealer, on_day));
CREATE TABLE empty_one (a INTEGER);
"""
ROWS = [
    *(
        f"INSERT INTO people VALUES ({at}, 'p{at}@example.com', "
        f"{at // 2 if at > 1 else 'NULL'}, {150 + at % 40}.50)"
        for at in range(1, 80)
    ),
    *(
        f"INSERT INTO visits VALUES ('D{dealer}', '2024-01-{day:02}', {day})"
        for dealer in range(5)
        for day in range(1, 20)
    ),
    *(
        f"INSERT INTO notes VALUES ({at}, 'D{at % 5}', '2024-01-{1 + at % 19:02}', {1 + at % 79})"
        for at in range(200)
    ),
]
LINKS = {
    "people.boss": "people.id",
    "notes.writer": "people.id",
    "notes.dealer, on_day": "visits.dealer, on_day",
}


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "shop.db"
    with sqlite3.connect(path) as database:
        database.executescript(TABLES)
        for row in ROWS:
            database.execute(row)
    return path


def check(tables):
    assert set(tables) == {"people", "visits", "notes"}
    schema = generator.infer(tables)
    assert {t.name: t.key_columns for t in schema} == {
        "people": ("id",),
        "visits": ("dealer", "on_day"),
        "notes": ("no",),
    }
    assert links(schema) == LINKS
    kinds = {c.name: c.kind.value for c in schema["people"].columns}
    assert kinds == {"id": "integer", "mail": "text", "boss": "integer", "height": "decimal"}
    assert schema["notes"].column("on_day").kind == "date"
    assert tables["people"]["height"][0].as_py() == "151.50"
    assert generator.typed(tables, schema)["people"].num_rows == 79


def test_tables_keys_and_links_are_read(file):
    check(read_database(f"sqlite:///{file}"))
    fewer = read_database(f"sqlite:///{file}", left_out=["people.mail", "guests"])
    assert fewer["people"].column_names == ["id", "boss", "height"]
    assert fewer["visits"].column_names == ["dealer", "on_day"]


def test_a_database_is_fitted_by_its_address(file, tmp_path, capsys):
    with sqlite3.connect(file) as database:
        database.execute("DROP TABLE notes")
        database.execute("DROP TABLE visits")
    out = tmp_path / "p.profile"
    assert main(["fit", f"sqlite:///{file}", "--out", str(out)]) == 0
    said = "".join(capsys.readouterr())
    assert "boss leads to people (id). The database says so." in said


def test_nothing_is_written_and_nothing_is_made(file, tmp_path):
    before = file.read_bytes()
    read_database(f"sqlite:///{file}")
    assert file.read_bytes() == before
    with pytest.raises(ExtractError, match="cannot be read"):
        read_database(f"sqlite:///{tmp_path / 'gone.db'}")
    assert not (tmp_path / "gone.db").exists()


SECRET = "hunter2"


@pytest.mark.parametrize(
    ("address", "said"),
    [
        (f"postgresql://me:{SECRET}@127.0.0.1:1/db", "The database “db” at 127.0.0.1 cannot be"),
        (f"mysql://me:{SECRET}@127.0.0.1:1/db", "The database “db” at 127.0.0.1 cannot be"),
        (f"oracle://me:{SECRET}@127.0.0.1/db", "no way to read a database of “oracle”"),
        (f"nonsense+x://me:{SECRET}@h/db", "no way to read a database of “nonsense”"),
        (f"://me:{SECRET}@h:x/db", "address of the database cannot be read"),
    ],
)
def test_what_cannot_be_reached_is_said_without_the_password(address, said, tmp_path, capsys):
    with pytest.raises((RequestError, ExtractError), match=said):
        read_database(address)
    assert main(["fit", address, "--out", str(tmp_path / "p.profile")]) == 2
    told = "".join(capsys.readouterr())
    assert SECRET not in told
    assert told.count("\n") == 1


def test_without_the_extra_one_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    with pytest.raises(RequestError, match=r"install proving-ground\[sql\]"):
        read_database("sqlite:///x.db")


def test_bytes_are_left_to_be_left_out(file):
    with sqlite3.connect(file) as database:
        database.execute("ALTER TABLE people ADD COLUMN face BLOB")
        database.execute("UPDATE people SET face = x'00ff' WHERE id = 7")
    tables = read_database(f"sqlite:///{file}")
    schema = generator.infer(tables)
    assert schema["people"].column("face").doubt == generator.NESTED


@pytest.mark.services
def test_a_postgresql_server_is_read():
    with postgresql_server() as server:
        with server.connect() as connection:
            for statement in [*filter(str.strip, TABLES.split(";")), *ROWS]:
                connection.execute(statement)
        check(read_database(server.address))


@pytest.mark.services
def test_a_mariadb_server_is_read(tmp_path):
    if not all(map(program, PROGRAMS)):
        pytest.skip("needs a MariaDB server: apt install mariadb-server")
    script = tmp_path / "shop.sql"
    script.write_text(TABLES + ";\n".join(ROWS) + ";")
    with mariadb_server() as server:
        server.load(script, "shop")
        check(read_database(server.address("shop")))
