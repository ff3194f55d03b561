"""The history of states: who changed what to what, and when, for every table with a state.

It is not drawn: it is the course of the rows of other tables, written down (``courses``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.domains.columns import enum, moment, text
from generator.domains.consequences import Caused
from generator.domains.core.lifecycle_status_event_rules import history_of
from generator.domains.counts import Given, Noun, consequence
from generator.domains.graph import Declaration, Draw, Frames, Made, derived, keyed_by_cause
from generator.domains.groups import place_in_group
from generator.frame import Coded
from generator.schema import Link, Table

TABLE = Table(
    "lifecycle_status_event",
    domain="core",
    meaning="Status history: who changed which row to what, and when",
    key="lifecycle_status_event_key",
    columns=(
        text("lifecycle_status_event_key", 50, unique=True),
        enum("resource_type", "ResourceTypes"),
        text("resource_key", 50),
        enum("lifecycle_status_event_type", "LifecycleEventTypes"),
        text("transition_from", 60, "missing on the first event of a resource", nullable=True),
        text("transition_to", 60),
        moment("transition_date_time"),
        text("actor_staff_member_key", 50, nullable=True),
        text("actor_name", 120, nullable=True, personal="name"),
        text("source_system_code", 30),
        text("note", 500, nullable=True, personal="free_text"),
    ),
    links=(Link("actor_staff_member_key", "staff_member", "staff_member_key", "lookup"),),
)


def _follows(frames: Frames) -> Sequence[Caused]:
    """One row for each step of each row with a state."""
    caused = []
    for name, one in frames.platform.sections.items():
        if one.steps is not None and not one.count.shared:
            row = frames.steps(name).row
            caused.append(Caused(name, row, place_in_group(row) + 1))
    return caused


@derived(
    "resource_type",
    "resource_key",
    "lifecycle_status_event_type",
    "transition_from",
    "transition_to",
    "transition_date_time",
    "source_system_code",
    "_actor",
    "_known",
)
def _steps(draw: Draw) -> Made:
    frames, figures = draw.frames, draw.figures
    systems = figures["source_systems"]
    keys, types, states, moments, first, where, actors = [], [], [], [], [], [], []
    born = []
    for caused in frames.caused(TABLE.name):
        declaration, steps = frames.platform[caused.table], frames.steps(caused.table)
        frame = frames[caused.table]
        keys.append(frame.text(str(frame.table.key))[caused.row].astype(object))
        n = len(caused.row)
        types.append(np.full(n, declaration.resource, dtype=object))
        states.append(steps.status.text())
        moments.append(steps.at)
        since = frame[declaration.born][caused.row] if declaration.born else steps.at
        born.append(np.maximum(since.astype("datetime64[ms]"), steps.at))
        first.append(steps.first)
        where.append(np.full(n, systems.get(frame.table.domain, "DMS"), dtype=object))
        nobody = np.full(n, -1, dtype=np.int64)
        actors.append(frame[declaration.actor][caused.row] if declaration.actor else nobody)
    state = _joined(states)
    begins: NDArray[np.bool_] = _joined(first, bool)
    before = np.append([None], state[:-1]).astype(object) if draw.n else state
    kinds = ("CREATED", "STATUS_CHANGE")
    return {
        "resource_type": _joined(types),
        "resource_key": _joined(keys),
        "lifecycle_status_event_type": Coded(np.where(begins, 0, 1).astype(np.int32), kinds),
        "transition_from": (before, begins),
        "transition_to": state,
        "transition_date_time": _joined(moments, "datetime64[ms]"),
        "source_system_code": _joined(where),
        "_actor": _joined(actors, np.int64),
        "_known": _joined(born, "datetime64[ms]"),
    }


@derived("actor_staff_member_key", "actor_name")
def _actors(draw: Draw) -> Made:
    """Whoever the row is assigned to, while employed; else a system did it."""
    staff, parties = draw.frames["staff_member"], draw.frames["party"]
    local = np.maximum(draw["_actor"] - staff.start, 0)
    nobody = draw["_actor"] < 0
    if not staff.rows:
        return {
            "actor_staff_member_key": (draw.key("staff_member", draw["_actor"]), nobody),
            "actor_name": (np.full(draw.n, "", dtype=object), nobody),
        }
    day = draw["transition_date_time"].astype("datetime64[D]")
    left = staff["termination_date"][local]
    gone = ~staff.missing("termination_date")[local] & (day > left)
    nobody = nobody | gone | (day < staff["hire_date"][local])
    names = parties.text("full_name")[staff["_party_key"][local] - parties.start]
    return {
        "actor_staff_member_key": (draw.key("staff_member", draw["_actor"]), nobody),
        "actor_name": (names, nobody),
    }


@derived("note")
def _note(draw: Draw) -> Made:
    """A few words where a state needs a reason."""
    notes = draw.figures["status_notes"]
    state = draw["transition_to"]
    said = np.full(draw.n, None, dtype=object)
    u = draw.u("note")
    for status, texts in notes.items():
        rows = np.flatnonzero(state == status)
        said[rows] = np.array(texts, dtype=object)[(u[rows] * len(texts)).astype(np.int64)]
    return {"note": (said, said == None)}  # noqa: E711 - element by element


def _joined(parts: Sequence[NDArray[Any]], kind: Any = object) -> NDArray[Any]:
    return np.concatenate([np.zeros(0, dtype=kind), *parts])


def _typical(given: Given) -> float:
    each = given.figures["states_a_row"]
    return float(sum(steps * given.about(table) for table, steps in each.items()))


COUNT = consequence(
    Noun("status event", "status events"),
    typical=_typical,
    why="one for every step of every row with a state",
)


LIFECYCLE_STATUS_EVENT = Declaration(
    TABLE,
    prefix="SE",
    count=COUNT,
    makers=(keyed_by_cause(TABLE), _steps, _actors, _note),
    follows=_follows,
    born="_known",
    rules_of=history_of,
)
