"""Another span than the extract's: where the moments of a fitted profile's rows move.

All moments of a row, and of what is born under it, move by the same number of days, a multiple of
seven that is nearly a number of years: weekdays, hours, months and all gaps stay.  Rows of a table
that has the only moments of its family are chosen so that they fall into the span, among those of
the last year of the extract, whose level is so held; other families move as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from generator.errors import PlanError, shown
from generator.fitted.draw import Floats, Ints
from generator.fitted.leaves import TableLeaves
from generator.fitted.rows import looks_back
from generator.fitted.said import Said
from generator.found import Found, Order
from generator.found.side import DAY
from generator.schema import Schema, Table

YEAR = 365.2425
_EPOCH = date(1970, 1, 1)
_WHOLE_YEAR = 364  # days an extract must span for its months to be known
_NEAR_SEASON = 3  # days that a month may be off: the weekdays stay
_CUT = 6  # days that histories may be longer than the span; they are cut at its ends
_LONG_AGO = 10 * YEAR  # before the last day: such moments happened to people, not to the business
_BORN = re.compile(r"birth|born|(^|_)dob($|_)|geburt|naissance|nacimiento", re.IGNORECASE)
MOST_DELTAS = 400


@dataclass(frozen=True)
class Move:
    """The moments of one family.  ``columns`` move, by table; ``deltas`` are the days by which they
    may.  ``chosen`` is the table whose rows are picked so that they fall into the span, from
    ``since`` on in the extract's days; without one all rows move as they are."""

    columns: Mapping[str, tuple[str, ...]]
    said: Mapping[str, Mapping[str, Said]]
    deltas: Ints
    first: int
    last: int
    chosen: str = ""
    since: int = 0
    off: int = 0  # days between the months of both, where there is no better way

    def fits(self, rows: pa.Table) -> NDArray[np.bool_]:
        """Which of the deltas (rows, deltas) bring a row of the chosen table into the span."""
        low, high = self._ends(rows)
        fits = (low[:, None] + self.deltas >= self.first) & (
            high[:, None] + self.deltas <= self.last
        )
        dated = np.isfinite(low)
        return np.where(dated[:, None], fits & (low >= self.since)[:, None], True)

    def _ends(self, rows: pa.Table) -> tuple[Floats, Floats]:
        low, high = np.full(rows.num_rows, np.inf), np.full(rows.num_rows, -np.inf)
        for name in self.columns[self.chosen]:
            said = self.said[self.chosen][name]
            numbers, absent = said.read(rows.column(name))
            days = said.day_of(numbers)
            low = np.where(absent == 0, np.minimum(low, days), low)
            high = np.where(absent == 0, np.maximum(high, days), high)
        return low, high

    def days_of(self, rows: pa.Table, u: Floats) -> Ints:
        """By how many days each row (n,) of the chosen table moves; ``u`` in [0, 1) picks."""
        fits = self.fits(rows)
        number = fits.sum(axis=1)
        pick = np.minimum((u * number).astype(np.int64), np.maximum(number - 1, 0))
        at = np.argmax(np.cumsum(fits, axis=1) > pick[:, None], axis=1)
        return np.where(number > 0, self.deltas[at], 0).astype(np.int64)

    def any_of(self, u: Floats) -> Ints:
        """By how many days whole histories (n,) move; ``u`` in [0, 1) picks."""
        found: Ints = self.deltas[
            np.minimum((u * len(self.deltas)).astype(np.int64), len(self.deltas) - 1)
        ]
        return found


@dataclass
class Moving:
    """All that moves, by the root of each family; what is worth knowing of it."""

    of: dict[str, Move] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def chosen(self, table: str) -> Move | None:
        """The move for which rows of the table are chosen, if they are."""
        return next((move for move in self.of.values() if move.chosen == table), None)

    def about(self, table: str) -> Move | None:
        return next((move for move in self.of.values() if table in move.columns), None)


