"""What is done at each visit: operations that fit the car, its miles, its age and what is wrong.

The visits of a car are gone through in turn, as what is due depends on what was done before:
``_operations`` holds the catalogue rows of the lines of each order, -1 behind the last.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generator.domains.graph import Draw, Made, derived, drawn
from generator.domains.groups import ranks
from generator.domains.service.operations import Catalogue
from generator.domains.service.picks import (
    CLAIMED,
    CLAIMED_POWER,
    EXCLUDED,
    PREPARE,
    RECONDITION,
    SHINE,
    Picks,
)
from generator.domains.service.reasons import (
    CONCERN,
    EVERYTHING,
    GOLDEN,
    INSPECTION,
    INTERNAL,
    MAINTENANCE,
    NOTHING,
    POWERTRAIN,
    RECALL,
    WEAR,
    State,
    reasons,
)
from generator.domains.service.remedies import remedy
from generator.domains.warranty_insurance import warranty
from generator.domains.warranty_insurance.cover import under_contract

Rows = NDArray[np.int64]
Floats = NDArray[np.float64]
Truth = NDArray[np.bool_]
MOST_LINES = 5
CAMPAIGNS = 2  # of a model and model year, at most
ATTEMPTS = 4  # to find a service that fits the miles
DRAWS = 12  # uniforms of an order


@derived("_lines")
def lines(draw: Draw) -> Made:
    """How many lines each order has: exactly as many as planned under its dealer, some orders
    with more of them; each order's next line is a little less likely than the one before, and
    of an owner's order the less likely the less the car has run."""
    dealer = draw["_dealer"] - draw.frames["dealer"].start
    more = draw.counts["repair_order_line"] - draw.counts["repair_order"]
    u, n = draw.u("lines"), draw.n
    chance = np.array(draw.figures["line_chances"], dtype=np.float64)[:, : MOST_LINES - 1]
    chance = np.cumprod(chance, axis=1)[draw["_internal"].astype(np.int64)]
    least, full = draw.figures["lines_of_new_cars"]
    worn = np.where(draw["_internal"], 1.0, np.minimum(draw["_reading"] / full, 1.0))
    chance = chance * (least + (1 - least) * worn)[:, None]
    score = (u[:, None] / chance).ravel()
    owner = np.repeat(dealer, MOST_LINES - 1)
    rank = ranks(owner, score).reshape(n, MOST_LINES - 1)
    taken = rank < more[dealer][:, None]
    return {"_lines": 1 + taken.sum(axis=1)}


@derived("_reading", "_kind", "_covered", "_free_service")
def car(draw: Draw) -> Made:
    """The odometer at the wish, the kind of car, the years since its first sale, and what the
    maker's warranties and contracts still cover: 0 nothing, 1 the powertrain, 2 everything."""
    cars = draw.frames["vehicle"]
    own, wished = draw["_car"], draw["_wished"]
    reading = cars["_odometer"].line(own, wished)
    sold = np.where(
        cars.missing("original_sold_date"), np.datetime64("NaT", "D"), cars["original_sold_date"]
    )
    days = (wished - sold[own].astype("datetime64[ms]")) / np.timedelta64(1, "D")
    days = np.where(np.isnan(days), 0, days)
    months = days / (365.25 / 12)
    term = warranty.terms(draw.frames["vehicle_specification"])[cars["_specification"][own]]
    left, more = draw.figures["cover_left"]
    until, upto = wished + int(left) * np.timedelta64(1, "D"), reading + more
    inside = months[:, None] + left / (365.25 / 12) < term[:, :, 0]
    inside &= upto[:, None] < term[:, :, 1]
    held = under_contract(draw.frames["warranty"], car=own + cars.start, at=until, miles=upto)
    full, part = inside[:, warranty.BASIC] | held, inside[:, warranty.POWERTRAIN]
    return {
        "_reading": reading,
        "_kind": _catalogue(draw).car[cars["_specification"][own]],
        "_covered": np.where(full, EVERYTHING, np.where(part, POWERTRAIN, NOTHING)),
        "_free_service": _free_service(draw, months, reading),
    }


