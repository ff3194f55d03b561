"""How many children parents have: all parents of whole tables, or a sample shard by shard."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from generator.holders import EACH_ROW, Holders
from generator.schema import Link
from generator.summary.bins import COARSE, Bins, Floats, quantile_bins
from generator.summary.document import Children
from generator.tables import Tables

MOST_PARENTS = 20_000  # parents whose children are counted shard by shard
Lots = NDArray[np.uint64]
NOBODY: Mapping[str, Holders] = MappingProxyType({})


def children_of(
    tables: Tables, names: Iterable[str], *, k: int, holders: Mapping[str, Holders] = NOBODY
) -> Iterator[Children]:
    """Of every link between the named tables; nothing rests on fewer than ``k`` parents, or on
    parents of fewer than ``k`` of their ``holders``."""
    for name in names:
        for link in tables.schema[name].links:
            if link.parent not in tables or not tables.rows(link.parent):
                continue
            rows = tables.row_of(name, link.path)
            held = np.bincount(rows[rows >= 0], minlength=tables.rows(link.parent))
            theirs = holders.get(link.parent, EACH_ROW)
            yield by_children(name, link, held.astype(np.float64), k=k, holders=theirs)


def by_children(
    child: str,
    link: Link,
    rows: Floats,
    *,
    k: int,
    bins: Bins | None = None,
    holders: Holders = EACH_ROW,
) -> Children:
    """Parents by ``rows``, the number of their children, in bins of their own if none are given."""
    bins = bins or _bins_of(rows, k=k, holders=holders)
    held = holders.number(bins.code(rows), bins.levels)
    counts = np.where(held >= k, bins.count(rows), 0)[:-1].tolist()
    mean = round(float(rows.mean()), 4)
    return Children(link.parent, child, link.path, bins, tuple(counts), mean)


def _bins_of(rows: Floats, *, k: int, holders: Holders) -> Bins:
    """A bin for each number of children up to a number that few parents exceed; quantile-like
    bins where there are many."""
    most = int(rows.max())
    if most <= 12:
        while most > 1 and holders.count(rows >= most) < k:
            most -= 1
        labels = [str(number) for number in range(most + 1)]
        if (rows > most).any():
            labels[-1] = f"{most}+"
        return Bins(tuple(labels), tuple(number - 0.5 for number in range(most + 2)))
    return quantile_bins(rows, most=COARSE, k=k, holders=holders)


@dataclass(frozen=True)
class ByLot:
    """Counts by lot, in order; what shards have to add is kept apart until it is worth joining."""

    lots: Lots
    counts: NDArray[np.int64]
    joined: int = 0
    """Leading entries that are in order and distinct."""

    @classmethod
    def of(cls, lots: Lots, counts: NDArray[np.int64]) -> ByLot:
        return cls(lots, counts)

    def __add__(self, other: ByLot) -> ByLot:
        together = ByLot(
            np.append(self.lots, other.lots), np.append(self.counts, other.counts), self.joined
        )
        return together.whole() if len(together.lots) > 2 * self.joined + 1_000 else together

    def whole(self) -> ByLot:
        """One entry a lot."""
        lots, place = np.unique(self.lots, return_inverse=True)
        counts = np.zeros(len(lots), dtype=np.int64)
        np.add.at(counts, place, self.counts)
        return ByLot(lots, counts, len(lots))


def sampled_parents(tables: Tables, link: Link, planned: Mapping[str, int]) -> Lots:
    """Lots of the own rows of the parent that are in the sample."""
    own = tables.fingerprints(link.parent, link.parent_path).take(tables.own(link.parent))
    return _in_sample(own.mixed(), planned[link.parent])


def sampled_children(tables: Tables, child: str, link: Link, planned: Mapping[str, int]) -> ByLot:
    """Own rows of the child by the lot of the parent in the sample they point at."""
    own, most = tables.own(child), planned[link.parent]
    rows = tables.row_of(child, link.path)[own]
    held = np.bincount(rows[rows >= 0], minlength=tables.rows(link.parent))
    at = np.flatnonzero(held)
    lots = tables.fingerprints(link.parent, link.parent_path).take(at).mixed()
    lost = (rows < 0) & ~tables.missing(child, link.path)[own]
    if lost.any():
        values = tables.fingerprints(child, link.path).take(own.start + np.flatnonzero(lost))
        elsewhere, number = np.unique(values.mixed(), return_counts=True)
        lots, counts = np.append(lots, elsewhere), np.append(held[at], number)
    else:
        counts = held[at]
    chosen = _chosen(lots, most)
    return ByLot.of(lots[chosen], counts[chosen])


def _in_sample(lots: Lots, rows: int) -> Lots:
    return lots[_chosen(lots, rows)]


def _chosen(lots: Lots, rows: int) -> NDArray[np.bool_]:
    return chosen_by(lots, most=MOST_PARENTS, of=rows)


def chosen_by(lots: Lots, *, most: int, of: int) -> NDArray[np.bool_]:
    """About ``most`` of the ``of`` rows that lots are drawn for; all if there are no more."""
    if of <= most:
        return np.ones(len(lots), dtype=bool)
    return lots < np.uint64(int(2**64 * most / of))


def rows_by_parent(parents: Lots, children: ByLot) -> Floats:
    """The number of children of each sampled parent."""
    known, whole = np.sort(parents), children.whole()
    at = np.searchsorted(whole.lots, known)
    inside = np.minimum(at, max(len(whole.lots) - 1, 0))
    if not len(whole.lots):
        return np.zeros(len(known))
    return np.where(whole.lots[inside] == known, whole.counts[inside], 0).astype(np.float64)
