"""What one attack came to, and how sure that is."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

SURE = 1.959964  # standard errors of a normal distribution to either side of 95 %
KINDS = {
    "membership": "Guessing which rows were learnt",
    "inference": "Guessing a column of somebody known",
    "singling": "Singling somebody out",
    "linkage": "Linking two halves of a person",
    "replay": "Personal values repeated",
}
WAYS = ("", "distance", "density", "shadow models")
_LONGEST = 200  # letters of a table's or a column's name


@dataclass(frozen=True)
class Attack:
    """``score`` of the attack on learnt rows and its 95 % interval, ``baseline`` what it reaches
    without the synthetic rows' help: of an AUC one half, of a share of successes the share on rows
    that were not learnt.  ``low`` and ``high`` bound the ``gain``, score less baseline; ``rows``
    were attacked."""

    kind: str
    way: str
    table: str
    about: str
    score: float
    baseline: float
    low: float
    high: float
    rows: int

    @property
    def gain(self) -> float:
        return round(self.score - self.baseline, 4)

    def document(self) -> dict[str, Any]:
        """Plain JSON types; ``attack_from`` reads them."""
        return {**vars(self), "title": KINDS[self.kind]}


def attack_from(document: Any) -> Attack | None:
    """An attack of a certificate that somebody may have written; None for anything else."""
    if not isinstance(document, Mapping) or document.get("kind") not in KINDS:
        return None
    numbers = [_number(document.get(name)) for name in ("score", "baseline", "low", "high")]
    table, about = (_text(document.get(name)) for name in ("table", "about"))
    rows, way = document.get("rows"), document.get("way")
    if type(rows) is not int or not 0 <= rows < 1 << 53 or way not in WAYS:
        return None
    if table is None or about is None or None in numbers:
        return None
    score, baseline, low, high = (one or 0.0 for one in numbers)
    return Attack(document["kind"], str(way), table, about, score, baseline, low, high, rows)


def _number(value: Any) -> float | None:
    return float(value) if type(value) in (int, float) and -1 <= value <= 1 else None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and len(value) <= _LONGEST else None


def by_auc(
    way: str, table: str, learnt: NDArray[np.float64], unseen: NDArray[np.float64]
) -> Attack:
    """Of scores of learnt and of unseen rows, higher where a row is thought to be learnt: the AUC,
    with the variance of E. DeLong, D. DeLong and D. Clarke-Pearson (Biometrics 44, 1988)."""
    m, n = len(learnt), len(unseen)
    whole = _ranks(np.concatenate([learnt, unseen]))
    above = (whole[:m] - _ranks(learnt)) / n  # of the unseen rows, below each learnt one
    below = 1 - (whole[m:] - _ranks(unseen)) / m
    auc = float(above.mean())
    spread = float(above.var(ddof=1) / m + below.var(ddof=1) / n) if min(m, n) > 1 else 1.0
    reach = SURE * math.sqrt(spread)
    bounds = (max(auc - reach, 0.0) - 0.5, min(auc + reach, 1.0) - 0.5)
    return _attack("membership", way, table, "", auc, 0.5, bounds, m)


def by_shares(
    kind: str, table: str, about: str, hits: tuple[int, int], other: tuple[int, int]
) -> Attack:
    """Of successes and tries on learnt rows, and on unseen ones: the interval of the difference is
    that of R. Newcombe (Statistics in Medicine 17, 1998), method 10."""
    (a, m), (b, n) = hits, other
    p, q = a / max(m, 1), b / max(n, 1)
    (l1, u1), (l2, u2) = wilson(a, m), wilson(b, n)
    low = p - q - math.hypot(p - l1, u2 - q)
    high = p - q + math.hypot(u1 - p, q - l2)
    return _attack(kind, "", table, about, p, q, (low, high), m)


def wilson(hits: int, tries: int) -> tuple[float, float]:
    """The 95 % interval of a share (E. Wilson, 1927)."""
    if not tries:
        return 0.0, 1.0
    p, z = hits / tries, SURE * SURE / tries
    middle = (p + z / 2) / (1 + z)
    reach = math.sqrt(z * p * (1 - p) + z * z / 4) / (1 + z)
    return max(middle - reach, 0.0), min(middle + reach, 1.0)


def _attack(
    kind: str,
    way: str,
    table: str,
    about: str,
    score: float,
    baseline: float,
    bounds: tuple[float, float],
    rows: int,
) -> Attack:
    low, high = (round(min(max(one, -1.0), 1.0), 4) for one in bounds)
    return Attack(kind, way, table, about, round(score, 4), round(baseline, 4), low, high, rows)


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Ranks from 1 on, of ties their mean."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    ranks: NDArray[np.float64] = (ends - (counts - 1) / 2)[place]
    return ranks
