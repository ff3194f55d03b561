"""The shape of an aggregate: its properties, and the rows that nest in it, read from a file.

A shape is TOML.  A property is a ``leaf``, an object of properties, or an array of either.  An
object may say first where its columns are from:

``_each = "invoice_item by invoice_key"``  one object a row whose column holds the key of the row
    around it; ``of`` names another column of that row, ``via sales_lead customer_key`` a table
    between them.  The rows are in this aggregate then.
``_at = "vehicle_key"``   the row that a column links to, and that another place has.
``_when = "org_indicator true"``   only rows with one of these values; ``!`` before the column, the
    others; without values, where the column is there.
``_where = "resource_type INVOICE"``   only these rows of ``_each``.
``_without = "deal by credit_application_key"``   and of them only those whose key (or, with ``of``,
    whose column) no row of that table holds.
``_shared = "accounting_period"``   all rows of a table that belongs to nobody, under the first row
    of the table around.
``_needs = "tax_id"``   the object is absent where the column is missing.
``_again = true``   a further object of rows that another ``_each`` has brought in.
``_is = "money amount"``   as ``[objects.money]`` of ``objects.toml`` says it, with the column
    for ``$``.
``_list = "cell hire_date bank_name"``   in an array: such an object for each of the columns.

``[joined] report = "retail_delivery_report by deal_key"`` lets paths begin with ``report.``: the
one row of a table that holds the key of the aggregate's own row.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from typing import Any, TypeAlias

from generator.write.api.leaf import Leaf, leaf

Node: TypeAlias = "Leaf | bool | Object | Array"

_FOLDER = "shapes"
_OBJECTS = "objects.toml"


@dataclass(frozen=True)
class Test:
    """Whether the text of a column is one of ``values``, or, without any, whether it is there."""

    path: str
    values: tuple[str, ...]
    wanted: bool = True


@dataclass(frozen=True)
class Each:
    """The rows of ``table`` that lie under a row: ``by`` holds the ``of`` of that row, or, with
    ``via``, the key of a row of that table, whose ``up`` does.  Without ``by``, all rows lie under
    the first row.  Rows that one of ``without`` holds are left out."""

    table: str
    by: str
    of: str = ""
    via: str = ""
    up: str = ""
    where: tuple[Test, ...] = ()
    counted: bool = True
    without: Each | None = None


@dataclass(frozen=True)
class Object:
    properties: Mapping[str, Node]
    each: Each | None = None
    at: str = ""
    when: tuple[Test, ...] = ()
    needs: str = ""


@dataclass(frozen=True)
class Array:
    items: tuple[Node, ...]


@dataclass(frozen=True)
class Aggregate:
    """One file of lines: an object for each row of ``table`` that passes ``where``."""

    name: str
    table: str
    shape: Object
    joined: Mapping[str, Each] = field(default_factory=dict)
    where: tuple[Test, ...] = ()
    rows: int = 2048
    """Rows that are written at once, with all beneath them."""


@cache
def aggregates() -> tuple[Aggregate, ...]:
    """All that the platform has, by name."""
    folder = files("generator.write.api").joinpath(_FOLDER)
    shared = tomllib.loads(folder.joinpath(_OBJECTS).read_text(encoding="utf-8"))
    return tuple(
        read(name.removesuffix(".toml"), folder.joinpath(name).read_text(encoding="utf-8"), shared)
        for name in sorted(path.name for path in folder.iterdir())
        if name.endswith(".toml") and name != _OBJECTS
    )


def read(name: str, text: str, shared: Mapping[str, Any]) -> Aggregate:
    """Raises ValueError, LookupError or TypeError for what is no shape."""
    document = tomllib.loads(text)
    reader = _Reader(shared["objects"], shared.get("words", {}) | document.get("words", {}))
    return Aggregate(
        name,
        document["table"],
        reader.object(document["shape"]),
        {key: _each(said) for key, said in document.get("joined", {}).items()},
        _tests(document, "_where"),
        document.get("rows", 2048),
    )


class _Reader:
    def __init__(self, objects: Mapping[str, Any], words: Mapping[str, Mapping[str, str]]) -> None:
        self._objects, self._words = objects, words

    def node(self, said: Any) -> Node:
        if isinstance(said, bool):
            return said
        if isinstance(said, str):
            return leaf(said, self._words)
        if isinstance(said, list):
            return Array(tuple(self.node(one) for item in said for one in _listed(item)))
        return self.object(said)

    def object(self, said: Mapping[str, Any]) -> Object:
        said = self._whole(said)
        each = _each(said["_each"]) if "_each" in said else None
        if "_shared" in said:
            each = Each(said["_shared"], "")
        if each:
            each = replace(
                each,
                where=_tests(said, "_where"),
                counted=not said.get("_again", False),
                without=_each(said["_without"]) if "_without" in said else None,
            )
        return Object(
            {key: self.node(value) for key, value in said.items() if not key.startswith("_")},
            each,
            said.get("_at", ""),
            _tests(said, "_when"),
            said.get("_needs", ""),
        )

    def _whole(self, said: Mapping[str, Any]) -> Mapping[str, Any]:
        """What ``_is`` names, with the property's own column in it, and what is said beside it."""
        if "_is" not in said:
            return said
        kind, column = said["_is"].split(maxsplit=1)
        whole: dict[str, Any] = _filled(self._objects[kind], column)
        return self._whole(whole | {key: value for key, value in said.items() if key != "_is"})


def _filled(said: Any, column: str) -> Any:
    if isinstance(said, str):
        return said.replace("$", column)
    if isinstance(said, list):
        return [_filled(item, column) for item in said]
    if isinstance(said, dict):
        return {key: _filled(value, column) for key, value in said.items()}
    return said


def _listed(said: Any) -> list[Any]:
    """What stands in an array: ``_list`` is one object a word."""
    if not isinstance(said, dict) or "_list" not in said:
        return [said]
    kind, *columns = said["_list"].split()
    return [{"_is": f"{kind} {column}"} for column in columns]


def _each(said: str) -> Each:
    """``invoice_item by invoice_key``, ``x by y of z``, ``x by y via t up``."""
    match said.split():
        case [table, "by", by]:
            return Each(table, by)
        case [table, "by", by, "of", of]:
            return Each(table, by, of)
        case [table, "by", by, "via", via, up]:
            return Each(table, by, via=via, up=up)
    raise ValueError(f"“{said}” names no rows")


def _tests(said: Mapping[str, Any], key: str) -> tuple[Test, ...]:
    if key not in said:
        return ()
    tests = [said[key]] if isinstance(said[key], str) else said[key]
    return tuple(
        Test(path.removeprefix("!"), tuple(values), wanted=not path.startswith("!"))
        for path, *values in (test.split() for test in tests)
    )
