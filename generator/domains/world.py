"""The world of a platform: settles counts, cuts shards, draws them.

The dealership is the root.  A "shared" shard writes what all dealers have in common, "dealers"
shards write a range of dealers with everything beneath them; the tables that are drawn in pieces
have shards of their own, named after the table, in the group of their dealers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from generator.domains.closing import is_open
from generator.domains.counts import Span
from generator.domains.courses import seen
from generator.domains.graph import ALSO, Declaration, Frames, Platform
from generator.domains.increments import between
from generator.domains.layout import lay_out
from generator.domains.pairs import together, trading
from generator.errors import RecipeError
from generator.frame import Frame
from generator.leaves.figures import Figures
from generator.profile import Plan, Shard, TableCount
from generator.recipe import Recipe
from generator.rules import Rule
from generator.tables import Loader
from generator.targets import under

DAY_LONG = np.timedelta64(86_399_999, "ms")
SHARD_ROWS = 100_000  # half the work of 40,000, most of which was a call a rule and a column
PIECE_ROWS = 100_000
GROUP_ROWS = 800_000  # of long tables under one range of dealers, which one process draws
SLICE_ROWS = 65_536
START, STOP = date(2025, 1, 1), date(2025, 12, 31)
EARLIEST, LATEST = date(1990, 1, 1), date(2038, 12, 31)  # later model years repeat VIN letters
LONGEST = 20 * 366  # days of a span
FORTNIGHT = timedelta(days=14)
YEAR = 364  # days from the first day of a year's span to its last
SHARED, DEALERS = "shared", "dealers"

Ints = NDArray[np.int64]


class PlatformWorld:
    """Implements ``profile.World`` for a platform and the numbers of a profile.

    It keeps nothing between calls; what a process has drawn belongs to the ``Drawing`` it opened.
    """

    def __init__(self, platform: Platform, figures: Figures) -> None:
        self.platform = platform
        self.figures = figures

    def settle(self, recipe: Recipe) -> tuple[tuple[TableCount, ...], dict[str, Any], list[str]]:
        recipe = spanned(recipe)
        if recipe.start is None or recipe.stop is None:
            raise ValueError("spanned() gives a span")
        _check_span(recipe.start, recipe.stop)
        span = Span(recipe.start, recipe.stop, under(self.figures, recipe.set))
        solved = self.platform.counts.solve(
            recipe.rows, start=span.start, stop=span.stop, figures=span.figures
        )
        numbers = self.platform.counts.numbers
        per = lay_out(numbers, solved.rows, seed=recipe.seed, span=span)
        shared = {
            name: solved.rows[name if count.shared else str(count.shared_with)]
            for name, count in numbers.items()
            if count.shared or count.shared_with
        }
        rows = tuple(
            TableCount(
                name,
                self._known(recipe, name, solved.rows[name] + solved.more.get(name, 0)),
                name in recipe.rows,
                why,
                estimated=bool(solved.more.get(name))
                or self.platform[name].follows is not None
                or self._cut(recipe, name),
            )
            for name, why in self._chosen(recipe, solved.why).items()
        )
        world = {
            "pairs": trading(*(per[name] for name, count in numbers.items() if count.paired)),
            "per_dealer": {name: values.tolist() for name, values in per.items()},
            "shared": shared,
            "scaled": [one.name for one in self.platform.tables if one.count.scaled],
            "woven": [one.name for one in self.platform.tables if not one.pieces],
            "from": recipe.start.isoformat(),
            "to": recipe.stop.isoformat(),
            "as_of": recipe.as_of.isoformat() if recipe.as_of else None,
        }
        plan = Plan(recipe=recipe, counts=rows, shards=(), world=world)
        return rows, world, [*solved.notes, *self._foretold(plan)]

    def _foretold(self, plan: Plan) -> Iterator[str]:
        """What tables that are drawn before all others say of the bundle."""
        drawing = self.open(plan)
        for declaration in self.platform.tables:
            if declaration.foretells is not None:
                frame = drawing.shared()[declaration.name]
                yield from declaration.foretells(drawing.plan, frame, drawing.figures)

    def _cut(self, recipe: Recipe, name: str) -> bool:
        """Whether rows that come to be within the span are not known yet."""
        day, stop = recipe.as_of, recipe.stop
        return (
            bool(self.platform[name].born) and day is not None and stop is not None and day < stop
        )

    def _known(self, recipe: Recipe, name: str, rows: int) -> int:
        """About the rows of a table that are known: its share of the days, when the span is cut."""
        if not self._cut(recipe, name):
            return rows
        if recipe.start is None or recipe.stop is None or recipe.as_of is None:
            raise ValueError("spanned() gives a span")
        days = (recipe.stop - recipe.start).days + 1
        return round(rows * ((recipe.as_of - recipe.start).days + 1) / days)

    def shards(self, plan: Plan) -> tuple[Shard, ...]:
        per = _per_dealer(plan)
        long = [one for one in self.platform.tables if one.pieces and plan.count(one.name)]
        tables = {one.name for one in self.platform.tables if not one.pieces}
        weight = np.asarray(sum(values for name, values in per.items() if name in tables))
        heavy = np.maximum(
            weight / SHARD_ROWS, sum(per[one.name] for one in long) / GROUP_ROWS if long else 0
        )
        shards = [Shard(0, SHARED, 0, 0, sum(plan.world["shared"].values()))]
        tied = together(len(heavy), plan.world["pairs"])
        for group, (first, last) in enumerate(_ranges(heavy, tied), start=1):
            rows = int(weight[first:last].sum())
            dealers = Shard(len(shards), DEALERS, first, last, rows, group)
            shards.append(dealers)
            for declaration in long:
                shards += _pieces(declaration, dealers, per[declaration.name], number=len(shards))
        return tuple(shards)

    def asked(self, plan: Plan) -> tuple[Rule, ...]:
        """None: what a recipe asks of the platform are targets, and counts of scenarios."""
        del plan
        return ()

    def open(self, plan: Plan) -> PlatformDrawing:
        return PlatformDrawing(self, plan)

    def _chosen(self, recipe: Recipe, reasons: Mapping[str, str]) -> dict[str, str]:
        """Tables to write in load order, with the reason for each count nobody typed.

        Every table a written one points at comes along, so that no link leads nowhere; unless
        its keys are all that is asked for.
        """
        tables = self.platform.schema
        wanted = set(recipe.tables or tables.names) | set(recipe.rows)
        if recipe.references == "keys":
            return {name: reasons.get(name, "") for name in tables.load_order() if name in wanted}
        needed: dict[str, str] = {}
        queue = [name for name in tables.names if name in wanted]
        while queue:
            name = queue.pop(0)
            for link in tables[name].links:
                if link.parent not in wanted and link.parent not in needed:
                    needed[link.parent] = name
                    queue.append(link.parent)
        chosen = {}
        for name in tables.load_order():
            why = reasons.get(name, "")
            if name in wanted:
                chosen[name] = why
            elif name in needed:
                chosen[name] = f"{needed[name]} points at it" + (f"; {why}" if why else "")
        return chosen


class PlatformDrawing:
    """What one process draws of one plan: the shared frames, and those of one range of dealers."""

    def __init__(self, world: PlatformWorld, plan: Plan) -> None:
        self.plan = replace(plan, recipe=spanned(plan.recipe))
        self._world = world
        self.figures = under(world.figures, plan.recipe.set)
        self._shared: Frames | None = None
        self._range: tuple[int, Frames] | None = None

    def changes(self, shard: Shard) -> Iterator[tuple[date, str, str, pa.Table]]:
        """Day by day of the recipe's increments: what came, changed and went since the one
        before, of the same drawn rows."""
        days = self.plan.recipe.increments
        for name, frames, frame in self._written(shard):
            key = str(self._world.platform[name].table.key)
            before = seen(frames, frame, self._as_of)
            for day in days:
                after = seen(frames, frame, _last_of(day))
                for what, rows in between(before, after, key):
                    yield day, name, what, rows
                before = after

    def draw(self, shard: Shard) -> Iterator[tuple[str, pa.Table]]:
        for name, frames, frame in self._written(shard):
            yield from _sliced(name, seen(frames, frame, self._as_of))

    def _written(self, shard: Shard) -> Iterator[tuple[str, Frames, Frame]]:
        """The frames whose rows the shard writes, by the names of their tables."""
        wanted = {count.table for count in self.plan.counts}
        if shard.stage not in (SHARED, DEALERS):
            yield shard.stage, self.frames(shard), self.piece(shard)
            return
        frames = self.shared() if shard.stage == SHARED else self.frames(shard)
        for name in self._world.platform.schema.load_order():
            if name in wanted and self._owns(name, shard.stage):
                for part in self._parts_of(name):
                    yield name, frames, frames[part]

    @property
    def _as_of(self) -> np.datetime64:
        return _last_of(self.plan.recipe.as_of)

    def starts(self, shard: Shard) -> Mapping[str, int]:
        if shard.stage == SHARED:
            return dict.fromkeys(self.plan.world["shared"], 0)
        starts = self.frames(shard).starts
        if shard.stage == DEALERS:
            names = (count.table for count in self.plan.counts)
            return {name: starts[name] for name in names if self._numbered(name)}
        mine, each = self._parents_of(shard)
        return {shard.stage: starts[shard.stage] + int(each[: mine[0]].sum())} if len(mine) else {}

    def context(self, shard: Shard) -> Mapping[str, Loader]:
        """Rows of other shards that the shard's rows point at: what is shared, and for a piece
        its dealers' tables too."""
        if shard.stage == SHARED:
            return {}
        whole: dict[str, list[tuple[Frames, str]]] = {}
        for name in (count.table for count in self.plan.counts):
            if name in self.plan.world["shared"]:
                whole.setdefault(name, []).append((self.shared(), name))
            if shard.stage != DEALERS and self._owns(name, DEALERS):
                parts = [(self.frames(shard), part) for part in self._parts_of(name)]
                whole.setdefault(name, []).extend(parts)
        return {name: partial(_columns, frames, self._as_of) for name, frames in whole.items()}

    def _parts_of(self, name: str) -> tuple[str, ...]:
        """Names of the frames that together are a table's."""
        more = self._world.platform[name].also is not None
        return (name, name + ALSO) if more else (name,)

    def _numbered(self, name: str) -> bool:
        """Whether the rows of a range of dealers have numbers in the whole table."""
        return self._owns(name, DEALERS) and name in self.plan.exact

    def _owns(self, name: str, stage: str) -> bool:
        declaration = self._world.platform[name]
        if stage == SHARED:
            return name in self.plan.world["shared"]
        return not declaration.count.shared and declaration.pieces is None

    def shared(self) -> Frames:
        """The frames of what all dealers have in common, companies among the parties."""
        if self._shared is None:
            names = set(self.plan.world["per_dealer"])
            held = self.plan.world["shared"]
            self._shared = Frames(
                self._world.platform,
                self.plan,
                self.figures,
                counts={n: np.array([held.get(n, 0)]) for n in names | set(held)},
                starts=dict.fromkeys(names | set(held), 0),
                first=0,
                shared=None,
            )
        return self._shared

    def frames(self, shard: Shard) -> Frames:
        """The frames of the dealers of the shard's group."""
        if self._range is None or self._range[0] != shard.group:
            dealers = _dealers_of(self.plan, shard)
            held = self.plan.world["shared"]
            per = _per_dealer(self.plan)
            none = np.zeros(dealers.last - dealers.first, dtype=np.int64)
            counts = {name: values[dealers.first : dealers.last] for name, values in per.items()}
            starts = {
                name: int(values[: dealers.first].sum()) + int(held.get(name, 0))
                for name, values in per.items()
            }
            frames = Frames(
                self._world.platform,
                self.plan,
                self.figures,
                counts={**{name: none for name in held if name not in counts}, **counts},
                starts=starts,
                first=dealers.first,
                shared=self.shared(),
            )
            self._range = (shard.group, frames)
        return self._range[1]

    def piece(self, shard: Shard) -> Frame:
        """The rows of a long table whose parents' first rows lie in the shard's range of the
        whole table."""
        mine, each = self._parents_of(shard)
        return self.frames(shard).piece(shard.stage, mine, each[mine])

    def _parents_of(self, shard: Shard) -> tuple[Ints, Ints]:
        """Places of the parents whose rows a piece has, and the rows of each parent there is."""
        frames = self.frames(shard)
        pieces = self._world.platform[shard.stage].pieces
        if pieces is None:
            raise ValueError(f"{shard.stage} is not drawn in pieces")
        each = frames[pieces.parent][pieces.column]
        begin = frames.starts[shard.stage] + np.cumsum(each) - each
        mine = np.flatnonzero((begin >= shard.first) & (begin < shard.last) & (each > 0))
        return mine, each


