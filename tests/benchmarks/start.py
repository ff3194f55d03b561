"""From a clean clone to the first answer, and again: ``python -m tests.benchmarks.start``.

Clones what is committed, runs ``make run`` there twice and prints the seconds to the first 200 of
/healthz, those it took to stop, and the processes that were left.  Ends with 1 when a limit is
missed.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from tests.portal_process import ROOT, free_port

LIMITS = {"first start": 90.0, "second start": 10.0}
PATIENCE = 300.0


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "clone"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        found = {name: run_once(clone) for name in LIMITS}
    missed = 0
    for name, (seconds, stopping, left) in found.items():
        good = seconds <= LIMITS[name] and not left
        missed += not good
        print(
            f"{name}: {seconds:.1f} s to the first 200 (at most {LIMITS[name]:.0f}), "
            f"{stopping:.1f} s to stop, {left} processes left: {'met' if good else 'MISSED'}"
        )
    return 1 if missed else 0


def run_once(clone: Path) -> tuple[float, float, int]:
    """Seconds to the first 200, seconds to stop, processes left."""
    port = free_port()
    mine = {"PORT": str(port), "PORTAL_DATA": str(clone / "var")}
    began = time.monotonic()
    process = subprocess.Popen(
        ["make", "run"],
        cwd=clone,
        env={**os.environ, **mine},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        seconds = wait_for_answer(port, began)
        print("  " + process.stdout.readline().split("   ")[0].strip(), flush=True)
    finally:
        stopping = time.monotonic()
        os.killpg(process.pid, signal.SIGINT)  # what Ctrl-C does: make and all it runs hear it
        process.wait(timeout=30)
    return seconds, time.monotonic() - stopping, left_of(clone)


def wait_for_answer(port: int, began: float) -> float:
    while time.monotonic() - began < PATIENCE:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2) as answer:
                if answer.status == 200:
                    return time.monotonic() - began
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    sys.exit(f"No healthy answer within {PATIENCE:.0f} s.")


def left_of(clone: Path) -> int:
    """Processes that still run with the clone's data folder."""
    needle = str(clone / "var").encode()
    found = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            found += needle in (folder / "environ").read_bytes()
        except OSError:
            continue
    return found


if __name__ == "__main__":
    sys.exit(main())
