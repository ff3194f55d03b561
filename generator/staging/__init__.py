"""What is put into drawn rows on purpose: scenarios, and the scene they are staged in."""

from generator.staging.mess import Mess, tipped_by
from generator.staging.scenario import Scenario, Span
from generator.staging.scene import Listed, Scene, grouped, purposes, purposes_of
from generator.staging.shares import shares_of

__all__ = [
    "Listed",
    "Mess",
    "Scenario",
    "Scene",
    "Span",
    "grouped",
    "purposes",
    "purposes_of",
    "shares_of",
    "tipped_by",
]