def _last_of(day: date | None) -> np.datetime64:
    """The last millisecond of a day."""
    moment: np.datetime64 = np.datetime64(day, "ms") + DAY_LONG
    return moment


def _dealers_of(plan: Plan, shard: Shard) -> Shard:
    return next(one for one in plan.shards if one.stage == DEALERS and one.group == shard.group)


def _columns(
    parts: Sequence[tuple[Frames, str]], at: np.datetime64, columns: Sequence[str]
) -> pa.Table:
    """These columns of consecutive frames of one table, as it is declared."""
    first, its_name = parts[0]
    declared = first[its_name].table.arrow_schema()
    wanted = pa.schema([declared.field(column) for column in columns])
    return pa.concat_tables(
        [seen(frames, frames[name], at, columns).cast(wanted) for frames, name in parts]
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
    days = np.arange(np.datetime64(start), np.datetime64(min(stop, start + FORTNIGHT)) + 1)
    if not is_open(days, "workshop").any():
        raise RecipeError(
            f"From {start} to {stop} everybody is closed: Sundays and holidays; choose a span with "
            "a working day.",
            field="to",
        )


def _days_after(day: date, days: int) -> date:
    """``day`` moved, kept within the calendar."""
    number = min(max(day.toordinal() + days, date.min.toordinal()), date.max.toordinal())
    return date.fromordinal(number)


def _per_dealer(plan: Plan) -> dict[str, Ints]:
    return {name: np.array(v, dtype=np.int64) for name, v in plan.world["per_dealer"].items()}


def _ranges(weight: NDArray[np.float64], tied: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Consecutive dealers until together they weigh 1; a pair that trades, ``tied``, is not cut."""
    ranges, first, heavy = [], 0, 0.0
    second = tied & (np.arange(len(weight)) % 2 == 1)
    whole = weight + np.where(np.roll(second, -1), np.roll(weight, -1), 0.0)
    for at, own in enumerate(weight.tolist()):
        if heavy and heavy + whole[at] > 1 and not second[at]:
            ranges.append((first, at))
            first, heavy = at, 0.0
        heavy += own
    return [*ranges, (first, len(weight))]


def _pieces(declaration: Declaration, dealers: Shard, rows: Ints, *, number: int) -> list[Shard]:
    """Pieces of about ``PIECE_ROWS`` of the dealers' rows; ``first`` and ``last`` are places in
    the whole table, kept by whole parents when drawn."""
    before = int(rows[: dealers.first].sum())
    total = int(rows[dealers.first : dealers.last].sum())
    pieces = -(-total // PIECE_ROWS)
    edges = [before + total * piece // pieces for piece in range(pieces + 1)] if pieces else []
    return [
        Shard(number + piece, declaration.name, first, last, last - first, dealers.group)
        for piece, (first, last) in enumerate(pairwise(edges))
    ]


def _sliced(name: str, rows: pa.Table) -> Iterator[tuple[str, pa.Table]]:
    for at in range(0, rows.num_rows, SLICE_ROWS):
        yield name, rows.slice(at, SLICE_ROWS)
