"""Random numbers that any row range can be read from on its own.

``u[i]`` of a stream is a function of (seed, table, column, i) alone: Philox4x64 (Salmon et al.,
SC'11) keyed by blake2b of the three names, its counter taken from the row's number.  So shards
can be made in any order on any number of hosts, and a new column disturbs no other.  Rows that
follow from others have no numbers but places (``Stream.at``).
"""

from __future__ import annotations

from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_TURNS = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))
_PER_COUNTER = 4  # Philox4x64 gives four 64-bit words a counter value


class Stream:
    """The random words of one (seed, table, column)."""

    def __init__(self, seed: int, table: str, column: str) -> None:
        name = f"{seed}\x1f{table}\x1f{column}".encode()
        self._key = np.frombuffer(blake2b(name, digest_size=16).digest(), dtype="<u8")

    def bits(self, start: int, stop: int) -> NDArray[np.uint64]:
        """Words of the rows ``start`` to ``stop`` (exclusive), shape (stop - start,)."""
        first, skip = divmod(start, _PER_COUNTER)
        generator = np.random.Philox(key=self._key, counter=[first, 0, 0, 0])
        words: NDArray[np.uint64] = generator.random_raw(stop - start + skip)
        return words[skip:]

    def uniform(self, start: int, stop: int) -> NDArray[np.float64]:
        """Numbers in [0, 1) with 53 bits, shape (stop - start,)."""
        return (self.bits(start, stop) >> np.uint64(11)).astype(np.float64) * 2.0**-53

    def at(self, places: NDArray[np.uint64]) -> NDArray[np.float64]:
        """Numbers in [0, 1) of rows that are no range but have a place each, shape as ``places``:
        splitmix64 (Steele et al., OOPSLA'14) of the place, under the stream's key, twice."""
        words = stirred(stirred(places * _GOLDEN + self._key[0]) ^ self._key[1])
        return (words >> np.uint64(11)).astype(np.float64) * 2.0**-53


def stirred(words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The finalizer of splitmix64: one to one, and every bit depends on all bits."""
    mixed = words + _GOLDEN
    mixed = (mixed ^ (mixed >> np.uint64(30))) * _TURNS[0]
    mixed = (mixed ^ (mixed >> np.uint64(27))) * _TURNS[1]
    return mixed ^ (mixed >> np.uint64(31))


def apportion(
    weights: NDArray[np.float64] | NDArray[np.int64], total: int, phase: float = 0.5
) -> NDArray[np.int64]:
    """Share ``total`` units over ``weights`` exactly: prefix differences of
    floor(C_i T / R + phi), so any block needs only the weights before it.

    Parameters: weights (n,) non-negative, not all zero unless total is 0; phase in [0, 1).
    Returns (n,) int64 that sums to ``total``.
    """
    if len(weights) == 0 or total == 0:
        return np.zeros(len(weights), dtype=np.int64)
    prefix = np.cumsum(weights, dtype=np.float64)
    if prefix[-1] <= 0:
        raise ValueError("weights must not all be zero")
    edges = np.floor(prefix / prefix[-1] * total + phase).astype(np.int64)
    edges[-1] = total
    edges = np.minimum(edges, total)
    shares: NDArray[np.int64] = np.diff(edges, prepend=0)
    return shares


def apportion_within(
    weights: NDArray[np.float64],
    total: int,
    low: NDArray[np.int64],
    high: NDArray[np.int64],
    phase: float = 0.5,
) -> NDArray[np.int64]:
    """As ``apportion``, every share kept within [low, high].

    Raises ValueError if sum(low) <= total <= sum(high) does not hold.
    """
    low_sum, high_sum = int(low.sum()), int(high.sum())
    if not low_sum <= total <= high_sum:
        raise ValueError(f"{total} does not lie within [{low_sum}, {high_sum}]")
    shares = low.astype(np.int64).copy()
    while (rest := total - int(shares.sum())) > 0:
        room = high - shares
        usable = np.where(room > 0, np.maximum(weights, 1e-12), 0.0)
        given = np.minimum(apportion(usable, rest, phase), room)
        if not given.any():
            given = np.zeros_like(shares)
            given[np.flatnonzero(room > 0)[:rest]] = 1
        shares += given
    return shares
