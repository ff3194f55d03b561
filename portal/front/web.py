"""The web processes behind the front: one request, one connection to their local socket."""

from __future__ import annotations

import asyncio
import contextlib
import socket
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
        talk = socket.socket(socket.AF_UNIX)
        talk.setblocking(False)
        try:
            await asyncio.get_running_loop().sock_connect(talk, str(self.socket))
            yield Call(talk, head)
        except OSError as problem:
            raise NotThere from problem
        finally:
            talk.close()
            self.free.release()


class Call:
    """One request on its way to a web thread and back.

    A web thread may answer before it has read the whole body, and hang up. What it said is then
    still to be read: so this talks to the socket itself, as a stream of asyncio forgets what it
    has not read when it fails to write.
    """

    def __init__(self, talk: socket.socket, head: h11.Request) -> None:
        self._socket = talk
        self._talk = h11.Connection(h11.CLIENT)
        self._head: bytes | None = self._talk.send(head)
        self._heard = True  # the web thread still reads

    async def give(self, piece: bytes) -> None:
        await self._send(self._talk.send(h11.Data(data=piece)))

    async def end(self) -> None:
        await self._send(self._talk.send(h11.EndOfMessage()))

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
                loop = asyncio.get_running_loop()
                self._talk.receive_data(await loop.sock_recv(self._socket, READ))
        except h11.RemoteProtocolError as problem:  # it ended in the midst of the answer
            raise NotThere from problem
        return event

    async def _send(self, sent: bytes | None) -> None:
        told = (self._head or b"") + (sent or b"")
        self._head = None
        if self._heard and told:
            try:
                await asyncio.get_running_loop().sock_sendall(self._socket, told)
            except (BrokenPipeError, ConnectionResetError):
                self._heard = False
