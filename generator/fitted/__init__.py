"""A fitted profile: the world that draws its rows, and the file it is kept in."""

from generator.fitted.asked import asked_from
from generator.fitted.draw import features_of
from generator.fitted.file import hash_of, load_profile, save_profile
from generator.fitted.leaves import (
    GROUP,
    MARK,
    PACE,
    PLACE,
    ColumnLeaves,
    Kin,
    Made,
    Predictor,
    TableLeaves,
    Tie,
    again,
    along,
    before,
    count_name,
    kinds_name,
    mean_name,
)
from generator.fitted.parts import part_of
from generator.fitted.patterns import Pattern
from generator.fitted.rules import rules_document, rules_from, rules_of
from generator.fitted.world import FittedWorld, draw_rows, patterns_of, written_forms

__all__ = [
    "GROUP",
    "MARK",
    "PACE",
    "PLACE",
    "ColumnLeaves",
    "FittedWorld",
    "Kin",
    "Made",
    "Pattern",
    "Predictor",
    "TableLeaves",
    "Tie",
    "again",
    "along",
    "asked_from",
    "before",
    "count_name",
    "draw_rows",
    "features_of",
    "hash_of",
    "kinds_name",
    "load_profile",
    "mean_name",
    "part_of",
    "patterns_of",
    "rules_document",
    "rules_from",
    "rules_of",
    "save_profile",
    "written_forms",
]
