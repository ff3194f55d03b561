"""The automotive world: settles counts, cuts shards, and runs the stages of the tables in order.

The dealership is the root.  A "catalogue" shard writes what all dealers share, "dealers" shards
write a range of dealers with everything beneath them, "telemetry" shards write the events of some
of the connected cars of a range of dealers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from generator.domains.finance.declarations import INVOICE, INVOICE_ITEM
from generator.domains.groups import place_in_group
from generator.domains.human_resources.personnel import PERSONNEL_RECORD
from generator.domains.human_resources.staff import STAFF_MEMBER
from generator.domains.marketing_loyalty.campaign import MARKETING_CAMPAIGN
from generator.domains.party_identity.customer import CUSTOMER
from generator.domains.party_identity.dealer import DEALER
from generator.domains.party_identity.declarations import ORG_PROFILE, PARTY, PARTY_ADDRESS
from generator.domains.payment.declarations import CREDIT_APPLICATION, PAYMENT, PAYMENT_METHOD
from generator.domains.places import places
from generator.domains.sales_operations.credit_rating import CREDIT_RATING
from generator.domains.sales_operations.deal import DEAL
from generator.domains.sales_operations.lead import SALES_LEAD
from generator.domains.settle import Counts, totals, under_dealers
from generator.domains.table import Declaration, Draw, figures, make_stage
from generator.domains.telematics_vehicle_events.declarations import (
    CONNECTED_VEHICLE,
    VEHICLE_TELEMETRY_EVENT,
)
from generator.domains.telematics_vehicle_events.telemetry import events_per_car
from generator.domains.vehicle_asset_mgt.specification import VEHICLE_SPECIFICATION
from generator.domains.vehicle_asset_mgt.stock import CARS, STOCK
from generator.errors import RecipeError
from generator.frame import Coded, Frame
from generator.profile import Plan, Shard, TableCount
from generator.recipe import Recipe
from generator.schema import Schema
from generator.tables import Loader

SHARD_ROWS = 40_000
TELEMETRY_ROWS = 50_000
SLICE_ROWS = 65_536
START, STOP = date(2025, 1, 1), date(2025, 12, 31)
EARLIEST, LATEST = date(1990, 1, 1), date(2038, 12, 31)  # later model years repeat VIN letters
LONGEST = 20 * 366  # days of a span
ROLES = ("dealer", "staff", "customer", "prospect")
PROSPECT_AFTER = np.timedelta64(4000, "D")  # from the dealer's opening to a prospect's first day
COMPANY_BEFORE = np.timedelta64(4000, "D")  # from a company's first day to the span
GOLDEN = 0.618  # spreads second addresses evenly over the parties of a dealer
YEAR = 364  # days from the first day of a year's span to its last
EVENTS = "vehicle_telemetry_event"

DECLARATIONS: tuple[Declaration, ...] = (
    PARTY,
    PARTY_ADDRESS,
    ORG_PROFILE,
    DEALER,
    CUSTOMER,
    STAFF_MEMBER,
    PERSONNEL_RECORD,
    VEHICLE_SPECIFICATION,
    CARS,
    STOCK,
    MARKETING_CAMPAIGN,
    SALES_LEAD,
    DEAL,
    CREDIT_RATING,
    CREDIT_APPLICATION,
    INVOICE,
    INVOICE_ITEM,
    PAYMENT_METHOD,
    PAYMENT,
    CONNECTED_VEHICLE,
    VEHICLE_TELEMETRY_EVENT,
)

# The order in which stages run under a range of dealers.
STAGES: tuple[tuple[Declaration, int], ...] = (
    (DEALER, 0),
    (STAFF_MEMBER, 0),
    (PERSONNEL_RECORD, 0),
    (CUSTOMER, 0),
    (MARKETING_CAMPAIGN, 0),
    (SALES_LEAD, 0),
    (DEAL, 0),
    (CUSTOMER, 1),
    (SALES_LEAD, 1),
    (STOCK, 0),
    (CARS, 0),
    (CARS, 1),
    (STOCK, 1),
    (CREDIT_RATING, 0),
    (CREDIT_APPLICATION, 0),
    (DEAL, 1),
    (CREDIT_APPLICATION, 1),
    (INVOICE, 0),
    (PAYMENT_METHOD, 0),
    (PAYMENT, 0),
    (INVOICE, 1),
    (INVOICE_ITEM, 0),
    (CONNECTED_VEHICLE, 0),
    (PARTY, 0),
    (PARTY_ADDRESS, 0),
)

Frames = dict[str, Frame]


def shard_frames(plan: Plan, shard: Shard) -> Frames:
    """All frames of one "dealers" shard of a plan, working columns included."""
    return AutomotiveDrawing(plan).frames(shard)


def schema() -> Schema:
    """The platform's tables, as far as they are built."""
    return Schema(
        tuple(declaration.table for declaration in DECLARATIONS),
        meaning="Automotive retail platform",
    )