def _free_service(draw: Draw, months: Floats, reading: Floats) -> Truth:
    """Whether the maker pays for the services of the car's first years."""
    cars, specifications = draw.frames["vehicle"], draw.frames["vehicle_specification"]
    most, miles = draw.figures["free_service"]
    make = specifications.text("make").astype(str)[cars["_specification"][draw["_car"]]]
    some = np.isin(make, draw.figures["free_service_makes"])
    return np.asarray(some & (months < most) & (reading < miles))


def _catalogue(draw: Draw) -> Catalogue:
    kinds: Catalogue = draw.frames["labor_operation"]["_catalogue"]
    return kinds


@drawn("_operations", "_reason", "_claims")
def operations(draw: Draw) -> Made:
    """``_claims`` says whether an owner comes for what the warranty covers."""
    n, kinds = draw.n, _catalogue(draw)
    chosen = np.full((n, MOST_LINES), -1, dtype=np.int64)
    reason, claims = np.full(n, INTERNAL, dtype=np.int64), np.zeros(n, dtype=bool)
    u = draw.u("operations", each=DRAWS).reshape(n, DRAWS)
    state, picks = _begin(draw, kinds), Picks(kinds, draw.figures["worn_from"])
    turn = ranks(draw["_car"], draw["_wished"].astype(np.int64))
    for nth in range(int(turn.max(initial=-1)) + 1):
        rows = np.flatnonzero(turn == nth)
        inside = draw["_internal"][rows]
        own = rows[~inside]
        reason[own], claims[own] = reasons(draw, state, own, u[own])
        _inside(draw, picks, state, rows[inside], u, chosen)
        _mend(draw, picks, own[reason[own] == CONCERN], u, chosen, claims)
        for which, fill in (
            (MAINTENANCE, _maintain),
            (RECALL, _recall),
            (INSPECTION, _inspect),
            (WEAR, _wear),
        ):
            fill(draw, picks, state, own[reason[own] == which], u, chosen)
        _fill_up(draw, picks, state, rows, u, chosen, reason)
        state.before[draw["_car"][rows]] = draw["_reading"][rows]
        _note(kinds, state, draw["_car"][rows], draw["_reading"][rows], chosen[rows])
    return {"_operations": chosen, "_reason": reason, "_claims": claims}


def _note(kinds: Catalogue, state: State, cars: Rows, reading: Floats, chosen: Rows) -> None:
    """Remember what was done, and with it all operations after which the same is new."""
    mates = _mates(kinds)
    for line in range(MOST_LINES):
        some = chosen[:, line] >= 0
        for mate in mates[chosen[some, line]].T:
            state.done[cars[some], mate] = reading[some]
        state.fitted[cars[some], chosen[some, line]] = True


def _mates(kinds: Catalogue) -> Rows:
    """Operations after which the same is new, shape (operations, most of them)."""
    same = kinds.thing[:, None] == kinds.thing
    most = int(same.sum(axis=1).max(initial=1))
    first = np.argsort(~same, axis=1, kind="stable")[:, :most]
    return np.where(np.take_along_axis(same, first, axis=1), first, np.arange(len(same))[:, None])


def _begin(draw: Draw, kinds: Catalogue) -> State:
    """Each car was last serviced some miles and months before its first visit."""
    cars = draw.frames["vehicle"]
    u = draw.stream("last_service").uniform(cars.start, cars.start + cars.rows)
    first = np.full(cars.rows, np.inf)
    np.minimum.at(first, draw["_car"], draw["_reading"])
    first = np.where(np.isfinite(first), first, 0.0)
    ago = u * float(draw.figures["service_miles"])
    when = np.full(cars.rows, np.datetime64("1970-01-01", "ms"))
    spare = draw.stream("last_done").uniform(cars.start, cars.start + cars.rows)
    turns = (spare[:, None] + GOLDEN * np.arange(len(kinds.use))) % 1
    lasts = np.maximum(kinds.interval, kinds.lasts)
    done = np.maximum(first[:, None] - turns[:, kinds.thing] * lasts, 0)
    many, lots = _campaigns(draw)
    owed = np.zeros(len(draw.counts["repair_order"]))
    fitted = np.zeros(done.shape, dtype=bool)
    return State(np.maximum(first - ago, 0), when, first - ago, many, lots, done, owed, fitted)


