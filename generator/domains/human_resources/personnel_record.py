"""Personnel records: pay, tax, benefits and bank; a raise closes a record and opens the next."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generator.domains.calendar import DAY, MINUTE
from generator.domains.columns import decimal, enum, moment, text
from generator.domains.counts import Given, Noun, asks, each
from generator.domains.graph import Declaration, Draw, Made, derived, drawn, keyed, link
from generator.domains.human_resources.employment import window
from generator.domains.human_resources.personnel_record_rules import RULES
from generator.domains.keys import numbered
from generator.domains.party_identity.identifiers import ssn_of
from generator.domains.payment.instruments import routing_number
from generator.frame import Coded
from generator.schema import Link, Table
from generator.streams import apportion_within

Rows = NDArray[np.int64]

TABLE = Table(
    "personnel_record",
    domain="human_resources",
    meaning="HR dossier: pay, tax, benefits, bank",
    key="personnel_record_key",
    columns=(
        text("personnel_record_key", 50, unique=True),
        text("staff_member_key", 50, "one of them is current"),
        text("ssn", 11, "same value as party.ssn", personal="ssn_tax_id"),
        text("pay_basis", 12, "HOURLY | SALARY | COMMISSION | FLAT_RATE"),
        decimal("annual_salary", 12, 2, "SALARY (and base draw of COMMISSION)", nullable=True),
        decimal("hourly_rate", 8, 2, "HOURLY/FLAT_RATE", nullable=True),
        decimal("commission_rate", 5, 4, "share of deal front gross", nullable=True),
        decimal("pto_accrual_rate", 5, 2, "hours per pay period"),
        decimal("retirement_percentage", 5, 4, "0..0.15 of gross"),
        decimal("employer_match_percentage", 5, 4),
        enum("benefit_plan_type", "HRBenefitPlanTypes", nullable=True),
        enum("benefit_coverage_level_type", "BenefitCoverageLevelTypes", nullable=True),
        decimal("employee_cost_per_period", 8, 2),
        enum("tax_filing_status_type", "HRTaxFilingStatusTypes"),
        text("work_state", 2, "state income tax jurisdiction"),
        text("bank_name", 60, personal="financial"),
        text("routing_number", 9, "ABA checksum valid, reserved prefix", personal="bank_account"),
        text("account_number", 17, personal="bank_account"),
        moment("start_date_time", "effective dated: one current row, raises close the old row"),
        moment("complete_date_time", nullable=True, planned=True),
    ),
    links=(Link("staff_member_key", "staff_member", "staff_member_key", "parent"),),
)


PAY = {
    "GEN_MGR": ("SALARY", "general_manager"),
    "SALES_MGR": ("SALARY", "sales_manager"),
    "FI_MGR": ("COMMISSION", "fi_manager"),
    "SALES_ASSOC": ("COMMISSION", "sales_consultant"),
    "SERVICE_MGR": ("SALARY", "service_manager"),
    "SERVICE_ADVISOR": ("SALARY", "service_advisor"),
    "SERVICE_TECH": ("FLAT_RATE", "technician_b"),
    "TECHNICIAN": ("FLAT_RATE", "technician_b"),
    "SPECIALIST": ("HOURLY", "parts_counter"),
    "VALET": ("HOURLY", "detailer_porter"),
    "BUSINESS_DEVELOPMENT": ("HOURLY", "bdc_rep"),
    "STAFF": ("HOURLY", "office_admin"),
}
OF_TITLE = {
    "Parts Manager": "parts_manager",
    "Lube Technician": "technician_lube",
    "Master Technician": "technician_a",
    "Controller": "controller",
    "Receptionist": "receptionist",
    "Cashier": "receptionist",
}
"""Mean pay of titles that are paid otherwise than their role."""

HOURS_A_YEAR = 2080
MINUTES_A_DAY = 24 * 60


@link("staff_member_key", "_staff_member_key", "_nth", "_among")
def _staff(draw: Draw) -> Made:
    """One for everybody; the others of the exact total go to who worked there for long."""
    staff = draw.frames["staff_member"]
    low, high = window(draw, np.arange(staff.rows))
    days = (high - low).astype(np.float64) + 1
    rows = draw.counts["staff_member"]
    head = np.cumsum(rows) - rows
    shares = np.ones(staff.rows, dtype=np.int64)
    start = draw.frames["dealer"].start
    phase = draw.stream("more").uniform(start, start + len(rows))
    for dealer, total in enumerate(draw.counts[TABLE.name] - rows):
        own = slice(head[dealer], head[dealer] + rows[dealer])
        none = np.zeros(int(rows[dealer]), dtype=np.int64)
        weight = days[own] ** 2
        shares[own] += apportion_within(
            weight, int(total), none, none + MOST - 1, float(phase[dealer])
        )
    local = np.repeat(np.arange(staff.rows), shares)
    first = np.repeat(np.cumsum(shares) - shares, shares)
    return {
        "staff_member_key": draw.key("staff_member", local + staff.start),
        "_staff_member_key": local + staff.start,
        "_nth": np.arange(draw.n) - first,
        "_among": shares[local],
    }


def _local(draw: Draw) -> Rows:
    rows: Rows = draw["_staff_member_key"] - draw.frames["staff_member"].start
    return rows


def _u(draw: Draw, name: str) -> NDArray[np.float64]:
    """Uniforms of the people, the same in all their records."""
    staff = draw.frames["staff_member"]
    u: NDArray[np.float64] = draw.stream(name).uniform(staff.start, staff.start + staff.rows)
    return u[_local(draw)]


@derived("ssn", "work_state")
def _person(draw: Draw) -> Made:
    dealers = draw.frames["dealer"]
    staff, who = draw.frames["staff_member"], _local(draw)
    return {
        "ssn": ssn_of(draw.plan.recipe.seed, staff["_party_key"][who]),
        "work_state": dealers.text("state")[staff["_dealer"][who] - dealers.start],
    }


@drawn("pay_basis", "annual_salary", "hourly_rate", "commission_rate")
def _pay(draw: Draw) -> Made:
    staff, who = draw.frames["staff_member"], _local(draw)
    role, title = staff["role_type"], staff["job_title"][who]
    codes = role.codes[who]
    pay = [PAY.get(name, PAY["STAFF"]) for name in role.labels]
    means = {**draw.figures["pay_annual_mean"], **draw.figures["pay_annual_mean_others"]}
    mean = np.array([float(means[name]) for _, name in pay])[codes]
    for titled, name in OF_TITLE.items():
        mean[title == titled] = float(means[name])
    basis = np.array([kind for kind, _ in pay], dtype=object)[codes]
    yearly = mean * draw.leaf("pay_over_mean", u=_u(draw, "annual_salary")) * _raised(draw)
    drawn_share = float(draw.figures["commission_draw_share"])
    salary = np.where(basis == "COMMISSION", yearly * drawn_share, yearly)
    paid_by_hour = np.isin(basis.astype(str), ["HOURLY", "FLAT_RATE"])
    low, high = draw.figures["commission_rate"]
    rate = low + (high - low) * _u(draw, "commission_rate")
    return {
        "pay_basis": basis,
        "annual_salary": (np.rint(salary / 100).astype(np.int64) * 10_000, paid_by_hour),
        "hourly_rate": (np.rint(yearly / HOURS_A_YEAR * 100).astype(np.int64), ~paid_by_hour),
        "commission_rate": (np.rint(rate * 10_000).astype(np.int64), basis != "COMMISSION"),
    }


def _raised(draw: Draw) -> NDArray[np.float64]:
    """What the raises until a record have come to: each a few per cent, now and then more."""
    promoted = draw.u("promoted") < draw.figures["promotion_share"]
    usual, more = draw.leaf("raise_per_cent"), draw.leaf("promotion_per_cent")
    step = np.where(promoted, more, usual) / 100
    growth = np.where(draw["_nth"] > 0, np.log1p(step), 0.0)
    total = np.cumsum(growth)
    first = np.arange(draw.n) - draw["_nth"]
    return np.asarray(np.exp(total - (total - growth)[first]))


@drawn(
    "pto_accrual_rate",
    "retirement_percentage",
    "employer_match_percentage",
    "benefit_plan_type",
    "benefit_coverage_level_type",
    "employee_cost_per_period",
    "tax_filing_status_type",
)
def _benefits(draw: Draw) -> Made:
    saved = np.floor(draw.leaf("retirement_per_cent", u=_u(draw, "retirement_percentage"))) * 100
    saved = saved.astype(np.int64)
    plan = draw.leaf("personnel_record.benefit_plan_type", u=_u(draw, "plan"))
    none = _u(draw, "covered") < draw.figures["uncovered_share"]
    level = np.floor(_u(draw, "level") * 3).astype(np.int32)
    least, more = draw.figures["benefit_cost_cents"]
    share = _u(draw, "employee_cost_per_period")
    cost = (least + more * share * (1 + level)).astype(np.int64)
    accrued, step = draw.figures["pto_hundredths"]
    most = int(draw.figures["employer_match_most"])
    return {
        "pto_accrual_rate": accrued + step * np.floor(3 * _u(draw, "pto")).astype(np.int64),
        "retirement_percentage": saved,
        "employer_match_percentage": np.minimum(saved // 2, most),
        "benefit_plan_type": (plan, none),
        "benefit_coverage_level_type": (
            Coded(level, ("SELF", "SELF_PLUS_SPOUSE", "FAMILY")),
            none,
        ),
        "employee_cost_per_period": np.where(none, 0, cost),
        "tax_filing_status_type": draw.leaf(
            "personnel_record.tax_filing_status_type", u=_u(draw, "status")
        ),
    }


@derived("bank_name", "routing_number", "account_number")
def _bank(draw: Draw) -> Made:
    names = ("Harbor Bank", "Summit Bank", "Prairie Bank", "Lakeshore Bank")
    codes = (draw["_staff_member_key"] % len(names)).astype(np.int32)
    return {
        "bank_name": Coded(codes, names),
        "routing_number": routing_number(_u(draw, "routing_number")),
        "account_number": numbered("", (_u(draw, "account_number") * 1e10).astype(np.int64), 10),
    }


@drawn("start_date_time", "complete_date_time", "_closed_at")
def _period(draw: Draw) -> Made:
    """The first as long as the person works for the dealer; raises one in each equal part of the
    time there in the span, at the beginning of a month or of a day where there is room."""
    staff, parties, who = draw.frames["staff_member"], draw.frames["party"], _local(draw)
    works, person = parties["_employer"], staff["_party_key"][who] - parties.start
    begun = works.at[works.first[person]].astype("datetime64[ms]")
    low, high = window(draw, who)
    length = (high - low).astype(np.float64) + 1
    parts = np.maximum(draw["_among"] - 1, 1)
    least, more = draw.figures["raise_place"]
    at = length / parts * (draw["_nth"] - 1 + least + more * draw.u("start_date_time"))
    moment_ = low.astype("datetime64[ms]") + (at * MINUTES_A_DAY).astype(np.int64) * MINUTE
    day_ = low + np.ceil(at).astype(np.int64) * DAY
    month = (day_.astype("datetime64[M]") + 1).astype("datetime64[D]")
    room_of_month, room_of_day = draw.figures["raise_rooms"]
    room = length / parts
    raised = np.where(room >= room_of_month, month, day_).astype("datetime64[ms]")
    raised = np.where(room >= room_of_day, raised, moment_)
    start = np.where(draw["_nth"] == 0, begun, raised)
    last = draw["_nth"] == draw["_among"] - 1
    stays = staff.missing("termination_date")[who]
    after = staff["termination_date"][who].astype("datetime64[ms]") + DAY
    complete = np.where(last, after, np.append(start[1:], start[:1]) if draw.n else start)
    return {
        "start_date_time": start,
        "complete_date_time": (complete, last & stays),
        "_closed_at": np.where(
            last, staff["termination_date"][who].astype("datetime64[ms]"), complete
        ),
    }


MOST = 13  # records of one person
COUNT = each(
    "staff_member",
    Noun("personnel record", "personnel records"),
    least=1,
    most=MOST,
    typical=lambda given: given["staff_member"] * (1 + _raises(given)),
    why=lambda given: f"one for every staff member, {_raises(given):.1f} raises each in the span",
    rule=f"A staff member has 1 to {MOST} personnel records",
    back=asks(1.5),
)


def _raises(given: Given) -> float:
    """Of everybody who ever works there within the span."""
    years = given.months / 12
    there = years / (1 + given.figures["turnover_annual"] * years)
    return float(given.figures["raises_a_year"] * there)


PERSONNEL_RECORD = Declaration(
    TABLE,
    prefix="PR",
    count=COUNT,
    makers=(keyed(TABLE), _staff, _person, _pay, _benefits, _bank, _period),
    rules=RULES,
    born="start_date_time",
    reveals={"complete_date_time": "_closed_at"},
)
