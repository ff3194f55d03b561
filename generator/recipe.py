"""What is asked for, as one JSON document."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from typing import Any

from generator.errors import RecipeError, shown
from generator.write import FORMATS

SEED_LIMIT = 2**63
ROWS_LIMIT = 10**9
SCENARIO_LIMIT = 10_000  # every row of one is listed in the manifest
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_NUMBER = re.compile(r"-?(\d{1,19}|\d{1,3}(,\d{3}){1,6})", re.ASCII)  # commas only at thousands
_DECIMAL = re.compile(r"(\d{1,9}(?:\.\d{0,9})?|\.\d{1,9})\s*(%?)", re.ASCII)
_LONG = 10**30  # numbers from here on are quoted in part
_FIELDS = (
    *("profile", "seed", "tables", "rows", "from", "to", "as_of"),
    *(
        "increments",
        "moves",
        "set",
        "where",
        "shares",
        "formats",
        "scenarios",
        "messy",
        "references",
    ),
)
MOST_ASKED = 50  # statements about a table, labels of a column
REFERENCES = ("rows", "keys")


@dataclass(frozen=True)
class Recipe:
    """A request.  ``tables`` empty means every table of the profile; ``rows`` holds only the
    counts somebody typed; no format means CSV; ``start``, ``stop`` and ``as_of`` are days, all
    inclusive; at each day of ``increments`` what came, changed or went since the day before (the
    as-of date first) is told; ``set`` gives named targets of the profile other values (what-if);
    ``where`` says how many rows of a table meet a statement, ``shares`` which shares labels of a
    column have, ``moves`` names the columns (table.column) whose moments move to the span, all of
    what happens if there are none (all three of fitted profiles);
    ``scenarios`` says how many there are of each, none of what it does not name, ``messy`` at
    which rate each mess happens; ``references``
    says whether tables that those asked for point at come along with their rows, or as keys
    only."""

    profile: str = "automotive"
    seed: int = 1
    tables: tuple[str, ...] = ()
    rows: Mapping[str, int] = field(default_factory=dict)
    start: date | None = None
    stop: date | None = None
    as_of: date | None = None
    set: Mapping[str, float] = field(default_factory=dict)
    formats: tuple[str, ...] = ("csv",)
    scenarios: Mapping[str, int] = field(default_factory=dict)
    messy: Mapping[str, float] = field(default_factory=dict)
    references: str = "rows"
    increments: tuple[date, ...] = ()
    where: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    shares: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    moves: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON types, keys in a fixed order; the inverse of ``Recipe.from_dict``."""
        return {
            "profile": self.profile,
            "seed": self.seed,
            "tables": list(self.tables),
            "rows": {name: self.rows[name] for name in sorted(self.rows)},
            "from": self.start.isoformat() if self.start else None,
            "to": self.stop.isoformat() if self.stop else None,
            "as_of": self.as_of.isoformat() if self.as_of else None,
            **({"set": {name: self.set[name] for name in sorted(self.set)}} if self.set else {}),
            **({"moves": list(self.moves)} if self.moves else {}),
            **({"increments": [str(day) for day in self.increments]} if self.increments else {}),
            **(
                {"where": {name: dict(of) for name, of in self.where.items()}} if self.where else {}
            ),
            **({"shares": {n: dict(of) for n, of in self.shares.items()}} if self.shares else {}),
            "formats": list(self.formats),
            **({"scenarios": dict(sorted(self.scenarios.items()))} if self.scenarios else {}),
            **({"messy": dict(sorted(self.messy.items()))} if self.messy else {}),
            **({"references": self.references} if self.references != "rows" else {}),
        }

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Recipe:
        """Check every field and build the recipe.  Raises RecipeError naming the field."""
        for name in document:
            if name not in _FIELDS:
                raise _unknown(str(name))
        start, stop = _day(document, "from"), _day(document, "to")
        as_of = _day(document, "as_of") or stop
        _check_span(start, stop, as_of)
        return cls(
            profile=_profile(document.get("profile", "automotive")),
            seed=_seed(document.get("seed", 1)),
            tables=_tables(document.get("tables", [])),
            rows=_rows(document.get("rows", {})),
            start=start,
            stop=stop,
            as_of=as_of,
            set=_set(document.get("set", {})),
            formats=_formats(document.get("formats", [])),
            scenarios=_scenarios(document.get("scenarios", {})),
            messy=_messy(document.get("messy", {})),
            references=_references(document.get("references", "rows")),
            where=_where(document.get("where", {})),
            shares=_shares(document.get("shares", {})),
            moves=tuple(dict.fromkeys(_names(document.get("moves", []), "moves", "columns"))),
            increments=_increments(document.get("increments", []), as_of, stop),
        )


