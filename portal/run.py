"""A run: one row while a worker works on it.

The run holds the row by its claim, gives signs of life, notes progress, learns when somebody
asked to stop, and settles the row however the work ends.  The engine's callbacks touch memory
only; a thread speaks to the database once a second.
"""

from __future__ import annotations

import errno
import logging
import os
import secrets
import shutil
import threading
import time
from collections.abc import Mapping
from functools import partial
from types import FrameType, TracebackType
from typing import Any

from django.db import connection
from django.utils import timezone
from rq.timeouts import BaseTimeoutException

import generator
from portal import handed_back, trail
from portal.away import DATABASE, is_away, is_full, patiently
from portal.claims import nonce
from portal.models import Work
from portal.private_files import work_folder

log = logging.getLogger(__name__)

BEAT_SECONDS = 1.0

# A process that is forked while another thread is inside SQLite inherits a locked mutex and an
# open file whose closing drops the parent's locks.  So nobody forks during a beat, and between
# beats the thread keeps no connection.
_beating = threading.Lock()
os.register_at_fork(
    before=_beating.acquire,
    after_in_parent=_beating.release,
    after_in_child=_beating.release,
)

_signals: list[int] = []


def note_signal(number: int, frame: FrameType | None) -> None:
    """Signal handler of a worker that is asked to go: hand the run back at the next chance.

    It only notes; an ``Event`` would wait for ever for a lock held by the call it interrupts.
    """
    _signals.append(number)


def _has_to_go() -> bool:
    return bool(_signals)


