"""Noise and what it costs: OpenDP's, and nothing else's.

OpenDP draws from the discrete Gaussian exactly (Canonne, Kamath, Steinke, *The Discrete Gaussian
for Differential Privacy*, 2020) and says what each measurement costs in rho of zero-concentrated
differential privacy (Bun, Steinke, *Concentrated Differential Privacy*, 2016).  Its randomness is
the operating system's: a private fit is never the same twice, whatever the seed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache
from types import ModuleType
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from generator.errors import RequestError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Noise(Protocol):
    """What the eye asks for.  ``OpenDP`` is the only kind that a profile may be made with."""

    def counts(self, counts: Ints, sigma: float) -> Ints:
        """Counts (cells,) with noise of standard deviation ``sigma``."""
        ...

    def highest(self, scores: Floats, scale: float) -> int:
        """The number of a score (n,) that is about the highest."""
        ...

    def labels(self, counts: Mapping[str, int], sigma: float, threshold: float) -> dict[str, int]:
        """Labels whose counts with noise pass the threshold, and these counts."""
        ...

    def cost_of_labels(
        self, sensitivity: int, sigma: float, threshold: float
    ) -> tuple[float, float]:
        """rho and delta of ``labels`` where one unit has at most ``sensitivity`` rows."""
        ...

    def cost_of_counts(self, sensitivity: float, sigma: float) -> float:
        """rho of ``counts`` where one unit moves them by at most ``sensitivity`` in L2."""
        ...

    def cost_of_highest(self, sensitivity: float, scale: float) -> float:
        """rho of ``highest`` where one unit moves each score by at most ``sensitivity``."""
        ...


class OpenDP:
    """Implements ``Noise``.  Raises RequestError where the extra is not installed."""

    def __init__(self) -> None:
        self._dp = opendp()

    def counts(self, counts: Ints, sigma: float) -> Ints:
        noised = self._gaussian(sigma)(counts.astype(np.int64).tolist())
        return np.array(noised, dtype=np.int64)

    def highest(self, scores: Floats, scale: float) -> int:
        return int(self._highest(scale)(scores.astype(np.float64).tolist()))

    def labels(self, counts: Mapping[str, int], sigma: float, threshold: float) -> dict[str, int]:
        return dict(self._labels(sigma, threshold)(dict(counts)))

    def cost_of_labels(
        self, sensitivity: int, sigma: float, threshold: float
    ) -> tuple[float, float]:
        far = float(sensitivity)
        rho, delta = self._labels(sigma, threshold).map((sensitivity, far, far))
        return float(rho), float(delta)

    def cost_of_counts(self, sensitivity: float, sigma: float) -> float:
        return float(self._gaussian(sigma).map(float(sensitivity)))

    def cost_of_highest(self, sensitivity: float, scale: float) -> float:
        return float(self._highest(scale).map(float(sensitivity)))

    def _gaussian(self, sigma: float) -> Any:
        dp = self._dp
        space = dp.vector_domain(dp.atom_domain(T=dp.i64)), dp.l2_distance(T=float)
        return dp.m.make_gaussian(*space, scale=float(sigma))

    def _labels(self, sigma: float, threshold: float) -> Any:
        dp = self._dp
        space = (
            dp.map_domain(dp.atom_domain(T=str), dp.atom_domain(T=dp.i64)),
            dp.l02inf_distance(dp.absolute_distance(T=float)),
        )
        measure = "Approximate<ZeroConcentratedDivergence>"
        return dp.m.make_gaussian_threshold(
            *space, scale=float(sigma), threshold=int(threshold), MO=measure
        )

    def _highest(self, scale: float) -> Any:
        dp = self._dp
        space = (
            dp.vector_domain(dp.atom_domain(T=float, nan=False)),
            dp.linf_distance(T=float),
        )
        return dp.m.make_noisy_max(*space, dp.zero_concentrated_divergence(), scale=float(scale))


@cache
def opendp() -> ModuleType:
    """OpenDP, ready to use.  Raises RequestError where it is not installed."""
    try:
        import opendp.prelude as dp
    except ImportError as problem:
        raise RequestError(
            "A fit with epsilon needs OpenDP, which is not installed; install the extra "
            "(pip install 'proving-ground[dp]'), or fit without epsilon.",
            field="epsilon",
        ) from problem
    dp.enable_features("contrib")
    return dp


def epsilon_of(rho: float, delta: float) -> float:
    """The epsilon that ``rho`` of zCDP comes to at ``delta``, as OpenDP converts it."""
    if rho <= 0:
        return 0.0
    return _epsilon(1 / math.sqrt(2 * rho), delta)


@cache
def rho_of(epsilon: float, delta: float) -> float:
    """The largest rho that OpenDP converts to at most ``epsilon`` at ``delta``."""
    # epsilon = rho + 2 sqrt(rho log(1 / delta)) is loose, by less than a half of the width
    loose = math.sqrt(math.log(1 / delta) + epsilon) - math.sqrt(math.log(1 / delta))
    wide = 1 / (math.sqrt(2) * loose)
    narrow = wide / 2
    for _ in range(40):  # halved until it stands still
        middle = math.sqrt(narrow * wide)
        if _epsilon(middle, delta) <= epsilon:
            wide = middle
        else:
            narrow = middle
    return 1 / (2 * wide**2)


def _epsilon(sigma: float, delta: float) -> float:
    dp = opendp()
    space = dp.atom_domain(T=dp.i64), dp.absolute_distance(T=float)
    measurement = dp.m.make_gaussian(*space, scale=sigma)
    return float(dp.c.make_zCDP_to_approxDP(measurement).map(1.0).epsilon(delta))
