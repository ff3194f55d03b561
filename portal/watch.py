"""How long a run has been silent, as far as whoever watches can tell."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings

from portal.models import Work


class Watch:
    """Since when rows have been looked at without a gap; silence counts from then at the earliest.

    The machine slept, the scheduler was stopped, the database was away: nobody could give or see
    a sign of life in a gap.
    """

    def __init__(self) -> None:
        self.since: datetime | None = None
        self._last: datetime | None = None

    def look(self, now: datetime) -> None:
        gap = timedelta(seconds=max(settings.STALE_SECONDS / 2, 2 * settings.REAP_SECONDS))
        if self._last is None or now - self._last > gap:
            self.since = now
        self._last = now

    def silence(self, row: Work, now: datetime) -> timedelta:
        heard = row.heartbeat_at or row.created_at
        return now - (heard if self.since is None else max(heard, self.since))


class Glance(Watch):
    """A single look, which can go by the last sign of life only."""

    def look(self, now: datetime) -> None:
        self.since = None
