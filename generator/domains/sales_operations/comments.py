"""What is noted on a lead: short, about the car and the talk, never about the person."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generator.domains.graph import Draw
from generator.frame import Coded

ASKED = (
    "Asked for the out-the-door price.",
    "Asked whether the car is still available.",
    "Wants to compare two trims.",
    "Has a car to trade in, would like an offer.",
    "Prefers to be called in the evening.",
    "Would like a test drive this week.",
    "Interested in a lease with low mileage.",
    "Asked about the warranty that is left.",
)
OUTCOMES = {
    "WON": (
        "Test drive went well, signed the papers.",
        "Came back with the family and bought.",
        "Took the offer after a second visit.",
        "Agreed on price and trade-in.",
    ),
    "LOST": (
        "Bought at another store.",
        "Price was above the budget.",
        "Decided to keep the present car.",
        "No answer after several calls.",
    ),
    "DISQUALIFIED": ("Asked for parts only.", "Same request was made twice."),
    "UNQUALIFIED": ("No credit approval in sight.", "Only looking, no plan to buy this year."),
    "NEGOTIATION": ("Offer is out, wants a lower rate.", "Trade-in value is the open point."),
    "FOLLOW_UP_SCHEDULED": ("Visit agreed for the weekend.", "Call back agreed for next week."),
}
SENTENCES = (*ASKED, *(text for texts in OUTCOMES.values() for text in texts))


def comments(draw: Draw, status: NDArray[np.object_]) -> Coded:
    """What was asked, or how it ended if the lead has come that far; nothing for some."""
    codes = np.floor(draw.u("asked") * len(ASKED)).astype(np.int64)
    ended = draw.u("ended") < 0.5
    u = draw.u("outcome")
    for name, texts in OUTCOMES.items():
        rows = ended & (status == name)
        codes[rows] = SENTENCES.index(texts[0]) + np.floor(u[rows] * len(texts)).astype(np.int64)
    silent = draw.u("lead_comments") >= draw.figures["commented_share"]
    return Coded(np.where(silent, -1, codes).astype(np.int32), SENTENCES)
