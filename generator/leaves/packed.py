"""What the leaves of all cells of a column have in common, kept as one table.

The entries of cell c are ``first[c]`` to ``first[c + 1]``.  Probabilities are integers in units of
2**-32, so that every platform draws the same.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

LARGEST = 1e100  # larger numbers have no variance in 64 bits
Words = NDArray[np.uint64]


def upper(bits: Words) -> NDArray[np.int64]:
    """The upper half of each word: 0 to 2**32 - 1."""
    return (bits >> np.uint64(32)).astype(np.int64)


def whole(values: NDArray[np.int64] | NDArray[np.int32]) -> bool:
    return values.ndim == 1 and values.dtype in (np.int64, np.int32)


def cells_ok(first: NDArray[np.int64], entries: int, cells: int, *, least: int) -> bool:
    return bool(
        whole(first)
        and len(first) == cells + 1 > 1
        and first[0] == 0
        and first[-1] == entries
        and (np.diff(first) >= least).all()
    )
