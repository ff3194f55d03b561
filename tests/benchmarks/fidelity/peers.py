"""Peers of other packages, run in an environment of their own; what cannot run says why."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

import pandas as pd

NAMES = {"copula": "SDV's Gaussian copula", "mostly": "MOSTLY AI's engine"}
MOST_SECONDS = 1_800


class NotRun(Exception):
    """A peer that gave no rows, and why."""


def drawn(name: str, rows: pd.DataFrame, seed: int, *, python: Path) -> pd.DataFrame:
    """As many rows of a peer.  Raises NotRun where it cannot be run."""
    if not python.is_file():
        raise NotRun("its environment is not there; `make bench-peers` makes it")
    with tempfile.TemporaryDirectory() as folder:
        learnt, made = Path(folder) / "learnt.csv", Path(folder) / "made.csv"
        rows.to_csv(learnt, index=False)
        run(python, name, learnt, made, seed)
        return pd.read_csv(made, low_memory=False)


def run(python: Path, name: str, learnt: Path, made: Path, seed: int) -> None:
    """Let a peer learn what is in ``learnt`` and write ``made``.  Raises NotRun."""
    command = [python, Path(__file__).with_name("peer.py"), name, learnt, made, str(seed)]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=MOST_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise NotRun(f"no rows within {MOST_SECONDS} s") from None
    if done.returncode:
        raise NotRun(_reason(done.stderr))


def _reason(told: str) -> str:
    """The line of what a failed run said that names the error."""
    lines = [line for line in told.strip().splitlines() if line.strip()]
    named = [line for line in lines if "Error" in line.split(":")[0]]
    return (named or lines or ["no reason"])[-1][:200]
