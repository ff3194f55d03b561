"""Cars that buyers offer in payment.  Those of live deals are taken: they come into the dealer's
stock (``inventory_vehicle``) and are sold again or wholesaled; the others stay their owner's."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generator.domains.calendar import DAY, MINUTE, clocks_of, horizon, when_open
from generator.domains.columns import decimal, integer, moment, text
from generator.domains.counts import Bound, Count, Given, Noun, Part, Relation, limits
from generator.domains.graph import Declaration, Draw, Made, derived, drawn, keyed, link
from generator.domains.groups import leaning, place_in_group
from generator.domains.leanings import normal
from generator.domains.sales_operations.choice import UsedCars
from generator.domains.sales_operations.trade_in_vehicle_rules import RULES
from generator.domains.vehicle_asset_mgt.worth import age_for, price_of
from generator.leaves import Choice
from generator.schema import Link, Table

TABLE = Table(
    "trade_in_vehicle",
    domain="sales_operations",
    meaning="Vehicle taken in against a deal",
    key="trade_in_vehicle_key",
    columns=(
        text("trade_in_vehicle_key", 50, unique=True),
        text("deal_key", 50),
        text("vehicle_key", 50, "a different VIN from the one sold"),
        text("last_six_of_vin", 6, "= right(vehicle.vin, 6)", personal="vin"),
        integer("odometer"),
        moment("appraisal_date_time"),
        decimal("trade_wholesale_value", 12, 2),
        decimal("trade_allowance", 12, 2, "0.9..1.15 x wholesale"),
        decimal("trade_payoff", 12, 2),
        decimal("trade_allowance_net", 12, 2, "= trade_allowance - trade_payoff"),
    ),
    links=(
        Link("deal_key", "deal", "deal_key", "parent"),
        Link("vehicle_key", "vehicle", "vehicle_key", "lookup"),
    ),
)

LAST_SIX = 6
GUESSED_AGE = 6  # years, of the car whose price new the age is first worked out from
GUESSES = 2  # of the age, each from the price new of a car as old as the one before
OTHERS = 6  # times that a car too old to be owed on, or too cheap for its worth, gives way
CHEAPER = 0.7  # to one that lies so much lower by its price new, or higher
MOST_AGE = 30
DOLLAR = 100
PAYMENT_SLACK = 0.8  # of a dealer's payments that may be for cars taken in, so that they fit


@link("deal_key", "_deal", "_taken", "_slot")
def _deal(draw: Draw) -> Made:
    """The deals with a car in payment, in their order; a taken car's stay in stock stands behind
    those of the dealer's deals."""
    deals = draw.frames["deal"]
    rows = np.flatnonzero(deals["_trades"]) if deals.rows else np.zeros(0, dtype=np.int64)
    deal = rows[np.argsort(deals["_dealer"][rows], kind="stable")] if len(rows) else rows
    local = draw["_dealer"] - draw.frames["dealer"].start
    stock = draw.counts["inventory_vehicle"]
    taken = deals["_taken"][deal] if len(deal) else np.zeros(0, dtype=bool)
    place = place_in_group(local * 2 + taken)  # among the taken ones, or the others
    slot = (np.cumsum(stock) - stock + draw.counts["deal"])[local] + place
    return {
        "deal_key": draw.key("deal", deal + deals.start),
        "_deal": deal,
        "_taken": taken,
        "_slot": np.where(taken, slot, -1),
    }


@drawn("_condition")
def _condition(draw: Draw) -> Made:
    """A score of how well a car has been kept: of two that are worth the same the better one is
    older, and has been driven less for its age."""
    return {"_condition": normal(draw.u("condition"))}


