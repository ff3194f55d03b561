"""Being asked to end, by SIGINT or SIGTERM.

A signal handler runs between any two steps of the program, its own included.  One that takes a
lock (``threading.Event.set`` does) waits for ever when the interrupted step holds that lock, and
two signals in a row are all it takes.  So a handler here only notes.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
from typing import Any


class Stop:
    """Whether somebody asked this process to end."""

    def __init__(self) -> None:
        self.asked = False
        self._read, self._write = os.pipe()
        os.set_blocking(self._write, False)

    def install(self) -> Stop:
        """Hear SIGINT and SIGTERM from now on."""
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, self.note)
        return self

    def note(self, *_: Any) -> None:
        """The signal handler: an attribute, and a byte for whoever sleeps in ``wait``."""
        self.asked = True
        with contextlib.suppress(BlockingIOError):  # the pipe is full of earlier signals
            os.write(self._write, b"!")

    def wait(self, seconds: float) -> bool:
        """Sleep; at once True when asked.  The byte stays in the pipe, for every later call."""
        if not self.asked:
            select.select([self._read], [], [], seconds)
        return self.asked
