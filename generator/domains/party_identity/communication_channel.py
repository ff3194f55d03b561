"""How a party can be reached: numbers and mail addresses, and what it allows.

Who can be reached by telephone and by mail is decided here; ``party`` repeats the preferred ones.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generator.domains.columns import enum, flag, moment, text
from generator.domains.counts import Noun, each, limits
from generator.domains.graph import Declaration, Draw, Made, derived, drawn, keyed, link
from generator.domains.party_identity.communication_channel_rules import RULES
from generator.domains.party_identity.identifiers import mail_of, phone_of
from generator.domains.party_identity.towns import towns
from generator.frame import Coded
from generator.schema import Link, Table
from generator.streams import apportion_within

TABLE = Table(
    "communication_channel",
    domain="party_identity",
    meaning="Reachability value plus opt-in/out state",
    key="communication_channel_key",
    columns=(
        text("communication_channel_key", 50, unique=True),
        text("party_key", 50),
        enum("communication_channel_type", "CommunicationChannelTypes"),
        text("value", 120, personal="email"),
        flag("preferred_indicator"),
        flag("verified_indicator"),
        flag("marketing_authorized_indicator", "AuthorizationLevel.authorized_indicator"),
        moment("authorization_update_date_time", nullable=True),
        enum("last_communication_status_type", "CommunicationStatusTypes", nullable=True),
    ),
    links=(Link("party_key", "party", "party_key", "parent"),),
)


CHANNELS_PER_PARTY = (1, 4)
TYPES = ("PHONE", "CELL", "EMAIL")
MAIL = TYPES.index("EMAIL")
OUT = "OPTED_OUT"
OFFERED_BY = {"EMAIL": "EMAIL", "SMS": "CELL"}
OFFERED_TO = 2  # channels of a party that offers go to: the first ones
NEVER = np.datetime64("NaT", "ms")


@link("party_key", "_party_key", "_local", "_nth", "_of")
def _party(draw: Draw) -> Made:
    """Every party has one; the rest of the exact total goes to those with more."""
    parties = draw.frames["party"]
    low, high = CHANNELS_PER_PARTY
    shares = np.zeros(parties.rows, dtype=np.int64)
    first = np.searchsorted(parties["_block"], np.arange(len(draw.counts[TABLE.name]) + 1))
    for block, total in enumerate(draw.counts[TABLE.name]):
        mine = slice(first[block], first[block + 1])
        size = int(first[block + 1] - first[block])
        least, most = np.full(size, low), np.full(size, high)
        shares[mine] = apportion_within(parties["_channels"][mine], int(total), least, most)
    local = np.repeat(np.arange(parties.rows), shares)
    rows = local + parties.start
    return {
        "party_key": draw.key("party", rows),
        "_party_key": rows,
        "_local": local,
        "_nth": np.arange(len(local)) - np.repeat(np.cumsum(shares) - shares, shares),
        "_of": shares[local],
    }


@drawn("communication_channel_type", "value", "preferred_indicator")
def _value(draw: Draw) -> Made:
    """A number and a mail address, or just one of them; then a second number, a second address.
    A household's line is a telephone, a number of one's own a cell phone."""
    party, local, nth = draw.frames["party"], draw["_local"], draw["_nth"]
    business, figures = party["org_indicator"][local], draw.figures
    mail_first = draw.u("mail_first") < float(figures["mail_first_share"])
    mail_first = mail_first[np.arange(draw.n) - nth] & ~business
    mail = np.where(mail_first, nth % 2 == 0, nth % 2 == 1)
    shared = party["_shares_line"][local] & (nth < 2)
    landline = (draw.u("landline") < float(figures["landline_share"])) | business | shared
    second = nth >= 2
    kind = np.where(landline ^ (second & ~business), 0, 1)
    kind = np.where(mail, MAIL, kind)
    rows = party["_line"][local] + np.where(second, SECOND, 0)
    numbers = phone_of(draw.plan.recipe.seed, towns().state[party["_town"][local]], rows)
    mails = mail_of(_mailbox(draw, second), draw["_party_key"])
    return {
        "communication_channel_type": Coded(kind.astype(np.int32), TYPES),
        "value": np.where(mail, mails, numbers).astype(object),
        "preferred_indicator": ~second,
    }


SECOND = 50_021  # from the line of a party to its second one


def _mailbox(draw: Draw, second: NDArray[np.bool_]) -> NDArray[np.object_]:
    box: NDArray[np.object_] = draw.frames["party"]["_mailbox"][draw["_local"]]
    return np.where(second, "work." + box, box).astype(object)


@drawn("verified_indicator", "_allowed", "_allowed_on", "_told", "_known")
def _consent(draw: Draw) -> Made:
    """Who agreed to be written to allows it on the preferred channels and some others; what was
    sent last, by whether it may be sent at all.  ``_allowed_on`` is when that was asked, not a time
    if it never was."""
    party, figures, local = draw.frames["party"], draw.figures, draw["_local"]
    agrees, asked = party["_agrees"][local], party["_asked_on"][local]
    some = draw.u("allows") < float(figures["channel_allowed_share"])
    allowed = agrees & (some | (draw["_nth"] == 0))
    state = np.where(allowed, "ALLOWED", "NOT").astype(object)
    status = draw.leaf("communication_channel.last_communication_status_type", by=(state,))
    silent = draw.u("silent") < float(figures["never_written_share"])
    minutes = np.floor(draw.leaf("minutes_to_consent", stream="minutes")).astype(np.int64)
    sure = draw.u("verified") < float(figures["channel_verified_share"])
    return {
        "verified_indicator": sure | (status.text() == "READ"),
        "_allowed": allowed,
        "_allowed_on": asked + minutes.astype("timedelta64[m]"),
        "_told": (status, silent | np.isnat(asked)),
        "_known": party["occurrence_date_time"][local],
    }


@derived("_left_on")
def _left(draw: Draw) -> Made:
    """When its owner wanted no more offers on a channel; not a time if that never happened."""
    contacts, people = draw.frames["customer_interaction"], draw.frames["customer"]
    left = np.full(draw.n, NEVER)
    if not contacts.rows:
        return {"_left_on": left}
    gone = np.flatnonzero(contacts.text("outcome_type") == "UNSUBSCRIBED")
    who = people["_party_key"][contacts["_customer_key"][gone] - people.start]
    who = who - draw.frames["party"].start
    through = contacts.text("channel_type")[gone]
    own = draw.frame.text("communication_channel_type")
    for sent, kind in OFFERED_BY.items():
        rows = np.flatnonzero((own == kind) & draw["_allowed"] & (draw["_nth"] < OFFERED_TO))
        place = np.full(draw.frames["party"].rows, -1)
        place[draw["_local"][rows]] = rows
        mine = gone[through == sent]
        at = place[who[through == sent]]
        left[at[at >= 0]] = contacts["start_date_time"][mine[at >= 0]]
    return {"_left_on": left}


@derived(
    "marketing_authorized_indicator",
    "authorization_update_date_time",
    "last_communication_status_type",
)
def _in_the_end(draw: Draw) -> Made:
    return _allowed_by(draw, np.datetime64("9999-01-01", "ms"))


def _allowed_by(draw: Draw, at: np.datetime64) -> Made:
    """Nothing is allowed before it was asked for, or after its owner wanted no more."""
    asked, left = draw["_allowed_on"], draw["_left_on"] <= at
    told, quiet = draw["_told"], draw.frame.missing("_told")
    labels = (*told.labels, *((OUT,) if OUT not in told.labels else ()))
    status = np.where(left, labels.index(OUT), told.codes).astype(np.int32)
    unknown = np.isnat(asked) | (asked > at)
    return {
        "marketing_authorized_indicator": draw["_allowed"] & ~unknown & ~left,
        "authorization_update_date_time": (np.where(left, draw["_left_on"], asked), unknown),
        "last_communication_status_type": (Coded(status, labels), (quiet & ~left) | unknown),
    }


COUNT = each(
    "party",
    Noun("channel", "channels"),
    least=CHANNELS_PER_PARTY[0],
    most=CHANNELS_PER_PARTY[1],
    one_for="org_profile",
    rule=(
        f"A company has one channel and everybody else {CHANNELS_PER_PARTY[0]} to "
        f"{CHANNELS_PER_PARTY[1]}"
    ),
    typical=lambda given: float(
        given["org_profile"]
        + given.figures["channels_per_party"] * (given["party"] - given["org_profile"])
    ),
    why="a number and a mail address for most",
    back=limits(0.2),
)


COMMUNICATION_CHANNEL = Declaration(
    TABLE,
    prefix="CC",
    count=COUNT,
    makers=(keyed(TABLE), _party, _value, _consent, _left, _in_the_end),
    rules=RULES,
    born="_known",
    known=_allowed_by,
)
