"""Cars in stock that are prepared for who has bought them: after the deal is begun and before the
car is handed over, while the workshop is open.  Where it is not, nobody prepares the car."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.domains.calendar import DAY, MINUTE, clocks_of
from generator.domains.clocks import Clocks, local, utc
from generator.domains.closing import last_open, next_open
from generator.domains.graph import Draw, Made, derived

Moments = NDArray[Any]
HALF_AN_HOUR = 30  # minutes before the workshop closes in which nothing is begun any more


@derived("_for_buyer", "_prepared_from", "_prepared_until")
def whom_for(draw: Draw) -> Made:
    """Whether a car in stock is prepared for its buyer, the last time before it goes; and from when
    until when that can begin: in the first half of the deal, or in time before the car leaves."""
    stays, deals = draw.frames["inventory_vehicle"], draw.frames["deal"]
    ends = draw["_window_ends"]
    if not stays.rows or not deals.rows:
        return {
            "_for_buyer": np.zeros(draw.n, dtype=bool),
            "_prepared_from": ends,
            "_prepared_until": ends,
        }
    stay, clocks = np.maximum(draw["_stay"], 0), clocks_of(draw, draw["_dealer"])
    last = ends - draw["_wished"] < DAY
    last &= (draw["_stay"] >= 0) & stays["_sold"][stay] & (draw["_nth"] > 0)
    begun = deals["occurrence_date_time"][np.maximum(stays["_deal"][stay], 0)]
    half = begun + (ends - begun) // 2
    in_time = ends - int(draw.figures["minutes_to_prepare"]) * MINUTE
    since = _opened(draw, np.maximum(begun, stays["_stocked"][stay]), clocks)
    until = _closed(draw, np.maximum(half, in_time), clocks)
    return {
        "_for_buyer": last & (since <= until),
        "_prepared_from": since,
        "_prepared_until": until,
    }


def prepared_at(draw: Draw, opened: Moments, day: Moments) -> Moments:
    """The moment itself where the car can be prepared then, else the middle of the time for it on
    that local ``day``; the moment where that day has none."""
    clocks = clocks_of(draw, draw["_dealer"])
    opens, closes = _hours(draw)
    since = np.maximum(draw["_prepared_from"], utc(day + opens, clocks))
    until = np.minimum(draw["_prepared_until"], utc(day + closes, clocks))
    fits = (opened >= since) & (opened <= until)
    return np.asarray(np.where(fits | (since > until), opened, since + (until - since) // 2))


def _hours(draw: Draw) -> tuple[np.timedelta64, np.timedelta64]:
    """From midnight until the workshop opens, and until it begins nothing any more."""
    opens, closes = (int(hour) * 60 for hour in draw.figures["workshop_hours"])
    return opens * MINUTE, (closes - HALF_AN_HOUR) * MINUTE


def _opened(draw: Draw, moments: Moments, clocks: Clocks) -> Moments:
    """Each moment, or the next one after it at which the workshop is open."""
    opens, closes = _hours(draw)
    here = local(moments, clocks)
    late = here - here.astype("datetime64[D]") > closes
    day = next_open(here.astype("datetime64[D]") + late * DAY, "workshop")
    return utc(np.maximum(here, day.astype("datetime64[ms]") + opens), clocks)


def _closed(draw: Draw, moments: Moments, clocks: Clocks) -> Moments:
    """Each moment, or the last one before it at which the workshop is open."""
    opens, closes = _hours(draw)
    here = local(moments, clocks)
    early = here - here.astype("datetime64[D]") < opens
    day = last_open(here.astype("datetime64[D]") - early * DAY, "workshop")
    return utc(np.minimum(here, day.astype("datetime64[ms]") + closes), clocks)
