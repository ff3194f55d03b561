"""Numbered tasks over forked processes, whose results come back in order."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from itertools import pairwise
from multiprocessing.connection import Connection, wait
from typing import Any, NamedTuple

from generator.errors import Cancelled, GeneratorError, ProcessDied, RunError, StorageError, shown

Say = Callable[[Any], None]
Work = Callable[[int, Say], Any]
"""Does task ``number``, says picklable things on the way, and answers one."""

AHEAD = 64  # tasks a worker may be ahead of the result that is awaited
_LOOK_SECONDS = 0.2  # between two questions whether somebody wants to stop
_ENDING = (signal.SIGINT, signal.SIGTERM)
_NAP_SECONDS = 0.005  # of a worker that is too far ahead


def fan_out(
    work: Work,
    groups: Sequence[int],
    *,
    hear: Callable[[Any], None],
    take: Callable[[Any], None],
    workers: int,
    cancelled: Callable[[], bool],
) -> None:
    """Run ``work(0) … work(len(groups) - 1)``; pass what they say to ``hear`` at once and what
    they answer to ``take`` in the order of their numbers, both in this process.

    ``groups`` has each task's group, equal ones side by side.  One worker runs in this process.
    More are forked, so that ``work`` may be any closure; each keeps to a group until it is done,
    then begins the next, then helps where most is left.  None gets more than ``AHEAD`` tasks ahead
    of the result that is awaited, so what waits here is bounded.  All are gone when this ends,
    however it ends.  Raises what a task raised (what is no GeneratorError arrives from another
    process as RunError, with its traceback as the cause), Cancelled, or ProcessDied when a process
    dies.
    """
    if workers <= 1 or len(groups) <= 1:
        _inline(work, len(groups), hear, take, cancelled)
    else:
        _forked(work, groups, hear, take, min(workers, len(groups)), cancelled)


def _inline(
    work: Work,
    tasks: int,
    hear: Callable[[Any], None],
    take: Callable[[Any], None],
    cancelled: Callable[[], bool],
) -> None:
    def say(message: Any) -> None:
        _stop_if(cancelled)
        hear(message)

    for number in range(tasks):
        _stop_if(cancelled)
        take(work(number, say))


def _stop_if(cancelled: Callable[[], bool]) -> None:
    if cancelled():
        raise Cancelled("The run was cancelled; nothing was kept.")


def _forked(
    work: Work,
    groups: Sequence[int],
    hear: Callable[[Any], None],
    take: Callable[[Any], None],
    workers: int,
    cancelled: Callable[[], bool],
) -> None:
    context = multiprocessing.get_context("fork")
    turns = Turns(context, groups)
    crew: list[_Worker] = []
    try:
        for _ in range(workers):
            _start(context, work, turns, crew)
        _listen(crew, turns, hear, take, cancelled)
    finally:
        for worker in crew:
            worker.process.kill()
            worker.process.join()
            worker.said.close()


class _Worker(NamedTuple):
    process: Any
    said: Connection


def _start(context: Any, work: Work, turns: Turns, crew: list[_Worker]) -> None:
    hears, says = context.Pipe(duplex=False)
    ears = [hears, *(worker.said for worker in crew)]
    with _Undisturbed() as ending:
        process = context.Process(
            target=_serve, args=(work, turns, says, ears, os.getpid(), ending)
        )
        process.start()
        crew.append(_Worker(process, hears))
    says.close()  # the worker alone holds it, so its death closes the pipe


class _Undisturbed:
    """Signals to end wait until this is over: a worker that was born and is not yet known would
    go on by itself.

    Handlers, for a mask holds in one thread only, and what another thread receives Python
    handles in the main one.  Elsewhere than in the main thread there is nothing to do: no
    signal is handled there.
    """

    def __init__(self) -> None:
        self._came: list[int] = []
        self._before: dict[int, Any] = {}

    def __enter__(self) -> _Undisturbed:
        if threading.current_thread() is threading.main_thread():
            for number in _ENDING:
                self._before[number] = signal.signal(number, self._note)
        return self

    def _note(self, number: int, frame: object) -> None:
        del frame
        self._came.append(number)

    def __exit__(self, *problem: object) -> None:
        self.let_come()

    def let_come(self) -> None:
        """Handle signals as before, those first that came meanwhile."""
        for number, handler in self._before.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
        came, self._came = self._came, []
        for number in came:
            os.kill(os.getpid(), number)


def _listen(
    crew: list[_Worker],
    turns: Turns,
    hear: Callable[[Any], None],
    take: Callable[[Any], None],
    cancelled: Callable[[], bool],
) -> None:
    talking = {worker.said: worker for worker in crew}
    waiting: dict[int, Any] = {}
    awaited = 0
    while talking:
        _stop_if(cancelled)
        for said in wait(list(talking), timeout=_LOOK_SECONDS):
            assert isinstance(said, Connection)  # nothing else is waited for
            try:
                what, message = said.recv()
            except EOFError:
                _see_how_it_ended(talking.pop(said))
                continue
            if what == "error":
                problem, trace = message
                raise problem from (_Elsewhere(trace) if trace else None)
            if what == "said":
                hear(message)
                continue
            number, result = message
            waiting[number] = result
            while awaited in waiting:
                take(waiting.pop(awaited))
                awaited += 1
                turns.settle(awaited)


def _see_how_it_ended(worker: _Worker) -> None:
    worker.process.join()
    if worker.process.exitcode != 0:
        raise ProcessDied(
            "A process of this run was killed from outside (out of memory, perhaps); try "
            "again, with fewer workers if it happens twice."
        )


class Turns:
    """Which task is next, in memory that all processes share."""

    def __init__(self, context: Any, groups: Sequence[int]) -> None:
        changes = [at for at in range(1, len(groups)) if groups[at] != groups[at - 1]]
        self._stops = [stop for _, stop in pairwise([0, *changes, len(groups)])]
        self._firsts = [0, *changes]
        self._lock = context.Lock()
        self._next = context.Array("q", self._firsts, lock=False)
        self._open = context.Value("q", 0, lock=False)  # the first group with anything left
        self._settled = context.Value("q", 0, lock=False)

    def settle(self, number: int) -> None:
        """Every task before ``number`` has been taken."""
        self._settled.value = number

    def take(self, mine: int | None) -> tuple[int, int] | None:
        """The group and the number of the next task of who had one of group ``mine`` before.

        Waits while all that is left is too far ahead; None when nothing is left.
        """
        parent = os.getppid()
        while True:
            with self._lock:
                if self._open.value == len(self._stops):
                    return None
                group = self._choose(mine)
                if group is not None:
                    number = self._next[group]
                    self._next[group] = number + 1
                    while (
                        self._open.value < len(self._stops) and not self._left(self._open.value) > 0
                    ):
                        self._open.value += 1
                    return group, number
            _see_parent(parent)
            time.sleep(_NAP_SECONDS)

    def _left(self, group: int) -> int:
        left: int = self._stops[group] - self._next[group]
        return left

    def _choose(self, mine: int | None) -> int | None:
        limit = self._settled.value + AHEAD
        if mine is not None and self._left(mine) and self._next[mine] < limit:
            return mine
        most = None
        for group in range(self._open.value, len(self._stops)):
            if self._firsts[group] >= limit:
                break
            if not self._left(group) or self._next[group] >= limit:
                continue
            if self._next[group] == self._firsts[group]:
                return group  # nobody has begun it
            if most is None or self._left(group) > self._left(most):
                most = group
        return most


def _see_parent(parent: int) -> None:
    if os.getppid() != parent:  # nobody is left to work for
        os._exit(1)


def _serve(
    work: Work,
    turns: Turns,
    says: Connection,
    ears: Sequence[Connection],
    parent: int,
    ending: _Undisturbed,
) -> None:
    for ear in ears:  # the parent's; held here too they would keep its death from being noticed
        ear.close()

    def say(message: Any) -> None:
        _see_parent(parent)
        says.send(("said", message))

    try:
        ending.let_come()
        group: int | None = None
        while (turn := turns.take(group)) is not None:
            group, number = turn
            says.send(("done", (number, work(number, say))))
    except (KeyboardInterrupt, BrokenPipeError):
        os._exit(1)
    except GeneratorError as problem:
        says.send(("error", (type(problem)(problem.sentence, field=problem.field), "")))
    except MemoryError:
        hint = "The machine ran out of memory; ask for fewer workers."
        says.send(("error", (StorageError(hint), "")))
    except Exception as problem:  # noqa: BLE001 - the process's edge: the parent raises it
        says.send(("error", (_fault(problem), traceback.format_exc())))


class _Elsewhere(Exception):
    """The traceback of another process, as text."""


def _fault(problem: Exception) -> RunError:
    what = f"{type(problem).__name__}: {shown(str(problem), most=200)}"
    return RunError(
        f"A part of the run failed ({what}); this is a fault of the engine. Please report it with "
        "the recipe."
    )
