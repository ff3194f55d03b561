"""Distributions used in a cell.  Every leaf maps one uniform number a row to one value a row."""

from generator.leaves.parametric import (
    Bands,
    Choice,
    Constant,
    Gamma,
    Leaf,
    Lognormal,
    Normal,
    Quantiles,
    Uniform,
    leaf_from,
)

__all__ = [
    "Bands",
    "Choice",
    "Constant",
    "Gamma",
    "Leaf",
    "Lognormal",
    "Normal",
    "Quantiles",
    "Uniform",
    "leaf_from",
]
