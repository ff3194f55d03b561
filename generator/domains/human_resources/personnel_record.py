"""Personnel records: pay, tax, benefits and bank, one for every staff member."""

from __future__ import annotations

import numpy as np

from generator.domains.calendar import horizon
from generator.domains.columns import decimal, enum, moment, text
from generator.domains.counts import Noun, asks, one
from generator.domains.graph import Declaration, Draw, Made, derived, drawn, keyed, link
from generator.domains.human_resources.personnel_record_rules import RULES
from generator.domains.keys import numbered
from generator.domains.party_identity.identifiers import ssn_of
from generator.domains.payment.instruments import routing_number
from generator.frame import Coded
from generator.schema import Link, Table

TABLE = Table(
    "personnel_record",
    domain="human_resources",
    meaning="HR dossier: pay, tax, benefits, bank",
    key="personnel_record_key",
    columns=(
        text("personnel_record_key", 50, unique=True),
        text("staff_member_key", 50, "unique -> 1:1"),
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
        moment("complete_date_time", nullable=True),
    ),
    links=(Link("staff_member_key", "staff_member", "staff_member_key", "parent", unique=True),),
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


@link("staff_member_key", "_staff_member_key")
def _staff(draw: Draw) -> Made:
    return {"staff_member_key": draw.key("staff_member", draw.rows), "_staff_member_key": draw.rows}


@derived("ssn", "work_state")
def _person(draw: Draw) -> Made:
    dealers = draw.frames["dealer"]
    staff = draw.frames["staff_member"]
    return {
        "ssn": ssn_of(draw.plan.recipe.seed, staff["_party_key"]),
        "work_state": dealers.text("state")[staff["_dealer"] - dealers.start],
    }


@drawn("pay_basis", "annual_salary", "hourly_rate", "commission_rate")
def _pay(draw: Draw) -> Made:
    role, title = draw.frames["staff_member"]["role_type"], draw.frames["staff_member"]["job_title"]
    pay = [PAY.get(name, PAY["STAFF"]) for name in role.labels]
    means = {**draw.figures["pay_annual_mean"], **draw.figures["pay_annual_mean_others"]}
    mean = np.array([float(means[name]) for _, name in pay])[role.codes]
    for titled, name in OF_TITLE.items():
        mean[title == titled] = float(means[name])
    basis = np.array([kind for kind, _ in pay], dtype=object)[role.codes]
    yearly = mean * draw.leaf("pay_over_mean", stream="annual_salary")
    drawn_share = float(draw.figures["commission_draw_share"])
    salary = np.where(basis == "COMMISSION", yearly * drawn_share, yearly)
    paid_by_hour = np.isin(basis.astype(str), ["HOURLY", "FLAT_RATE"])
    low, high = draw.figures["commission_rate"]
    rate = low + (high - low) * draw.u("commission_rate")
    return {
        "pay_basis": basis,
        "annual_salary": (np.rint(salary / 100).astype(np.int64) * 10_000, paid_by_hour),
        "hourly_rate": (np.rint(yearly / HOURS_A_YEAR * 100).astype(np.int64), ~paid_by_hour),
        "commission_rate": (np.rint(rate * 10_000).astype(np.int64), basis != "COMMISSION"),
    }


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
    saved = np.floor(draw.leaf("retirement_per_cent", stream="retirement_percentage")) * 100
    saved = saved.astype(np.int64)
    plan = draw.leaf("personnel_record.benefit_plan_type")
    none = draw.u("covered") < draw.figures["uncovered_share"]
    level = np.floor(draw.u("level") * 3).astype(np.int32)
    least, more = draw.figures["benefit_cost_cents"]
    share = draw.u("employee_cost_per_period")
    cost = (least + more * share * (1 + level)).astype(np.int64)
    accrued, step = draw.figures["pto_hundredths"]
    most = int(draw.figures["employer_match_most"])
    return {
        "pto_accrual_rate": accrued + step * np.floor(3 * draw.u("pto")).astype(np.int64),
        "retirement_percentage": saved,
        "employer_match_percentage": np.minimum(saved // 2, most),
        "benefit_plan_type": (plan, none),
        "benefit_coverage_level_type": (
            Coded(level, ("SELF", "SELF_PLUS_SPOUSE", "FAMILY")),
            none,
        ),
        "employee_cost_per_period": np.where(none, 0, cost),
        "tax_filing_status_type": draw.leaf("personnel_record.tax_filing_status_type"),
    }


@derived("bank_name", "routing_number", "account_number")
def _bank(draw: Draw) -> Made:
    names = ("Harbor Bank", "Summit Bank", "Prairie Bank", "Lakeshore Bank")
    codes = (draw.rows % len(names)).astype(np.int32)
    return {
        "bank_name": Coded(codes, names),
        "routing_number": routing_number(draw.u("routing_number")),
        "account_number": numbered("", (draw.u("account_number") * 1e10).astype(np.int64), 10),
    }


@derived("start_date_time", "complete_date_time")
def _period(draw: Draw) -> Made:
    """As long as the person works for the dealer."""
    staff, parties = draw.frames["staff_member"], draw.frames["party"]
    works, person = parties["_employer"], staff["_party_key"] - parties.start
    begun = works.at[works.first[person]].astype("datetime64[ms]")
    changed = works.since(person, np.full(draw.n, horizon(draw)))
    here = works.step(person, np.full(draw.n, horizon(draw))) >= 0
    return {"start_date_time": begun, "complete_date_time": (changed, here)}


COUNT = one(
    "staff_member",
    Noun("personnel record", "personnel records"),
    why="one for every staff member",
    rule="Every staff member has exactly one personnel record",
    back=asks(2.5),
)


PERSONNEL_RECORD = Declaration(
    TABLE,
    prefix="PR",
    count=COUNT,
    makers=(keyed(TABLE), _staff, _person, _pay, _benefits, _bank, _period),
    rules=RULES,
    born="start_date_time",
    reveals={"complete_date_time": "complete_date_time"},
)
