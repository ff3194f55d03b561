"""The portal's own files, which nobody reaches but through it.

Everything asks by key (``bundles/<id>/…``), so that a folder today can be an object store tomorrow.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation


class PrivateFolder:
    """Keys are paths below one private folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, key: str) -> Path:
        """Where the file of ``key`` lies, for readers that need a file name."""
        parts = PurePosixPath(key).parts
        if not parts or key.startswith("/") or ".." in parts or "\\" in key or "\0" in key:
            raise SuspiciousFileOperation(f"“{key}” is not a key of the storage.")
        return self.root.joinpath(*parts)

    def exists(self, key: str) -> bool:
        return self.path(key).exists()

    def size(self, key: str) -> int:
        return self.path(key).stat().st_size

    def open(self, key: str) -> BinaryIO:
        return self.path(key).open("rb")

    def adopt(self, finished: Path, key: str) -> None:
        """Move a finished file or folder in; it appears whole or not at all."""
        target = self._target(key)
        if target.is_dir():
            shutil.rmtree(target)
        finished.replace(target)

    def save(self, key: str, chunks: Iterable[bytes]) -> int:
        """Write ``chunks`` and answer how many bytes they were; whole or not at all."""
        target = self._target(key)
        partial = target.with_name(f".{target.name}.partial")
        try:
            with partial.open("wb") as file:
                size = sum(file.write(chunk) for chunk in chunks)
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)
        return size

    def delete(self, key: str) -> None:
        """Remove a file or a folder with all in it; fine if it is gone already."""
        path = self.path(key)
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)

    def _target(self, key: str) -> Path:
        target = self.path(key)
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        return target


def keep_private(root: Path) -> None:
    """From now on this process makes files for its own user only, and so are those of before."""
    os.umask(0o077)
    for folder, _, names in os.walk(root):
        for path in (Path(folder), *(Path(folder, name) for name in names)):
            with suppress(FileNotFoundError):  # a living portal moves things
                facts = path.lstat()
                ours = facts.st_uid == os.geteuid() and not stat.S_ISLNK(facts.st_mode)
                if ours and facts.st_mode & 0o077:
                    path.chmod(facts.st_mode & 0o700)


def private_files() -> PrivateFolder:
    return PrivateFolder(Path(settings.PORTAL_DATA))


def work_folder() -> Path:
    """Where runs write before they are finished, on the same disk as the storage."""
    folder = Path(settings.PORTAL_DATA) / "work"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder
