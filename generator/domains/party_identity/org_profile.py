"""Companies beside the dealers: manufacturers, lenders, a supplier of parts."""

from __future__ import annotations

import numpy as np

from generator.domains.columns import day, enum, integer, text
from generator.domains.counts import Given, Noun, catalogue
from generator.domains.graph import Declaration, Draw, Made, derived, keyed, link
from generator.domains.party_identity.identifiers import ein_of
from generator.domains.party_identity.party import wanted_parties
from generator.domains.places import places
from generator.frame import Coded
from generator.leaves.figures import figures
from generator.schema import Link, Table

TABLE = Table(
    "org_profile",
    domain="party_identity",
    meaning="Non-dealer organisation: OEM, lender, vendor, carrier, insurer, warranty provider",
    key="org_profile_key",
    columns=(
        text("org_profile_key", 50, unique=True),
        text("party_key", 50),
        enum("org_role", "PartyServiceTypes"),
        text("legal_name", 150),
        text("dba", 150, nullable=True),
        enum("business_type", "BusinessTypes"),
        text("national_tax_identifier", 12, personal="ssn_tax_id"),
        enum("operating_status_type", "OperatingStatusTypes"),
        day("date_established"),
        integer("payment_terms_days", "0,15,30,45,60", nullable=True),
    ),
    links=(Link("party_key", "party", "party_key", "parent", unique=True),),
)


YOUNGEST, OLDEST = 24 * 365, 100 * 365  # days from a company's founding to the span
_BANKS = ("Harbor", "Summit", "Prairie", "Lakeshore", "Granite", "Redwood", "Keystone", "Beacon")
_UNIONS = ("Riverbend", "Cornerstone", "Timberline", "Bluestem", "Seaside", "Northfield")
_OTHERS = (
    "Westgate Auto Finance",
    "Pinecrest Acceptance",
    "Copperfield Credit",
    "Mesa Motor Lending",
)


def organisations() -> list[tuple[str, str, str, str]]:
    """(legal name, role, kind of lender or "", make or "") of every organisation."""
    makes = figures()["make_share"]
    makers = sorted(set(figures()["manufacturer"].values()))
    found = [(f"{make} Captive Finance Co.", "FINANCE_VENDOR", "captive", make) for make in makes]
    found += [(f"{name} Bank, N.A.", "FINANCE_VENDOR", "bank", "") for name in _BANKS]
    found += [(f"{name} Credit Union", "FINANCE_VENDOR", "credit_union", "") for name in _UNIONS]
    found += [(name, "FINANCE_VENDOR", "other", "") for name in _OTHERS]
    found += [(f"{maker} (manufacturer)", "PRODUCT_VENDOR", "", "") for maker in makers]
    found.append((str(figures()["parts_supplier"]), "PRODUCT_VENDOR", "", ""))
    carriers = (*figures()["carriers_of_parcels"], *figures()["carriers_of_loads"])
    found += [(str(name), "FLEET_SERVICES", "", "") for name in carriers]
    return found


def _short(name: str) -> str:
    """What a bank or a manufacturer is called; models know their manufacturer by this name too."""
    return name.removesuffix(", N.A.").removesuffix(" (manufacturer)")


@link("party_key", "_party_key")
def _party(draw: Draw) -> Made:
    return {"party_key": draw.key("party", draw.rows), "_party_key": draw.rows}


@derived(
    "org_role",
    "legal_name",
    "dba",
    "business_type",
    "national_tax_identifier",
    "operating_status_type",
    "date_established",
    "payment_terms_days",
    "_lender_kind",
    "_make",
    "_name",
)
def _facts(draw: Draw) -> Made:
    rows = organisations()[: draw.n]
    names = np.array([row[0] for row in rows], dtype=object)
    before = (YOUNGEST + draw.u("date_established") * (OLDEST - YOUNGEST)).astype(int)
    founded = np.datetime64(draw.plan.recipe.start, "D") - before
    short = np.array([_short(name) for name in names], dtype=object)
    lender = np.array([row[1] == "FINANCE_VENDOR" for row in rows], dtype=bool)
    return {
        "org_role": np.array([row[1] for row in rows], dtype=object),
        "legal_name": names,
        "dba": (short, short == names),
        "business_type": Coded(np.zeros(draw.n, np.int32), ("CORPORATION",)),
        "national_tax_identifier": ein_of(draw.rows),
        "operating_status_type": Coded(np.zeros(draw.n, np.int32), ("ACTIVE",)),
        "date_established": founded,
        "payment_terms_days": (
            np.where(lender, 0, int(draw.figures["company_terms_days"])),
            np.zeros(draw.n, dtype=bool),
        ),
        "_lender_kind": np.array([row[2] for row in rows], dtype=object),
        "_make": np.array([row[3] for row in rows], dtype=object),
        "_name": names,
    }


@derived("_latitude", "_longitude")
def _where(draw: Draw) -> Made:
    """Degrees of a company's city."""
    parties = draw.frames["party"]
    place = parties["_place"][draw["_party_key"] - parties.start]
    return {"_latitude": places().latitude[place], "_longitude": places().longitude[place]}


def _companies(given: Given) -> float:
    """Everyone known; a sixth of the parties where few were asked for."""
    parties = wanted_parties(given)
    return len(organisations()) if parties is None else parties // 6


COUNT = catalogue(
    Noun("company", "companies"),
    bounds=lambda *_: (1, len(organisations())),
    typical=_companies,
    why="lenders, manufacturers and suppliers",
    rule="There are {least} to {most} companies",
)


ORG_PROFILE = Declaration(
    TABLE,
    prefix="OP",
    count=COUNT,
    makers=(keyed(TABLE), _party, _facts, _where),
)