class AutomotiveWorld:
    """Implements ``profile.World``."""

    def settle(self, recipe: Recipe) -> tuple[tuple[TableCount, ...], dict[str, Any], list[str]]:
        recipe = spanned(recipe)
        if recipe.start is None or recipe.stop is None:
            raise ValueError("spanned() gives a span")
        _check_span(recipe.start, recipe.stop)
        last = min(recipe.stop, recipe.as_of or recipe.stop)
        counts = totals(dict(recipe.rows), start=recipe.start, stop=last, figures=figures())
        per = under_dealers(counts, seed=recipe.seed)
        chosen = _chosen(recipe, counts)
        rows = tuple(
            TableCount(name, counts.rows[name], name in recipe.rows, why)
            for name, why in chosen.items()
        )
        world = {
            "per_dealer": {name: values.tolist() for name, values in per.items()},
            "org_profile": counts.rows["org_profile"],
            "vehicle_specification": counts.rows["vehicle_specification"],
            "woven": list(_UNDER_DEALERS),
            "from": recipe.start.isoformat(),
            "to": recipe.stop.isoformat(),
            "as_of": recipe.as_of.isoformat() if recipe.as_of else None,
        }
        return rows, world, counts.notes

    def shards(self, plan: Plan) -> tuple[Shard, ...]:
        per = _per_dealer(plan)
        rows = sum(values for name, values in per.items() if name in _UNDER_DEALERS)
        weight = np.asarray(rows)
        shared = plan.world["org_profile"] + plan.world["vehicle_specification"]
        shards = [Shard(0, "catalogue", 0, 0, int(shared))]
        for group, (first, last) in enumerate(_ranges(weight, SHARD_ROWS), start=1):
            heavy = int(weight[first:last].sum())
            dealers = Shard(len(shards), "dealers", first, last, heavy, group)
            shards.append(dealers)
            if plan.count(EVENTS):
                shards += _telemetry_shards(dealers, per[EVENTS], number=len(shards))
        return tuple(shards)

    def open(self, plan: Plan) -> AutomotiveDrawing:
        return AutomotiveDrawing(plan)