def _campaigns(draw: Draw) -> tuple[Rows, Floats]:
    """How many campaigns there are for the model and model year of each car, and a number for
    each of them that says which work it is."""
    cars, specifications = draw.frames["vehicle"], draw.frames["vehicle_specification"]
    model = specifications.text("model_code").astype(str)
    year = specifications["model_year"].astype(str)
    model_years = np.unique(np.char.add(model, year), return_inverse=True)[1].reshape(-1)
    some = int(model_years.max(initial=0)) + 1
    u = draw.stream("campaigns").uniform(0, some)
    lots = draw.stream("campaign").uniform(0, some * CAMPAIGNS).reshape(some, CAMPAIGNS)
    none, one = draw.figures["campaign_shares"]
    many = np.where(u < none, 0, np.where(u < none + one, 1, CAMPAIGNS))
    at = model_years[cars["_specification"]]
    return many[at], lots[at]


def _maintain(draw: Draw, picks: Picks, state: State, rows: Rows, u: Floats, chosen: Rows) -> None:
    """The service the car is due for, the largest whose miles it has passed, and what else has
    become due since its last visit."""
    kinds, lines, kind = picks.kinds, draw["_lines"], draw["_kind"][rows]
    own, reading = draw["_car"][rows], draw["_reading"][rows]
    before = state.before[own]
    service = picks.pick(kind, u[rows, 1], "service")
    usual = kinds.interval[kinds.of("service")].min(initial=1)
    for attempt in range(ATTEMPTS):
        miles = np.where(service >= 0, kinds.interval[service], 1)
        passed = np.floor(reading / miles) > np.floor(before / miles)
        other = picks.pick(kind, (u[rows, 2] + GOLDEN * attempt) % 1, "service")
        service = np.where((miles > 2 * usual) & ~passed, other, service)
    miles = np.where(service >= 0, kinds.interval[service], 1)
    usual_one = picks.first(kind, "service")
    wrong = (miles > 2 * usual) & (np.floor(reading / miles) == np.floor(before / miles))
    service = np.where(wrong, usual_one, service)
    picks.add(chosen, rows, lines, service)
    share = float(draw.figures["due_share"])
    for at, op in enumerate(np.flatnonzero(kinds.of("due"))):
        due = reading - state.done[own, op] >= kinds.interval[op] * share
        wanted = due & ((u[rows, 3] + GOLDEN * at) % 1 < draw.figures["due_done_share"])
        picks.add(chosen, rows, lines, np.where(wanted & kinds.fits[kind, op], op, -1))
    state.service[own], state.since[own] = reading, draw["_wished"][rows]


def _mend(draw: Draw, picks: Picks, rows: Rows, u: Floats, chosen: Rows, claims: Truth) -> None:
    """A complaint is looked for first, if there is time and it is not plain, and mended; what an
    alert told of is what it is about."""
    kinds, lines, kind = picks.kinds, draw["_lines"], draw["_kind"][rows]
    covered, claimed = draw["_covered"][rows], claims[rows]
    usual = _fault(picks, kind, u[rows, 1], covered, claimed)
    fault = remedy(draw, kinds, rows, u[rows, 1], usual, sums=picks.told)
    test = picks.fitting(kind, picks.test[kinds.system[fault]])
    share = np.where(claimed, *draw.figures["tested_share"])
    hidden = (u[rows, 2] < share) & (lines[rows] > 1)
    picks.add(chosen, rows, lines, np.where(hidden, test, -1))
    picks.add(chosen, rows, lines, fault)
    again = u[rows, 3] < np.where(claimed, *draw.figures["second_fault_share"])
    other = _fault(picks, kind, u[rows, 4], covered, claimed)
    picks.add(chosen, rows, lines, np.where(again, other, -1))


