"""Trees of scikit-learn's."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generator.fit.column import Target
from generator.stop import meanwhile


def planted(  # type: ignore[no-untyped-def]  # scikit-learn has no types
    features: NDArray[np.float32], target: Target, *, classes: bool, seed: int, leaf: int
):
    """A full-grown tree of scikit-learn's, grown while somebody may ask to stop.  Features are
    finite and targets whole: scikit-learn need not look at them once more."""

    def grow():  # type: ignore[no-untyped-def]
        tree = _tree(classes=classes)(min_samples_leaf=leaf, random_state=seed)
        return tree.fit(features, target, check_input=False)

    return meanwhile(grow)


def _tree(*, classes: bool):  # type: ignore[no-untyped-def]  # scikit-learn has no types
    """scikit-learn's tree of labels or of numbers, imported when one is grown: that takes a
    second, which a web server that only plans and previews need not wait."""
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    return DecisionTreeClassifier if classes else DecisionTreeRegressor