class AutomotiveDrawing:
    """Implements ``profile.Drawing``; keeps the catalogue, and the dealers it drew last for the
    telemetry of their cars."""

    def __init__(self, plan: Plan) -> None:
        self._plan = replace(plan, recipe=spanned(plan.recipe))
        self._drawn: tuple[int, Frames] | None = None
        self._shared: Frames | None = None

    def draw(self, shard: Shard) -> Iterator[tuple[str, pa.Table]]:
        wanted = {count.table for count in self._plan.counts}
        if shard.stage == "telemetry":
            yield from _sliced(EVENTS, self._telemetry(shard))
            return
        frames = self.catalogue() if shard.stage == "catalogue" else self.frames(shard)
        own = _CATALOGUE if shard.stage == "catalogue" else _UNDER_DEALERS
        for name in schema().load_order():
            if name in own and name in wanted and frames[name].rows:
                yield from _sliced(name, frames[name])

    def context(self, shard: Shard) -> Mapping[str, Loader]:
        """The catalogue; for telemetry the tables of its dealers too."""
        if shard.stage == "catalogue":
            return {}
        wanted = {count.table for count in self._plan.counts}
        shared = self.catalogue()
        whole = {name: [shared[name]] for name in _CATALOGUE}
        if shard.stage == "telemetry":
            frames = self.frames(_owner(self._plan, shard))
            for name in _UNDER_DEALERS:
                whole.setdefault(name, []).append(frames[name])
        return {name: partial(_columns, frames) for name, frames in whole.items() if name in wanted}

    def catalogue(self) -> Frames:
        """What all dealers share, with the parties and addresses of the companies."""
        if self._shared is not None:
            return self._shared
        plan = self._plan
        frames: Frames = {}
        for declaration in (VEHICLE_SPECIFICATION, ORG_PROFILE):
            name = declaration.table.name
            frames[name] = Frame(declaration.table, start=0, rows=int(plan.world[name]))
            self._run(plan, frames, declaration, 0, {}, {})
        companies = frames["org_profile"].rows
        party = Frame(PARTY.table, start=0, rows=companies)
        everyone = np.arange(companies)
        party.set("_role", Coded(np.zeros(companies, np.int32), ("org",)))
        party.set("_role_row", everyone)
        party.set("_place", everyone * 37 % len(places().city))
        party.set(
            "_first_event", np.full(companies, np.datetime64(plan.recipe.start) - COMPANY_BEFORE)
        )
        party.set("_block", np.zeros(companies, dtype=np.int64))
        party.set("_address_weight", np.ones(companies))
        frames["party"] = party
        frames["party_address"] = Frame(PARTY_ADDRESS.table, start=0, rows=companies)
        counts = {"party_address": np.array([companies])}
        self._run(plan, frames, PARTY, 0, counts, {})
        self._run(plan, frames, PARTY_ADDRESS, 0, counts, {})
        self._shared = frames
        return frames

    def frames(self, shard: Shard) -> Frames:
        """All frames of a range of dealers, catalogue included."""
        if self._drawn is not None and self._drawn[0] == shard.number:
            return self._drawn[1]
        plan = self._plan
        shared = self.catalogue()
        frames = {name: shared[name] for name in ("vehicle_specification", "org_profile")}
        per = _per_dealer(plan)
        counts = {name: values[shard.first : shard.last] for name, values in per.items()}
        starts = {name: int(values[: shard.first].sum()) for name, values in per.items()}
        starts["party"] += int(plan.world["org_profile"])
        starts["party_address"] += int(plan.world["org_profile"])
        for declaration, stage in STAGES:
            name = declaration.table.name
            if stage == 0:
                frames[name] = _frame(declaration, counts, starts, shard)
                if name == "party":
                    _cast(frames["party"], frames, counts)
            self._run(plan, frames, declaration, stage, counts, starts)
        self._drawn = (shard.number, frames)
        return frames

    def _telemetry(self, shard: Shard) -> Frame:
        """Events of the cars whose first event lies in the shard's range of the whole table."""
        plan = self._plan
        per = _per_dealer(plan)[EVENTS]
        dealers = _owner(plan, shard)
        frames = self.frames(dealers)
        cars = frames["connected_vehicle"]
        events = np.zeros(cars.rows, dtype=np.int64)
        for dealer in range(dealers.first, dealers.last):
            rows = cars["_dealer"] == dealer
            if rows.any():
                events[rows] = events_per_car(cars["_weight"][rows], int(per[dealer]))
        begin = int(per[: dealers.first].sum()) + np.cumsum(events) - events
        mine = (begin >= shard.first) & (begin < shard.last) & (events > 0)
        connected = np.repeat(np.flatnonzero(mine) + cars.start, events[mine])
        start = int(begin[mine][0]) if mine.any() else shard.first
        frame = Frame(VEHICLE_TELEMETRY_EVENT.table, start=start, rows=len(connected))
        frame.set("_connected", connected)
        if frame.rows:
            self._run(plan, {**frames, EVENTS: frame}, VEHICLE_TELEMETRY_EVENT, 0, {}, {})
        return frame

    def _run(
        self,
        plan: Plan,
        frames: Frames,
        declaration: Declaration,
        stage: int,
        counts: dict[str, NDArray[np.int64]],
        starts: dict[str, int],
    ) -> None:
        frame = frames[declaration.table.name]
        draw = Draw(plan, figures(), frame, frames, counts, starts)
        make_stage(draw, declaration.stages[stage])


_CATALOGUE = ("party", "party_address", "org_profile", "vehicle_specification")
_UNDER_DEALERS = tuple(
    declaration.table.name
    for declaration in DECLARATIONS
    if declaration.table.name not in ("org_profile", "vehicle_specification", EVENTS)
)


def spanned(recipe: Recipe) -> Recipe:
    """The recipe with its span: the year around the days it names, calendar 2025 if none."""
    start, stop = recipe.start, recipe.stop
    if stop is None:
        stop = STOP if start in (None, START) else _days_after(start, YEAR)
        stop = min(stop, recipe.as_of or stop)
    if start is None:
        start = START if stop == STOP else _days_after(stop, -YEAR)
    return replace(recipe, start=start, stop=stop, as_of=recipe.as_of or stop)


def _check_span(start: date, stop: date) -> None:
    if start < EARLIEST:
        raise RecipeError(
            f"The span starts on {start}; the profile knows the car trade from {EARLIEST} on.",
            field="from",
        )
    if stop > LATEST:
        raise RecipeError(
            f"The span ends on {stop}; the profile reaches to {LATEST}.",
            field="to",
        )
    if (stop - start).days > LONGEST:
        raise RecipeError(
            f"The span from {start} to {stop} is longer than {LONGEST // 365} years; choose a "
            "shorter one.",
            field="to",
        )


def _days_after(day: date, days: int) -> date:
    """``day`` moved, kept within the calendar."""
    number = min(max(day.toordinal() + days, date.min.toordinal()), date.max.toordinal())
    return date.fromordinal(number)


