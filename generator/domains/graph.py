"""The platform as a graph of columns: a maker names what it makes, and reading makes it first.

There is no order to keep.  A maker reads what it needs, of its own frame or of another table's,
and whoever reads a column that is not there yet has it made.  A circle is a mistake in the makers
and is reported with its chain.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Sized
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from generator.domains.consequences import Caused, fill, keys_of
from generator.domains.counts import Count
from generator.domains.courses import Steps, check
from generator.domains.keys import key_of
from generator.domains.solve import Counts
from generator.frame import Coded, Frame, Values
from generator.leaves.figures import Figures
from generator.profile import Plan
from generator.rules import Rule
from generator.schema import Schema, Table
from generator.streams import Stream

if TYPE_CHECKING:
    from generator.domains.finance.journals import Journal

ALSO = "+"
Kept = TypeVar("Kept")
Kind: TypeAlias = Literal["key", "link", "drawn", "derived"]
Made: TypeAlias = "Mapping[str, Values | Sized | tuple[Values, NDArray[np.bool_]]]"
"""Column name -> values, or (values, missing mask)."""


@dataclass(frozen=True)
class Maker:
    """Makes ``columns`` of a frame together, working columns (``_…``) included.

    ``kind`` says where public ones come from: ``key`` is arithmetic on row numbers, ``link`` the
    key of a row of another table, ``drawn`` a leaf of the profile picked by the cell of earlier
    columns, ``derived`` a pure function of other columns.
    """

    kind: Kind
    columns: tuple[str, ...]
    make: Callable[[Draw], Made]


def key(*columns: str) -> Callable[[Callable[[Draw], Made]], Maker]:
    return lambda make: Maker("key", columns, make)


def link(*columns: str) -> Callable[[Callable[[Draw], Made]], Maker]:
    return lambda make: Maker("link", columns, make)


def drawn(*columns: str) -> Callable[[Callable[[Draw], Made]], Maker]:
    return lambda make: Maker("drawn", columns, make)


def derived(*columns: str) -> Callable[[Callable[[Draw], Made]], Maker]:
    return lambda make: Maker("derived", columns, make)


def keyed(table: Table) -> Maker:
    """Makes the key of a table from its prefix and the numbers of the rows."""
    column = str(table.key)
    return Maker("key", (column,), lambda draw: {column: draw.key(table.name, draw.rows)})


def keyed_by_cause(table: Table, *, also: bool = False) -> Maker:
    """Makes the key of a table of consequences from its prefix, the cause's key and the line;
    ``also`` of the further rows of a table."""
    column, name = str(table.key), table.name + (ALSO if also else "")

    def make(draw: Draw) -> Made:
        keys = [draw.caused_key(name, one) for one in draw.frames.caused(name)]
        return {column: np.concatenate([np.zeros(0, dtype="S1"), *keys])}

    return Maker("key", (column,), make)


@dataclass(frozen=True)
class Pieces:
    """A table so long that the rows of one dealer are drawn in pieces, by whole rows of
    ``parent``; the parent's working column ``column`` holds the rows of each."""

    parent: str
    column: str


