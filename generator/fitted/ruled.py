"""Whether the rules of a profile that somebody brought can be kept.  Raises ValueError."""

from __future__ import annotations

from generator.fitted.leaves import ColumnLeaves, TableLeaves
from generator.found import MOST_COLUMNS, Distinct, Found, Once, Together, unit_of
from generator.leaves.choice import Choices
from generator.leaves.quantiles import Curves
from generator.schema import Column, Table

MOST_RULES = 5000  # of a table


def check_rules(table: Table, leaves: TableLeaves) -> None:
    """Every rule speaks of columns it can speak of, and is kept by one that is drawn after all the
    others; a column is worked out, or bounded on one side, or neither."""
    kept, drawn = leaves.kept, leaves.columns
    columns = {name: one for name, one in drawn.items() if name not in leaves.hidden}
    if not set(columns) <= set(table.column_names):
        raise ValueError(f"columns of {table.name}")
    place = {name: at for at, name in enumerate(drawn)}
    units = {
        name: unit
        for name, one in columns.items()
        if not (one.codec.labels and isinstance(one.codec.labels[0], str))
        and (unit := unit_of(table.column(name), one.codec)) is not None
    }
    if len(kept.rules) > MOST_RULES or len(kept.worked) < sum(r.works_out for r in kept.rules):
        raise ValueError(f"rules of {table.name}")
    for rule in kept.rules:
        mine = (*rule.needs, rule.gives) if isinstance(rule, Once) else rule.columns
        known = set(mine) <= set(columns) and len(rule.columns) <= MOST_COLUMNS
        if not known or not rule.ok(units):
            raise ValueError(f"a rule of {table.name}")
        later = all(place[need] < place[rule.gives] for need in rule.needs)
        if not later or not _keeps(rule, columns[rule.gives], table.column(rule.gives)):
            raise ValueError(f"a rule of {table.name}")
    _check_once(table, leaves)
    pairs = [rule for rule in kept.rules if isinstance(rule, Distinct)]
    if len(pairs) > 1 or (pairs and leaves.ties):
        raise ValueError(f"rules of {table.name}")
    for pair in pairs:
        given = set(pair.columns) & {*kept.worked, *kept.bounds}
        told = [_tells(columns[name], pair, at) for at, name in enumerate(pair.needs)]
        if not all(told) or given:
            raise ValueError(f"a rule of {table.name}")
    for name, rules in kept.bounds.items():
        alike = {(rule.sign, rule.way, rule.unit) for rule in rules}
        if name in kept.worked or len(alike) > 1:
            raise ValueError(f"rules about {name}")


def _check_once(table: Table, leaves: TableLeaves) -> None:
    """What never comes twice under a parent needs one, and values that can be told apart."""
    rules = [rule for rule in leaves.kept.rules if isinstance(rule, Once)]
    if not rules:
        return
    link = table.link(leaves.born.path) if leaves.born is not None else None
    drawn = [leaves.columns[name] for rule in rules for name in (*rule.needs, rule.gives)]
    plain = all(one.codec.form in ("labels", "number") and one.absent is None for one in drawn)
    if link is None or len(rules) > 1 or rules[0].parent != tuple(link.columns) or not plain:
        raise ValueError(f"a rule of {table.name}")


def _tells(leaves: ColumnLeaves, rule: Distinct, at: int) -> bool:
    """Whether a column's labels can be dealt out, alone or within those of the ``at`` columns that
    the rule names before it, or the values of its grid if it is the only one."""
    plain = leaves.tree is not None and leaves.map_to is None and leaves.absent is None
    alone = all(one.column in rule.needs[:at] for one in leaves.predictors)
    dealt = leaves.codec.form == "labels" and isinstance(leaves.leaves, Choices)
    if not rule.further and isinstance(leaves.leaves, Curves):
        dealt = leaves.codec.form == "number" and _on_grid(leaves)
    return dealt and plain and alone


def _on_grid(leaves: ColumnLeaves) -> bool:
    return leaves.codec.scale is not None and leaves.codec.scale.grid > 0


def _keeps(rule: Found, leaves: ColumnLeaves, column: Column) -> bool:
    """Whether the column that gives what the rule says can."""
    if leaves.map_to is not None or (leaves.made is not None and not isinstance(rule, Once)):
        return False
    if isinstance(rule, Together):
        return column.nullable
    if isinstance(rule, Distinct | Once):
        on_grid = leaves.codec.form == "number" and _on_grid(leaves)
        values = leaves.codec.form == "labels" or on_grid
        if isinstance(rule, Once):
            return values
        alone = all(one.column in rule.needs for one in leaves.predictors)
        return values and alone and leaves.absent is None and leaves.tree is not None
    curves = isinstance(leaves.leaves, Curves) and leaves.tree is not None
    return leaves.codec.form == "number" and (rule.works_out or curves)