def _chosen(recipe: Recipe, counts: Counts) -> dict[str, str]:
    """Tables to write in load order, with the reason for each count nobody typed.

    Every table a written one points at comes along, so that no link leads nowhere.
    """
    tables = schema()
    wanted = set(recipe.tables or tables.names) | set(recipe.rows)
    needed: dict[str, str] = {}
    queue = [name for name in tables.names if name in wanted]
    while queue:
        name = queue.pop(0)
        for link in tables[name].links:
            if link.parent not in wanted and link.parent not in needed:
                needed[link.parent] = name
                queue.append(link.parent)
    found = {}
    for name in tables.load_order():
        why = counts.why.get(name, "")
        if name in wanted:
            found[name] = why
        elif name in needed:
            found[name] = f"{needed[name]} points at it" + (f"; {why}" if why else "")
    return found


def _per_dealer(plan: Plan) -> dict[str, NDArray[np.int64]]:
    return {name: np.array(v, dtype=np.int64) for name, v in plan.world["per_dealer"].items()}


def _ranges(weight: NDArray[np.int64], size: int) -> list[tuple[int, int]]:
    """Consecutive dealers until they weigh ``size``."""
    found, first, heavy = [], 0, 0
    for at, rows in enumerate(weight.tolist()):
        if heavy and heavy + rows > size:
            found.append((first, at))
            first, heavy = at, 0
        heavy += rows
    return [*found, (first, len(weight))]


def _telemetry_shards(dealers: Shard, events: NDArray[np.int64], *, number: int) -> list[Shard]:
    """Pieces of about ``TELEMETRY_ROWS`` of the dealers' events; ``first`` and ``last`` are
    places in the whole table, kept by whole cars when drawn."""
    before = int(events[: dealers.first].sum())
    total = int(events[dealers.first : dealers.last].sum())
    pieces = -(-total // TELEMETRY_ROWS)
    edges = [before + total * piece // pieces for piece in range(pieces + 1)] if pieces else []
    return [
        Shard(number + piece, "telemetry", first, last, last - first, dealers.group)
        for piece, (first, last) in enumerate(pairwise(edges))
    ]


def _owner(plan: Plan, shard: Shard) -> Shard:
    """The shard of the dealers a piece of telemetry belongs to: the first of its group."""
    return next(owner for owner in plan.shards if owner.group == shard.group)


def _columns(frames: Sequence[Frame], columns: Sequence[str]) -> pa.Table:
    """These columns of consecutive frames of one table, as it is declared."""
    table = frames[0].table
    wanted = pa.schema([table.arrow_schema().field(name) for name in columns])
    parts = [frame.to_arrow().select(list(columns)).cast(wanted) for frame in frames]
    return pa.concat_tables(parts)


def _frame(
    declaration: Declaration,
    counts: dict[str, NDArray[np.int64]],
    starts: dict[str, int],
    shard: Shard,
) -> Frame:
    """An empty frame with the dealer, and the party, of each row."""
    name = declaration.table.name
    start = shard.first if name == "dealer" else starts[name]
    frame = Frame(declaration.table, start=start, rows=int(counts[name].sum()))
    frame.set("_dealer", np.repeat(np.arange(shard.first, shard.last), counts[name]))
    if name in ("dealer", "staff_member", "customer"):
        block = np.cumsum(counts["party"]) - counts["party"] + starts["party"]
        if name != "dealer":
            block = block + 1 + (counts["staff_member"] if name == "customer" else 0)
        first = np.repeat(block, counts[name])
        frame.set("_party_key", first + place_in_group(frame["_dealer"]))
    return frame


def _cast(party: Frame, frames: Frames, counts: dict[str, NDArray[np.int64]]) -> None:
    """Who each party row is: dealer, staff, customers, prospects, dealer by dealer."""
    staff, customers, dealers = frames["staff_member"], frames["customer"], frames["dealer"]
    ones = np.ones_like(counts["party"])
    sizes = [ones, *(counts[name] for name in ("staff_member", "customer", "prospects"))]
    columns = np.stack(sizes, axis=1)
    role = np.repeat(np.tile(np.arange(len(ROLES)), len(ones)), columns.ravel())
    local = party["_dealer"] - dealers.start
    first = dealers["open_date"][local] + PROSPECT_AFTER
    first[role == 0] = dealers["open_date"]
    first[role == 1] = staff["hire_date"]
    first[role == 2] = customers["document_date_time"].astype("datetime64[D]")
    party.set("_role", Coded(role.astype(np.int32), ROLES))
    party.set("_role_row", place_in_group(role))
    party.set("_place", dealers["_place"][local])
    party.set("_first_event", first)
    party.set("_block", local)
    party.set("_address_weight", 0.2 + (np.arange(party.rows) * GOLDEN % 1))


def _sliced(name: str, frame: Frame) -> Iterator[tuple[str, pa.Table]]:
    if frame.rows:
        whole = frame.to_arrow()
        for at in range(0, frame.rows, SLICE_ROWS):
            yield name, whole.slice(at, SLICE_ROWS)
