"""All connections, and their end."""

from __future__ import annotations

import asyncio
import contextlib
import resource
import signal
from collections.abc import Iterator
from pathlib import Path

from portal.front.connection import Connection, Refused
from portal.front.files import Files
from portal.front.limits import Limits
from portal.front.web import Web

FILES_EACH = 3  # open files a connection may need: its own, that to the web process, a file


class Front:
    """Listens at one address; the web processes at ``socket``, the files below ``root``."""

    def __init__(self, *, socket: Path, root: Path, limits: Limits, https: bool = False) -> None:
        self.limits = limits
        self.https = https
        self.web = Web(socket, requests=limits.requests, wait_seconds=limits.wait_seconds)
        self.files = Files(root)
        self.stopping = False
        self._most = min(limits.connections, _open_files() // FILES_EACH)
        self._tasks: set[asyncio.Task[None]] = set()
        self._waiting: dict[Connection, None] = {}  # for a request; the longest first
        self._sending: set[Connection] = set()
        self._taken = 0  # bytes of large forms

    async def run(self, host: str, port: int) -> None:
        """Until SIGINT or SIGTERM."""
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for name in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(name, stop.set)  # called by the loop, not by the handler
        server = await asyncio.start_server(self._accept, host, port, backlog=1024)
        await stop.wait()
        server.close()
        await self._end()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._tasks) >= self._most:
            if not self._waiting:
                writer.transport.abort()
                return
            next(iter(self._waiting)).abort()
        task = asyncio.create_task(Connection(self, reader, writer).serve())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        await task

    @contextlib.contextmanager
    def waiting_for(self, connection: Connection) -> Iterator[None]:
        """A connection that waits for a request is the first to go when there are too many."""
        self._waiting[connection] = None
        try:
            yield
        finally:
            self._waiting.pop(connection, None)

    @contextlib.contextmanager
    def room_for(self, length: int) -> Iterator[None]:
        """Memory for a body, so that nobody fills it with many large ones that come slowly."""
        taken = length if length > self.limits.form_bytes else 0
        if self._taken + taken > self.limits.room_bytes:
            raise Refused(
                503, "Too many large forms are coming in; try again in a moment.", retry=5
            )
        self._taken += taken
        try:
            yield
        finally:
            self._taken -= taken

    @contextlib.contextmanager
    def sending(self, connection: Connection) -> Iterator[None]:
        """A file may take hours, and its download goes on where it stopped."""
        self._sending.add(connection)
        try:
            yield
        finally:
            self._sending.discard(connection)

    async def _end(self) -> None:
        self.stopping = True
        for connection in [*self._waiting, *self._sending]:
            connection.abort()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=self.limits.stop_seconds)


def _open_files() -> int:
    """As many as this process may have open, from now on."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = hard if hard != resource.RLIM_INFINITY else 65_536
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(wanted, 65_536)), hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]
