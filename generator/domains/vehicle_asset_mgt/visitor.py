"""Cars that only the workshop knows: bought elsewhere, or here before the span, and serviced here.

They are the last rows of each dealer's vehicles, and the cars that would have been those of stays
of cars that came back; ``_visitor`` says so, ``_visitor_customer`` is
the row of the customer whose car it is, ``_bought`` since when.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.domains.calendar import DAY, horizon, span
from generator.domains.counts import Given
from generator.domains.graph import Draw, Made, derived, drawn
from generator.domains.groups import place_in_group
from generator.domains.sales_operations.choice import specification_of
from generator.domains.vehicle_asset_mgt.miles import driven_miles
from generator.leaves.figures import Figures

FIRST_SALE = np.timedelta64(60, "D")  # from production to the first owner of a used car


@derived("_visitor", "_visitor_customer")
def _whose(draw: Draw) -> Made:
    """The customers whose turn to ask comes last, who mostly have not bought here."""
    dealers, customers = draw.frames["dealer"], draw.frames["customer"]
    local = draw["_dealer"] - dealers.start
    place, of_stock = place_in_group(local), draw.counts["vehicle"] - draw.counts["workshop_cars"]
    of_stay = place < draw.counts["stay_cars"][local]
    visitor = (place >= of_stock[local]) | (of_stay & (draw["_first_stay"] < 0))
    shuffled = np.lexsort((customers["_turn"], customers["_dealer"]))
    size = draw.counts["customer"]
    last = np.cumsum(size)[local] - 2  # the very last one is the house account
    turn = (place - of_stock[local]) % np.maximum(size[local] - 1, 1)
    customer = np.full(draw.n, -1, dtype=np.int64)
    customer[visitor] = shuffled[(last - turn)[visitor]] + customers.start
    return {"_visitor": visitor, "_visitor_customer": customer}


@drawn("_came", "_visitor_specification", "_visitor_made", "_bought")
def _which(draw: Draw) -> Made:
    """Mostly of the dealer's make, by the ages that come to a dealer's workshop; most have come
    before the span, the others begin to within it."""
    first, last = span(draw)
    figures, dealers = draw.figures, draw.frames["dealer"]
    days = int((last - first).astype(np.int64))
    u = draw.u("came")
    new_here = float(figures["visitors_new_share"])
    into = np.where(u < new_here, u / new_here * days, 0).astype(np.int64)
    came = first + into * DAY
    age = draw.leaf("visitor_age")
    old = np.array([int(label) for label in age.labels])[age.codes]
    year = came.astype("datetime64[Y]").astype(np.int64) + 1970 - old
    own = draw.u("visitor_make") < figures["visitor_own_make_share"]
    make = dealers.text("primary_make")[draw["_dealer"] - dealers.start]
    truck = draw.u("visitor_truck") < figures["visitor_truck_share"]
    place = draw.u("visitor_specification")
    mine = specification_of(draw, make=make, truck=truck, year=year, u=place, new=False)
    any_ = specification_of(draw, make=None, truck=truck, year=year, u=place, new=False)
    which = np.where(own, mine, any_)
    made = _made(draw, draw.frames["vehicle_specification"]["model_year"][which], came)
    owned = draw.u("visitor_bought")
    second = draw.u("visitor_second_owner") < figures["visitor_second_owner_share"]
    room = np.maximum((came - made - FIRST_SALE).astype(np.int64), 0)
    bought = made + FIRST_SALE + np.where(second, owned * room, 0).astype(np.int64) * DAY
    return {
        "_came": came,
        "_visitor_specification": which,
        "_visitor_made": made,
        "_bought": bought,
    }


def _made(draw: Draw, model_year: NDArray[np.int64], came: NDArray[Any]) -> NDArray[Any]:
    """In the year before the model year or in it, and sold before it came."""
    january = (model_year - 1 - 1970).astype("datetime64[Y]").astype("datetime64[D]")
    made = january + draw.leaf("day_of_production", stream="visitor_made").astype(np.int64) * DAY
    return np.asarray(np.maximum(np.minimum(made, came - FIRST_SALE), january))


@drawn("_visitor_miles")
def _driven(draw: Draw) -> Made:
    """The reading on the last day: the usual miles of its age, some more, some fewer."""
    years = (horizon(draw) - draw["_visitor_made"]).astype("timedelta64[D]").astype(
        np.int64
    ) / 365.25
    truck = draw.frames["vehicle_specification"]["_light_truck"][draw["_visitor_specification"]]
    spread = np.exp(draw.figures["mileage_spread"] * (draw.u("visitor_miles") - 0.5))
    miles = driven_miles(draw.figures, np.maximum(years, 0), truck=truck) * spread
    return {"_visitor_miles": np.maximum(miles, 1).astype(np.int64)}


def visitors(given: Given) -> float:
    """As many as it takes for the visits that customers pay for, or makers: the cars of a year,
    and fewer where the span is too short for all of them to come."""
    figures = given.figures
    paid = 1 - float(figures["ro_count_mix"]["internal"])
    rounds = float(figures["dealer_visits_per_year"]) * given.months / 12
    once = rounds / (1 - float(np.exp(-rounds)))
    wanted = given["deal"] * orders_per_deal(figures) * paid / once
    return max(wanted - given["deal"] * float(figures["sold_cars_served"]), 0.0)


def orders_per_deal(figures: Figures) -> float:
    """Repair orders of a dealer's year over its deals."""
    yearly = float(figures["ro_per_dealer_year"]["2024"])
    return yearly / (float(figures["deals_per_dealer_month"]) * 12)


MAKERS = (_whose, _which, _driven)
