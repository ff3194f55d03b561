"""How many of what people write are different, and how long they take, for each kind of text:
``python -m tests.benchmarks.narratives [ROWS]``.

The rows of a small world are drawn again and again with other seeds, up to so many of each kind.
Masked texts have the numbers, the names and the slips taken out.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import NamedTuple

import numpy as np

import generator
from generator.frame import Coded
from generator.narrative import Grammar, Slips, slipped
from tests.world import drawn, planned

SLIPS = Slips(typos=0.05, capitals=0.12, abbreviations=0.35)
NAMES = {
    ("service", "narrative"): "complaint, cause and correction of a line",
    ("service", "describe"): "description of a repair order",
    ("service", "booking"): "what is said when a visit is booked",
    ("contacts", "comment"): "note on a lead",
    ("contacts", "call"): "note of a call or visit",
    ("contacts", "mail"): "mail",
    ("contacts", "text"): "text",
    ("contacts", "chat"): "chat",
}
LINE = ("complaint", "cause", "correction")


class Rows(NamedTuple):
    """What a symbol was written about."""

    fields: dict
    labels: dict[str, Coded]

    @property
    def n(self) -> int:
        return len(next(iter(self.labels.values())))

    def take(self, at) -> Rows:
        return Rows(
            {name: values[at] for name, values in self.fields.items()},
            {name: coded.take(at) for name, coded in self.labels.items()},
        )


@contextmanager
def watched(found: dict) -> Iterator[None]:
    """Keeps what every symbol is written about meanwhile."""
    written = Grammar.written

    def keeps(self, symbol, seeds, *, fields, labels, hurried=None):
        kept = found.get((self.name, symbol))
        if kept is None or kept.n < len(seeds):
            found[self.name, symbol] = Rows(dict(fields), dict(labels))
        return written(self, symbol, seeds, fields=fields, labels=labels, hurried=hurried)

    Grammar.written = keeps
    try:
        yield
    finally:
        Grammar.written = written


@cache
def world() -> dict[tuple[str, str], Rows]:
    """What is written about in a year of 300 deals, by grammar and kind."""
    found: dict[tuple[str, str], Rows] = {}
    generator.automotive()
    with watched(found):
        drawn(planned({"deal": 300, "vehicle_telemetry_event": 0}))
    body = found.pop(("contacts", "body"))
    form = body.labels["form"]
    for code, name in enumerate(form.labels):
        found["contacts", name] = body.take(np.flatnonzero(form.codes == code))
    found["service", "narrative"] = found["service", "complaint"]
    return found


def rows(kind: tuple[str, str], n: int) -> tuple[np.ndarray, Rows]:
    """Seeds and ``n`` rows to write about."""
    rng = np.random.Generator(np.random.Philox(7))
    some = world()[kind]
    return rng.integers(0, 2**63, n).astype(np.uint64), some.take(rng.integers(0, some.n, n))


def symbols(kind: tuple[str, str]) -> tuple[str, ...]:
    name = kind[1]
    if name == "narrative":
        return LINE
    return (name,) if name in ("describe", "booking", "comment") else ("body",)


def texts(kind: tuple[str, str], n: int, *, masked: bool):
    """Texts as written, or without slips and without what is of the row alone."""
    seeds, (fields, labels) = rows(kind, n)
    if masked:
        same = np.full(n, "#", dtype=object)
        fields = dict.fromkeys(fields, same)
    whole = np.full(n, "", dtype=object)
    for symbol in symbols(kind):
        hurried = None if masked else SLIPS.hurried(seeds)
        grammar = Grammar.named(kind[0])
        text = grammar.written(symbol, seeds, fields=fields, labels=labels, hurried=hurried)
        whole = whole + (text if masked else slipped(text, seeds, SLIPS)) + " | "
    return whole


def different(n: int, kind: tuple[str, str] = ("service", "narrative")) -> dict[str, float]:
    """Shares of ``n`` texts that are different, and the seconds of the processor."""
    world()
    begun = time.process_time()
    written = texts(kind, n, masked=False)
    seconds = time.process_time() - begun
    masked = [re.sub(r"\d[\d,./]*", "#", text) for text in texts(kind, n, masked=True)]
    return {
        "as written": len(set(written.tolist())) / n,
        "masked": len(set(masked)) / n,
        "seconds": seconds,
    }


if __name__ == "__main__":
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    for kind, name in NAMES.items():
        found = ", ".join(f"{of}: {value:.3f}" for of, value in different(wanted, kind).items())
        print(f"{name}: {found}")
