"""That areas lie in larger ones (R016)."""

from __future__ import annotations

import numpy as np

from generator.domains.core.areas import PARENT
from generator.domains.headings import PEOPLE
from generator.rules import Rule, Truth
from generator.tables import Tables

BOUNDARY = "geographic_boundary"


def _inside(tables: Tables) -> Truth:
    """POSTAL and CITY in COUNTY in STATE in COUNTRY; the country in nothing; a fence in a city, or
    in the country."""
    kind = tables.codes(BOUNDARY, "geographic_type").text()
    around = tables.codes(BOUNDARY, "parent_boundary_key.geographic_type").text()
    allowed = np.zeros(len(kind), dtype=bool)
    for own, larger in PARENT.items():
        allowed |= (kind == own) & (around == larger)
    top = (kind == "COUNTRY") & tables.missing(BOUNDARY, "parent_boundary_key")
    fence = (kind == "TELEMATICS") & np.isin(around.astype(str), ["CITY", "COUNTRY"])
    return np.asarray(allowed | top | fence)


def _taxed(tables: Tables) -> Truth:
    rate = tables.values(BOUNDARY, "sales_tax_rate")
    return np.asarray(tables.missing(BOUNDARY, "sales_tax_rate") | ((rate >= 0) & (rate < 20_000)))


RULES = (
    Rule(
        "R016.area",
        BOUNDARY,
        "Postal areas and cities lie in counties, these in states, these in the country.",
        _inside,
        group=PEOPLE,
    ),
    Rule(
        "R016.tax",
        BOUNDARY,
        "A sales tax takes nothing to a fifth.",
        _taxed,
        group=PEOPLE,
    ),
)
