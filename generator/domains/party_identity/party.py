"""Parties: one row a person or company, whatever roles it plays.

``_role`` is the role a row is there for, ``_role_row`` the local row in that role's frame,
``_first_event`` the first day on which the party acts.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from generator.domains.calendar import horizon
from generator.domains.columns import day, enum, flag, integer, moment, text
from generator.domains.counts import Given, Noun, limits, some_of, sum_of
from generator.domains.graph import Declaration, Draw, Made, derived, drawn, keyed
from generator.domains.groups import dealt, place_in_group
from generator.domains.leanings import leaned, order_of, uniform
from generator.domains.lives import NOBODY, Track
from generator.domains.party_identity.households import heads
from generator.domains.party_identity.identifiers import (
    LINES,
    ein_of,
    licence_of,
    ssn_of,
)
from generator.domains.party_identity.party_rules import RULES
from generator.domains.party_identity.pools import pick
from generator.domains.party_identity.towns import area_codes, towns
from generator.domains.places import places
from generator.frame import Coded
from generator.schema import Link, Table

TABLE = Table(
    "party",
    domain="party_identity",
    meaning="Identity anchor: one row per human or organisation, roles point at its party_key",
    key="party_key",
    columns=(
        text("party_key", 50, unique=True),
        flag("org_indicator", "false=individual, true=organisation"),
        enum(
            "party_type", "PartyTypes", "platform field is an array party_types; primary role here"
        ),
        enum("party_status_type", "PartyStatusTypes"),
        text("salutation", 10, nullable=True, personal="name"),
        text("given_name", 60, nullable=True, personal="name"),
        text("middle_name", 60, nullable=True, personal="name"),
        text("family_name", 60, nullable=True, personal="name"),
        text(
            "full_name",
            150,
            "= given_name||' '||family_name (individual) or organisation name",
            personal="name",
        ),
        day("birth_date", "individuals only", nullable=True, personal="dob"),
        integer("age", "schema range 0..130; = floor(years(as_of - birth_date))", nullable=True),
        enum("gender_type", "GenderTypes", nullable=True, personal="demographic"),
        enum("marital_status_type", "MaritalStatusTypes", nullable=True, personal="demographic"),
        text(
            "ssn",
            11,
            "never-issued ranges only (area 900-999)",
            nullable=True,
            personal="ssn_tax_id",
        ),
        text("driver_license_number", 20, nullable=True, personal="licence_number"),
        text("driver_license_state", 2, nullable=True),
        text("tax_id", 10, "organisations: EIN", nullable=True, personal="ssn_tax_id"),
        text(
            "email_address",
            120,
            "denormalised preferred EMAIL channel; example.* domains",
            nullable=True,
            personal="email",
        ),
        text(
            "phone_number",
            20,
            "denormalised preferred PHONE/CELL channel; 555-01xx",
            nullable=True,
            personal="phone",
        ),
        text("preferred_language_code", 5, "BCP-47"),
        text("country_code", 2),
        moment("occurrence_date_time", "first seen"),
        text("merged_into_party_key", 50, "only when status MERGED", nullable=True),
    ),
    links=(Link("merged_into_party_key", "party", "party_key", "lookup"),),
)


DAY = np.timedelta64(1, "D")
YEAR_DAYS = 365.2425
ADULT = 18.1  # years; nobody is written down earlier
DAYS_EVER = 1 << 24  # more days than lie between any two birthdays
PROSPECT_AFTER = np.timedelta64(4000, "D")  # from the dealer's opening to a prospect's first day
COMPANY_BEFORE = np.timedelta64(4000, "D")  # from a company's first day to the span
PLACE_STEP = 37  # from the place of one company to that of the next
GOLDEN = 0.618  # spreads second addresses evenly over the parties of a dealer
ROLES = ("org", "dealer", "staff", "customer", "prospect")
COUNTED = ("org_profile", "staff_member", "customer", "prospects")  # a house account is a dealer
_TYPES = {
    "org": "FINANCE",
    "dealer": "DEALER",
    "staff": "EMPLOYEE",
    "customer": "CUSTOMER",
    "prospect": "PROSPECT",
}


def party_rows(draw: Draw, role: str) -> NDArray[np.int64]:
    """Row numbers of the parties that play the ``role`` in the frame's rows, dealer by dealer."""
    sizes = _role_counts(draw)
    before = sizes[:, : ROLES.index(role)].sum(axis=1)
    block = np.cumsum(draw.counts[TABLE.name]) - draw.counts[TABLE.name] + before
    own = sizes[:, ROLES.index(role)]
    first = np.repeat(block + draw.starts[TABLE.name], own)
    return np.asarray(first + np.arange(len(first)) - np.repeat(np.cumsum(own) - own, own))


