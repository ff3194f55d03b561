"""Tables for tests of private fits, what is declared of them, and noise of our own for tests."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from scipy.stats import norm

from generator.private import Declared, declared_from
from tests.extracts import random

MAKES = ("audi", "ford", "kia", "skoda")


def people(rows: int, *, seed: int = 1) -> pa.Table:
    """Text, as read from a CSV: pay follows age and make; a town is missing now and then; the day
    is of one year; mail and key are a row's own."""
    rng = random(seed)
    make = rng.choice(len(MAKES), rows, p=[0.4, 0.3, 0.2, 0.1])
    age = np.clip(np.rint(rng.normal(40 + 5 * make, 8, rows)), 18, 90).astype(int)
    pay = np.where(rng.random(rows) < 0.3, 0, np.rint(age * 900 + rng.normal(0, 4000, rows)))
    town = rng.choice(["north", "south", ""], rows, p=[0.6, 0.3, 0.1])
    day = np.datetime64("2024-01-01") + rng.integers(0, 366, rows)
    return pa.table(
        {
            "key": [f"{at}" for at in range(rows)],
            "mail": [f"somebody{at}@company.test" for at in range(rows)],
            "make": [MAKES[at] for at in make],
            "age": age.astype(str).tolist(),
            "pay": np.maximum(pay, 0).astype(int).astype(str).tolist(),
            "town": town.tolist(),
            "day": day.astype(str).tolist(),
            "member": np.where(age > 45, "true", "false").tolist(),
        }
    )


def document() -> dict:
    """What is declared of ``people``."""
    fields = [
        {"name": "key", "type": "integer", "constraints": {"unique": True, "required": True}},
        {"name": "mail", "type": "string", "personal": "email"},
        {"name": "make", "type": "string", "constraints": {"enum": list(MAKES)}},
        {"name": "age", "type": "integer", "constraints": {"minimum": 18, "maximum": 90}},
        {"name": "pay", "type": "integer", "constraints": {"minimum": 0, "maximum": 120_000}},
        {"name": "town", "type": "string", "constraints": {"enum": ["north", "south"]}},
        {
            "name": "day",
            "type": "date",
            "constraints": {"minimum": "2024-01-01", "maximum": "2024-12-31"},
        },
        {"name": "member", "type": "boolean", "constraints": {"required": True}},
    ]
    schema = {"fields": fields, "primaryKey": "key"}
    return {"resources": [{"name": "people", "schema": schema}]}


def declared() -> Declared:
    return declared_from(document())


class Seeded:
    """Implements ``Noise`` with a seed and NumPy: for tests that must come out alike.  ``times``
    is how much of the noise is drawn that is paid for."""

    def __init__(self, seed: int, times: float = 1.0) -> None:
        self._random = random(seed)
        self._times = times

    def counts(self, counts, sigma):
        drawn = self._random.normal(0, self._times * sigma, len(counts))
        return np.rint(counts + drawn).astype(np.int64)

    def highest(self, scores, scale):
        return int(np.argmax(scores + self._random.gumbel(0, self._times * scale, len(scores))))

    def labels(self, counts, sigma, threshold):
        noisy = {label: self.counts(np.array([rows]), sigma)[0] for label, rows in counts.items()}
        return {label: int(rows) for label, rows in noisy.items() if rows > threshold}

    def cost_of_labels(self, sensitivity, sigma, threshold):
        fails = norm.sf((threshold - sensitivity) / sigma) * sensitivity
        return sensitivity**2 / (2 * sigma**2), float(fails)

    def cost_of_counts(self, sensitivity, sigma):
        return sensitivity**2 / (2 * sigma**2)

    def cost_of_highest(self, sensitivity, scale):
        return (2 * sensitivity / scale) ** 2 / 8


class Deaf(Seeded):
    """Noise that answers alike whatever it is asked about."""

    def counts(self, counts, sigma):
        return np.arange(len(counts), dtype=np.int64) % 7 * 40

    def labels(self, counts, sigma, threshold):
        return {}

    def highest(self, scores, scale):
        return 0
