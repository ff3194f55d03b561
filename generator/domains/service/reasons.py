"""Why owners come: a service that is due, a campaign, a complaint, an inspection, or wear.

As many of them come under warranty or for a campaign as is published (or asked for): of those who
could, the ones whose turn it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.domains.graph import Draw
from generator.domains.groups import ranks
from generator.domains.service.remedies import reasons_told
from generator.leaves.figures import Figures

Rows = NDArray[np.int64]
Floats = NDArray[np.float64]
Truth = NDArray[np.bool_]
REASONS = ("MAINTENANCE", "CONCERN", "RECALL", "INSPECTION", "WEAR", "INTERNAL")
MAINTENANCE, CONCERN, RECALL, INSPECTION, WEAR, INTERNAL = range(len(REASONS))
NOTHING, POWERTRAIN, EVERYTHING = range(3)  # what is covered of a car
GOLDEN = 0.618  # spreads the second and later draws of an order evenly
MONTH = np.timedelta64(1, "D") * (365.25 / 12)
BEHIND, NEVER = 4.0, 9.0  # turns: who came for a service last, others not at all


@dataclass
class State:
    """What was done to each car so far: miles and moment of the last service, miles of the last
    visit, campaigns that are left and which they are, miles when each operation was done last
    (cars, operations).  ``owed`` is how many visits under warranty each dealer is behind,
    ``fitted`` whether an operation was done here (cars, operations)."""

    service: Floats
    since: NDArray[Any]
    before: Floats
    campaigns: Rows
    campaign: Floats
    done: Floats
    owed: Floats
    fitted: Truth


def reasons(draw: Draw, state: State, rows: Rows, u: Floats) -> tuple[Rows, Truth]:
    """Why the owners of these orders come, and whether it is for what the warranty covers; ``u``
    are the uniforms of the orders, of which the first and the last are taken.  An alert says why;
    a service that one reminds of is not done twice."""
    figures, covered = draw.figures, draw["_covered"][rows]
    told = reasons_told(draw, rows, REASONS)
    chance = _service(draw, state, rows)
    told = np.where((told == MAINTENANCE) & (chance == 0), INSPECTION, told)
    free = told < 0
    serviced = np.where(free, u[:, 0] < chance, told == MAINTENANCE)
    open_ = state.campaigns[draw["_car"][rows]] > 0
    sure = (told == RECALL) | (told == CONCERN) & (covered == EVERYTHING)
    paid = sure | serviced & draw["_free_service"][rows]
    could = free & ~paid & (open_ | (covered > NOTHING))
    later = float(figures["campaign_alone_later"]) * (covered == NOTHING) + BEHIND * serviced
    chosen = _claims(draw, state, rows, paid, np.where(could, u[:, -1] + later, NEVER))
    claims, serviced = sure | chosen, serviced & ~chosen
    v = (u[:, -1] + GOLDEN) % 1
    recall = claims & open_ & ((v < figures["recall_if_open"]) | (covered == NOTHING))
    trouble = np.array(figures["concern_by_cover"])[covered]
    own = (v + GOLDEN) % 1 < trouble
    found = np.where(v < figures["inspection_share"], INSPECTION, np.where(own, CONCERN, WEAR))
    found = np.where(claims, np.where(recall, RECALL, CONCERN), found)
    found = np.where(serviced, MAINTENANCE, np.where(free, found, told))
    return found, claims & (found == CONCERN)


def _service(draw: Draw, state: State, rows: Rows) -> Floats:
    """How likely each visit is for the service, by miles and time since the last one."""
    figures, own = draw.figures, draw["_car"][rows]
    miles = draw["_reading"][rows] - state.service[own]
    waited = (draw["_wished"][rows] - state.since[own]) / MONTH
    service = float(figures["service_miles"])
    due = (miles >= figures["due_share"] * service) | (waited >= figures["due_months"])
    early = (miles >= figures["early_share"] * service) & ~due
    often = np.array(figures["service_if_due"])[draw["_covered"][rows]]
    return np.where(due, often, np.where(early, figures["service_if_early"], 0.0))


def _claims(draw: Draw, state: State, rows: Rows, paid: Truth, turn: Floats) -> Truth:
    """Which visits makers pay for beside those that are ``paid`` by them anyway: as many of each
    dealer as it is behind, in their ``turn`` as far as it is before ``NEVER``."""
    dealer = draw["_dealer"][rows] - draw.frames["dealer"].start
    size = len(state.owed)
    state.owed += warranty_share(draw.figures) * np.bincount(dealer, minlength=size)
    state.owed -= np.bincount(dealer[paid], minlength=size)
    claims: Truth = ranks(dealer, turn) < np.floor(state.owed + 0.5)[dealer]
    claims &= turn < NEVER
    state.owed -= np.bincount(dealer[claims], minlength=size)
    return claims


def warranty_share(figures: Figures) -> float:
    """Of the orders that owners bring, those under warranty or a campaign."""
    owners = 1 - float(figures["ro_count_mix"]["internal"])
    return min(float(figures["claim_rate"]) / owners, 1.0)
