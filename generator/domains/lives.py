"""What cars and people go through, as functions of time, so that every table tells the same life.

A ``Track`` is one thing about many lives (where each car stands in stock, whose it is, what its
odometer says; where each person lives, for whom each works): breakpoints in arrays, drawn once as a
working column.  Between breakpoints a value stays (``step``) or moves evenly (``line``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]
Moments = NDArray[np.datetime64]
NOBODY = -1
_NEVER = np.datetime64("2199-01-01", "ms").astype(np.int64)
_REACH = np.int64(1) << 43  # milliseconds that lie between two lives: more than 270 years


@dataclass(frozen=True)
class Track:
    """The breakpoints of life r are ``first[r]`` to ``first[r + 1]``, in the order of time; at
    ``at`` (ms since 1970, UTC) the value becomes ``value``."""

    first: Rows
    at: Rows
    value: NDArray[Any]

    @classmethod
    def of(cls, lives: int, *points: tuple[Rows, Moments, NDArray[Any]]) -> Track:
        """From (life, moment, value) arrays; of two values at one moment the later one counts."""
        owner = np.concatenate([np.asarray(rows, dtype=np.int64) for rows, _, _ in points])
        at = np.concatenate([_ms(moments) for _, moments, _ in points])
        value = np.concatenate([values for _, _, values in points])
        order = np.lexsort((np.arange(len(owner)), at, owner))
        owner, at, value = owner[order], at[order], value[order]
        first = np.searchsorted(owner, np.arange(lives + 1))
        for array in (first, at, value):
            array.setflags(write=False)
        return cls(first.astype(np.int64), at, value)

    def __len__(self) -> int:
        return len(self.first) - 1

    def joined(self, other: Track, lives: Rows) -> Track:
        """With the breakpoints of another track, whose lives are ``lives`` (ascending) of these;
        of whole miles and parts of miles on one road the higher one stands from then on."""
        mine = np.repeat(np.arange(len(self)), np.diff(self.first)) * _REACH + self.at
        theirs = np.repeat(lives, np.diff(other.first)) * _REACH + other.at
        places = np.searchsorted(mine, theirs, side="right")
        at, value = (
            np.insert(self.at, places, other.at),
            np.insert(self.value.astype(np.float64), places, other.value),
        )
        more = np.zeros(len(self) + 1, dtype=np.int64)
        more[lives + 1] = np.diff(other.first)
        first = self.first + np.cumsum(more)
        apart = np.repeat(np.arange(len(self)), np.diff(first)) * (float(value.max(initial=0)) + 1)
        value = np.maximum.accumulate(value + apart) - apart
        for array in (first, at, value):
            array.setflags(write=False)
        return Track(first, at, value)

    def step(self, lives: Rows, moments: Moments) -> NDArray[Any]:
        """The value in force at each moment; NOBODY before the first breakpoint."""
        place = self._place(lives, moments)
        there = place >= self.first[lives]
        return (
            np.where(there, self.value[np.maximum(place, 0)], NOBODY)
            if len(self.at)
            else (np.full(len(lives), NOBODY))
        )

    def line(self, lives: Rows, moments: Moments) -> NDArray[np.float64]:
        """The value between the two breakpoints around each moment, moving evenly; the first and
        last ones beyond them.  Every life asked about has a breakpoint."""
        begin, end = self.first[lives], self.first[lives + 1] - 1
        left = np.clip(self._place(lives, moments), begin, end)
        right = np.minimum(left + 1, end)
        span = np.maximum(self.at[right] - self.at[left], 1)
        share = np.clip((_ms(moments) - self.at[left]) / span, 0.0, 1.0)
        low = self.value[left].astype(np.float64)
        return np.asarray(low + share * (self.value[right] - low))

    def since(self, lives: Rows, moments: Moments) -> Moments:
        """When the value in force at each moment came to be; the first breakpoint before that."""
        place = np.maximum(self._place(lives, moments), self.first[lives])
        return self.at[place].astype("datetime64[ms]")

    def until(self, lives: Rows, moments: Moments) -> Moments:
        """When the value in force at each moment gives way to another; in 2199 if never."""
        place = self._place(lives, moments) + 1
        more = place < self.first[lives + 1]
        at = self.at[np.minimum(place, max(len(self.at) - 1, 0))] if len(self.at) else place
        return np.where(more, at, _NEVER).astype("datetime64[ms]")

    def _place(self, lives: Rows, moments: Moments) -> Rows:
        """Number of the last breakpoint at or before each moment; one before the life's first
        where there is none."""
        owner = np.repeat(np.arange(len(self)), np.diff(self.first))
        keys = owner * _REACH + self.at
        wanted = np.asarray(lives, dtype=np.int64) * _REACH + _ms(moments)
        return np.asarray(np.searchsorted(keys, wanted, side="right") - 1)


def _ms(moments: Any) -> Rows:
    return np.asarray(moments).astype("datetime64[ms]").astype(np.int64)
