"""Cliques: which columns a graphical model holds together, and how they hang on one another.

A tree of cliques (a junction tree) is made by taking out one column after the other, the one whose
neighbours make the smallest table first; Koller and Friedman, *Probabilistic Graphical Models*,
2009, chapter 10.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import prod


@dataclass(frozen=True)
class Clique:
    """``columns`` in rising order; ``parent`` is the number of the clique it hangs on (-1: none)
    by its columns ``shared``."""

    columns: tuple[int, ...]
    parent: int
    shared: tuple[int, ...]


def cliques_of(sets: Collection[tuple[int, ...]], sizes: Sequence[int]) -> tuple[Clique, ...]:
    """Cliques that hold each of the sets of columns, parents before those that hang on them."""
    found = _maximal(_eliminated(sets, sizes))
    found.sort(key=lambda one: (-_cells(one, sizes), sorted(one)))
    made: list[Clique] = []
    open_ = list(range(len(found)))
    place: list[int] = []  # of the cliques made, their numbers in ``found``
    while open_:
        shared, at, parent = max(
            (
                (len(found[at] & found[there]), -at, number)
                for at in open_
                for number, there in enumerate(place)
            ),
            default=(0, -open_[0], -1),
        )
        own = found[-at]
        between = own & found[place[parent]] if shared else frozenset()
        made.append(Clique(tuple(sorted(own)), parent if shared else -1, tuple(sorted(between))))
        place.append(-at)
        open_.remove(-at)
    return tuple(made)


def cells_of(sets: Collection[tuple[int, ...]], sizes: Sequence[int]) -> int:
    """Cells of all cliques together."""
    return sum(_cells(one, sizes) for one in _maximal(_eliminated(sets, sizes)))


def _cells(columns: Collection[int], sizes: Sequence[int]) -> int:
    return prod(sizes[column] for column in columns)


def _eliminated(sets: Collection[tuple[int, ...]], sizes: Sequence[int]) -> list[frozenset[int]]:
    beside: dict[int, set[int]] = {column: set() for column in range(len(sizes))}
    for one in sets:
        for column in one:
            beside[column] |= set(one) - {column}
    cliques = []
    while beside:
        column = min(beside, key=lambda c: (_cells((*beside[c], c), sizes), c))
        near = beside.pop(column)
        cliques.append(frozenset((*near, column)))
        for other in near:
            beside[other] |= near - {other}
            beside[other].discard(column)
    return cliques


def _maximal(cliques: list[frozenset[int]]) -> list[frozenset[int]]:
    kept: list[frozenset[int]] = []
    for one in sorted(set(cliques), key=lambda c: (-len(c), sorted(c))):
        if not any(one <= other for other in kept):
            kept.append(one)
    return kept