def _role_counts(draw: Draw) -> NDArray[np.int64]:
    """Rows of each role under each dealer, shape (dealers, roles)."""
    companies, staff, customers, prospects = (draw.counts[name] for name in COUNTED)
    dealers = draw.counts["dealer"]
    return np.stack([companies, dealers, staff, customers - dealers, prospects], axis=1)


@derived("_role", "_role_row", "_block", "_place", "_address_weight")
def _cast(draw: Draw) -> Made:
    """Who each party is, in the order of the roles, and at which dealer's place."""
    sizes = _role_counts(draw)
    role = np.repeat(np.tile(np.arange(len(ROLES)), len(sizes)), sizes.ravel())
    block = np.repeat(np.arange(len(sizes)), sizes.sum(axis=1))
    row = place_in_group(role)
    place = row * PLACE_STEP % len(places().city)
    people = role != ROLES.index("org")
    if people.any():
        place[people] = draw.frames["dealer"]["_place"][block[people]]
    least = float(draw.figures["least_address_weight"])
    spread = least + (np.arange(draw.n) * GOLDEN % 1)
    return {
        "_role": Coded(role.astype(np.int32), ROLES),
        "_role_row": row,
        "_block": block,
        "_place": place,
        "_address_weight": np.where(people, spread, 1.0),
    }


@derived("_first_event")
def _first_event(draw: Draw) -> Made:
    """Since when each party must be there."""
    role, block = draw["_role"].codes, draw["_block"]
    start = np.datetime64(draw.plan.recipe.start, "D")
    first = np.full(draw.n, start - COMPANY_BEFORE)
    people = role != ROLES.index("org")
    if people.any():
        first[people] = draw.frames["dealer"]["open_date"][block[people]] + PROSPECT_AFTER
        for name, table, column in (
            ("dealer", "dealer", "open_date"),
            ("staff", "staff_member", "hire_date"),
        ):
            first[role == ROLES.index(name)] = draw.frames[table][column].astype("datetime64[D]")
        customers = draw.frames["customer"]
        known = customers["document_date_time"][~customers["_house"]]
        first[role == ROLES.index("customer")] = known.astype("datetime64[D]")
    return {"_first_event": first}


@derived("_address", "_employer")
def _life(draw: Draw) -> Made:
    """Tracks of the address a party lives at (a row of party_address), and of the dealer it works
    for."""
    addresses, staff = draw.frames["party_address"], draw.frames["staff_member"]
    lived = np.flatnonzero(addresses["_home"])
    party = addresses["_party_key"][lived] - draw.frame.start
    moved = (party, addresses["start_date_time"][lived], lived + addresses.start)
    worker = staff["_party_key"] - draw.frame.start
    gone = np.flatnonzero(~staff.missing("termination_date"))
    left = staff["termination_date"][gone] + np.timedelta64(1, "D")
    return {
        "_address": Track.of(draw.n, moved),
        "_employer": Track.of(
            draw.n,
            (worker, staff["hire_date"], staff["_dealer_key"]),
            (worker[gone], left, np.full(len(gone), NOBODY)),
        ),
    }


