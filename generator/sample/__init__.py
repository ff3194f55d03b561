"""Make a bundle: draw, write and check shard by shard, add up, and put the folder in place.

Everything that is done for each row is done where its shard is drawn (``shard``): drawing,
writing the parts of every format, checking.  This process takes the shards in their order
(``parts``): it copies bytes and adds up, and never sees a whole column.  So memory depends on the
size of a shard, and the bytes do not depend on how many processes drew.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from generator.fanout import Say
from generator.profile import Drawing, Plan, Profile
from generator.sample.check import Check
from generator.sample.fill import Task, fills, leave_no_empty_folder
from generator.sample.increments import change_tasks
from generator.sample.manifest import ENGINE_VERSION, describe, write_json
from generator.sample.memory import check_memory
from generator.sample.partial import check_free, partial_folder
from generator.sample.parts import Parts, Written, written
from generator.sample.run import Progress, Run, Step
from generator.sample.shard import Drawn, make_shard
from generator.sample.spool import Spool
from generator.write import disk_errors

_SPOOL = ".spool"


def sample(
    profile: Profile,
    plan: Plan,
    out: Path,
    *,
    workers: int = 1,
    memory: int | None = None,
    checks: Sequence[Check] = (),
    progress: Callable[[Progress], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> dict[str, Any]:
    """Make the bundle in the folder ``out``, which appears whole or not at all.

    Every check leaves a document of its name.  ``memory`` is what the machine has to give, in
    bytes, if that is known.  Returns the manifest.
    Raises RequestError if ``out`` exists or cannot be a name, or when the plan needs more memory;
    Cancelled when ``cancelled()`` says so, StorageError when the disk refuses, RunError when a
    process dies.
    """
    check_free(out)
    check_memory(plan, workers, memory)
    run = Run(profile, plan, checks, workers, progress or _silent, cancelled or _never)
    with partial_folder(out) as folder:
        with disk_errors("preparing the run"):
            spool = Spool(folder / _SPOOL, plan)
        parts = Parts(run, spool, folder)
        _make_shards(run, spool, parts)
        files = parts.finish()
        files += _last(run, _fills(run, spool, folder, parts), parts, folder)
        leave_no_empty_folder(run, folder)
        spool.remove()
        manifest = describe(run, folder, files, parts)
        run.stop_if_asked()
        with disk_errors("moving the bundle into place"):
            folder.rename(out)
    return manifest


def _make_shards(run: Run, spool: Spool, parts: Parts) -> None:
    opened: list[Drawing] = []  # one in each process: no process is forked from one that draws

    def work(number: int, say: Say) -> Drawn:
        if not opened:
            opened.append(run.profile.world.open(run.plan))
        return make_shard(run, spool, opened[0], run.plan.shards[number], say)

    groups = [shard.group for shard in run.plan.shards]
    run.fan_out(work, groups, parts.take, workers=run.workers)
    run.stop_if_asked()


def _fills(run: Run, spool: Spool, folder: Path, parts: Parts) -> list[Task]:
    filled = fills(run, spool, folder, parts.rows)
    return [*filled, *change_tasks(run, spool, folder, parts.changed)]


def _last(run: Run, fill: list[Task], parts: Parts, folder: Path) -> list[Written]:
    """The files that wait for all rows, and what the checks found, side by side; in that order."""
    documents = [
        _document(check, total, folder)
        for check, total in zip(run.checks, parts.checked, strict=True)
    ]
    tasks = [*documents[::-1], *fill]  # the comparison takes longest

    def work(number: int, say: Say) -> list[Written]:
        return tasks[number](say)

    left: list[list[Written]] = []
    run.fan_out(work, range(len(tasks)), left.append, workers=run.workers)
    run.note(Step("finish", "", 0))
    ordered = [*left[len(documents) :], *left[: len(documents)][::-1]]
    return [file for files in ordered for file in files]


def _document(check: Check, total: Any, folder: Path) -> Task:
    def work(say: Say) -> list[Written]:
        del say
        name = f"{check.stem}.json"
        write_json(folder / name, check.document(total))
        return [written(folder, name, table=None, format="json", rows=0)]

    return work


def _silent(_: Progress) -> None:
    return None


def _never() -> bool:
    return False


__all__ = ["ENGINE_VERSION", "Check", "Progress", "sample"]