@drawn("trade_wholesale_value", "_specification", "_truck", "_returned")
def _which(draw: Draw) -> Made:
    """A car that is worth what it is taken for: of some make and body, as old as its worth and its
    condition say; or the one that the buyer bought here."""
    deals, deal = draw.frames["deal"], draw["_deal"]
    catalogue = draw.frames["vehicle_specification"]
    allowance = deals["_allowance"][deal]
    factor = draw.leaf("trade_in_vehicle.allowance_to_wholesale")
    wholesale = np.rint(allowance / factor / DOLLAR).astype(np.int64) * DOLLAR
    make = draw.frames["dealer"].text("primary_make")[draw["_dealer"] - draw.frames["dealer"].start]
    loyal = draw.u("loyal") < draw.figures["same_make_trade_share"]
    truck = draw.u("truck") < draw.figures["light_truck_trade_share"]
    year = deals["_signed"][deal].astype("datetime64[Y]").astype(np.int64) + 1970
    dear = float(draw.figures["dear_trade_lean"])
    u = leaning(draw.u("specification"), np.zeros(draw.n), wholesale, dear)
    cheap = draw.figures["trade_price_place"]
    owing = deals["_under_water"][deal]
    u = u ** np.where(owing, float(cheap["UNDER_WATER"]), float(cheap["OTHER"]))

    used = UsedCars(draw)

    def car(age: NDArray[np.int64]) -> NDArray[np.int64]:
        none = np.zeros(draw.n, dtype=bool)
        return used.rows(make=make, own=loyal, certified=none, truck=truck, year=year - age, u=u)

    work = np.full(draw.n, float(np.mean(draw.figures["reconditioning_dollars"])) * DOLLAR)
    price = price_of(draw.figures, wholesale.astype(np.float64), work)
    price = price * np.exp(-float(draw.figures["condition_spread"]) * draw["_condition"])

    def old() -> NDArray[np.int64]:
        """As old as the price says of a car that was so dear when it was new."""
        age = np.full(draw.n, GUESSED_AGE)
        for _ in range(GUESSES):
            usual = price / catalogue["base_msrp"][car(age)]
            age = np.clip(np.rint(age_for(draw.figures, usual)), 1, MOST_AGE).astype(np.int64)
        return age

    owed = owing | (deals["_owed_part"][deal] > 0)
    age = old()
    for _ in range(OTHERS):  # what is owed on was bought not long ago; none is worth more than new
        u = np.where(owed & (age > int(draw.figures["owed_years_most"])), CHEAPER * u, u)
        u = np.where(wholesale > catalogue["base_msrp"][car(age)], 1 - CHEAPER * (1 - u), u)
        age = old()
    back = deals["_returned"][deal] if draw.n else np.zeros(0, dtype=np.int64)
    again = deals["_wanted"][np.maximum(back, 0)] if draw.n else back
    chosen = np.where(back >= 0, again, car(age))
    return {
        "trade_wholesale_value": wholesale,
        "_specification": chosen,
        "_truck": catalogue["_light_truck"][chosen],
        "_returned": back,
    }


WITHIN = 5 * DAY


@drawn("_came", "_kept", "_wait", "_years")
def _fate(draw: Draw) -> Made:
    """Taken cars come into stock within days of the delivery.  The better ones are kept for the
    lot, and wait some days for their buyer; the others go to auction."""
    deals, deal = draw.frames["deal"], draw["_deal"]
    delivered = deals["delivery_date_time"][deal]
    delivered = np.where(draw["_taken"], delivered, deals["_signed"][deal])
    hours = draw.leaf("hours_to_stock", stream="came") * (DAY / MINUTE / 24)
    later = delivered + hours.astype(np.int64) * MINUTE
    clocks = clocks_of(draw, draw["_dealer"])
    opened = when_open(later, clocks, draw.u("came_open"), who="showroom")
    opened = np.minimum(opened, delivered + WITHIN)  # holidays notwithstanding (R056)
    catalogue = draw.frames["vehicle_specification"]
    year = deals["_signed"][deal].astype("datetime64[Y]").astype(np.int64) + 1970
    age = year - catalogue["model_year"][draw["_specification"]]
    figures = draw.figures
    good = draw["trade_wholesale_value"] >= figures["least_retail_dollars"] * DOLLAR
    good &= age <= figures["most_retail_years"]
    used = np.full(draw.n, "USED", dtype=object)
    kept: dict[str, float] = figures["kept_trade_share"]
    ages = [float(years) for years in kept]
    return {
        "_came": np.minimum(opened, horizon(draw)).astype("datetime64[ms]"),
        "_years": age,
        "_kept": good & (draw.u("kept") < np.interp(age, ages, list(kept.values()))),
        "_wait": np.maximum(
            draw.leaf("days_in_stock", by=[used], stream="wait") * figures["wait_share"],
            figures["least_days_used"],
        ),
    }


@link("vehicle_key", "_vehicle_key")
def _vehicle(draw: Draw) -> Made:
    """The car of the stay in stock; of a car that was not taken, the one behind the stays."""
    stays, counts = draw.frames["inventory_vehicle"], draw.counts
    local = draw["_dealer"] - draw.frames["dealer"].start
    first = (np.cumsum(counts["vehicle"]) - counts["vehicle"])[local] + draw.starts["vehicle"]
    taken = draw["_taken"]
    rows = first + counts["stay_cars"][local] + place_in_group(local * 2 + taken)
    rows[taken] = stays["_vehicle_key"][draw["_slot"][taken]]
    return {"vehicle_key": draw.key("vehicle", rows), "_vehicle_key": rows}


