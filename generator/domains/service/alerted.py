"""Visits that alerts bring: of an owner's visits to the workshop some are made because the car, or
its maker, has told of something, within days of it.

An alert takes the place of the visit that its car would have made next to it, else of somebody
else's: who comes changes, never how many come.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from generator.domains.calendar import DAY
from generator.domains.graph import Draw
from generator.domains.groups import place_in_group, ranks
from generator.domains.payment.dates import later
from generator.domains.telematics_vehicle_events.causes import KINDS

Rows = NDArray[np.int64]
Moments = NDArray[Any]
APART = np.int64(1) << 43  # milliseconds that lie between two cars


class Calls(NamedTuple):
    """One entry an alert that brings its car: local dealer, car and alert, when the visit is
    wished, and the last moment for it."""

    dealer: Rows
    car: Rows
    alert: Rows
    wished: Moments
    latest: Moments

    def taken(self, rows: NDArray[Any]) -> Calls:
        return Calls(*(values[rows] for values in self))


class Coming(NamedTuple):
    """Visits of owners: local dealer, car, when they are wished, the end of their window, and the
    alert (a local row, -1 of none) that brings each."""

    dealer: Rows
    car: Rows
    wished: Moments
    ends: Moments
    alert: Rows


def alerted(
    draw: Draw, usual: Coming, windows: Coming, *, last: Moments, luck: NDArray[np.float64]
) -> Coming:
    """The ``usual`` visits with those that alerts bring in the place of some of them, of those of
    other cars the ones with the least ``luck``.

    ``windows`` are the times through which owners may come, from ``wished`` to ``ends``; ``last``
    (dealers,) is the last day that each workshop works.
    """
    calls = _within(_calls(draw), windows, last)
    most = np.bincount(usual.dealer, minlength=len(last)) * float(draw.figures["alerted_most"])
    calls = calls.taken(place_in_group(calls.dealer) < np.floor(most)[calls.dealer])
    instead = _instead_of(calls, usual, luck)
    found = Coming(*(values.copy() for values in usual))
    found.car[instead] = calls.car
    found.wished[instead] = calls.wished
    found.ends[instead] = calls.latest
    found.alert[instead] = calls.alert
    return found


def _calls(draw: Draw) -> Calls:
    """Alerts that owners act upon, the worse the more; of those of a car close together the first
    one.  ``dealer`` is -1 as yet."""
    alerts, figures = draw.frames["vehicle_alert"], draw.figures
    first, last = alerts.start, alerts.start + alerts.rows
    luck, wait = (draw.stream(name).uniform(first, last) for name in ("acts", "waits"))
    none = np.zeros(0, dtype=np.int64)
    if not alerts.rows:
        return Calls(none, none, none, none.view("datetime64[ms]"), none.view("datetime64[ms]"))
    severity, shares = alerts["alert_severity"], figures["alert_brings_visit"]
    share = np.array([float(shares[label]) for label in severity.labels])[severity.codes]
    here = np.isin(alerts["_kind"], _mended(draw)) & (alerts["_customer_key"] >= 0)
    created = alerts["created_date_time"].astype("datetime64[ms]")
    days = draw.leaf("days_from_alert", u=wait)
    wished = later(created, days)
    rows = np.flatnonzero(here & (luck < share))
    rows = rows[np.lexsort((created[rows], alerts["_vehicle"][rows]))]
    car = alerts["_vehicle"][rows]
    again = np.append(False, (car[1:] == car[:-1]) & (created[rows][1:] < wished[rows][:-1]))
    rows = rows[~again[: len(rows)]]
    latest = created + int(figures["alert_days"]) * DAY
    return Calls(np.full(len(rows), -1), alerts["_vehicle"][rows], rows, wished[rows], latest[rows])


def _mended(draw: Draw) -> list[int]:
    """Kinds of alerts that a workshop can do something about."""
    return [at for at, (kind, _) in enumerate(KINDS) if kind in draw.figures["alert_reasons"]]


def _within(calls: Calls, windows: Coming, last: Moments) -> Calls:
    """Those whose car somebody owned at the alert's time and at the visit's, with the dealer that
    the owner goes to, and a workshop that still works."""
    order = np.lexsort((windows.wished, windows.car))
    keys = windows.car[order] * APART + _milliseconds(windows.wished[order])
    raised = calls.car * APART + _milliseconds(calls.wished)
    place = np.searchsorted(keys, raised, side="right") - 1
    if not len(order):
        return calls.taken(np.zeros(0, dtype=np.int64))
    window = order[np.maximum(place, 0)]
    fits = (place >= 0) & (windows.car[window] == calls.car)
    fits &= calls.wished <= np.minimum(windows.ends, last[windows.dealer])[window]
    found = calls._replace(
        dealer=windows.dealer[window], latest=np.minimum(calls.latest, windows.ends[window])
    ).taken(np.flatnonzero(fits))
    return found.taken(np.argsort(found.dealer, kind="stable"))


def _milliseconds(moments: Moments) -> Rows:
    return moments.astype("datetime64[ms]").astype(np.int64)


def _instead_of(calls: Calls, usual: Coming, luck: NDArray[np.float64]) -> Rows:
    """The usual visit whose place each call takes: the nearest one of its car, each visit once;
    else any of its dealer's that is left."""
    nearest = _nearest(calls, usual)
    nearest[ranks(nearest, np.arange(len(nearest))) > 0] = -1  # a visit has one cause
    left = np.ones(len(usual.car), dtype=bool)
    left[nearest[nearest >= 0]] = False
    spare = np.flatnonzero(left)
    spare = spare[np.lexsort((luck[spare], usual.dealer[spare]))]
    size = np.bincount(usual.dealer[spare], minlength=int(usual.dealer.max(initial=0)) + 1)
    first = np.cumsum(size) - size
    rest = np.flatnonzero(nearest < 0)
    nearest[rest] = spare[first[calls.dealer[rest]] + place_in_group(calls.dealer[rest])]
    return nearest


def _nearest(calls: Calls, usual: Coming) -> Rows:
    """The visit of the same car at the same dealer that is nearest in time; -1 if it has none."""
    found = np.full(len(calls.car), -1, dtype=np.int64)
    order = np.lexsort((usual.wished, usual.car))
    keys = usual.car[order] * APART + _milliseconds(usual.wished[order])
    wished = _milliseconds(calls.wished)
    place = np.searchsorted(keys, calls.car * APART + wished)
    best = np.full(len(found), np.iinfo(np.int64).max)
    for at in (place - 1, place):
        inside = (at >= 0) & (at < len(order))
        visit = order[np.clip(at, 0, max(len(order) - 1, 0))] if len(order) else found
        same = inside & (usual.car[visit] == calls.car) & (usual.dealer[visit] == calls.dealer)
        away = np.abs(_milliseconds(usual.wished[visit]) - wished)
        closer = same & (away < best)
        found, best = np.where(closer, visit, found), np.where(closer, away, best)
    return found
