"""All rules checked shard by shard, and added up to validation.json."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.register import Entries, Place, Register, Taken, entries
from generator.rules import Rule, Whole
from generator.schema import JOIN, Link, Schema
from generator.sketch import EXAMPLES
from generator.tables import NotHereError, Tables
from generator.validate.general import General, general_rules

Rows = NDArray[np.int64]
NO_ROWS: Rows = np.zeros(0, dtype=np.int64)
TIPPED = "Not held on purpose: the recipe asks for what tips it."
LONG = 200_000  # rows from which a table is dropped from memory between two tables' rules


@dataclass(frozen=True)
class Part:
    """What one shard says.  ``broken`` has, for each rule (by its place in the list) that is
    broken, the own rows by column; a rule about whole rows has one column "".  ``sketches`` are
    those of rules about all rows together, ``purposes`` the own rows that break a rule on
    purpose; ``absent`` are tables that a rule read though they are not there."""

    register: Entries
    broken: Mapping[int, Mapping[str, Rows]]
    sketches: Mapping[int, Any]
    purposes: Mapping[int, Rows] = field(default_factory=dict)
    absent: Mapping[int, str] = field(default_factory=dict)


@dataclass
class Tally:
    """Broken rows of one rule so far.  ``meant`` are those that break it on purpose; ``kept`` of
    them hold it all the same, and ``others`` break it that were not meant to."""

    broken: int = 0
    meant: int = 0
    kept: int = 0
    others: int = 0
    examples: list[int] = field(default_factory=list)
    columns: dict[str, int] = field(default_factory=dict)

    def count(self, broken: Mapping[str, Rows], *, start: int, meant: Rows = NO_ROWS) -> None:
        for column, rows in broken.items():
            self.columns[column] = self.columns.get(column, 0) + len(rows)
        rows = np.unique(np.concatenate([*broken.values(), NO_ROWS]))
        self.broken += len(rows)
        self.meant += len(meant)
        self.kept += len(np.setdiff1d(meant, rows))
        rows = np.setdiff1d(rows, meant) if len(meant) else rows
        self.others += len(rows)
        first = [start + int(row) for row in rows[:EXAMPLES]]
        self.examples = sorted([*self.examples, *first])[:EXAMPLES]


@dataclass
class Total:
    """What all shards so far say together."""

    register: Register
    tallies: dict[int, Tally] = field(default_factory=dict)
    sketches: dict[int, Any] = field(default_factory=dict)
    absent: dict[int, str] = field(default_factory=dict)

    def tally(self, place: int) -> Tally:
        return self.tallies.setdefault(place, Tally())


class Validation:
    """The check of a run that ends as validation.json.  ``planned`` are the rows of every table
    that is in the data, about so many of those that are ``estimated``; ``tipped`` are ids of rules
    about all rows together which may not hold, because what was asked for tips them."""

    stem = "validation"

    def __init__(
        self,
        schema: Schema,
        rules: Sequence[General | Rule],
        planned: Mapping[str, int],
        *,
        estimated: Collection[str] = (),
        tipped: Collection[str] = (),
    ) -> None:
        self._tipped = frozenset(tipped)
        self.schema = schema
        self.planned = dict(planned)
        self._exact = {name: rows for name, rows in planned.items() if name not in estimated}
        self.rules = tuple(rules)
        self._by_table: dict[str, list[tuple[int, General | Rule]]] = {}
        self._unique: dict[Place, list[int]] = {}
        self._links: dict[Place, int] = {}
        self._followed: list[tuple[str, Link]] = []
        present = ((at, rule) for at, rule in enumerate(self.rules) if not self._absent(rule))
        for place, rule in present:
            self._by_table.setdefault(rule.table, []).append((place, rule))
            if isinstance(rule, General):
                for column in rule.unique:
                    self._unique.setdefault((rule.table, column), []).append(place)
                if rule.link is not None:
                    self._links[rule.table, rule.link.path] = place
                    self._followed.append((rule.table, rule.link))

    def _absent(self, rule: General | Rule) -> list[str]:
        names = dict.fromkeys((rule.table, *rule.needs))
        return [name for name in names if name not in self.planned]

    def of_shard(self, tables: Tables, shard: object = None) -> Part:
        """Check the own rows of a shard."""
        del shard  # the rows say it all
        tables = tables.along(self.planned)
        broken: dict[int, dict[str, Rows]] = {}
        sketches: dict[int, Any] = {}
        absent: dict[int, str] = {}
        for table, rules in self._by_table.items():
            if not tables.owned(table):
                continue
            for place, rule in rules:
                try:
                    if isinstance(rule, Rule) and isinstance(rule.check, Whole):
                        sketches[place] = rule.check.sketch(tables)
                    elif said := _broken(rule, tables):
                        broken[place] = said
                except NotHereError as gone:  # of tables that are pointed at only keys are there
                    absent[place] = gone.args[0]
            _drop(tables, self.planned, table)
        purposes = {
            place: rows
            for place, rule in enumerate(self.rules)
            if len(rows := tables.purposes.get((rule.id, rule.table), NO_ROWS))
        }
        keys = entries(tables, self._followed, self._unique)
        return Part(keys, broken, sketches, purposes, absent)

    def add(self, total: Total | None, part: Part) -> Total:
        """Take the next shard in; ``total`` is None before the first and is changed."""
        if total is None:
            total = Total(Register(self.schema, self._exact))
        starts = dict(total.register.rows)
        taken = total.register.take(part.register)
        broken = self._with_keys(part, taken)
        for place in broken.keys() | part.purposes.keys():
            start = starts.get(self.rules[place].table, 0)
            meant = part.purposes.get(place, NO_ROWS)
            total.tally(place).count(broken.get(place, {}), start=start, meant=meant)
        total.absent.update(part.absent)
        for place, sketch in part.sketches.items():
            check = self._whole(place)
            total.sketches[place] = check.add(total.sketches.get(place), sketch)
        return total

    def _whole(self, place: int) -> Whole:
        rule = self.rules[place]
        assert isinstance(rule, Rule)  # only they have sketches
        assert isinstance(rule.check, Whole)
        return rule.check

    def _with_keys(self, part: Part, taken: Taken) -> dict[int, dict[str, Rows]]:
        """The shard's broken rows with those that only all shards together show."""
        broken = {place: dict(rows) for place, rows in part.broken.items()}
        for (table, column), rows in taken.repeats.items():
            for place in self._unique.get((table, column), ()):
                by_column, said = broken.setdefault(place, {}), _said(column)
                by_column[said] = np.union1d(by_column.get(said, rows), rows)
        for (table, column), rows in taken.orphans.items():
            broken[self._links[table, column]] = {_said(column): rows}
        return broken

    def document(self, total: Total | None) -> dict[str, Any]:
        """The shape of validation.json.

        ``ok`` is true when every checked rule of level "error" holds for every row, but for those
        that break it on purpose, which all do.  ``examples`` are row numbers from 0, of rows that
        do not break it on purpose.  A rule that needs a table which is not there is not checked,
        and says so in ``reason``.
        """
        if total is None:
            total = Total(Register(self.schema, self._exact))
        total = Total(total.register, deepcopy(total.tallies), total.sketches, total.absent)
        for place, rows in total.register.late().items():
            total.tally(self._links[place]).count({_said(place[1]): rows}, start=0)
        reports = [self._report(place, rule, total) for place, rule in enumerate(self.rules)]
        checked = [report for report in reports if report["checked"]]
        return {
            "ok": not any(report["level"] == "error" and not holds(report) for report in checked),
            "rules": reports,
            "passed": sum(holds(report) for report in checked),
            "total": len(checked),
            "links": {
                "checked": total.register.linked,
                "orphans": sum(
                    total.tallies[place].broken
                    for place in self._links.values()
                    if place in total.tallies
                ),
            },
            "groups": _groups(checked),
        }

    def _report(self, place: int, rule: General | Rule, total: Total) -> dict[str, Any]:
        report = {
            "id": rule.id,
            "table": rule.table,
            "text": rule.text,
            "group": rule.group or "Other",
            "level": rule.level,
            "rows": 0,
            "broken": 0,
            "on_purpose": 0,
            "as_asked": True,
            "examples": [],
            "checked": False,
            "reason": "",
        }
        read = [total.absent[place]] if place in total.absent else []
        if absent := self._absent(rule) or read:
            return report | {"reason": f"Not checked: the data has no {_listed(absent)}."}
        report |= {"rows": total.register.rows.get(rule.table, 0), "checked": True}
        if place in total.sketches:
            verdict = self._whole(place).verdict(total.sketches[place])
            meant = total.tallies[place].meant if place in total.tallies else 0
            report |= {"broken": verdict.broken, "examples": list(verdict.examples)}
            if rule.id in self._tipped and verdict.broken:
                return report | {"on_purpose": verdict.broken, "reason": TIPPED, "examples": []}
            return report | _purpose(meant, max(meant - verdict.broken, 0), verdict.broken - meant)
        if place not in total.tallies:
            return report
        tally = total.tallies[place]
        if tally.meant:
            report |= _purpose(tally.meant, tally.kept, tally.others)
            return report | {"broken": tally.broken, "examples": tally.examples}
        said = [
            f"{column}: {_rows_of(tally.columns[column])}"
            for column in ((*rule.columns, *rule.together) if isinstance(rule, General) else ())
            if column in tally.columns
        ]
        reason = "; ".join(said) + "." if said else ""
        return report | {"broken": tally.broken, "examples": tally.examples, "reason": reason}


