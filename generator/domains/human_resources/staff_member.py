"""Staff: who works at a dealer, as what, since when, led by whom."""

from __future__ import annotations

import numpy as np

from generator.domains.columns import day, enum, flag, text
from generator.domains.counts import Given, Noun, asks, each
from generator.domains.graph import Declaration, Draw, Made, derived, drawn, key, link
from generator.domains.groups import place_in_group, spread
from generator.domains.human_resources.employment import employment, holders, status
from generator.domains.human_resources.seats import FIXED, seats
from generator.domains.human_resources.shifts import shifts
from generator.domains.human_resources.staff_member_course import REVEALS, known, steps
from generator.domains.human_resources.staff_member_rules import RULES
from generator.domains.human_resources.technicians import technicians_for
from generator.domains.keys import numbered
from generator.domains.party_identity.identifiers import mail_of
from generator.domains.party_identity.party import party_rows, wanted_parties
from generator.schema import Link, Table

TABLE = Table(
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


SELLS = ("SALES_ASSOC", "SALES_MGR")
LEVELS = ("C", "B", "A")
TITLES = {
    "GEN_MGR": ("General Manager",),
    "SALES_MGR": ("General Sales Manager", "Used Car Manager", "Sales Manager"),
    "FI_MGR": ("F&I Manager",),
    "SALES_ASSOC": ("Sales Consultant",),
    "SERVICE_MGR": ("Service Manager", "Parts Manager"),
    "SERVICE_ADVISOR": ("Service Advisor",),
    "SERVICE_TECH": ("Lube Technician", "Service Technician", "Master Technician"),
    "TECHNICIAN": ("Body Shop Technician", "Paint Technician"),
    "SPECIALIST": ("Parts Specialist", "Parts Counterperson"),
    "VALET": ("Lot Porter", "Detailer", "Delivery Coordinator"),
    "BUSINESS_DEVELOPMENT": ("BDC Representative", "Internet Sales Coordinator"),
    "STAFF": ("Controller", "Title Clerk", "Accounts Payable Clerk", "Receptionist", "Cashier"),
}
"""What the holders of a role's seats are called, in the order of the seats at a dealer."""

DEPARTMENTS = {
    "GEN_MGR": "SALES",
    "SALES_MGR": "SALES",
    "FI_MGR": "F_I",
    "SALES_ASSOC": "SALES",
    "SERVICE_MGR": "SERVICE",
    "SERVICE_ADVISOR": "SERVICE",
    "SERVICE_TECH": "SERVICE",
    "TECHNICIAN": "BODY_SHOP",
    "SPECIALIST": "PARTS",
    "VALET": "RECON_DETAIL",
    "BUSINESS_DEVELOPMENT": "SALES",
    "STAFF": "OTHER",
}
OF_TITLE = {
    "Used Car Manager": "USED_VEHICLES",
    "Parts Manager": "PARTS",
    "Lube Technician": "QUICK_LUBE",
}
"""Departments of those whose title says more than their role."""

LEADS = {
    "SALES_MGR": ("SALES_ASSOC", "BUSINESS_DEVELOPMENT", "VALET", "FI_MGR"),
    "SERVICE_MGR": ("SERVICE_ADVISOR", "SERVICE_TECH", "TECHNICIAN", "SPECIALIST"),
}
"""Whom those who stay lead; everybody else reports to the general manager."""


@key("staff_member_key", "_place_in_dealer")
def _keys(draw: Draw) -> Made:
    return {
        "staff_member_key": draw.key(TABLE.name, draw.rows),
        "_place_in_dealer": place_in_group(draw["_dealer"]),
    }


@link("party_key", "_party_key", "dealer_key", "_dealer_key")
def _links(draw: Draw) -> Made:
    party = party_rows(draw, "staff")
    return {
        "party_key": draw.key("party", party),
        "_party_key": party,
        "dealer_key": draw.key("dealer", draw["_dealer"]),
        "_dealer_key": draw["_dealer"],
    }


@drawn("job_title", "department_type", "_level", "_woman")
def _job(draw: Draw) -> Made:
    """``_level`` is a technician's skill, 0 to 2 (C, B, A: lube, usual, master); ``_woman``
    whether it is one."""
    role = draw["role_type"]
    cell = draw["_dealer"] * len(role.labels) + role.codes
    skill = draw.leaf("technician_level", u=spread(draw.u("level"), cell, draw.u("first_level")))
    level = np.array([LEVELS.index(label) for label in skill.labels])[skill.codes]
    level = level[draw["_seat"]]
    titles = [title for label in role.labels for title in TITLES.get(label, (label.title(),))]
    counts = np.array([len(TITLES.get(label, ("",))) for label in role.labels])
    begin = (np.cumsum(counts) - counts)[role.codes]
    trained = role.codes == role.labels.index("SERVICE_TECH")
    nth = np.where(trained, level, draw["_number"] % counts[role.codes])
    of_role = [
        OF_TITLE.get(title, DEPARTMENTS.get(label, "OTHER"))
        for label in role.labels
        for title in TITLES.get(label, (label.title(),))
    ]
    women = draw.figures["women_by_role"]
    share = np.array([float(women.get(label, women["OTHER"])) for label in role.labels])
    even = spread(draw.u("woman"), cell, draw.u("first_woman"))
    return {
        "job_title": np.array(titles, dtype=object)[begin + nth],
        "department_type": np.array(of_role, dtype=object)[begin + nth],
        "_level": np.where(trained, level, -1),
        "_woman": even < share[role.codes],
    }


@derived("manager_key", "_manager")
def _manager(draw: Draw) -> Made:
    """The one who stays and leads the role, if hired before; else the general manager."""
    head = np.arange(draw.n) - draw["_place_in_dealer"]
    role, stays, hired = draw["role_type"], draw["_permanent"], draw["hire_date"]
    boss = head.copy()
    for leader, led in LEADS.items():
        if leader not in role.labels:
            continue
        of_dealer = np.full(draw.n, -1)
        one = np.flatnonzero(stays & (role.codes == role.labels.index(leader)))
        of_dealer[head[one]] = one
        mine = of_dealer[head]
        codes = [code for code, label in enumerate(role.labels) if label in led]
        able = np.isin(role.codes, codes) & (mine >= 0) & (hired[mine] <= hired)
        boss = np.where(able, mine, boss)
    return {
        "manager_key": (draw.key(TABLE.name, boss + draw.frame.start), boss == np.arange(draw.n)),
        "_manager": boss,
    }


@derived("employee_key", "email", "state_license_number")
def _badges(draw: Draw) -> Made:
    role = draw.frame.text("role_type").astype(str)
    licensed = np.isin(role, [*SELLS, "FI_MGR", "GEN_MGR"])
    name = np.full(draw.n, "staff", dtype=object)
    return {
        "employee_key": numbered("E", draw.rows, 8),
        "email": mail_of(name, draw.rows),
        "state_license_number": (numbered("SL", draw.rows, 8), ~licensed),
    }


def _staff(given: Given) -> float:
    """Heads by how busy the dealers are, and those who leave within the span; fewer where few
    parties were asked for."""
    dealers = given["dealer"]
    each_dealer = _present(given) * (1 + given.figures["turnover_annual"] * given.months / 12)
    parties = wanted_parties(given)
    if parties is not None:
        room = parties - given["org_profile"] - dealers
        each_dealer = max(min(each_dealer, room / 4 / dealers), len(FIXED))
    return float(dealers * each_dealer)


def _present(given: Given) -> float:
    """Heads of a dealer at a time: as many sellers as the published sales of one need, and the
    others in the published proportion."""
    figures = given.figures
    sold = given["contracts"] / given.months / given["dealer"]
    sellers = sold / figures["sales_per_salesperson_month"]
    heads: float = sellers / float(figures["sellers_among_staff"])
    mending = len(FIXED) + _technicians(given) / float(figures["technicians_among_others"])
    return max(heads, mending, float(figures["smallest_staff"]))


def _technicians(given: Given) -> float:
    """Technicians of a dealer beside the one it always has: those of the usual dealer, by what
    this one sells of what the sellers there do; more where many repair orders are asked for."""
    figures = given.figures
    sellers = float(figures["headcount_per_dealer"]) * float(figures["sellers_among_staff"])
    usual = sellers * float(figures["sales_per_salesperson_month"])
    share = given["deal"] / given.months / given["dealer"] / usual
    dealers = given["dealer"]
    orders = given.asked.get("repair_order", 0) / dealers
    lines = given.asked.get("repair_order_line", 0) / dealers
    busy = technicians_for(figures, orders, lines, given.days)
    return max(share * float(figures["techs_per_dealer"]), busy) - 1


COUNT = each(
    "dealer",
    Noun("staff member", "staff"),
    least=len(FIXED),
    rule=(
        f"A dealer has at least {len(FIXED)} staff (who manages, who manages sales, who finances, "
        "who sells, who advises, who repairs)"
    ),
    typical=_staff,
    why=lambda given: (
        f"about {_present(given):.0f} at a time a dealer, "
        f"{given.figures['turnover_annual']:.0%} leave a year"
    ),
    weight=lambda lay: lay.size,
    back=asks(2.5),
)


STAFF_MEMBER = Declaration(
    TABLE,
    prefix="SM",
    count=COUNT,
    makers=(
        _keys,
        _links,
        seats,
        _job,
        employment,
        status,
        holders,
        shifts,
        _manager,
        _badges,
    ),
    rules=RULES,
    born="hire_date",
    reveals=REVEALS,
    state="employment_status_type",
    steps=steps,
    known=known,
    machine="employment",
    resource="DEALER_STAFF",
)
