"""A database or a broker that is away: restarted, failed over, cut off for a while.

Nothing is wrong with the work then; it is waited for, or done again later.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import InterfaceError, OperationalError, connection
from redis.exceptions import BusyLoadingError, ConnectionError, TimeoutError  # noqa: A004

log = logging.getLogger(__name__)

PATIENCE = 15 * 60.0  # seconds a finished run waits for its row; without it nobody could work
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0

DATABASE = (OperationalError, InterfaceError)
BROKER = (ConnectionError, TimeoutError, BusyLoadingError)
# SQLite says by its code what is the matter; a missing table or a full disk is not an absence.
_SQLITE = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_CANTOPEN", "SQLITE_IOERR")
_FULL = ("SQLITE_FULL", "53100")

Answer = TypeVar("Answer")


def is_away(error: BaseException | None) -> bool:
    """Whether the error says that database or broker cannot be reached just now."""
    if isinstance(error, BROKER):
        return True
    if not isinstance(error, DATABASE):
        return False
    name, code = _codes(error)
    return name.startswith(_SQLITE) if name else code not in _FULL


def is_full(error: BaseException | None) -> bool:
    """Whether the database has no room left on its disk."""
    return isinstance(error, DATABASE) and not set(_FULL).isdisjoint(_codes(error))


def patiently(ask: Callable[[], Answer], *, unless: Callable[[], bool] = lambda: False) -> Answer:
    """``ask()`` the database until it answers, for ``PATIENCE`` at most and ``unless`` says no.

    What is asked must bear to be asked twice: the answer to the first may have been lost.
    """
    deadline = time.monotonic() + PATIENCE
    pause = FIRST_PAUSE
    while True:
        try:
            return ask()
        except DATABASE as error:
            connection.close()
            if not is_away(error) or time.monotonic() + pause > deadline or unless():
                raise
            log.warning("The database is away and waited for: %s", error)
        _sleep(pause, unless)
        pause = min(2 * pause, LONGEST_PAUSE)


def _sleep(seconds: float, unless: Callable[[], bool]) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until and not unless():
        time.sleep(FIRST_PAUSE)


def _codes(error: BaseException) -> tuple[str, str]:
    """The name SQLite gives to the error, and the code of PostgreSQL; empty if there is none."""
    cause = error.__cause__
    name, code = getattr(cause, "sqlite_errorname", ""), getattr(cause, "sqlstate", "")
    return name or "", code or ""
