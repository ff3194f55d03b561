"""Numbered tasks over forked processes; messages come back as they are sent."""

from __future__ import annotations

import multiprocessing
import os
import queue
import traceback
from collections.abc import Callable
from typing import Any

from generator.errors import Cancelled, GeneratorError, ProcessDied, RunError, StorageError, shown

Work = Callable[[int, Callable[[Any], None]], None]
"""Does task ``number`` and says picklable things."""


def fan_out(
    work: Work,
    tasks: int,
    hear: Callable[[Any], None],
    *,
    workers: int,
    cancelled: Callable[[], bool],
) -> None:
    """Run ``work(0) … work(tasks - 1)`` and pass what they say to ``hear``, in this process.

    One worker runs in this process.  More are forked, so that ``work`` may be any closure; each
    takes the next task that nobody has taken.  All are gone when this ends, however it ends.
    Raises what a task raised (what is no GeneratorError arrives from another process as RunError,
    with its traceback as the cause), Cancelled, or ProcessDied when a process dies.
    """
    if workers <= 1 or tasks <= 1:
        _inline(work, tasks, hear, cancelled)
    else:
        _forked(work, tasks, hear, min(workers, tasks), cancelled)


def _inline(
    work: Work, tasks: int, hear: Callable[[Any], None], cancelled: Callable[[], bool]
) -> None:
    def say(message: Any) -> None:
        if cancelled():
            raise Cancelled("The run was cancelled; nothing was kept.")
        hear(message)

    for number in range(tasks):
        work(number, say)


def _forked(
    work: Work,
    tasks: int,
    hear: Callable[[Any], None],
    workers: int,
    cancelled: Callable[[], bool],
) -> None:
    context = multiprocessing.get_context("fork")
    taken = context.Value("q", 0)
    said: Any = context.Queue()
    processes = [
        context.Process(target=_serve, args=(work, tasks, taken, said, os.getpid()), daemon=False)
        for _ in range(workers)
    ]
    for process in processes:
        process.start()
    open_ = workers
    try:
        while open_:
            if cancelled():
                raise Cancelled("The run was cancelled; nothing was kept.")
            try:
                what, message = said.get(timeout=0.2)
            except queue.Empty:
                _see_that_all_live(processes)
                continue
            if what == "end":
                open_ -= 1
            elif what == "error":
                problem, trace = message
                raise problem from (_Elsewhere(trace) if trace else None)
            else:
                hear(message)
    finally:
        for process in processes:
            if process.is_alive() and open_:
                process.kill()
            process.join()
        said.close()


def _see_that_all_live(processes: list[Any]) -> None:
    for process in processes:
        if process.exitcode not in (None, 0):
            raise ProcessDied(
                "A process of this run was killed from outside (out of memory, perhaps); try "
                "again, with fewer workers if it happens twice."
            )


def _serve(work: Work, tasks: int, taken: Any, said: Any, parent: int) -> None:
    def say(message: Any) -> None:
        if os.getppid() != parent:  # nobody is left to write for
            os._exit(1)
        said.put(("said", message))

    try:
        while True:
            with taken.get_lock():
                number = taken.value
                taken.value += 1
            if number >= tasks:
                break
            work(number, say)
        said.put(("end", None))
    except KeyboardInterrupt:
        os._exit(1)
    except GeneratorError as problem:
        said.put(("error", (type(problem)(problem.sentence, field=problem.field), "")))
    except MemoryError:
        hint = "The machine ran out of memory; ask for fewer workers."
        said.put(("error", (StorageError(hint), "")))
    except Exception as problem:  # noqa: BLE001 - the process's edge: the parent raises it
        said.put(("error", (_fault(problem), traceback.format_exc())))


class _Elsewhere(Exception):
    """The traceback of another process, as text."""


def _fault(problem: Exception) -> RunError:
    what = f"{type(problem).__name__}: {shown(str(problem), most=200)}"
    return RunError(
        f"A part of the run failed ({what}); this is a fault of the engine. Please report it with "
        "the recipe."
    )
