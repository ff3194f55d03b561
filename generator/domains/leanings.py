"""How choices lean on people: normal scores of what they are, and keys that follow them in part.

Shares are never bent: what is drawn stays drawn, and is dealt out in the order of the keys
(``groups.dealt``).  A strength is the correlation of the key with the score it leans on.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.domains.groups import evened, ranks
from generator.frame import Coded

Floats = NDArray[np.float64]


def scores(values: NDArray[Any], cell: NDArray[Any] | None = None) -> Floats:
    """Normal scores of the ranks of ``values`` (within each cell): mean 0, deviation 1."""
    whole = np.zeros(len(values), dtype=np.int64) if cell is None else cell
    return normal(evened(np.asarray(values, dtype=np.float64), whole))


def flag_scores(flag: NDArray[Any]) -> Floats:
    """Scores of a yes or no: mean 0, deviation 1; all 0 where everybody says the same."""
    values = np.asarray(flag, dtype=np.float64)
    mean = float(values.mean()) if len(values) else 0.0
    deviation = np.sqrt(mean * (1 - mean))
    return np.asarray((values - mean) / (deviation if deviation > 0 else 1.0))


def normal(u: Floats) -> Floats:
    """The standard normal values that uniforms stand for."""
    from scipy import special  # a third of a second that planning need not wait for

    return np.asarray(special.ndtri(np.clip(u, 1e-9, 1 - 1e-9)))


def uniform(key: Floats) -> Floats:
    """The uniforms that standard normal values stand for; the other way round than ``normal``."""
    from scipy import special

    return np.asarray(special.ndtr(key))


def leaned(u: Floats, strengths: Mapping[str, Any], **scores_of: Floats) -> Floats:
    """Keys, normal to look at, that lean on the scores named in ``strengths`` and are chance
    otherwise; a strength is a number, or one for each row."""
    key, left = np.zeros(len(u)), np.ones(len(u))
    for name, strength in strengths.items():
        key += strength * scores_of[name]
        left -= np.square(strength)
    if (left < 0).any():
        raise ValueError(f"strengths that leave nothing to chance: {sorted(strengths)}")
    return np.asarray(key + np.sqrt(left) * normal(u))


def taken(key: Floats, cell: NDArray[Any], chance: Floats) -> NDArray[np.bool_]:
    """Which rows are taken: each with about its ``chance``, those with a small key first, and of
    every cell as many as the chances sum to."""
    code = np.unique(np.asarray(cell), return_inverse=True)[1]
    rank = ranks(code, normal(evened(key, code)) - normal(chance))
    wanted = np.rint(np.bincount(code, weights=chance, minlength=1)).astype(np.int64)
    return np.asarray(rank < wanted[code])


def order_of(coded: Coded, places: Mapping[str, float]) -> Floats:
    """The place of each row's label in an order; labels it does not name stand at 0."""
    place = np.array([float(places.get(label, 0.0)) for label in coded.labels] or [0.0])
    found: Floats = place[np.maximum(coded.codes, 0)]
    return found