@derived("org_indicator", "party_type", "country_code", "_staff")
def _kind(draw: Draw) -> Made:
    role = draw["_role"]
    codes = np.array([list(_TYPES).index(name) for name in role.labels], dtype=np.int32)
    types = codes[role.codes]
    company = np.isin(types, [0, 1])
    return {
        "org_indicator": company,
        "party_type": Coded(types, tuple(_TYPES.values())),
        "country_code": Coded(np.zeros(draw.n, np.int32), ("US",)),
        "_staff": types == 2,
    }


@drawn("gender_type", "_female")
def _gender(draw: Draw) -> Made:
    gender = _at_work(draw, draw.leaf("party.gender_type"))
    labels = np.array(gender.labels, dtype=object)[gender.codes]
    coin = draw.u("sex") < 0.5
    return {
        "gender_type": (Coded(gender.codes, gender.labels), draw["org_indicator"]),
        "_female": (labels == "FEMALE") | ((labels == "UNKNOWN") & coin),
    }


@drawn("party_status_type", "merged_into_party_key", "_same")
def _status(draw: Draw) -> Made:
    """Everybody who takes part is active.  Of the others some have gone, and some are found to be
    another customer of the dealer, written down twice: ``_same`` is the row each party is."""
    role, block = draw["_role"].codes, draw["_block"]
    quiet = role == ROLES.index("prospect")
    asks = np.zeros(draw.n, dtype=bool)
    rows = np.flatnonzero(role == ROLES.index("customer"))
    if len(rows):
        customers = draw.frames["customer"]
        local = customers["_party_key"][~customers["_house"]] - draw.frame.start
        quiet[local], asks[local] = _quiet(draw), ~_quiet(draw)
    status = draw.leaf("status_of_the_quiet")
    codes = np.where(quiet, status.codes, status.labels.index("ACTIVE"))
    twice = quiet & (codes == status.labels.index("MERGED"))
    able = np.flatnonzero(asks & (draw["_years"] >= float(draw.figures["merged_into_age"])))
    alike = block * 2 + draw["_female"]
    able = able[np.argsort(alike[able], kind="stable")]
    first = np.searchsorted(alike[able], alike[twice])
    count = np.searchsorted(alike[able], alike[twice], side="right") - first
    at = first + np.floor(draw.u("merged_into")[twice] * count).astype(np.int64)
    codes[np.flatnonzero(twice)[count == 0]] = status.labels.index("ACTIVE")
    same = np.arange(draw.n)
    same[np.flatnonzero(twice)[count > 0]] = able[at[count > 0]]
    return {
        "party_status_type": Coded(codes.astype(np.int32), status.labels),
        "merged_into_party_key": (
            draw.key(TABLE.name, same + draw.frame.start),
            same == np.arange(draw.n),
        ),
        "_same": same,
    }


def _quiet(draw: Draw) -> NDArray[np.bool_]:
    """Customers but the house accounts that nothing is known of but that they are there."""
    customers = draw.frames["customer"]
    quiet = customers["_idle"].copy()
    quiet[draw.frames["credit_application"]["_customer_key"] - customers.start] = False
    quiet[draw.frames["credit_rating"]["_customer_key"] - customers.start] = False
    found: NDArray[np.bool_] = quiet[~customers["_house"]]
    return found


@drawn("_head", "_coupled")
def _household(draw: Draw) -> Made:
    """The local row of the party at whose place each lives: its own, or the husband's."""
    role = draw["_role"].codes
    private = (role == ROLES.index("customer")) | (role == ROLES.index("prospect"))
    able = private & (draw.frame.text("party_status_type") == "ACTIVE")
    able &= draw.u("coupled") < float(draw.figures["coupled_share"])
    head = heads(
        able=able,
        block=draw["_block"],
        female=draw["_female"],
        years=draw["_years"],
        most_apart=float(draw.figures["couple_years_apart"]),
    )
    together = head != np.arange(draw.n)
    together[head[together]] = True
    return {"_head": head[draw["_same"]], "_coupled": together}


