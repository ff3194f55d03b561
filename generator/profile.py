"""The statistics of a platform as one document, and the world that draws rows from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Protocol

import pyarrow as pa

from generator.calibrated import Calibration
from generator.recipe import Recipe
from generator.rules import Rule
from generator.schema import Schema
from generator.staging import Mess, Scenario
from generator.tables import Loader
from generator.targets import Target


@dataclass(frozen=True)
class TableCount:
    """Rows of one table: exact, or about so many where they are ``estimated`` (what follows wholly
    from other rows).  ``why`` explains a count nobody typed, in one short sentence."""

    table: str
    rows: int
    asked: bool
    why: str = ""
    estimated: bool = False


@dataclass(frozen=True)
class Shard:
    """A slice of the output made on its own.  ``first``/``last`` are the world's own units
    (dealers, rows, vehicles); ``weight`` is its share of the work, in rows.  Shards of one
    ``group`` share what a process has drawn for them (a range of dealers); their numbers follow
    one another."""

    number: int
    stage: str
    first: int
    last: int
    weight: int
    group: int = 0


@dataclass(frozen=True)
class Plan:
    """What a recipe comes to: exact rows, shards, and what to expect.

    ``counts`` are in load order and hold every table that will be written.  ``notes`` are
    sentences worth reading before the run (a target that these counts cannot reach, say).
    ``world`` is the world's own settled arithmetic (plain JSON types); ``staged`` says, by
    scenario, how many each shard has.  Of the estimates,
    ``bytes_estimate`` is of the finished files, ``seconds_estimate`` of a run with one worker,
    ``memory_parent`` and ``memory_worker`` are bytes of the process that puts together and of
    each that draws.
    """

    recipe: Recipe
    counts: tuple[TableCount, ...]
    shards: tuple[Shard, ...]
    notes: tuple[str, ...] = ()
    bytes_estimate: int = 0
    seconds_estimate: float = 0.0
    memory_parent: int = 0
    memory_worker: int = 0
    world: Mapping[str, Any] = field(default_factory=dict)
    staged: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    def memory_estimate(self, workers: int = 1) -> int:
        """About the bytes of all processes of a run together."""
        return self.memory_parent + self.memory_worker * min(workers, max(len(self.shards), 1))

    @property
    def rows(self) -> int:
        return sum(count.rows for count in self.counts)

    @property
    def exact(self) -> dict[str, int]:
        """Rows of the tables whose number is settled."""
        return {one.table: one.rows for one in self.counts if not one.estimated}

    def count(self, table: str) -> int:
        return next((count.rows for count in self.counts if count.table == table), 0)


class Drawing(Protocol):
    """A world at work on one plan.  It owns all that is kept between shards, so whoever draws
    (a process, a thread) opens its own."""

    def draw(self, shard: Shard) -> Iterator[tuple[str, pa.Table]]:
        """The shard's own rows: (table, rows) slices, each table's slices in row order, at most
        65,536 rows a slice; all rows of one shard fit in memory.  Shards in order of ``number``
        give each table's rows in order."""
        ...

    def changes(self, shard: Shard) -> Iterator[tuple[date, str, str, pa.Table]]:
        """Of the shard's rows, day by day of the recipe's increments: (day, table, insert, update
        or delete, rows); none where the recipe asks for none."""
        ...

    def starts(self, shard: Shard) -> Mapping[str, int]:
        """Numbers, in their whole tables, of the first of the shard's own rows, for the tables
        where they are known.  Asked after ``draw(shard)``."""
        ...

    def context(self, shard: Shard) -> Mapping[str, Loader]:
        """Rows that other shards own and that this shard's rows may point at (a catalogue; for
        the telemetry of some cars their dealers' tables).  Asked after ``draw(shard)``."""
        ...


class World(Protocol):
    """What knows how the rows of a profile come to be; it keeps no state of its own."""

    def settle(self, recipe: Recipe) -> tuple[tuple[TableCount, ...], dict[str, Any], list[str]]:
        """Exact counts of all tables, the arithmetic behind them, notes.  Raises PlanError."""
        ...

    def shards(self, plan: Plan) -> tuple[Shard, ...]:
        """Slices whose borders depend on the recipe only; together they make every row once."""
        ...

    def asked(self, plan: Plan) -> tuple[Rule, ...]:
        """Rules about what the recipe of a plan asks of rows."""
        ...

    def open(self, plan: Plan) -> Drawing:
        """Begin to draw."""
        ...


