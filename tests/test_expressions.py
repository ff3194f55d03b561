"""Statements about columns: what they mean, and every construct that is refused."""

from contextlib import suppress
from datetime import UTC, date, datetime

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.errors import RequestError
from generator.expressions import Expression
from generator.schema import Column, Kind, Link, Schema, Table
from generator.summary import tables_of

CUSTOMER = Table(
    "customer",
    (Column("customer_key", Kind.TEXT), Column("age", Kind.INTEGER, nullable=True)),
    key="customer_key",
)
DEAL = Table(
    "deal",
    (
        Column("customer_key", Kind.TEXT, nullable=True),
        Column("price", Kind.DECIMAL, precision=12, scale=2, nullable=True),
        Column("cost", Kind.DECIMAL, precision=12, scale=2),
        Column("state", Kind.ENUM, nullable=True, values=("NEW", "USED")),
        Column("posted", Kind.BOOLEAN, nullable=True),
        Column("opened", Kind.DATE),
        Column("closed", Kind.TIMESTAMP, nullable=True),
    ),
    links=(Link("customer_key", "customer", "customer_key"),),
)


@pytest.fixture(scope="module")
def tables():
    money = pa.decimal128(21, 2)
    customer = {"customer_key": ["c-1", "c-2"], "age": pa.array([30, None], pa.int64())}
    deal = {
        "customer_key": ["c-1", "c-2", None, "c-1"],
        "price": pa.array([100.25, 200.00, None, 0.00], pa.float64()).cast(money),
        "cost": pa.array([90, 210, 1, 0], pa.int64()).cast(money),
        "state": ["NEW", "USED", None, "NEW"],
        "posted": [True, False, None, True],
        "opened": [date(2025, 1, 1), date(2025, 1, 31), date(2025, 2, 1), date(2025, 3, 1)],
        "closed": pa.array(
            [datetime(2025, 1, 3, 12, tzinfo=UTC), datetime(2025, 2, 1, tzinfo=UTC), None, None],
            pa.timestamp("ms", tz="UTC"),
        ),
    }
    made = {"customer": pa.table(customer), "deal": pa.table(deal)}
    return tables_of(Schema((CUSTOMER, DEAL)), made)


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("price > 100", [1, 1, 0, 0]),
        ("price == 100.25", [1, 0, 0, 0]),
        ("price != 200", [1, 0, 0, 1]),
        ("0 < price <= 200", [1, 1, 0, 0]),
        ("price is None", [0, 0, 1, 0]),
        ("price is not None and posted", [1, 0, 0, 1]),
        ("not price > 100", [0, 0, 1, 1]),
        ("posted == False", [0, 1, 0, 0]),
        ("state == 'NEW' or cost >= 210", [1, 1, 0, 1]),
        ("state in ['NEW', 'OLD']", [1, 0, 0, 1]),
        ("state not in ('NEW',)", [0, 1, 0, 0]),
        ("state < 'O'", [1, 0, 0, 1]),
        ("price - cost in [10.25, -10]", [1, 1, 0, 0]),
        ("cost / price > 1", [0, 1, 0, 0]),
        ("-price < -150", [0, 1, 0, 0]),
        ("customer_key.age >= 18", [1, 0, 0, 1]),
        ("customer_key.age is None", [0, 1, 1, 0]),
        ("opened < '2025-02-01'", [1, 1, 0, 0]),
        ("'2025-01-15' <= opened <= '2025-02-15'", [0, 1, 1, 0]),
        ("closed >= '2025-02-01T00:00:00Z'", [0, 1, 0, 0]),
        ("closed - opened == 2.5", [1, 0, 0, 0]),
        ("closed < opened + 2", [0, 1, 0, 0]),
        ("closed - 2 < opened", [0, 1, 0, 0]),
        ("closed - 2.5 == opened", [1, 0, 0, 0]),
        ("closed > '2025-01-31T23:59:59Z'", [0, 1, 0, 0]),
        ("'NEW' == state", [1, 0, 0, 1]),
        ("'O' > state", [1, 0, 0, 1]),
        ("state == state", [1, 1, 0, 1]),
        ("state < customer_key", [1, 1, 0, 1]),
        ("state > customer_key", [0, 0, 0, 0]),
        ("state >= ''", [1, 1, 0, 1]),
        ("cost / (cost - 89) > 1", [1, 1, 0, 0]),
        ("True", [1, 1, 1, 1]),
        ("1 < 2", [1, 1, 1, 1]),
    ],
)
def test_a_statement_is_true_for_these_rows(tables, text, rows):
    found = Expression(text).evaluate(tables, "deal")
    assert found.dtype == bool
    assert found.astype(int).tolist() == rows


