"""Keys that the portal makes for itself, once, in a file for nobody else."""

from __future__ import annotations

import os
from pathlib import Path

import generator


def read_key_file(path: Path, *, make: str, setting: str, of: str) -> str:
    """What stands in the file; with ``make``, that is written where there is no file yet.

    Raises StorageError where it cannot be read or made, or can be read by others."""
    try:
        if not path.exists() and make:
            _make(path, make)
        if path.stat().st_mode & 0o077:
            raise generator.StorageError(
                f"The file of the key of {of} can be read by others; take their rights away "
                "(chmod 600), then try again."
            )
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise generator.StorageError(
            f"The file of the key of {of} cannot be read or made; set {setting} to one that the "
            "portal may read, outside its data folder."
        ) from problem


def _make(path: Path, text: str) -> None:
    """Written to a file of its own first and then linked into place, so that two processes that
    start together read the same key."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    try:
        os.link(fresh, path)
    except FileExistsError:
        pass  # another process was first; its key counts
    finally:
        fresh.unlink()
