"""Rules of identity and addresses (R010–R016)."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from generator.domains.places import places
from generator.fingerprint import Fingerprints
from generator.rules import Check, Rule, Scope, Whole, no_repeats
from generator.tables import Tables

Truth = NDArray[np.bool_]
GROUP = "People and addresses"


def _individual(tables: Tables) -> Truth:
    company = tables.values("party", "org_indicator")
    person = ~tables.missing("party", "given_name") & ~tables.missing("party", "family_name")
    born, taxed = ~tables.missing("party", "birth_date"), ~tables.missing("party", "tax_id")
    secured = ~tables.missing("party", "ssn")
    people = person & born & ~taxed
    companies = taxed & ~born & ~secured & ~person
    whole: Truth = np.where(company, companies, people)
    return whole


def _reads(tables: Tables, column: str, pattern: str) -> Truth:
    """Parties whose text fits the pattern from end to end, or is missing."""
    text = tables.arrow("party", column).cast(pa.string())
    return np.asarray(pc.match_substring_regex(text, f"^(?:{pattern})$").fill_null(True))


def _unissued_ssn(tables: Tables) -> Truth:
    return _reads(tables, "ssn", r"9\d\d-\d\d-\d{4}")


def _safe_contact(tables: Tables) -> Truth:
    return _reads(tables, "email_address", r".+@example\.(com|net|org)") & _reads(
        tables, "phone_number", r"\+1 \d{3}-555-01\d\d"
    )


def _adult(table: str, day: str) -> Check:
    def check(tables: Tables) -> Truth:
        born = tables.values(table, "party_key.birth_date")
        acted = tables.values(table, day).astype("datetime64[D]")
        years = (acted - born).astype(np.int64) / 365.2425
        return np.asarray((years >= 18) | tables.missing(table, "party_key.birth_date"))

    return check


def _active(tables: Tables) -> Truth:
    return tables.is_one_of("deal", "customer_key.party_key.party_status_type", "ACTIVE")


def _human(tables: Tables) -> Fingerprints:
    """Name, birth date and postal code of the preferred address of an active party."""
    party = tables.row_of("party_address", "party_key")
    preferred = tables.values("party_address", "preferred_indicator") & (party >= 0)
    address = np.full(tables.rows("party"), -1)
    address[party[preferred]] = np.flatnonzero(preferred)
    name = tables.fingerprints("party", "full_name")
    codes = tables.fingerprints("party_address", "postal_code").mixed()
    code = np.append(codes, np.uint64(0))[address]
    born = tables.values("party", "birth_date").view(np.int64).view(np.uint64)
    active = tables.is_one_of("party", "party_status_type", "ACTIVE")
    nobody = tables.missing("party", "birth_date") | ~active
    return Fingerprints(name.mixed() ^ code, name.place + born, nobody, alone=False)


def _purged(tables: Tables) -> Truth:
    gone = tables.is_one_of("party", "party_status_type", "PURGED")
    bare = np.ones(len(gone), dtype=bool)
    for column in ("given_name", "family_name", "ssn", "birth_date", "driver_license_number"):
        bare &= tables.missing("party", column)
    return np.asarray(~gone | bare)


def _merged(tables: Tables) -> Truth:
    merged = tables.is_one_of("party", "party_status_type", "MERGED")
    into = tables.is_one_of("party", "merged_into_party_key.party_status_type", "ACTIVE")
    points = ~tables.missing("party", "merged_into_party_key")
    return np.asarray(np.where(merged, points & into, ~points))


def _consent(tables: Tables) -> Truth:
    marketing = tables.values("customer", "marketing_consent_indicator")
    others = tables.values("customer", "third_party_sharing_consent_indicator")
    granted = tables.is_one_of("customer", "consent_status_type", "GRANTED")
    return np.asarray((granted == marketing) & (~others | marketing))


def _texts(tables: Tables, column: str) -> NDArray[np.object_]:
    """A text column of addresses, "" where it is missing."""
    missing = tables.missing("party_address", column)
    return np.where(missing, "", tables.values("party_address", column)).astype(object)


def _place_of(tables: Tables) -> NDArray[np.int64]:
    """The entry of each address's city and state in the list of places, -1 if it has none."""
    import pandas as pd  # most of a second that planning need not wait for

    pool = places()
    known = pd.Index(pool.city + "|" + pool.state)
    said = _texts(tables, "city") + "|" + _texts(tables, "state")
    return np.asarray(known.get_indexer(said), dtype=np.int64)


