"""How a table of the platform is declared: its columns, and steps that each make some of them.

Structure in Python, numbers in TOML.  A step has a kind

    key      arithmetic on row numbers
    link     the key of a row of another table
    drawn    a leaf of the profile, picked by the cell of earlier columns
    derived  a pure function of frames already made

and names the columns it makes.  Every column of the table is made by exactly one step.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from generator.errors import ProfileError
from generator.frame import Coded, Frame, Values
from generator.leaves import Choice, Leaf, leaf_from
from generator.profile import Plan
from generator.rules import Rule
from generator.schema import Table
from generator.streams import Stream

Made = Mapping[str, "Values | tuple[Values, NDArray[np.bool_]]"]
"""Column name -> values, or (values, missing mask)."""


class Step(NamedTuple):
    kind: Literal["key", "link", "drawn", "derived"]
    columns: tuple[str, ...]
    make: Callable[[Draw], Made]


def key(*columns: str) -> Callable[[Callable[[Draw], Made]], Step]:
    return lambda make: Step("key", columns, make)


def link(*columns: str) -> Callable[[Callable[[Draw], Made]], Step]:
    return lambda make: Step("link", columns, make)


def drawn(*columns: str) -> Callable[[Callable[[Draw], Made]], Step]:
    return lambda make: Step("drawn", columns, make)


def derived(*columns: str) -> Callable[[Callable[[Draw], Made]], Step]:
    return lambda make: Step("derived", columns, make)


@dataclass(frozen=True)
class Declaration:
    """One table of the platform.  ``stages`` are run in the world's order; most tables have
    one stage, a table whose later columns wait for another table has more."""

    table: Table
    stages: tuple[tuple[Step, ...], ...]
    rules: tuple[Rule, ...] = ()


@dataclass
class Draw:
    """What a step may read: the frame being made, frames already made, numbers, streams.

    ``rows`` are the row numbers (in the whole table) of the frame.  ``counts`` gives, for each
    table, the rows under each dealer of this shard, shape (dealers,); ``starts`` the number of
    the shard's first row in each table.
    """

    plan: Plan
    figures: Figures
    frame: Frame
    frames: Mapping[str, Frame]
    counts: Mapping[str, NDArray[np.int64]] = field(default_factory=dict)
    starts: Mapping[str, int] = field(default_factory=dict)

    @property
    def n(self) -> int:
        return self.frame.rows

    @property
    def rows(self) -> NDArray[np.int64]:
        return np.arange(self.frame.start, self.frame.start + self.frame.rows)

    def __getitem__(self, column: str) -> Any:
        return self.frame[column]

    def u(self, column: str) -> NDArray[np.float64]:
        """Uniforms of the frame's rows, one stream a name; never use one name twice."""
        stream = Stream(self.plan.recipe.seed, self.frame.table.name, column)
        return stream.uniform(self.frame.start, self.frame.start + self.frame.rows)

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
        table = self.figures.leaf_table(entry)
        return table.draw(self.u(stream or entry) if u is None else u, by)


@dataclass(frozen=True)
class LeafTable:
    """Leaves by cell: ``cells`` maps a tuple of labels to a leaf; ``()`` when there is no
    ``by``.  A label "*" matches any."""

    name: str
    cells: Mapping[tuple[str, ...], Leaf]

    def draw(self, u: NDArray[np.float64], by: Sequence[NDArray[Any]]) -> Any:
        first = next(iter(self.cells.values()))
        labels = self._labels() if isinstance(first, Choice) else ()
        out = np.zeros(len(u), dtype=np.int32 if labels else np.float64)
        for cell, rows in _cells(by, len(u)):
            leaf = self._find(cell)
            values = leaf.draw(u[rows])
            if isinstance(leaf, Choice):
                values = np.array([labels.index(label) for label in leaf.labels])[values]
            out[rows] = values
        return Coded(out.astype(np.int32), labels) if labels else out

    def _labels(self) -> tuple[str, ...]:
        found: dict[str, None] = {}
        for leaf in self.cells.values():
            if isinstance(leaf, Choice):
                found.update(dict.fromkeys(leaf.labels))
        return tuple(found)

    def _find(self, cell: tuple[str, ...]) -> Leaf:
        for pattern, leaf in self.cells.items():
            if all(want in ("*", have) for want, have in zip(pattern, cell, strict=True)):
                return leaf
        raise ProfileError(f"{self.name}: no cell for {' × '.join(cell)}.")


