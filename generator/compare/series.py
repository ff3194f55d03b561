"""Time: when things happen, how far apart, and in which order.

``spectrum``: 1 minus the total variation distance of hours, weekdays, days of the month and months
of each column of days or moments.  ``gaps``: 1 minus the Kolmogorov-Smirnov statistic of the time
from one child of a parent to the next.  ``order``: of the pairs of columns whose first is never
after the second in real rows, the share of synthetic rows that keep it (must be 1).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import permutations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.compare.distance import accuracy
from generator.compare.relations import FEWEST_PAIRS, in_order, moment_of, relations_of
from generator.compare.rows import TableRows
from generator.compare.sdmetrics import ks_complement
from generator.compare.sides import Sides
from generator.stop import asking
from generator.summary import Summary
from generator.summary.columns import read
from generator.tables import Tables

DAY = 86_400_000  # milliseconds
MOST_MOMENTS = 30  # columns of a table whose order is looked at
FEWEST_ORDERED = 100  # rows that hold both, for an order to be one
Floats = NDArray[np.float64]


def over_time(sides: Sides, reference: Summary) -> dict[str, Any]:
    """``spectrum``, ``gaps`` and ``order``, each with its entries; empty without moments."""
    found = {
        "spectrum": list(_spectra(sides, reference)),
        "gaps": list(_gaps(sides, reference)),
        "order": list(_orders(sides, reference)),
    }
    return found if any(found.values()) else {}


def _spectra(sides: Sides, reference: Summary) -> Iterator[dict[str, Any]]:
    for at, table in enumerate(sides.names):
        for column in asking(_moments(reference, table), every=1):
            held = [
                np.asarray(rows[at].columns[column])
                for rows in (sides.reference, sides.matched, sides.control)
            ]
            counted = [_parts(values) for values in held]
            for part, real in counted[0].items():
                if np.count_nonzero(real) > 1:
                    yield {
                        "table": table,
                        "column": column,
                        "part": part,
                        "score": round(accuracy(real, counted[1][part]), 5),
                        "ceiling": round(accuracy(real, counted[2][part]), 5),
                    }


def _moments(reference: Summary, table: str) -> list[str]:
    columns = reference.tables[table].columns.items()
    return [name for name, column in columns if column.role == "moment"][:MOST_MOMENTS]


def _parts(milliseconds: Floats) -> dict[str, NDArray[np.int64]]:
    """Rows by hour, weekday, day of the month and month of the year."""
    there = milliseconds[~np.isnan(milliseconds)].astype(np.int64)
    days = (there // DAY).astype("datetime64[D]")
    months = days.astype("datetime64[M]")
    return {
        "hour": np.bincount(there % DAY // 3_600_000, minlength=24),
        "weekday": np.bincount((there // DAY + 3) % 7, minlength=7),
        "day of the month": np.bincount((days - months).astype(np.int64), minlength=31),
        "month": np.bincount(months.astype(np.int64) % 12, minlength=12),
    }


def _gaps(sides: Sides, reference: Summary) -> Iterator[dict[str, Any]]:
    """Of each link that children with a moment are born by."""
    for relation in asking(relations_of(sides), every=1):
        moment = moment_of(reference, relation.child)
        if relation.link.kind != "parent" or moment is None:
            continue
        path = (relation.child, relation.link.path, moment)
        seen = sides.over(partial(_apart, reference, path))
        if seen is not None:
            yield {
                "child": relation.child,
                "parent": relation.link.parent,
                "column": moment,
                **seen.scored(_alike),
            }


def _apart(
    reference: Summary, path: tuple[str, str, str], tables: Tables, label: str
) -> TableRows | None:
    """Time between the children of a parent, in milliseconds."""
    del label
    child, link, moment = path
    parent = tables.row_of(child, link)
    order = in_order(tables, child, parent, reference)
    when = np.asarray(read(tables, child, moment, "moment"))[order]
    within = (parent[order][1:] == parent[order][:-1]) & ~np.isnan(np.diff(when))
    gaps = np.diff(when)[within]
    if len(gaps) < FEWEST_PAIRS:
        return None
    return TableRows(child, len(gaps), len(gaps), {"gap": gaps}, parent[order][1:][within])


def _alike(real: TableRows, synthetic: TableRows) -> float:
    return ks_complement(np.asarray(real.columns["gap"]), np.asarray(synthetic.columns["gap"]))


def _orders(sides: Sides, reference: Summary) -> Iterator[dict[str, Any]]:
    for at, table in enumerate(sides.names):
        real, made = sides.learnt[at], sides.made[at]
        for first, second in asking(permutations(_moments(reference, table), 2), every=50):
            held = _kept(real, first, second)
            if held is None or held < 1 or _same(real, first, second):
                continue
            yield {
                "table": table,
                "first": first,
                "second": second,
                "score": _kept(made, first, second),
                "ceiling": held,
            }


def _kept(side: TableRows, first: str, second: str) -> float | None:
    """Share of the rows with both moments whose first is not after the second."""
    apart = np.asarray(side.columns[second]) - np.asarray(side.columns[first])
    apart = apart[~np.isnan(apart)]
    return None if len(apart) < FEWEST_ORDERED else round(float((apart >= 0).mean()), 5)


def _same(side: TableRows, first: str, second: str) -> bool:
    """Whether the second is the first wherever both are: then the other way round says as much."""
    apart = np.asarray(side.columns[second]) - np.asarray(side.columns[first])
    return bool(np.nanmax(np.abs(apart)) == 0) and first > second
