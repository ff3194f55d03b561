"""`make run` as a whole: start, death of every part, stop, start again."""

import os
import re
import signal
import socket
from pathlib import Path

import pytest

from tests.portal_process import PortalProcess, free_port, parent, until

pytestmark = pytest.mark.services
LINE = re.compile(
    r"Proving Ground: http://127\.0\.0\.1:(\d+)   developer / (\S+) · administrator / (\S+)\n"
)
# Some five seconds of work on two cores: time to be killed in.
LONG = {
    "rows": {"deal": 500, "vehicle_telemetry_event": 400_000},
    "formats": ["csv", "jsonl", "sqlite"],
}


@pytest.fixture(scope="module")
def portal(tmp_path_factory):
    portal = PortalProcess(tmp_path_factory.mktemp("portal")).start()
    yield portal
    portal.stop()


@pytest.fixture(scope="module")
def receipt(portal):
    """What the long recipe comes to when nobody interferes."""
    return portal.wait_state(portal.add_bundle(**LONG), "ready")["receipt"]


def test_one_line_says_where_and_who(portal):
    assert LINE.fullmatch(portal.line), portal.line
    status, health = portal.health()
    assert status == 200
    assert health == {
        "status": "ok",
        "database": "ok",
        "broker": "ok",
        "workers": {"bundles": 1, "fits": 1},
    }


def test_the_first_look_is_not_an_empty_list(portal):
    example = portal.wait_state(portal.example()["id"], "ready")
    assert example["rows"] > 0
    assert (portal.folder / example["path"] / "manifest.json").exists()


def test_a_killed_work_process_has_its_run_taken_up_again(portal, receipt):
    key = portal.add_bundle(**LONG)
    os.kill(portal.wait_running(key), signal.SIGKILL)
    bundle = portal.wait_state(key, "ready")
    assert bundle["attempt"] == 2
    assert bundle["receipt"] == receipt


def test_a_killed_worker_is_replaced_and_its_run_taken_up_again(portal, receipt):
    key = portal.add_bundle(**LONG)
    horse = portal.wait_running(key)
    worker = parent(horse)
    os.kill(worker, signal.SIGKILL)
    bundle = portal.wait_state(key, "ready")
    assert bundle["attempt"] == 2
    assert bundle["receipt"] == receipt
    assert horse not in portal.processes()
    assert portal.child("worker-bundles-1") != worker
    portal.wait_healthy()


def test_an_idle_worker_that_is_killed_strands_no_job(portal):
    os.kill(portal.child("worker-bundles-1"), signal.SIGKILL)
    portal.wait_state(portal.add_bundle(seed=8), "ready")


def test_a_run_outlives_its_broker(portal, receipt):
    key = portal.add_bundle(**LONG)
    portal.wait_running(key)
    os.kill(broker_of(portal), signal.SIGKILL)
    later = portal.add_bundle(seed=9)
    bundle = portal.wait_state(key, "ready")
    assert bundle["attempt"] == 1
    assert bundle["receipt"] == receipt
    portal.wait_state(later, "ready")
    portal.wait_healthy()


def test_a_running_bundle_can_be_cancelled(portal):
    key = portal.add_bundle(**LONG)
    portal.wait_running(key)
    portal.query("UPDATE portal_bundle SET state = 'cancelling' WHERE id = ?", key)
    portal.wait_state(key, "cancelled")
    assert not list((portal.folder / "work").glob("run-*"))
    assert not (portal.folder / "bundles" / key).exists()


def test_a_second_supervisor_is_refused(portal):
    second = portal.launch(PORT=str(free_port()))
    _, said = second.communicate(timeout=30)
    assert second.returncode == 1
    assert f"A portal is already running on {portal.folder}" in said


def test_a_port_in_use_is_named(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        portal = PortalProcess(tmp_path, PORT=str(taken.getsockname()[1]))
        process = portal.launch()
        _, said = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "set PORT to another one" in said


def test_stop_leaves_no_process_and_a_second_start_keeps_all_data(portal, receipt):
    key = portal.add_bundle(**LONG)
    portal.wait_running(key)
    before = {row["id"] for row in portal.query("SELECT id FROM portal_bundle")}
    seconds = portal.stop()
    assert portal.process.returncode == 0
    assert portal.processes() == []
    assert seconds < 10
    first_line = portal.line
    portal.start()
    assert portal.line == first_line
    assert {row["id"] for row in portal.query("SELECT id FROM portal_bundle")} == before
    bundle = portal.wait_state(key, "ready")
    assert bundle["receipt"] == receipt


def test_a_killed_supervisor_takes_everything_with_it(portal, receipt):
    key = portal.add_bundle(**LONG)
    portal.wait_running(key)
    portal.process.kill()
    portal.process.communicate(timeout=10)
    portal.start()
    portal.wait_healthy()
    assert len(portal.query("SELECT id FROM portal_bundle WHERE is_example")) == 1
    assert portal.wait_state(key, "ready")["receipt"] == receipt
    assert list((portal.folder / "work").glob("run-*")) == []


def broker_of(portal):
    """The broker overwrites its environment; its parent is the supervisor."""
    ours = portal.process.pid
    children = Path(f"/proc/{ours}/task/{ours}/children")

    def found():
        pids = children.read_text().split()
        return [pid for pid in pids if "server" in Path(f"/proc/{pid}/comm").read_text()]

    return int(until(found, what="a broker")[0])
