"""The files of an extract: sealed where they lie, opened only for as long as somebody reads."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

import generator
from portal.extract_key import extract_keys
from portal.models import Extract
from portal.private_files import private_files
from portal.sealed import unsealed


def folder_of(extract: Extract) -> str:
    """Its key in the storage."""
    return f"extracts/{extract.pk}"


def key_of(extract: Extract, name: str) -> str:
    return f"{folder_of(extract)}/{name}"


@contextmanager
def opened(extract: Extract, folder: Path, *, cancelled: Callable[[], bool]) -> Iterator[Path]:
    """A file, or a folder of files, to read the extract from; ``folder`` is the run's own.

    What is decrypted lies in files without a name, which the kernel frees with the process however
    that ends; ``folder`` only holds links to them.  Where there is no /proc they have names, and go
    with the run's folder.
    """
    inside = folder / "extract"
    inside.mkdir(mode=0o700)
    with ExitStack() as held:
        for file in extract.files:
            name = file["name"]
            plain = held.enter_context(_plain(inside, name))
            sealed = private_files().path(key_of(extract, name))
            for segment in unsealed(sealed, extract_keys()):
                if cancelled():
                    raise generator.Cancelled("The run was cancelled.")
                plain.write(segment)
            plain.flush()
        names = [file["name"] for file in extract.files]
        yield inside / names[0] if len(names) == 1 else inside


@contextmanager
def _plain(folder: Path, name: str) -> Iterator[IO[bytes]]:
    """A file to write into that can be read as ``folder / name``."""
    if sys.platform != "linux":
        with (folder / name).open("wb") as file:
            yield file
            return
    with tempfile.TemporaryFile(dir=folder) as file:
        (folder / name).symlink_to(f"/proc/{os.getpid()}/fd/{file.fileno()}")
        yield file
