"""One million telemetry events and 500 deals, by the command people give.

    python -m tests.benchmarks.sample

Prints wall seconds, peak memory (all processes of the run), rows, orphans and violations, and
whether the files are the same bytes with one and with two workers, and others with another seed.
Ends with 1 when a limit is missed: 60 s, 1.5 GB, exact counts, no orphan, no violation.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

SECONDS, PEAK_MB = 60.0, 1500.0
WORKERS = 2
ASKED = {"deal": 500, "vehicle_telemetry_event": 1_000_000}
COMMAND = [
    *(sys.executable, "-m", "generator", "sample"),
    *(word for table, rows in ASKED.items() for word in ("--rows", f"{table}={rows}")),
    *("--from", "2025-01-01", "--to", "2025-12-31", "--format", "parquet", "--progress", "none"),
]


class Run(NamedTuple):
    seconds: float
    peak_mb: float
    manifest: dict
    validation: dict

    @property
    def hashes(self) -> dict[str, str]:
        return {file["path"]: file["sha256"] for file in self.manifest["files"]}

    @property
    def rows(self) -> dict[str, int]:
        return {file["table"]: file["rows"] for file in self.manifest["files"] if file["table"]}


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        runs = {
            name: run(Path(folder) / name, seed=seed, workers=workers)
            for name, seed, workers in (
                ("two workers", 7, WORKERS),
                ("one worker", 7, 1),
                ("another seed", 8, WORKERS),
            )
        }
    for name, made in runs.items():
        sys.stdout.write(
            f"{name:<13} {made.seconds:6.1f} s {made.peak_mb:7,.0f} MB  "
            f"{sum(made.rows.values()):,} rows, {made.validation['links']['orphans']} orphans, "
            f"{made.validation['passed']} of {made.validation['total']} rules hold\n"
        )
    failures = [*missed(runs["two workers"]), *unlike(runs)]
    for failure in failures:
        sys.stdout.write(f"missed: {failure}\n")
    return 1 if failures else 0


def run(out: Path, *, seed: int, workers: int) -> Run:
    begun = time.monotonic()
    process = subprocess.Popen(
        [*COMMAND, "--seed", str(seed), "--workers", str(workers), "--out", str(out)],
        stdout=subprocess.DEVNULL,
    )
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, memory_mb(process.pid))
        time.sleep(0.05)
    seconds = time.monotonic() - begun
    if process.returncode:
        raise SystemExit(process.returncode)
    documents = (json.loads((out / f"{n}.json").read_text()) for n in ("manifest", "validation"))
    return Run(seconds, peak, *documents)


def memory_mb(pid: int) -> float:
    """Proportional set size of the process and its children (shared pages counted once)."""
    total = 0.0
    for process in (pid, *children(pid)):
        try:
            text = Path(f"/proc/{process}/smaps_rollup").read_text()
        except OSError:
            continue  # gone by now
        total += next(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:"))
    return total / 1024


def children(pid: int) -> list[int]:
    found = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += [int(child) for child in path.read_text().split()]
        except OSError:
            continue
    return found + [grandchild for child in found for grandchild in children(child)]


def missed(made: Run) -> list[str]:
    rows = {table: made.rows[table] for table in ASKED}
    orphans, broken = made.validation["links"]["orphans"], not made.validation["ok"]
    return [
        *([f"{made.seconds:.1f} s of {SECONDS:.0f}"] if made.seconds > SECONDS else []),
        *([f"{made.peak_mb:.0f} MB of {PEAK_MB:.0f}"] if made.peak_mb > PEAK_MB else []),
        *([f"rows {rows}"] if rows != ASKED else []),
        *([f"{orphans} orphans"] if orphans else []),
        *(["a rule is violated"] if broken else []),
    ]


def unlike(runs: dict[str, Run]) -> list[str]:
    two, one, other = (run.hashes for run in runs.values())
    sizes = {name for name in two if name.endswith(".parquet")}
    same = "the same bytes" if two == one else "other bytes"
    sys.stdout.write(f"{len(two)} files, {same} with one worker as with two\n")
    shared = [name for name in sizes if two[name] == other[name]]
    return [
        *(["other bytes with one worker"] if two != one else []),
        *(
            [f"another seed gives the same {', '.join(shared)}"]
            if set(shared) - DRAWN_WHOLE
            else []
        ),
    ]


DRAWN_WHOLE = {"org_profile.parquet"}  # companies are the same whatever the seed


if __name__ == "__main__":
    sys.exit(main())
