"""Moments of the money: the recipe's span, and points between two moments."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from generator.profile import Plan

Moments = NDArray[np.datetime64]
DAY = 86_400_000  # milliseconds


class Span(NamedTuple):
    """First moment, last moment of the main events, last moment of anything that is drawn."""

    start: np.datetime64
    stop: np.datetime64
    horizon: np.datetime64


def span_of(plan: Plan) -> Span:
    """The days of the plan's recipe as moments in milliseconds."""
    recipe = plan.recipe
    if recipe.start is None or recipe.stop is None or recipe.as_of is None:
        raise ValueError("the recipe of a plan has its span")
    last = DAY - 1000
    drawn = max(recipe.stop, recipe.as_of)  # a cut inside the span is a view: see ``courses``
    return Span(_moment(recipe.start, 0), _moment(recipe.stop, last), _moment(drawn, last))


def _moment(day: date, offset: int) -> np.datetime64:
    return np.datetime64(day, "ms") + np.timedelta64(offset, "ms")


def between(low: Moments, high: Moments, share: NDArray[np.float64]) -> Moments:
    """The moment ``share`` of the way from ``low`` to ``high``, to the second; ``low`` where
    ``high`` is not later."""
    width = np.maximum((high - low).astype("timedelta64[ms]").astype(np.int64), 0)
    step = (width * share).astype(np.int64) // 1000 * 1000
    moment: Moments = low + step.astype("timedelta64[ms]")
    return moment


def later(moment: Moments, days: NDArray[np.float64]) -> Moments:
    """``moment`` and so many days, to the second."""
    step = (days * DAY).astype(np.int64) // 1000 * 1000
    moved: Moments = moment + step.astype("timedelta64[ms]")
    return moved


def known(values: Moments, missing: NDArray[np.bool_], instead: Any) -> Moments:
    """``values``, with ``instead`` where they are missing."""
    return np.where(missing, instead, values).astype("datetime64[ms]")
