"""Staff: four people who are always there, others who come and go."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.domains.calendar import DAY, span
from generator.domains.columns import day, enum, flag, text
from generator.domains.counts import Given, Noun, asks, each
from generator.domains.graph import Declaration, Draw, Made, derived, drawn, key, link
from generator.domains.groups import evened, place_in_group, renamed
from generator.domains.human_resources.staff_member_rules import RULES
from generator.domains.keys import numbered
from generator.domains.party_identity.identifiers import mail_of
from generator.domains.party_identity.party import party_rows, wanted_parties
from generator.frame import Coded
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


FIXED = ("GEN_MGR", "SALES_MGR", "FI_MGR", "SALES_ASSOC")
SELLS = ("SALES_ASSOC", "SALES_MGR")
TITLES = {
    "GEN_MGR": "General Manager",
    "SALES_MGR": "Sales Manager",
    "FI_MGR": "F&I Manager",
    "SALES_ASSOC": "Sales Consultant",
    "SERVICE_TECH": "Service Technician",
    "SERVICE_ADVISOR": "Service Advisor",
    "BUSINESS_DEVELOPMENT": "BDC Representative",
    "STAFF": "Office Administrator",
}
DEPARTMENTS = {
    "GEN_MGR": "SALES",
    "SALES_MGR": "SALES",
    "FI_MGR": "F_I",
    "SALES_ASSOC": "SALES",
    "SERVICE_TECH": "SERVICE",
    "SERVICE_ADVISOR": "SERVICE",
    "BUSINESS_DEVELOPMENT": "SALES",
    "STAFF": "OTHER",
}
TRIES = 6


@key("staff_member_key", "_place_in_dealer")
def _keys(draw: Draw) -> Made:
    return {
        "staff_member_key": draw.key(TABLE.name, draw.rows),
        "_place_in_dealer": place_in_group(draw["_dealer"]),
    }


@link(
    "party_key",
    "_party_key",
    "dealer_key",
    "_dealer_key",
    "_fixed",
    "_seats",
    "_seat",
    "_turn",
    "_last",
)
def _links(draw: Draw) -> Made:
    """Beside the keys, who sits where: ``_seat`` is the row of the seat's first holder,
    ``_turn`` how many held it before, ``_last`` whether nobody follows."""
    party, place = party_rows(draw, "staff"), draw["_place_in_dealer"]
    local = draw["_dealer"] - draw.frames["dealer"].start
    head = draw.rows - draw.frame.start - place
    seats, others = _seats(draw)[local], draw.counts[TABLE.name][local] - len(FIXED)
    number = np.maximum(place - len(FIXED), 0)
    fixed = place < len(FIXED)
    return {
        "party_key": draw.key("party", party),
        "_party_key": party,
        "dealer_key": draw.key("dealer", draw["_dealer"]),
        "_dealer_key": draw["_dealer"],
        "_fixed": fixed,
        "_seats": seats,
        "_seat": np.where(fixed, head + place, head + len(FIXED) + number % seats),
        "_turn": np.where(fixed, 0, number // seats),
        "_last": fixed | (number + seats >= others),
    }


def _seats(draw: Draw) -> NDArray[np.int64]:
    """Seats of each dealer beside the fixed ones: so many that their holders, with the published
    turnover over the span, come to the dealer's staff."""
    first, last = span(draw)
    years = float((last - first).astype(np.int64)) / 365.25
    others = draw.counts[TABLE.name] - len(FIXED)
    seats = np.rint(others / (1 + draw.figures["turnover_annual"] * years)).astype(np.int64)
    at_least_one: NDArray[np.int64] = np.maximum(seats, 1)
    return at_least_one


@drawn("role_type", "job_title", "department_type")
def _role(draw: Draw) -> Made:
    """Fixed ones first; whoever takes a seat over has the role of who left."""
    first = (draw["_turn"] == 0) & ~draw["_fixed"]
    leaf = draw.leaf(
        "staff_member.role_type", u=evened(draw.u("role"), draw["_dealer"] * 2 + first)
    )
    labels = (*leaf.labels, *(name for name in FIXED if name not in leaf.labels))
    fixed = np.array([labels.index(name) for name in FIXED])
    place = np.minimum(draw["_place_in_dealer"], len(FIXED) - 1)
    codes = np.where(draw["_fixed"], fixed[place], leaf.codes[draw["_seat"]]).astype(np.int32)
    role = Coded(codes, labels)
    return {
        "role_type": role,
        "job_title": renamed(role, TITLES),
        "department_type": renamed(role, DEPARTMENTS),
    }