def _cells(by: Sequence[NDArray[Any]], n: int) -> list[tuple[tuple[str, ...], NDArray[np.int64]]]:
    if not by:
        return [((), np.arange(n))]
    code = np.zeros(n, dtype=np.int64)
    names: list[NDArray[Any]] = []
    for labels in by:
        unique, inverse = np.unique(np.asarray(labels).astype(str), return_inverse=True)
        names.append(unique)
        code = code * len(unique) + inverse
    found = []
    for value in np.unique(code):
        rest, cell = int(value), []
        for unique in reversed(names):
            rest, at = divmod(rest, len(unique))
            cell.append(str(unique[at]))
        found.append((tuple(reversed(cell)), np.flatnonzero(code == value)))
    return found


class Figures:
    """The numbers of a built-in profile: ``[figures.NAME]`` and ``[leaves."table.column"]``
    entries of its TOML files, every one with a ``source`` or an ``assumption``."""

    def __init__(self, documents: Mapping[str, Mapping[str, Any]]) -> None:
        self.documents = documents
        self._figures: dict[str, Mapping[str, Any]] = {}
        self._leaves: dict[str, Mapping[str, Any]] = {}
        for name, document in documents.items():
            for store, part in ((self._figures, "figures"), (self._leaves, "leaves")):
                for entry, content in document.get(part, {}).items():
                    if entry in store:
                        raise ProfileError(f"{name}.toml: “{entry}” is defined twice.")
                    store[entry] = content
        self._tables: dict[str, LeafTable] = {}

    def __getitem__(self, name: str) -> Any:
        """The ``value`` of a figure: a number, a list or a mapping."""
        try:
            return self._figures[name]["value"]
        except KeyError:
            raise ProfileError(f"The profile has no figure “{name}”.") from None

    def entries(self) -> dict[str, Mapping[str, Any]]:
        return {**self._figures, **self._leaves}

    def leaf_table(self, name: str) -> LeafTable:
        if name not in self._tables:
            if name not in self._leaves:
                raise ProfileError(f"The profile has no leaf “{name}”.")
            self._tables[name] = _leaf_table(name, self._leaves[name])
        return self._tables[name]


def _leaf_table(name: str, entry: Mapping[str, Any]) -> LeafTable:
    if "cells" not in entry:
        return LeafTable(name, {(): leaf_from(entry, where=name)})
    cells = {}
    for cell in entry["cells"]:
        labels = tuple(str(label) for label in cell["when"])
        if len(labels) != len(entry["by"]):
            raise ProfileError(
                f"{name}: {labels} does not name one label for each of {entry['by']}."
            )
        cells[labels] = leaf_from({"leaf": entry["leaf"], **cell}, where=name)
    return LeafTable(name, cells)


@cache
def figures(profile: str = "automotive") -> Figures:
    """All TOML files of a built-in profile."""
    folder = resources.files("generator") / "profiles" / profile
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".toml"))
    return Figures(
        {name[:-5]: tomllib.loads((folder / name).read_text(encoding="utf-8")) for name in names}
    )


def make_stage(draw: Draw, steps: Sequence[Step]) -> None:
    """Run the steps of one stage into ``draw.frame``; refuse a step that makes other columns
    than it names (columns that begin with ``_`` may come besides)."""
    for step in steps:
        made = step.make(draw)
        public = {name for name in made if not name.startswith("_")}
        if public != set(step.columns):
            raise ValueError(
                f"{draw.frame.table.name}: a step names {step.columns} and makes {sorted(public)}"
            )
        for name, values in made.items():
            if isinstance(values, tuple):
                draw.frame.set(name, values[0], values[1])
            else:
                draw.frame.set(name, values)
