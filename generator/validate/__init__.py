"""Checking tables: the rules of the schema, then the profile's own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import numpy as np

from generator.rules import Rule
from generator.schema import Schema
from generator.tables import Tables
from generator.validate.general import General, Truth, general_rules

EXAMPLES = 5  # row numbers named for a broken rule
LONG = 200_000  # rows from which a table is dropped from memory between two tables' rules


def validate(
    schema: Schema, rules: Sequence[Rule], tables: Tables, *, as_of: date | None = None
) -> dict[str, Any]:
    """Check every rule and answer in the shape of validation.json.

    ``ok`` is true when every checked rule of level "error" holds for every row.  ``examples``
    are row numbers from 0.  A rule that needs a table which is not there is not checked, and
    says so in ``reason``.  ``as_of`` is the last day that is known.  Columns are read as needed
    and dropped after their table.
    """
    found: dict[int, dict[str, Any]] = {}
    links = {"checked": 0, "orphans": 0}
    everything: list[General | Rule] = [*general_rules(schema, as_of=as_of), *rules]
    for table in dict.fromkeys(rule.table for rule in everything):
        for place, rule in enumerate(everything):
            if rule.table == table:
                found[place] = _check(rule, tables)
                _count_links(links, rule, found[place], tables)
        _drop(tables, schema, table)
    reports = [found[place] for place in range(len(everything))]
    checked = [report for report in reports if report["checked"]]
    return {
        "ok": not any(report["broken"] and report["level"] == "error" for report in checked),
        "rules": reports,
        "passed": sum(not report["broken"] for report in checked),
        "total": len(checked),
        "links": links,
        "groups": _groups(checked),
    }


def _check(rule: General | Rule, tables: Tables) -> dict[str, Any]:
    report = {
        "id": rule.id,
        "table": rule.table,
        "text": rule.text,
        "group": rule.group or "Other",
        "level": rule.level,
        "rows": 0,
        "broken": 0,
        "examples": [],
        "checked": False,
        "reason": "",
    }
    absent = [name for name in dict.fromkeys((rule.table, *rule.needs)) if name not in tables]
    if absent:
        return report | {"reason": f"Not checked: the data has no {_listed(absent)}."}
    rows = tables.rows(rule.table)
    report |= {"rows": rows, "checked": True}
    if isinstance(rule, Rule):
        return report | _broken(_whole(rule, rule.check(tables), rows))
    return report | _parts(rule, tables)


def _parts(rule: General, tables: Tables) -> dict[str, Any]:
    """A rule over several columns: the rows any of them breaks, and which do."""
    rows = tables.rows(rule.table)
    together: Truth | None = None
    said = []
    for column, part in rule.parts:
        obeys = part(tables)
        if obeys is None or bool(obeys.all()):
            continue
        said.append(f"{column}: {_rows_of(int(rows - obeys.sum()))}")
        together = obeys if together is None else together & obeys
    return {} if together is None else _broken(together) | {"reason": "; ".join(said) + "."}


def _broken(obeys: Truth) -> dict[str, Any]:
    broken = np.flatnonzero(~obeys)
    return {"broken": len(broken), "examples": [int(row) for row in broken[:EXAMPLES]]}


def _whole(rule: Rule, obeys: Truth, rows: int) -> Truth:
    """What a check answered, as bool; a check that answers for other rows is a mistake in it."""
    answered = np.asarray(obeys, dtype=bool)
    if answered.shape != (rows,):
        raise ValueError(
            f"{rule.id} answers for {answered.shape} rows of {rule.table}, which has {rows}"
        )
    return answered


def _count_links(
    links: dict[str, int], rule: General | Rule, report: dict[str, Any], tables: Tables
) -> None:
    if isinstance(rule, General) and rule.link is not None and report["checked"]:
        array = tables.arrow(rule.table, rule.link.column)
        links["checked"] += len(array) - array.null_count
        links["orphans"] += report["broken"]


def _drop(tables: Tables, schema: Schema, done: str) -> None:
    """Forget the finished table, and long ones that its rules read."""
    for table in schema.names:
        if table in tables and (table == done or tables.rows(table) > LONG):
            tables.forget(table)


def _groups(checked: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    groups: dict[str, dict[str, Any]] = {}
    for report in checked:
        group = groups.setdefault(
            report["group"],
            {"name": report["group"], "passed": 0, "total": 0, "broken_rows": 0},
        )
        group["total"] += 1
        group["passed"] += not report["broken"]
        group["broken_rows"] += report["broken"]
    return list(groups.values())


def _listed(names: Sequence[str]) -> str:
    return " and no ".join(names)


def _rows_of(number: int) -> str:
    return "1 row" if number == 1 else f"{number:,} rows"


__all__ = ["General", "general_rules", "validate"]