@dataclass(frozen=True)
class Declaration:
    """One table of the platform, all that is to be said about it.

    ``prefix`` begins its keys.  ``count`` says what its rows follow from.  ``follows`` gives the
    rows of a table that follows wholly from others, whose count is a ``consequence``.

    ``born``, ``reveals``, ``state`` with ``steps``, and ``known`` are the course of its rows:
    columns that hold moments (UTC), by column the moment until which it is missing, the column of
    the state and the states it goes through, and columns worked out again for a moment; see
    ``courses``.  ``machine`` is the name of the state machine where it is not the table's.  In the
    history of states a row is a ``resource``, and ``actor`` is the working column of the staff
    member (global row) who acts on it.

    ``rules_of`` are rules that the table brings for another one (it may be every one).
    ``journals`` are what its rows post to the ledger; see ``finance.journals``.

    ``foretells`` gives sentences worth reading before the run: what its rows, drawn before all
    others, say of the whole bundle.  Only tables that all dealers share have them.

    ``also`` makes further rows of the same table, which follow wholly from others and are made
    otherwise: bills of the workshop beside those of deals.  In frames, and where rows follow from
    them, they go by the table's name and a plus.

    ``by_lot`` numbers the rows of a dealer by lot, and writes them in that order, where the order
    they are drawn in would tell what becomes of them: cars of deals before cars that nobody buys.
    """

    table: Table
    prefix: str
    count: Count
    makers: tuple[Maker, ...]
    rules: tuple[Rule, ...] = ()
    pieces: Pieces | None = None
    follows: Callable[[Frames], Sequence[Caused]] | None = None
    born: str = ""
    reveals: Mapping[str, str] = field(default_factory=dict)
    state: str = ""
    steps: Callable[[Draw], Steps] | None = None
    known: Callable[[Draw, np.datetime64], Made] | None = None
    machine: str = ""
    resource: str = "OTHER"
    actor: str = ""
    rules_of: Callable[[Declaration], tuple[Rule, ...]] | None = None
    journals: Callable[[Draw], Sequence[Journal]] | None = None
    foretells: Callable[[Plan, Frame, Figures], Iterable[str]] | None = None
    also: Declaration | None = None
    by_lot: bool = False

    @property
    def name(self) -> str:
        return self.table.name

    def maker_of(self, column: str) -> Maker | None:
        return next((maker for maker in self.makers if column in maker.columns), None)


@dataclass(frozen=True)
class Domain:
    """Tables that belong together, what they are called together, with one line of meaning."""

    name: str
    title: str
    meaning: str
    tables: tuple[Declaration, ...]


@dataclass(frozen=True)
class Platform:
    """All domains; nothing else lists tables."""

    domains: tuple[Domain, ...]
    meaning: str = "Automotive retail platform"

    def __post_init__(self) -> None:
        _check_names(self.tables)
        for one in self.tables:
            _check_follows(one)
            for part in (one,) if one.also is None else (one, one.also):
                _check_columns(part)
                check(part)
            _check_links(one.table, {other.name: other.table for other in self.tables})

    @cached_property
    def tables(self) -> tuple[Declaration, ...]:
        return tuple(table for domain in self.domains for table in domain.tables)

    @cached_property
    def sections(self) -> dict[str, Declaration]:
        """All declarations by the names of their frames, those of further rows too."""
        found: dict[str, Declaration] = {}
        for one in self.tables:
            found[one.name] = one
            if one.also is not None:
                found[one.name + ALSO] = one.also
        return found

    def __getitem__(self, name: str) -> Declaration:
        return self.sections[name]

    @cached_property
    def schema(self) -> Schema:
        return Schema(tuple(one.table for one in self.tables), meaning=self.meaning)

    @cached_property
    def counts(self) -> Counts:
        return Counts({one.name: one.count for one in self.tables})

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """Those of the tables, and what some tables have to say of every other."""
        of_others = tuple(
            rule
            for one in self.tables
            if one.rules_of is not None
            for other in self.tables
            for rule in one.rules_of(other)
        )
        return (*(rule for one in self.tables for rule in one.rules), *of_others)


def _check_names(tables: Sequence[Declaration]) -> None:
    for what, said in (("name", "name"), ("prefix", "prefix of keys")):
        of: dict[str, str] = {}
        for one in tables:
            value = getattr(one, what)
            if value in of:
                raise ValueError(f"{of[value]} and {one.name} have the same {said}, {value}.")
            of[value] = one.name


def _check_follows(one: Declaration) -> None:
    if one.count.follows != (one.follows is not None):
        raise ValueError(f"{one.name} has a count of consequences or says what follows, not both.")
    if one.also is not None and one.also.follows is None:
        raise ValueError(f"Further rows of {one.name} follow from nothing.")


def _check_columns(one: Declaration) -> None:
    made = [column for maker in one.makers for column in maker.columns]
    for column in one.table.column_names:
        if column not in made:
            raise ValueError(f"No maker of {one.name} makes {column}.")
    for column in made:
        if made.count(column) > 1:
            raise ValueError(f"Two makers of {one.name} make {column}.")
        if not column.startswith("_") and column not in one.table.column_names:
            raise ValueError(f"{one.name} has no column {column}; a working column begins with _.")