def test_numbers_come_in_units_and_missing_as_nan(tables):
    found = Expression("price * 2 + cost").evaluate(tables, "deal")
    assert found[:2].tolist() == [290.5, 610.0]
    assert np.isnan(found[2])


def test_nothing_is_divided_by_zero(tables):
    assert np.isnan(Expression("cost / price").evaluate(tables, "deal")[3])


def test_what_is_written_out_stands_for_every_row(tables):
    assert Expression("'x'").evaluate(tables, "deal").tolist() == ["x"] * 4
    assert Expression("1.5").evaluate(tables, "deal").tolist() == [1.5] * 4


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("opened + opened > 1", "calculates with dates other than by difference or days"),
        ("opened * 2 > 1", "calculates with dates other than by difference or days"),
        ("state + 1 > 1", "uses text with \\+ - \\* /"),
        ("cost + state > 1", "uses text with \\+ - \\* /"),
        ("price and posted", "uses a number with and, or, not"),
        ("price == state", "compares a number with text"),
        ("colour == 'red'", "its columns are customer_key, price, cost, state, posted, opened, cl"),
        ("opened > 'soon'", "write dates as '2025-01-31' or '2025-01-31T12:00:00'"),
    ],
)
def test_operands_that_do_not_go_together_are_named(tables, text, said):
    with pytest.raises(RequestError, match=said):
        Expression(text).evaluate(tables, "deal")


def test_text_and_moments_come_as_they_are(tables):
    assert Expression("state").evaluate(tables, "deal").tolist() == ["NEW", "USED", None, "NEW"]
    moments = Expression("closed").evaluate(tables, "deal")
    assert moments[1] == np.datetime64("2025-02-01")
    assert np.isnat(moments[2])


def test_paths_are_named_once_in_order():
    text = "a.b > 1 and (c == 'x' or a.b < 0 or d is None)"
    assert Expression(text).paths == ("a.b", "c", "d")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "price >",
        "price = 3",
        "open('file')",
        "__import__('os').system('ls')",
        "price[0]",
        "lambda: 1",
        "price if posted else cost",
        "[p for p in price]",
        "{p for p in price}",
        "{1: 2}",
        "{1, 2}",
        "[1, 2]",
        "f'{price}'",
        "(p := 3)",
        "price ** 2",
        "price // 2",
        "price % 2",
        "price @ cost",
        "+price",
        "~price",
        "price & cost",
        "price << 2",
        "price == None",
        "None",
        "price is 3",
        "price in cost",
        "price in [cost]",
        "price in 'abc'",
        "b'abc' == state",
        "1j > price",
        "price > ...",
        "price > 1e400",
        "'a'.upper == state",
        "(price).real.imag.__class__() == 1",
        "price" + " + price" * 300,
        "not " * 200 + "posted",
        "(" * 300 + "price" + ")" * 300,
        "price > 1 " + "#" * 2000,
        "yield price",
        "price > 1; cost > 2",
    ],
)
def test_what_is_not_on_the_list_is_refused_with_a_sentence(text):
    with pytest.raises(RequestError) as refused:
        Expression(text)
    assert refused.value.sentence.endswith(".")
    assert len(refused.value.sentence) < 400


@pytest.mark.parametrize(
    "text",
    [
        "weight > 1",
        "customer_key.height > 1",
        "price.cents > 1",
        "price > 'a'",
        "price and posted",
        "not state",
        "-state == 'NEW'",
        "state + state == 'NEWNEW'",
        "opened > 'yesterday'",
        "opened > 3",
        "opened + closed > '2025-01-01'",
        "opened * 2 > '2025-01-01'",
        "posted > 1",
    ],
)
def test_what_does_not_go_together_is_refused_with_a_sentence(tables, text):
    with pytest.raises(RequestError) as refused:
        Expression(text).evaluate(tables, "deal")
    assert refused.value.sentence.endswith(".")


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text):
    with suppress(RequestError):
        assert Expression(text).paths is not None
