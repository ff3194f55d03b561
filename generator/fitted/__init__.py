"""A fitted profile: the world that draws its rows, and the file it is kept in."""

from generator.fitted.file import hash_of, load_profile, save_profile
from generator.fitted.world import (
    ColumnLeaves,
    FittedWorld,
    Predictor,
    TableLeaves,
    features_of,
    written_forms,
)

__all__ = [
    "ColumnLeaves",
    "FittedWorld",
    "Predictor",
    "TableLeaves",
    "features_of",
    "hash_of",
    "load_profile",
    "save_profile",
    "written_forms",
]