@drawn("hire_date", "termination_date", "active_indicator", "employment_status_type")
def _employment(draw: Draw) -> Made:
    """The fixed ones were hired long before the span, the general manager first; of a seat's
    holders the first one too, each next one soon after the one before has left."""
    first, last = span(draw)
    low, high = draw.figures["tenure_years"]
    before = first - _days((low + (high - low) * draw.u("hire_date") ** 2) * 365.25)
    longest_there = draw.leaf("fixed_tenure_years", stream="fixed_hire_date")
    since = longest_there - draw["_place_in_dealer"]
    fixed = first - _days(since * 365.25)
    left = _handover(draw)
    previous = np.maximum(np.arange(draw.n) - draw["_seats"], 0)
    shortest, longest = draw.figures["vacancy_days"]
    vacant = shortest + (longest - shortest) * draw.u("vacancy")
    room = (np.where(draw["_last"], last, left) - left[previous]).astype(np.int64)
    after = left[previous] + _days(np.minimum(vacant, room // 2))
    hired = np.where(draw["_fixed"], fixed, np.where(draw["_turn"] == 0, before, after))
    leaves = ~draw["_last"]
    reason = draw.leaf("staff_member.employment_status_type")
    return {
        "hire_date": hired,
        "termination_date": (left, ~leaves),
        "active_indicator": ~leaves,
        "employment_status_type": Coded(
            np.where(leaves, reason.codes + 1, 0).astype(np.int32), ("ACTIVE", *reason.labels)
        ),
    }


def _handover(draw: Draw) -> NDArray[Any]:
    """The day each holder who does not stay leaves: one in each equal part of the span."""
    first, last = span(draw)
    turns = np.bincount(draw["_seat"], minlength=draw.n)[draw["_seat"]] - 1
    place = draw.leaf("handover_place", stream="termination_date")
    share = (draw["_turn"] + place) / np.maximum(turns, 1)
    length = int((last - first).astype(np.int64))
    day: NDArray[Any] = first + np.floor(length * np.minimum(share, 1.0)).astype(np.int64) * DAY
    return day


def _days(count: NDArray[Any]) -> NDArray[Any]:
    """Whole days, rounded up, as a duration."""
    days: NDArray[Any] = np.ceil(count).astype(np.int64) * DAY
    return days


@derived("manager_key")
def _manager(draw: Draw) -> Made:
    """Everybody reports to the general manager, those who sell to the sales manager."""
    head = draw.rows - draw["_place_in_dealer"]
    role = draw.frame.text("role_type").astype(str)
    sells = np.isin(role, ["SALES_ASSOC", "BUSINESS_DEVELOPMENT"])
    rows = np.where(sells, head + 1, head)
    return {"manager_key": (draw.key(TABLE.name, rows), draw["_place_in_dealer"] == 0)}


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


def on_duty(
    draw: Draw,
    dealer: NDArray[np.int64],
    days: NDArray[Any],
    *,
    roles: tuple[str, ...],
    stream: str,
) -> NDArray[np.int64]:
    """Global staff rows, one a row: of the dealer, in one of ``roles``, employed on the day.

    A few random colleagues are tried; the dealer's fixed one is always there.
    """
    staff = draw.frames[TABLE.name]
    role = staff.text("role_type").astype(str)
    fixed_place = FIXED.index(roles[0])
    able = np.flatnonzero(np.isin(role, roles))
    first = np.searchsorted(staff["_dealer"][able], dealer)
    count = np.searchsorted(staff["_dealer"][able], dealer, side="right") - first
    heads = np.searchsorted(staff["_dealer"], dealer) + fixed_place
    chosen = heads.copy()
    open_ = np.ones(len(dealer), dtype=bool)
    hired = staff["hire_date"]
    left = np.where(
        staff.missing("termination_date"), np.datetime64("2999-01-01"), staff["termination_date"]
    )
    day = days.astype("datetime64[D]")
    for attempt in range(TRIES):
        u = draw.u(f"{stream}_{attempt}")
        candidate = able[np.minimum(first + (u * count).astype(np.int64), len(able) - 1)]
        there = (hired[candidate] <= day) & (day <= left[candidate]) & open_
        chosen = np.where(there, candidate, chosen)
        open_ &= ~there
    result: NDArray[np.int64] = chosen + staff.start
    return result


SMALLEST_STAFF = 8  # of a dealer, unless a count is named


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
    """Heads of a dealer at a time: a square root of its share of a usual dealer's deals."""
    capacity = given.figures["deals_per_dealer_month"]
    share = min(given["deal"] / given.months / given["dealer"] / capacity, 1.0)
    return max(float(given.figures["headcount_per_dealer"] * np.sqrt(share)), SMALLEST_STAFF)


COUNT = each(
    "dealer",
    Noun("staff member", "staff"),
    least=len(FIXED),
    rule=(
        f"A dealer has at least {len(FIXED)} staff (who manages, who manages sales, who finances, "
        "who sells)"
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
    makers=(_keys, _links, _role, _employment, _manager, _badges),
    rules=RULES,
)
