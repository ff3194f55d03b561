"""Real against synthetic: a bundle against its profile, or two folders of tables."""

from generator.compare.bundle import compare_profile

__all__ = ["compare_profile"]
