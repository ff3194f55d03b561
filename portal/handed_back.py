"""Runs that are handed back, as notes beside their work.

A process that ends may not get to tell the row: the database is away, or there is no time left.
Whoever finds the row without its process looks here before counting a death.
"""

from __future__ import annotations

import logging
from pathlib import Path

from portal.claims import nonce
from portal.private_files import work_folder

log = logging.getLogger(__name__)


def note(claim: str) -> None:
    try:
        _path(claim).touch(mode=0o600)
    except OSError as error:  # a full disk, say; then the worst is that a death is counted
        log.warning("That a run is handed back cannot be noted: %s", error)


def is_noted(claim: str) -> bool:
    return _path(claim).exists()


def forget_all_but(live: set[str]) -> list[Path]:
    """The notes that were removed: those of claims that hold nothing any more."""
    gone = [path for path in work_folder().glob("handed-back-*") if _nonce(path) not in live]
    for path in gone:
        path.unlink(missing_ok=True)
    return gone


def _path(claim: str) -> Path:
    return work_folder() / f"handed-back-{nonce(claim)}"


def _nonce(path: Path) -> str:
    return path.name.removeprefix("handed-back-")
