"""How far a comparison has come: the step at work, and the share that is done as it begins."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

Progress = Callable[[str, float], None]
Begin = Callable[[str], None]

BEGUN: Mapping[str, float] = MappingProxyType(
    {
        "reading": 0.0,
        "counting": 0.1,
        "usefulness": 0.15,
        "accuracy": 0.3,
        "SDMetrics": 0.35,
        "detection": 0.4,
        "links": 0.6,
        "copies": 0.65,
        "attacks": 0.85,
    }
)
"""Steps in their order, of two tables of 24,000 rows and 15 columns with as many unseen rows."""


def beginning(progress: Progress | None, *, first: str = "reading") -> Begin:
    """Tells of steps that are begun, the share being that of the work from the ``first`` one on."""
    start = BEGUN[first]

    def begin(step: str) -> None:
        if progress is not None:
            progress(step, (BEGUN[step] - start) / (1 - start))

    return begin


def unheard(step: str) -> None:
    """For whoever need not know."""
    del step
