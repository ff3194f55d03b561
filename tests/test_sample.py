import errno
import importlib
import json
import multiprocessing
import os
import signal
import time
from dataclasses import replace
from pathlib import Path

import pytest

import generator
from generator.errors import (
    Cancelled,
    PlanError,
    ProcessDied,
    RequestError,
    RunError,
    StorageError,
)
from generator.fanout import AHEAD, Turns, fan_out
from generator.plan import plan
from generator.preview import preview
from generator.recipe import Recipe
from generator.sample import sample
from generator.sample.partial import partial_folder
from generator.write import FORMATS
from tests.small import SmallWorld, small_profile

module = importlib.import_module("generator.sample.shard")  # `generator.sample` is the verb


@pytest.fixture
def profile():
    return small_profile()


@pytest.fixture
def planned(profile):
    return plan(profile, Recipe(formats=tuple(FORMATS)))


def hashes(folder: Path) -> dict[str, str]:
    return {
        f["path"]: f["sha256"] for f in json.loads((folder / "manifest.json").read_text())["files"]
    }


def test_the_bytes_do_not_depend_on_the_number_of_workers(profile, planned, tmp_path):
    for workers in (1, 2, 5):
        sample(profile, planned, tmp_path / str(workers), workers=workers)
    assert hashes(tmp_path / "1") == hashes(tmp_path / "2") == hashes(tmp_path / "5")
    same = (tmp_path / "1" / "manifest.json").read_bytes()
    assert same == (tmp_path / "5" / "manifest.json").read_bytes()


def test_the_manifest_names_every_file_and_nothing_else_is_left(profile, planned, tmp_path):
    manifest = sample(profile, planned, tmp_path / "b")
    names = {entry["path"] for entry in manifest["files"]} | {"manifest.json"}
    made = [path for path in (tmp_path / "b").rglob("*") if path.is_file()]
    assert names == {path.relative_to(tmp_path / "b").as_posix() for path in made}
    assert [path.name for path in tmp_path.iterdir()] == ["b"]
    assert {e["rows"] for e in manifest["files"] if e["table"] == "child"} == {200}


def test_checks_see_the_rows_and_leave_their_documents(profile, planned, tmp_path):
    class States:
        stem = "validation"

        def of_shard(self, tables, shard):
            own = tables.own("child")
            known = (~tables.missing("child", "p.state"))[own]
            return [(shard.number, int(known.sum()))]

        def add(self, total, part):
            return (total or []) + part

        def document(self, total):
            return {"shards": total}

    sample(profile, planned, tmp_path / "b", checks=[States()])
    assert json.loads((tmp_path / "b" / "validation.json").read_text()) == {
        "shards": [
            [at, sum(row % 9 != 0 for row in range(20 * at, 20 * at + 20))] for at in range(10)
        ]
    }


def test_progress_counts_every_row_once_a_stage(profile, planned, tmp_path):
    seen = []
    sample(profile, planned, tmp_path / "b", progress=seen.append)
    drawn = [p for p in seen if p.stage == "draw" and p.table == "parent"]
    assert drawn[-1].done == drawn[-1].total == 100
    assert seen[-1].rows_done == seen[-1].rows_total


@pytest.mark.parametrize("workers", [1, 2])
def test_cancelling_leaves_nothing(profile, planned, tmp_path, workers):
    asked = []
    with pytest.raises(Cancelled):
        sample(
            profile,
            planned,
            tmp_path / "b",
            workers=workers,
            progress=asked.append,
            cancelled=lambda: len(asked) > 5,
        )
    assert list(tmp_path.iterdir()) == []


def test_an_existing_folder_is_refused_and_kept(profile, planned, tmp_path):
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "mine").write_text("x")
    with pytest.raises(RequestError, match="exists already"):
        sample(profile, planned, tmp_path / "b")
    assert (tmp_path / "b" / "mine").exists()


def test_a_full_disk_is_one_sentence_and_leaves_nothing(profile, planned, tmp_path, monkeypatch):
    def full(*_args, **_kwargs):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(module.ipc, "new_stream", full)
    with pytest.raises(StorageError, match="disk is full"):
        sample(profile, planned, tmp_path / "b")
    assert list(tmp_path.iterdir()) == []


def test_a_world_that_breaks_its_plan_is_a_fault_not_a_short_bundle(profile, tmp_path):
    class Short(SmallWorld):
        def shards(self, plan):
            return super().shards(plan)[:-1]

    short = replace(profile, world=Short())
    with pytest.raises(RunError, match="90 rows, planned were 100"):
        sample(short, plan(short, Recipe()), tmp_path / "b")
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_run_left_is_removed_by_the_next(profile, planned, tmp_path):
    with partial_folder(tmp_path / "b") as folder:
        left = folder
    left.mkdir()
    (left / "half").write_text("x")
    sample(profile, planned, tmp_path / "b")
    assert [path.name for path in tmp_path.iterdir()] == ["b"]


def test_preview_shows_rows_of_the_bundle(profile, planned):
    rows = preview(profile, planned, rows=15)
    assert rows["parent"].num_rows == 15
    assert rows["child"].column("k").to_pylist()[:2] == ["C-000000", "C-000001"]


