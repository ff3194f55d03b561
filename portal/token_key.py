"""The key that tokens rest on: from a file that the administrator names, or made once.

It is kept outside the data folder, so that a copy of the data is no copy of the key.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from django.conf import settings

import generator

BYTES = 32


def token_key() -> generator.Key:
    """The first key of the file.  Raises StorageError where it cannot be read or made."""
    path: Path = settings.TOKEN_KEY_FILE
    try:
        if not path.exists() and settings.TOKEN_KEY_MADE:
            _make(path)
        if path.stat().st_mode & 0o077:
            raise generator.StorageError(
                "The file of the token key can be read by others; take their rights away "
                "(chmod 600), then try again."
            )
        return generator.keys_from(path.read_text(encoding="utf-8"))[0]
    except (OSError, UnicodeDecodeError) as problem:
        raise generator.StorageError(
            "The file of the token key cannot be read or made; set TOKEN_KEY_FILE to one that the "
            "portal may read, outside its data folder."
        ) from problem


def _make(path: Path) -> None:
    """Written to a file of its own first and then linked into place, so that two processes that
    start together read the same key."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(f"first {secrets.token_hex(BYTES)}\n")
    try:
        os.link(fresh, path)
    except FileExistsError:
        pass  # another process was first; its key counts
    finally:
        fresh.unlink()