@drawn("_town", "_line", "_shares_line")
def _home(draw: Draw) -> Made:
    """Where each party lives (an entry of the towns around its dealer), and the number of its
    telephone line; a household has one of both."""
    head, figures = draw["_head"], draw.figures
    business = draw["org_indicator"]
    u = draw.u("town")
    town = towns().draw(
        draw["_place"], u, at_home=float(figures["town_share"]), reach=float(figures["town_reach"])
    )
    office = towns().draw(draw["_place"], u, at_home=1.0, reach=float(figures["town_reach"]))
    town = np.where(business, office, town)
    own = (draw.u("own_line") < float(figures["own_line_share"])) | (head == np.arange(draw.n))
    line = np.where(own, np.arange(draw.n), head)
    shared = line != np.arange(draw.n)
    shared[head[shared]] = True
    return {"_town": town[head], "_line": draw.frame.start + line, "_shares_line": shared}


@drawn("given_name", "middle_name", "family_name", "salutation")
def _names(draw: Draw) -> Made:
    company, female = draw["org_indicator"], draw["_female"]
    u = draw.u("given_name")
    given = np.where(female, pick("given_names_female", u), pick("given_names_male", u))
    initial = np.array(list("ABCDEFGHJKLMNPRSTW"), dtype=object)
    middle = initial[(draw.u("middle_name") * len(initial)).astype(np.int64)]
    silent = draw.u("has_middle_name") >= draw.figures["middle_name_share"]
    title = np.where(female, "Ms.", "Mr.").astype(object)
    unknown = draw.frame.text("gender_type") == "UNKNOWN"
    family = pick("family_names", draw.u("family_name"))
    keeps = draw.u("keeps_name") < float(draw.figures["own_name_share"])
    family = np.where(keeps, family, family[draw["_head"]])
    same = draw["_same"]
    twice = same != np.arange(draw.n)
    return {
        "given_name": (given[same], company),
        "middle_name": (middle, company | silent | twice),
        "family_name": (family[same].astype(object), company),
        "salutation": (title[same], company | unknown),
    }


def _at_work(draw: Draw, gender: Coded) -> Coded:
    """Staff are women and men as their jobs have them."""
    staff = np.flatnonzero(draw["_staff"])
    if not len(staff):
        return gender
    woman = draw.frames["staff_member"]["_woman"][draw["_role_row"][staff]]
    codes = gender.codes.copy()
    codes[staff] = np.where(woman, gender.labels.index("FEMALE"), gender.labels.index("MALE"))
    return Coded(codes, gender.labels)


@derived("full_name")
def _full_name(draw: Draw) -> Made:
    role = np.array(draw["_role"].labels, dtype=object)[draw["_role"].codes]
    name = (draw["given_name"] + " " + draw["family_name"]).astype(object)
    for label, table, column in (("org", "org_profile", "_name"), ("dealer", "dealer", "_name")):
        rows = np.flatnonzero(role == label)
        if len(rows):
            name[rows] = draw.frames[table][column][draw["_role_row"][rows]]
    return {"full_name": name}


@drawn("_years")
def _ages(draw: Draw) -> Made:
    """How old people are on the day they first act: customers by the published ages of buyers,
    staff when hired."""
    points = {float(age): share for age, share in draw.figures["customer_ages"].items()}
    u = draw.u("birth_date")
    buyer = np.interp(u, list(points.values()), list(points))
    years = np.maximum(buyer, draw.figures["youngest_buyer"])
    staff = np.flatnonzero(draw["_staff"])
    if len(staff):
        years[staff] = draw.frames["staff_member"]["_age_when_hired"][draw["_role_row"][staff]]
    return {"_years": years}