def test_preview_shows_more_than_companies():
    platform = generator.automotive()
    asked = {"deal": 40, "dealer": 4, "vehicle_transfer_order": 6}
    rows = preview(platform, plan(platform, Recipe(seed=5, rows=asked)))
    assert set(rows["party"].column("party_type").to_pylist()) >= {"FINANCE", "CUSTOMER"}
    assert all(1 <= table.num_rows <= 20 for table in rows.values())


# What the platform states or the calendar says, whatever the seed.
STATED = {
    *("accounting_period", "general_ledger_account", "labor_operation"),
    *("org_profile", "subscription_plan"),
}


def test_the_platform_is_the_same_bytes_with_one_and_two_workers(tmp_path):
    """Several shards of telemetry; another seed gives other files, but for the companies."""
    platform = generator.automotive()
    rows = {"deal": 40, "dealer": 4, "vehicle_transfer_order": 6}
    rows |= {"vehicle_telemetry_event": 210_000}
    recipe = Recipe(seed=5, rows=rows, formats=("parquet",))
    plans = {"one": plan(platform, recipe), "other": plan(platform, replace(recipe, seed=6))}
    assert sum(shard.stage == "vehicle_telemetry_event" for shard in plans["one"].shards) > 2
    sample(platform, plans["one"], tmp_path / "1", workers=1)
    sample(platform, plans["one"], tmp_path / "2", workers=2)
    sample(platform, plans["other"], tmp_path / "3", workers=2)
    one, two, other = (hashes(tmp_path / name) for name in "123")
    assert one == two
    same = {name.partition(".")[0] for name in one if one[name] == other[name]}
    assert same <= {*STATED, "dictionary", "diagram"}


def failing(problem):
    def work(number, say):
        if number == 3:
            raise problem
        say(number)

    return work


def spread(work, workers, groups=(0, 0, 0, 0, 0)):
    taken = []
    fan_out(
        work,
        groups,
        hear=lambda _: None,
        take=taken.append,
        workers=workers,
        cancelled=lambda: False,
    )
    return taken


@pytest.mark.parametrize("workers", [1, 2, 5])
@pytest.mark.parametrize("groups", [[0] * 40, list(range(40)), [0, *[1] * 30, *[2] * 9]])
def test_what_tasks_answer_comes_in_their_order(workers, groups):
    def work(number, say):
        time.sleep(0.002 * (number % 3))
        say(number)
        return number

    assert spread(work, workers, groups) == list(range(40))


def turns_of(groups):
    return Turns(multiprocessing.get_context("fork"), groups)


def test_a_process_stays_with_its_group_and_then_helps():
    turns = turns_of([0] * 3 + [1] * 9 + [2] * 2)
    mine, other = turns.take(None), turns.take(None)
    assert (mine, other) == ((0, 0), (1, 3))
    assert [turns.take(0) for _ in range(2)] == [(0, 1), (0, 2)]
    assert turns.take(1) == (1, 4)
    assert turns.take(0) == (2, 12)  # begins what nobody has begun
    assert turns.take(2) == (2, 13)
    assert turns.take(2) == (1, 5)  # helps where something is left
    assert [turns.take(1)[1] for _ in range(6)] == [6, 7, 8, 9, 10, 11]
    assert turns.take(1) is None


def test_nobody_runs_far_ahead_of_the_result_that_is_awaited(monkeypatch):
    turns = turns_of([0] * 10 + [1] * 500)
    assert turns.take(None) == (0, 0)
    assert turns.take(None) == (1, 10)
    assert [turns.take(1)[1] for _ in range(AHEAD - 11)] == list(range(11, AHEAD))
    assert turns.take(1) == (0, 1)  # the nearest to what is awaited
    assert [turns.take(0)[1] for _ in range(8)] == list(range(2, 10))
    monkeypatch.setattr(time, "sleep", lambda _: turns.settle(3))
    assert turns.take(1) == (1, AHEAD)  # after a nap, in which three were taken


def test_a_fault_in_a_process_is_one_sentence_with_its_traceback_behind(capfd):
    with pytest.raises(RunError, match=r"failed \(ValueError: boom\).*report it") as failed:
        spread(failing(ValueError("boom")), 2)
    assert not isinstance(failed.value, ProcessDied)
    assert "raise problem" in str(failed.value.__cause__)
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("workers", [1, 2])
def test_a_sentence_from_a_task_arrives_as_it_is(workers):
    with pytest.raises(PlanError, match=r"^Too many deals") as failed:
        spread(failing(PlanError("Too many deals.", field="rows.deal")), workers)
    assert failed.value.field == "rows.deal"


def test_a_machine_without_memory_says_so():
    with pytest.raises(StorageError, match="ran out of memory"):
        spread(failing(MemoryError()), 2)


def test_a_process_that_is_killed_has_died():
    def work(number, say):
        if number == 3:
            os.kill(os.getpid(), signal.SIGKILL)
        say(number)

    with pytest.raises(ProcessDied, match="killed from outside"):
        spread(work, 2)
