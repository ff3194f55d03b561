"""What a summary keeps of tables, and what it must not."""

import json
from datetime import date

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.errors import ProfileError
from generator.frame import Coded
from generator.schema import Column, Kind, Link, Schema, Table
from generator.summary import Bins, Summary, counted, summarize, summarize_frames, tables_of
from generator.summary.bins import category_bins, even_bins, quantile_bins
from generator.summary.count import column_of, crossed, pearson

OWNER = Table(
    "owner",
    (
        Column("owner_key", Kind.TEXT, length=50, unique=True),
        Column("name", Kind.TEXT, personal="name"),
        Column("town", Kind.TEXT),
        Column("income", Kind.DECIMAL, precision=12, scale=2, nullable=True),
        Column("joined", Kind.DATE),
        Column("active", Kind.BOOLEAN),
    ),
    key="owner_key",
)
CAR = Table(
    "car",
    (Column("owner_key", Kind.TEXT), Column("doors", Kind.INTEGER)),
    links=(Link("owner_key", "owner", "owner_key", "parent"),),
)
SCHEMA = Schema((OWNER, CAR))
ROWS = 200


@pytest.fixture(scope="module")
def tables():
    number = np.arange(ROWS)
    income = pa.array([None if n % 10 == 0 else 1000 + 317 * n for n in number], pa.int64())
    owner = pa.table(
        {
            "owner_key": [f"OWNER-{n}" for n in number],
            "name": ["Ada" if n % 2 else "Bob" for n in number],
            "town": ["Rare" if n < 9 else "Some" if n < 60 else "Most" for n in number],
            "income": income.cast(pa.decimal128(21, 2)),
            "joined": [date(2025, 1 + int(n) // 50, 3) for n in number],
            "active": [n % 4 == 0 for n in number],
        }
    )
    car = pa.table(
        {
            "owner_key": [f"OWNER-{n // 3}" for n in range(300)],
            "doors": [2 if n % 3 == 0 else 4 for n in range(300)],
        }
    )
    return tables_of(SCHEMA, {"owner": owner, "car": car})


@pytest.fixture(scope="module")
def summary(tables):
    return summarize(tables, k=10)


def test_a_label_of_fewer_than_k_rows_is_nowhere_in_the_document(summary):
    assert "Rare" not in json.dumps(summary.to_dict())
    town = summary.tables["owner"].columns["town"]
    assert town.bins.labels == ("Most", "Some", "(other)")
    assert town.counts == (140, 51, 0, 0)  # nine rows are too few to be told


def test_keys_links_and_personal_text_have_no_distribution(summary):
    columns = summary.tables["owner"].columns
    assert columns["owner_key"].role == "key"
    assert columns["name"].role == "text"
    assert columns["name"].bins is None
    assert summary.tables["car"].columns["owner_key"].role == "key"


def test_an_unshared_edge_is_the_mean_of_k_neighbours(summary):
    income = summary.tables["owner"].columns["income"]
    lowest = sorted(1000 + 317 * n for n in range(ROWS) if n % 10)[:10]
    assert income.bins.edges[0] == pytest.approx(np.mean(lowest))
    assert income.missing == 20
    assert sum(income.counts) == ROWS
    assert min(income.counts) >= 10


def test_two_way_counts_add_up_and_hide_small_cells(summary):
    pair = summary.tables["owner"].pairs["town", "active"]
    assert pair.sum(axis=1).tolist()[:2] == [140, 51]
    assert pair[pair > 0].min() >= 10


def test_months_and_children_are_counted(summary):
    assert summary.tables["owner"].calendar["joined"] == {
        "2025-01": 50,
        "2025-02": 50,
        "2025-03": 50,
        "2025-04": 50,
    }
    (children,) = summary.children
    assert dict(zip(children.bins.labels, children.counts, strict=True))["0"] == 100
    assert children.mean == 1.5


def test_another_table_is_counted_into_the_same_bins(tables, summary):
    again = counted(tables, like=summary)
    for name, column in summary.tables["owner"].columns.items():
        assert again.tables["owner"].columns[name].bins == column.bins
    assert again.tables["owner"].columns["town"].counts == (140, 51, 9, 0)


def test_a_summary_survives_json(summary):
    document = json.loads(json.dumps(summary.to_dict()))
    assert Summary.from_dict(document).to_dict() == document


@pytest.mark.parametrize("document", [{}, {"format": 9, "k": 1}, {"format": 1, "k": "x"}])
def test_a_damaged_summary_is_refused(document):
    with pytest.raises(ProfileError):
        Summary.from_dict(document)


def test_a_table_without_rows_is_summarised():
    empty = {t.name: t.arrow_schema().empty_table() for t in SCHEMA}
    summary = summarize_frames(SCHEMA, empty)
    assert summary.tables["owner"].rows == 0
    assert json.dumps(summary.to_dict())


def test_a_wide_summary_stays_small():
    names = [f"c{n}" for n in range(150)]
    rng = np.random.Generator(np.random.PCG64(1))
    table = Table("wide", tuple(Column(name, Kind.FLOAT) for name in names))
    values = {name: rng.random(2000) for name in names}
    summary = summarize_frames(Schema((table,)), {"wide": pa.table(values)})
    assert len(json.dumps(summary.to_dict())) < 5_000_000
    assert len(summary.tables["wide"].pairs) > 1000


@given(st.lists(st.floats(-1e9, 1e9) | st.just(float("nan")), max_size=60), st.integers(1, 12))
def test_every_value_falls_into_one_bin(values, k):
    column = np.array(values, dtype=np.float64)
    bins = quantile_bins(column, most=10, k=k)
    assert bins.count(column).sum() == len(column)
    assert bins.count(column)[-1] == np.isnan(column).sum()
    assert len(bins.labels) <= 10
    assert list(bins.edges) == sorted(bins.edges)
    assert Bins.from_dict(bins.to_dict()) == bins


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60), st.booleans())
def test_even_bins_are_even(values, whole):
    column = np.round(values) if whole else np.array(values)
    edges = np.array(even_bins(column, about=24, k=1, whole=whole).edges)
    assert len(edges) <= 28
    assert np.allclose(np.diff(edges), edges[1] - edges[0], rtol=1e-6, atol=1e-9)


