"""Whether somebody asked to stop, asked wherever work may take long.

Who starts the work says how to ask (``stoppable``); what works asks at every column, pair or block
(``ask``), however deep it lies.  A library's call that takes longer than a person waits is left to
a thread of its own (``meanwhile``).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from typing import TypeVar

from generator.errors import Cancelled

PATIENCE = 0.2  # seconds between two questions while a library works
EVERY = 5_000  # items of a loop between two questions

_T = TypeVar("_T")
_asked: ContextVar[tuple[Callable[[], bool], str] | None] = ContextVar("asked", default=None)


@contextmanager
def stoppable(cancelled: Callable[[], bool] | None, sentence: str) -> Iterator[None]:
    """Within, ``ask`` asks ``cancelled`` and says the sentence; without a ``cancelled``, whatever
    was said further out holds on."""
    if cancelled is None:
        yield
        return
    token = _asked.set((cancelled, sentence))
    try:
        yield
    finally:
        _asked.reset(token)


def ask() -> None:
    """Raises Cancelled when somebody asked to stop."""
    said = _asked.get()
    if said is not None and said[0]():
        raise Cancelled(said[1])


def asking(items: Iterable[_T], *, every: int = EVERY) -> Iterator[_T]:
    """The items, and a question now and then."""
    for number, item in enumerate(items):
        if number % every == 0:
            ask()
        yield item


def meanwhile(call: Callable[[], _T]) -> _T:
    """What ``call()`` returns or raises, asking while it works.

    It works in a thread of its own, for nothing can end a call into a library: once somebody
    asked to stop, it is left behind, ends by itself and its result is dropped.  It must lock
    nothing and touch nothing that others read.
    """
    if _asked.get() is None:
        return call()
    result: list[_T] = []
    failure: list[BaseException] = []
    over = threading.Event()

    def work() -> None:
        try:
            result.append(call())
        except BaseException as problem:  # noqa: BLE001 - raised again where it is waited for
            failure.append(problem)
        finally:
            over.set()

    context = copy_context()
    threading.Thread(target=lambda: context.run(work), daemon=True).start()
    while not over.wait(PATIENCE):
        ask()
    ask()
    if failure:
        raise failure[0]
    return result[0]
