"""Learning one column from the ones before it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from generator.cells import single_cell
from generator.fit.column import Learning, Lesson, evenly, filled, of_few_values
from generator.fit.features import placed_by_target, predictor_of
from generator.fit.growing import TREE_ROWS, cells_of, grown_cells, grown_tree
from generator.fit.predictors import chosen_for
from generator.fit.rehearsed import Rehearsal, with_shares
from generator.fitted import ColumnLeaves
from generator.found import Kept
from generator.leaves.choice import Choices, choices_of
from generator.leaves.coarse import coarsened, plainer, rounded, step_of
from generator.leaves.codec import Codec
from generator.leaves.curves import curves_of
from generator.leaves.evened import evened
from generator.leaves.guide import UNIT
from generator.leaves.quantiles import Curves

STRETCH_ROWS = 3  # rows between two knots of a cell, at least: tails are skewed within a cell too
MOST_STRETCHES = 20_000  # of a column's cells together, not counting atoms
FURTHER = 4  # predictors of absence beside those of the values
NO_RULES = Kept()
ATOM_ROWS = 3  # rows of a cell that share an atom for it to stand there by itself


def learn_column(
    lesson: Lesson,
    name: str,
    earlier: list[str],
    maps: Mapping[str, str],
    kept: Kept = NO_RULES,
    rehearsal: Rehearsal | None = None,
) -> ColumnLeaves:
    """How the column is drawn from the ``earlier`` ones, or from the one that determines it; of a
    column that a rule works out, only where it is missing.  Where earlier columns are drawn already
    the leaves are those with which drawn rows have what learnt rows have."""
    column = lesson.columns[name]
    if column.codec.form == "missing":
        return ColumnLeaves(column.codec)
    if name in maps and column.codec.form == "labels":
        return _mapped(column, lesson.columns[maps[name]], maps[name])
    open_ = _open(lesson, name, kept)
    if column.codec.form == "pattern" or name in kept.worked:
        return _with_absence(lesson, column, ColumnLeaves(column.codec), earlier, open_)
    predictors, tree, cells = grown_cells(lesson, column, earlier)
    leaves: Choices | Curves
    codec, present = column.codec, ~column.missing
    ranked, floor = column.coded.ranked, lesson.floor.at(present)
    rows = np.bincount(cells[present], minlength=tree.cells)
    drawn = rows.astype(np.float64)
    if rehearsal is not None and predictors and name not in kept.bounds:
        drawn = rehearsal.rows_of(predictors, tree, cells, column)
    if ranked is None:
        leaves = choices_of(cells[present], column.coded.codes[present], tree.cells)
        leaves = with_shares(leaves, rows, drawn)
    else:
        segment = max(STRETCH_ROWS, len(ranked.ranks) // lesson.share(MOST_STRETCHES))
        stretches = np.column_stack([ranked.low, ranked.high])
        leaves = curves_of(
            cells[present],
            ranked.ranks,
            ranked.atom,
            stretches,
            tree.cells,
            segment=segment,
            least=UNIT * floor.k / floor.persons(len(ranked.ranks)),
            atom_rows=1 if of_few_values(column) else max(ATOM_ROWS, segment // 3),
        )
        leaves = evened(leaves, drawn, stretches)
        if lesson.wide:
            step = step_of(len(ranked.ranks))
            leaves = plainer(coarsened(leaves, stretches, step), rows)
            codec = _plain(codec)
        else:
            leaves = coarsened(leaves, stretches)
    made = ColumnLeaves(codec, predictors, tree, leaves)
    return _with_absence(lesson, column, made, earlier, open_)


def _plain(codec: Codec) -> Codec:
    """The codec of a column of a wide table."""
    scale = codec.scale
    return (
        codec if scale is None else replace(codec, scale=replace(scale, knots=rounded(scale.knots)))
    )


def _mapped(column: Learning, of: Learning, by: str) -> ColumnLeaves:
    """The exact map; a determinant's label without any row (only rare ones) gives the mode."""
    codes, given = column.coded.codes, filled(of)
    target = np.full(of.labels + 2, int(np.bincount(codes[codes >= 0]).argmax()), dtype=np.int32)
    target[given] = np.where(column.missing, -1, np.maximum(codes, 0))
    return ColumnLeaves(column.codec, map_of=by, map_to=target[: of.labels + 1])


def _open(lesson: Lesson, name: str, kept: Kept) -> NDArray[np.bool_]:
    """Rows (n,) of which no rule says that they are missing here."""
    open_ = np.ones(len(lesson.columns[name].missing), dtype=bool)
    for rule in kept.missing.get(name, ()):
        open_ &= lesson.columns[rule.other].coded.absent != 1
    return open_


def _with_absence(
    lesson: Lesson,
    column: Learning,
    made: ColumnLeaves,
    earlier: list[str],
    open_: NDArray[np.bool_],
) -> ColumnLeaves:
    """Learn when the value is missing, or a word: from the same predictors and a few more, of the
    rows (n,) that are ``open_`` to it."""
    absent, n = column.coded.absent, len(column.missing)
    told = np.flatnonzero(open_)
    gone = np.count_nonzero(absent[told])
    if not absent.any() or not len(told):
        return made
    predictors, tree = made.predictors, single_cell()
    if earlier and min(gone, len(told) - gone) >= lesson.way.leaf:
        rows = evenly(told, TREE_ROWS)
        part, target = lesson.at(rows), absent[rows]
        known = {one.column for one in predictors}
        others = [name for name in earlier if name not in known]
        further = [
            *(name for name in known if placed_by_target(part.columns[name])),
            *chosen_for(lesson, rows, target, others, FURTHER),
        ]
        predictors += tuple(
            predictor_of(part.columns, name, target) for name in earlier if name in further
        )
        tree = grown_tree(part, predictors, target, rare=lesson.floor.rare(absent)[rows])
    cells = cells_of(lesson, predictors, tree, n)
    shares = choices_of(cells, np.where(open_, absent, -1), tree.cells)
    return replace(made, predictors=predictors, absent_tree=tree, absent=shares)
