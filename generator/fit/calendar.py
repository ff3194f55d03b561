"""What moments tell the columns after them: their weekday, month, hour, day of the month, holiday.

A part of a moment becomes a hidden column where it gains: where a tree over the moment and its
parts explains another column of rows it has not seen better than one over the moment alone.
Moments are drawn first where they do, and where they tell another column far better than it tells
them: a season is told by the day, and a season alone tells two stretches of days in two years.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from generator.fit.column import Columns, Learning, evenly, learnable, plain_numbers
from generator.fit.features import ranks_of
from generator.fit.trees import planted
from generator.fitted.leaves import Made
from generator.fitted.parts import HOUR, PARTS, part_name, part_of
from generator.leaves.codec import Codec, Encoded
from generator.leaves.encode import moment_steps
from generator.schema import Column, Kind, Table
from generator.stop import asking

SAMPLE_ROWS = 4000  # on which a gain is measured, half of them to learn
LEAST_ROWS = 400
LEAF_ROWS = 25  # of the trees that measure it
GAIN = 0.02  # of the variance of a column that the parts must explain beyond the moment
LEADS = 0.1  # of the variance that a moment explains beyond what it is explained by
USED = 0.05  # of what such a tree explains that is a part's
MOST_MOMENTS, MOST_TARGETS, MOST_CLASSES = 3, 24, 8
LEAST_DAYS = 28  # that moments must span

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Calendar:
    """By moment column that is drawn first the parts that tell something, none at times; and the
    steps of its days."""

    parts: Mapping[str, tuple[str, ...]]
    days: Mapping[str, float]

    def made(self, name: str) -> Iterator[tuple[str, Made, Column]]:
        """The hidden columns of a moment's parts: name, how it is made, declaration."""
        for by in self.parts.get(name, ()):
            hidden = part_name(by, name)
            made = Made("part", of=name, by=by, day=self.days[name])
            yield hidden, made, Column(hidden, Kind.FLOAT)


NO_CALENDAR = Calendar({}, {})


def calendar_of(table: Table, own: Columns, seed: int) -> Calendar:
    """The parts of moments that tell something about other columns of the table."""
    parts: dict[str, tuple[str, ...]] = {}
    days = dict(_moments(table, own))
    for name in list(days)[:MOST_MOMENTS]:
        told, leads = _telling(name, days[name], own, set(days), seed)
        if told or leads:
            parts[name] = told
    return Calendar(parts, days)


def part_column(made: Made, of: Learning) -> Learning:
    """A part of a moment column as it is learnt from."""
    values = part_of(made, moments_of(of))
    absent = of.missing.astype(np.int64)
    return Learning(Codec("number"), Encoded(np.full(len(values), -1), values, absent))


def moments_of(column: Learning) -> Floats:
    """The moments (n,) of a column that is learnt as numbers or one by one."""
    return column.numbers if column.codec.form == "number" else plain_numbers(column)


def _moments(table: Table, own: Columns) -> Iterator[tuple[str, float]]:
    """Moments with steps of their days, those over weeks at least."""
    for column in table.columns:
        one = own.get(column.name)
        if one is None or column.personal or one.codec.words:
            continue
        steps, rows = moment_steps(column, one.codec), np.flatnonzero(learnable(one))
        if steps < 1 or len(rows) < LEAST_ROWS:
            continue
        if np.ptp(moments_of(one)[rows]) / steps >= LEAST_DAYS:
            yield column.name, steps


def _telling(
    name: str, day: float, own: Columns, moments: set[str], seed: int
) -> tuple[tuple[str, ...], bool]:
    """The parts of a moment that tell something, and whether it tells far more than it is told."""
    at = moments_of(own[name])
    tried = [by for by in PARTS if by != HOUR or day > 1]
    told = [part_of(Made("part", by=by, day=day), at) for by in tried]
    features = np.column_stack([at / day, *told]).astype(np.float32)
    weight, leads = np.zeros(len(tried)), False
    targets = [n for n, one in own.items() if one.tells and n not in moments]
    for other in asking(targets[:: max(1, -(-len(targets) // MOST_TARGETS))], every=1):
        both = np.flatnonzero(learnable(own[other]) & learnable(own[name]))
        if len(both) >= LEAST_ROWS:
            rows = evenly(both, SAMPLE_ROWS)
            gain, more = _gain(features[rows], _outputs(own[other].at(rows)), seed)
            weight, leads = np.maximum(weight, gain), leads or more
    return tuple(by for by, told in zip(tried, weight, strict=True) if told >= USED), leads


def _gain(features: NDArray[np.float32], target: Floats, seed: int) -> tuple[Floats, bool]:
    """What share of the gain of each part is, 0 where there is none; and whether the moment, the
    first of the features, explains the target far more than the target explains it."""
    none = np.zeros(features.shape[1] - 1)
    if target[::2].std() == 0 or target[1::2].std() == 0:
        return none, False
    plain, _ = _explained(features[:, :1], target, seed)
    whole, importances = _explained(features, target, seed)
    gains, most = whole >= max(plain, 0) + GAIN, max(plain, whole)
    leads = gains
    if most >= LEADS and not gains:
        ranks = ranks_of(features[:, 0].astype(np.float64))[:, None]
        leads = most >= LEADS + _explained(target.astype(np.float32), ranks, seed)[0]
    return importances[1:] if gains else none, leads


def _explained(features: NDArray[np.float32], target: Floats, seed: int) -> tuple[float, Floats]:
    """The share of the variance of every other row that a tree over the rest explains, and which
    feature does."""
    grown = planted(features[::2], target[::2], classes=False, seed=seed, leaf=LEAF_ROWS)
    unseen = target[1::2]
    left = ((unseen - grown.predict(features[1::2]).reshape(unseen.shape)) ** 2).sum()
    share = 1 - left / ((unseen - target[::2].mean(axis=0)) ** 2).sum()
    return float(share), grown.feature_importances_


def _outputs(column: Learning) -> Floats:
    """The target (n, outputs): ranks of numbers, indicators of the commonest labels."""
    if column.codec.form == "number":
        return ranks_of(column.numbers)[:, None]
    codes = column.coded.codes
    common = np.argsort(-np.bincount(codes), kind="stable")[:MOST_CLASSES]
    outputs: Floats = (codes[:, None] == common).astype(np.float64)
    return outputs