@drawn("appraisal_date_time", "odometer", "last_six_of_vin", "_opened")
def _appraisal(draw: Draw) -> Made:
    """Looked over in the hour before the deal is opened with what it is worth."""
    deals, vehicles = draw.frames["deal"], draw.frames["vehicle"]
    deal, car = draw["_deal"], draw["_vehicle_key"] - vehicles.start
    opened = deals["occurrence_date_time"][deal]
    seen = opened - draw.leaf("minutes_appraised_before").astype(np.int64) * MINUTE
    vins = vehicles["vin"][car].astype("S17")
    return {
        "appraisal_date_time": seen,
        "_opened": opened,
        "odometer": np.floor(vehicles["_odometer"].line(car, seen)).astype(np.int64),
        "last_six_of_vin": np.array([vin[-LAST_SIX:] for vin in vins.tolist()], dtype="S6"),
    }


@derived("trade_allowance", "trade_payoff", "trade_allowance_net")
def _money(draw: Draw) -> Made:
    """What the deal says."""
    deals, deal = draw.frames["deal"], draw["_deal"]
    allowance, payoff = deals["trade_in_allowance"][deal], deals["trade_payoff"][deal]
    return {
        "trade_allowance": allowance,
        "trade_payoff": payoff,
        "trade_allowance_net": allowance - payoff,
    }


def _share(given: Given) -> float:
    """Of all deals, from the shares of new and of used cars."""
    state = given.figures.entry("deal.product_state_type").leaf(())
    if not isinstance(state, Choice):
        raise ValueError("deal.product_state_type is a choice")
    rate = given.figures["trade_in_rate"]
    new = state.shares[state.labels.index("NEW")] / sum(state.shares)
    return float(new * rate["NEW"] + (1 - new) * rate["USED"])


def _offered(name: str) -> tuple[Relation, ...]:
    parts = ((name, -1), ("taken", 1), ("declined", 1))
    rule = "A car that is offered is taken in or not"
    one = Bound(((name, 1), ("deal", -1)), 0, "A deal is offered one car at most")
    return (one, Bound(parts, 0, rule), Bound(tuple((n, -f) for n, f in parts), 0, rule))


def _of_live_deals(name: str) -> tuple[Relation, ...]:
    paid = ((name, 1), ("invoice", 2), ("rebated", 1), ("live", -1), ("payment", -1))
    return (
        Bound(((name, 1), ("live", -1)), 0, "A signed deal takes in one car at most"),
        Bound(paid, 0, "A car taken in is a payment of its deal's invoice"),
    )


def _of_undone_deals(name: str) -> tuple[Relation, ...]:
    undone = ((name, 1), ("live", 1), ("deal", -1))
    return (Bound(undone, 0, "A deal that came to nothing was offered one car at most"),)


def _taken(given: Given) -> float:
    """As many as of all deals are live ones, while there are payments for them."""
    room = given["payment"] + given["live"] - 2 * given["invoice"] - given["rebated"]
    of_all = given[TABLE.name] * given["live"] // max(given["deal"], 1)
    return min(of_all, int(room * PAYMENT_SLACK))


_TAKEN = Count(
    Noun("car taken in", "cars taken in"),
    _taken,
    "",
    _of_live_deals,
    lambda lay: lay["live"] + 1e-9,
)
_DECLINED = Count(
    Noun("car not taken in", "cars not taken in"),
    lambda given: given[TABLE.name] - given["taken"],
    "",
    _of_undone_deals,
    lambda lay: lay["deal"] + 1e-9,
)
COUNT = Count(
    Noun("trade-in", "trade-ins"),
    lambda given: round(given["deal"] * _share(given)),
    "the published shares of buyers of new and of used cars",
    _offered,
    back=limits(1.0),
    parts=(Part("taken", _TAKEN), Part("declined", _DECLINED)),
    roles=("taken", "declined"),
)


TRADE_IN_VEHICLE = Declaration(
    TABLE,
    prefix="TI",
    count=COUNT,
    makers=(keyed(TABLE), _deal, _condition, _which, _fate, _vehicle, _appraisal, _money),
    rules=RULES,
    born="_opened",
)