def _geography(tables: Tables) -> Truth:
    pool, at = places(), _place_of(tables)
    north = tables.values("party_address", "latitude") / 1e6 - pool.latitude[at]
    east = tables.values("party_address", "longitude") / 1e6 - pool.longitude[at]
    county = tables.values("party_address", "county") == pool.county[at]
    return np.asarray((at >= 0) & county & (np.hypot(north, east) < 0.25))


def _area_code(tables: Tables) -> Truth:
    """The telephone of a party belongs to the place of its preferred address."""
    phone = tables.values("party_address", "party_key.phone_number").astype("U6").astype(object)
    silent = tables.missing("party_address", "party_key.phone_number")
    other = ~tables.values("party_address", "preferred_indicator")
    local = phone == "+1 " + places().area_code[_place_of(tables)]
    return np.asarray(local | silent | other)


def _one_preferred(tables: Tables) -> Truth:
    preferred = tables.values("party_address", "preferred_indicator")
    current = tables.missing("party_address", "complete_date_time")
    party = tables.row_of("party_address", "party_key")
    chosen = preferred & current & (party >= 0)
    counted = np.bincount(party[chosen], minlength=tables.rows("party"))
    one: Truth = counted == 1
    return one


def _place_agrees(tables: Tables) -> Truth:
    import pandas as pd  # most of a second that planning need not wait for

    pool = places()
    known = {f"{c}|{s}|{z}" for c, s, z in zip(pool.city, pool.state, pool.zip3, strict=True)}
    prefix = _texts(tables, "postal_code").astype("U3").astype(object)
    said = pd.Series(_texts(tables, "city") + "|" + _texts(tables, "state") + "|" + prefix)
    agrees: Truth = said.isin(known).to_numpy()
    return agrees


def _rule(
    number: str, table: str, text: str, check: Check | Whole, *needs: str, scope: Scope = "row"
) -> Rule:
    return Rule(number, table, text, check, (table, *needs), GROUP, scope=scope)


PARTY_RULES = (
    _rule("R011.1", "party", "People have names and a birth date; companies a tax number.", _individual),
    _rule("R013.1", "party", "No two parties share a social security number.", no_repeats("party", lambda tables: tables.fingerprints("party", "ssn")), scope="whole"),
    _rule("R013.2", "party", "Social security numbers are from never-issued ranges.", _unissued_ssn),
    _rule("R013.3", "party", "Mail and telephone cannot reach anybody.", _safe_contact),
    _rule("R012.1", "customer", "Customers are adults when they become customers.", _adult("customer", "document_date_time"), "party"),
    _rule("R012.2", "staff_member", "Staff are adults when hired.", _adult("staff_member", "hire_date"), "party"),
    _rule("R013.4", "party", "No two active parties share name, birth date and postal code.", no_repeats("party", _human), "party_address", scope="whole"),
    _rule("R013.5", "party", "A merged party points at an active one, others at none.", _merged),
    _rule("R015.1", "party", "Purged parties keep no personal value.", _purged),
    _rule("R017.1", "customer", "Consent is granted exactly to marketing; sharing needs it.", _consent),
    _rule("R014.1", "deal", "Only active parties make deals.", _active, "customer", "party"),
)  # fmt: skip

ADDRESS_RULES = (
    _rule("R016.1", "party", "Every party has exactly one preferred current address.", _one_preferred, "party_address", scope="shard"),
    _rule("R016.2", "party_address", "City, state and postal code agree.", _place_agrees),
    _rule("R016.3", "party_address", "County and position are those of the city.", _geography),
    _rule("R016.4", "party_address", "The telephone's area code is that of the preferred address.", _area_code, "party"),
)  # fmt: skip
