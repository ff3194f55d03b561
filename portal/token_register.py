"""Telephone numbers kept for fiction that were given as tokens, so that every later upload gives
the same one: by keyed digest and never by value, in a file for nobody else, outside of the data.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

import generator
from portal.key_file import read_key_file

WAIT = 0.2  # seconds between two looks whether it is another's turn still


@contextmanager
def token_register(cancelled: Callable[[], bool]) -> Iterator[generator.Register]:
    """What was given so far; what is given meanwhile is kept, unless an error ends it.  One at a
    time: two would give one number to two values.

    Raises StorageError where it cannot be read or kept, Cancelled when asked to stop waiting.
    """
    path = settings.TOKEN_REGISTER_FILE
    with _alone(path, cancelled):
        text = read_key_file(
            path, make="{}", setting="TOKEN_REGISTER_FILE", of="tokens that were given"
        )
        register = generator.register_from(text)
        yield register
        told = json.dumps(register.given)
        if told != text:
            _keep(path, told)


@contextmanager
def _alone(path: Path, cancelled: Callable[[], bool]) -> Iterator[None]:
    """The lock ends with the process, however that ends."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(path.with_name(f"{path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as problem:
        raise _unkept() from problem
    with os.fdopen(handle, "wb") as file:
        while not _taken(file.fileno()):
            if cancelled():
                raise generator.Cancelled("The run was cancelled.")
            time.sleep(WAIT)
        yield


def _taken(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as problem:
        raise _unkept() from problem
    return True


def _keep(path: Path, text: str) -> None:
    """Whole or not at all, and before any token is out."""
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        fresh.replace(path)
    except OSError as problem:
        fresh.unlink(missing_ok=True)
        raise _unkept() from problem


def _unkept() -> generator.StorageError:
    return generator.StorageError(
        "The register of telephone numbers that were given as tokens cannot be kept; set "
        "TOKEN_REGISTER_FILE to a file that the portal may write, outside its data folder."
    )
