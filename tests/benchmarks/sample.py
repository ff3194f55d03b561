"""How much a run takes: processor, wall time, memory of the whole tree, size.

    python -m tests.benchmarks.sample [--long] [--formats]

500 deals with 1,000,000 events in each format, with one worker and with two; 50,000 deals; with
--long 10,000,000 events.  --formats measures the writers alone, beside what a plan expects of
them.  Ends with 1 when a target is missed.  Processor seconds are of the whole command, imports
included; those of writing are what a format takes beyond the same run in the cheapest one.  On a
machine that does other work the wall times, and their ratio, say little.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import generator
from generator.write.one import write_file
from tests.benchmarks.processes import memory_mb

EVENTS = ("--rows", "deal=500", "--rows", "vehicle_telemetry_event=1000000")
DEALS = ("--rows", "deal=50000")
LONG = ("--rows", "deal=500", "--rows", "vehicle_telemetry_event=10000000")
WRITING = {"jsonl": 5.0, "csv.gz": 3.2}  # processor seconds of writing a million events
WHOLE, RATIO = 5.5, 0.65  # of the run in Parquet; wall of two workers to that of one
DEALS_WHOLE = 11.0
LONG_MB = 700.0


@dataclass(frozen=True)
class Made:
    """One run of the command line."""

    processor: float
    wall: float
    peak_mb: float
    bytes: int
    hashes: dict[str, str]
    validation: dict[str, Any]

    def line(self, name: str) -> str:
        return (
            f"{name:<26} {self.processor:6.2f} CPU-s {self.wall:7.2f} s {self.peak_mb:6,.0f} MB  "
            f"{self.bytes / 1e6:8,.1f} MB on disk, {self.validation['links']['orphans']} orphans, "
            f"{self.validation['passed']} of {self.validation['total']} rules hold"
        )


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--long", action="store_true", help="10,000,000 events too")
    parser.add_argument("--formats", action="store_true", help="the writers alone")
    options = parser.parse_args()
    if options.formats:
        for line in writers():
            say(line)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        missed = list(_missed(Path(folder), long=options.long))
    for target in missed:
        say(f"missed: {target}")
    return 1 if missed else 0


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _missed(folder: Path, *, long: bool) -> Iterator[str]:
    """Runs everything, says a line each, and yields what lies beyond its target."""
    make = Maker(folder)
    make("(to fill caches)", *EVENTS, way="parquet")
    one = make("parquet", *EVENTS, way="parquet")
    two = make("parquet", *EVENTS, way="parquet", workers=2)
    ratio = two.wall / one.wall
    say(f"wall of two workers to that of one: {ratio:.2f}")
    if one.processor > WHOLE:
        yield f"{one.processor:.2f} CPU-s of {WHOLE} in Parquet"
    if ratio > RATIO:
        yield f"two workers take {ratio:.2f} of the time of one, not {RATIO}"
    if one.hashes != two.hashes:
        yield "two workers make other bytes than one"
    for way in generator.FORMATS:
        if way == "parquet":
            continue
        made = make(way, *EVENTS, way=way)
        writing = made.processor - one.processor
        say(f"{'':<26} {writing:6.2f} CPU-s more than Parquet")
        if writing > WRITING.get(way, writing):
            yield f"{writing:.2f} CPU-s of {WRITING[way]} to write {way}"
    deals = make("50,000 deals", *DEALS, way="parquet")
    if deals.processor > DEALS_WHOLE:
        yield f"{deals.processor:.2f} CPU-s of {DEALS_WHOLE} for 50,000 deals"
    if long:
        made = make("10,000,000 events", *LONG, way="parquet", workers=2)
        if made.peak_mb > LONG_MB:
            yield f"{made.peak_mb:,.0f} MB of {LONG_MB:,.0f} for 10,000,000 events"


class Maker:
    """Runs the command line, with compiled modules of its own as an installed one has them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._runs = 0
        self._environment = {
            **{name: text for name, text in os.environ.items() if name != _NO_CACHE},
            "PYTHONPYCACHEPREFIX": str(folder / "compiled"),
        }

    def __call__(self, name: str, *rows: str, way: str, workers: int = 1) -> Made:
        self._runs += 1
        out = self._folder / str(self._runs)
        made = self._run(out, [*rows, "--format", way, "--workers", str(workers)])
        say(made.line(name if workers == 1 else f"{name}, {workers} workers"))
        return made

    def _run(self, out: Path, words: list[str]) -> Made:
        command = [sys.executable, "-m", "generator", "sample", *words, "--seed", "7"]
        before, begun = _processor(), time.monotonic()
        peak = 0.0
        with subprocess.Popen(
            [*command, "--progress", "none", "--out", str(out)],
            stdout=subprocess.DEVNULL,
            env=self._environment,
        ) as process:
            while process.poll() is None:
                peak = max(peak, memory_mb(process.pid))
                time.sleep(0.1)
        if process.returncode:
            raise SystemExit(process.returncode)
        wall = time.monotonic() - begun
        manifest = json.loads((out / "manifest.json").read_text())
        return Made(
            _processor() - before,
            wall,
            peak,
            sum(file["bytes"] for file in manifest["files"]),
            {file["path"]: file["sha256"] for file in manifest["files"]},
            json.loads((out / "validation.json").read_text()),
        )


_NO_CACHE = "PYTHONDONTWRITEBYTECODE"


def _processor() -> float:
    """Seconds of all children that have ended, theirs included."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def writers() -> Iterator[str]:
    """Each format alone on the rows of two recipes: bytes and seconds beside those expected."""
    profile = generator.automotive()
    for name, rows in (
        ("3,000 deals", {"deal": 3_000, "vehicle_telemetry_event": 0}),
        ("150,000 events", {"deal": 60, "vehicle_telemetry_event": 150_000}),
    ):
        plan = generator.plan(profile, generator.Recipe(seed=3, rows=rows))
        drawing = profile.world.open(plan)
        drawn: dict[str, list[Any]] = {}
        for shard in plan.shards:
            for table, part in drawing.draw(shard):
                drawn.setdefault(table, []).append(part)
        order = [table for table in profile.schema.load_order() if table in drawn]
        tables = [(profile.schema[table], drawn[table]) for table in order]
        values = sum(plan.count(table.name) * len(table.columns) for table, _ in tables)
        for way in generator.FORMATS.values():
            expected = sum(
                plan.count(table.name) * way.size(column)
                for table, _ in tables
                for column in table.columns
            )
            begun = time.process_time()
            size = _written(way, tables)
            seconds = (time.process_time() - begun) / values * 1e6
            yield (
                f"{name:<15} {way.name:<9} {size / values:6.2f} bytes a value, "
                f"{expected / size:.2f} of it expected; {seconds:.3f} s a million values, "
                f"{way.seconds} expected"
            )


def _written(way: Any, tables: list[Any]) -> int:
    files = [tables] if way.whole else [[table] for table in tables]
    with tempfile.TemporaryDirectory() as folder:
        return sum(write_file(way, file, Path(folder)).stat().st_size for file in files)


if __name__ == "__main__":
    sys.exit(main())
