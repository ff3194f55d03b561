"""What was said beforehand of how well the questions can be answered."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import NamedTuple

from tests.moments.learn import Learnt


class Margin(NamedTuple):
    """``least`` and ``most`` of the score, ``alone`` the most of a single column; ``why`` is
    "source" or "assumption" and ``because`` its words."""

    says: str
    measure: str
    least: float
    most: float
    alone: float
    why: str
    because: str

    def broken(self, found: Learnt) -> list[str]:
        """What is not met, in sentences."""
        guessing = max(0.5 if self.measure == "AUC" else 0.0, found.time)
        best = found.single.index[0]
        said = []
        if found.score < self.least:
            said.append(f"{self.measure} {found.score:.3f} is below {self.least}: hardly learnt")
        if found.score > self.most:
            said.append(f"{self.measure} {found.score:.3f} is above {self.most}: something leaks")
        if found.single.iloc[0] > self.alone:
            said.append(f"{best} alone answers {found.single.iloc[0]:.3f}, above {self.alone}")
        if found.key > guessing + found.noise + KEYS:
            said.append(f"the order of keys answers {found.key:.3f}, time only {guessing:.3f}")
        return said


KEYS = 0.03  # more than guessing, or than their time, that the order of keys may answer


@cache
def margins() -> dict[str, Margin]:
    found = {}
    for name, one in tomllib.loads(_PATH.read_text("utf-8")).items():
        (why,) = {"source", "assumption"} & set(one)
        because = one.pop(why)
        found[name] = Margin(**one, why=why, because=because)
    return found


_PATH = Path(__file__).with_suffix(".toml")
