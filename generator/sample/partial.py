"""The folder of a bundle, which appears whole or not at all."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from generator.errors import RequestError, shown
from generator.write import disk_errors


def check_free(out: Path) -> None:
    """Whether a folder may be made there; what else may prevent it is told when it is made."""
    named = f"The folder “{shown(out.name or str(out))}”"
    try:
        out.lstat()
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return
    except (OSError, ValueError) as problem:  # too long a name, a loop of links, a NUL
        reason = problem.strerror if isinstance(problem, OSError) else problem
        raise RequestError(
            f"{named} cannot be made ({reason}); choose another --out.", field="out"
        ) from problem
    raise RequestError(f"{named} exists already; choose another --out.", field="out")


@contextmanager
def partial_folder(out: Path) -> Iterator[Path]:
    """A folder beside ``out`` for the work.  It is locked while this process, or one that it
    forked, lives; so what runs left that were ended from outside is known, and goes first."""
    name = hashlib.sha256(os.fsencode(out.name)).hexdigest()[:12]
    folder = out.parent / f".partial-{name}"
    with disk_errors(f"preparing the folder “{out.name}”"):
        out.parent.mkdir(parents=True, exist_ok=True)
        remove_left(out.parent)
        lock = _make(folder)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def remove_left(parent: Path) -> list[Path]:
    """What was removed: partial folders in ``parent`` that no living process holds."""
    gone = []
    for folder in parent.glob(".partial-*"):
        if _NAME.fullmatch(folder.name):
            with suppress(OSError), _opened(folder) as lock:  # taken, gone, or somebody else's
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
                gone.append(folder)
    return gone


def _make(folder: Path) -> int:
    """Make and lock the folder; the file descriptor holds the lock."""
    while True:
        try:
            folder.mkdir()
        except FileExistsError:
            raise RequestError(
                "Another run is making this folder; wait for it, or choose another --out.",
                field="out",
            ) from None
        with suppress(FileNotFoundError):
            lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            with suppress(OSError):  # a file system without locks: nobody can take it for left
                fcntl.flock(lock, fcntl.LOCK_EX)
            with suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(lock), folder.stat()):
                    return lock
            os.close(lock)
        # It was taken for left, and removed, before it was locked.


@contextmanager
def _opened(folder: Path) -> Iterator[int]:
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        yield opened
    finally:
        os.close(opened)


_NAME = re.compile(r"\.partial-[0-9a-f]{12}")
