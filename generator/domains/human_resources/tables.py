"""The platform's tables of the domain human_resources."""

from generator.domains.columns import (
    day,
    decimal,
    enum,
    flag,
    moment,
    text,
)
from generator.schema import Link, Table

STAFF_MEMBER = Table(
    "staff_member",
    domain="human_resources",
    meaning="Operational view of an employee",
    key="staff_member_key",
    columns=(
        text("staff_member_key", 50, unique=True),
        text("party_key", 50),
        text("dealer_key", 50),
        text("employee_key", 20, "badge number, unique", unique=True),
        enum("role_type", "RoleTypes", "platform field is array role_types"),
        text("job_title", 80),
        enum("department_type", "DepartmentTypes"),
        text("manager_key", 50, "acyclic, same dealer, hired earlier or interim", nullable=True),
        text("email", 120, personal="email"),
        text(
            "state_license_number",
            20,
            "sales/F&I licence",
            nullable=True,
            personal="licence_number",
        ),
        enum("employment_status_type", "EmploymentStatusTypes"),
        day("hire_date"),
        day("termination_date", nullable=True),
        flag("active_indicator", "= termination_date is null or termination_date > as_of"),
    ),
    links=(
        Link("party_key", "party", "party_key", "lookup", unique=True),
        Link("dealer_key", "dealer", "dealer_key", "parent"),
        Link("manager_key", "staff_member", "staff_member_key", "lookup"),
    ),
)

PERSONNEL_RECORD = Table(
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
