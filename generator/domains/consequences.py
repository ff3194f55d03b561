"""Rows that follow wholly from rows of other tables: journal lines, status history, reports.

Nobody asks for a number of them, and the plan only estimates it.  A row is known by its cause (a
row of another table) and its line within that; its key and its random numbers come of these, so
they are the same however dealers are cut into shards.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from generator.domains.keys import numbered
from generator.streams import stirred

if TYPE_CHECKING:
    from generator.domains.graph import Frames
    from generator.frame import Frame

Ints = NDArray[np.int64]
Places = NDArray[np.uint64]
LINE_DIGITS = 4
MOST_LINES = 10**LINE_DIGITS


class Caused(NamedTuple):
    """Rows that follow from rows of ``table``: for each the local ``row`` of the cause in its
    frame, and its ``line`` (1..9,999), which no other row of that cause has; 0 for all where a
    cause has one row at most."""

    table: str
    row: Ints
    line: Ints

    @classmethod
    def one_of(cls, table: str, row: Ints) -> Caused:
        """One row for each of these causes."""
        return cls(table, row, np.zeros(len(row), dtype=np.int64))

    @classmethod
    def several_of(cls, table: str, each: Ints) -> Caused:
        """``each`` rows (n,) for the causes 0 to n - 1, line by line."""
        row = np.repeat(np.arange(len(each)), each)
        first = np.cumsum(each) - each
        return cls(table, row, np.arange(len(row)) - first[row] + 1)


def fill(frame: Frame, frames: Frames, caused: Sequence[Caused]) -> None:
    """Set the working columns of a frame of consequences: ``_cause_table`` (a place in
    ``caused``), ``_cause`` (its local row), ``_line``, ``_dealer`` and ``_spot``."""
    rows = [len(one.row) for one in caused]
    frame.set("_cause_table", np.repeat(np.arange(len(caused)), rows))
    frame.set("_cause", _joined([one.row for one in caused], np.int64))
    frame.set("_line", _joined([one.line for one in caused], np.int64))
    frame.set("_dealer", _joined([frames[one.table]["_dealer"][one.row] for one in caused], int))
    frame.set("_spot", _joined([_places(frames, one) for one in caused], np.uint64))


def keys_of(frames: Frames, table: str, caused: Caused) -> NDArray[Any]:
    """Keys of these rows of ``table``: its prefix, the cause's key, and the line if there are
    several."""
    if caused.line.max(initial=0) >= MOST_LINES:
        raise ValueError(f"a row of {caused.table} has more than {MOST_LINES - 1:,} {table}")
    head = f"{frames.platform[table].prefix}-".encode()
    causes = _cause_keys(frames, caused)
    keys = np.char.add(head, causes)
    if not caused.line.any():
        return np.asarray(keys)
    return np.char.add(keys, numbered("-", caused.line, LINE_DIGITS))


def _cause_keys(frames: Frames, caused: Caused) -> NDArray[Any]:
    frame = frames[caused.table]
    if frames.platform[caused.table].follows is None:
        return frames.key(caused.table, caused.row + frame.start)
    return np.asarray(frame[str(frame.table.key)][caused.row])


def _places(frames: Frames, caused: Caused) -> Places:
    """A number for each row that no other row is likely to have, from its cause and line alone."""
    frame = frames[caused.table]
    name = np.frombuffer(blake2b(caused.table.encode(), digest_size=8).digest(), dtype="<u8")
    if frames.platform[caused.table].follows is None:
        own = (caused.row + frame.start).astype(np.uint64)
    else:
        own = frame["_spot"][caused.row]
    return stirred(stirred(own ^ name[0]) + caused.line.astype(np.uint64))


def _joined(parts: Sequence[NDArray[Any]], kind: Any) -> NDArray[Any]:
    return np.concatenate([np.zeros(0, dtype=kind), *parts])
