"""Every rule of the platform is checked, holds on drawn rows, and can fail."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

import generator
from generator.frame import scaled_of
from generator.schema import Column, Kind
from generator.validate import general_rules, report_of
from tests.world import AS_OF, as_tables, broken, drawn, planned, small_world

PROFILE = generator.automotive()
RULES = [*PROFILE.rules, *general_rules(PROFILE.schema, as_of=AS_OF)]


@pytest.fixture(scope="module")
def world():
    return small_world()


@pytest.fixture(scope="module")
def many():
    """Enough deals for statements about shares and ranks."""
    return drawn(planned({"deal": 1_500, "vehicle_telemetry_event": 0}))


def test_every_rule_holds_on_drawn_rows(world):
    assert broken(*world) == {}


def test_rules_have_ids_of_their_own():
    own = [(rule.id, rule.table, rule.text) for rule in RULES]
    assert len(own) == len(set(own))


def test_every_rule_needs_tables_that_exist():
    for rule in RULES:
        assert set(rule.needs) | {rule.table} <= set(PROFILE.schema.names), rule.id


@pytest.mark.parametrize(
    "rule",
    [rule for rule in RULES if rule.id not in ("R004", "R005")],
    ids=lambda rule: f"{rule.id}-{rule.table}",
)
def test_every_rule_can_fail(rule, world, many):
    """Some column changed in one way or another makes the rule report rows."""
    rows = many if rule.level == "warning" else world[1]
    if any(reports(rule, as_tables(other)) for other in worlds_like(rows, rule)):
        return
    pytest.fail(f"nothing breaks {rule.id}: {rule.text}")


def worlds_like(rows, rule) -> Iterator[dict[str, pa.Table]]:
    """The rows with one column of one table the rule reads replaced, or one row doubled."""
    if rule.id in AT_ONCE:
        yield AT_ONCE[rule.id](rows)
    for table in dict.fromkeys((rule.table, *rule.needs)):
        for column in PROFILE.schema[table].columns:
            for values in changed(column, rows[table].column(column.name)):
                yield replaced(rows, table, column.name, pa.chunked_array([values]))
        yield {**rows, table: twins(rows[table], PROFILE.schema[table].key)}


def namesakes(rows):
    """Neighbours are the same person, and everybody lives in one postal code."""
    codes = rows["party_address"].column("postal_code").combine_chunks()
    one = pa.chunked_array([pa.array([codes[0].as_py()] * len(codes), codes.type)])
    there = replaced(rows, "party_address", "postal_code", one)
    return {**there, "party": twins(rows["party"], "party_key")}


def outliers(rows):
    """Every tenth payment is a million times larger than it was."""
    amount = rows["payment"].column("amount").combine_chunks()
    tenth = np.arange(len(amount)) % 10 == 0
    huge = of_kind(np.where(tenth, 10**12, scaled_of(amount)), amount)
    return replaced(rows, "payment", "amount", pa.chunked_array([huge]))


def same_car(rows):
    """Every deal takes in the car that it is about."""
    deal, stock, trade = (rows[n] for n in ("deal", "inventory_vehicle", "trade_in_vehicle"))
    stay = dict(zip(*(stock.column(n).to_pylist() for n in STAY), strict=True))
    bought = dict(zip(*(deal.column(n).to_pylist() for n in ("deal_key", STAY[0])), strict=True))
    cars = [stay[bought[key]] for key in trade.column("deal_key").to_pylist()]
    own = trade.column("vehicle_key").type
    return replaced(
        rows, "trade_in_vehicle", "vehicle_key", pa.chunked_array([pa.array(cars, own)])
    )


def over_in_1990(*tables: str):
    """What goes on in drawn rows has ended before it began."""

    def change(rows):
        for table in tables:
            old = datetime(1990, 1, 1, tzinfo=UTC)
            rows = constant(table, "complete_date_time", old)(rows)
        return rows

    return change


def constant(table: str, column: str, value):
    def change(rows):
        old = rows[table].column(column)
        return replaced(
            rows, table, column, pa.chunked_array([pa.array([value] * len(old), old.type)])
        )

    return change


# Rules that no single changed column breaks, or only after many others were tried.
STAY = ("inventory_vehicle_key", "vehicle_key")


def dear_warranty(rows):
    """Makers pay more an hour than anybody else."""
    lines = rows["repair_order_line"]
    claimed = pc.equal(lines.column("pay_type").cast(pa.string()), "WARRANTY")
    rate = lines.column("labor_rate")
    dear = pc.if_else(claimed, pa.scalar(Decimal("999.00"), rate.type), rate)
    return replaced(rows, "repair_order_line", "labor_rate", dear)


def at_night(rows):
    """Every deal is signed on a Wednesday on which dealers are open, between midnight and three."""
    night = datetime(2025, 3, 5, 8, 0, tzinfo=UTC)
    return constant("deal", "contract_date_time", night)(rows)


AT_ONCE = {
    "R107.hours": at_night,
    "R083.rate": dear_warranty,
    "R108": over_in_1990("payroll_cycle", "labor_operation"),
    "R056.other": same_car,
    "R013.4": namesakes,
    "R110.unusual": outliers,
    "R014.1": constant("party", "party_status_type", "INACTIVE"),
    "R014.2": constant("party", "party_status_type", "INACTIVE"),
    "R046.rank": constant("deal", "interest_rate", Decimal("0.0500")),
    "R046.tiers": constant("deal", "interest_rate", Decimal("0.0500")),
}


def twins(whole: pa.Table, key: str) -> pa.Table:
    """Every second row says what the one before says, under a key of its own."""
    at = np.arange(whole.num_rows) // 2 * 2
    return whole.take(pa.array(at)).set_column(
        whole.column_names.index(key), key, whole.column(key)
    )


def reports(rule, tables) -> bool:
    return bool(report_of(rule, tables)["broken"])


def replaced(rows, table: str, column: str, values) -> dict[str, pa.Table]:
    whole = rows[table]
    at = whole.column_names.index(column)
    return {**rows, table: whole.set_column(at, column, values)}


def changed(column: Column, values: pa.ChunkedArray) -> Iterator[pa.ChunkedArray]:
    """The column with other values of its kind: others' values, constants, missing or far ones."""
    plain = values.combine_chunks()
    count = len(plain)
    if not count:
        return
    yield plain.take(pa.array(np.roll(np.arange(count), 1)))
    yield plain.take(pa.array(np.zeros(count, dtype=np.int64)))
    yield pa.nulls(count, plain.type)
    if plain.null_count < count:
        yield pc.fill_null(plain, plain.drop_null()[0])
    match column.kind:
        case Kind.TIMESTAMP | Kind.DATE | Kind.INTEGER | Kind.DECIMAL:
            yield from far(plain)
        case Kind.BOOLEAN:
            yield pc.invert(plain)
        case Kind.TEXT | Kind.ENUM:
            for text in (*column.values, "x" * 300, "x"):
                yield pa.array([text] * count, plain.type)


