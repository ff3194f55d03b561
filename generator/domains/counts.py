"""placeholder"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Count:
    shared: bool = False
