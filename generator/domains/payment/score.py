"""Credit scores: one a customer, from which ratings and applications hardly stray."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from generator.domains.groups import evened
from generator.domains.table import Draw, Figures
from generator.frame import Coded, Frame
from generator.streams import Stream

LOWEST, HIGHEST = 300, 850


def product_state(frame: Frame) -> NDArray[np.object_]:
    """NEW or USED for each row of a frame with ``product_state_type``; all but NEW are used."""
    return np.where(frame.text("product_state_type") == "NEW", "NEW", "USED").astype(object)


def customer_cells(draw: Draw) -> NDArray[np.object_]:
    """For each customer of the shard the cell the score is drawn in, shape (customers,).

    ``NEW`` or ``USED`` after the first financed deal, else the first deal; ``NONE`` without one.
    """
    deal, customer = draw.frames["deal"], draw.frames["customer"]
    cells = np.full(customer.rows, "NONE", dtype=object)
    local = deal["_customer_key"] - customer.start
    state = product_state(deal)
    for rows in (np.flatnonzero(~deal["_financed"]), np.flatnonzero(deal["_financed"])):
        cells[local[rows[::-1]]] = state[rows[::-1]]  # the first deal is written last and stays
    return cells


def base_scores(draw: Draw) -> NDArray[np.int64]:
    """The score of every customer of the shard, 300..850, shape (customers,).

    Ranks within each cell follow a normal score that leans on income, so the cell's shares of
    tiers are met exactly and richer customers score higher.
    """
    customer = draw.frames["customer"]
    stream = Stream(draw.plan.recipe.seed, "customer", "score")
    u = stream.uniform(customer.start, customer.start + customer.rows)
    z = special.ndtri(np.clip(u, 1e-12, 1 - 1e-12))
    lean = float(draw.figures["score_income_lean"])
    known = ~customer.missing("annual_income")
    income = special.ndtri(evened(u, known, customer["annual_income"]))
    z = np.where(known, lean * income + np.sqrt(1 - lean**2) * z, z)
    cells = customer_cells(draw)
    even = evened(z, np.char.add(_financing(draw), cells.astype(str)))
    score = draw.leaf("credit_rating.score_value", by=(cells,), u=even)
    whole: NDArray[np.int64] = np.clip(np.floor(score), LOWEST, HIGHEST).astype(np.int64)
    return whole


def _financing(draw: Draw) -> NDArray[Any]:
    """L or R for customers with a loan or a lease: the shares of tiers are met in each alone."""
    deal, customer = draw.frames["deal"], draw.frames["customer"]
    mark = np.full(customer.rows, "", dtype="U1")
    lease = deal.text("payment_type") == "LEASE"
    for label, rows in (("R", lease), ("L", deal["_financed"] & ~lease)):
        mark[deal["_customer_key"][rows] - customer.start] = label
    return mark


def drifted(
    score: NDArray[np.int64], u: NDArray[np.float64], *, spread: float
) -> NDArray[np.int64]:
    """Scores some points off, by a normal deviation of ``spread`` points cut at three."""
    z = np.clip(special.ndtri(np.clip(u, 1e-12, 1 - 1e-12)), -3, 3)
    moved = score + np.floor(z * spread + 0.5).astype(np.int64)
    return np.clip(moved, LOWEST, HIGHEST)


def tier_of(score: NDArray[np.int64], figures: Figures) -> Coded:
    """The tier of each score, by the lowest scores of the tiers."""
    floors: dict[str, int] = figures["tier_floor"]
    names = tuple(sorted(floors, key=lambda name: floors[name]))
    edges = np.array([floors[name] for name in names])
    codes = np.searchsorted(edges, score, side="right") - 1
    return Coded(np.maximum(codes, 0).astype(np.int32), names)