def far(plain: pa.Array) -> Iterator[pa.Array]:
    """Numbers and moments far away, and nothing at all."""
    kind = plain.type
    numbers = whole_numbers(plain)
    top = 10**kind.precision - 1 if pa.types.is_decimal(kind) else 2**31 - 1
    for moved in (numbers + FAR[kind.id], numbers - FAR[kind.id], numbers * 0, numbers * 0 + top):
        yield of_kind(moved, plain)


FAR = {
    pa.decimal128(9, 2).id: 1_500,
    pa.int64().id: 10**6,
    pa.date32().id: 40 * 365,
    pa.timestamp("ms").id: 40 * 365 * 86_400_000,
}


def whole_numbers(plain: pa.Array) -> np.ndarray:
    if pa.types.is_decimal(plain.type):
        return scaled_of(plain)
    width = pa.int32() if pa.types.is_date32(plain.type) else pa.int64()
    return np.asarray(plain.cast(width).fill_null(0)).astype(np.int64)


def of_kind(numbers: np.ndarray, plain: pa.Array) -> pa.Array:
    kind, mask = plain.type, np.asarray(plain.is_null())
    if pa.types.is_decimal(kind):
        shift = pa.scalar(Decimal(1).scaleb(-kind.scale))
        texts = [
            None if gone else Decimal(int(n)) * shift.as_py()
            for n, gone in zip(numbers, mask, strict=True)
        ]
        return pa.array(texts, kind)
    width = np.int32 if pa.types.is_date32(kind) else np.int64
    return pa.array(numbers.astype(width), mask=mask).cast(kind)


def wrong_kind(column: Column, values: pa.ChunkedArray) -> Iterator[pa.ChunkedArray]:
    """Values of another kind, as only the rules of formats meet them."""
    match column.kind:
        case Kind.TIMESTAMP:
            yield values.cast(pa.timestamp("ms"))
        case Kind.DATE:
            yield values.cast(pa.timestamp("ms"))
        case Kind.DECIMAL:
            yield values.cast(pa.float64())


FORMATS = [rule for rule in RULES if rule.id in ("R004", "R005")]


@pytest.mark.parametrize("rule", FORMATS, ids=lambda rule: f"{rule.id}-{rule.table}")
def test_a_value_of_another_kind_breaks_its_rule(rule, world):
    rows = world[1]
    for name in rule.columns:
        column = PROFILE.schema[rule.table].column(name)
        for values in wrong_kind(column, rows[rule.table].column(name)):
            other = replaced(rows, rule.table, name, values)
            assert reports(rule, as_tables(other)) or not len(values.drop_null()), name


@pytest.mark.parametrize("table", PROFILE.schema.names)
def test_no_check_dies_of_broken_rows(table, world):
    """Whatever is missing or leads nowhere, every rule still answers."""
    rows = world[1]
    touched = [rule for rule in RULES if table in (rule.table, *rule.needs)]
    for column in PROFILE.schema[table].columns:
        values = rows[table].column(column.name)
        nothing = pa.nulls(len(values), values.type)
        others = [nothing]
        if column.kind in (Kind.TEXT, Kind.ENUM):
            others.append(pa.array(["x"] * len(values), values.type))
        for other in others:
            tables = as_tables(replaced(rows, table, column.name, pa.chunked_array([other])))
            for rule in touched:
                reports(rule, tables)
