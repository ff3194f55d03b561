"""Curves that together come to every rank alike.

Knots smooth the ranks of a cell, so that all cells together would come to the outermost ranks too
seldom, and a column with a heavy tail would lose of its mean.  And an atom that stands by itself
in cells that rows come to seldom would come too seldom, as would what lies between two atoms.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from generator.leaves.guide import UNIT
from generator.leaves.quantiles import Curves

Floats = NDArray[np.float64]
ROUNDS = 2  # between the knots the correction is a straight line, so a second one finds a rest
WEIGHINGS = 3
SURE = 20.0  # rows of an atom, or between two, that count half
MOST = 2.0  # that a share is raised by in a weighing, or lowered


def evened(curves: Curves, rows: Floats, stretches: Floats) -> Curves:
    """The curves with their knots moved so that cells of ``rows`` (cells,) rows together come to
    every rank alike: first each cell gives more of the atoms, and of the gaps between two, that
    come too seldom, then knots move within a gap.  The ``stretches`` (atoms, 2) of atoms stay."""
    ends = np.concatenate([[0.0], stretches.ravel(), [float(UNIT)]])
    for _ in range(WEIGHINGS):
        curves = _weighed(curves, rows, ends)
    for _ in range(ROUNDS):
        curves = replace(curves, value=_moved(curves, rows, ends))
    return replace(curves, value=np.rint(curves.value))


def _weighed(curves: Curves, rows: Floats, ends: Floats) -> Curves:
    """The curves with more room in each cell for what comes too seldom between two ``ends``."""
    low, high, mass = _segments(curves, rows)
    spots, below = _shares(low, high, mass, ends)
    come = np.diff(np.interp(ends, spots, below))
    asked = np.diff(ends) / UNIT * mass.sum()
    ratio = np.clip((asked + SURE) / (come + SURE), 1 / MOST, MOST)
    running = np.concatenate([[0.0], np.cumsum(ratio * np.diff(ends))])
    before = np.append(0.0, curves.value[:-1])
    upto = np.maximum(curves.value, before + 1.0)
    factor = (np.interp(upto, ends, running) - np.interp(before, ends, running)) / (upto - before)
    return curves.weighted(np.diff(curves.at, prepend=0) * factor)


def _moved(curves: Curves, rows: Floats, ends: Floats) -> Floats:
    """The knots' values where the share of all rows below them, between the ``ends`` around them,
    says they ought to lie."""
    low, high, mass = _segments(curves, rows)
    spots, below = _shares(low, high, mass, ends)
    value = curves.value
    gap = np.clip(np.searchsorted(ends, value, side="right") - 1, 0, len(ends) - 2)
    first, last = ends[gap], ends[gap + 1]
    under, over = np.interp(first, spots, below), np.interp(last, spots, below)
    share = (np.interp(value, spots, below) - under) / np.where(over > under, over - under, 1.0)
    within = (gap % 2 == 0) & (over > under)  # every second gap is the stretch of an atom
    return np.where(within, first + np.clip(share, 0, 1) * (last - first), value)


def _segments(curves: Curves, rows: Floats) -> tuple[Floats, Floats, Floats]:
    """From which rank to which each stretch of a cell leads, and the rows that lie in it."""
    inner = np.ones(len(curves.at) - 1, dtype=bool)
    inner[curves.first[1:-1] - 1] = False
    cell = np.repeat(np.arange(len(rows)), np.diff(curves.first))[:-1]
    mass = np.diff(curves.at) / UNIT * rows[cell]
    kept = inner & (mass > 0)
    return curves.value[:-1][kept], curves.value[1:][kept], mass[kept]


def _shares(low: Floats, high: Floats, mass: Floats, ends: Floats) -> tuple[Floats, Floats]:
    """Ranks, rising, and the rows of all segments that lie below each."""
    high = np.maximum(high, low + 1.0)
    spots = np.unique(np.concatenate([low, high, ends]))
    density = np.zeros(len(spots))
    np.add.at(density, np.searchsorted(spots, low), mass / (high - low))
    np.add.at(density, np.searchsorted(spots, high), -mass / (high - low))
    rising = np.maximum(np.cumsum(density)[:-1], 0.0) * np.diff(spots)
    return spots, np.concatenate([[0.0], np.cumsum(rising)])
