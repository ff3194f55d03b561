"""The folder of a bundle, which appears whole or not at all."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
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
    """A folder beside ``out`` for the work; whatever an earlier attempt left there goes first."""
    name = hashlib.sha256(os.fsencode(out.name)).hexdigest()[:12]
    folder = out.parent / f".partial-{name}"
    with disk_errors(f"preparing the folder “{out.name}”"):
        out.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
