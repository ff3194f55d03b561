"""What is offered of a line: its trims with each engine, drive, gearbox and cab they take."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from statistics import median
from typing import Any, NamedTuple

import numpy as np

from generator.domains.vehicle_asset_mgt.lineup import Built, Line, Trim, built_of
from generator.leaves.figures import figures

DRIVES = ("FWD", "RWD", "AWD", "4WD")
CABS = ("", "R", "E", "C", "M")
KINDS = ("ice", "mild", "hybrid", "plug-in", "electric")
PLAIN = KINDS[:3]
TRUCKS = ("pickup", "heavy")
FRAMED = (*TRUCKS, "suv")  # whose driven four wheels are called 4WD where the facts do not say
FOUR = ("AWD", "4WD", "4/AWD")


class Variant(NamedTuple):
    """What is offered of a line in a run of model years."""

    line: int
    trim: int
    engine: int  # of the line, in the order of its facts
    drive: int
    cab: int
    manual: int
    speeds: int
    built: int  # row of all facts
    kind: int
    power: int
    price: float
    weight: float
    listed: int  # engine whose power the line knows
    first: int
    last: int


class Fit(NamedTuple):
    """What all trims have in common that take one row of the facts."""

    built: Built
    kept: bool  # for trims that name its engine
    engine: int
    drive: int
    speeds: int
    kind: int
    power: int
    listed: bool
    weight: float


def variants_of(at: int, line: Line, facts: list[Built]) -> Iterator[Variant]:
    """All variants of a line, whose number is ``at``; what was built of it goes to ``facts``."""
    figure = figures()["offer_weight"]
    shares, start = figure["cab"], len(facts)
    fits = _fits(line, figure)
    facts.extend(fit.built for fit in fits)
    middle = median(trim.price for trim in line.trims)
    plain = any(fit.built.power in PLAIN for fit in fits)
    for number, trim in enumerate(line.trims):
        liked = _liked(trim.price / middle, figure)
        cabs = [(CABS.index(cab), shares.get(cab, 1.0)) for cab in _cabs(line, number)]
        for place, fit in enumerate(fits):
            built = fit.built
            first, last = max(built.first, trim.first), min(built.last, trim.last)
            if first > last or not _takes(trim, fit, plain):
                continue
            for cab, share in cabs:
                yield Variant(
                    at,
                    number,
                    fit.engine,
                    fit.drive,
                    cab,
                    built.manual,
                    fit.speeds,
                    start + place,
                    fit.kind,
                    trim.power or fit.power,
                    trim.price,
                    liked * fit.weight * share,
                    fit.listed,
                    first,
                    last,
                )


def _fits(line: Line, figure: Mapping[str, Any]) -> list[Fit]:
    engines: dict[str, int] = {}
    keeping = [trim.wish for trim in line.trims if trim.keeps]
    four_wheels = figure["driven_four"][line.body]
    manual = figure["manual"]["sport" if line.size == "sport" else "other"]
    found = []
    for built in built_of(line):
        weight = figure["kind"][built.power] * (figure["diesel"] if built.fuel == "diesel" else 1)
        weight *= (four_wheels if built.drive in FOUR else 1) * (manual if built.manual else 1)
        speeds = built.gears[1:]
        power, listed = _power(line, built)
        found.append(
            Fit(
                built,
                any(wish.takes_engine(built) for wish in keeping),
                engines.setdefault(built.engine, len(engines)),
                _drive(line, built),
                int(speeds) if speeds.isdigit() else 1,
                KINDS.index(built.power),
                power,
                listed,
                weight,
            )
        )
    return found


def _liked(price: float, figure: Mapping[str, Any]) -> float:
    """How often a trim is taken whose price is this share of the middle one's."""
    away = (price - float(figure["price_middle"])) / float(figure["price_width"])
    return float(np.exp(-away * away)) + float(figure["price_floor"])


def _takes(trim: Trim, fit: Fit, plain: bool) -> bool:
    """Whether the trim is built with this engine, drive and gearbox.  One that names no engine
    takes those that no other keeps, and plugs only where the line has nothing else."""
    if not trim.wish.takes(fit.built):
        return False
    return trim.wish.names_engine or (not fit.kept and (not plain or fit.built.power in PLAIN))


def _cabs(line: Line, number: int) -> str | tuple[str]:
    """All cabs with the cheapest trims, crew cabs with the dearest."""
    third = number * 3 // len(line.trims)
    wanted = ("RECM", "ECM", "CM")[third]
    return "".join(cab for cab in line.cabs if cab in wanted) or ("",)


def _drive(line: Line, built: Built) -> int:
    if built.drive == "4/AWD":
        return DRIVES.index("4WD" if line.body in FRAMED else "AWD")
    return DRIVES.index(built.drive)


def _power(line: Line, built: Built) -> tuple[int, bool]:
    """Horse power, and whether the line knows it; else by size and kind of engine."""
    if built.power == "electric":
        four = built.drive in FOUR
        figure = figures()["electric_power"]
        guess = built.kilowatts * float(figure["horses_a_kilowatt"])
        guess = guess or float(figure["four" if four else "two"])
        known = line.power.get("E4" if four else "E")
        return known or max(int(guess), int(figure["least"])), True
    known = line.power.get(built.engine)
    if known is None and built.letter == "M":
        known = line.power.get(built.engine[:-1])
    a_litre = figures()["horses_a_litre"]
    guess = built.litres * float(a_litre["turbo" if built.turbo else "other"])
    guess *= float(a_litre.get(built.power, 1.0))
    return known or int(guess), known is not None or set(line.power) <= {"E", "E4"}
