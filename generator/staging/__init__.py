"""What is put into drawn rows on purpose: scenarios, and the scene they are staged in."""

from generator.staging.scenario import Scenario, Span
from generator.staging.scene import Listed, Scene, purposes, purposes_of
from generator.staging.shares import shares_of

__all__ = ["Listed", "Scenario", "Scene", "Span", "purposes", "purposes_of", "shares_of"]
