"""Finance and insurance products that a delivered deal sold: a line of its products is a contract,
but for accessories."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from generator.domains.calendar import horizon
from generator.domains.columns import day, decimal, enum, flag, integer, text
from generator.domains.consequences import Caused
from generator.domains.counts import Given, Noun, consequence
from generator.domains.graph import (
    Declaration,
    Draw,
    Frames,
    Made,
    derived,
    drawn,
    keyed_by_cause,
    link,
)
from generator.domains.keys import numbered
from generator.domains.payment.deal_price import PRODUCTS
from generator.domains.sales_operations.product_contract_rules import RULES
from generator.domains.warranty_insurance.months import months_after
from generator.frame import Coded
from generator.schema import Link, Table

TABLE = Table(
    "product_contract",
    domain="sales_operations",
    meaning="F&I product: extended warranty, GAP, maintenance",
    key="product_contract_key",
    columns=(
        text("product_contract_key", 50, unique=True),
        text("deal_key", 50),
        enum("contract_type", "ContractTypes"),
        enum("contract_status_type", "ContractStatusTypes"),
        text("provider_org_profile_key", 50),
        text("contract_number", 30, unique=True),
        day("execution_date"),
        day("expiration_date", planned=True),
        integer("expiration_distance", "miles", nullable=True),
        integer("term_months"),
        decimal("price_amount", 10, 2),
        decimal("cost_amount", 10, 2),
        flag("financed_indicator"),
    ),
    links=(
        Link("deal_key", "deal", "deal_key", "parent"),
        Link("provider_org_profile_key", "org_profile", "org_profile_key", "lookup"),
    ),
)

TYPES = {
    "vsc": "EXTENDED_WARRANTY",
    "gap": "FINANCE",
    "prepaid_maintenance": "MAINTENANCE",
    "paint_fabric": "PROTECTION",
    "tire_wheel": "PROTECTION",
    "key_replacement": "PROTECTION",
    "dent_windshield": "PROTECTION",
    "theft_etch": "PROTECTION",
}
NAMES = tuple(name for name in PRODUCTS if name in TYPES)
SERVICE, GAP = NAMES.index("vsc"), NAMES.index("gap")
Rows = NDArray[np.int64]


def _follows(frames: Frames) -> Sequence[Caused]:
    """A line for each product that is a contract, by its place among all products."""
    deals = frames["deal"]
    none = np.zeros(0, dtype=np.int64)
    if not deals.rows:
        return (Caused("deal", none, none),)
    places = np.array([PRODUCTS.index(name) for name in NAMES])
    bought = (deals["_products"][:, places] > 0) & deals["_sold"][:, None]
    deal, kind = np.nonzero(bought)
    return (Caused("deal", deal, kind + 1),)


@link("deal_key", "provider_org_profile_key", "contract_number", "_kind")
def _links(draw: Draw) -> Made:
    """GAP is the lender's, the other products those of the car's maker."""
    deals, deal = draw.frames["deal"], draw["_cause"]
    companies, catalogue = draw.frames["org_profile"], draw.frames["vehicle_specification"]
    kind = draw["_line"] - 1
    named = {str(name): row for row, name in enumerate(companies.text("legal_name"))}
    maker, make = draw.figures["manufacturer"], catalogue["make"]
    rows = [named.get(f"{maker[one]} (manufacturer)", companies.rows - 1) for one in make.labels]
    provider = np.array(rows, dtype=np.int64)[make.codes[deals["_specification"][deal]]]
    applications = draw.frames["credit_application"]
    application = deals["_credit_application_key"][deal] - applications.start
    lent = (kind == GAP) & (deals["_credit_application_key"][deal] >= 0)
    if applications.rows:
        lender = applications["_lender_org_profile_key"][np.maximum(application, 0)]
        provider = np.where(lent, lender, provider)
    number = numbered("PC", (deal + deals.start) * len(NAMES) + kind, 11)
    return {
        "deal_key": draw.key("deal", deal + deals.start),
        "provider_org_profile_key": draw.key("org_profile", provider),
        "contract_number": number,
        "_kind": kind,
    }


@drawn("contract_type", "term_months", "execution_date", "expiration_date", "_signed", "_miles")
def _term(draw: Draw) -> Made:
    """As the product is usually sold; GAP for as long as the loan."""
    deals, deal, kind = draw.frames["deal"], draw["_cause"], draw["_kind"]
    name = np.array(NAMES, dtype=object)[kind]
    chosen = draw.leaf("product_contract.term_months", by=(name,))
    months = np.array([int(label) for label in chosen.labels])[chosen.codes]
    loan = deals["term_months"][deal]
    months = np.where((kind == GAP) & deals["_financed"][deal], np.maximum(loan, 1), months)
    types = tuple(dict.fromkeys(TYPES.values()))
    code = np.array([types.index(TYPES[name]) for name in NAMES], dtype=np.int32)
    signed = deals["_signed"][deal]
    executed = signed.astype("datetime64[D]")
    yearly: dict[str, float] = draw.figures["product_miles_a_year"]
    miles = np.array([float(yearly.get(name, 0)) for name in NAMES])[kind] * months / 12
    return {
        "contract_type": Coded(code[kind], types),
        "term_months": months,
        "execution_date": executed,
        "expiration_date": months_after(executed, months),
        "_signed": signed,
        "_miles": np.rint(miles).astype(np.int64),
    }


@derived("expiration_distance", "price_amount", "cost_amount", "financed_indicator")
def _money(draw: Draw) -> Made:
    """Prices and costs of the deal's products; the odometer at which those that count miles end."""
    deals, vehicles, deal = draw.frames["deal"], draw.frames["vehicle"], draw["_cause"]
    place = np.array([PRODUCTS.index(name) for name in NAMES])[draw["_kind"]]
    car = deals["_vehicle_key"][deal] - vehicles.start
    handed = deals["delivery_date_time"][deal]
    reading = np.floor(vehicles["_odometer"].line(car, handed)).astype(np.int64)
    return {
        "expiration_distance": (reading + draw["_miles"], draw["_miles"] == 0),
        "price_amount": deals["_products"][deal, place],
        "cost_amount": deals["_product_costs"][deal, place],
        "financed_indicator": deals["_financed"][deal],
    }


@derived("contract_status_type")
def _status(draw: Draw) -> Made:
    return known(draw, horizon(draw))


def known(draw: Draw, at: np.datetime64) -> Made:
    """Booked with the deal, approved before that."""
    deals, deal = draw.frames["deal"], draw["_cause"]
    posted = ~deals.missing("post_date_time")[deal] & (deals["post_date_time"][deal] <= at)
    return {
        "contract_status_type": Coded(posted.astype(np.int32), ("APPROVED", "BOOKED")),
    }


def _contracts(given: Given) -> float:
    share = given.figures["fi_penetration"]
    return float(given["live"] * sum(share[name] for name in NAMES))


COUNT = consequence(
    Noun("product contract", "product contracts"),
    "deal",
    typical=_contracts,
    why="the published shares of buyers of each product",
)


PRODUCT_CONTRACT = Declaration(
    TABLE,
    prefix="FC",
    count=COUNT,
    makers=(keyed_by_cause(TABLE), _links, _term, _money, _status),
    rules=RULES,
    follows=_follows,
    born="_signed",
    known=known,
)
