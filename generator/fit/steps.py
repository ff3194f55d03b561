"""Features in steps: growing a tree sorts the rows of every node, and ties sort fast."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from generator.cells import Tree

Features = NDArray[np.float32]
MOST_STEPS = 256  # of a feature
FEW_ROWS = 20_000  # up to here every value is a step of its own: sorting takes no time


@dataclass(frozen=True)
class Steps:
    """``edges`` of each feature, rising, half-way between two neighbouring values; None for
    features that are taken as they are."""

    edges: tuple[Features, ...] | None

    @classmethod
    def of(cls, features: Features) -> Steps:
        """Steps of about as many rows each; where values are fewer than steps, each has one."""
        if len(features) <= FEW_ROWS:
            return cls(None)
        return cls(tuple(_edges(one) for one in features.T))

    def taken(self, features: Features) -> Features:
        """Features (n, k) as the numbers of their steps."""
        if self.edges is None:
            return features
        out = np.empty_like(features)
        for at, edges in enumerate(self.edges):
            out[:, at] = np.searchsorted(edges, features[:, at], side="left")
        return out

    def on_features(self, tree: Tree) -> Tree:
        """A tree over step numbers as one over features: what lies in a step up to number s lies
        at its upper edge at most."""
        if self.edges is None:
            return tree
        threshold = tree.threshold.copy()
        for at, edges in enumerate(self.edges):
            split = tree.feature == at
            threshold[split] = edges[np.floor(threshold[split]).astype(np.int64)]
        return replace(tree, threshold=threshold)


def _edges(values: Features) -> Features:
    ordered = np.sort(values)
    distinct = ordered[np.append(True, ordered[1:] != ordered[:-1])]
    if len(distinct) > MOST_STEPS:
        places = np.arange(1, MOST_STEPS) * len(values) // MOST_STEPS
        below = np.unique(np.searchsorted(distinct, ordered[places]))
        below = below[below < len(distinct) - 1]
    else:
        below = np.arange(len(distinct) - 1)
    edges: Features = distinct[below] + (distinct[below + 1] - distinct[below]) / 2
    return edges
