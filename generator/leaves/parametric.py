"""Leaves written by hand: a few numbers each, as in the TOML files of the built-in profile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import special

from generator.errors import ProfileError

Uniforms = NDArray[np.float64]


class Leaf(Protocol):
    """``draw`` maps uniforms in [0, 1), shape (n,), to n values by inverse distribution."""

    def draw(self, u: Uniforms) -> NDArray[Any]: ...


@dataclass(frozen=True)
class Choice:
    """Labels with shares; draws integer codes into ``labels``."""

    labels: tuple[str, ...]
    shares: tuple[float, ...]

    def draw(self, u: Uniforms) -> NDArray[np.int32]:
        # thresholds as integers: the same codes on every platform
        edges = np.floor(np.cumsum(self.shares) / sum(self.shares) * 2**53).astype(np.int64)
        words = (u * 2**53).astype(np.int64)
        codes = np.searchsorted(edges, words, side="right")
        return np.minimum(codes, len(self.labels) - 1).astype(np.int32)


@dataclass(frozen=True)
class Bands:
    """Shares of neighbouring ranges; uniform within a range.  ``edges`` has one more entry."""

    edges: tuple[float, ...]
    shares: tuple[float, ...]

    def draw(self, u: Uniforms) -> NDArray[np.float64]:
        at = np.concatenate([[0.0], np.cumsum(self.shares) / sum(self.shares)])
        return np.interp(u, at, self.edges)


@dataclass(frozen=True)
class Quantiles:
    """Straight lines between known quantiles: ``at`` in [0, 1] ascending, ``values`` likewise."""

    at: tuple[float, ...]
    values: tuple[float, ...]

    def draw(self, u: Uniforms) -> NDArray[np.float64]:
        return np.interp(u, self.at, self.values)


@dataclass(frozen=True)
class Normal:
    mean: float
    sd: float
    low: float = -np.inf
    high: float = np.inf

    def draw(self, u: Uniforms) -> NDArray[np.float64]:
        return np.clip(self.mean + self.sd * special.ndtri(_open(u)), self.low, self.high)


@dataclass(frozen=True)
class Lognormal:
    mu: float
    sigma: float
    low: float = 0.0
    high: float = np.inf

    def draw(self, u: Uniforms) -> NDArray[np.float64]:
        return np.clip(np.exp(self.mu + self.sigma * special.ndtri(_open(u))), self.low, self.high)


@dataclass(frozen=True)
class Gamma:
    shape: float
    scale: float
    low: float = 0.0
    high: float = np.inf

    def draw(self, u: Uniforms) -> NDArray[np.float64]:
        values = special.gammaincinv(self.shape, _open(u)) * self.scale
        return np.clip(values, self.low, self.high)


@dataclass(frozen=True)
class Uniform:
    low: float
    high: float

    def draw(self, u: Uniforms) -> NDArray[np.float64]:
        return self.low + (self.high - self.low) * u


@dataclass(frozen=True)
class Constant:
    value: float

    def draw(self, u: Uniforms) -> NDArray[np.float64]:
        return np.full(len(u), self.value)


def _open(u: Uniforms) -> Uniforms:
    return np.clip(u, 2.0**-54, 1 - 2.0**-53)


def leaf_from(entry: Mapping[str, Any], *, where: str) -> Leaf:
    """The leaf an entry of a profile's TOML describes (``leaf = "lognormal"``, ``mu = …``).

    Raises ProfileError naming ``where`` when the entry does not fit.
    """
    try:
        match entry["leaf"]:
            case "choice":
                shares: Mapping[str, float] = entry["shares"]
                return Choice(tuple(shares), tuple(float(v) for v in shares.values()))
            case "bands":
                return Bands(tuple(entry["edges"]), tuple(entry["shares"]))
            case "quantiles":
                return Quantiles(tuple(entry["at"]), tuple(entry["values"]))
            case "normal":
                return Normal(**_numbers(entry, "mean", "sd", "low", "high"))
            case "lognormal":
                return Lognormal(**_numbers(entry, "mu", "sigma", "low", "high"))
            case "gamma":
                return Gamma(**_numbers(entry, "shape", "scale", "low", "high"))
            case "uniform":
                return Uniform(**_numbers(entry, "low", "high"))
            case "constant":
                return Constant(float(entry["value"]))
            case other:
                raise ProfileError(f"{where}: “{other}” is not a kind of leaf.")
    except (KeyError, TypeError, ValueError) as problem:
        raise ProfileError(
            f"{where}: the leaf is incomplete or malformed ({problem})."
        ) from problem


def _numbers(entry: Mapping[str, Any], *names: str) -> dict[str, float]:
    return {name: float(entry[name]) for name in names if name in entry}
