"""The operating system's refusals as one sentence."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from generator.errors import StorageError


@contextmanager
def disk_errors(what: str) -> Iterator[None]:
    """Raises StorageError for an OSError while ``what`` is done ("writing deal.csv")."""
    try:
        yield
    except OSError as problem:
        if problem.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageError(
                f"The disk is full while {what}; free some space or ask for fewer rows, then "
                "try again. Nothing half-written was kept."
            ) from problem
        raise StorageError(
            f"The storage refused while {what} ({problem.strerror}); nothing half-written was kept."
        ) from problem
