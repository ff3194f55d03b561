"""What must hold for ratings (R052)."""

from __future__ import annotations

from generator.domains.headings import CREDIT
from generator.domains.payment.tiers import same_tier
from generator.rules import Rule

RULES = (
    Rule(
        "R052.rating",
        "credit_rating",
        "credit_tier is the band of score_value, 300 to 850",
        same_tier("credit_rating"),
        group=CREDIT,
        scope="whole",
    ),
)
