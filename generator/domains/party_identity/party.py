"""Parties: one row a person or company, whatever roles it plays.

The world prepares ``_role`` (org, dealer, staff, customer, prospect), ``_role_row`` (local row in
that role's frame), ``_place`` and ``_first_event`` (first day the party acts).
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from generator.domains.keys import key_of
from generator.domains.party_identity.identifiers import (
    ein_of,
    licence_of,
    mail_of,
    phone_of,
    ssn_of,
)
from generator.domains.party_identity.pools import pick
from generator.domains.party_identity.rules import PARTY_RULES
from generator.domains.party_identity.tables import PARTY as TABLE
from generator.domains.places import places
from generator.domains.table import Declaration, Draw, Made, derived, drawn, key
from generator.frame import Coded

DAY = np.timedelta64(1, "D")
YEAR_DAYS = 365.2425
_TYPES = {
    "org": "FINANCE",
    "dealer": "DEALER",
    "staff": "EMPLOYEE",
    "customer": "CUSTOMER",
    "prospect": "PROSPECT",
}


@key("party_key")
def _keys(draw: Draw) -> Made:
    return {"party_key": key_of(TABLE.name, draw.rows)}


@derived("org_indicator", "party_type", "party_status_type", "country_code")
def _kind(draw: Draw) -> Made:
    role = draw["_role"]
    codes = np.array([list(_TYPES).index(name) for name in role.labels], dtype=np.int32)
    types = codes[role.codes]
    company = np.isin(types, [0, 1])
    return {
        "org_indicator": company,
        "party_type": Coded(types, tuple(_TYPES.values())),
        "party_status_type": Coded(np.zeros(draw.n, np.int32), ("ACTIVE",)),
        "country_code": Coded(np.zeros(draw.n, np.int32), ("US",)),
        "_staff": types == 2,
    }


@drawn("gender_type", "given_name", "middle_name", "family_name", "salutation")
def _names(draw: Draw) -> Made:
    company = draw["org_indicator"]
    gender = draw.leaf("party.gender_type")
    labels = np.array(gender.labels, dtype=object)[gender.codes]
    coin = draw.u("sex") < 0.5
    female = (labels == "FEMALE") | ((labels == "UNKNOWN") & coin)
    u = draw.u("given_name")
    given = np.where(female, pick("given_names_female", u), pick("given_names_male", u))
    initial = np.array(list("ABCDEFGHJKLMNPRSTW"), dtype=object)
    middle = initial[(draw.u("middle_name") * len(initial)).astype(np.int64)]
    silent = draw.u("has_middle_name") >= draw.figures["middle_name_share"]
    title = np.where(female, "Ms.", "Mr.").astype(object)
    return {
        "gender_type": (Coded(gender.codes, gender.labels), company),
        "given_name": (given, company),
        "middle_name": (middle, company | silent),
        "family_name": (pick("family_names", draw.u("family_name")), company),
        "salutation": (title, company | (labels == "UNKNOWN")),
    }


@derived("full_name")
def _full_name(draw: Draw) -> Made:
    role = np.array(draw["_role"].labels, dtype=object)[draw["_role"].codes]
    name = (draw["given_name"] + " " + draw["family_name"]).astype(object)
    for label, table, column in (("org", "org_profile", "_name"), ("dealer", "dealer", "_name")):
        rows = np.flatnonzero(role == label)
        if len(rows):
            name[rows] = draw.frames[table][column][draw["_role_row"][rows]]
    return {"full_name": name}


@drawn("birth_date", "age")
def _birth(draw: Draw) -> Made:
    """Adults on the day they first act; buyers by the published ages, staff at hire."""
    points = {float(age): share for age, share in draw.figures["customer_ages"].items()}
    u = draw.u("birth_date")
    buyer = np.interp(u, list(points.values()), list(points))
    young, old = draw.figures["staff_ages"]
    age = np.where(draw["_staff"], young + (old - young) * u**1.3, np.maximum(buyer, 18.2))
    first = draw["_first_event"].astype("datetime64[D]")
    born = first - np.ceil(age * YEAR_DAYS).astype(np.int64) * DAY
    born = born - _namesakes(draw["full_name"], born) * DAY
    as_of = np.datetime64(draw.plan.recipe.as_of, "D")
    company = draw["org_indicator"]
    return {"birth_date": (born, company), "age": (full_years(born, as_of), company)}


def _namesakes(names: NDArray[np.object_], born: NDArray[np.datetime64]) -> NDArray[np.int64]:
    """How many earlier rows of the shard have the same name and birthday (R013)."""
    pairs = pd.DataFrame({"name": names, "born": born}).groupby(["name", "born"], sort=False)
    return np.asarray(pairs.cumcount(), dtype=np.int64)


def full_years(born: NDArray[np.datetime64], day: np.datetime64) -> NDArray[np.int64]:
    """Birthdays passed up to ``day``, shape (n,)."""
    month = born.astype("datetime64[M]")
    years = (day.astype("datetime64[M]") - month).astype(np.int64) // 12
    birthday_month = (day.astype("datetime64[M]") - month).astype(np.int64) % 12 == 0
    of_month = (born - month.astype("datetime64[D]")).astype(np.int64)
    today = int((day - day.astype("datetime64[M]").astype("datetime64[D]")).astype(np.int64))
    return np.asarray(years - (birthday_month & (of_month > today)))


@drawn("marital_status_type", "preferred_language_code")
def _ways(draw: Draw) -> Made:
    bands = np.array(["young", "middle", "old", "retired"], dtype=object)
    band = bands[np.searchsorted([26, 45, 67], draw["age"], side="right")]
    marital = draw.leaf("party.marital_status_type", by=[band])
    return {
        "marital_status_type": (Coded(marital.codes, marital.labels), draw["org_indicator"]),
        "preferred_language_code": draw.leaf("party.preferred_language_code"),
    }


@drawn(
    "ssn",
    "tax_id",
    "driver_license_number",
    "driver_license_state",
    "email_address",
    "phone_number",
)
def _identifiers(draw: Draw) -> Made:
    company, pool = draw["org_indicator"], places()
    state = pool.state[draw["_place"]]
    name = np.where(company, "office", _mailbox(draw["given_name"], draw["family_name"]))
    return {
        "ssn": (ssn_of(draw.plan.recipe.seed, draw.rows), company),
        "tax_id": (ein_of(draw.rows), ~company),
        "driver_license_number": (licence_of(state, draw.rows), company),
        "driver_license_state": (state, company),
        "email_address": (
            mail_of(name.astype(object), draw.rows),
            _silent(draw, "mail_known_share"),
        ),
        "phone_number": (
            phone_of(pool.area_code[draw["_place"]], draw.rows),
            _silent(draw, "phone_known_share"),
        ),
    }


def _silent(draw: Draw, share: str) -> NDArray[np.bool_]:
    """People who did not say how they can be reached this way; companies and staff always do."""
    open_ = draw["org_indicator"] | draw["_staff"]
    return np.asarray((draw.u(share) >= draw.figures[share]) & ~open_)


def _mailbox(given: NDArray[np.object_], family: NDArray[np.object_]) -> NDArray[np.object_]:
    made = np.empty(len(given), dtype=object)
    for row, names in enumerate(zip(given, family, strict=True)):
        made[row] = ".".join(names).lower().replace(" ", "").replace("'", "")
    return made


@drawn("occurrence_date_time", "merged_into_party_key")
def _first_seen(draw: Draw) -> Made:
    """Some time before the party first acts."""
    low, high = draw.figures["occurrence_years"]
    days = (low + (high - low) * draw.u("occurrence_date_time") ** 2) * YEAR_DAYS
    seen = draw["_first_event"].astype("datetime64[D]") - np.ceil(days).astype(np.int64) * DAY
    minutes = (540 + 480 * draw.u("minute")).astype(np.int64).astype("timedelta64[m]")
    nobody = np.full(draw.n, b"", dtype="S13")
    return {
        "occurrence_date_time": seen.astype("datetime64[ms]") + minutes,
        "merged_into_party_key": (nobody, np.ones(draw.n, dtype=bool)),
    }


PARTY = Declaration(
    TABLE,
    ((_keys, _kind, _names, _full_name, _birth, _ways, _identifiers, _first_seen),),
    PARTY_RULES,
)