def _said(path: str) -> str:
    """A column, or several that are a key or a link together, in words."""
    return path.replace(JOIN, ", ")


def holds(report: Mapping[str, Any]) -> bool:
    """Whether a checked rule is broken by no row, or by exactly those that were to break it."""
    if report.get("on_purpose"):
        return bool(report["as_asked"])
    return not report["broken"]


def _purpose(meant: int, kept: int, others: int) -> dict[str, Any]:
    """What is said of a rule that rows break on purpose."""
    if not meant:
        return {}
    told = f"Broken on purpose: {_rows_of(meant)}, as asked."
    if kept or others > 0:
        told = f"To be broken on purpose: {_rows_of(meant)}; "
        told += ", ".join(
            text
            for number, text in (
                (kept, f"{_rows_of(kept)} of them held it"),
                (others, f"{_rows_of(others)} more broke it"),
            )
            if number > 0
        )
        told += "."
    return {"on_purpose": meant, "as_asked": not kept and others <= 0, "reason": told}


def validate(
    schema: Schema,
    rules: Sequence[Rule],
    tables: Tables,
    *,
    as_of: date | None = None,
    tipped: Collection[str] = (),
) -> dict[str, Any]:
    """Whole tables checked as one shard by the rules of the schema and others; ``as_of`` is the
    last day that is known.  See ``Validation``."""
    return _of_whole([*general_rules(schema, as_of=as_of), *rules], tables, tipped)


