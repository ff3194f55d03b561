"""Fault codes that cars set: an engine's, or those of a car without one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generator.domains.graph import Draw
from generator.frame import Coded


def trouble_codes(draw: Draw, electric: NDArray[np.bool_]) -> Coded:
    """A code for each row of the frame."""
    burns = draw.leaf("vehicle_telemetry_event.diagnostic_trouble_code")
    other = draw.leaf("trouble_code_electric")
    labels = (*burns.labels, *(name for name in other.labels if name not in burns.labels))
    codes = np.array([labels.index(name) for name in other.labels], dtype=np.int32)
    return Coded(np.where(electric, codes[other.codes], burns.codes).astype(np.int32), labels)
