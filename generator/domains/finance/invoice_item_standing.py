"""A line of an invoice is where its invoice is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generator.frame import Coded

LABELS = ("PAID", "PARTIALLY_PAID", "OVERDUE", "OPEN")
_OF = {"PAID": 0, "SETTLED": 0, "PARTIALLY_PAID": 1, "OVERDUE": 2}


def standing_of(header: Coded, invoice: NDArray[np.int64]) -> Coded:
    """``header`` is the payment status of each invoice, ``invoice`` the local one of each line."""
    code = np.array([*(_OF.get(label, 3) for label in header.labels), 3], dtype=np.int32)
    return Coded(code[header.codes[invoice]], LABELS)
