"""Distributions used in a cell.  Every leaf maps one uniform number a row to one value a row.

A distribution is one file; ``KINDS`` names them all.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from generator.errors import ProfileError, shown
from generator.leaves.bands import Bands
from generator.leaves.choice import Choice
from generator.leaves.constant import Constant
from generator.leaves.gamma import Gamma
from generator.leaves.leaf import Leaf
from generator.leaves.lognormal import Lognormal
from generator.leaves.normal import Normal
from generator.leaves.power import Power
from generator.leaves.quantiles import Quantiles
from generator.leaves.uniform import Uniform

__all__ = [
    "KINDS",
    "Bands",
    "Choice",
    "Constant",
    "Gamma",
    "Leaf",
    "Lognormal",
    "Normal",
    "Power",
    "Quantiles",
    "Uniform",
    "leaf_from",
]

KINDS: tuple[type[Leaf], ...] = (
    Choice,
    Bands,
    Quantiles,
    Normal,
    Lognormal,
    Gamma,
    Uniform,
    Power,
    Constant,
)


def leaf_from(document: Mapping[str, Any], *, where: str) -> Leaf:
    """The leaf a document describes (``leaf = "lognormal"``, ``mu = …``).

    Raises ProfileError naming ``where`` when the document does not fit.
    """
    word = document.get("leaf")
    for kind in KINDS:
        if kind.kind == word:
            return kind.read(document, where=where)
    known = ", ".join(kind.kind for kind in KINDS)
    raise ProfileError(f"{where}: “{shown(word)}” is not a kind of leaf; use one of {known}.")
