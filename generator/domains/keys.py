"""Keys of the platform's rows: a prefix for the table and the row's number.

Keys are arithmetic, so a link needs only the parent's row number, never its frame.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

DIGITS = 10


def numbered(prefix: str, numbers: NDArray[np.int64], digits: int) -> NDArray[Any]:
    """``prefix`` and each number with leading zeros, as fixed-width bytes (n,).

    Numbers are non-negative and have at most ``digits`` digits.
    """
    head = prefix.encode("ascii")
    out = np.empty((len(numbers), len(head) + digits), dtype=np.uint8)
    out[:, : len(head)] = np.frombuffer(head, dtype=np.uint8)
    rest = numbers.astype(np.int64)
    for place in range(len(head) + digits - 1, len(head) - 1, -1):
        rest, digit = np.divmod(rest, 10)
        out[:, place] = digit + ord("0")
    return out.reshape(-1).view(f"S{len(head) + digits}")


def key_of(prefix: str, rows: NDArray[np.int64]) -> NDArray[Any]:
    """Keys of the rows with these numbers, e.g. ``DL-0000000042``, fixed-width bytes (n,).

    A row number of -1 (no row) gives some key; mask it.
    """
    return numbered(f"{prefix}-", np.maximum(rows, 0), DIGITS)
