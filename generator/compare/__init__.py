"""Real against synthetic: a bundle against its profile, or two folders of tables."""

from generator.compare.bundle import Comparison, compare_profile
from generator.compare.certificate import certify
from generator.compare.certified import certified
from generator.compare.page import to_html
from generator.compare.paths import compare
from generator.compare.words import to_text

__all__ = ["Comparison", "certified", "certify", "compare", "compare_profile", "to_html", "to_text"]
