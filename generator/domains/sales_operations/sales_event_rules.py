"""What must hold for sales events (R020, R021, R042, R043)."""

from __future__ import annotations

import numpy as np

from generator.domains.headings import LEADS_AND_DEALS
from generator.domains.human_resources.duty import employed
from generator.rules import Rule, Truth
from generator.tables import Tables

TABLE = "sales_event"
OF_DEALS = ("SIGNED", "SALE_CLOSE", "SOLD", "DELIVERED")
ORDER = (
    ("LEAD_CREATE",),
    ("OPP_CREATE",),
    ("CONTACT_FIRST",),
    ("APPT_SCHED",),
    ("APPT_COMPLETE", "APPT_CANCEL"),
    ("VISIT",),
    ("TEST_DRIVE",),
    ("QUOTE",),
    ("SIGNED",),
    ("SALE_CLOSE",),
)


def _in_order(tables: Tables) -> Truth:
    """No milestone of a lead before one that comes earlier; none before the lead."""
    at = tables.values(TABLE, "occurrence_date_time")
    lead = tables.group_of(TABLE, "lead_key")
    place = np.full(len(at), -1)
    for number, names in enumerate(ORDER):
        place[tables.is_one_of(TABLE, "sales_event_type", *names)] = number
    order = np.lexsort((place, lead))
    order = order[place[order] >= 0]
    truth = np.asarray(at >= tables.values(TABLE, "lead_key.create_date_time"))
    same = lead[order][1:] == lead[order][:-1]
    late = at[order][1:] >= at[order][:-1]
    truth[order[1:]] &= ~same | late
    return truth


def _of_the_lead(tables: Tables) -> Truth:
    """A deal that is named is the lead's, and only signed and later milestones name one."""
    same = tables.same(TABLE, "deal_key.lead_key", "lead_key")
    signed = tables.is_one_of(
        TABLE, "sales_event_type", "SIGNED", "SALE_CLOSE", "SOLD", "DELIVERED"
    )
    none = tables.missing(TABLE, "deal_key")
    return np.asarray(np.where(none, ~signed, same & signed))


def _there(tables: Tables) -> Truth:
    return tables.same(TABLE, "actor_staff_member_key.dealer_key", "lead_key.dealer_key")


RULES = (
    Rule(
        "R020.7",
        TABLE,
        "Who brings a lead to a milestone works there on the day.",
        employed(TABLE, "actor_staff_member_key", "occurrence_date_time"),
        needs=("staff_member",),
        group=LEADS_AND_DEALS,
    ),
    Rule(
        "R021.5",
        TABLE,
        "Who brings a lead to a milestone is of its dealer.",
        _there,
        needs=("staff_member", "sales_lead", "dealer"),
        group=LEADS_AND_DEALS,
    ),
    Rule(
        "R042.5",
        TABLE,
        "The milestones of a lead follow one another.",
        _in_order,
        needs=("sales_lead",),
        group=LEADS_AND_DEALS,
        scope="shard",
    ),
    Rule(
        "R043.5",
        TABLE,
        "Milestones from the signature on are of the lead's own deal.",
        _of_the_lead,
        needs=("deal", "sales_lead"),
        group=LEADS_AND_DEALS,
    ),
)
