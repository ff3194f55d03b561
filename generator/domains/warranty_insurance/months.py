"""Days some months later."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]


def months_after(days: NDArray[Any], months: Integers) -> NDArray[Any]:
    """The same day of the month, or its last one where there is no such day."""
    month = days.astype("datetime64[M]")
    later = month + months.astype("timedelta64[M]")
    of_month = days - month.astype("datetime64[D]")
    last = (later + 1).astype("datetime64[D]") - np.timedelta64(1, "D")
    return np.asarray(np.minimum(later.astype("datetime64[D]") + of_month, last))
