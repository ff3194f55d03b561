"""Files that a command leaves, and whether they can be written."""

from __future__ import annotations

import os
from pathlib import Path

from generator.errors import RequestError, shown


def write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as problem:
        raise RequestError(
            f"“{shown(str(path))}” cannot be written ({problem.strerror})."
        ) from problem


def write_private(path: Path, text: str) -> None:
    """Write a secret: whole or not at all, for nobody else to read."""
    beside = path.with_name(f".{path.name}.partial")
    try:
        beside.unlink(missing_ok=True)
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        beside.replace(path)
    except OSError as problem:
        raise RequestError(
            f"“{shown(str(path))}” cannot be written ({problem.strerror})."
        ) from problem


def check_target(option: str, path: Path) -> None:
    """See that a file can be written to ``path`` before the work for it begins.

    Raises RequestError; leaves what is there as it is.
    """
    named = f"{option} is “{shown(str(path))}”"
    try:
        if path.is_dir():
            raise RequestError(f"{named}, which is a folder; name a file.")
        if not path.parent.is_dir():
            raise RequestError(f"{named}, but there is no such folder; make it, or name another.")
        _try_to_write(path)
    except (OSError, ValueError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else problem
        raise RequestError(f"{named}, which cannot be written ({reason}).") from problem


def _try_to_write(path: Path) -> None:
    """Open what is there, or make a file beside it and take it away again.  Raises OSError."""
    if path.exists():
        if not path.is_file():  # a pipe or a device: opening it would be felt
            return
        path.open("ab").close()
    beside = path.with_name(f".{path.name}.partial")
    if not beside.exists():
        beside.touch(exist_ok=False)
        beside.unlink()
