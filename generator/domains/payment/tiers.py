"""Tiers of credit as bands of a score (R052)."""

from __future__ import annotations

from bisect import bisect_right

import numpy as np

from generator.rules import Whole
from generator.sketch import Cells, Verdict
from generator.tables import Tables

LOWEST, HIGHEST = 300, 850  # of a score
TIERS = ("SUPERPRIME", "PRIME", "NEAR_PRIME", "SUBPRIME", "DEEP_SUB")  # best first


def same_tier(table: str) -> Whole:
    """Tiers are bands of the score: no score of one tier lies between scores of another."""

    def sketch(tables: Tables) -> Cells:
        own = tables.own(table)
        scores, place = np.unique(tables.values(table, "score_value")[own], return_inverse=True)
        tier = tables.codes(table, "credit_tier")
        names, values = (*tier.labels, ""), scores.tolist()
        code = np.where(tier.codes < 0, len(tier.labels), tier.codes)[own]
        return Cells.of(
            code * len(values) + place,
            lambda code: (names[code // len(values)], values[code % len(values)]),
        )

    def verdict(rows: Cells) -> Verdict:
        low: dict[str, int] = {}
        for name, score in sorted(rows.cells, key=lambda label: label[1]):
            low.setdefault(name, score)
        names = sorted(low, key=lambda name: (low[name], name))  # of two that begin alike, one
        edges = [low[name] for name in names]

        def broken(label: tuple[str, int]) -> bool:
            name, score = label
            expected = names[bisect_right(edges, score) - 1]
            return name != expected or not LOWEST <= score <= HIGHEST

        return rows.verdict(broken)

    return Whole(sketch, verdict)
