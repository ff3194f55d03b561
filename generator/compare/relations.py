"""Rows along links: do children fit their parents, and each other, as in the real tables.

Join accuracy: over links, the mean over parent column × child column of 1 minus the total variation
distance of the two binned, children joined to their parents.  Sibling accuracy: the same of a
column and the same column of the next child in order, one pair a parent.  Cardinality: 1 minus the
Kolmogorov-Smirnov statistic of children per parent.  Each stands beside the same of real rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.compare.accuracy import binned
from generator.compare.distance import accuracy
from generator.compare.rows import TableRows, Values, drawn
from generator.compare.sdmetrics import ks_complement
from generator.compare.sides import Sides
from generator.schema import Link
from generator.stop import ask, asking
from generator.streams import Stream
from generator.summary import Summary
from generator.summary.columns import read, take
from generator.tables import Tables

MOST_ROWS = 50_000  # joined rows that join accuracy rests on
FEWEST_PAIRS = 50  # parents with two children, below which siblings say nothing
MOST_PAIRS = 1_500  # pairs of columns of one link that are looked at
PARENT, CHILD, NEXT = "parent ", "child ", "next "
Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Relation:
    """A link between two of the tables compared."""

    child: str
    link: Link

    @property
    def name(self) -> str:
        return f"{self.child}.{self.link.said} → {self.link.parent}"


def relations_of(sides: Sides) -> Iterator[Relation]:
    """The links between tables that every side has."""
    schema = sides.tables["real"].schema
    parents = {*sides.names, *sides.lists}
    for table in sides.names:
        for link in schema[table].links:
            if link.parent in parents:
                yield Relation(table, link)


def along_links(sides: Sides, reference: Summary) -> dict[str, Any]:
    """``cardinality``, ``joins`` and ``siblings`` by link, each a score and its ceiling, and the
    means over the links; empty for tables without links."""
    by_link: dict[str, dict[str, Any]] = {}
    for relation in asking(relations_of(sides), every=1):
        by_link[relation.name] = {
            "child": relation.child,
            "parent": relation.link.parent,
            "column": relation.link.said,
            "cardinality": _of(sides, partial(_families, relation), _cardinality),
            "joins": _of(sides, partial(_joined, relation, reference), _join_accuracy),
            "siblings": _of(sides, partial(_siblings, relation, reference), _sibling_accuracy),
        }
    if not by_link:
        return {}
    means = {name: _mean(by_link, name) for name in ("cardinality", "joins", "siblings")}
    return {**means, "links": by_link}


def _of(sides: Sides, view: Any, score: Any) -> dict[str, float | None] | None:
    seen = sides.over(view)
    if seen is None:
        return None
    scored = seen.scored(score)
    return None if scored["score"] is None else scored


def _mean(by_link: Mapping[str, Mapping[str, Any]], name: str) -> dict[str, float | None] | None:
    held = [one[name] for one in by_link.values() if one[name] is not None]
    if not held:
        return None
    ceilings = [one["ceiling"] for one in held if one["ceiling"] is not None]
    return {
        "score": round(float(np.mean([one["score"] for one in held])), 5),
        "ceiling": round(float(np.mean(ceilings)), 5) if ceilings else None,
    }


# Children per parent


def _families(relation: Relation, tables: Tables, label: str) -> TableRows | None:
    """Parents with the number of their children."""
    del label
    parents = tables.rows(relation.link.parent)
    if not parents:
        return None
    parent = tables.row_of(relation.child, relation.link.path)
    rows = np.bincount(parent[parent >= 0], minlength=parents).astype(np.float64)
    own = np.arange(parents, dtype=np.int64)
    return TableRows(relation.name, parents, parents, {"rows": rows}, own)


def _cardinality(real: TableRows, synthetic: TableRows) -> float:
    first, second = (np.asarray(side.columns["rows"]) for side in (real, synthetic))
    return ks_complement(first, second)


# Children joined to their parents


def _joined(relation: Relation, reference: Summary, tables: Tables, label: str) -> TableRows | None:
    parent = tables.row_of(relation.child, relation.link.path)
    known = np.flatnonzero(parent >= 0)
    chosen = known[drawn(len(known), MOST_ROWS, name=f"{relation.name} {label}")]
    if len(chosen) < FEWEST_PAIRS:
        return None
    above = _columns(tables, relation.link.parent, reference, parent[chosen], PARENT)
    below = _columns(tables, relation.child, reference, chosen, CHILD)
    if not above or not below:
        return None
    return TableRows(relation.name, len(chosen), len(parent), {**above, **below}, parent[chosen])


def _join_accuracy(real: TableRows, synthetic: TableRows) -> float | None:
    names = real.columns
    above = [name for name in names if name.startswith(PARENT)]
    below = [name for name in names if name.startswith(CHILD)]
    return _pair_accuracy(real, synthetic, list(product(above, below)))


# One child and the next


def _siblings(
    relation: Relation, reference: Summary, tables: Tables, label: str
) -> TableRows | None:
    del label
    if relation.link.kind != "parent":
        return None
    parent = tables.row_of(relation.child, relation.link.path)
    first, second = _neighbours(relation, reference, tables, parent)
    if len(first) < FEWEST_PAIRS:
        return None
    here = _columns(tables, relation.child, reference, first, CHILD)
    there = _columns(tables, relation.child, reference, second, NEXT)
    if not here:
        return None
    return TableRows(relation.name, len(first), len(parent), {**here, **there}, parent[first])


def _neighbours(
    relation: Relation, reference: Summary, tables: Tables, parent: Rows
) -> tuple[Rows, Rows]:
    """Row numbers of one child and of the next, one pair a parent, chosen by its own lot."""
    order = in_order(tables, relation.child, parent, reference)
    here, there = order[:-1], order[1:]
    pairs = np.flatnonzero(parent[here] == parent[there])
    lots = Stream(0, relation.name, "(siblings)").bits(0, len(pairs))
    by_lot = pairs[np.lexsort((lots, parent[here[pairs]]))]
    _, chosen = np.unique(parent[here[by_lot]], return_index=True)
    return here[by_lot[chosen]], there[by_lot[chosen]]


def in_order(tables: Tables, child: str, parent: Rows, reference: Summary) -> Rows:
    """Rows that have a parent, by parent and in time (the first column of moments), else as they
    stand in the table."""
    there = np.flatnonzero(parent >= 0)
    moment = moment_of(reference, child)
    if moment is None:
        return there[np.argsort(parent[there], kind="stable")]
    when = np.asarray(read(tables, child, moment, "moment"))[there]
    return there[np.lexsort((when, parent[there]))]


def moment_of(reference: Summary, table: str) -> str | None:
    """The first column of days or moments."""
    columns = reference.tables[table].columns
    return next((name for name, column in columns.items() if column.role == "moment"), None)


def _sibling_accuracy(real: TableRows, synthetic: TableRows) -> float | None:
    names = [name[len(CHILD) :] for name in real.columns if name.startswith(CHILD)]
    return _pair_accuracy(real, synthetic, [(CHILD + name, NEXT + name) for name in names])


# Pairs of columns


def _columns(
    tables: Tables, table: str, reference: Summary, rows: Rows, prefix: str
) -> dict[str, Values]:
    return {
        prefix + name: take(read(tables, table, name, column.role), rows)
        for name, column in reference.tables[table].columns.items()
        if column.role not in ("key", "text")
    }


def _pair_accuracy(
    real: TableRows, synthetic: TableRows, pairs: list[tuple[str, str]]
) -> float | None:
    """The mean over pairs; bins are those of the real side.  Beyond ``MOST_PAIRS`` an even choice
    of them."""
    if not pairs or not real.rows or not synthetic.rows:
        return None
    step = max(1, -(-len(pairs) // MOST_PAIRS))
    first, second, bins = binned(real, synthetic, None)
    scores: list[float] = []
    for one, other in pairs[::step]:
        if len(scores) % 100 == 0:
            ask()
        width, size = bins[other].levels, bins[one].levels * bins[other].levels
        counts = [
            np.bincount(side[one].astype(np.int32) * width + side[other], minlength=size)
            for side in (first, second)
        ]
        scores.append(accuracy(*counts))
    return float(np.mean(scores))
