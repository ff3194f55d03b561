"""How many narratives of the workshop are different, and how long they take:
``python -m tests.benchmarks.narratives [ROWS]``.

A narrative is the complaint, cause and correction of a line.  Masked ones have the numbers, the
names of cars and the slips taken out.
"""

from __future__ import annotations

import re
import sys
import time

import numpy as np

from generator.domains.service.operations import operations
from generator.domains.service.words import SEASONS, faults_of, names, system_of, use_of
from generator.frame import Coded
from generator.narrative import Grammar, Slips, slipped

SYMBOLS = ("complaint", "cause", "correction")
SLIPS = Slips(typos=0.05, capitals=0.12, abbreviations=0.35)


def rows(n: int, *, masked: bool):
    """Seeds, fields and labels of ``n`` lines by the weights of the operations."""
    rng = np.random.Generator(np.random.Philox(7))
    weight = np.array([one.weight for one in operations()])
    operation = rng.choice(len(weight), n, p=weight / weight.sum())
    asked, done = names()
    code = faults_of(operation, rng.random(n))
    miles = np.array([f"{miles:,}" for miles in rng.integers(5, 160_000, n)], dtype=object)
    models = np.array(["2021 Ford Escape", "2019 Toyota Camry", "2023 Ram 1500"], dtype=object)
    car = models[rng.integers(0, len(models), n)]
    same = np.full(n, "#", dtype=object)
    low = np.array([text[:1].lower() + text[1:] for text in done], dtype=object)
    fields = {
        "op": asked[operation],
        "done": done[operation],
        "done_low": low[operation],
        "code": same if masked else code,
        "miles": same if masked else miles,
        "car": same if masked else car,
        "model": same if masked else car,
        "hours": same,
    }
    labels = {
        "use": use_of(operation),
        "system": system_of(operation),
        "season": Coded(rng.integers(0, len(SEASONS), n).astype(np.int32), SEASONS),
        "coded": Coded(np.where(code != "", 0, 1).astype(np.int32), ("yes", "no")),
    }
    return rng.integers(0, 2**63, n).astype(np.uint64), fields, labels


def narratives(n: int, *, masked: bool):
    seeds, fields, labels = rows(n, masked=masked)
    grammar, whole = Grammar.named("service"), np.full(n, "", dtype=object)
    for symbol in SYMBOLS:
        hurried = None if masked else SLIPS.hurried(seeds)
        text = grammar.written(symbol, seeds, fields=fields, labels=labels, hurried=hurried)
        whole = whole + (text if masked else slipped(text, seeds, SLIPS)) + " | "
    return whole


def different(n: int) -> dict[str, float]:
    """Shares of ``n`` narratives that are different, and the seconds of the processor."""
    begun = time.process_time()
    written = narratives(n, masked=False)
    seconds = time.process_time() - begun
    masked = [re.sub(r"\d[\d,./]*", "#", text) for text in narratives(n, masked=True)]
    return {
        "as written": len(set(written.tolist())) / n,
        "masked": len(set(masked)) / n,
        "seconds": seconds,
    }


if __name__ == "__main__":
    for name, value in different(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000).items():
        print(f"{name}: {value:.3f}")
