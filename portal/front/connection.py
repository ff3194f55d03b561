"""One connection of a browser: request by request, each in its time.

A request that is not wanted is answered with one sentence; one that never comes is not answered.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from typing import TYPE_CHECKING, Any

import h11

from portal.front.files import Order, Part
from portal.front.web import Answer, Call, Headers, NotThere

if TYPE_CHECKING:
    from portal.front.server import Front

READ = 1 << 16
SEND = b"x-portal-send"
# RFC 9110, 7.6.1: of this connection only.  What is said about lengths is said anew.
HOP = {
    *(b"connection", b"keep-alive", b"proxy-connection", b"proxy-authenticate", b"te"),
    *(b"proxy-authorization", b"trailer", b"transfer-encoding", b"upgrade", b"expect"),
}
# Who is asked whether a request came over HTTPS; a stranger's word does not count.
SCHEME = {b"x-forwarded-proto", b"x-forwarded-protocol", b"x-forwarded-ssl"}


class Refused(Exception):
    """The connection ends with this answer."""

    def __init__(self, status: int, sentence: str, *, retry: int | None = None) -> None:
        self.status = status
        self.sentence = sentence
        self.retry = retry


class Gone(Exception):
    """There is nobody left to answer."""


class Stalled(Exception):
    """Whoever asked takes nothing of the answer."""


class Connection:
    """``await serve()`` until the browser, or the front, has had enough."""

    def __init__(
        self, front: Front, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.front = front
        self.limits = front.limits
        self._reader = reader
        self._writer = writer
        self._transport = writer.transport
        self._transport.set_write_buffer_limits(high=READ)
        self._talk = h11.Connection(h11.SERVER, max_incomplete_event_size=front.limits.head_bytes)
        self._peer = str((writer.get_extra_info("peername") or ("",))[0])

    def abort(self) -> None:
        self._transport.abort()

    async def serve(self) -> None:
        try:
            while request := await self._request():
                await self._serve_one(request)
                if self._talk.states != {h11.SERVER: h11.DONE, h11.CLIENT: h11.DONE}:
                    break
                self._talk.start_next_cycle()
            await self._close()
        except Stalled:
            self._reset()
        except (Gone, OSError, TimeoutError, h11.LocalProtocolError):
            await self._close()
        finally:
            self._transport.abort()

    # Taking a request

    async def _request(self) -> h11.Request | None:
        """The head of the next request; None when the browser closed the connection."""
        with self.front.waiting_for(self):
            request: h11.Request | None = await self._refusing(self._head())
        return request

    async def _head(self) -> h11.Request | None:
        seconds = self.limits.head_seconds
        if self._talk.trailing_data[0] == b"" and self._again:
            async with asyncio.timeout(self.limits.idle_seconds):
                self._talk.receive_data(await self._reader.read(READ))
        self._again = True
        try:
            async with asyncio.timeout(seconds):
                event = await self._next()
        except TimeoutError:
            if not self._talk.trailing_data[0]:
                raise Gone from None  # it never said anything
            raise Refused(
                408, f"The headers of the request did not come within {seconds:g} seconds."
            ) from None
        return event if isinstance(event, h11.Request) else None

    _again = False

    async def _next(self) -> Any:
        try:
            while (event := self._talk.next_event()) is h11.NEED_DATA:
                if self._talk.they_are_waiting_for_100_continue:
                    self._say(h11.InformationalResponse(status_code=100, headers=[]))
                self._talk.receive_data(await self._reader.read(READ))
        except h11.RemoteProtocolError as problem:
            raise Refused(problem.error_status_hint, f"Not a request: {problem}.") from None
        return event

    async def _body(self) -> bytes:
        """A small body, as a whole."""
        pieces = []
        try:
            async with asyncio.timeout(self.limits.body_seconds):
                while isinstance(event := await self._next(), h11.Data):
                    pieces.append(bytes(event.data))
        except TimeoutError:
            seconds = self.limits.body_seconds
            raise Refused(408, f"The form did not come within {seconds:g} seconds.") from None
        if isinstance(event, h11.ConnectionClosed):
            raise Gone
        return b"".join(pieces)

    # Answering

    async def _serve_one(self, request: h11.Request) -> None:
        await self._refusing(self._pass_on(request))

    async def _refusing(self, work: Any) -> Any:
        """Do the work, or say in one sentence why not."""
        try:
            return await work
        except NotThere:
            refused = Refused(
                503, "The portal is starting or very busy; try again in a moment.", retry=5
            )
        except Refused as problem:
            refused = problem
        await self._refuse(refused)
        return None

    async def _pass_on(self, request: h11.Request) -> None:
        length = _length(request)
        if length > self.limits.body_bytes:
            async with self.front.web.asked(self._to_web(request, length)) as call:
                answer = await self._stream(call)
                await self._answer_held(answer)
        else:
            with self.front.room_for(length):
                body = await self._body()
                async with self.front.web.asked(self._to_web(request, length)) as call:
                    answer = await self._ask(call, body)
                    await self._answer_held(answer)
        if answer.rest is None:  # no web thread is held from here on
            await self._deliver(answer)

    async def _ask(self, call: Call, body: bytes) -> Answer:
        if body:
            await call.give(body)
        await call.end()
        return await call.answer(most=self.limits.answer_bytes)

    async def _answer_held(self, answer: Answer) -> None:
        """An answer that is too large to be kept holds its web thread till it is taken."""
        if answer.rest is not None:
            await self._answer(answer)

    async def _stream(self, call: Call) -> Answer:
        """Pass a large body on as it comes; the answer may come before its end."""
        asked = asyncio.create_task(call.answer(most=self.limits.answer_bytes))
        given = asyncio.create_task(self._give(call))
        try:
            await asyncio.wait({asked, given}, return_when=asyncio.FIRST_COMPLETED)
            if not asked.done():
                given.result()
            return await asked
        finally:
            for task in (asked, given):
                task.cancel()
            await asyncio.gather(asked, given, return_exceptions=True)

    async def _give(self, call: Call) -> None:
        while True:
            async with asyncio.timeout(self.limits.body_seconds):
                event = await self._next()
            if isinstance(event, h11.EndOfMessage):
                await call.end()
                return
            if not isinstance(event, h11.Data):
                raise Gone
            await call.give(bytes(event.data))

    async def _deliver(self, answer: Answer) -> None:
        header = answer.header(SEND)
        if not header:
            await self._answer(answer)
            return
        order = Order.read(header)
        with self.front.files.counted(order) as free, self.front.files.opened(order) as part:
            if not free:
                raise Refused(
                    429,
                    f"You are being sent {order.most} files already; wait for one of them.",
                    retry=30,
                )
            if part is None:
                raise Refused(404, "The file is gone.")
            with self.front.sending(self):
                await self._answer(answer, part=part)

    async def _answer(self, answer: Answer, *, part: Part | None = None) -> None:
        headers = _kept(answer.headers)
        sized = any(name == b"content-length" for name, _ in headers)
        if part is not None:
            headers = [(name, value) for name, value in headers if name != b"content-length"]
            headers.append((b"content-length", b"%d" % len(part)))
        elif answer.rest is None and not sized and answer.status not in (204, 304):
            headers.append((b"content-length", b"%d" % len(answer.body)))
        if self.front.stopping:
            headers.append((b"connection", b"close"))
        self._say(h11.Response(status_code=answer.status, headers=headers))
        if part is not None:
            self._talk.send_with_data_passthrough(h11.Data(data=part))  # type: ignore[arg-type]
            await self._send(part)
        for at in range(0, len(answer.body), READ):
            await self._write(answer.body[at : at + READ])
        if answer.rest is not None:
            async for piece in answer.rest:
                await self._write(piece)
        self._say(h11.EndOfMessage())
        await self._drain()

    async def _refuse(self, refused: Refused) -> None:
        if self._talk.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
            raise Gone
        body = f"{refused.sentence}\n".encode()
        headers = [
            (b"content-type", b"text/plain; charset=utf-8"),
            (b"content-length", b"%d" % len(body)),
            (b"x-content-type-options", b"nosniff"),
            (b"connection", b"close"),
        ]
        if refused.retry is not None:
            headers.append((b"retry-after", b"%d" % refused.retry))
        self._say(h11.Response(status_code=refused.status, headers=headers))
        with contextlib.suppress(h11.LocalProtocolError):  # an answer to HEAD has no body
            self._say(h11.Data(data=body))
        self._say(h11.EndOfMessage())
        await self._drain()

    def _say(self, event: Any) -> None:
        self._writer.write(self._talk.send(event) or b"")

    async def _write(self, piece: bytes) -> None:
        self._say(h11.Data(data=piece))
        await self._drain()

    async def _send(self, part: Part) -> None:
        try:
            await part.send(self._transport, stall_seconds=self.limits.stall_seconds)
        except TimeoutError:
            raise Stalled from None

    async def _drain(self) -> None:
        try:
            async with asyncio.timeout(self.limits.stall_seconds):
                await self._writer.drain()
        except TimeoutError:
            raise Stalled from None

    def _reset(self) -> None:
        """Close at once: the kernel need not keep what nobody takes."""
        own = self._writer.get_extra_info("socket")
        own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    async def _close(self) -> None:
        """Say that nothing more comes; what the browser is still sending is read a moment longer,
        so that it sees the answer and not a broken connection."""
        with contextlib.suppress(OSError, TimeoutError):
            if not self._transport.is_closing() and self._transport.can_write_eof():
                self._transport.write_eof()
                async with asyncio.timeout(1):
                    while await self._reader.read(READ):
                        pass

    def _to_web(self, request: h11.Request, length: int) -> h11.Request:
        headers = _kept(request.headers)
        if not self.front.https:
            headers = [(name, value) for name, value in headers if name not in SCHEME]
        before = [value for name, value in headers if name == b"x-forwarded-for"]
        headers = [
            (name, value)
            for name, value in headers
            if name not in (b"x-forwarded-for", b"content-length")
        ]
        headers += [
            (b"x-forwarded-for", b", ".join([*before, self._peer.encode()])),
            (b"x-portal-front", b"1"),
            (b"connection", b"close"),
        ]
        if length:
            headers.append((b"content-length", b"%d" % length))
        return h11.Request(method=request.method, target=request.target, headers=headers)


def _length(request: h11.Request) -> int:
    """Bytes of the body, as the request claims."""
    if not request.target.startswith(b"/"):
        raise Refused(400, "The address of a request must begin with a slash.")
    named = dict(request.headers)
    if b"transfer-encoding" in named:
        raise Refused(411, "A request must say how long its body is (Content-Length).")
    return int(named.get(b"content-length", b"0"))


def _kept(headers: Any) -> Headers:
    """What is passed on: nothing that is for the next neighbour only, nothing that only the portal
    may say, and no name that another one could be taken for (``A_B`` for ``A-B``)."""
    named = {
        word.strip().lower()
        for name, value in headers
        if name == b"connection"
        for word in value.split(b",")
    }
    return [
        (name, value)
        for name, value in headers
        if name not in HOP | named and not name.startswith(b"x-portal-") and b"_" not in name
    ]
