"""How the columns of a fitted table are drawn: what a profile keeps of them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from generator.cells import Tree
from generator.found import Found, Kept
from generator.leaves.choice import Choices
from generator.leaves.codec import Codec
from generator.leaves.quantiles import Curves
from generator.schema import Column

MARK = "\x1e"
"""Begins the name of a column that is drawn but never written, and stands between a link and the
parent's column it leads to; no name of a schema holds it."""
PLACE = f"{MARK}place"  # of a row among the children of its parent, from 0 on
GROUP = f"{MARK}group"  # of rows of a list that are learnt together
PACE = f"{MARK}pace"  # time left of the parent's window for each child that is still to come


def count_name(child: str, path: str) -> str:
    """The parent's hidden column that says how many rows of ``child`` it has by a link."""
    return f"{MARK}rows{MARK}{child}{MARK}{path}"


def kinds_name(child: str, path: str, name: str) -> str:
    """The parent's hidden column that says which labels its rows of ``child`` have in a column."""
    return f"{MARK}kinds{MARK}{child}{MARK}{path}{MARK}{name}"


def along(path: str, name: str) -> str:
    """A column of the row that a link leads to."""
    return f"{path}{MARK}{name}"


def before(name: str, rows: int = 1) -> str:
    """A column of the row before, among the children of one parent."""
    return f"{MARK}before{rows}{MARK}{name}"


def again(label: str, name: str) -> str:
    """A column of the latest row before that has the same label as the row itself."""
    return f"{MARK}again{MARK}{label}{MARK}{name}"


def mean_name(name: str) -> str:
    """The mean of a column over the rows so far."""
    return f"{MARK}mean{MARK}{name}"


@dataclass(frozen=True)
class Predictor:
    """An earlier column as features.  ``coordinates`` (labels + 1, components) float32 places the
    labels of a "labels" column, missing last; for numbers ``centre`` and ``spread`` scale them."""

    column: str
    coordinates: NDArray[np.float32] | None = None
    centre: float = 0.0
    spread: float = 1.0

    @property
    def width(self) -> int:
        return 1 if self.coordinates is None else self.coordinates.shape[1]

    @cached_property
    def components(self) -> NDArray[np.float32]:
        """The coordinates (components, labels + 1) one component after the other."""
        assert self.coordinates is not None
        return np.ascontiguousarray(self.coordinates.T)


@dataclass(frozen=True)
class Made:
    """How a column follows from others, exactly.

    ``step``   the row before plus ``of``, or minus it (``sign``); the first row begins at ``base``
               (a column of the context, times ``factor``), or at ``start`` where there is none
    ``dated``  the day that the code ``by`` names (``days.code_of``) in the month ``of`` months
               after the row before, and not before that; ``day`` steps are a day, the rest as step
    ``moved``  as step, but the sign is that of the row: "+" or "-" in the column ``by``; where it
               would fall below ``least``, ``of`` is drawn again from lower ranks of its cell
    ``count``  ``start`` plus ``factor`` times the row's number in its table: a key that is a number
    ``place``  ``start`` plus ``sign`` times the row's place among its parent's children
    ``part``   the weekday of ``of``, of which ``day`` steps are a day; ``by`` "month" gives the
               code of its day in the month instead
    ``paces``: what is left of the column's window is what PACE counts.
    ``last`` is the column that bounds a step from above (the end of the parent's window, times
    ``factor``), ``most`` the bound where there is none.
    """

    way: str
    of: str = ""
    by: str = ""
    base: str = ""
    last: str = ""
    sign: int = 1
    factor: float = 1.0
    start: float = 0.0
    most: float = float(1 << 60)
    least: float | None = None
    paces: bool = False
    day: float = 1.0


@dataclass(frozen=True)
class ColumnLeaves:
    """How one column is drawn: the cell its predictors fall in, then that cell's leaf.

    ``map_of``/``map_to`` replace both where another column determines this one exactly: the code
    of that column (missing last) gives the code of this one, -1 for missing.  ``absent`` draws
    whether the value is missing (code 1).  ``made`` replaces all where it follows from others.
    """

    codec: Codec
    predictors: tuple[Predictor, ...] = ()
    tree: Tree | None = None
    leaves: Choices | Curves | None = None
    absent_tree: Tree | None = None
    absent: Choices | None = None
    map_of: str = ""
    map_to: NDArray[np.int32] | None = None
    made: Made | None = None


@dataclass(frozen=True)
class Kin:
    """Rows of a lookup's parent in classes that are pointed at alike: the class is the cell of
    ``tree`` over the parent's columns.  ``same`` are two columns of numbers of rows that often
    agree: of the child (a path of links) and of the parent (a link of it)."""

    predictors: tuple[Predictor, ...]
    tree: Tree
    same: tuple[str, str] | None = None


@dataclass(frozen=True)
class Tie:
    """How a link is drawn.  ``path`` is the link's own (``Link.path``).

    ``born``    the rows of a parent stand together, as many as its hidden column ``count`` says
    ``lookup``  rows of the parent are dealt out by ``count``, within the class that the hidden
                column ``chosen`` of the child asks for; a missing class is no link at all
    ``itself``  a row of the same table before this one, likewise
    ``late``    a row of a table that is drawn after this one, by chance

    ``unique``: no parent twice; ``pairs``: no parent twice together with the born parent;
    ``stays``: the share of rows that lead where the row before them under their born parent does,
    beyond chance.
    """

    path: str
    parent: str
    way: str
    count: str = ""
    chosen: str = ""
    unique: bool = False
    pairs: bool = False
    stays: float = 0.0
    kin: Kin | None = None


@dataclass(frozen=True)
class TableLeaves:
    """All columns of a table in drawing order, and the extract's row count.  ``hidden`` are the
    kinds of those that are never written, ``ties`` the links in the order they are drawn.
    ``rules`` are what its rows keep; ``follows`` is the column of moments in whose order they stand
    and their key counts, "" for none."""

    rows: int
    columns: Mapping[str, ColumnLeaves]
    hidden: Mapping[str, Column] = field(default_factory=lambda: MappingProxyType({}))
    ties: tuple[Tie, ...] = ()
    rules: tuple[Found, ...] = ()
    follows: str = ""

    @cached_property
    def kept(self) -> Kept:
        """The rules by the columns that keep them."""
        return Kept(self.rules)

    @property
    def most_born(self) -> int | None:
        """How many rows there may be under one parent, as they never come twice there; None where
        nothing bounds them."""
        rule = self.kept.once
        if rule is None:
            return None
        codecs = [self.columns[name].codec for name in (*rule.needs, rule.gives)]
        if any(codec.form != "labels" for codec in codecs):
            return None
        return math.prod(len(codec.labels) for codec in codecs)

    @property
    def born(self) -> Tie | None:
        """The link whose parent a row is born under."""
        return next((tie for tie in self.ties if tie.way == "born"), None)
