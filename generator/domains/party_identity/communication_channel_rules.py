"""What must hold for channels: consent agrees with the customer's, the party repeats the preferred
ones (R017)."""

from __future__ import annotations

import numpy as np

from generator.domains.headings import PEOPLE
from generator.rules import Rule, Truth
from generator.tables import Tables

SPOKEN = ("PHONE", "CELL", "SMS", "VOICE")


def _opted_out(tables: Tables) -> Truth:
    gone = tables.is_one_of("communication_channel", "last_communication_status_type", "OPTED_OUT")
    allowed = tables.values("communication_channel", "marketing_authorized_indicator")
    return np.asarray(~gone | ~allowed)


def _as_consented(tables: Tables) -> Truth:
    """Only who agreed as a customer allows a channel."""
    party = tables.row_of("customer", "party_key")
    agrees = np.zeros(tables.rows("party"), dtype=bool)
    yes = tables.values("customer", "marketing_consent_indicator") & (party >= 0)
    agrees[party[yes]] = True
    owner = tables.row_of("communication_channel", "party_key")
    allowed = tables.values("communication_channel", "marketing_authorized_indicator")
    return np.asarray(~allowed | ((owner >= 0) & agrees[np.maximum(owner, 0)]))


def _repeated(tables: Tables) -> Truth:
    """The party's number and mail address are those of its preferred channels, and at most one of
    each kind is preferred."""
    owner = tables.row_of("communication_channel", "party_key")
    preferred = tables.values("communication_channel", "preferred_indicator") & (owner >= 0)
    good = np.ones(tables.rows("communication_channel"), dtype=bool)
    for kinds, column in ((SPOKEN, "phone_number"), (("EMAIL",), "email_address")):
        mine = tables.is_one_of("communication_channel", "communication_channel_type", *kinds)
        chosen = mine & preferred
        count = np.bincount(owner[chosen], minlength=tables.rows("party"))
        same = tables.same("communication_channel", "value", f"party_key.{column}")
        good &= ~chosen | (same & (count[np.maximum(owner, 0)] == 1))
    return good


def _dated(tables: Tables) -> Truth:
    allowed = tables.values("communication_channel", "marketing_authorized_indicator")
    return np.asarray(
        ~allowed | ~tables.missing("communication_channel", "authorization_update_date_time")
    )


RULES = (
    Rule(
        "R017.2",
        "communication_channel",
        "Who opted out does not allow to be written to.",
        _opted_out,
        group=PEOPLE,
    ),
    Rule(
        "R017.3",
        "communication_channel",
        "Only who agreed as a customer allows marketing on a channel.",
        _as_consented,
        needs=("party", "customer"),
        group=PEOPLE,
        scope="shard",
    ),
    Rule(
        "R017.4",
        "communication_channel",
        "A party's number and mail address are its preferred channels, one of each kind.",
        _repeated,
        needs=("party",),
        group=PEOPLE,
        scope="shard",
    ),
    Rule(
        "R017.5",
        "communication_channel",
        "What is allowed was allowed at a moment.",
        _dated,
        group=PEOPLE,
    ),
)
