"""What is done at each visit: operations that fit the car, its miles, its age and what is wrong.

The visits of a car are gone through in turn, as what is due depends on what was done before:
``_operations`` holds the catalogue rows of the lines of each order, -1 behind the last.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.domains.graph import Draw, Made, derived, drawn
from generator.domains.groups import ranks
from generator.domains.service.operations import Catalogue
from generator.domains.service.remedies import reasons_told, remedy
from generator.domains.warranty_insurance.cover import under_contract
from generator.domains.warranty_insurance.warranty import BASIC, POWERTRAIN, terms

Rows = NDArray[np.int64]
Floats = NDArray[np.float64]
Truth = NDArray[np.bool_]
MOST_LINES = 5
REASONS = ("MAINTENANCE", "CONCERN", "RECALL", "INSPECTION", "WEAR", "INTERNAL")
MAINTENANCE, CONCERN, RECALL, INSPECTION, WEAR, INTERNAL = range(len(REASONS))
CAMPAIGNS = 2  # of a model and model year, at most
GOLDEN = 0.618  # spreads the second and later draws of an order evenly
ATTEMPTS = 4  # to find a service that fits the miles
DRAWS = 12  # uniforms of an order
MONTH = np.timedelta64(1, "D") * (365.25 / 12)


@derived("_lines")
def lines(draw: Draw) -> Made:
    """How many lines each order has: exactly as many as planned under its dealer, some orders
    with more of them; each order's next line is a little less likely than the one before."""
    dealer = draw["_dealer"] - draw.frames["dealer"].start
    more = draw.counts["repair_order_line"] - draw.counts["repair_order"]
    u, n = draw.u("lines"), draw.n
    chance = np.array(draw.figures["line_chances"], dtype=np.float64)[:, : MOST_LINES - 1]
    chance = np.cumprod(chance, axis=1)[draw["_internal"].astype(np.int64)]
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
    term = terms(draw.frames["vehicle_specification"])[cars["_specification"][own]]
    inside = (months[:, None] < term[:, :, 0]) & (reading[:, None] < term[:, :, 1])
    held = under_contract(draw.frames["warranty"], car=own + cars.start, at=wished, miles=reading)
    full, part = inside[:, BASIC] | held, inside[:, POWERTRAIN]
    return {
        "_reading": reading,
        "_kind": _catalogue(draw).car[cars["_specification"][own]],
        "_covered": np.where(full, 2, np.where(part, 1, 0)),
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


@dataclass
class State:
    """What was done to each car so far: miles and moment of the last service, miles of the last
    visit, campaigns that are left and which they are, miles when each operation that falls due
    was done last (cars, operations)."""

    service: Floats
    since: NDArray[Any]
    before: Floats
    campaigns: Rows
    campaign: Floats
    done: Floats


@drawn("_operations", "_reason")
def operations(draw: Draw) -> Made:
    n, kinds = draw.n, _catalogue(draw)
    chosen = np.full((n, MOST_LINES), -1, dtype=np.int64)
    reason = np.full(n, INTERNAL, dtype=np.int64)
    u = draw.u("operations", each=DRAWS).reshape(n, DRAWS)
    state, picks = _begin(draw, kinds), _Picks(kinds)
    turn = ranks(draw["_car"], draw["_wished"].astype(np.int64))
    for nth in range(int(turn.max(initial=-1)) + 1):
        rows = np.flatnonzero(turn == nth)
        inside = draw["_internal"][rows]
        own = rows[~inside]
        reason[own] = _reasons(draw, state, own, u[own])
        _inside(draw, picks, rows[inside], u, chosen)
        for which, fill in (
            (MAINTENANCE, _maintain),
            (CONCERN, _mend),
            (RECALL, _recall),
            (INSPECTION, _inspect),
            (WEAR, _wear),
        ):
            fill(draw, picks, state, own[reason[own] == which], u, chosen)
        _fill_up(draw, picks, rows, u, chosen, reason)
        state.before[draw["_car"][rows]] = draw["_reading"][rows]
        _note(state, draw["_car"][rows], draw["_reading"][rows], chosen[rows])
    return {"_operations": chosen, "_reason": reason}


def _note(state: State, cars: Rows, reading: Floats, chosen: Rows) -> None:
    """Remember what was done."""
    for line in range(MOST_LINES):
        some = chosen[:, line] >= 0
        state.done[cars[some], chosen[some, line]] = reading[some]


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
    done = np.maximum(first[:, None] - turns * kinds.interval, 0)
    many, lots = _campaigns(draw)
    return State(np.maximum(first - ago, 0), when, first - ago, many, lots, done)


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


def _reasons(draw: Draw, state: State, rows: Rows, u: Floats) -> Rows:
    """Why owners come: what an alert told of, service that is due, a campaign, an inspection, wear,
    or a complaint.  A service that an alert reminds of is not done twice."""
    figures, own = draw.figures, draw["_car"][rows]
    miles = draw["_reading"][rows] - state.service[own]
    waited = (draw["_wished"][rows] - state.since[own]) / MONTH
    service = float(figures["service_miles"])
    covered = draw["_covered"][rows]
    due = (miles >= figures["due_share"] * service) | (waited >= figures["due_months"])
    early = (miles >= figures["early_share"] * service) & ~due
    often = np.array(figures["service_if_due"])[covered]
    chance = np.where(due, often, np.where(early, figures["service_if_early"], 0.0))
    open_ = state.campaigns[own] > 0
    recall = chance + (1 - chance) * figures["recall_if_open"] * open_
    inspect = recall + figures["inspection_share"]
    trouble = np.array(figures["concern_by_cover"])[covered]
    concern = inspect + np.maximum(1 - inspect, 0) * trouble
    v = u[:, 0]
    found = np.where(v < concern, CONCERN, WEAR)
    found = np.where(v < inspect, INSPECTION, found)
    found = np.where(v < recall, RECALL, found)
    found = np.where(v < chance, MAINTENANCE, found)
    told = reasons_told(draw, rows, REASONS)
    told = np.where((told == MAINTENANCE) & ~due & ~early, INSPECTION, told)
    return np.where(told >= 0, told, found)


class _Picks:
    """Draws of operations by weight among those of some uses that fit a kind of car."""

    def __init__(self, kinds: Catalogue) -> None:
        self.kinds = kinds
        self._sums: dict[tuple[str, ...], Floats] = {}
        systems = [
            np.flatnonzero(kinds.of("test") & (kinds.system == s))
            for s in range(len(kinds.systems))
        ]
        any_car = np.flatnonzero(kinds.of("test") & kinds.fits.all(axis=0))
        self.test = np.array([found[0] if len(found) else any_car[0] for found in systems])

    def sums(self, *uses: str) -> Floats:
        if uses not in self._sums:
            weight = self.kinds.weight * self.kinds.of(*uses) * self.kinds.fits
            self._sums[uses] = np.cumsum(weight, axis=1)
        return self._sums[uses]

    def pick(self, kind: Rows, u: Floats, *uses: str) -> Rows:
        """An operation for each (n,) kind of car; -1 where none fits."""
        sums = self.sums(*uses)
        total = sums[:, -1]
        width = float(total.max(initial=0)) + 1
        flat = (sums + np.arange(len(sums))[:, None] * width).ravel()
        target = np.minimum(u, 1 - 1e-9) * total[kind] + kind * width
        at = np.searchsorted(flat, target, side="right") - kind * sums.shape[1]
        return np.where(total[kind] > 0, np.minimum(at, sums.shape[1] - 1), -1)

    def first(self, kind: Rows, *uses: str) -> Rows:
        """The first operation of the catalogue that fits, of these uses; -1 where none does."""
        fits = self.kinds.of(*uses) & self.kinds.fits
        return np.where(fits.any(axis=1), np.argmax(fits, axis=1), -1)[kind]

    def fitting(self, kind: Rows, operation: Rows) -> Rows:
        """The operation, or -1 where it does not fit the car."""
        return np.where(self.kinds.fits[kind, operation], operation, -1)


def _add(chosen: Rows, rows: Rows, lines: Rows, operation: Rows) -> None:
    """Put an operation on the next free line, unless the order has it or is full."""
    mine = chosen[rows]
    have = (mine == operation[:, None]).any(axis=1)
    used = (mine >= 0).sum(axis=1)
    free = (operation >= 0) & ~have & (used < lines[rows])
    chosen[rows[free], used[free]] = operation[free]


Fill = NDArray[np.float64]


def _maintain(draw: Draw, picks: _Picks, state: State, rows: Rows, u: Fill, chosen: Rows) -> None:
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
    _add(chosen, rows, lines, service)
    share = float(draw.figures["due_share"])
    for at, op in enumerate(np.flatnonzero(kinds.of("due"))):
        due = reading - state.done[own, op] >= kinds.interval[op] * share
        wanted = due & ((u[rows, 3] + GOLDEN * at) % 1 < draw.figures["due_done_share"])
        _add(chosen, rows, lines, np.where(wanted & kinds.fits[kind, op], op, -1))
    state.service[own], state.since[own] = reading, draw["_wished"][rows]


def _mend(draw: Draw, picks: _Picks, state: State, rows: Rows, u: Fill, chosen: Rows) -> None:
    """A complaint is looked for first, if there is time and it is not plain, and mended; what an
    alert told of is what it is about."""
    del state
    kinds, lines, kind = picks.kinds, draw["_lines"], draw["_kind"][rows]
    fault = remedy(draw, kinds, rows, u[rows, 1], picks.pick(kind, u[rows, 1], "fault"))
    test = picks.fitting(kind, picks.test[kinds.system[fault]])
    hidden = (u[rows, 2] < draw.figures["tested_share"]) & (lines[rows] > 1)
    _add(chosen, rows, lines, np.where(hidden, test, -1))
    _add(chosen, rows, lines, fault)
    again = u[rows, 3] < draw.figures["second_fault_share"]
    other = picks.pick(kind, u[rows, 4], "fault")
    _add(chosen, rows, lines, np.where(again, other, -1))


def _recall(draw: Draw, picks: _Picks, state: State, rows: Rows, u: Fill, chosen: Rows) -> None:
    """The next campaign of the model and model year: all its cars have the same done."""
    own, kind = draw["_car"][rows], draw["_kind"][rows]
    left = state.campaigns[own]
    del u
    lots = state.campaign[own, np.maximum(left - 1, 0)]
    _add(chosen, rows, draw["_lines"], picks.pick(kind, lots, "recall"))
    state.campaigns[own] = np.maximum(left - 1, 0)


def _inspect(draw: Draw, picks: _Picks, state: State, rows: Rows, u: Fill, chosen: Rows) -> None:
    del state
    found = picks.pick(draw["_kind"][rows], u[rows, 1], "inspect")
    other = picks.pick(draw["_kind"][rows], u[rows, 1], "check")
    _add(chosen, rows, draw["_lines"], np.where(found >= 0, found, other))


def _wear(draw: Draw, picks: _Picks, state: State, rows: Rows, u: Fill, chosen: Rows) -> None:
    del state
    worn = picks.pick(draw["_kind"][rows], u[rows, 1], "wear")
    worn = remedy(draw, picks.kinds, rows, u[rows, 1], worn)
    _add(chosen, rows, draw["_lines"], worn)


def _inside(draw: Draw, picks: _Picks, rows: Rows, u: Fill, chosen: Rows) -> None:
    """Cars in stock: looked over when they come, made fit for sale, prepared for their buyers."""
    stays, kind = draw.frames["inventory_vehicle"], draw["_kind"][rows]
    stay, nth, lines = draw["_stay"][rows], draw["_nth"][rows], draw["_lines"]
    new = stays["_new"][stay]
    left = (draw["_window_ends"][rows] - draw["_wished"][rows]) / np.timedelta64(1, "D")
    last = stays["_sold"][stay] & (left < float(draw.figures["days_to_prepare"]) + 0.5) & (nth > 0)
    v = u[rows, 1]
    first = np.where(new, picks.pick(kind, v, "new"), picks.pick(kind, v, "used"))
    ready = picks.pick(kind, v, "ready")
    fit = np.where(new, picks.pick(kind, v, "fit", "lot"), picks.pick(kind, v, "used", "wear"))
    fit = np.where(fit >= 0, fit, ready)
    later = np.where(nth % 2 == 1, fit, picks.pick(kind, v, "lot", "ready"))
    found = np.where(nth == 0, first, np.where(last, ready, np.where(later >= 0, later, ready)))
    _add(chosen, rows, lines, found)
    for line in range(1, MOST_LINES):
        w = (v + GOLDEN * line) % 1
        more = np.where(
            new, picks.pick(kind, w, "fit", "ready"), picks.pick(kind, w, "used", "wear", "fault")
        )
        more = np.where(last | (nth == 0) & new, picks.pick(kind, w, "ready", "lot"), more)
        _add(chosen, rows, lines, more)


def _fill_up(draw: Draw, picks: _Picks, rows: Rows, u: Fill, chosen: Rows, reason: Rows) -> None:
    """Lines that are still free: what the inspection found, and what goes with the visit."""
    lines = draw["_lines"]
    for attempt in range(2 * MOST_LINES):
        short = rows[(chosen[rows] >= 0).sum(axis=1) < lines[rows]]
        if not len(short):
            return
        v = (u[short, 5 + attempt % 6] + GOLDEN * attempt) % 1
        kind = draw["_kind"][short]
        inside = reason[short] == INTERNAL
        looked = (attempt == 0) & (v < float(draw.figures["looked_over_share"]))
        found = picks.pick(kind, v, "wear")
        found = np.where(looked, picks.pick(kind, v, "check"), found)
        found = np.where(inside, picks.pick(kind, v, "ready", "fit", "used", "wear"), found)
        _add(chosen, short, lines, found)
    _fill_any(draw, picks, rows, chosen)


def _fill_any(draw: Draw, picks: _Picks, rows: Rows, chosen: Rows) -> None:
    """Whatever fits and is not on the order yet, where a small catalogue has little else; what
    falls due by miles last."""
    lines, kinds = draw["_lines"], picks.kinds
    for op in np.argsort(kinds.interval > 0, kind="stable"):
        short = rows[(chosen[rows] >= 0).sum(axis=1) < lines[rows]]
        if not len(short):
            return
        fits = kinds.fits[draw["_kind"][short], op]
        _add(chosen, short, lines, np.where(fits, op, -1))
