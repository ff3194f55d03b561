"""Real against synthetic: a bundle against its profile, or two folders of tables."""

from generator.compare.attacked import Imitation, Imitations
from generator.compare.bundle import Comparison, compare_profile
from generator.compare.certificate import certify
from generator.compare.certified import certified
from generator.compare.drift import Difference, Drift, difference
from generator.compare.learnt import Learnt, learnt
from generator.compare.page import to_html
from generator.compare.paths import compare
from generator.compare.privacy import privacy_of_profile
from generator.compare.progress import beginning
from generator.compare.words import to_text

__all__ = [
    "Comparison",
    "Difference",
    "Drift",
    "Imitation",
    "Imitations",
    "Learnt",
    "beginning",
    "certified",
    "certify",
    "compare",
    "compare_profile",
    "difference",
    "learnt",
    "privacy_of_profile",
    "to_html",
    "to_text",
]
