"""The front before the web threads, as processes: nobody holds a thread by being slow."""

import asyncio
import contextlib
import http.client
import json
import socket
import subprocess
import sys
import time
from urllib.parse import quote

import h11
import pytest

from portal.front.files import Files, Order
from portal.front.web import Web
from tests.portal_process import ROOT, free_port, until

CONTENT = bytes(range(250)) * 40_000  # 10 MB, more than any socket takes unread
LIMITS = {
    "head-seconds": 1,
    "idle-seconds": 1,
    "body-seconds": 1,
    "stall-seconds": 3,
    "wait-seconds": 1,
    "requests": 2,
    "connections": 250,
    "room-bytes": 1_000_000,
}


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    """A front with a web process of two threads behind it."""
    folder = tmp_path_factory.mktemp("front")
    (folder / "one.csv").write_bytes(CONTENT)
    web = [
        *(sys.executable, "-m", "gunicorn", "tests.front_app:application", "--no-control-socket"),
        *(f"--bind=unix:{folder}/web.sock", "--worker-class=gthread", "--threads=2"),
        *("--worker-connections=2", "--keep-alive=0", "--log-level=warning"),
    ]
    port = free_port()
    limits = [f"--{name}={value}" for name, value in LIMITS.items()]
    front = [
        *(sys.executable, "-m", "portal.front", "--host=127.0.0.1", f"--port={port}"),
        *(f"--web={folder}/web.sock", f"--files={folder}", *limits),
    ]
    complaints = (folder / "complaints").open("w+")
    processes = [subprocess.Popen(command, cwd=ROOT, stderr=complaints) for command in (web, front)]
    until(lambda: answers(port), seconds=20, what="an answer")
    yield port
    for process in processes:
        process.terminate()
        process.wait(timeout=10)
    complaints.seek(0)
    assert complaints.read() == ""


def answers(port):
    with contextlib.suppress(OSError):
        return ask(port, "/")[0] == 200


def ask(port, path, *, method="GET", body=None, headers=None):
    """(status, headers, body)"""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    with contextlib.closing(connection):
        connection.request(method, path, body=body, headers=headers or {})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()


def order(**changed):
    whole = {"key": "one.csv", "start": 0, "length": len(CONTENT), "person": "", "most": 2}
    return "/file?" + quote(json.dumps(whole | changed), safe="")


def opened(port, text):
    """A connection on which ``text`` was sent and nothing is read."""
    talk = socket.create_connection(("127.0.0.1", port))
    talk.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    talk.sendall(text.encode())
    return talk


@contextlib.contextmanager
def many(port, number, text):
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(opened(port, text)) for _ in range(number)]


def seconds_of(port, path="/"):
    began = time.monotonic()
    assert ask(port, path)[0] == 200
    return time.monotonic() - began


def rest_of(talk):
    talk.settimeout(10)
    said = []
    with contextlib.suppress(ConnectionResetError):
        while piece := talk.recv(65_536):
            said.append(piece)
    return b"".join(said)


# What is passed on


def test_a_request_goes_through_and_comes_back(port):
    status, headers, body = ask(port, "/a%20b?c=d", method="POST", body=b"x" * 70_000)
    said = json.loads(body)
    assert status == 200
    assert said["size"] == 70_000
    assert (said["PATH_INFO"], said["QUERY_STRING"]) == ("/a b", "c=d")
    assert said["REQUEST_METHOD"] == "POST"
    assert headers["Content-Length"] == str(len(body))
    assert said["HTTP_X_FORWARDED_FOR"] == "127.0.0.1"
    assert said["HTTP_X_PORTAL_FRONT"] == "1"
    assert said["REMOTE_ADDR"] == ""


def test_only_the_front_says_what_only_the_front_may_say(port):
    lies = {
        "X-Portal-Front": "2",
        "X-Portal-Other": "1",
        "X_Portal_Front": "3",
        "X-Forwarded-For": "1.2.3.4",
        "X-Forwarded-Proto": "https",
        "Connection": "X-Secret",
        "X-Secret": "hop",
    }
    said = json.loads(ask(port, "/", headers=lies)[2])
    assert said["HTTP_X_PORTAL_FRONT"] == "1"
    assert said["HTTP_X_FORWARDED_FOR"] == "1.2.3.4, 127.0.0.1"
    assert said["wsgi.url_scheme"] == "http"
    assert not {"HTTP_X_PORTAL_OTHER", "HTTP_X_FORWARDED_PROTO", "HTTP_X_SECRET"} & set(said)