def test_categories_come_largest_first():
    values = Coded(np.array([0, 1, 1, 1, 2, 2, -1], dtype=np.int32), ("a", "b", "c"))
    bins = category_bins(values, most=2, k=1)
    assert bins.labels == ("b", "c", "(other)")
    assert bins.count(values).tolist() == [3, 2, 1, 1]


def test_correlations_are_pairwise_complete():
    first = np.array([1.0, 2, 3, 4, np.nan])
    second = np.array([2.0, 1, 4, np.nan, 9])
    found = pearson(np.column_stack([first, second, np.ones(5)]))
    assert found[0, 1] == pytest.approx(np.corrcoef(first[:3], second[:3])[0, 1])
    assert np.isnan(found[0, 2])


def test_crossing_counts_pairs():
    assert crossed(np.array([0, 1, 1]), np.array([1, 0, 0]), (2, 2)).tolist() == [[0, 1], [2, 0]]


@pytest.mark.parametrize("rows", [45, 160, 170, 250])
@pytest.mark.parametrize("seed", range(4))
def test_a_short_table_is_told_of_as_it_is(rows, seed):
    """Of bins with a row too few nothing is told, and the others would seem to hold more."""
    values = np.round(np.random.default_rng(seed).lognormal(11, 0.8, rows))
    table = Column("amount", Kind.INTEGER)
    found = column_of("loan", table, "number", values, missing=0, k=20)
    assert sum(found.counts) == rows
    assert sum(found.chart_counts) >= 0.9 * rows
    days = np.sort(values).astype("datetime64[D]").astype("datetime64[ms]").astype(np.float64)
    dated = column_of("loan", Column("day", Kind.DATE), "moment", days, missing=0, k=20)
    assert sum(dated.counts) == rows
    assert sum(dated.chart_counts) >= 0.9 * rows
