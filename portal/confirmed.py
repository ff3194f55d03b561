"""What was confirmed of an extract, as whoever learns of it or copies it needs it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

HOME = "US"  # of telephone numbers, where nobody said another region


def no_rules(confirmed: dict[str, Any]) -> list[str]:
    """The rules that are not to be kept, by the names of tables that were confirmed."""
    rules = list(confirmed.get("no_rules", ()))
    for table in confirmed["tables"]:
        was, name = f"{table.get('was', table['name'])}: ", f"{table['name']}: "
        rules += [name + rule.removeprefix(was) for rule in rules if rule.startswith(was)]
    return rules


def unit_of(confirmed: dict[str, Any]) -> str:
    """The column that tells whose a row is, by the names of tables that were confirmed."""
    table, dot, column = str(confirmed.get("unit", "")).partition(".")
    called = {one.get("was", one["name"]): one["name"] for one in confirmed["tables"]}
    return f"{called.get(table, table)}{dot}{column}"


def region_of(confirmed: dict[str, Any]) -> str:
    """Whose the telephone numbers are that have no code of a country."""
    return str(confirmed.get("region") or HOME)


def renamed(tables: dict[str, pa.Table], confirmed: dict[str, Any]) -> dict[str, pa.Table]:
    """The tables by the names that were confirmed."""
    called = {table.get("was", table["name"]): table["name"] for table in confirmed["tables"]}
    return {called.get(name, name): table for name, table in tables.items()}
