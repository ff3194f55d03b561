"""Staff: four people who are always there, others who come and go."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.domains.calendar import DAY, span
from generator.domains.groups import place_in_group
from generator.domains.human_resources.rules import STAFF_RULES
from generator.domains.human_resources.tables import STAFF_MEMBER as TABLE
from generator.domains.keys import key_of, numbered
from generator.domains.party_identity.identifiers import mail_of
from generator.domains.table import Declaration, Draw, Made, derived, drawn, key, link
from generator.frame import Coded

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


@key("staff_member_key")
def _keys(draw: Draw) -> Made:
    return {
        "staff_member_key": key_of(TABLE.name, draw.rows),
        "_place_in_dealer": place_in_group(draw["_dealer"]),
    }


@link("party_key", "dealer_key")
def _links(draw: Draw) -> Made:
    return {
        "party_key": key_of("party", draw["_party_key"]),
        "dealer_key": key_of("dealer", draw["_dealer"]),
        "_dealer_key": draw["_dealer"],
    }


@drawn("role_type", "job_title", "department_type")
def _role(draw: Draw) -> Made:
    leaf = draw.leaf("staff_member.role_type")
    labels = (*leaf.labels, *(name for name in FIXED if name not in leaf.labels))
    fixed = np.array([labels.index(name) for name in FIXED])
    place = draw["_place_in_dealer"]
    codes = np.where(place < len(FIXED), fixed[np.minimum(place, len(FIXED) - 1)], leaf.codes)
    codes = codes.astype(np.int32)
    return {
        "role_type": Coded(codes, labels),
        "job_title": Coded(codes, tuple(TITLES[name] for name in labels)),
        "department_type": Coded(codes, tuple(DEPARTMENTS[name] for name in labels)),
    }


@drawn("hire_date", "termination_date", "active_indicator", "employment_status_type")
def _employment(draw: Draw) -> Made:
    """The four fixed ones were hired long before the span, the general manager first."""
    first, last = span(draw)
    low, high = draw.figures["tenure_years"]
    place = draw["_place_in_dealer"]
    u = draw.u("hire_date")
    before = first - np.ceil((low + (high - low) * u**2) * 365.25).astype(np.int64) * DAY
    length = int((last - first).astype(np.int64))
    within = first + np.floor(length * 0.9 * u).astype(np.int64) * DAY
    late = (draw.u("hired_within") < draw.figures["hired_within_share"]) & (place >= len(FIXED))
    hired = np.where(late, within, before)
    fixed = first - np.ceil((14.5 - place) * 365.25).astype(np.int64) * DAY
    hired = np.where(place < len(FIXED), fixed, hired)
    leaves, left = _leaving(draw, hired, first, last)
    return {
        "hire_date": hired,
        "termination_date": (left, ~leaves),
        "active_indicator": ~leaves,
        "employment_status_type": Coded(
            np.where(leaves, 1, 0).astype(np.int32), ("ACTIVE", "TERMINATED")
        ),
    }


def _leaving(
    draw: Draw, hired: NDArray[Any], first: np.datetime64, last: np.datetime64
) -> tuple[NDArray[np.bool_], NDArray[Any]]:
    """Who leaves within the span at the published turnover, and when."""
    years = (last - first).astype(np.int64) / 365.25
    chance = 1 - np.exp(-draw.figures["turnover_annual"] * years)
    from_ = np.maximum(hired + 14 * DAY, first)
    room = (last - from_).astype(np.int64)
    leaves = (draw.u("leaves") < chance) & (room > 0) & (draw["_place_in_dealer"] >= len(FIXED))
    left = from_ + np.floor(np.maximum(room, 0) * draw.u("termination_date")).astype(np.int64) * DAY
    return leaves, left


@derived("manager_key")
def _manager(draw: Draw) -> Made:
    """Everybody reports to the general manager, those who sell to the sales manager."""
    head = draw.rows - draw["_place_in_dealer"]
    role = draw.frame.text("role_type").astype(str)
    sells = np.isin(role, ["SALES_ASSOC", "BUSINESS_DEVELOPMENT"])
    rows = np.where(sells, head + 1, head)
    return {"manager_key": (key_of(TABLE.name, rows), draw["_place_in_dealer"] == 0)}


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


STAFF_MEMBER = Declaration(
    TABLE, ((_keys, _links, _role, _employment, _manager, _badges),), STAFF_RULES
)