@dataclass(frozen=True)
class Reference:
    """One thing the output is compared with, and where it is known from.

    ``table``/``column`` (a path may follow links) under ``where`` (an expression over paths of
    the table, empty for all rows).  ``kind`` is one of

    ``shares``    ``value`` maps labels (or "low..high" bands, or "1".."12" months) to shares
    ``share``     ``value`` is the share of rows for which ``column`` (an expression) is true
    ``mean``      ``value`` is a mean
    ``median``    ``value`` is a median
    ``ratio``     ``value`` is the sum of ``column`` over the sum of ``other``
    ``spearman``  ``value`` is a rank correlation of ``column`` with ``other``
    ``rate``      ``value`` is the rows of ``table`` (or the sum of ``column``) for each row of the
                  table ``other``, which may go on with an expression: "deal: sale_price > 0"
    ``split``     ``value`` maps labels of ``column`` to shares of the sum of ``other``; some that
                  count as one are joined: "WARRANTY or MANUFACTURER"

    A dependence of what people choose says so: ``choice`` leans on ``reason``.

    ``'{as_of}'`` in an expression is the last day that is known.

    ``confidence`` is exact, data, derived, mixed, approx, weak (the last two are assumptions and
    are labelled so) or ``rule`` (a target the platform itself states).  ``goal`` is "equal",
    "at_most" or "at_least".

    Where a recipe gives a target another value, the references it moves are ``overridden`` by the
    target of that title, and the one that measures it is about what was ``asked``.  A figure is
    ``overruled`` by the target of that name while the platform states another value for it than
    was published.
    """

    id: str
    title: str
    table: str
    column: str
    kind: str
    value: Any
    source: str
    confidence: str
    where: str = ""
    other: str = ""
    goal: str = "equal"
    unit: str = ""
    note: str = ""
    reason: str = ""
    choice: str = ""
    overruled: str = ""
    overridden: str = ""
    asked: float | None = None


@dataclass(frozen=True)
class Source:
    """A publication figures were taken from."""

    id: str
    title: str
    publisher: str
    year: str
    url: str


@dataclass(frozen=True)
class Profile:
    """Schema, leaves (inside ``world``), rules and references under one name and version.

    ``summary`` is the one- and two-way summary of a fitted profile's extract (None for a
    built-in profile, whose references are its sourced figures).  ``certificate`` holds the
    comparison and attack figures measured when it was fitted.  ``hash`` names the content.
    ``unit`` (TABLE.COLUMN) tells whose the rows of the extract were, of a fitted profile that
    holds nothing that fewer than ``summary.k`` of these share; empty where each row was its own.
    """

    name: str
    version: str
    title: str
    kind: str  # "builtin", "fitted" or "calibrated"
    schema: Schema
    world: World
    rules: tuple[Rule, ...] = ()
    references: tuple[Reference, ...] = ()
    sources: tuple[Source, ...] = ()
    summary: Any = None
    certificate: Mapping[str, Any] | None = None
    hash: str = ""
    unit: str = ""
    titles: Mapping[str, str] = field(default_factory=dict)  # domain -> what it is called
    meaning: Mapping[str, str] = field(default_factory=dict)  # domain -> one line of meaning
    calibration: Calibration | None = None  # of a calibrated profile
    ledger: Mapping[str, Any] | None = None  # of a private fit: what it asked, and what it spent
    scenarios: tuple[Scenario, ...] = ()
    messes: tuple[Mess, ...] = ()
    targets: tuple[Target, ...] = ()  # that a recipe may give other values

    @property
    def base(self) -> str:
        """The profile whose rules hold: the one a calibrated profile stands on, else itself."""
        return self.calibration.base if self.calibration is not None else self.name

    def under(self, asked: Mapping[str, float]) -> Profile:
        """What is checked and compared where a recipe gives targets these values; the world reads
        them from the plan's recipe itself."""
        rules = tuple(rule.under(asked) for rule in self.rules)
        references = tuple(self._about(reference, asked) for reference in self.references)
        return replace(self, rules=rules, references=references)

    def _about(self, reference: Reference, asked: Mapping[str, float]) -> Reference:
        reference = replace(reference, overridden="", asked=None)
        for target in self.targets:
            if target.name in asked and reference.id == target.shown_by:
                value = asked[target.name]
                return replace(reference, overridden=target.title, asked=value)
        for target in self.targets:
            moved = target.name in asked and reference.id in target.moves
            if moved or (target.name == reference.overruled and target.differs(asked)):
                return replace(reference, overridden=target.title)
        return reference

    @property
    def has_span(self) -> bool:
        """Whether a recipe's dates apply; a fitted profile keeps those of its extract."""
        return self.kind != "fitted"
