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


def test_text_is_asked_for_by_label(tables):
    assert tables.is_one_of("child", "p", "a", "gone").tolist() == [False, False, True, True]
    assert tables.codes("child", "p").labels == ("a", "b", "gone")
    assert tables.same("child", "p", "p.k").tolist() == [True, False, True, False]


def test_kept_arrays_cannot_be_written_to(tables):
    with pytest.raises(ValueError, match="read-only"):
        tables.values("parent", "age")[0] = 1


NODE = Table(
    "node",
    (Column("k", Kind.TEXT), Column("up", Kind.TEXT, nullable=True), Column("n", Kind.INTEGER)),
    key="k",
    links=(Link("up", "node", "k"),),
)


def nodes(first, last, **changed):
    numbers = range(first, last)
    columns = {
        "k": [f"N-{n:04d}" for n in numbers],
        "up": [None if n % 3 == 0 else f"N-{n // 2:04d}" for n in numbers],
        "n": list(numbers),
    }
    return pa.table(columns | changed)


@pytest.mark.parametrize("coded", [False, True])
def test_a_shard_sees_its_context_before_its_own_rows(coded):
    context, own = nodes(0, 10), nodes(20, 30)
    if coded:
        own = own.set_column(0, "k", own.column("k").dictionary_encode())
    tables = Tables(
        Schema((NODE,)),
        {"node": own.select},
        {"node": 10},
        context={"node": context.select},
        starts={"node": 20},
    )
    assert tables.rows("node") == 20
    assert tables.own("node") == slice(10, 20)
    assert tables.start("node") == 20
    assert tables.values("node", "n").tolist() == [*range(10), *range(20, 30)]
    assert tables.own_arrow("node", "n").to_pylist() == list(range(20, 30))
    up = tables.row_of("node", "up")[10:]
    assert up.tolist() == [-1 if n % 3 == 0 or n // 2 >= 10 else n // 2 for n in range(20, 30)]
    assert tables.row_of("node", "up.up")[5] == 1
    assert tables.row_of("node", "up.up")[4] == tables.row_of("node", "up")[2] == 1


def test_a_table_that_is_only_context_has_no_own_rows():
    tables = Tables(Schema((NODE,)), {}, {}, context={"node": nodes(0, 4).select})
    assert "node" in tables
    assert tables.own("node") == slice(4, 4)
    assert tables.own_arrow("node", "k").to_pylist() == []


def test_tables_that_are_not_there_have_no_rows_once_they_are_named():
    tables = Tables(Schema((NODE, PARENT)), {"node": nodes(0, 4).select}, {"node": 4})
    along = tables.along(["node", "parent"])
    assert along.rows("parent") == 0
    assert along.values("parent", "age").tolist() == []
    assert "node" not in tables.along(["parent"])


def test_the_first_of_two_rows_with_one_key_is_meant():
    keys = ["N-0001", "N-0007", "N-0001", "N-0003"]
    twice = nodes(0, 4, k=keys, up=["N-0001", "N-0003", "N-0009", None])
    tables = Tables(Schema((NODE,)), {"node": twice.select}, {"node": 4})
    assert tables.row_of("node", "up").tolist() == [0, 3, -1, -1]


@pytest.fixture
def dotted():
    """Names with dots, one of which reads like a way along a link."""
    parent = pa.table({"user.id": [1, 2], "a.b": ["x", "y"]})
    child = pa.table({"user.id": [2, 1], "user": [1, 2], "user.a.b": ["its", "own"]})
    schema = Schema(
        (
            Table("parent", (Column("user.id", Kind.INTEGER), Column("a.b", Kind.TEXT))),
            Table(
                "child",
                (
                    Column("user.id", Kind.INTEGER),
                    Column("user", Kind.INTEGER),
                    Column("user.a.b", Kind.TEXT),
                ),
                links=(Link("user.id", "parent", "user.id"), Link("user", "parent", "user.id")),
            ),
        )
    )
    made = {"parent": parent, "child": child}
    return Tables(
        schema,
        {name: table.select for name, table in made.items()},
        {name: table.num_rows for name, table in made.items()},
    )


def test_a_name_with_dots_is_a_name(dotted):
    assert dotted.values("child", "user.id").tolist() == [2, 1]
    assert dotted.column("child", "user.id").kind is Kind.INTEGER
    assert dotted.row_of("child", "user.id").tolist() == [1, 0]


def test_a_name_goes_before_a_way_that_reads_the_same(dotted):
    assert dotted.values("child", "user.a.b").tolist() == ["its", "own"]


def test_links_and_columns_of_dotted_names_are_followed(dotted):
    assert dotted.values("child", "user.id.a.b").tolist() == ["y", "x"]
    assert dotted.values("child", "user.id.user.id").tolist() == [2, 1]


def test_a_way_that_is_none_is_no_column(dotted):
    with pytest.raises(KeyError):
        dotted.values("child", "gone.id")
    with pytest.raises(KeyError):
        dotted.column("child", "user.gone")
