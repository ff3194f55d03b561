"""What must hold for campaigns (R109)."""

from __future__ import annotations

import numpy as np

from generator.domains.headings import LEADS_AND_DEALS
from generator.rules import Rule, Truth
from generator.tables import Tables


def _money(tables: Tables) -> Truth:
    return np.asarray(
        tables.values("marketing_campaign", "spend_amount")
        <= tables.values("marketing_campaign", "budget_amount")
    )


def _funnel(tables: Tables) -> Truth:
    sent = tables.values("marketing_campaign", "sent_count")
    heard = tables.values("marketing_campaign", "response_count") <= sent
    return np.asarray(heard & (sent <= tables.values("marketing_campaign", "audience_size")))


RULES = (
    Rule(
        "R109.1",
        "marketing_campaign",
        "A campaign spends at most its budget.",
        _money,
        group=LEADS_AND_DEALS,
    ),
    Rule(
        "R109.2",
        "marketing_campaign",
        "Responses at most sent, sent at most the audience.",
        _funnel,
        group=LEADS_AND_DEALS,
    ),
)