def _unknown(name: str) -> RecipeError:
    near = get_close_matches(shown(name), _FIELDS, n=1)
    hint = f"did you mean {near[0]}" if near else f"it may have {', '.join(sorted(_FIELDS))}"
    return RecipeError(f"A recipe has no field “{shown(name)}”; {hint}.", field=name)


def _profile(value: Any) -> str:
    if not (isinstance(value, str) and value.strip()):
        raise RecipeError(
            f"The profile is “{shown(value)}”; name automotive, or a .profile file.",
            field="profile",
        )
    return value


def _references(value: Any) -> str:
    if value not in REFERENCES:
        raise RecipeError(
            f"“references” is “{shown(value)}”; choose rows (what is pointed at comes along) or "
            "keys (it stays away, and its keys lead nowhere).",
            field="references",
        )
    return str(value)


def _check_span(start: date | None, stop: date | None, as_of: date | None) -> None:
    if start and stop and stop < start:
        raise RecipeError(
            f"The span ends on {stop} before it starts on {start}; choose an end on or after "
            "the start.",
            field="to",
        )
    if start and as_of and as_of < start:
        raise RecipeError(
            f"The as-of date {as_of} lies before the span starts on {start}, so nothing could "
            "exist; choose a later as-of date.",
            field="as_of",
        )


def _increments(value: Any, as_of: date | None, stop: date | None) -> tuple[date, ...]:
    days = [
        day
        for one in _names(value or [], "increments", "dates")
        if (day := _day({"increments": one}, "increments")) is not None
    ]
    if not days:
        return ()
    if as_of is None or (as_of, *days) != tuple(sorted({as_of, *days})):
        raise RecipeError(
            "Increments follow the as-of date one after another: give an as-of date and later "
            f"days in their order (the as-of date is {as_of or 'not given'}, the increments are "
            f"{', '.join(map(str, days[:5]))}).",
            field="increments",
        )
    if stop is None or days[-1] > stop:
        raise RecipeError(
            f"The increment of {days[-1]} lies after the span, which ends on {stop or 'no day'}; "
            "give an end of the span on or after the last increment.",
            field="increments",
        )
    return tuple(days)


def _day(document: Mapping[str, Any], name: str) -> date | None:
    value = document.get(name)
    if value in (None, ""):
        return None
    if isinstance(value, date):
        return value
    try:
        if not (isinstance(value, str) and _DATE.fullmatch(value)):
            raise ValueError(value)
        return date.fromisoformat(value)
    except ValueError:
        raise RecipeError(
            f"“{shown(value)}” is not a date; write year-month-day, for example 2025-01-31.",
            field=name,
        ) from None


def whole_number(value: Any, what: str, *, field: str, lowest: int, highest: int) -> int:
    """``value`` (int, or text in ASCII digits, optionally with commas at the thousands) as int
    within the bounds."""
    number = _number(value)
    if number is None:
        raise RecipeError(
            f"{what} is “{shown(value)}”; it must be a whole number from {lowest:,} to "
            f"{highest:,}.",
            field=field,
        )
    if not lowest <= number <= highest:
        found = f"{number:,}" if abs(number) < _LONG else shown(value)
        raise RecipeError(
            f"{what} is {found}; it must lie between {lowest:,} and {highest:,}.",
            field=field,
        )
    return number


def _number(value: Any) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        return int(value.strip().replace(",", ""))
    return None


def _seed(value: Any) -> int:
    return whole_number(value, "The seed", field="seed", lowest=0, highest=SEED_LIMIT - 1)


def _tables(value: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_names(value, "tables", "table names")))


def _names(value: Any, field: str, what: str) -> list[str]:
    if not isinstance(value, (list, tuple)) or not all(isinstance(name, str) for name in value):
        raise RecipeError(
            f"“{field}” is “{shown(value)}”; it must be a list of {what}.", field=field
        )
    return list(value)


def _rows(value: Any) -> dict[str, int]:
    if not isinstance(value, Mapping):
        raise RecipeError(
            f"“rows” is “{shown(value)}”; it must map table names to row counts.", field="rows"
        )
    return {
        str(name): whole_number(
            count,
            f"The row count of {shown(name)}",
            field=f"rows.{name}",
            lowest=0,
            highest=ROWS_LIMIT,
        )
        for name, count in value.items()
        if count not in (None, "")
    }


