"""What is done because of an alert: why the car is in the workshop, and which work fits what the
alert, or its fault code, tells of."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from generator.domains.graph import Draw
from generator.domains.service.operations import Catalogue, operations
from generator.domains.telematics_vehicle_events.causes import KINDS

Rows = NDArray[np.int64]
Floats = NDArray[np.float64]


def reasons_told(draw: Draw, rows: Rows, names: tuple[str, ...]) -> Rows:
    """Why these orders' alerts bring their cars, as places in ``names``; -1 without an alert."""
    alert = draw["_alert"][rows]
    told = draw.figures["alert_reasons"]
    of_kind = np.array([names.index(told[kind]) if kind in told else -1 for kind, _ in KINDS])
    kind = np.append(draw.frames["vehicle_alert"]["_kind"], 0)[alert]
    return np.where(alert >= 0, of_kind[kind], -1)


def codes_told(draw: Draw, alert: Rows) -> NDArray[np.object_]:
    """The fault codes of these alerts (local rows), "" where there is none."""
    alerts, found = draw.frames["vehicle_alert"], np.full(len(alert), "", dtype=object)
    some = np.flatnonzero(alert >= 0)
    if len(some):
        code, none = (
            alerts["diagnostic_trouble_code"],
            alerts.missing("diagnostic_trouble_code"),
        )
        some = some[~none[alert[some]]]
        found[some] = np.array(code.labels, dtype=object)[code.codes[alert[some]]]
    return found


Sums = dict[str, Floats]


def remedy(draw: Draw, kinds: Catalogue, rows: Rows, u: Floats, usual: Rows, *, sums: Sums) -> Rows:
    """An operation for each of these orders that mends what its alert tells of, by weight among
    those that fit the car; a fault that none of the catalogue mends is looked for.  Orders without
    an alert have their ``usual`` one.  ``sums`` keeps the weights of what was asked before."""
    alert = draw["_alert"][rows]
    some = np.flatnonzero(alert >= 0)
    if not len(some):
        return usual
    about = codes_told(draw, alert[some])
    named = np.array([kind for kind, _ in KINDS], dtype=object)
    kind = named[draw.frames["vehicle_alert"]["_kind"][alert[some]]]
    about = np.where(about == "", kind, about)
    found = usual.copy()
    for one in sorted(set(about)):
        mine = some[about == one]
        if one not in sums:
            sums[one] = _weights(draw, kinds, one)
        upto = sums[one][draw["_kind"][rows[mine]]]
        found[mine] = (upto <= (np.minimum(u[mine], 1 - 1e-9) * upto[:, -1])[:, None]).sum(axis=1)
    return found


def _weights(draw: Draw, kinds: Catalogue, one: str) -> Floats:
    """Running sums of the weights of what mends one thing, shape (kinds of car, operations)."""
    work = _mends(one, tuple(draw.figures["alert_work"].get(one, ())))[: len(kinds)]
    weight = kinds.weight * work * kinds.fits
    none = weight.sum(axis=1) == 0
    weight[none] = (kinds.of("test") * kinds.fits)[none]
    return np.cumsum(weight, axis=1)


@cache
def _mends(code: str, named: tuple[str, ...]) -> NDArray[np.bool_]:
    """Which operations mend a fault code, or are ``named`` by their own code."""
    return np.array([code in one.faults or one.code in named for one in operations()])


def mends(operation: Rows, code: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Whether each operation mends the fault code beside it."""
    found = np.zeros(len(operation), dtype=bool)
    some = np.flatnonzero(code != "")
    for one in sorted(set(code[some])):
        mine = some[code[some] == one]
        found[mine] = _mends(one, ())[operation[mine]]
    return found
