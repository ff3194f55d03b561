"""Files as they come in: hashed, and sealed before a byte of them reaches the disk."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from portal.extract_key import extract_keys
from portal.sealed import SEGMENT, Sealer

if TYPE_CHECKING:
    Uploaded = UploadedFile[bytes]
else:
    Uploaded = UploadedFile


class SealedFile(Uploaded):
    """A file that came in; ``path`` is where it lies sealed, ``sha256`` of what it held."""

    def __init__(self, path: Path, *, name: str, size: int, sha256: str) -> None:
        super().__init__(file=None, name=name, size=size)
        self.path, self.sha256 = path, sha256

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        raise NotImplementedError("What is sealed is moved, not read.")

    def close(self) -> None:
        """Nobody moved it into the storage: it goes."""
        self.path.unlink(missing_ok=True)


class SealedUploads(FileUploadHandler):
    """Django's upload handler.  Each file is a ``SealedFile`` of the form."""

    chunk_size = SEGMENT

    def new_file(self, *args: Any, **options: Any) -> None:
        super().new_file(*args, **options)
        self._path = incoming_path()
        self._sealer = Sealer(self._path, extract_keys()[0], fresh=True)
        self._hash = hashlib.sha256()
        self._held = bytearray()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """A full segment goes to the disk; what may be the last waits."""
        self._hash.update(raw_data)
        self._held += raw_data
        if len(self._held) > SEGMENT:
            whole = (len(self._held) - 1) // SEGMENT * SEGMENT
            self._sealer.append([bytes(self._held[:whole])], last=False)
            del self._held[:whole]

    def file_complete(self, file_size: int) -> SealedFile:
        self._sealer.append([bytes(self._held)], last=True)
        name = self.file_name or ""
        digest = self._hash.hexdigest()
        return SealedFile(self._path, name=name, size=file_size, sha256=digest)

    def upload_interrupted(self) -> None:
        if hasattr(self, "_path"):
            self._path.unlink(missing_ok=True)


def incoming_path() -> Path:
    """A new name in the work folder; what is left there under such a name goes after an hour."""
    folder = Path(settings.FILE_UPLOAD_TEMP_DIR)
    return folder / f"{os.getpid()}-{secrets.token_hex(8)}.upload"
