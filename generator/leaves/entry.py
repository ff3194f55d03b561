"""An entry of a profile: leaves by cell, and what they are counted from.

An entry written by hand and one counted from an extract have one form, in TOML or JSON::

    [leaves."deal.down_payment"]
    leaf = "lognormal"
    by = ["buyer"]                      # one label for each of these makes a cell
    of = "down_payment"                 # what is counted, by default the column it is named after
    where = "down_payment > 0"          # on which rows
    source = "edm_fin"                  # or an assumption

    [[leaves."deal.down_payment".cells]]
    when = ["NEW"]                      # "*" is any label; the first cell that fits is taken
    mu = 8.57

A name of ``by`` that is no column says in ``labels`` which rows bear which label::

    labels.buyer = { CASH = "payment_type == 'CASH'", NEW = "product_state_type == 'NEW'" }

and one that is a number says in ``bands`` where its bands meet, which are labelled "..10",
"10..20", "20..": ::

    bands.cost = { of = "sale_price - front_gross_profit", edges = [10000, 20000] }

An entry without a leaf leaves its values as their maker works them out, until it is counted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.errors import ProfileError, shown
from generator.frame import Coded
from generator.leaves import Leaf, leaf_from
from generator.leaves.choice import Choice
from generator.leaves.leaf import numbers

ANY = "*"
Cell = tuple[str, ...]
_ABOUT = ("source", "assumption", "confidence", "note", "unit")


@dataclass(frozen=True)
class Band:
    """A number cut at ``edges``; a value on an edge lies in the band above it."""

    of: str
    edges: tuple[float, ...]

    def labels(self, values: NDArray[Any]) -> NDArray[np.object_]:
        """The label of each value's band, empty where the value is missing."""
        ends = ("", *(f"{edge:g}" for edge in self.edges), "")
        names = [f"{low}..{high}" for low, high in pairwise(ends)]
        at = np.searchsorted(self.edges, values, side="right")
        labels: NDArray[np.object_] = np.array(names, dtype=object)[at]
        return np.where(np.isnan(values), "", labels)


@dataclass(frozen=True)
class Counting:
    """What an entry or a figure is counted from: an expression ``of`` a ``table``'s columns on
    the rows ``where`` it speaks about.  For names of ``by`` that are no columns ``labels`` gives
    the statement behind each label, the first that holds being the row's, or ``bands`` the number
    and the edges between its bands.  An empty ``of``: it cannot be counted.  ``besides`` names
    labels of which one for each distinct value of a column comes besides what is drawn."""

    table: str = ""
    of: str = ""
    where: str = ""
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    bands: Mapping[str, Band] = field(default_factory=dict)
    besides: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, name: str, document: Mapping[str, Any]) -> Counting:
        table, _, column = name.partition(".")
        labels = document.get("labels", {})
        if not isinstance(labels, Mapping) or not all(map(_all_texts, labels.values())):
            raise ProfileError(f"{name}: “labels” must say a statement for each label of a name.")
        return cls(
            _text(name, document, "table") or (table if column else ""),
            _text(name, document, "of") if "of" in document else column,
            _text(name, document, "where"),
            labels,
            _bands(name, document),
            _besides(name, document),
        )

    def document(self) -> dict[str, Any]:
        named = {"table": self.table, "of": self.of, "where": self.where}
        labels = {name: dict(said) for name, said in self.labels.items()}
        bands = {name: {"of": b.of, "edges": list(b.edges)} for name, b in self.bands.items()}
        document = {**named, "labels": labels, "bands": bands, "besides": dict(self.besides)}
        return {name: value for name, value in document.items() if value or name == "of"}


def _besides(name: str, document: Mapping[str, Any]) -> Mapping[str, str]:
    besides: Mapping[str, str] = document.get("besides", {})
    if not _all_texts(besides):
        raise ProfileError(f"{name}: “besides” must say a column for each label.")
    return besides


def _all_texts(labels: Any) -> bool:
    return isinstance(labels, Mapping) and all(isinstance(said, str) for said in labels.values())


def _bands(name: str, document: Mapping[str, Any]) -> dict[str, Band]:
    given = document.get("bands", {})
    if not isinstance(given, Mapping) or not all(isinstance(b, Mapping) for b in given.values()):
        raise ProfileError(f"{name}: “bands” must say a number and edges for each name.")
    bands = {}
    for one, band in given.items():
        edges = numbers(band, "edges", where=f"{name}, bands.{one}")
        if (np.diff(edges) <= 0).any():
            raise ProfileError(f"{name}: the edges of “bands.{one}” must rise.")
        bands[one] = Band(_text(name, band, "of"), edges)
    return bands


@dataclass(frozen=True)
class Entry:
    """Leaves by cell: ``cells`` maps a label for each name of ``by`` to a leaf, in the order in
    which they are tried; ``about`` holds source or assumption, confidence, note."""

    name: str
    cells: Mapping[Cell, Leaf]
    by: tuple[str, ...] = ()
    counting: Counting = Counting()
    about: Mapping[str, str] = field(default_factory=dict)

    def draw(self, u: NDArray[np.float64], by: Sequence[NDArray[Any]] = ()) -> Any:
        """Values for uniforms (n,); ``by`` has the labels (n,) of each name, as str objects, or
        the numbers of one in bands.  ``Coded`` where the leaves are choices, float64 otherwise."""
        labels = self.labels
        out = np.zeros(len(u), dtype=np.int32 if labels else np.float64)
        for cell, rows in cells_of(self._labelled(by), len(u)):
            leaf = self.leaf(cell)
            values = leaf.draw(u[rows])
            if isinstance(leaf, Choice):
                values = np.array([labels.index(label) for label in leaf.labels])[values]
            out[rows] = values
        return Coded(out.astype(np.int32), labels) if labels else out

    def shaped(
        self, values: NDArray[Any], u: NDArray[np.float64], by: Sequence[NDArray[Any]] = ()
    ) -> NDArray[np.float64]:
        """Each cell's leaf by the ranks of the values (n,) in it, ``u`` (n,) telling equal ones
        apart: who has more still has more, and the cell has the leaf's distribution."""
        out = np.zeros(len(values))
        for cell, rows in cells_of(self._labelled(by), len(values)):
            order = np.lexsort((u[rows], values[rows]))
            even = np.empty(len(rows))
            even[order] = (np.arange(len(rows)) + 0.5) / len(rows)
            out[rows] = self.leaf(cell).draw(even)
        return out

    def _labelled(self, by: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
        bands = self.counting.bands
        named = zip(self.by, by, strict=True)
        return [bands[name].labels(one) if name in bands else one for name, one in named]

    @property
    def labels(self) -> tuple[str, ...]:
        """All labels that can be drawn; none for numbers."""
        choices = [leaf for leaf in self.cells.values() if isinstance(leaf, Choice)]
        return tuple(dict.fromkeys(label for leaf in choices for label in leaf.labels))

    def leaf(self, cell: Cell) -> Leaf:
        """The leaf of the first cell that fits.  Raises ProfileError where none does."""
        for pattern, leaf in self.cells.items():
            if fits(pattern, cell):
                return leaf
        raise ProfileError(f"{self.name}: no cell for {' × '.join(cell)}.")

    def document(self) -> dict[str, Any]:
        """The entry in plain JSON types, as it stands in a file; ``read`` takes it back."""
        document: dict[str, Any] = {**self.counting.document(), **self.about}
        if self.by:
            document["by"] = list(self.by)
        if self.by and self.cells:
            document["cells"] = [
                {"when": list(cell), **leaf.document()} for cell, leaf in self.cells.items()
            ]
        elif self.cells:
            document |= self.cells[()].document()
        return document

    @classmethod
    def read(cls, name: str, document: Mapping[str, Any]) -> Entry:
        """The entry a document describes.  Raises ProfileError naming it."""
        by = document.get("by", [])
        if not isinstance(by, list) or not all(isinstance(one, str) for one in by):
            raise ProfileError(f"{name}: “by” must be a list of names, it is {shown(by)}.")
        about = {word: _text(name, document, word) for word in _ABOUT if word in document}
        counting = Counting.read(name, document)
        return cls(name, _cells(name, document, len(by)), tuple(by), counting, about)


def _cells(name: str, document: Mapping[str, Any], names: int) -> dict[Cell, Leaf]:
    if "cells" not in document:
        return {(): leaf_from(document, where=name)} if "leaf" in document else {}
    cells: dict[Cell, Leaf] = {}
    shared = {"leaf": document["leaf"]} if "leaf" in document else {}
    for cell in _list_of_objects(name, document["cells"]):
        when = cell.get("when")
        if not isinstance(when, list) or len(when) != names:
            raise ProfileError(
                f"{name}: “when” must be a list of {names} labels, one for each name of “by”; it "
                f"is {shown(when)}."
            )
        cells[tuple(str(label) for label in when)] = leaf_from({**shared, **cell}, where=name)
    kinds = {isinstance(leaf, Choice) for leaf in cells.values()}
    if len(kinds) > 1:
        raise ProfileError(
            f"{name}: some cells have labels and others numbers; use one of the two."
        )
    return cells


def _list_of_objects(name: str, value: Any) -> list[Mapping[str, Any]]:
    if not isinstance(value, list) or not value or not all(isinstance(v, Mapping) for v in value):
        raise ProfileError(f"{name}: “cells” must be a list of cells, each with its “when”.")
    return value


def _text(name: str, document: Mapping[str, Any], word: str) -> str:
    value = document.get(word, "")
    if not isinstance(value, str):
        raise ProfileError(f"{name}: “{word}” must be text, it is {shown(value)}.")
    return value


def fits(pattern: Cell, cell: Cell) -> bool:
    return all(want in (ANY, have) for want, have in zip(pattern, cell, strict=True))


def cells_of(by: Sequence[NDArray[Any]], n: int) -> list[tuple[Cell, NDArray[np.int64]]]:
    """Each cell of labels that occurs, with its rows (of ``n``) in order."""
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