def test_one_connection_serves_many_requests(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    for path in ("/", order(), "/nothing", "/big", "/"):
        connection.request("GET", path)
        connection.getresponse().read()
        assert connection.sock is not None, path
    connection.close()


def test_head_and_an_answer_without_a_body(port):
    status, headers, body = ask(port, "/", method="HEAD")
    assert (status, body) == (200, b"")
    status, headers, body = ask(port, "/nothing")
    assert (status, headers["ETag"], body) == (304, '"e"', b"")


def test_a_large_answer_comes_whole(port):
    assert len(ask(port, "/big")[2]) == 10_000_000


def test_a_large_body_is_passed_on_as_it_comes(port):
    _, _, body = ask(port, "/", method="POST", body=b"x" * 3_000_000)
    assert json.loads(body)["size"] == 3_000_000


def test_a_refusal_arrives_though_the_body_is_still_coming(port):
    """A form that claims to be too large is refused before it is read."""
    text = "POST /refuse HTTP/1.1\r\nHost: x\r\nContent-Length: 3000000000\r\n\r\n"
    with opened(port, text + "x" * 100_000) as talk:
        assert b"too large" in rest_of(talk)


def test_a_browser_that_asks_first_is_told_to_go_on(port):
    text = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"
    with opened(port, text) as talk:
        talk.settimeout(5)
        assert talk.recv(1000).startswith(b"HTTP/1.1 100")
        talk.sendall(b"ab")
        assert b'"size": 2' in rest_of(talk)


@pytest.mark.parametrize(
    ("text", "status", "word"),
    [
        ("GET / HTTP/1.1\r\n\r\n", 400, "Host"),
        ("nonsense\r\n\r\n", 400, "Not a request"),
        ("GET http://x/ HTTP/1.1\r\nHost: x\r\n\r\n", 400, "slash"),
        ("GET / HTTP/1.1\r\nHost: x\r\nA: " + "a" * 40_000, 431, "Not a request"),
        ("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 411, "long"),
        ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1, 2\r\n\r\n", 400, "Not a request"),
    ],
)
def test_what_is_no_request_is_refused_with_a_sentence(port, text, status, word):
    with opened(port, text) as talk:
        said = rest_of(talk).decode()
    assert said.startswith(f"HTTP/1.1 {status} ")
    assert word in said


# Files


def test_a_file_is_sent_by_the_front(port):
    status, headers, body = ask(port, order())
    assert (status, headers["Content-Type"], headers["ETag"]) == (200, "text/csv", '"e"')
    assert headers["Content-Length"] == str(len(CONTENT))
    assert "X-Portal-Send" not in headers
    assert body == CONTENT
    assert ask(port, order(start=5, length=7))[2] == CONTENT[5:12]


@pytest.mark.parametrize("key", ["other.csv", "../one.csv", "/etc/passwd", "", "a\0b"])
def test_a_file_that_is_not_there(port, key):
    status, _, body = ask(port, order(key=key, length=1))
    assert (status, body) == (404, b"The file is gone.\n")


def test_a_file_that_became_shorter_is_not_sent(port):
    assert ask(port, order(length=len(CONTENT) + 1))[0] == 404


def test_a_person_is_sent_so_many_files_at_once_and_no_more(port):
    slow = f"GET {order(person='7')} HTTP/1.1\r\nHost: x\r\n\r\n"
    with many(port, 2, slow) as talks:
        for talk in talks:
            assert talk.recv(1) == b"H"
        status, headers, body = ask(port, order(person="7"))
        assert (status, headers["Retry-After"]) == (429, "30")
        assert body == b"You are being sent 2 files already; wait for one of them.\n"
        assert ask(port, order(person="8"))[0] == 200
    until(lambda: ask(port, order(person="7"))[0] == 200, seconds=10, what="a place")


def test_a_reader_that_goes_away_between_two_pieces_is_no_fault(tmp_path):
    (tmp_path / "one.csv").write_bytes(CONTENT)
    wanted = Order("one.csv", 0, len(CONTENT), "", 1)

    async def send(reader, writer):
        writer.transport.abort()
        with Files(tmp_path).opened(wanted) as part, pytest.raises(ConnectionError):
            await part.send(writer.transport, stall_seconds=1)
        sent.set_result(True)

    async def serve():
        nonlocal sent
        sent = asyncio.get_running_loop().create_future()
        server = await asyncio.start_server(send, "127.0.0.1", 0)
        async with server:
            await asyncio.open_connection(*server.sockets[0].getsockname())
            assert await asyncio.wait_for(sent, 10)

    sent = None
    asyncio.run(serve())


def test_an_answer_is_heard_though_the_web_process_hung_up_while_we_wrote(tmp_path):
    """It answers before the body is there, and closes; what it said lies in the socket."""

    async def hang_up(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nno\n")
        await writer.drain()
        writer.close()

    async def ask_web():
        web = Web(tmp_path / "web.sock", requests=1, wait_seconds=1)
        head = h11.Request(
            method="POST", target="/", headers=[("Host", "x"), ("Content-Length", "1000000")]
        )
        server = await asyncio.start_unix_server(hang_up, tmp_path / "web.sock")
        async with server, web.asked(head) as call:
            for _ in range(10):
                await call.give(bytes(100_000))
                await asyncio.sleep(0.01)
            await call.end()
            answer = await call.answer(most=1000)
        assert (answer.status, answer.body) == (413, b"no\n")

    asyncio.run(ask_web())


# Whoever is slow


def test_slow_readers_hold_no_thread(port):
    text = f"GET {order()} HTTP/1.1\r\nHost: x\r\n\r\n"
    with many(port, 60, text):
        assert max(seconds_of(port) for _ in range(5)) < 1


def test_readers_of_a_page_hold_no_thread(port):
    with many(port, 60, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"):
        assert max(seconds_of(port) for _ in range(5)) < 1


@pytest.mark.parametrize(
    "text",
    ["", "GET / HT", "GET / HTTP/1.1\r\nHost: x\r\nA:", "POST / HTTP/1.1\r\nContent-Length: 9\r\n"],
)
def test_half_a_request_holds_no_thread_and_is_closed(port, text):
    with many(port, 200, text) as talks:
        assert max(seconds_of(port) for _ in range(3)) < 1
        said = rest_of(talks[0]).decode()
    assert not said or "408" in said


def test_half_a_body_holds_no_thread_and_is_closed(port):
    text = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc"
    with many(port, 60, text) as talks:
        assert max(seconds_of(port) for _ in range(3)) < 1
        assert b"The form did not come within 1 seconds." in rest_of(talks[0])


def test_large_forms_that_come_slowly_fill_no_memory(port):
    text = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 300000\r\n\r\nabc"
    with many(port, 10, text) as talks:
        said = [rest_of(talk) for talk in talks]
        assert sum(b"503" in one and b"Too many large forms" in one for one in said) == 7
        assert ask(port, "/", method="POST", body=b"x" * 300_000)[0] == 200


def test_too_many_connections_close_those_that_wait_longest(port):
    with many(port, 300, "GET /") as talks:
        assert seconds_of(port) < 1
        talks[0].settimeout(0.5)
        with contextlib.suppress(ConnectionResetError):
            assert talks[0].recv(1) == b""


def test_a_reader_that_takes_nothing_is_cut_off(port):
    with opened(port, f"GET {order()} HTTP/1.1\r\nHost: x\r\n\r\n") as talk:
        time.sleep(LIMITS["stall-seconds"] + 2)
        assert len(rest_of(talk)) < len(CONTENT)


def test_without_a_web_process_it_says_so(tmp_path):
    port = free_port()
    command = ["-m", "portal.front", "--host=127.0.0.1", f"--port={port}", f"--web={tmp_path}/x"]
    process = subprocess.Popen([sys.executable, *command, f"--files={tmp_path}"], cwd=ROOT)
    try:
        until(lambda: connects(port), seconds=10)
        status, headers, body = ask(port, "/")
        assert (status, headers["Retry-After"]) == (503, "5")
        assert body == b"The portal is starting or very busy; try again in a moment.\n"
    finally:
        process.terminate()
        assert process.wait(timeout=5) == 0


def connects(port):
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
        return True