def report_of(rule: General | Rule, tables: Tables) -> dict[str, Any]:
    """What validation.json says about one rule of whole tables."""
    report: dict[str, Any] = _of_whole([rule], tables)["rules"][0]
    return report


def _of_whole(
    rules: Sequence[General | Rule], tables: Tables, tipped: Collection[str] = ()
) -> dict[str, Any]:
    planned = {name: tables.rows(name) for name in tables.schema.names if name in tables}
    validation = Validation(tables.schema, rules, planned, tipped=tipped)
    return validation.document(validation.add(None, validation.of_shard(tables)))


def _broken(rule: General | Rule, tables: Tables) -> dict[str, Rows]:
    """The own rows that break a rule, by column."""
    if isinstance(rule, Rule):
        obeyed = rule.obeyed(tables)
        return {} if obeyed.all() else {"": np.flatnonzero(~obeyed)}
    broken: dict[str, Rows] = {}
    for column, part in rule.parts:
        obeys = part(tables)
        if obeys is None or bool(obeys.all()):
            continue
        rows = np.flatnonzero(~obeys)
        broken[column] = np.union1d(broken.get(column, rows), rows)
    return broken


def _drop(tables: Tables, planned: Mapping[str, int], done: str) -> None:
    """Forget long tables once their rules are through, and long ones that these read."""
    for table in planned:
        if tables.owned(table) > LONG and (table == done or tables.owned(done) <= LONG):
            tables.forget(table)


def _groups(checked: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    groups: dict[str, dict[str, Any]] = {}
    for report in checked:
        group = groups.setdefault(
            report["group"],
            {"name": report["group"], "passed": 0, "total": 0, "broken_rows": 0},
        )
        group["total"] += 1
        group["passed"] += holds(report)
        group["broken_rows"] += 0 if holds(report) else report["broken"]
    return list(groups.values())


def _listed(names: Sequence[str]) -> str:
    return " and no ".join(names)


def _rows_of(number: int) -> str:
    return "1 row" if number == 1 else f"{number:,} rows"