@derived("birth_date", "age")
def _birth(draw: Draw) -> Made:
    first = draw["_first_event"].astype("datetime64[D]")
    born = first - np.ceil(draw["_years"] * YEAR_DAYS).astype(np.int64) * DAY
    same = draw["_same"]
    alone = same == np.arange(draw.n)
    born[alone] -= _namesakes(draw["full_name"][alone], born[alone]) * DAY
    born = born[same]
    company = draw["org_indicator"]
    age = full_years(born, horizon(draw).astype("datetime64[D]"))
    return {"birth_date": (born, company), "age": (age, company)}


def _aged(draw: Draw, at: np.datetime64) -> Made:
    age = full_years(draw["birth_date"], at.astype("datetime64[D]"))
    return {"age": (age, draw["org_indicator"])}


def _namesakes(names: NDArray[np.object_], born: NDArray[np.datetime64]) -> NDArray[np.int64]:
    """How many earlier rows of the shard have the same name and birthday (R013)."""
    name = np.asarray(pa.array(names, pa.string()).dictionary_encode().indices.fill_null(-1))
    days = born.astype("datetime64[D]").astype(np.int64)
    return place_in_group(name.astype(np.int64) * DAYS_EVER + days)


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
    """Of an age those are married who share an address, then rather who has others to carry."""
    marital = draw.leaf("party.marital_status_type", by=[draw["age"]])
    married = order_of(marital, {"MARRIED": 1.0}) + draw.u("as_married")
    customers, family = draw.frames["customer"], np.zeros(draw.n)
    family[customers["_party_key"] - draw.frame.start] = customers["_family"]
    key = leaned(draw.u("marries"), draw.figures["family_leaning"], family=family)
    rows = dealt(married, draw["age"], draw["_coupled"] + uniform(key))
    marital = Coded(marital.codes[rows], marital.labels)
    return {
        "marital_status_type": (Coded(marital.codes, marital.labels), draw["org_indicator"]),
        "preferred_language_code": _language(draw),
    }


def _language(draw: Draw) -> Coded:
    """Companies write in the language of the country."""
    language = draw.leaf("party.preferred_language_code")
    usual = language.labels.index("en-US") if "en-US" in language.labels else 0
    codes = np.where(draw["org_indicator"], usual, language.codes)
    return Coded(codes.astype(np.int32), language.labels)


@drawn("ssn", "tax_id", "driver_license_number", "driver_license_state", "_mailbox")
def _identifiers(draw: Draw) -> Made:
    company, twice = draw["org_indicator"], draw["_same"] != np.arange(draw.n)
    state = towns().state[draw["_town"]]
    name = np.where(company, "office", _mailbox(draw["given_name"], draw["family_name"]))
    return {
        "ssn": (ssn_of(draw.plan.recipe.seed, draw.rows), company | twice),
        "tax_id": (ein_of(draw.rows), ~company),
        "driver_license_number": (licence_of(state, draw.rows), company | twice),
        "driver_license_state": (state, company | twice),
        "_mailbox": name.astype(object),
    }


def _mailbox(given: NDArray[np.object_], family: NDArray[np.object_]) -> NDArray[np.object_]:
    name = pc.utf8_lower(pa.array(given + "." + family, pa.string()))
    for sign in (" ", "'"):
        name = pc.replace_substring(name, pattern=sign, replacement="")
    made: NDArray[np.object_] = name.to_numpy(zero_copy_only=False)
    return made


@derived("_channels", "_agrees", "_asked_on")
def _allows(draw: Draw) -> Made:
    """How readily a party gives more than one way to be reached; whether and when it agreed, as a
    customer, to be written to."""
    customers = draw.frames["customer"] if (draw["_role"].codes > 0).any() else None
    agrees = np.zeros(draw.n, dtype=bool)
    asked = np.full(draw.n, np.datetime64("NaT", "ms"))
    if customers is not None:
        party = customers["_party_key"] - draw.frame.start
        agrees[party] = customers["marketing_consent_indicator"]
        asked[party] = customers["document_date_time"]
    more = draw.leaf("channels_beyond_the_first")
    wanted = np.array([float(label) for label in more.labels])[more.codes]
    return {"_channels": wanted, "_agrees": agrees, "_asked_on": asked}


