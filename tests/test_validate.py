"""Every kind of rule trips on a row broken for it, and on no other."""

import json
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pytest

from generator.rules import Rule
from generator.schema import Column, Kind, Link, Schema, Table
from generator.summary import tables_of
from generator.validate import validate

MONEY = pa.decimal128(21, 2)
PARENT = Table("lender", (Column("lender_key", Kind.TEXT, length=50),), key="lender_key")
CHILD = Table(
    "loan",
    (
        Column("loan_key", Kind.TEXT, length=50, unique=True),
        Column("lender_key", Kind.TEXT, nullable=True, length=50),
        Column("contract", Kind.TEXT, unique=True, length=8),
        Column("state", Kind.ENUM, nullable=True, values=("OPEN", "PAID")),
        Column("amount", Kind.DECIMAL, precision=5, scale=2),
        Column("start_date_time", Kind.TIMESTAMP),
        Column("complete_date_time", Kind.TIMESTAMP, nullable=True),
    ),
    key="loan_key",
    links=(Link("lender_key", "lender", "lender_key"),),
)
SCHEMA = Schema((PARENT, CHILD))
MOMENTS = pa.timestamp("ms", tz="UTC")


def loans(**changed):
    """Four loans that obey every rule, columns replaced as asked."""
    moment = datetime(2025, 1, 1, tzinfo=UTC)
    columns = {
        "loan_key": pa.array(["LOAN-1", "LOAN-2", "LOAN-3", "LOAN-4"]),
        "lender_key": pa.array(["LEND-1", "LEND-2", None, "LEND-1"]),
        "contract": pa.array(["A", "B", "C", "D"]),
        "state": pa.array(["OPEN", "PAID", None, "OPEN"]).dictionary_encode(),
        "amount": pa.array([1, 2, 3, 999], pa.int64()).cast(MONEY),
        "start_date_time": pa.array([moment] * 4, MOMENTS),
        "complete_date_time": pa.array([None, moment.replace(day=2), None, None], MOMENTS),
    }
    lenders = pa.table({"lender_key": ["LEND-1", "LEND-2"]})
    return tables_of(SCHEMA, {"lender": lenders, "loan": pa.table(columns | changed)})


def broken(tables, rules=()):
    report = validate(SCHEMA, rules, tables)
    return {(r["id"], r["table"]): r for r in report["rules"] if r["broken"]}, report


def test_good_rows_break_nothing():
    found, report = broken(loans())
    assert found == {}
    assert report["ok"]
    assert report["passed"] == report["total"] == len(report["rules"])
    assert report["links"] == {"checked": 3, "orphans": 0}
    assert json.dumps(report)


@pytest.mark.parametrize(
    ("number", "changed", "rows", "said"),
    [
        ("R001", {"loan_key": ["LOAN-1", "LOAN-1", "LOAN-3", "LOAN-4"]}, [1], "loan_key: 1 row"),
        ("R001", {"loan_key": ["LOAN-1", None, "LOAN-3", None]}, [1, 3], "loan_key: 2 rows"),
        ("R001", {"loan_key": ["LOAN-1", "LO-2", "LOAN-3", "L" * 51]}, [1, 3], "loan_key: 2 rows"),
        ("R007", {"lender_key": ["LEND-1", "LEND-9", None, "LEND-1"]}, [1], "lender_key: 1 row"),
        ("R006", {"contract": ["A", "B", None, "D"]}, [2], "contract: 1 row"),
        ("R009", {"contract": ["A", "B", "B", "A"]}, [2, 3], "contract: 2 rows"),
        ("G001", {"contract": ["A", "B", "C", "too long a text"]}, [3], "contract: 1 row"),
        ("R008", {"state": ["OPEN", "LOST", None, "OPEN"]}, [1], "state: 1 row"),
        (
            "R008",
            {"state": pa.array(["OPEN", "LOST", None, "PAID"]).dictionary_encode()},
            [1],
            "state: 1 row",
        ),
        (
            "R005",
            {"amount": pa.array([1, 2, 3, 1000], pa.int64()).cast(MONEY)},
            [3],
            "amount: 1 row",
        ),
        ("R005", {"amount": pa.array([1.0, 2, 3, 4])}, [0, 1, 2, 3], "amount: 4 rows"),
        (
            "R004",
            {"start_date_time": pa.array([datetime(2025, 1, 1)] * 4, pa.timestamp("ms"))},  # noqa: DTZ001 - a moment without a zone is the fault
            [0, 1, 2, 3],
            "start_date_time: 4 rows",
        ),
        (
            "R108",
            {"complete_date_time": pa.array([datetime(2025, 1, 1, tzinfo=UTC)] * 4, MOMENTS)},
            [0, 1, 2, 3],
            "complete_date_time: 4 rows",
        ),
    ],
)
def test_a_broken_row_trips_its_rule(number, changed, rows, said):
    found, report = broken(loans(**changed))
    assert found[number, "loan"]["examples"] == rows
    assert found[number, "loan"]["broken"] == len(rows)
    assert found[number, "loan"]["reason"] == f"{said}."
    assert set(found) == {(number, "loan")}
    assert not report["ok"]


