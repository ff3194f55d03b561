"""How a table of the platform is declared: its columns, and steps that each make some of them.

Structure in Python, numbers in TOML.  A step has a kind

    key      arithmetic on row numbers
    link     the key of a row of another table
    drawn    a leaf of the profile, picked by the cell of earlier columns
    derived  a pure function of frames already made

and names the columns it makes.  Every column of the table is made by exactly one step.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from generator.frame import Frame, Values
from generator.leaves.figures import Figures, figures
from generator.profile import Plan
from generator.rules import Rule
from generator.schema import Table
from generator.streams import Stream

__all__ = [
    "Declaration",
    "Draw",
    "Figures",
    "Made",
    "Step",
    "derived",
    "drawn",
    "figures",
    "key",
    "link",
    "make_stage",
]

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
        found = self.figures.entry(entry)
        return found.draw(self.u(stream or entry) if u is None else u, by)


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
