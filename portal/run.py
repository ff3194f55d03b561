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
from types import TracebackType
from typing import Any

from django.db import DatabaseError, connection
from django.utils import timezone
from rq.timeouts import BaseTimeoutException

import generator
from portal.claims import token
from portal.storage import work_folder

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

_stop_requested = threading.Event()


def request_stop(*_: Any) -> None:
    """Signal handler of a worker that is asked to go: hand the run back at the next chance."""
    _stop_requested.set()


class Meter:
    """Rows done, rows a second and seconds left, as the pages show them."""

    def __init__(self, counts: Mapping[str, int]) -> None:
        self.total = dict(counts)
        self.done = dict.fromkeys(counts, 0)
        self.stage = "starting"
        self.began = time.monotonic()

    def document(self) -> dict[str, Any]:
        done, total = sum(self.done.values()), sum(self.total.values())
        speed = done / max(time.monotonic() - self.began, 0.001)
        left = (total - done) / speed if done else None
        return {
            "stage": self.stage,
            "rows_done": done,
            "rows_total": total,
            "rows_per_second": round(speed),
            "seconds_left": None if left is None else round(left, 1),
            "tables": {table: [self.done[table], rows] for table, rows in self.total.items()},
        }


class Run:
    """``with Run(row, claim=…) as run:`` around the work; the row must hold the claim."""

    def __init__(self, row: Any, *, claim: str) -> None:
        self.row = row
        self.claim = claim
        self.folder = work_folder() / f"run-{token(claim)}"
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
        # Before the row is touched: on a full disk the database needs the room too.
        shutil.rmtree(self.folder, ignore_errors=True)
        if error is None:
            return True
        return self._settle(error)

    def expect(self, counts: Mapping[str, int]) -> None:
        """The rows of each table that there will be."""
        self.meter = Meter(counts)

    def enter(self, stage: str) -> None:
        self.meter.stage = stage

    def progress(self, table: str, rows: int) -> None:
        """What the engine tells: ``rows`` of ``table`` are done by now."""
        self.meter.done[table] = rows

    def cancelled(self) -> bool:
        """Whether to stop: somebody asked, the worker has to go, or the claim was lost."""
        return self._asked_to_stop or self._lost or _stop_requested.is_set()

    def _settle(self, error: BaseException) -> bool:
        if self._lost:
            log.warning("%r was taken over while it ran; this run is dropped", self.row.pk)
            return True
        if _stop_requested.is_set():
            self.row.release(claim=self.claim, counted=False)
            return True
        if isinstance(error, generator.Cancelled) and self._asked_to_stop:
            self.row.cancelled(claim=self.claim)
            return True
        if not isinstance(error, Exception):
            return False
        self.row.fail(sentence_for(error), claim=self.claim)
        return True

    def _beat_on(self) -> None:
        while not self._over.wait(BEAT_SECONDS):
            with _beating:
                try:
                    self._beat()
                except DatabaseError as error:
                    log.warning("No sign of life could be given this time: %s", error)
                finally:
                    connection.close()

    def _beat(self) -> None:
        rows = type(self.row).objects.filter(pk=self.row.pk, claim=self.claim)
        news: dict[str, Any] = {"heartbeat_at": timezone.now()}
        if self.meter.total or self.meter.stage != "starting":
            news["progress"] = self.meter.document()
        self._lost = rows.update(**news) == 0
        self._asked_to_stop = rows.filter(state="cancelling").exists()


def sentence_for(error: Exception) -> str:
    """What the page says.  Tracebacks stay in the log, under a reference."""
    if isinstance(error, generator.GeneratorError):
        return error.sentence
    if isinstance(error, BaseTimeoutException):
        return "The run took longer than this portal allows; ask for fewer rows or tables."
    if isinstance(error, MemoryError):
        return "The machine has too little memory for this run; ask for fewer rows or tables."
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return (
            "The disk of the portal is full; nothing half-written was kept. Ask an administrator "
            "to make room, then retry."
        )
    reference = secrets.token_hex(4)
    log.error("Unexpected failure, reference %s", reference, exc_info=error)
    return (
        f"Something unexpected went wrong; nothing half-written was kept. Retry, and if it "
        f"happens again tell an administrator the reference {reference}."
    )