def test_orphans_are_counted_among_all_links():
    _, report = broken(loans(lender_key=["LEND-1", "gone", None, "lost"]))
    assert report["links"] == {"checked": 3, "orphans": 2}


def test_a_bad_value_is_named_nowhere():
    _, report = broken(loans(state=["OPEN", "Mr Smith", None, "OPEN"]))
    assert "Smith" not in json.dumps(report)


def positive(tables):
    return tables.values("loan", "amount") > 100


AMOUNT = Rule("R900", "loan", "More than a dollar is lent.", positive, ("loan",), "Money")


def test_a_rule_of_the_profile_is_checked_and_grouped():
    found, report = broken(loans(), [AMOUNT])
    assert found["R900", "loan"]["examples"] == [0]
    money = next(group for group in report["groups"] if group["name"] == "Money")
    assert money == {"name": "Money", "passed": 0, "total": 1, "broken_rows": 1}


def test_a_warning_does_not_fail_the_bundle():
    rule = Rule("R901", "loan", "…", positive, ("loan",), "Money", "warning")
    found, report = broken(loans(), [rule])
    assert found["R901", "loan"]["broken"] == 1
    assert report["ok"]
    assert report["passed"] == report["total"] - 1


def test_a_rule_without_its_tables_is_not_checked():
    alone = tables_of(SCHEMA, {"loan": pa.table({"loan_key": ["LOAN-1"]})})
    rule = Rule("R902", "lender", "…", positive, ("loan", "lender"))
    (report,) = validate(Schema(()), [rule], alone)["rules"]
    assert not report["checked"]
    assert report["reason"] == "Not checked: the data has no lender."
    rule = Rule("R902", "lender", "…", positive, ("loan", "owner"))
    (report,) = validate(Schema(()), [rule], alone)["rules"]
    assert report["reason"] == "Not checked: the data has no lender and no owner."


def test_a_check_for_other_rows_is_a_mistake():
    rule = Rule("R903", "loan", "…", lambda tables: np.ones(3, dtype=bool))
    with pytest.raises(ValueError, match="R903"):
        validate(SCHEMA, [rule], loans())


def test_tables_without_rows_obey():
    empty = {table.name: table.arrow_schema().empty_table() for table in SCHEMA}
    assert validate(SCHEMA, [], tables_of(SCHEMA, empty))["ok"]


def test_integer_keys_have_no_length():
    table = Table("account", (Column("id", Kind.INTEGER),), key="id")
    schema = Schema((table,))
    assert validate(schema, [], tables_of(schema, {"account": pa.table({"id": [1, 2]})}))["ok"]


# Where a limit lies


def money(*cents):
    return pa.array(cents, pa.int64()).cast(pa.decimal128(21, 0)).cast(pa.decimal128(21, 2))


@pytest.mark.parametrize(
    ("number", "column", "values", "rows"),
    [
        ("G001", "contract", ["", "12345678", "é" * 8, "漢" * 8], []),
        ("G001", "contract", ["", "123456789", "é" * 9, "漢" * 8], [1, 2]),
        ("R001", "loan_key", ["L-001", "L" * 50, "é" * 5, "é" * 50], []),
        ("R001", "loan_key", ["L-01", "L" * 51, "é" * 4, "é" * 51], [0, 1, 2, 3]),
        ("R005", "amount", money(999, -999, 0, 1), []),
        ("R005", "amount", money(1000, -1000, 0, 1), [0, 1]),
        ("R005", "amount", pa.array([1, 2, 3, 4]).cast(pa.decimal128(22, 3)), [0, 1, 2, 3]),
    ],
)
@pytest.mark.parametrize("coded", [False, True])
def test_limits_are_kept_to_the_letter(number, column, values, rows, coded):
    if coded and isinstance(values, list):
        values = pa.array(values).dictionary_encode()
    found, _ = broken(loans(**{column: values}))
    assert found.get((number, "loan"), {"examples": []})["examples"] == rows
    assert set(found) <= {(number, "loan")}


def test_a_day_may_be_the_first_and_the_last_but_not_be_before():
    table = Table(
        "offer", (Column("start_date", Kind.DATE), Column("end_date", Kind.DATE, nullable=True))
    )
    day = datetime(2025, 3, 1, tzinfo=UTC).date()
    rows = {"start_date": [day] * 3, "end_date": [day, day.replace(month=2), None]}
    report = validate(Schema((table,)), [], tables_of(Schema((table,)), {"offer": pa.table(rows)}))
    (rule,) = [rule for rule in report["rules"] if rule["broken"]]
    assert (rule["id"], rule["examples"]) == ("R108", [1])
    assert report["groups"][-1]["name"] == "Order in time"
