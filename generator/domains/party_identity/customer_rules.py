"""What must hold for customers: adults, asked for their consent (R012, R017)."""

from __future__ import annotations

import numpy as np

from generator.domains.headings import PEOPLE
from generator.domains.party_identity.adults import adult
from generator.rules import Rule, Truth
from generator.tables import Tables


def _consent(tables: Tables) -> Truth:
    marketing = tables.values("customer", "marketing_consent_indicator")
    others = tables.values("customer", "third_party_sharing_consent_indicator")
    granted = tables.is_one_of("customer", "consent_status_type", "GRANTED")
    return np.asarray((granted == marketing) & (~others | marketing))


RULES = (
    Rule(
        "R012.1",
        "customer",
        "Customers are adults when they become customers.",
        adult("customer", "document_date_time"),
        needs=("party",),
        group=PEOPLE,
    ),
    Rule(
        "R017.1",
        "customer",
        "Consent is granted exactly to marketing; sharing needs it.",
        _consent,
        group=PEOPLE,
    ),
)
