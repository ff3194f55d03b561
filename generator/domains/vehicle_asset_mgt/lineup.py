"""What makers offer, and what of it was built: three files of `profiles/automotive`.

`catalogue.csv` and `unrated.csv` are facts (drives, engines, gearboxes, years), `lineup.csv` adds
models, trims and prices; their first lines say where they come from and how they are written.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from functools import cache
from importlib import resources
from itertools import chain
from typing import NamedTuple

FIRST, LAST = 2004, 2026  # model years of the facts
STILL = 2025  # built then: still built
CENTURY = 2000
LETTERS = {"ice": "", "mild": "M", "hybrid": "H", "plug-in": "P", "electric": "E"}
_TWO = ("FWD", "RWD")
_YEARS = re.compile(r"(\d\d)?-(\d\d)?$")
_ENGINE = re.compile(r"(\d\.\d)?(T?)([MHPE]?)(AWD|4WD|FWD|RWD|4/AWD)?([HPE]?)$")


class Built(NamedTuple):
    """One row of the facts: a drive, engine and gearbox, and the years it was built in."""

    drive: str
    cylinders: int
    litres: float
    turbo: bool
    power: str
    fuel: str
    gears: str
    first: int
    last: int
    kilowatts: int

    @property
    def letter(self) -> str:
        return LETTERS[self.power]

    @property
    def engine(self) -> str:
        """As trims and horse power name it: "3.5T", "2.5H", "E"."""
        if self.power == "electric":
            return "E"
        return f"{self.litres:.1f}{'T' if self.turbo else ''}{self.letter}"

    @property
    def manual(self) -> bool:
        return self.gears.startswith("M")


class Wish(NamedTuple):
    """What a trim needs of engine, drive and gearbox; "" or 0 where anything will do."""

    litres: float
    turbo: bool
    letter: str
    cylinders: int
    drive: str
    gears: str

    @property
    def names_engine(self) -> bool:
        return bool(self.litres or self.letter or self.cylinders)

    def takes(self, built: Built) -> bool:
        return self.takes_engine(built) and self._takes_drive(built.drive) and self._geared(built)

    def takes_engine(self, built: Built) -> bool:
        if self.letter:
            kind = built.letter == self.letter
        else:
            kind = not self.names_engine or built.letter in ("", "M")
        size = not self.litres or (built.litres == self.litres and built.turbo == self.turbo)
        return kind and size and self.cylinders in (0, built.cylinders)

    def _takes_drive(self, drive: str) -> bool:
        return not self.drive or (drive == self.drive if self.drive in _TWO else drive not in _TWO)

    def _geared(self, built: Built) -> bool:
        return not self.gears or built.gears == self.gears


class Trim(NamedTuple):
    name: str
    price: float
    wish: Wish
    keeps: bool  # its engine from the other trims
    first: int
    last: int
    power: int  # horse power of its own, or 0


class Line(NamedTuple):
    """A model with one body."""

    make: str
    model: str
    names: tuple[str, ...]  # in the facts
    body: str
    size: str
    seats: int
    doors: int  # 0: as usual for the body
    cabs: str
    wmi: tuple[str, ...]
    units: float  # thousand a year, now
    was: float  # and in the years before
    first: int
    last: int  # 0: as long as the facts have it
    trims: tuple[Trim, ...]
    power: dict[str, int]  # horse power by engine


def rows_of(name: str) -> Iterator[list[str]]:
    """The rows of a file of the profile, without what is said about it and the columns' names."""
    file = resources.files("generator") / "profiles" / "automotive" / name
    lines = file.read_text(encoding="utf-8").splitlines()
    rows = csv.reader(line for line in lines if not line.startswith("#"))
    next(rows)
    return rows


@cache
def facts() -> dict[tuple[str, str], list[Built]]:
    """What was built of each make and model."""
    found: dict[tuple[str, str], list[Built]] = {}
    for row in chain(rows_of("catalogue.csv"), rows_of("unrated.csv")):
        make, model, _, drive, cylinders, litres, turbo, power, fuel, gears, first, last, *use = row
        built = Built(
            drive,
            int(cylinders or 0),
            float(litres or 0),
            bool(turbo),
            power,
            fuel,
            gears,
            int(first),
            int(last),
            int(use[-1] or 0),
        )
        found.setdefault((make, model), []).append(built)
    return found


@cache
def lines() -> tuple[Line, ...]:
    """The models, in the order of the file."""
    return tuple(_line(row) for row in rows_of("lineup.csv"))


def built_of(line: Line) -> tuple[Built, ...]:
    """What was built of a line, in its years; what was built last is still built, unless the line
    says when it ended."""
    rows = [built for name in line.names for built in facts()[line.make, name]]
    end = line.last or (LAST if max(row.last for row in rows) >= STILL else LAST - 1)
    found = []
    for row in rows:
        first = max(row.first, line.first)
        last = min(LAST if row.last >= STILL and not line.last else row.last, end)
        if first <= last:
            found.append(row._replace(first=first, last=last))
    return tuple(found)


def _line(row: list[str]) -> Line:
    make, model, names, years, body, size, seats, cabs, wmi, units, was, trims, power = row
    first, _, last = years.partition("-")
    places, _, doors = seats.partition("/")
    horses = dict(entry.split("=") for entry in power.split())
    return Line(
        make=make,
        model=model,
        names=tuple(names.split("|")),
        body=body,
        size=size,
        seats=int(places),
        doors=int(doors or 0),
        cabs=cabs,
        wmi=tuple(wmi.split()),
        units=float(units or 0),
        was=float(was or units),
        first=int(first or FIRST),
        last=int(last or 0),
        trims=tuple(_trim(text) for text in trims.split("|")),
        power={engine: int(number) for engine, number in horses.items()},
    )


def _trim(text: str) -> Trim:
    """NAME=PRICE, then what it needs, each behind @ or !."""
    name, _, rest = text.partition("=")
    price, *needs = re.split("[@!]", rest)
    first, last, power, wish = FIRST, LAST, 0, Wish(0.0, False, "", 0, "", "")
    for need in needs:
        years = _YEARS.match(need)
        if years:
            first = CENTURY + int(years[1]) if years[1] else FIRST
            last = CENTURY + int(years[2]) if years[2] else LAST
        elif need in ("V6", "V8"):
            wish = wish._replace(cylinders=int(need[1]))
        elif need == "M6":
            wish = wish._replace(gears=need)
        elif need.endswith("hp"):
            power = int(need[:-2])
        else:
            wish = _wish(need, wish)
    return Trim(name, float(price), wish, "!" in rest and wish.names_engine, first, last, power)


def _wish(need: str, wish: Wish) -> Wish:
    parts = _ENGINE.match(need)
    if parts is None:
        raise ValueError(f"lineup.csv: {need!r} says neither an engine nor a drive nor years")
    litres, turbo, letter, drive, after = parts.groups()
    return wish._replace(
        litres=float(litres or 0) or wish.litres,
        turbo=bool(turbo) or wish.turbo,
        letter=letter or after or wish.letter,
        drive=drive or wish.drive,
    )
