"""Shares in bins laid over other bins."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

BINS = 30  # bars of a histogram redrawn in equal widths
TAIL = 0.004  # share at each end that a histogram may leave to the table beneath it


def rebin(edges: Sequence[float], shares: Sequence[float], onto: Sequence[float]) -> list[float]:
    """``shares`` between ``edges`` laid over other edges; mass is spread evenly in a bin, a bin
    of no width goes where its value lies.  Mass beyond the new edges is left out."""
    laid = [0.0] * (len(onto) - 1)
    for low, high, share in zip(edges, edges[1:], shares, strict=False):
        for at, (left, right) in enumerate(pairwise(onto)):
            last = at == len(laid) - 1
            if high <= low:
                inside = left <= low < right or (last and low == right)
                laid[at] += share if inside else 0.0
            else:
                laid[at] += share * max(0.0, min(high, right) - max(low, left)) / (high - low)
    return laid


def are_even(edges: Sequence[float]) -> bool:
    widths = [high - low for low, high in pairwise(edges)]
    return max(widths) <= 1.05 * min(widths)


def even_edges(edges: Sequence[float], shares: Sequence[float]) -> list[float]:
    """Equal widths from where the first ``TAIL`` of the mass ends to where the last begins."""
    low, high = _quantile(edges, shares, TAIL), _quantile(edges, shares, 1 - TAIL)
    if high <= low:
        low, high = edges[0], max(edges[-1], edges[0] + 1)
    bins = min(BINS, max(len(edges) - 1, 8))
    whole = all(float(edge).is_integer() for edge in edges) and 0 < high - low <= BINS
    if whole:
        low, high = float(int(low)), float(int(high) + 1)
        bins = int(high - low)
    return [low + (high - low) * at / bins for at in range(bins + 1)]


def _quantile(edges: Sequence[float], shares: Sequence[float], level: float) -> float:
    passed, wanted = 0.0, level * sum(shares)
    for low, high, share in zip(edges, edges[1:], shares, strict=False):
        if passed + share >= wanted and share > 0:
            return low + (high - low) * (wanted - passed) / share
        passed += share
    return edges[-1]