def _check_links(table: Table, tables: Mapping[str, Table]) -> None:
    for link in table.links:
        parent = tables.get(link.parent)
        if parent is None or link.parent_column not in parent.column_names:
            raise ValueError(
                f"{table.name}.{link.column} leads to {link.parent}.{link.parent_column}, which "
                "is not there."
            )
        if link.column not in table.column_names:
            raise ValueError(f"{table.name} has no column {link.column}, but a link from it.")


def _nothing(draw: Draw) -> Made:
    del draw
    return {}


class CircleError(ValueError):
    """Columns that wait for each other."""


@dataclass
class Draw:
    """What a maker may read: its frame, other frames of the shard, numbers, streams.

    ``counts`` gives, for each table and part, the rows under each dealer of this shard, shape
    (dealers,); ``starts`` the number of the shard's first row.
    """

    plan: Plan
    figures: Figures
    frame: Frame
    frames: Frames
    used: set[str] = field(default_factory=set)  # streams of the frame's table that have served

    @property
    def counts(self) -> Mapping[str, NDArray[np.int64]]:
        return self.frames.counts

    @property
    def starts(self) -> Mapping[str, int]:
        return self.frames.starts

    @property
    def n(self) -> int:
        return self.frame.rows

    @property
    def rows(self) -> NDArray[np.int64]:
        """Row numbers of the frame in the whole table."""
        if "_spot" in self.frame:
            raise ValueError(f"rows of {self.frame.table.name} follow from others: no numbers")
        return np.arange(self.frame.start, self.frame.start + self.frame.rows)

    def __getitem__(self, column: str) -> Any:
        return self.frame[column]

    def key(self, table: str, rows: NDArray[np.int64]) -> NDArray[Any]:
        """Keys of the rows of ``table`` with these numbers; see ``keys.key_of``."""
        return self.frames.key(table, rows)

    def caused_key(self, table: str, caused: Caused) -> NDArray[Any]:
        """Keys of rows of a table of consequences; see ``consequences.keys_of``."""
        return keys_of(self.frames, table, caused)

    def stream(self, column: str) -> Stream:
        """The stream of a column of the frame's table; it serves once."""
        if column in self.used:
            raise ValueError(f"The stream {self.frame.table.name}:{column} is used twice.")
        self.used.add(column)
        return Stream(self.plan.recipe.seed, self.frame.table.name, column)

    def u(self, column: str, *, each: int = 1) -> NDArray[np.float64]:
        """Uniforms of the frame's rows, ``each`` for a row; a name is one stream and serves
        once."""
        if "_spot" in self.frame:
            places = self.frame["_spot"] * np.uint64(each)
            each_of = places[:, None] + np.arange(each, dtype=np.uint64)
            return self.stream(column).at(each_of.ravel())
        first = self.frame.start * each
        return self.stream(column).uniform(first, first + self.frame.rows * each)

    def leaf(
        self,
        entry: str,
        *,
        by: Sequence[NDArray[Any]] = (),
        u: NDArray[np.float64] | None = None,
        stream: str = "",
    ) -> Any:
        """Values of the leaf entry ``entry`` of the profile, cell by cell.

        ``by`` holds one label array (str objects) for each name in the entry's ``by``; u
        defaults to the stream named ``stream`` or the entry.  Returns ``Coded`` for choices,
        float64 otherwise.
        """
        named = self.figures.entry(entry)
        return named.draw(self.u(stream or entry) if u is None else u, by)

    def shaped(
        self,
        entry: str,
        values: NDArray[Any],
        *,
        by: Sequence[NDArray[Any]] = (),
        where: NDArray[np.bool_] | None = None,
        scale: int = 1,
    ) -> NDArray[Any]:
        """Worked-out values as they are, or, where an extract was counted for ``entry``, with its
        distribution in their order, cell by cell, on the rows ``where`` it speaks about.

        ``scale`` is what a unit of the entry is in the values: 100 for dollars in cents.  What
        must hold of the values (caps, whole cents, sums) is seen to afterwards.
        """
        counted = self.figures.entry(entry)
        if not counted.cells:
            return values
        rows = np.arange(self.n) if where is None else np.flatnonzero(where)
        shaped = values.astype(np.float64)
        ties = self.u(f"{entry} (ties)")
        own = [labels[rows] for labels in by]
        shaped[rows] = counted.shaped(values[rows], ties[rows], own) * scale
        return shaped


