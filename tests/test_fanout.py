"""Workers end with whoever asked them to work, whenever that is asked to end."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from multiprocessing.process import BaseProcess

import pytest

from generator.fanout import fan_out


def test_an_end_asked_for_while_workers_are_born_leaves_none(monkeypatch):
    """The signal comes when the worker is born and nobody has noted it yet."""
    born = BaseProcess.start

    def start(process):
        born(process)
        os.kill(os.getpid(), signal.SIGINT)

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
    assert multiprocessing.active_children() == []


def test_workers_can_be_interrupted_themselves():
    """What waits while they are born does not wait for ever."""

    def held(number, say):
        del number
        say(signal.pthread_sigmask(signal.SIG_BLOCK, ()))

    said = []
    fan_out(held, [0, 1], hear=said.append, take=print, workers=2, cancelled=lambda: False)
    assert len(said) == 2
    assert not any({signal.SIGINT, signal.SIGTERM} & mask for mask in said)
