"""What never comes twice under one parent, as a rule that a table keeps."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from generator.fit.column import Columns
from generator.fit.floor import Floor
from generator.fit.linked.bonds import Bond
from generator.fit.linked.context import Ints
from generator.fit.rules import values_of
from generator.fitted import Made
from generator.found import Kept, Once, once
from generator.schema import Table


def with_once(
    table: Table,
    own: Columns,
    kept: Kept,
    born: Bond | None,
    parents: Ints,
    *,
    made: Mapping[str, Made],
    maps: Mapping[str, str],
    without: Collection[str],
    floor: Floor,
) -> Kept:
    """The rules of a table with one about what never comes twice under a parent, if there is any
    that columns can keep: drawn ones, and times that are gaps away from the row before; the rows'
    ``parents`` (n,) are numbers of rows."""
    link = table.link(born.path) if born is not None else None
    if link is None:
        return kept
    held = {*kept.worked, *kept.bounds, *kept.gaps, *maps}
    able = {
        name: own[name]
        for name in table.column_names
        if name in own
        and name not in held
        and (name not in made or made[name].way in ("step", "dated"))
        and not any(name in (one.of, one.by) for one in made.values() if one.way != "part")
    }
    for rule in once(parents, tuple(link.columns), values_of(able), floor.k):
        told = isinstance(rule, Once) and not rule.texts & set(without)
        further = all(name not in made for name in rule.needs)
        if told and further:
            return Kept((*kept.rules, rule))
    return kept
