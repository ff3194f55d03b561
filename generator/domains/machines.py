"""The platform's state machines: which states a row may come to, one after the other."""

from __future__ import annotations

import tomllib
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class Machine:
    """``follows``: for each state those that may come next."""

    name: str
    initial: str
    follows: Mapping[str, tuple[str, ...]]

    def path(self, state: str) -> tuple[str, ...]:
        """The shortest way from the beginning to a state, both included.  Raises ValueError for
        a state that no way leads to."""
        before: dict[str, str] = {self.initial: ""}
        queue = deque([self.initial])
        while queue and state not in before:
            here = queue.popleft()
            for next_ in self.follows.get(here, ()):
                if next_ not in before:
                    before[next_] = here
                    queue.append(next_)
        if state not in before:
            raise ValueError(f"No way leads from {self.initial} to {state} of {self.name}.")
        way = [state]
        while before[way[-1]]:
            way.append(before[way[-1]])
        return tuple(reversed(way))

    def allows(self, before: str, after: str) -> bool:
        return after in self.follows.get(before, ())


@cache
def machine(name: str) -> Machine:
    """The machine of a table.  Raises KeyError where the platform has none."""
    return _machines()[name]


@cache
def _machines() -> Mapping[str, Machine]:
    text = files("generator.domains").joinpath("machines.toml").read_text(encoding="utf-8")
    return {
        name: Machine(
            name,
            entry["initial"],
            {state: tuple(next_) for state, next_ in entry.items() if state != "initial"},
        )
        for name, entry in tomllib.loads(text).items()
    }


def has_machine(name: str) -> bool:
    return name in _machines()
