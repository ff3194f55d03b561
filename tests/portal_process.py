"""A real portal, in processes and a folder of its own, for tests that kill things."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from pathlib import Path

ROOT = Path(__file__).parent.parent
SETTINGS = {"REAP_SECONDS": "1", "WEB_WORKERS": "1"}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until(found, *, seconds=120, what=""):
    """The first true answer of ``found()``, asked a few times a second."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if answer := found():
            return answer
        time.sleep(0.1)
    raise AssertionError(f"{what or found} did not happen within {seconds} s")


class PortalProcess:
    """``make run`` in a folder.  ``line`` is what it printed when it was ready."""

    def __init__(self, folder, **settings):
        self.folder = Path(folder)
        self.port = free_port()
        self.environment = {
            **os.environ,
            **SETTINGS,
            "PORT": str(self.port),
            "PORTAL_DATA": str(folder),
            **settings,
        }
        self.process = None
        self.line = ""

    def start(self):
        self.process = self.launch()
        self.line = self.process.stdout.readline()
        assert self.line, self.process.stderr.read()
        return self

    def launch(self, **settings):
        return subprocess.Popen(
            [sys.executable, "manage.py", "up"],
            cwd=ROOT,
            env={**self.environment, **settings},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def stop(self, name=signal.SIGINT):
        """Seconds it took to end."""
        began = time.monotonic()
        self.process.send_signal(name)
        self.process.communicate(timeout=20)
        return time.monotonic() - began

    def health(self):
        """(status, document) of /healthz; (0, {}) when nobody answers."""
        url = f"http://127.0.0.1:{self.port}/healthz"
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)
        except OSError:
            return 0, {}

    def wait_healthy(self):
        until(lambda: self.health()[0] == 200, what="a healthy answer")

    def processes(self):
        """Ids of everything that runs for this folder, but the supervisor itself."""
        needle = f"PROVING_GROUND_CHILD={self.folder}|".encode()
        return [pid for pid, environ in _environments() if needle in environ]

    def child(self, name):
        """Id of the first process of a child."""
        needle = f"PROVING_GROUND_CHILD={self.folder}|{name}|".encode()
        return min(pid for pid, environ in _environments() if needle in environ)

    def query(self, sql, *values):
        with sqlite3.connect(self.folder / "portal.sqlite3", timeout=20) as database:
            database.row_factory = sqlite3.Row
            return database.execute(sql, values).fetchall()

    def shell(self, code):
        """What a piece of code prints in the portal's own settings."""
        done = subprocess.run(
            [sys.executable, "manage.py", "shell", "--no-imports", "-c", code],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def bundle(self, key):
        return self.query("SELECT * FROM portal_bundle WHERE id = ?", key)[0]

    def example(self):
        return self.query("SELECT * FROM portal_bundle WHERE is_example")[0]

    def add_bundle(self, **recipe):
        """A queued row that nobody pushed; the scheduler has to find it."""
        row = dict(self.example())
        row |= {
            "id": uuid.uuid4().hex,
            "name": "Test",
            "recipe": json.dumps(json.loads(row["recipe"]) | recipe),
            "state": "queued",
            "progress": "{}",
            "path": "",
            "claim": "",
            "receipt": "",
            "attempt": 0,
            "is_example": 0,
        }
        names = ", ".join(row)
        marks = ", ".join("?" * len(row))
        self.query(f"INSERT INTO portal_bundle ({names}) VALUES ({marks})", *row.values())
        return row["id"]

    def wait_running(self, key):
        """The process that works on a bundle, once it has begun to write."""

        def writing():
            row = self.bundle(key)
            begun = json.loads(row["progress"]).get("rows_done", 0) > 0
            return row["state"] == "running" and begun and row["claim"]

        return int(until(writing, what="a run that writes").split(":")[1])

    def wait_state(self, key, state, *, seconds=180):
        until(lambda: self.bundle(key)["state"] == state, seconds=seconds, what=state)
        return self.bundle(key)


def _environments():
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            yield int(folder.name), (folder / "environ").read_bytes()
        except OSError:
            continue


def parent(pid):
    return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])
