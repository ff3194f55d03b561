"""What a rule is that an extract's rows keep without exception."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, ClassVar, Self

import numpy as np

from generator.found.side import Floats, Sides, Truth, Unit

MOST_COLUMNS = 40  # that one rule may speak about


class Found:
    """A rule of one table.  A subclass is a frozen dataclass of plain values in a file of its own,
    which also looks for it.

    It is kept by construction: ``gives`` is the column that is drawn or worked out so that the
    rule holds, ``needs`` are columns that are drawn before it.
    """

    kind: ClassVar[str]
    gives: str

    @property
    def needs(self) -> tuple[str, ...]:
        raise NotImplementedError

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns it speaks about, each once."""
        return tuple(dict.fromkeys((*self.needs, self.gives)))

    @property
    def text(self) -> str:
        """The rule for people, which is its name within the table: “start <= end”."""
        raise NotImplementedError

    @property
    def works_out(self) -> bool:
        """Whether ``gives`` follows wholly from what it needs."""
        return False

    def ok(self, units: Mapping[str, Unit]) -> bool:
        """True when the rule can be kept by columns of these units, whoever wrote it."""
        raise NotImplementedError

    def holds(self, sides: Sides) -> Truth:
        """Which rows (n,) keep it; a row that lacks one of the values does."""
        raise NotImplementedError

    def worked(self, sides: Sides, unit: Unit) -> Floats:
        """What ``gives`` is, in its unit, of what it needs."""
        raise NotImplementedError

    def document(self) -> dict[str, Any]:
        """Plain JSON types; ``found_from`` takes them back."""
        named = {part.name: getattr(self, part.name) for part in fields(self)}  # type: ignore[arg-type]
        return {"kind": self.kind, **{name: _plain(value) for name, value in named.items()}}

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Self:
        """The inverse of ``document``.  Raises ValueError, TypeError or KeyError for what is not of
        the fields' types."""
        made = {}
        for part in fields(cls):  # type: ignore[arg-type]
            made[part.name] = _typed(document[part.name], str(part.type))
        return cls(**made)


def _plain(value: Any) -> Any:
    return [_plain(one) for one in value] if isinstance(value, tuple) else value


_TYPES: dict[str, type | tuple[type, ...]] = {
    "str": str,
    "int": int,
    "float": (int, float),
    "bool": bool,
}


def _typed(value: Any, declared: str) -> Any:
    if declared.startswith("tuple["):
        inner = declared.removeprefix("tuple[").removesuffix("]").removesuffix(", ...")
        if not isinstance(value, list) or len(value) > 1000:
            raise ValueError("a list of a rule")
        return tuple(_typed(one, inner) for one in value)
    right = isinstance(value, _TYPES[declared])
    if not right or (isinstance(value, bool) and declared != "bool"):
        raise ValueError("a field of a rule")
    if declared in ("int", "float") and not abs(value) <= 1e18:
        raise ValueError("a number of a rule")
    return float(value) if declared == "float" else value


def all_there(sides: Sides, names: tuple[str, ...]) -> Truth:
    """Rows (n,) that have all of these columns."""
    there = sides[names[0]].present
    for name in names[1:]:
        there = there & sides[name].present
    return np.asarray(there)