def moving(
    schema: Schema,
    tables: Mapping[str, TableLeaves],
    families: Mapping[str, Sequence[str]],
    span: tuple[date | None, date | None],
    named: Sequence[str],
) -> Moving:
    """Where the moments of all families go.  ``families`` are tables by their root, ``named`` the
    columns that move where somebody said so.  Raises PlanError for what cannot move there."""
    said = {name: _said(schema[name], tables[name]) for name in schema.names}
    columns = _moved(schema, said, tables, named)
    ends = [
        (said[t][c].low / said[t][c].day, said[t][c].high / said[t][c].day)
        for t in columns
        for c in columns[t]
    ]
    if not ends:
        raise PlanError(
            "No column of this profile tells moments that could move to another span; leave the "
            "span out.",
            field="from",
        )
    first, last = _asked(span, int(np.floor(max(e[1] for e in ends) - min(e[0] for e in ends))))
    found = Moving()
    for root, members in families.items():
        mine = {name: columns[name] for name in members if columns.get(name)}
        if mine:
            found.of[root] = _move(root, mine, said, tables, first, last)
    for name, cols in columns.items():
        _check_rules(
            tables[name].rules,
            set(tables[name].kept.worked),
            name,
            cols,
            said[name],
            found.about(name),
        )
    found.notes = _told(found, said, first, last)
    return found


def _said(table: Table, leaves: TableLeaves) -> dict[str, Said]:
    """The columns of a table that tell moments, neither keys nor links."""
    given = {*table.key_columns, *(name for link in table.links for name in link.columns)}
    found = {}
    for column in table.columns:
        if column.name in leaves.columns and column.name not in given:
            said = Said.of(column, leaves.columns[column.name].codec)
            if said is not None and said.day > 0:
                found[column.name] = said
    for name in leaves.columns:
        if name in found and name in leaves.kept.gaps:
            found[name] = _beside(found[name], leaves.kept.bounds[name], found)
    return found


def _beside(said: Said, rules: Sequence[Order], found: Mapping[str, Said]) -> Said:
    """A column that is drawn by its distance from others, with the days it may lie on."""
    sign, apart = rules[0].sign, said.high * (rules[0].unit / DAY)
    bases = [found[need] for rule in rules for need in rule.needs if need in found]
    if not bases:
        return said
    low = min(base.low / base.day for base in bases) + min(0.0, sign * apart)
    high = max(base.high / base.day for base in bases) + max(0.0, sign * apart)
    return replace(said, low=low * said.day, high=high * said.day)


def _moved(
    schema: Schema,
    said: Mapping[str, Mapping[str, Said]],
    tables: Mapping[str, TableLeaves],
    named: Sequence[str],
) -> dict[str, tuple[str, ...]]:
    if not named:
        latest = max((one.high / one.day for of in said.values() for one in of.values()), default=0)
        return {
            name: tuple(
                column
                for column, one in said[name].items()
                if column not in tables[name].kept.worked
                and not _BORN.search(column)
                and one.high / one.day > latest - _LONG_AGO
            )
            for name in schema.names
        }
    columns: dict[str, tuple[str, ...]] = dict.fromkeys(schema.names, ())
    for path in named:
        table = next(
            (
                t
                for t in schema.names
                if path.startswith(f"{t}.") and path.removeprefix(f"{t}.") in said[t]
            ),
            None,
        )
        if table is None:
            can = [f"{t}.{c}" for t, of in said.items() for c in of]
            raise PlanError(
                f"“{shown(path)}” is no column of moments that can move; choose from "
                f"{shown(', '.join(can) or 'none', most=300)}.",
                field="moves",
            )
        columns[table] += (path.removeprefix(f"{table}."),)
    return columns


def _asked(span: tuple[date | None, date | None], length: int) -> tuple[int, int]:
    """The first and last day asked for; one that is not lies as far off as in the extract."""
    first, last = ((day - _EPOCH).days if day else None for day in span)
    if first is None:
        assert last is not None
        first = last - length
    return first, first + length if last is None else last


def _move(
    root: str,
    columns: Mapping[str, tuple[str, ...]],
    said: Mapping[str, Mapping[str, Said]],
    tables: Mapping[str, TableLeaves],
    first: int,
    last: int,
) -> Move:
    low = int(min(np.floor(said[t][c].low / said[t][c].day) for t in columns for c in columns[t]))
    high = int(max(np.floor(said[t][c].high / said[t][c].day) for t in columns for c in columns[t]))
    only = next(iter(columns)) if len(columns) == 1 else ""
    alone = only and not looks_back(tables[only]) and tables[only].kept.distinct is None
    alone = alone and tables[only].kept.once is None
    year = high - low >= _WHOLE_YEAR
    if alone:
        since = high - _WHOLE_YEAR if year else low
        deltas = _repeated(low if not year else since, high, first, last, year=year)
        return Move(columns, said, deltas, first, last, only, since)
    deltas, off = _whole(low, high, first, last, year=year)
    if not len(deltas):
        where = f"{root} and the tables beneath it" if len(columns) > 1 else root
        raise PlanError(
            f"The histories of {where} run over {high - low + 1:,} days, and the span asked for "
            f"has {last - first + 1:,}; ask for at least as many days.",
            field="to",
        )
    if tables[root].kept.distinct is not None:
        deltas = deltas[-1:]
    return Move(columns, said, deltas, first, last, off=off)