def _fault(picks: Picks, kind: Rows, u: Floats, covered: Rows, claimed: Truth) -> Rows:
    """What is broken: what the coverage is for where it is claimed, else what it is not for; where
    a small catalogue has nothing of it, anything."""
    found = picks.pick(kind, u, "fault")
    pools = (
        (CLAIMED, claimed & (covered == EVERYTHING)),
        (CLAIMED_POWER, claimed & (covered == POWERTRAIN)),
        (EXCLUDED, ~claimed & (covered == POWERTRAIN)),
    )
    for pool, some in pools:
        those = picks.pick(kind, u, pool)
        found = np.where(some & (those >= 0), those, found)
    return found


def _recall(draw: Draw, picks: Picks, state: State, rows: Rows, u: Floats, chosen: Rows) -> None:
    """The next campaign of the model and model year: all its cars have the same done."""
    own, kind = draw["_car"][rows], draw["_kind"][rows]
    left = state.campaigns[own]
    del u
    lots = state.campaign[own, np.maximum(left - 1, 0)]
    picks.add(chosen, rows, draw["_lines"], picks.pick(kind, lots, "recall"))
    state.campaigns[own] = np.maximum(left - 1, 0)


def _inspect(draw: Draw, picks: Picks, state: State, rows: Rows, u: Floats, chosen: Rows) -> None:
    del state
    found = picks.pick(draw["_kind"][rows], u[rows, 1], "inspect")
    other = picks.pick(draw["_kind"][rows], u[rows, 1], "check")
    picks.add(chosen, rows, draw["_lines"], np.where(found >= 0, found, other))


def _wear(draw: Draw, picks: Picks, state: State, rows: Rows, u: Floats, chosen: Rows) -> None:
    kind = draw["_kind"][rows]
    found = picks.worn(kind, _since(draw, state, rows), u[rows, 1])
    found = np.where(found >= 0, found, picks.pick(kind, u[rows, 1], "check"))
    found = remedy(draw, picks.kinds, rows, u[rows, 1], found, sums=picks.told)
    picks.add(chosen, rows, draw["_lines"], found)


def _since(draw: Draw, state: State, rows: Rows) -> Floats:
    """Miles since each operation was done last, shape (rows, operations)."""
    return np.asarray(draw["_reading"][rows][:, None] - state.done[draw["_car"][rows]])


def _inside(draw: Draw, picks: Picks, state: State, rows: Rows, u: Floats, chosen: Rows) -> None:
    """Cars in stock: looked over when they come, made fit for sale, prepared for their buyers."""
    stays, kind = draw.frames["inventory_vehicle"], draw["_kind"][rows]
    stay, nth, lines = draw["_stay"][rows], draw["_nth"][rows], draw["_lines"]
    new = stays["_new"][stay]
    last = draw["_for_buyer"][rows]
    v = u[rows, 1]
    first = picks.first(kind, "used")
    first = np.where(new, picks.pick(kind, v, "new"), first)
    ready = picks.pick(kind, v, "ready")
    ready = np.where(last, _prepared(picks, kind, ready), ready)
    fit = np.where(new, picks.pick(kind, v, "fit", "lot"), _made_fit(draw, picks, state, rows, v))
    fit = np.where(fit >= 0, fit, ready)
    looks = picks.pick(kind, v, SHINE)
    looks = np.where(looks >= 0, looks, picks.pick(kind, v, "lot", "ready"))
    later = np.where(nth % 2 == 1, fit, looks)
    found = np.where(nth == 0, first, np.where(last, ready, np.where(later >= 0, later, ready)))
    picks.add(chosen, rows, lines, _not_again(picks, state, draw["_car"][rows], kind, found, v))
    for line in range(1, MOST_LINES):
        w = (v + GOLDEN * line) % 1
        more = np.where(
            new, picks.pick(kind, w, "fit", "lot"), _made_fit(draw, picks, state, rows, w)
        )
        more = np.where((nth == 0) & new, picks.pick(kind, w, "lot"), more)
        more = np.where(last, picks.pick(kind, w, SHINE), more)
        more = _not_again(picks, state, draw["_car"][rows], kind, more, w)
        picks.add(chosen, rows, lines, more)


