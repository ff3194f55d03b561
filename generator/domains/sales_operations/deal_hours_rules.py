"""When deals may be signed: on days on which their dealer is open, in its hours (R107)."""

from __future__ import annotations

import numpy as np

from generator.domains.calendar import CLOSES, OPENS
from generator.domains.clocks import local_ms
from generator.domains.closing import is_open
from generator.domains.headings import LEADS_AND_DEALS
from generator.domains.places import places
from generator.rules import Rule, Truth
from generator.tables import Tables

MINUTE_MS, DAY_MS = 60_000, 86_400_000


def _signed_when_open(tables: Tables) -> tuple[Truth, Truth]:
    """Whether each deal is signed on an open day, and in the hours of business, by a clock that
    some place of the dealer's state keeps; where the state is not known, by none."""
    states = tables.codes("deal", "dealer_key.state")
    signed = tables.values("deal", "contract_date_time").astype("datetime64[ms]").astype(np.int64)
    day = np.zeros(len(signed), dtype=bool)
    hour = np.zeros(len(signed), dtype=bool)
    pool = places()
    for code, label in enumerate(states.labels):
        rows = np.flatnonzero(states.codes == code)
        for clock in np.unique(pool.clock[pool.state == label]):
            clocks = np.full(len(rows), clock)
            shown = local_ms(signed[rows], clocks)
            days = shown.astype("datetime64[ms]").astype("datetime64[D]")
            minute = shown % DAY_MS / MINUTE_MS
            open_ = is_open(days, "showroom", clocks)
            day[rows] |= open_
            hour[rows] |= open_ & (minute >= OPENS) & (minute <= CLOSES)
    free = tables.missing("deal", "contract_date_time") | tables.missing("deal", "dealer_key.state")
    return day | free, hour | free


def _open_day(tables: Tables) -> Truth:
    return _signed_when_open(tables)[0]


def _open_hour(tables: Tables) -> Truth:
    day, hour = _signed_when_open(tables)
    return np.asarray(hour | ~day)


HOURS_RULES = (
    Rule(
        "R107.shut",
        "deal",
        "No deal is signed on a day on which its dealer is closed, by law or for a holiday.",
        _open_day,
        needs=("dealer",),
        group=LEADS_AND_DEALS,
    ),
    Rule(
        "R107.hours",
        "deal",
        "Deals are signed from 9 to 20 of the dealer's local time.",
        _open_hour,
        needs=("dealer",),
        group=LEADS_AND_DEALS,
    ),
)
