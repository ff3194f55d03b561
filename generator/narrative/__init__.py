"""Sentences from grammars in data files: ``Grammar.named(name).written(symbol, …)``."""

from generator.narrative.grammar import Grammar
from generator.narrative.slips import Slips, slipped

__all__ = ["Grammar", "Slips", "slipped"]