def _scenarios(value: Any) -> dict[str, int]:
    if not isinstance(value, Mapping):
        raise RecipeError(
            f"“scenarios” is “{shown(value)}”; it must map names of scenarios to numbers.",
            field="scenarios",
        )
    numbers = {
        str(name): whole_number(
            number,
            f"The number of the scenario {shown(name)}",
            field=f"scenarios.{name}",
            lowest=0,
            highest=SCENARIO_LIMIT,
        )
        for name, number in value.items()
        if number not in (None, "")
    }
    return {name: number for name, number in numbers.items() if number}


def _set(value: Any) -> dict[str, float]:
    if not isinstance(value, Mapping):
        raise RecipeError(
            f"“set” is “{shown(value)}”; it must map names of targets to their values.", field="set"
        )
    return {
        str(name): _decimal(asked, str(name))
        for name, asked in value.items()
        if asked not in (None, "")
    }


def _where(value: Any) -> dict[str, dict[str, int]]:
    """By table, statements about its columns and how many rows meet each."""
    return {
        table: {
            text: whole_number(
                count,
                f"The number of rows where {shown(text)}",
                field=f"where.{table}",
                lowest=0,
                highest=ROWS_LIMIT,
            )
            for text, count in asked.items()
        }
        for table, asked in _by_name(value, "where", "tables to statements and numbers").items()
    }


def _shares(value: Any) -> dict[str, dict[str, float]]:
    """By column (table.column), labels and their shares of its rows."""
    found = {}
    for path, asked in _by_name(value, "shares", "columns to labels and shares").items():
        of = {label: _share(path, label, share) for label, share in asked.items()}
        if sum(of.values()) > 1 + 1e-9:
            raise RecipeError(
                f"The shares of {shown(path)} come to {sum(of.values()):.4g}; they may come to 1 "
                "at most (what is left goes to the other labels).",
                field=f"shares.{path}",
            )
        found[path] = of
    return found


def _by_name(value: Any, field: str, what: str) -> dict[str, dict[str, Any]]:
    right = isinstance(value, Mapping) and all(isinstance(one, Mapping) for one in value.values())
    if not right or any(len(one) > MOST_ASKED for one in value.values()):
        raise RecipeError(
            f"“{field}” is “{shown(value)}”; it must map {what}, at most {MOST_ASKED} each.",
            field=field,
        )
    return {str(name): {str(n): v for n, v in one.items()} for name, one in value.items() if one}


def _share(path: str, label: str, value: Any) -> float:
    return _part(value, f"The share of {shown(label)} in {shown(path)}", f"shares.{path}", 0.5)


def _part(value: Any, what: str, field: str, example: float) -> float:
    """A number from 0 to 1, or text of one as people write it."""
    part = _as_number(value)
    if part is None or not 0 <= part <= 1:
        raise RecipeError(
            f"{what} is “{shown(value)}”; it must be a number from 0 to 1, for example {example}, "
            f"or a percentage, {example:.0%}.".replace("%.", " %."),
            field=field,
        )
    return part


def _as_number(value: Any) -> float | None:
    """A number, or text of one as people write it: 0.16, .16 or 16 %; None for anything else."""
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _LONG:
        return float(value)
    if isinstance(value, str) and (found := _DECIMAL.fullmatch(value.strip())):
        return round(float(found[1]) / (100 if found[2] else 1), 9)
    return None


def _decimal(value: Any, name: str) -> float:
    if (number := _as_number(value)) is not None:
        return number
    raise RecipeError(
        f"The target {shown(name)} is “{shown(value)}”; it must be a number, for example 0.16, or "
        "a percentage, 16 %.",
        field=f"set.{name}",
    )


def _messy(value: Any) -> dict[str, float]:
    if not isinstance(value, Mapping):
        raise RecipeError(
            f"“messy” is “{shown(value)}”; it must map names of messes to rates.", field="messy"
        )
    rates = {
        str(name): _rate(str(name), rate) for name, rate in value.items() if rate not in (None, "")
    }
    return {name: rate for name, rate in rates.items() if rate}


def _rate(name: str, value: Any) -> float:
    return _part(value, f"The rate of the mess {shown(name)}", f"messy.{name}", 0.02)


def _formats(value: Any) -> tuple[str, ...]:
    asked = [value] if isinstance(value, str) else _names(value, "formats", "formats")
    for name in asked:
        if name not in FORMATS:
            raise RecipeError(
                f"“{shown(name)}” is not a format; choose from {', '.join(FORMATS)}.",
                field="formats",
            )
    return tuple(name for name in FORMATS if name in asked) or ("csv",)