class Meter:
    """Rows done, rows a second and seconds left, as the pages show them.

    Every row is worked on several times (``passes``: drawn, then written in each format); a row
    counts as done by the share of its passes that are.
    """

    def __init__(self, counts: Mapping[str, int], *, passes: int = 1) -> None:
        self.counts = dict(counts)
        self.passes = passes
        self.stage = "starting"
        self.share = 0.0
        self._done: dict[tuple[str, str], int] = {}
        self._first: dict[str, float] = {}
        self._last: dict[str, float] = {}
        self._began = time.monotonic()

    def note(self, event: generator.Progress) -> None:
        self.stage = event.stage
        self.share = event.rows_done / max(event.rows_total, 1)
        if event.table:
            now = time.monotonic()
            self._first.setdefault(event.table, now)
            self._last[event.table] = now
        self._done[event.table, event.stage] = event.done

    def document(self) -> dict[str, Any]:
        total = sum(self.counts.values())
        elapsed = time.monotonic() - self._began
        left = elapsed * (1 - self.share) / self.share if self.share else None
        return {
            "stage": self.stage,
            "share": round(self.share, 4),
            "rows_done": round(total * self.share),
            "rows_total": total,
            "rows_per_second": round(total * self.share / max(elapsed, 0.001)),
            "seconds_left": None if left is None else round(left, 1),
            "tables": {
                name: [self._of(name), rows, self._rate(name)] for name, rows in self.counts.items()
            },
        }

    def _rate(self, table: str) -> int:
        """Rows a second of one table, over the time it has been worked on; 0 while unknown."""
        seconds = self._last.get(table, 0.0) - self._first.get(table, 0.0)
        return round(self._of(table) / seconds) if seconds > 0.2 else 0

    def _of(self, table: str) -> int:
        # A copy, because the run's own thread goes on counting meanwhile.
        passed = sum(rows for (name, _), rows in list(self._done.items()) if name == table)
        return min(passed // self.passes, self.counts[table])


class Run:
    """``with Run(row, claim=…) as run:`` around the work; the row must hold the claim."""

    def __init__(self, row: Work, *, claim: str) -> None:
        self.row = row
        self.claim = claim
        self.folder = work_folder() / f"run-{nonce(claim)}"
        self.meter = Meter({})
        self._lost = False
        self._asked_to_stop = False
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat_on, daemon=True)

    def __enter__(self) -> Run:
        self.folder.mkdir(mode=0o700)
        connection.close()
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        self._over.set()
        self._thread.join()
        if error is not None and (_has_to_go() or is_away(error)):
            handed_back.note(self.claim)  # first: who has to go may be killed in the middle
        # Before the row is touched: on a full disk the database needs the room too.
        shutil.rmtree(self.folder, ignore_errors=True)
        if error is None:
            return True
        return self._settle(error)

    def expect(self, plan: generator.Plan) -> None:
        """Count towards the rows of a plan."""
        counts = {count.table: count.rows for count in plan.counts}
        self.meter = Meter(counts, passes=1 + len(plan.recipe.formats))

    def enter(self, stage: str) -> None:
        self.meter.stage = stage

    def progress(self, event: generator.Progress) -> None:
        """What the engine calls, often; touches memory only."""
        self.meter.note(event)

    def tell(self, stage: str, share: float) -> None:
        """What the engine calls while it fits: what is being learned, and the share done."""
        self.meter.stage, self.meter.share = stage, share

    def cancelled(self) -> bool:
        """Whether to stop: somebody asked, the worker has to go, or the claim was lost."""
        return self._asked_to_stop or self._lost or _has_to_go()

    def _settle(self, error: BaseException) -> bool:
        if self._lost:
            log.warning("%r was taken over while it ran; this run is dropped", self.row.pk)
            return True
        if not isinstance(error, Exception):
            return False
        try:
            patiently(partial(self._say, error), unless=_has_to_go)
        except DATABASE as gone:
            if not is_away(gone):
                raise
            log.warning("%r is handed back once the database is there again", self.row.pk)
            handed_back.note(self.claim)
        return True

    def _say(self, error: Exception) -> None:
        """Tell the row how the work ended."""
        if _has_to_go() or is_away(error):
            self.row.hand_back(claim=self.claim)
        elif isinstance(error, generator.ProcessDied):
            trail.ended(partial(self.row.release, claim=self.claim), self.row)
        elif isinstance(error, generator.Cancelled):
            self.row.cancelled(claim=self.claim)
        else:
            said = sentence_for(error, self.row)
            trail.ended(partial(self.row.fail, said, claim=self.claim), self.row)

    def _beat_on(self) -> None:
        while not self._over.wait(BEAT_SECONDS):
            with _beating:
                try:
                    self._beat()
                except DATABASE as error:
                    log.warning("No sign of life could be given this time: %s", error)
                finally:
                    connection.close()

    def _beat(self) -> None:
        rows = type(self.row).held().filter(pk=self.row.pk, claim=self.claim)
        news: dict[str, object] = {"heartbeat_at": timezone.now()}
        if self.meter.counts or self.meter.stage != "starting":
            news["progress"] = self.meter.document()
        self._lost = rows.update(**news) == 0
        self._asked_to_stop = rows.filter(state=self.row.CANCELLING).exists()


def sentence_for(error: Exception, row: Work) -> str:
    """What the page of the row says.  Tracebacks stay in the log, under a reference."""
    if isinstance(error, generator.GeneratorError):
        return error.sentence
    if isinstance(error, BaseTimeoutException):
        return f"The run took longer than this portal allows; {row.LESS}."
    if isinstance(error, MemoryError):
        return f"The machine has too little memory for this run; {row.LESS}."
    if _disk_is_full(error):
        return (
            "The disk of the portal is full; nothing half-written was kept. Ask an administrator "
            f"to make room, then {row.AGAIN}."
        )
    reference = secrets.token_hex(4)
    log.error("Unexpected failure, reference %s", reference, exc_info=error)
    return (
        f"Something unexpected went wrong; nothing half-written was kept. Please {row.AGAIN}, and "
        f"if it happens again tell an administrator the reference {reference}."
    )


def _disk_is_full(error: Exception) -> bool:
    full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
    return full or is_full(error)
