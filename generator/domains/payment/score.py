"""Credit scores: one a customer, from which ratings and applications hardly stray."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.domains.graph import Draw
from generator.domains.groups import evened
from generator.domains.leanings import leaned
from generator.errors import ProfileError
from generator.frame import Coded, Frame
from generator.leaves import Bands
from generator.leaves.figures import Figures

LOWEST, HIGHEST = 300, 850


def product_state(frame: Frame) -> NDArray[np.object_]:
    """NEW or USED for each row of a frame with ``product_state_type``; all but NEW are used."""
    return np.where(frame.text("product_state_type") == "NEW", "NEW", "USED").astype(object)


def base_scores(draw: Draw) -> NDArray[np.int64]:
    """The score of every customer of the shard, 300..850, shape (customers,), drawn with the
    customers.

    Ranks within each cell follow a normal score that leans on income and age, so the cell's
    shares of tiers are met exactly and richer and older customers score higher.
    """
    customer = draw.frame
    strengths = draw.figures["score_leaning"]
    z = leaned(draw.u("score"), strengths, income=customer["_rich"], age=customer["_old"])
    new, used = _financed_deals(draw)
    cells, weight = _cells(draw, new, used), np.maximum(new + used, 1)
    even = evened(z, np.char.add(_financing(draw), cells.astype(str)), weight=weight)
    score = np.zeros(customer.rows)
    for label, bands in _bands(draw, new, used).items():
        rows = cells == label
        score[rows] = bands.draw(even[rows])
    whole: NDArray[np.int64] = np.clip(np.floor(score), LOWEST, HIGHEST).astype(np.int64)
    return whole


def _financed_deals(draw: Draw) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Financed deals of each customer of the shard: of new and of used cars."""
    deal, customer = draw.frames["deal"], draw.frames["customer"]
    local, new = deal["_customer_key"] - customer.start, product_state(deal) == "NEW"
    financed = deal["_financed"]
    return (
        np.bincount(local[financed & new], minlength=customer.rows),
        np.bincount(local[financed & ~new], minlength=customer.rows),
    )


def _cells(draw: Draw, new: NDArray[np.int64], used: NDArray[np.int64]) -> NDArray[np.object_]:
    """What each customer finances, NEW, USED or BOTH; without that what the first deal was about,
    and NONE without a deal."""
    deal, customer = draw.frames["deal"], draw.frames["customer"]
    cells = np.full(customer.rows, "NONE", dtype=object)
    local = deal["_customer_key"] - customer.start
    cells[local[::-1]] = product_state(deal)[::-1]  # the first deal is written last and stays
    cells[new > 0], cells[used > 0] = "NEW", "USED"
    cells[(new > 0) & (used > 0)] = "BOTH"
    return cells


def _bands(draw: Draw, new: NDArray[np.int64], used: NDArray[np.int64]) -> dict[str, Bands]:
    """The bands of scores of each cell.

    Customers who finance both a new and a used car have one score for two shares of tiers: theirs
    is the blend, and the other customers make up for it, so that the deals have the shares.
    """
    entry = "credit_rating.score_value"
    found: dict[str, Bands] = {}
    for (label,), leaf in draw.figures.entry(entry).cells.items():
        if not isinstance(leaf, Bands):
            raise ProfileError(f"{entry} must have the leaf “bands” in every cell.")
        found[label] = leaf
    both = (new > 0) & (used > 0)
    share = new[both].sum() / max((new + used)[both].sum(), 1)
    shares = {label: np.array(found[label].shares) for label in ("NEW", "USED")}
    blend = share * shares["NEW"] + (1 - share) * shares["USED"]
    found["BOTH"] = Bands(found["NEW"].edges, tuple(blend))
    for label, deals in (("NEW", new), ("USED", used)):
        rest = np.maximum(deals.sum() * shares[label] - deals[both].sum() * blend, 0)
        if rest.sum() > 0:
            found[label] = Bands(found[label].edges, tuple(rest))
    return found


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
    from scipy import special  # a third of a second that planning need not wait for

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
