"""Everything that can stand in the catalogue: line × trim × engine × drive × cab × model year."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.domains.vehicle_asset_mgt.lineup import FIRST, LAST, Built, lines
from generator.domains.vehicle_asset_mgt.variants import CABS, KINDS, TRUCKS, Variant, variants_of
from generator.leaves.figures import figures

Whole = NDArray[np.int64]
Floats = NDArray[np.float64]
BITS = 6  # of a number within a line
MIX = (np.uint64(0x9E3779B97F4A7C15), np.uint64(30), np.uint64(0xBF58476D1CE4E5B9))
KEPT, SPAN = np.uint64(11), 2.0**53  # the digits of a float


@dataclass(frozen=True)
class Offers:
    """One entry an offer and model year, most wanted of its line first."""

    line: Whole
    trim: Whole
    engine: Whole
    drive: Whole
    cab: Whole
    built: Whole
    kind: Whole
    power: Whole
    year: Whole
    price: Floats  # dollars, base MSRP of that year
    weight: Floats  # among the offers of its line and year
    rank: Whole  # among them, by weight and chance
    facts: tuple[Built, ...]

    def take(self, rows: Any) -> Offers:
        columns = {f.name: getattr(self, f.name) for f in fields(self)}
        facts = columns.pop("facts")
        return Offers(**{name: column[rows] for name, column in columns.items()}, facts=facts)


@cache
def offers() -> Offers:
    """All offers of model years 2004 to 2026."""
    facts: list[Built] = []
    found = [v for at, line in enumerate(lines()) for v in variants_of(at, line, facts)]
    columns = dict(
        zip(Variant._fields, (np.array(c) for c in zip(*found, strict=True)), strict=True)
    )
    times = columns["last"] - columns["first"] + 1
    row = np.repeat(np.arange(len(found)), times)
    turn = np.arange(len(row)) - np.repeat(np.cumsum(times) - times, times)
    year = columns["first"][row] + turn
    row, year = _known(columns, row, year)
    row, year = _one_gearbox(columns, row, year)
    return _ranked(columns, row, year, tuple(facts))


def _known(columns: dict[str, NDArray[Any]], row: Whole, year: Whole) -> tuple[Whole, Whole]:
    """Only engines whose power a line knows, in years that have one."""
    group = columns["line"][row] * (LAST + 1) + year
    known = np.bincount(group, weights=columns["listed"][row]) > 0
    keep = (columns["listed"][row] == 1) | ~known[group]
    return row[keep], year[keep]


def _one_gearbox(columns: dict[str, NDArray[Any]], row: Whole, year: Whole) -> tuple[Whole, Whole]:
    """Of the automatic gearboxes of a trim and engine the one with most speeds, of manual ones
    too."""
    place = _place(columns, row)
    order = np.lexsort((-columns["speeds"][row], place, year))
    same = (place[order][1:] == place[order][:-1]) & (year[order][1:] == year[order][:-1])
    first = order[np.concatenate([[True], ~same])]
    return row[first], year[first]


def _place(columns: dict[str, NDArray[Any]], row: Whole) -> Whole:
    """A number for line, trim, engine, drive, cab and kind of gearbox."""
    place = columns["line"][row].astype(np.int64)
    for name in ("trim", "engine", "drive", "cab", "manual"):
        place = (place << BITS) + columns[name][row]
    return place


def _ranked(
    columns: dict[str, NDArray[Any]], row: Whole, year: Whole, facts: tuple[Built, ...]
) -> Offers:
    """In the order of year and line, and then as often as taken, with some chance, so that few
    offers of a line still differ in engine, drive and cab."""
    line, weight = columns["line"][row], columns["weight"][row]
    race = -np.log(_chance(_place(columns, row))) / weight
    group = year * (int(line.max()) + 1) + line
    order = np.lexsort((race, group))
    row, year, group, weight = row[order], year[order], group[order], weight[order]
    begin = np.flatnonzero(np.concatenate([[True], group[1:] != group[:-1]]))
    size = np.diff(np.append(begin, len(group)))
    total = np.repeat(np.add.reduceat(weight, begin), size)
    names = ("line", "trim", "engine", "drive", "cab", "built", "kind", "power")
    return Offers(
        **{name: columns[name][row].astype(np.int64) for name in names},
        year=year,
        price=_prices(columns, row, year),
        weight=weight / total,
        rank=np.arange(len(group)) - np.repeat(begin, size),
        facts=facts,
    )


def _chance(number: Whole) -> Floats:
    """A number between 0 and 1 for each, always the same: a mixer after splitmix64."""
    mixed = number.astype(np.uint64) * MIX[0]
    mixed = (mixed ^ (mixed >> MIX[1])) * MIX[2]
    mixed ^= mixed >> MIX[1]
    return np.asarray(((mixed >> KEPT).astype(np.float64) + 0.5) / SPAN)


def _prices(columns: dict[str, NDArray[Any]], row: Whole, year: Whole) -> Floats:
    """The trim's price with its weakest engine, fewest driven wheels and smallest cab; more for
    more, and the growth of prices from year to year."""
    figure = figures()["dollars_for_more"]
    trim = (columns["line"][row] << BITS) + columns["trim"][row]
    size = int(trim.max()) + 1
    group = trim * (LAST + 1 - FIRST) + year - FIRST
    price = columns["price"][row].copy()
    power = columns["power"][row].astype(np.float64)
    kind = np.array([float(figure["kind"][name]) for name in KINDS])[columns["kind"][row]]
    price += np.minimum(_over(power, group) * figure["horse_power"], figure["most_for_power"])
    price += _over(kind, group)
    framed = np.array([line.body in TRUCKS for line in lines()])[columns["line"][row]]
    four = np.where(framed, figure["four_wheels"]["truck"], figure["four_wheels"]["other"])
    price += _over(np.where(columns["drive"][row] > 1, four, 0.0), group)
    cab = np.array([0.0, *(float(figure["cab"][name]) for name in CABS[1:])])[columns["cab"][row]]
    price += _over(cab, trim)
    last = np.zeros(size, dtype=np.int64)
    np.maximum.at(last, trim, year)
    ago = np.minimum(last[trim], int(figure["year"])) - year
    grown: Floats = price * float(figures()["price_growth"]) ** ago
    return grown


def _over(values: Floats, group: Whole) -> Floats:
    """How much each value is over the least of its group."""
    least = np.full(int(group.max()) + 1, np.inf)
    np.minimum.at(least, group, values)
    over: Floats = values - least[group]
    return over
