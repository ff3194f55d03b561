"""That the history of states is legal and ends where each row stands (R106)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from generator.domains.headings import HISTORY
from generator.domains.machines import has_machine, machine
from generator.rules import Rule, Truth
from generator.tables import Tables

if TYPE_CHECKING:
    from generator.domains.graph import Declaration

EVENTS = "lifecycle_status_event"


def history_of(one: Declaration) -> tuple[Rule, ...]:
    """The rule of a table with a state; none of another."""
    if one.steps is None:
        return ()
    rule = Rule(
        f"R106.{one.name}",
        one.name,
        f"The status history of {one.name} begins with its creation, goes by its state machine, "
        f"never back in time, and ends at {one.state}.",
        partial(_history, one.name, one.machine or one.name, str(one.table.key), one.state),
        needs=(EVENTS,),
        group=HISTORY,
        scope="shard",
    )
    return (rule,)


def _history(name: str, states: str, key: str, state: str, tables: Tables) -> Truth:
    row = tables.rows_named(name, key, EVENTS, "resource_key")
    mine = np.flatnonzero(row >= 0)
    mine = mine[np.argsort(row[mine], kind="stable")]
    of = row[mine]
    first, last = np.diff(of, prepend=-1) != 0, np.diff(of, append=-1) != 0
    before = tables.codes(EVENTS, "transition_from")
    after = tables.codes(EVENTS, "transition_to")
    labels = sorted({*before.labels, *after.labels})
    left, right = (_codes(one.codes[mine], one.labels, labels) for one in (before, after))
    created = tables.is_one_of(EVENTS, "lifecycle_status_event_type", "CREATED")[mine]
    moments = tables.values(EVENTS, "transition_date_time")[mine]
    good = created == first
    good &= np.where(first, left < 0, left == np.append([-1], right[:-1])[: len(right)])
    later = np.append(True, np.diff(moments) >= np.timedelta64(0))[: len(moments)]
    good &= first | later
    if has_machine(states):
        good &= first | _legal(states, labels)[left, right]
    now = tables.codes(name, state)
    good &= ~last | (_codes(now.codes, now.labels, labels)[of] == right)
    obeys = np.zeros(tables.rows(name), dtype=bool)
    obeys[of] = True  # a row without any event breaks the rule
    obeys[of[~good]] = False
    return obeys


def _codes(codes: NDArray[np.int32], own: tuple[str, ...], labels: list[str]) -> NDArray[np.int64]:
    """Codes into ``own`` as codes into ``labels``; -1 for what is missing or no label."""
    place = {label: at for at, label in enumerate(labels)}
    return np.array([*(place.get(label, -1) for label in own), -1], dtype=np.int64)[codes]


def _legal(name: str, labels: list[str]) -> Truth:
    """Whether a state may follow another, by place in ``labels``, and nothing else."""
    allowed = np.zeros((len(labels) + 1, len(labels) + 1), dtype=bool)
    place = {label: at for at, label in enumerate(labels)}
    for before, after in machine(name).follows.items():
        if before in place:
            allowed[place[before], [place[to] for to in after if to in place]] = True
    return allowed