class DrawnFrame(Frame):
    """A frame whose columns are made when they are first read."""

    def __init__(
        self,
        declaration: Declaration,
        frames: Frames,
        figures: Figures,
        *,
        start: int,
        rows: int,
        name: str = "",
    ) -> None:
        super().__init__(declaration.table, start=start, rows=rows)
        self.name = name or declaration.name
        self._declaration = declaration
        self._frames = frames
        self._figures = figures

    def __getitem__(self, name: str) -> Any:
        if not super().__contains__(name):
            self._make(name)
        return super().__getitem__(name)

    def _make(self, name: str) -> None:
        maker = self._declaration.maker_of(name)
        if maker is None:
            if name != "_dealer":
                raise KeyError(f"No maker of {self.table.name} makes {name}.")
            self.set("_dealer", self._frames.dealers_of(self.table.name))
            return
        with self._frames.making(self.name, maker):
            # Kept, it would make a circle, and pieces would stay in memory until one is looked for.
            made = maker.make(self._frames.draw(self))
        if set(made) != set(maker.columns):
            raise ValueError(
                f"A maker of {self.table.name} names {sorted(maker.columns)} and makes "
                f"{sorted(made)}."
            )
        for column, values in made.items():
            self.set(column, *(values if isinstance(values, tuple) else (values,)))

    def set(
        self, name: str, values: Values | Sized, missing: NDArray[np.bool_] | None = None
    ) -> None:
        """As ``Frame.set``; what is made once stays as it is."""
        for array in (values.codes if isinstance(values, Coded) else values, missing):
            if isinstance(array, np.ndarray):
                array.setflags(write=False)
        super().set(name, values, missing)


def name_of(frame: Frame) -> str:
    """The name that a frame goes by: the table's, or with a plus that of its further rows."""
    return frame.name if isinstance(frame, DrawnFrame) else frame.table.name