@derived("email_address", "phone_number")
def _reached(draw: Draw) -> Made:
    """The preferred number and mail address of those who gave one."""
    channels = draw.frames["communication_channel"]
    mail = channels.text("communication_channel_type") == "EMAIL"
    made: dict[str, tuple[NDArray[np.object_], NDArray[np.bool_]]] = {}
    for column, mine in (("email_address", mail), ("phone_number", ~mail)):
        rows = np.flatnonzero(mine & channels["preferred_indicator"])
        party = channels["_local"][rows]
        value, missing = np.full(draw.n, "", dtype=object), np.ones(draw.n, dtype=bool)
        value[party], missing[party] = channels["value"][rows], False
        made[column] = (value, missing)
    return made


@drawn("occurrence_date_time")
def _first_seen(draw: Draw) -> Made:
    """Some time before the party first acts."""
    low, high = draw.figures["occurrence_years"]
    most = np.where(draw["org_indicator"], high, draw["_years"] - ADULT)
    years = np.minimum(low + (high - low) * draw.u("occurrence_date_time") ** 2, most)
    days = np.maximum(years, 0.0) * YEAR_DAYS
    seen = draw["_first_event"].astype("datetime64[D]") - np.floor(days).astype(np.int64) * DAY
    minutes = draw.leaf("minute_first_seen", stream="minute").astype(np.int64)
    return {
        "occurrence_date_time": seen.astype("datetime64[ms]") + minutes.astype("timedelta64[m]"),
    }


def wanted_parties(given: Given) -> int | None:
    """Parties that were asked for, themselves or by their addresses."""
    if TABLE.name in given.asked:
        return given.asked[TABLE.name]
    addresses = given.asked.get("party_address")
    usual = float(given.figures["addresses_per_party"])
    return None if addresses is None else int(round(addresses / usual))


def _everybody(given: Given) -> int:
    return sum(given[name] for name in COUNTED if name != "prospects")


CROWDED = 2  # people to a number from which it is worth saying


def _crowded(given: Given) -> str | None:
    """That so many people share so few numbers, at a usual state's area codes a dealer."""
    codes, weights = area_codes(), given.figures["state_weights"]
    usual = sum(len(own) * weights[state] for state, own in codes.items())
    numbers = LINES * min(usual * given["dealer"], sum(len(own) for own in codes.values()))
    people = given[TABLE.name]
    if people < CROWDED * numbers:
        return None
    return (
        f"{people:,} parties share about {round(numbers, -2):,.0f} telephone numbers, as only "
        f"{LINES} of an area code (555-0100 to 555-0199) belong to nobody; do not match by them."
    )


COUNT = sum_of(
    Noun("party", "parties"),
    "org_profile",
    "staff_member",
    "customer",
    rest=some_of(
        "prospects",
        Noun("prospect", "prospects"),
        typical=lambda given: given[TABLE.name] - _everybody(given),
        weight=lambda lay: lay.size,
    ),
    typical=lambda given: max(wanted_parties(given) or 0, _everybody(given)),
    why="everybody with a role",
    note=_crowded,
    rule="A company, a staff member, a customer (a dealer is one of its own) and a prospect are "
    "a party each",
    shared_with="org_profile",
    back=limits(0.2),
)


PARTY = Declaration(
    TABLE,
    prefix="PA",
    count=COUNT,
    makers=(
        keyed(TABLE),
        _cast,
        _first_event,
        _life,
        _kind,
        _gender,
        _status,
        _household,
        _home,
        _names,
        _full_name,
        _ages,
        _birth,
        _ways,
        _identifiers,
        _allows,
        _reached,
        _first_seen,
    ),
    rules=RULES,
    born="occurrence_date_time",
    known=_aged,
)