def _prepared(picks: Picks, kind: Rows, ready: Rows) -> Rows:
    """The preparation for the buyer, of a catalogue that has one."""
    found = picks.pick(kind, np.zeros(len(kind)), PREPARE)
    return np.where(found >= 0, found, ready)


def _not_again(picks: Picks, state: State, cars: Rows, kind: Rows, found: Rows, u: Floats) -> Rows:
    """What was found, but where it was fitted to that car before: another look after it."""
    fits = picks.kinds.of("fit", "ready")[np.maximum(found, 0)] & (found >= 0)
    again = fits & state.fitted[cars, np.maximum(found, 0)]
    other = picks.pick(kind, u, "lot")
    return np.where(again, np.where(other >= 0, other, found), found)


def _made_fit(draw: Draw, picks: Picks, state: State, rows: Rows, u: Floats) -> Rows:
    """What a used car is made fit for sale with: what has worn, what is broken, what shows."""
    kind, (worn, broken) = draw["_kind"][rows], draw.figures["made_fit_shares"]
    w = (u * len(picks.kinds) + GOLDEN) % 1
    some = picks.worn(kind, _since(draw, state, rows), w)
    looks = picks.pick(kind, w, RECONDITION)
    looks = np.where(looks >= 0, looks, picks.pick(kind, w, "used"))
    found = np.where(u < worn + broken, picks.pick(kind, w, "fault"), looks)
    return np.where((u < worn) & (some >= 0), some, found)


def _fill_up(
    draw: Draw,
    picks: Picks,
    state: State,
    rows: Rows,
    u: Floats,
    chosen: Rows,
    reason: Rows,
) -> None:
    """Lines that are still free: what the inspection found, and what goes with the visit."""
    lines = draw["_lines"]
    for attempt in range(2 * MOST_LINES):
        short = rows[(chosen[rows] >= 0).sum(axis=1) < lines[rows]]
        if not len(short):
            return
        v = (u[short, 5 + attempt % 6] + GOLDEN * attempt) % 1
        kind = draw["_kind"][short]
        worn = picks.worn(kind, _since(draw, state, short), v)
        looked = (attempt == 0) & (v < float(draw.figures["looked_over_share"])) | (worn < 0)
        found = np.where(looked, picks.pick(kind, v, "check"), worn)
        inside = picks.pick(kind, v, "lot")
        inside = np.where(inside >= 0, inside, picks.pick(kind, v, "ready"))
        found = np.where(reason[short] == INTERNAL, inside, found)
        picks.add(chosen, short, lines, found)
    _fill_any(draw, picks, rows, chosen)


LAST = ("check", "inspect", "ready", "lot", "fit", "due", "wear", "service", "used", "new")
"""What is taken first where nothing else is left; tests and repairs behind them."""


def _fill_any(draw: Draw, picks: Picks, rows: Rows, chosen: Rows) -> None:
    """Whatever fits and is not on the order yet, where a small catalogue has little else."""
    lines, kinds = draw["_lines"], picks.kinds
    place = np.full(len(kinds), len(LAST))
    for at, use in enumerate(LAST):
        place[kinds.of(use)] = at
    for op in np.argsort(place, kind="stable"):
        short = rows[(chosen[rows] >= 0).sum(axis=1) < lines[rows]]
        if not len(short):
            return
        fits = kinds.fits[draw["_kind"][short], op]
        picks.add(chosen, short, lines, np.where(fits, op, -1))
