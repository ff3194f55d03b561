"""What rows of other tables post to the ledger.

A table says beside itself what its rows post (``Declaration.journals``): journals of balanced
lines, in cents, debits positive and credits negative.  ``journal_entry_transaction`` and
``journal_entry`` write all of them down; nothing else knows which tables post.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from generator.domains.consequences import Caused
from generator.domains.graph import Draw, Frames, name_of

Ints = NDArray[np.int64]
Moments = NDArray[np.datetime64]


class Line(NamedTuple):
    """One line of a journal for each of its rows: an account, cents (n,) (debit above zero,
    credit below, no line at zero), what it is about, whose (party rows, -1 for nobody)."""

    account: str
    amount: Ints
    resource: str
    party: Ints | None = None
    department: str = ""


class Journal(NamedTuple):
    """Postings of one kind: of these local ``row``s, ``at`` (n,), for a reason (``context``).
    Every row's lines sum to zero."""

    context: str
    row: Ints
    at: Moments
    lines: Sequence[Line]

    def where(self, rows: NDArray[np.bool_]) -> Journal:
        """Only these of its rows."""
        lines = [
            line._replace(
                amount=line.amount[rows],
                party=None if line.party is None else line.party[rows],
            )
            for line in self.lines
        ]
        return Journal(self.context, self.row[rows], self.at[rows], lines)


class Ledger(NamedTuple):
    """All journals of a range of dealers, with the rows that the transactions follow from."""

    journals: tuple[Journal, ...]
    caused: tuple[Caused, ...]
    amounts: tuple[Ints, ...]
    """Of each journal, shape (rows, lines)."""


def ledger(frames: Frames) -> Ledger:
    """What all tables post, in the order of the tables; kept by the frames."""
    return frames.keep("ledger", lambda: _ledger(frames))


def _ledger(frames: Frames) -> Ledger:
    posting = [name for name, one in frames.platform.sections.items() if one.journals is not None]
    each = [_of(frames, name) for name in posting]
    return Ledger(*(tuple(chain.from_iterable(parts)) for parts in zip(*each, strict=True)))


def _of(frames: Frames, name: str) -> Ledger:
    """What one table posts, whatever the others do; kept by the frames."""
    return frames.keep(f"ledger of {name}", lambda: _posted(frames, name))


def _posted(frames: Frames, name: str) -> Ledger:
    post = frames.platform.sections[name].journals
    if post is None:
        raise ValueError(f"{name} posts no journals")
    journals, caused, amounts = [], [], []
    for turn, journal in enumerate(post(frames.draw(frames[name])), start=1):
        whole = journal.where(np.ones(len(journal.row), dtype=bool))
        cents = np.stack([line.amount for line in whole.lines], axis=1)
        if (cents.sum(axis=1) != 0).any():
            raise ValueError(f"A journal of {name} ({journal.context}) does not balance.")
        some: NDArray[np.bool_] = np.asarray(cents.any(axis=1))
        journals.append(journal.where(some))
        caused.append(
            Caused(name, journal.row[some], np.full(int(some.sum()), turn, dtype=np.int64))
        )
        amounts.append(cents[some])
    return Ledger(tuple(journals), tuple(caused), tuple(amounts))


def journal_key(draw: Draw, turn: int) -> tuple[NDArray[np.bytes_], NDArray[np.bool_]]:
    """Keys of the transactions that the frame's rows post with their ``turn``-th journal, and
    where there is none."""
    name = name_of(draw.frame)
    none = np.ones(draw.n, dtype=bool)
    for one in _of(draw.frames, name).caused:
        if len(one.line) and one.line[0] == turn:
            none[one.row] = False
    caused = Caused(name, np.arange(draw.n), np.full(draw.n, turn, dtype=np.int64))
    return draw.caused_key("journal_entry_transaction", caused), none
