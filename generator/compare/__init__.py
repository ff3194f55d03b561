"""Real against synthetic: a bundle against its profile, or two folders of tables."""

from generator.compare.bundle import Comparison, compare_profile
from generator.compare.certificate import certify
from generator.compare.certified import certified
from generator.compare.drift import Difference, Drift, difference
from generator.compare.learnt import Learnt, learnt
from generator.compare.page import to_html
from generator.compare.paths import compare
from generator.compare.words import to_text

__all__ = [
    "Comparison",
    "Difference",
    "Drift",
    "Learnt",
    "certified",
    "certify",
    "compare",
    "compare_profile",
    "difference",
    "learnt",
    "to_html",
    "to_text",
]
