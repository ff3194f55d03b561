"""The order in which the columns of a table are learnt and drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from generator.fit.column import Columns, Lesson, evenly, ordinal, plain_numbers
from generator.fit.features import predictor_of, ranks_of
from generator.fit.trees import planted
from generator.fitted import features_of
from generator.found import Kept
from generator.stop import asking

MOST_ORDERED = 40  # numeric columns whose place is worth measuring
TRIAL_ROWS = 8000
FEW_LABELS = 20  # of a column that may come before those it stands behind in the extract
NO_RULES = Kept()


def order_of(
    lesson: Lesson,
    own: Columns,
    maps: Mapping[str, str],
    kept: Kept = NO_RULES,
    first: Sequence[str] = (),
) -> list[str]:
    """The names of a table's ``own`` columns, in one of the ``ORDERS``, some of them ``first``.

    What a map gives stands right behind what it is given by; what a rule needs, before what keeps
    the rule; columns that tell nothing come last.
    """
    free = {name: column for name, column in own.items() if name not in kept.worked}
    telling = [name for name, column in free.items() if column.tells]
    order: list[str] = []

    def place(name: str) -> None:
        if name in order:
            return
        for need in (*kept.needs.get(name, ()), *([maps[name]] if name in maps else [])):
            place(need)
        order.append(name)
        for worked in kept.worked:
            if worked not in order and set(kept.needs[worked]) <= set(order):
                place(worked)

    for name in (*first, *ORDERS[lesson.way.order](lesson, own, telling), *free):
        place(name)
    return order


def _predictable(lesson: Lesson, own: Columns, names: list[str]) -> list[str]:
    """Few labels first, numbers last, the most predictable of them at the very end."""
    numbers = [n for n in names if own[n].codec.form == "number" or ordinal(own[n])]
    labels = [n for n in names if n not in numbers]
    labels.sort(key=lambda n: (own[n].labels, n))
    context = [n for n in lesson.columns if n not in own]
    if 1 < len(numbers) <= MOST_ORDERED:
        told = {
            n: _predictability(lesson, n, [*context, *labels, *numbers])
            for n in asking(numbers, every=1)
        }
        numbers.sort(key=lambda n: (round(told[n], 3), n))
    return [*labels, *numbers]


def _extract(lesson: Lesson, own: Columns, names: list[str]) -> list[str]:
    """As in the extract, where columns of a series stand side by side."""
    del lesson, own
    return names


def _few_first(lesson: Lesson, own: Columns, names: list[str]) -> list[str]:
    """Columns of few labels first, then all others as in the extract."""
    del lesson
    few = [n for n in names if own[n].codec.form == "labels" and own[n].labels <= FEW_LABELS]
    few = [n for n in few if not ordinal(own[n])]
    return [*sorted(few, key=lambda n: (own[n].labels, n)), *(n for n in names if n not in few)]


ORDERS = {"predictable": _predictable, "extract": _extract, "few first": _few_first}


def _predictability(lesson: Lesson, name: str, others: list[str]) -> float:
    """Share of the variance of the ranks that a tree explains on rows it has not seen."""
    leaf, n = lesson.way.leaf, len(lesson.columns[name].missing)
    rows = evenly(np.arange(n), TRIAL_ROWS)
    learn, test = lesson.at(rows[::2]), lesson.at(rows[1::2])
    if n < 8 * leaf:
        return 0.0
    ranks = ranks_of(plain_numbers(lesson.columns[name].at(rows)))
    predictors = tuple(
        predictor_of(learn.columns, other, ranks[::2])
        for other in asking(others, every=1)
        if other != name
    )
    features = features_of(predictors, learn.columns, len(ranks[::2]))
    tree = planted(features, ranks[::2], classes=False, seed=lesson.seed, leaf=leaf)
    unseen = features_of(predictors, test.columns, len(ranks[1::2]))
    return float(tree.score(unseen, ranks[1::2]))
