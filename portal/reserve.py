"""Room kept for when there is none: a file that is given up so that the database can write.

On a disk that is full to the last byte nothing could be deleted otherwise, for the row of what is
deleted has to be written too; nor could anybody sign in to delete it.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse

log = logging.getLogger(__name__)

SIZE = 8_000_000
LITTLE = 1_000_000  # bytes; with less than that free the reserve is given up


class Reserve:
    """Before a request is looked at: its session may have to be written."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        relieve()
        return self.get_response(request)


def relieve() -> None:
    """Give the reserve up if the disk is full."""
    if _free() >= LITTLE:
        return
    try:
        _file().unlink()
    except FileNotFoundError:
        return
    log.warning("The disk is full; the reserve of %d bytes was given up.", SIZE)


def fill() -> None:
    """Keep the reserve again, once there is room for it and for others."""
    file = _file()
    if file.exists() or _free() < 3 * SIZE:
        return
    partial = file.with_suffix(".partial")
    try:
        with partial.open("wb") as opened:
            os.posix_fallocate(opened.fileno(), 0, SIZE)
        partial.replace(file)
    except OSError as problem:  # somebody was faster; the next round tries again
        log.warning("No reserve could be kept: %s", problem.strerror)
        partial.unlink(missing_ok=True)


def _file() -> Path:
    return Path(settings.PORTAL_DATA) / "reserve"


def _free() -> int:
    return shutil.disk_usage(settings.PORTAL_DATA).free
