"""Files, sent without a thread: the kernel copies them while the front does other things."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

PIECE = 1 << 18  # bytes; who takes less than one in ``stall_seconds`` is cut off


@dataclass(frozen=True)
class Order:
    """What Django wants to have sent: bytes of a file, to a person who may have so many at once."""

    key: str
    start: int
    length: int
    person: str
    most: int

    @classmethod
    def read(cls, header: bytes) -> Order:
        return cls(**json.loads(header))


class Part:
    """Bytes of an open file.  h11 passes on, unseen, whatever has a length."""

    def __init__(self, file: BinaryIO, order: Order) -> None:
        self.file = file
        self.start = order.start
        self.length = order.length

    def __len__(self) -> int:
        return self.length

    async def send(self, transport: asyncio.WriteTransport, *, stall_seconds: float) -> None:
        loop = asyncio.get_running_loop()
        at, end = self.start, self.start + self.length
        while at < end:
            if transport.is_closing():
                raise ConnectionError("The reader is gone.")
            async with asyncio.timeout(stall_seconds):
                sent = await loop.sendfile(transport, self.file, at, min(PIECE, end - at))
            if not sent:
                raise ConnectionError("The file became shorter while it was sent.")
            at += sent


class Files:
    """The folder of all files, and who is being sent how many of them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.sending: Counter[str] = Counter()

    @contextlib.contextmanager
    def opened(self, order: Order) -> Iterator[Part | None]:
        """None if the file is not there (any more) as Django saw it."""
        try:
            file = self._path(order.key).open("rb")
        except OSError:
            yield None
            return
        with file:
            part = Part(file, order)
            enough = file.seek(0, 2) >= order.start + order.length
            yield part if enough else None

    @contextlib.contextmanager
    def counted(self, order: Order) -> Iterator[bool]:
        """Whether this person may have one more; nobody in particular always may."""
        if not order.person:
            yield True
            return
        if self.sending[order.person] >= order.most:
            yield False
            return
        self.sending[order.person] += 1
        try:
            yield True
        finally:
            self.sending[order.person] -= 1
            if not self.sending[order.person]:
                del self.sending[order.person]

    def _path(self, key: str) -> Path:
        parts = PurePosixPath(key).parts
        if not parts or key.startswith("/") or ".." in parts or "\0" in key:
            raise FileNotFoundError(key)
        return self.root.joinpath(*parts)
