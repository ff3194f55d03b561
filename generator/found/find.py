"""Looking for all rules of a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray

from generator.found.digits import digits
from generator.found.distinct import distinct
from generator.found.elapsed import elapsed
from generator.found.found import Found
from generator.found.order import orders
from generator.found.part import parts
from generator.found.product import products
from generator.found.quotient import quotients
from generator.found.side import Sides, Truth
from generator.found.sums import apart, sums
from generator.found.together import together

MOST_SIDES = 300  # columns of which pairs are looked at


def find(
    sides: Sides, missing: Mapping[str, Truth], values: Mapping[str, NDArray[Any]], k: int
) -> list[Found]:
    """Rules that all rows keep, the plainest first: a column that is equal to another, or a part of
    it, says nothing more.  ``sides`` are columns of numbers (n rows each), ``missing`` says for any
    column where nothing stands, ``values`` are those of columns that are always there, as
    numbers; each rule rests on ``k`` rows at least."""
    sides = dict(list(sides.items())[:MOST_SIDES])
    found: list[Found] = []
    given: set[str] = set()
    for rule in parts(sides, k):
        found.append(rule)
        given.add(rule.gives)
    for alike in apart(sides, k, given=given):
        found.append(alike)
        given.add(alike.gives)
    free = {name: side for name, side in sides.items() if name not in given}
    for some in digits(free, k):
        found.append(some)
        given.add(some.gives)
    free = {name: side for name, side in free.items() if name not in given}
    found += [*elapsed(free, k), *products(free, k)]
    told = {frozenset(rule.columns) for rule in found}
    for rate in quotients(free, k):
        if frozenset(rate.columns) not in told:
            told.add(frozenset(rate.columns))
            found.append(rate)
    found += [*sums(free, k), *orders(free, k)]
    found += together(missing, k)
    found += distinct(values, k)
    return found
