"""A mess: rows that are less tidy than they were drawn, at an exact rate."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from generator.staging.scene import Scene


@dataclass(frozen=True)
class Mess:
    """``eligible(scene)`` says which rows of ``table`` it may happen to; it happens to the rate of
    them that is asked for, rounded in each shard.  ``change(scene, rows)`` makes it happen and
    lists the rows.

    ``needs`` are the other tables it reads or changes, ``breaks`` the ids of the rules that it
    breaks on purpose, ``tips`` those about all rows together which may not hold because of it.
    """

    name: str
    title: str
    meaning: str
    table: str
    eligible: Callable[[Scene], NDArray[np.bool_]]
    change: Callable[[Scene, NDArray[np.int64]], None]
    needs: tuple[str, ...] = ()
    breaks: tuple[str, ...] = ()
    tips: tuple[str, ...] = ()


def tipped_by(messes: Iterable[Mess], names: Iterable[str]) -> frozenset[str]:
    """Ids of the rules that messes of these names tip."""
    asked = set(names)
    return frozenset(rule for mess in messes if mess.name in asked for rule in mess.tips)
