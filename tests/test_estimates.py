"""What a plan promises is near what a run takes: disk, time, memory.

The bounds are wide enough for a busy machine and narrow enough that an estimate of the disk three
times too small, or of the time ten times too small, is caught.
"""

import subprocess
import sys
import time
from dataclasses import replace
from functools import cache

import pytest

import generator
from generator.errors import RequestError
from generator.machine import _of_container, _of_machine
from generator.plan import plan
from generator.recipe import Recipe
from generator.sample import sample
from generator.write import FORMATS
from tests.benchmarks.processes import memory_mb
from tests.small import small_profile

RECIPES = {
    "deals": {"deal": 400, "vehicle_telemetry_event": 0},
    "events": {"deal": 20, "vehicle_telemetry_event": 20_000},
    "both": {"deal": 150, "vehicle_telemetry_event": 4_000},
}


@cache
def estimated_and_made(name, folder):
    """Bytes by format of one recipe in all of them: (estimated, made)."""
    profile = generator.automotive()
    recipe = Recipe(rows=RECIPES[name], formats=tuple(FORMATS))
    manifest = sample(profile, plan(profile, recipe), folder / name)
    pairs = {}
    for way in FORMATS:
        expected = plan(profile, replace(recipe, formats=(way,))).bytes_estimate
        made = sum(file["bytes"] for file in manifest["files"] if file["format"] == way)
        pairs[way] = (expected, made)
    return pairs


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("made")


@pytest.mark.parametrize("name", RECIPES)
@pytest.mark.parametrize("way", FORMATS)
def test_the_disk_that_is_promised_is_the_disk_that_is_taken(name, way, folder):
    expected, made = estimated_and_made(name, folder)[way]
    assert 0.55 < expected / made < 1.65, f"{expected / made:.2f}"


@pytest.mark.parametrize(
    ("recipe", "names"),
    [("deals", ("csv", "jsonl")), ("events", ("parquet",)), ("events", ("sqlite",))],
)
def test_the_time_that_is_promised_is_the_time_that_is_taken(recipe, names, tmp_path):
    """What grows with the rows, on so many that nothing else counts; what every run takes to begin
    is in neither.  The engine's own run, with its checks; the first fills caches."""
    profile = generator.automotive()
    times = 15 if recipe == "events" else 6
    rows = {name: times * count for name, count in RECIPES[recipe].items()}
    whole = plan(profile, Recipe(rows=rows, formats=names))
    nothing = plan(profile, Recipe(rows=dict.fromkeys(rows, 1), formats=names))

    def seconds(of, name):
        begun = time.process_time()
        generator.sample(profile, of, tmp_path / name)
        return time.process_time() - begun

    begins = [seconds(nothing, f"nothing {number}") for number in range(3)]
    taken = seconds(whole, "whole") - min(begins)
    expected = whole.seconds_estimate - nothing.seconds_estimate
    assert 0.3 < expected / taken < 4, f"{expected:.1f} s promised, {taken:.1f} s taken"
    assert whole.seconds_estimate > 1.5


def test_the_memory_that_is_promised_is_the_memory_that_is_taken(tmp_path):
    """Of the whole tree of processes, sampled while the command line runs with two workers."""
    rows = ["--rows", "deal=2000", "--rows", "vehicle_telemetry_event=150000"]
    command = [sys.executable, "-m", "generator", "sample", *rows, "--workers", "2"]
    options = ["--format", "parquet", "--progress", "none", "--out", str(tmp_path / "b")]
    peak = 0.0
    with subprocess.Popen([*command, *options], stdout=subprocess.DEVNULL) as process:
        while process.poll() is None:
            peak = max(peak, memory_mb(process.pid))
            time.sleep(0.02)
    assert process.returncode == 0
    recipe = Recipe(rows={"deal": 2000, "vehicle_telemetry_event": 150_000}, formats=("parquet",))
    expected = plan(generator.automotive(), recipe).memory_estimate(2) / 1e6
    assert 0.6 < expected / peak < 2.5, f"{expected:.0f} MB promised, {peak:.0f} MB taken"


def test_memory_does_not_grow_with_the_rows():
    profile = generator.automotive()
    few, many = (
        plan(profile, Recipe(rows={"deal": 500, "vehicle_telemetry_event": events}))
        for events in (10**6, 10**8)
    )
    assert few.memory_estimate() == pytest.approx(many.memory_estimate(), rel=0.05)
    assert many.memory_estimate() < 320e6
    one_dealer = Recipe(rows={"dealer": 1, "deal": 20_000, "vehicle_telemetry_event": 0})
    assert plan(profile, one_dealer).memory_estimate() > 400e6  # a dealer is not cut


@pytest.mark.parametrize(
    ("workers", "memory", "words"),
    [
        (4, 300, r"needs about 3\d\d MB of memory with 4 workers, and 300 MB are free; take 3 w"),
        (2, 160, r"with 2 workers, and 160 MB are free; take 1 worker, or use a machine with more"),
        (1, 20, r"with 1 worker, and 20 MB are free; ask for fewer rows, or use a machine with"),
    ],
)
def test_a_run_the_machine_cannot_hold_is_refused_before_it_starts(
    workers, memory, words, tmp_path
):
    profile = small_profile()
    whole = plan(profile, Recipe())
    with pytest.raises(RequestError, match=words) as refused:
        sample(profile, whole, tmp_path / "b", workers=workers, memory=memory * 10**6)
    assert refused.value.field == "workers"
    assert list(tmp_path.iterdir()) == []
    sample(profile, whole, tmp_path / "b", workers=workers, memory=10**9)


def test_a_container_may_give_less_than_its_machine(tmp_path):
    (tmp_path / "meminfo").write_text("MemTotal: 100 kB\nMemAvailable: 50 kB\n")
    assert _of_machine(tmp_path / "meminfo") == 50 * 1024
    assert _of_machine(tmp_path / "none") is None
    assert _of_container(tmp_path) is None
    for name, text in {
        "max": "9000",
        "current": "7000",
        "stat": "anon 1\ninactive_file 500",
    }.items():
        (tmp_path / f"memory.{name}").write_text(text)
    assert _of_container(tmp_path) == 2500
    (tmp_path / "memory.max").write_text("max\n")
    assert _of_container(tmp_path) is None
    assert generator.free_memory() > 0
