"""Who was learnt?  Three kinds of guesses, each a score of every row, judged on as many learnt rows
as unseen ones.

``distance``  a row is thought to be learnt where a synthetic one lies near (D. Chen et al., 2020)
``density``   where synthetic rows lie nearer than rows of the same population do: their density
              over that of a reference (B. van Breugel et al., DOMIAS, 2023, by nearest neighbours)
``shadow``    the attacker fits models of the same kind on rows of the same population, learns there
              how near synthetic rows lie to rows that were in, and to others (R. Shokri et al.,
              2017; T. Stadler et al., 2022)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from generator.attack.attack import Attack, by_auc
from generator.attack.neighbours import Points, neighbours

NEAR = 5  # neighbours that are looked at
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Shadow:
    """A model of the attacker's own: the rows it learnt, others of the same population, and what
    it drew, as points."""

    learnt: Points
    unseen: Points
    made: Points


@dataclass(frozen=True)
class Near:
    """How far the nearest synthetic rows lie from some rows, and the nearest of a reference of the
    same population; (rows, ``NEAR``) each, rising."""

    made: Floats
    usual: Floats

    @classmethod
    def of(cls, rows: Points, made: Points, reference: Points) -> Near:
        usual = neighbours(rows, reference, NEAR + 1)[0]
        itself = usual[:, :1] == 0  # it may be one of the reference
        usual = np.where(itself, usual[:, 1:], usual[:, :-1]) if usual.shape[1] > NEAR else usual
        return cls(neighbours(rows, made, NEAR)[0], usual)

    @property
    def density(self) -> Floats:
        """Logarithm of how much denser synthetic rows lie about each row, but for a constant."""
        told: Floats = (_logs(self.usual) - _logs(self.made)).mean(axis=1)
        return told

    @property
    def features(self) -> Floats:
        near, usual = _logs(self.made), _logs(self.usual)
        return np.column_stack([near, usual[:, [0, -1]], usual[:, -1:] - near])


def by_distance(table: str, learnt: Near, unseen: Near) -> Attack:
    """How near the nearest synthetic row lies."""
    return by_auc("distance", table, -learnt.made[:, 0], -unseen.made[:, 0])


def by_density(table: str, learnt: Near, unseen: Near) -> Attack:
    """How much nearer synthetic rows lie than rows of the reference, which are neither."""
    return by_auc("density", table, learnt.density, unseen.density)


def by_shadows(
    table: str, learnt: Near, unseen: Near, reference: Points, shadows: Sequence[Shadow]
) -> Attack:
    """What a classifier says that was taught on ``shadows``, whose members are known."""
    from sklearn.linear_model import LogisticRegression  # takes a second

    sides = [(one.learnt, one.made, 1) for one in shadows]
    sides += [(one.unseen, one.made, 0) for one in shadows]
    known = np.concatenate([Near.of(rows, made, reference).features for rows, made, _ in sides])
    truth = np.repeat([in_ for _, _, in_ in sides], [len(rows) for rows, _, _ in sides])
    centre, spread = known.mean(axis=0), known.std(axis=0)
    spread[spread == 0] = 1.0
    model = LogisticRegression(max_iter=200).fit((known - centre) / spread, truth)
    said = (model.decision_function((one.features - centre) / spread) for one in (learnt, unseen))
    return by_auc("shadow models", table, *said)


def outliers(usual: Floats, share: float) -> NDArray[np.int64]:
    """Of rows, given how far their neighbours (n, k) in the population lie, those furthest from all
    others, a ``share`` of them."""
    order = np.argsort(-usual[:, -1], kind="stable")
    return np.sort(order[: max(1, round(share * len(order)))])


def _logs(distances: Floats) -> Floats:
    logs: Floats = np.log(distances + 1e-3)
    return logs
