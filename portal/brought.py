"""A file that came in."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple


class Brought(NamedTuple):
    """Where it lies sealed, what it was called, and what it held."""

    path: Path
    name: str
    bytes: int
    sha256: str
