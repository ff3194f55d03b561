"""The platform's rules as SQL (tests/sql_rules.sql) over a bundle in a real PostgreSQL.

An independent reading: the statements come from the wording of the rules, not from our own checks.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

import generator
from tests.postgresql import postgresql_server

pytestmark = pytest.mark.services
AS_OF = "2025-12-31"
HEADER = re.compile(r"^-- (R\d+(?:\.\d+)?) (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Statement:
    id: str
    text: str
    sql: str

    @property
    def each(self):
        """Whether it gives statements rather than rows."""
        return self.text.endswith("(each)")


def statements():
    text = Path(__file__).with_name("sql_rules.sql").read_text("utf-8")
    parts = HEADER.split(text)[1:]
    return [Statement(*parts[at : at + 3]) for at in range(0, len(parts), 3)]


SCHEMA = generator.automotive().schema
TABLES = {"vehicle_transfer_order", *SCHEMA.names}
STATEMENTS = {statement.id: statement for statement in statements()}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """All tables, three dealers, a year."""
    profile = generator.automotive()
    recipe = generator.Recipe.from_dict(
        {
            "rows": {"dealer": 3, "deal": 120, "vehicle_telemetry_event": 3_000},
            "from": "2025-01-01",
            "to": AS_OF,
            "seed": 7,
            "formats": ["postgres"],
        }
    )
    made = tmp_path_factory.mktemp("sql") / "b"
    generator.sample(profile, generator.plan(profile, recipe), made)
    return made


@pytest.fixture(scope="module")
def server(folder):
    with postgresql_server() as server:
        server.load(folder / "postgres.sql")
        yield server


@pytest.fixture
def session(server):
    """What a test changes is taken back."""
    with server.connect() as connection:
        connection.execute("SET TIME ZONE 'UTC'")
        connection.execute(f"SET rules.as_of = '{AS_OF}'")
        yield connection
        connection.rollback()


def broken(session, statement):
    """The first rows that break it."""
    rows = session.execute(statement.sql).fetchmany(1000 if statement.each else 5)
    if not statement.each:
        return rows
    return [row for (sql,) in rows for row in session.execute(sql).fetchmany(5)]


def test_every_rule_is_looked_at_or_said_to_be_none_of_sql():
    rules = {int(name[1:].partition(".")[0]) for name in STATEMENTS}
    said = Path(__file__).with_name("sql_rules.sql").read_text("utf-8").partition("\n\n")[0]
    left = {int(number) for line in re.findall(r"^--   ([\d, ]+?)  ", said, re.MULTILINE)
            for number in line.split(",")}  # fmt: skip
    assert rules | left == set(range(1, 111))


@pytest.mark.parametrize("name", STATEMENTS)
def test_no_row_breaks_a_rule(name, session):
    statement = STATEMENTS[name]
    if missing := TABLES.intersection(re.findall(r"\w+", statement.sql)) - set(SCHEMA.names):
        pytest.skip(f"no table {', '.join(missing)} yet")
    assert broken(session, statement) == [], statement.text


BREAKS = {
    "R1": "INSERT INTO accounting_period SELECT 'AP', period_name, fiscal_year, start_date, "
    "end_date, accounting_period_status_type FROM accounting_period LIMIT 1",
    "R2.2": "UPDATE vehicle SET vin = overlay(vin PLACING CASE substr(vin, 9, 1) WHEN '1' "
    "THEN '2' ELSE '1' END FROM 9)",
    "R7.2": "UPDATE journal_entry_transaction SET source_key = 'nowhere'",
    "R12": "UPDATE party SET birth_date = '2015-01-01' WHERE birth_date IS NOT NULL",
    "R20": "UPDATE staff_member SET hire_date = '2025-12-30', termination_date = NULL",
    "R22": "UPDATE staff_member SET manager_key = staff_member_key WHERE role_type <> 'GEN_MGR'",
    "R25": "UPDATE payroll_stub SET net_pay = net_pay + 0.01",
    "R36": "UPDATE inventory_vehicle SET vehicle_key = (SELECT min(vehicle_key) FROM vehicle)",
    "R39": "UPDATE repair_order SET odometer_in = 1 WHERE opened_date_time > '2025-06-01'",
    "R49": "UPDATE deal SET monthly_payment = monthly_payment + 1",
    "R63": "UPDATE invoice_item SET unit_price = unit_price + 1",
    "R66": "UPDATE invoice SET balance_amount = 1 WHERE payment_status_type = 'SETTLED'",
    "R72": "UPDATE journal_entry SET amount = amount + 1 WHERE entry_sequence = 1",
    "R83": "UPDATE repair_order_line SET pay_type = 'CUSTOMER_PAY' WHERE pay_type = 'WARRANTY'",
    "R90": "UPDATE warranty SET end_mileage = 1",
    "R106": "UPDATE lifecycle_status_event SET transition_from = 'ELSEWHERE'",
    "R106.3": "UPDATE lifecycle_status_event SET transition_from = transition_to",
    "R107": "UPDATE deal SET occurrence_date_time = '2026-03-01'",
    "R108": "UPDATE party_address SET complete_date_time = start_date_time",
}


@pytest.mark.parametrize("name", BREAKS)
def test_a_row_that_breaks_a_rule_is_found(name, session):
    session.execute(BREAKS[name])
    assert broken(session, STATEMENTS[name])