class Frames(Mapping[str, Frame]):
    """The frames of a range of dealers (or of what all of them share), made as they are read.

    ``counts`` and ``starts`` are those of ``Draw``; ``first`` is the first dealer's number and
    ``shared`` the frames of the catalogue, None while that itself is drawn.
    """

    def __init__(
        self,
        platform: Platform,
        plan: Plan,
        figures: Figures,
        *,
        counts: Mapping[str, NDArray[np.int64]],
        starts: Mapping[str, int],
        first: int,
        shared: Frames | None,
    ) -> None:
        self.platform = platform
        self.plan = plan
        self.counts = counts
        self.starts = starts
        self.first = first
        self.figures = figures
        self._shared = shared
        self._frames: dict[str, Frame] = {}
        self._caused: dict[str, tuple[Caused, ...]] = {}
        self._steps: dict[str, Steps] = {}
        self._kept: dict[str, Any] = {}
        self._known: dict[tuple[str, np.datetime64], Made] = {}
        self._open: list[tuple[str, Maker]] = []

    def __getitem__(self, name: str) -> Frame:
        if name not in self._frames:
            self._frames[name] = self._frame(name)
        return self._frames[name]

    def __iter__(self) -> Iterator[str]:
        return iter(one.name for one in self.platform.tables)

    def __len__(self) -> int:
        return len(self.platform.tables)

    def _frame(self, name: str) -> Frame:
        declaration = self.platform[name]
        if self._shared is not None and declaration.count.shared:
            return self._shared[name]
        if declaration.follows is not None:
            return self._follow(name, declaration)
        return DrawnFrame(
            declaration,
            self,
            self.figures,
            start=self.starts[name],
            rows=int(self.counts[name].sum()),
        )

    def _follow(self, name: str, declaration: Declaration) -> Frame:
        """The frame of what follows from other rows of these dealers; nothing is shared of it."""
        caused = self.caused(name)
        rows = sum(len(one.row) for one in caused)
        frame = DrawnFrame(declaration, self, self.figures, start=0, rows=rows, name=name)
        fill(frame, self, caused)
        return frame

    def caused(self, name: str) -> tuple[Caused, ...]:
        """The rows of a table of consequences, by the tables they follow from."""
        follows = self.platform[name].follows
        if follows is None:
            raise ValueError(f"{name} does not follow from others")
        if name not in self._caused:
            with self.making(name, Maker("key", ("rows",), _nothing)):
                self._caused[name] = tuple(follows(self)) if self._shared is not None else ()
        return self._caused[name]

    def steps(self, name: str) -> Steps:
        """The states that the rows of a table go through."""
        steps = self.platform[name].steps
        if steps is None:
            raise ValueError(f"{name} has no states")
        if name not in self._steps:
            self._steps[name] = steps(self.draw(self[name]))
        return self._steps[name]

    def keep(self, name: str, make: Callable[[], Kept]) -> Kept:
        """What is worked out once for these dealers and read by several tables."""
        if name not in self._kept:
            with self.making(name, Maker("derived", (name,), _nothing)):
                self._kept[name] = make()
        kept: Kept = self._kept[name]
        return kept

    def known(self, frame: Frame, at: np.datetime64) -> Made:
        """Columns of a frame as they are known at a moment; see ``Declaration.known``."""
        name = name_of(frame)
        known = self.platform[name].known
        if known is None:
            raise ValueError(f"nothing of {name} is worked out again")
        whole = self._frames.get(name) is frame
        if not whole:  # a piece, which is seen once
            return known(self.draw(frame), at)
        if (name, at) not in self._known:
            self._known[name, at] = known(self.draw(frame), at)
        return self._known[name, at]

    def draw(self, frame: Frame) -> Draw:
        """What a maker of this frame may read."""
        return Draw(self.plan, self.figures, frame, self)

    def piece(self, name: str, parents: NDArray[np.int64], rows: NDArray[np.int64]) -> Frame:
        """The frame of a piece of a long table: ``rows`` of each local row of ``parents``."""
        declaration = self.platform[name]
        if declaration.pieces is None:
            raise ValueError(f"{name} is not drawn in pieces")
        parent = self[declaration.pieces.parent]
        each = parent[declaration.pieces.column]
        begin = self.starts[name] + np.cumsum(each) - each
        start = int(begin[parents[0]]) if len(parents) else self.starts[name]
        frame = DrawnFrame(declaration, self, self.figures, start=start, rows=int(rows.sum()))
        frame.set(f"_{declaration.pieces.parent}_key", np.repeat(parents + parent.start, rows))
        return frame

    def dealers_of(self, table: str) -> NDArray[np.int64]:
        """The dealer of each row of a table whose rows lie dealer by dealer."""
        counts = self.counts[table]
        return np.repeat(np.arange(self.first, self.first + len(counts)), counts)

    def key(self, table: str, rows: NDArray[np.int64]) -> NDArray[Any]:
        declaration = self.platform[table]
        if declaration.by_lot and np.any(self.counts.get(table, 0)):
            rows = self.numbers(table)[np.maximum(rows - self.starts[table], 0)]
        return key_of(declaration.prefix, rows)

    def numbers(self, table: str) -> NDArray[np.int64]:
        """The numbers in the keys of the local rows of a table that is numbered by lot."""
        order = self.by_lot(table)
        number = np.empty(len(order), dtype=np.int64)
        number[order] = self.starts[table] + np.arange(len(order))
        return number

    def by_lot(self, table: str) -> NDArray[np.int64]:
        """The local rows of a table in the order of their keys: dealer by dealer, drawn by lot."""

        def drawn_by_lot() -> NDArray[np.int64]:
            dealers, start = self.dealers_of(table), self.starts[table]
            lots = Stream(self.plan.recipe.seed, table, "by lot").bits(start, start + len(dealers))
            return np.lexsort((lots, dealers))

        return self.keep(f"{table} by lot", drawn_by_lot)

    def making(self, table: str, maker: Maker) -> _Making:
        return _Making(self._open, table, maker)


class _Making:
    """Notes which makers are at work, so that one that waits for itself is found."""

    def __init__(self, open_: list[tuple[str, Maker]], table: str, maker: Maker) -> None:
        self._open = open_
        self._mine = (table, maker)

    def __enter__(self) -> None:
        if self._mine in self._open:
            chain = [*self._open[self._open.index(self._mine) :], self._mine]
            said = " needs ".join(f"{table}:{maker.columns[0]}" for table, maker in chain)
            raise CircleError(f"Columns wait for each other: {said}.")
        self._open.append(self._mine)

    def __exit__(self, *_: object) -> None:
        self._open.pop()
