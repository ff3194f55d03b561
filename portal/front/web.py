"""The web processes behind the front: one request, one connection to their local socket."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import h11

READ = 1 << 16
Headers = list[tuple[bytes, bytes]]


class NotThere(Exception):
    """No web process takes the request, or the one that did is gone."""


@dataclass
class Answer:
    """What a web thread said; ``body`` as much of it as fits, ``rest`` what comes after."""

    status: int
    headers: Headers
    body: bytes = b""
    rest: AsyncIterator[bytes] | None = field(default=None)

    def header(self, name: bytes) -> bytes:
        return next((value for key, value in self.headers if key == name), b"")


class Web:
    """``async with web.asked(…) as call`` holds one web thread."""

    def __init__(self, socket: Path, *, requests: int, wait_seconds: float) -> None:
        self.socket = socket
        self.free = asyncio.Semaphore(requests)
        self.wait_seconds = wait_seconds

    @contextlib.asynccontextmanager
    async def asked(self, head: h11.Request) -> AsyncIterator[Call]:
        try:
            async with asyncio.timeout(self.wait_seconds):
                await self.free.acquire()
        except TimeoutError:
            raise NotThere from None
        try:
            reader, writer = await asyncio.open_unix_connection(self.socket)
        except OSError:
            self.free.release()
            raise NotThere from None
        try:
            yield Call(reader, writer, head)
        except OSError as problem:
            raise NotThere from problem
        finally:
            writer.transport.abort()
            self.free.release()


class Call:
    """One request on its way to a web thread and back."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: h11.Request
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._talk = h11.Connection(h11.CLIENT)
        self._send(head)

    async def give(self, piece: bytes) -> None:
        self._send(h11.Data(data=piece))
        await self._writer.drain()

    async def end(self) -> None:
        self._send(h11.EndOfMessage())
        await self._writer.drain()

    async def answer(self, *, most: int) -> Answer:
        """The answer, up to ``most`` bytes of its body."""
        event = await self._next()
        while isinstance(event, h11.InformationalResponse):
            event = await self._next()
        if not isinstance(event, h11.Response):
            raise NotThere
        answer = Answer(event.status_code, list(event.headers))
        pieces, size = [], 0
        async for piece in self._pieces():
            pieces.append(piece)
            size += len(piece)
            if size > most:
                answer.rest = self._pieces()
                break
        answer.body = b"".join(pieces)
        return answer

    async def _pieces(self) -> AsyncIterator[bytes]:
        while isinstance(event := await self._next(), h11.Data):
            yield bytes(event.data)
        if not isinstance(event, h11.EndOfMessage):
            raise NotThere

    async def _next(self) -> Any:
        try:
            while (event := self._talk.next_event()) is h11.NEED_DATA:
                self._talk.receive_data(await self._reader.read(READ))
        except h11.RemoteProtocolError as problem:  # it ended in the midst of the answer
            raise NotThere from problem
        return event

    def _send(self, event: Any) -> None:
        self._writer.write(self._talk.send(event))
