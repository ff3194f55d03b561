"""Signals may come at any moment, in a row, and while an earlier one is being handled."""

import random
import signal
import subprocess
import sys
import time

import pytest

from tests.portal_process import ROOT, PortalProcess, until

# Calls a handler once for every step of it, and calls it again in the midst of that step.
AT_EVERY_STEP = """
import sys, django, os
os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings"
django.setup()
{make}
def interrupted(handler, step):
    left = step
    def trace(frame, event, _):
        nonlocal left
        left -= event == "line"
        if left == 0:
            handler(15, None)
        return trace
    sys.settrace(trace)
    try:
        handler(15, None)
    finally:
        sys.settrace(None)
    return left <= 0
step = 1
while interrupted(handler, step):
    step += 1
print(step, {asked})
"""
HANDLERS = {
    "stop": ("from portal.stopping import Stop; stop = Stop(); handler = stop.note", "stop.asked"),
    "run": ("from portal import run; handler = run.note_signal", "run._has_to_go()"),
    "worker": (
        "from portal.worker import PortalWorker; worker = PortalWorker.__new__(PortalWorker);"
        "handler = worker.request_stop; worker._horse_pid = 2**22 + 1  # nobody",
        "worker._stop_requested",
    ),
}


@pytest.mark.parametrize("name", HANDLERS)
def test_a_handler_may_be_interrupted_by_itself_at_every_step(name):
    make, asked = HANDLERS[name]
    done = subprocess.run(
        [sys.executable, "-c", AT_EVERY_STEP.format(make=make, asked=asked)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    steps, noted = done.stdout.split() or (0, done.stderr)
    assert noted == "True"
    assert int(steps) > 1


# A supervisor whose children only take a second to end, so that its own code is what the signals
# meet.
IDLE = """
import os, sys, django
os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings"
django.setup()
from portal import supervisor
supervisor.healthy = lambda: True
keeper = supervisor.Supervisor()
keeper.broker = None
idle = ["sh", "-c", "trap 'sleep 1; exit' TERM; sleep 60 & wait"]
keeper.children = [keeper._child(f"idle-{n}", idle) for n in range(2)]
keeper.run(ready=lambda: print("ready", flush=True))
"""


def bombard(process, chance, *, seconds):
    """Signals in bursts of up to five, for a while or until the process has ended."""
    deadline = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < deadline:
        for _ in range(chance.randint(1, 5)):
            process.send_signal(chance.choice((signal.SIGINT, signal.SIGTERM)))
        time.sleep(chance.uniform(0, 0.0003))


@pytest.mark.parametrize("seed", range(3))
def test_a_supervisor_ends_however_many_signals_it_gets(tmp_path, seed):
    portal = PortalProcess(tmp_path / "data")
    process = subprocess.Popen(
        [sys.executable, "-c", IDLE],
        cwd=ROOT,
        env=portal.environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "ready\n"
    chance = random.Random(seed)
    time.sleep(chance.uniform(0, 0.6))
    bombard(process, chance, seconds=8)
    assert process.wait(timeout=5) in (0, -signal.SIGINT, -signal.SIGTERM)
    until(lambda: not portal.processes(), seconds=10, what="the end of its children")


LONG = {"rows": {"deal": 500, "vehicle_telemetry_event": 400_000}, "formats": ["csv", "jsonl"]}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("portal")


@pytest.fixture
def portal(folder):
    portal = PortalProcess(folder)
    yield portal
    portal.process.kill()  # if the test did not get so far


@pytest.mark.services
@pytest.mark.parametrize("moment", ["start", "work", "stop"])
def test_a_portal_ends_whenever_the_signals_come(portal, moment):
    chance = random.Random(moment)
    if moment == "start":
        portal.process = portal.launch()
        time.sleep(chance.uniform(2.0, 4.0))
    else:
        portal.start()
    if moment == "work":
        portal.wait_running(portal.add_bundle(**LONG))
    if moment == "stop":  # with the run of before, handed back and taken up again
        portal.process.send_signal(signal.SIGINT)
        time.sleep(chance.uniform(0, 1.0))
    bombard(portal.process, chance, seconds=12)
    portal.process.communicate(timeout=5)
    until(lambda: not portal.processes(), seconds=10, what="the end of its children")
