"""Files encrypted at rest, in segments, so that long ones are read and written as they come.

A sealed file is a header and segments: AES-256-GCM over at most ``SEGMENT`` bytes each, under a key
of the file's own (HKDF-SHA256 of the portal's key and the header's salt) and a nonce drawn for each
segment.  What is authenticated besides is the header, the segment's number and whether it is the
last, so that no segment can be changed, moved, taken from another file, or cut off the end unseen.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

import generator

MAGIC = b"PGSEAL1\0"
SEGMENT = 1 << 20
SALT, MARK, NONCE, TAG = 32, 8, 12, 16
HEADER = len(MAGIC) + MARK + SALT
WHOLE = NONCE + SEGMENT + TAG  # bytes of a full segment in the file


@dataclass(frozen=True)
class SealKey:
    """32 random bytes; ``mark`` names them in headers without telling them."""

    secret: bytes

    @property
    def mark(self) -> bytes:
        return _derived(self.secret, salt=b"", purpose=b"mark", length=MARK)

    def of_file(self, salt: bytes) -> AESGCM:
        return AESGCM(_derived(self.secret, salt=salt, purpose=b"file", length=32))


def _derived(secret: bytes, *, salt: bytes, purpose: bytes, length: int) -> bytes:
    made = HKDF(SHA256(), length=length, salt=salt, info=b"proving-ground " + purpose)
    return made.derive(secret)


class Sealer:
    """Appends to a sealed file.  All segments but the last hold exactly ``SEGMENT`` bytes, so that
    ``done`` bytes are there again after a break, and the next segment's number follows."""

    def __init__(self, path: Path, key: SealKey, *, fresh: bool) -> None:
        self._path = path
        if fresh:
            header = MAGIC + key.mark + os.urandom(SALT)
            path.touch(mode=0o600)
            path.write_bytes(header)
        self._header = _header(path)
        self._box = key.of_file(self._header[-SALT:])

    @property
    def done(self) -> int:
        """Bytes that are sealed; a segment that was not written whole does not count."""
        return whole_segments(self._path) * SEGMENT

    def append(self, chunks: Iterable[bytes], *, last: bool) -> int:
        """Seal ``chunks`` and answer how many bytes they were.  Unless ``last``, what does not
        fill a segment is not kept."""
        number = whole_segments(self._path)
        taken = 0
        with self._path.open("r+b") as file:
            file.truncate(HEADER + number * WHOLE)
            file.seek(0, os.SEEK_END)
            for segment, final in _segments(chunks):
                if final and not last and len(segment) < SEGMENT:
                    break
                self._write(file, segment, number, last=final and last)
                number, taken = number + 1, taken + len(segment)
        return taken

    def _write(self, file: BinaryIO, segment: bytes, number: int, *, last: bool) -> None:
        nonce = os.urandom(NONCE)
        bound = _bound(self._header, number, last=last)
        file.write(nonce + self._box.encrypt(nonce, segment, bound))


def seal(path: Path, chunks: Iterable[bytes], key: SealKey) -> int:
    """A new sealed file; answers how many bytes are in it."""
    return Sealer(path, key, fresh=True).append(chunks, last=True)


def unsealed(path: Path, keys: Sequence[SealKey]) -> Iterator[bytes]:
    """What was sealed, segment by segment.  Raises StorageError where it is not what was sealed,
    or under none of the ``keys``."""
    header = _header(path)
    mark = header[len(MAGIC) : -SALT]
    key = next((one for one in keys if one.mark == mark), None)
    if key is None:
        raise generator.StorageError(
            "The file was encrypted under a key this portal does not have; add the key to "
            "EXTRACT_KEY, or upload it again."
        )
    box = key.of_file(header[-SALT:])
    with path.open("rb") as file:
        file.seek(HEADER)
        for number, (segment, last) in enumerate(_ahead(iter(lambda: file.read(WHOLE), b""))):
            bound = _bound(header, number, last=last)
            try:
                yield box.decrypt(segment[:NONCE], segment[NONCE:], bound)
            except (InvalidTag, ValueError) as problem:
                raise _damaged() from problem


def whole_segments(path: Path) -> int:
    """How many segments were written whole."""
    return max(path.stat().st_size - HEADER, 0) // WHOLE


def sealed_size(size: int) -> int:
    """Bytes of the sealed file of ``size`` bytes."""
    return HEADER + size + max(1, -(-size // SEGMENT)) * (NONCE + TAG)


def _header(path: Path) -> bytes:
    with path.open("rb") as file:
        header = file.read(HEADER)
    if len(header) < HEADER or not header.startswith(MAGIC):
        raise _damaged()
    return header


def _bound(header: bytes, number: int, *, last: bool) -> bytes:
    return header + number.to_bytes(8, "big") + bytes([last])


def _segments(chunks: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """(bytes, whether they are the last): of ``SEGMENT`` bytes each but the last, one at least."""
    held = bytearray()
    for chunk in chunks:
        held += chunk
        while len(held) > SEGMENT:
            yield bytes(held[:SEGMENT]), False
            del held[:SEGMENT]
    yield bytes(held), True


def _ahead(segments: Iterator[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Each with whether it is the last; one that is none at all where there is none."""
    now = next(segments, b"")
    for after in segments:
        yield now, False
        now = after
    yield now, True


def _damaged() -> generator.StorageError:
    return generator.StorageError(
        "The encrypted file is damaged, or not what was uploaded; upload it again."
    )