def _repeated(low: int, high: int, first: int, last: int, *, year: bool) -> Ints:
    """Days by which a stretch of the extract comes to lie in the span, once or again and again."""
    if year:
        numbers = np.arange(int((first - high) // YEAR) - 1, int((last - low) // YEAR) + 2)
        deltas = 7 * np.rint(numbers * YEAR / 7).astype(np.int64)
    else:
        length = 7 * -(-(high - low + 1) // 7)
        begin = (
            7 * ((last - high) // 7) if last - first < high - low else 7 * -(-(first - low) // 7)
        )
        deltas = begin + length * np.arange(-2, (last - first) // length + 2)
    within = (low + deltas <= last) & (high + deltas >= first)
    found: Ints = np.unique(deltas[within])[:MOST_DELTAS]
    return found


def _whole(low: int, high: int, first: int, last: int, *, year: bool) -> tuple[Ints, int]:
    """Days by which all of the extract's days come to lie in the span, nearly; and how far off its
    months then are."""
    least, most = first - low, last - high
    if most < least - _CUT:
        return np.zeros(0, np.int64), 0
    if most - least < 7:
        one = 7 * int(np.rint((least + most) / 2 / 7))
        return np.array([one]), _off(one) if year else 0
    deltas = np.arange(7 * -(-least // 7), most + 1, 7)
    if not year:
        return deltas[-1:], 0
    off = np.array([_off(int(one)) for one in deltas])
    good = deltas[off <= max(_NEAR_SEASON, int(off.min()))]
    return good[-MOST_DELTAS:], max(0, int(off.min()))


def _off(delta: int) -> int:
    """Days that a move is away from whole years."""
    return abs(round(delta - YEAR * round(delta / YEAR)))


def _check_rules(
    rules: Sequence[Found],
    worked: set[str],
    table: str,
    columns: Sequence[str],
    said: Mapping[str, Said],
    move: Move | None,
) -> None:
    """Raises PlanError where a moment that moves would pass one that stays."""
    for rule in rules if move is not None else ():
        if not isinstance(rule, Order) or not {rule.low, rule.high} <= set(said):
            continue
        goes = [name for name in (rule.low, rule.high) if name in columns or name in worked]
        if len(goes) != 1 or goes[0] in worked:
            continue
        assert move is not None
        safe = (move.deltas >= 0).all() if goes == [rule.high] else (move.deltas <= 0).all()
        if not safe:
            stays = rule.low if goes == [rule.high] else rule.high
            raise PlanError(
                f"{table}.{goes[0]} would move past {table}.{stays}, which stays, and "
                f"“{rule.text}” holds in all rows; name both as columns that move, or neither.",
                field="moves",
            )


def _told(
    found: Moving, said: Mapping[str, Mapping[str, Said]], first: int, last: int
) -> list[str]:
    goes = [f"{t}.{c}" for move in found.of.values() for t, of in move.columns.items() for c in of]
    stays = [f"{t}.{c}" for t, of in said.items() for c in of if f"{t}.{c}" not in goes]
    days = [_EPOCH + timedelta(one) for one in (first, last)]
    notes = [
        f"The dates of {shown(', '.join(goes), most=300)} move into {days[0]} to {days[1]}, on the "
        "same weekdays and hours and in the same season"
        + (f"; {shown(', '.join(stays), most=300)} stay as they are." if stays else ".")
    ]
    chosen = [move.chosen for move in found.of.values() if move.chosen]
    if chosen:
        notes.append(
            f"{', '.join(chosen)}: the last year of the extract is shown (all of it, if it "
            "is shorter) again and again; trends go no further than that level."
        )
    whole = [root for root, move in found.of.items() if not move.chosen]
    if whole:
        off = max(found.of[root].off for root in whole)
        late = (
            f"; months lie {off} days off, as the span is no longer" if off > _NEAR_SEASON else ""
        )
        notes.append(f"{', '.join(whole)}: whole histories move, with the trend they have{late}.")
    return notes
