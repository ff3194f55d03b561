"""Rules of identity and addresses (R010–R016)."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from generator.domains.places import places
from generator.rules import Rule
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


def _unique_ssn(tables: Tables) -> Truth:
    ssn = pd.Series(tables.values("party", "ssn"))
    alone: Truth = (~ssn.duplicated(keep=False) | tables.missing("party", "ssn")).to_numpy()
    return alone


def _unissued_ssn(tables: Tables) -> Truth:
    ssn = pd.Series(tables.values("party", "ssn").astype(str))
    fits: Truth = ssn.str.fullmatch(r"9\d\d-\d\d-\d{4}").to_numpy(dtype=bool)
    return fits | tables.missing("party", "ssn")


def _safe_contact(tables: Tables) -> Truth:
    mail = pd.Series(tables.values("party", "email_address").astype(str))
    phone = pd.Series(tables.values("party", "phone_number").astype(str))
    safe_mail = mail.str.fullmatch(r".+@example\.(com|net|org)").to_numpy(dtype=bool)
    safe_phone = phone.str.fullmatch(r"\+1 \d{3}-555-01\d\d").to_numpy(dtype=bool)
    return (safe_mail | tables.missing("party", "email_address")) & (
        safe_phone | tables.missing("party", "phone_number")
    )


def _adult(table: str, day: str) -> object:
    def check(tables: Tables) -> Truth:
        born = tables.values(table, "party_key.birth_date")
        acted = tables.values(table, day).astype("datetime64[D]")
        years = (acted - born).astype(np.int64) / 365.2425
        return np.asarray((years >= 18) | tables.missing(table, "party_key.birth_date"))

    return check


def _active(tables: Tables) -> Truth:
    status = tables.values("deal", "customer_key.party_key.party_status_type")
    active: Truth = np.asarray(status == "ACTIVE", dtype=bool)
    return active


def _one_human(tables: Tables) -> Truth:
    """No two active parties share name, birth date and current postal code."""
    party = tables.row_of("party_address", "party_key")
    preferred = tables.values("party_address", "preferred_indicator") & (party >= 0)
    code = np.full(tables.rows("party"), "", dtype=object)
    code[party[preferred]] = tables.values("party_address", "postal_code")[preferred]
    people = pd.DataFrame(
        {
            "name": tables.values("party", "full_name"),
            "born": tables.values("party", "birth_date"),
            "code": code,
        }
    )
    apart = tables.missing("party", "birth_date") | (
        tables.values("party", "party_status_type") != "ACTIVE"
    )
    return np.asarray(~people.duplicated(keep=False) | apart)


def _purged(tables: Tables) -> Truth:
    gone = tables.values("party", "party_status_type") == "PURGED"
    bare = np.ones(len(gone), dtype=bool)
    for column in ("given_name", "family_name", "ssn", "birth_date", "driver_license_number"):
        bare &= tables.missing("party", column)
    return np.asarray(~gone | bare)


def _merged(tables: Tables) -> Truth:
    merged = tables.values("party", "party_status_type") == "MERGED"
    into = tables.values("party", "merged_into_party_key.party_status_type") == "ACTIVE"
    points = ~tables.missing("party", "merged_into_party_key")
    return np.asarray(np.where(merged, points & into, ~points))


def _consent(tables: Tables) -> Truth:
    marketing = tables.values("customer", "marketing_consent_indicator")
    others = tables.values("customer", "third_party_sharing_consent_indicator")
    granted = tables.values("customer", "consent_status_type") == "GRANTED"
    return np.asarray((granted == marketing) & (~others | marketing))


def _texts(tables: Tables, column: str) -> NDArray[np.object_]:
    """A text column of addresses, "" where it is missing."""
    missing = tables.missing("party_address", column)
    return np.where(missing, "", tables.values("party_address", column)).astype(object)


def _place_of(tables: Tables) -> NDArray[np.int64]:
    """The entry of each address's city and state in the list of places, -1 if it has none."""
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
    pool = places()
    known = {f"{c}|{s}|{z}" for c, s, z in zip(pool.city, pool.state, pool.zip3, strict=True)}
    prefix = _texts(tables, "postal_code").astype("U3").astype(object)
    said = pd.Series(_texts(tables, "city") + "|" + _texts(tables, "state") + "|" + prefix)
    agrees: Truth = said.isin(known).to_numpy()
    return agrees


def _rule(number: str, table: str, text: str, check: object, *needs: str) -> Rule:
    return Rule(number, table, text, check, (table, *needs), GROUP)  # type: ignore[arg-type]  # a Check


PARTY_RULES = (
    _rule("R011.1", "party", "People have names and a birth date; companies a tax number.", _individual),
    _rule("R013.1", "party", "No two parties share a social security number.", _unique_ssn),
    _rule("R013.2", "party", "Social security numbers are from never-issued ranges.", _unissued_ssn),
    _rule("R013.3", "party", "Mail and telephone cannot reach anybody.", _safe_contact),
    _rule("R012.1", "customer", "Customers are adults when they become customers.", _adult("customer", "document_date_time"), "party"),
    _rule("R012.2", "staff_member", "Staff are adults when hired.", _adult("staff_member", "hire_date"), "party"),
    _rule("R013.4", "party", "No two active parties share name, birth date and postal code.", _one_human, "party_address"),
    _rule("R013.5", "party", "A merged party points at an active one, others at none.", _merged),
    _rule("R015.1", "party", "Purged parties keep no personal value.", _purged),
    _rule("R017.1", "customer", "Consent is granted exactly to marketing; sharing needs it.", _consent),
    _rule("R014.1", "deal", "Only active parties make deals.", _active, "customer", "party"),
)  # fmt: skip

ADDRESS_RULES = (
    _rule("R016.1", "party", "Every party has exactly one preferred current address.", _one_preferred, "party_address"),
    _rule("R016.2", "party_address", "City, state and postal code agree.", _place_agrees),
    _rule("R016.3", "party_address", "County and position are those of the city.", _geography),
    _rule("R016.4", "party_address", "The telephone's area code is that of the preferred address.", _area_code, "party"),
)  # fmt: skip
