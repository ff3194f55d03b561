"""What must hold for parties: complete, and nobody there is (R011, R013, R015, R016)."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from generator.domains.headings import PEOPLE
from generator.fingerprint import Fingerprints
from generator.rules import Rule, Truth, no_repeats
from generator.tables import Tables


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


def _one_preferred(tables: Tables) -> Truth:
    preferred = tables.values("party_address", "preferred_indicator")
    current = tables.missing("party_address", "complete_date_time")
    party = tables.row_of("party_address", "party_key")
    chosen = preferred & current & (party >= 0)
    counted = np.bincount(party[chosen], minlength=tables.rows("party"))
    one: Truth = counted == 1
    return one


RULES = (
    Rule(
        "R016.1",
        "party",
        "Every party has exactly one preferred current address.",
        _one_preferred,
        needs=("party_address",),
        group=PEOPLE,
        scope="shard",
    ),
    Rule(
        "R011.1",
        "party",
        "People have names and a birth date; companies a tax number.",
        _individual,
        group=PEOPLE,
    ),
    Rule(
        "R013.1",
        "party",
        "No two parties share a social security number.",
        no_repeats("party", lambda tables: tables.fingerprints("party", "ssn")),
        group=PEOPLE,
        scope="whole",
    ),
    Rule(
        "R013.2",
        "party",
        "Social security numbers are from never-issued ranges.",
        _unissued_ssn,
        group=PEOPLE,
    ),
    Rule(
        "R013.3", "party", "Mail and telephone cannot reach anybody.", _safe_contact, group=PEOPLE
    ),
    Rule(
        "R013.4",
        "party",
        "No two active parties share name, birth date and postal code.",
        no_repeats("party", _human),
        needs=("party_address",),
        group=PEOPLE,
        scope="whole",
    ),
    Rule(
        "R013.5",
        "party",
        "A merged party points at an active one, others at none.",
        _merged,
        group=PEOPLE,
    ),
    Rule("R015.1", "party", "Purged parties keep no personal value.", _purged, group=PEOPLE),
)
