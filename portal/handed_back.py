"""Runs that were handed back while the database was away, as notes beside their work.

The process ends and cannot tell the row; whoever finds the row without its process looks here
before counting a death.
"""

from __future__ import annotations

from pathlib import Path

from portal.claims import token
from portal.private_files import work_folder


def note(claim: str) -> None:
    _path(claim).touch(mode=0o600)


def is_noted(claim: str) -> bool:
    return _path(claim).exists()


def forget_all_but(live: set[str]) -> list[Path]:
    """The notes that were removed: those of claims that hold nothing any more."""
    gone = [path for path in work_folder().glob("handed-back-*") if _token(path) not in live]
    for path in gone:
        path.unlink(missing_ok=True)
    return gone


def _path(claim: str) -> Path:
    return work_folder() / f"handed-back-{token(claim)}"


def _token(path: Path) -> str:
    return path.name.removeprefix("handed-back-")
