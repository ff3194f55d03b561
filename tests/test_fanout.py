"""Workers end with whoever asked them to work, whenever that is asked to end."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from multiprocessing.process import BaseProcess

import pytest

from generator.fanout import fan_out


def test_an_end_asked_for_while_workers_are_born_leaves_none(monkeypatch):
    """The signal comes when the worker is born and nobody has noted it yet, to a process whose
    other thread (a progress bar's, say) may receive it."""
    born = BaseProcess.start
    over = threading.Event()
    other = threading.Thread(target=over.wait)
    other.start()

    def start(process):
        born(process)
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.05)  # the other thread has received it by then

    monkeypatch.setattr(BaseProcess, "start", start)
    # A shell that runs the tests in its background has them ignore SIGINT.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            fan_out(
                lambda number, say: time.sleep(60),
                [0, 0, 1, 1],
                hear=print,
                take=print,
                workers=2,
                cancelled=lambda: False,
            )
    finally:
        signal.signal(signal.SIGINT, before)
        over.set()
        other.join()
    assert multiprocessing.active_children() == []


def test_workers_can_be_interrupted_themselves():
    """What waits while they are born does not wait for ever."""

    def held(number, say):
        del number
        say([signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)])

    before = [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)]
    said = []
    fan_out(held, [0, 1], hear=said.append, take=print, workers=2, cancelled=lambda: False)
    assert said == [before, before]


def test_workers_are_born_in_another_thread_too():
    """No signal is handled there, so nothing has to wait."""
    taken = []

    def ask():
        fan_out(
            lambda number, say: number,
            [0, 1],
            hear=print,
            take=taken.append,
            workers=2,
            cancelled=lambda: False,
        )

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    assert taken == [0, 1]
