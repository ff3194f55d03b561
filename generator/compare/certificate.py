"""What a fit is worth, in figures: synthetic rows against rows the fit has not seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from generator.compare import accuracy, sdmetrics
from generator.compare.copies import copies, membership
from generator.compare.learning import detection
from generator.compare.rows import TableRows, rows_of
from generator.summary import summarize
from generator.tables import Tables

MOST_ROWS = 5_000  # rows a side that detection and the search for copies rest on


def certify(learnt: Tables, made: Tables, unseen: Tables, *, seed: int = 0) -> dict[str, Any]:
    """Scores of ``made`` rows drawn from a profile that was fitted on ``learnt``, each with its
    ceiling: the same score of the ``unseen`` rows.  Numbers only, no value of any row.

    ``univariate``, ``bivariate``, ``trivariate``: accuracy and ceiling; ``sdmetrics`` as in
    comparison.json; ``detection``, ``copies``, ``membership`` by table.
    """
    summary = summarize(learnt)
    names = [name for name in learnt.schema.names if name in made and name in unseen]
    sides = [
        [_side(tables, name, summary.tables[name].columns, label) for name in names]
        for tables, label in ((learnt, "real"), (made, "synthetic"), (unseen, "holdout"))
    ]
    return _scores(*sides, seed=seed)


def _side(tables: Tables, table: str, columns: Mapping[str, Any], label: str) -> TableRows:
    roles = {name: column.role for name, column in columns.items()}
    return rows_of(tables, table, roles, name=label)


def _scores(
    learnt: Sequence[TableRows],
    made: Sequence[TableRows],
    unseen: Sequence[TableRows],
    *,
    seed: int,
) -> dict[str, Any]:
    measured = accuracy.accuracies(learnt, unseen, edges=unseen)
    held = {name: one and one["accuracy"] for name, one in measured.items()}
    sides = list(zip(learnt, made, unseen, strict=True))
    return {
        **accuracy.accuracies(learnt, made, edges=unseen),
        "accuracy": {"label": accuracy.LABEL, "holdout": held},
        "sdmetrics": {
            "label": sdmetrics.LABEL,
            **sdmetrics.quality(learnt, made),
            "ceiling": sdmetrics.quality(learnt, unseen),
        },
        "detection": {
            one.table: {
                "auc": detection(one, other, seed=seed, most=MOST_ROWS),
                "real": detection(one, third, seed=seed, most=MOST_ROWS),
            }
            for one, other, third in sides
        },
        "copies": {one.table: copies(one, *rest, most=MOST_ROWS) for one, *rest in sides},
        "membership": {one.table: membership(one, *rest, most=MOST_ROWS) for one, *rest in sides},
    }
