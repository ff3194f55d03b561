import pyarrow as pa
import pytest

from generator.schema import Column, Kind, Link, Schema, Table
from generator.tables import Tables

PARENT = Table(
    "parent", (Column("k", Kind.TEXT), Column("age", Kind.INTEGER, nullable=True)), key="k"
)
CHILD = Table(
    "child",
    (Column("p", Kind.TEXT, nullable=True), Column("m", Kind.DECIMAL, precision=9, scale=2)),
    links=(Link("p", "parent", "k"),),
)


@pytest.fixture
def tables():
    parent = pa.table({"k": ["a", "b"], "age": pa.array([40, None], pa.int64())})
    child = pa.table(
        {
            "p": ["b", None, "a", "gone"],
            "m": pa.array([1, 2, 3, 4], pa.int64()).cast(pa.decimal128(21, 2)),
        }
    )
    made = {"parent": parent, "child": child}
    return Tables(
        Schema((PARENT, CHILD)),
        {name: table.select for name, table in made.items()},
        {name: table.num_rows for name, table in made.items()},
    )


def test_links_are_followed_to_row_numbers(tables):
    assert tables.row_of("child", "p").tolist() == [1, -1, 0, -1]


def test_paths_read_through_links(tables):
    assert tables.missing("child", "p.age").tolist() == [True, True, False, True]
    assert tables.values("child", "p.age")[2] == 40
    assert tables.column("child", "p.age").kind is Kind.INTEGER


def test_decimals_come_scaled(tables):
    assert tables.values("child", "m").tolist() == [100, 200, 300, 400]


def test_forgetting_a_table_reads_it_again(tables):
    first = tables.arrow("child", "m")
    assert tables.arrow("child", "m") is first
    tables.forget("child")
    assert tables.arrow("child", "m") is not first
