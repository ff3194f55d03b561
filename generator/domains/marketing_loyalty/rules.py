"""Rules of campaigns (R109)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generator.rules import Rule
from generator.tables import Tables

Truth = NDArray[np.bool_]
GROUP = "Leads and deals in order"
TABLE = "marketing_campaign"


def _money(tables: Tables) -> Truth:
    return np.asarray(tables.values(TABLE, "spend_amount") <= tables.values(TABLE, "budget_amount"))


def _funnel(tables: Tables) -> Truth:
    sent = tables.values(TABLE, "sent_count")
    heard = tables.values(TABLE, "response_count") <= sent
    return np.asarray(heard & (sent <= tables.values(TABLE, "audience_size")))


def _attributed(tables: Tables) -> Truth:
    day = tables.values("sales_lead", "create_date_time").astype("datetime64[D]")
    first = tables.values("sales_lead", "marketing_campaign_key.start_date")
    last = tables.values("sales_lead", "marketing_campaign_key.end_date")
    inside = (first <= day) & (day <= last + np.timedelta64(30, "D"))
    return np.asarray(inside | tables.missing("sales_lead", "marketing_campaign_key"))


CAMPAIGN_RULES = (
    Rule("R109.1", TABLE, "A campaign spends at most its budget.", _money, (TABLE,), GROUP),
    Rule(
        "R109.2",
        TABLE,
        "Responses at most sent, sent at most the audience.",
        _funnel,
        (TABLE,),
        GROUP,
    ),
    Rule(
        "R109.3",
        "sales_lead",
        "A lead's campaign ran then, or up to 30 days before.",
        _attributed,
        ("sales_lead", TABLE),
        GROUP,
    ),
)
