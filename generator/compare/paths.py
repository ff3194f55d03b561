"""Two sets of tables against each other: every score, each with its real-against-real ceiling."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.compare import accuracy, sdmetrics, summaries
from generator.compare.aggregates import with_aggregates
from generator.compare.bundle import orphans, sampled
from generator.compare.copies import copies
from generator.compare.fitness import fit_for
from generator.compare.learning import FOLDS, detection, usefulness
from generator.compare.missing import missingness
from generator.compare.rows import MOST_ROWS, TableRows, halves, rows_of
from generator.errors import RequestError
from generator.summary import Summary, counted, summarize
from generator.tables import Tables

Floats = NDArray[np.float64]


def compare(
    real: Tables,
    synthetic: Tables,
    holdout: Tables | None = None,
    *,
    target: str | None = None,
    seed: int = 0,
    name: str = "",
    engine_version: str = "",
) -> dict[str, Any]:
    """Score synthetic tables against real ones, in the shape of comparison.json.

    Beside each score stands its ceiling: the same score of real rows against real rows, which
    are the ``holdout`` if there is one, else two halves of the real rows.  Whether rows were
    copied is asked only of a holdout.  ``target`` (a column, or table.column) is predicted from
    the others.  Nothing shown rests on fewer than ten real rows.  Raises RequestError for tables
    that have nothing in common or a target that is not there.
    """
    names = _common(real, synthetic)
    reference = summarize(real)
    drawn = counted(synthetic, like=reference)
    made = _sides(synthetic, names, reference, "synthetic")
    learnt = _sides(real, names, reference, "real")
    unseen = _sides(holdout, names, reference, "holdout") if holdout is not None else None
    control = _Control(learnt, unseen, seed)
    entries = summaries.columns(drawn, reference, label="real")
    fan_out = summaries.children(drawn, reference)
    scores = {
        **accuracy.accuracies(learnt, made, edges=unseen),
        "accuracy": _accuracy(learnt, unseen),
        "sdmetrics": _sdmetrics(
            real, synthetic, holdout, names, learnt=learnt, made=made, control=control
        ),
        "detection": _detection(learnt, made, control, seed=seed),
        "relations": _relations(real, synthetic, holdout, names, reference=reference, seed=seed),
        "missingness": missingness(learnt, made)
        | {"ceiling": missingness(control.first, control.second)},
        "copies": _copies(learnt, made, unseen),
        "usefulness": _usefulness(learnt, made, control, target, seed=seed),
    }
    return {
        "engine_version": engine_version,
        "profile": {"name": name, "version": "", "kind": "tables"},
        "references": [],
        "columns": summaries.worst_first(entries),
        "dependence": summaries.dependence(drawn, reference),
        "calendar": summaries.calendar(drawn, reference),
        "children": fan_out,
        "scores": scores,
        "fit_for": fit_for(
            rows=sum(synthetic.rows(name) for name in names),
            orphans=orphans(synthetic),
            references=(),
            scores=scores,
            children=fan_out,
            compared=max(min(real.rows(name), synthetic.rows(name)) for name in names),
            strange=real.schema.not_understood,
        ),
        "sampled": sampled(drawn)
        | {"scores": f"Scores on rows rest on at most {MOST_ROWS:,} rows of a table."},
    }


@dataclass(frozen=True)
class _Control:
    """Real rows against real rows."""

    learnt: Sequence[TableRows]
    unseen: Sequence[TableRows] | None
    seed: int

    @property
    def first(self) -> Sequence[TableRows]:
        if self.unseen is not None:
            return self.learnt
        return [halves(side, seed=self.seed)[0] for side in self.learnt]

    @property
    def second(self) -> Sequence[TableRows]:
        if self.unseen is not None:
            return self.unseen
        return [halves(side, seed=self.seed)[1] for side in self.learnt]

    @property
    def label(self) -> str:
        return "two halves of the real rows" if self.unseen is None else "real rows and holdout"


def _common(real: Tables, synthetic: Tables) -> list[str]:
    names = [table for table in real.schema.names if table in real and table in synthetic]
    if not names:
        raise RequestError(
            "The real and the synthetic tables have no name in common: "
            f"{', '.join(real.schema.names)} and {', '.join(synthetic.schema.names)}. Name the "
            "files alike.",
            field="synthetic",
        )
    for table in names:
        lacking = set(real.schema[table].column_names) - set(synthetic.schema[table].column_names)
        if lacking:
            raise RequestError(
                f"The synthetic table {table} lacks the columns {', '.join(sorted(lacking))} of "
                "the real one.",
                field="synthetic",
            )
    return names


def _sides(tables: Tables, names: Sequence[str], reference: Summary, label: str) -> list[TableRows]:
    chosen = []
    for table in names:
        if table not in tables:
            raise RequestError(f"The holdout has no table {table}.", field="holdout")
        roles = {name: c.role for name, c in reference.tables[table].columns.items()}
        chosen.append(rows_of(tables, table, roles, name=label))
    return chosen


def _accuracy(learnt: Sequence[TableRows], unseen: Sequence[TableRows] | None) -> dict[str, Any]:
    document = {"label": accuracy.LABEL, "holdout": None}
    if unseen is None:
        return document
    measured = accuracy.accuracies(learnt, unseen, edges=unseen)
    return document | {"holdout": {name: one and one["accuracy"] for name, one in measured.items()}}


def _sdmetrics(
    real: Tables,
    synthetic: Tables,
    holdout: Tables | None,
    names: Sequence[str],
    *,
    learnt: Sequence[TableRows],
    made: Sequence[TableRows],
    control: _Control,
) -> dict[str, Any]:
    both = [fans(tables, names) for tables in (real, synthetic)]
    score = sdmetrics.both_ways(learnt, made)
    ceiling = sdmetrics.both_ways(control.first, control.second)
    unseen = fans(holdout, names) if holdout is not None else None
    return {
        "label": sdmetrics.LABEL,
        **score,
        "cardinality": sdmetrics.cardinality(*both),
        "ceiling": {
            **ceiling,
            "cardinality": sdmetrics.cardinality(both[0], unseen) if unseen else None,
        },
        "control": control.label,
    }


def fans(tables: Tables, names: Sequence[str]) -> list[Floats]:
    """Children per parent of every link between the named tables."""
    return list(_fans(tables, set(names)))


def _fans(tables: Tables, names: set[str]) -> Iterator[Floats]:
    for table in tables.schema:
        for link in table.links:
            if {table.name, link.parent} <= names:
                parents = tables.row_of(table.name, link.path)
                rows = np.bincount(parents[parents >= 0], minlength=tables.rows(link.parent))
                yield rows.astype(np.float64)


def _detection(
    learnt: Sequence[TableRows], made: Sequence[TableRows], control: _Control, *, seed: int
) -> dict[str, Any]:
    """AUC by table; ``auc`` is that of the table detected best, ``lowest`` the lowest: well
    below one half it means that rows sit on real rows."""
    by_table = {}
    pairs = zip(learnt, made, control.first, control.second, strict=True)
    for one, other, first, second in pairs:
        auc = detection(one, other, seed=seed)
        if auc is not None:
            by_table[one.table] = {"auc": auc, "real": detection(first, second, seed=seed)}
    worst = max(by_table.values(), key=lambda entry: entry["auc"] or 0.0, default=None)
    return {
        "auc": worst and worst["auc"],
        "real": worst and worst["real"],
        "lowest": min((entry["auc"] or 0.0 for entry in by_table.values()), default=None),
        "tables": by_table,
        "folds": FOLDS,
        "control": control.label,
    }


def _relations(
    real: Tables,
    synthetic: Tables,
    holdout: Tables | None,
    names: Sequence[str],
    *,
    reference: Summary,
    seed: int,
) -> dict[str, Any]:
    """As detection, of parents with what their children amount to; empty for single tables."""
    by_table = {}
    for table in names:
        learnt = with_aggregates(real, table, reference, name="real")
        made = with_aggregates(synthetic, table, reference, name="synthetic")
        if learnt is None or made is None:
            continue
        unseen = (
            with_aggregates(holdout, table, reference, name="holdout")
            if holdout is not None
            else None
        )
        control = _Control([learnt], None if unseen is None else [unseen], seed)
        auc = detection(learnt, made, seed=seed)
        if auc is not None:
            ceiling = detection(control.first[0], control.second[0], seed=seed)
            by_table[table] = {"auc": auc, "real": ceiling}
    return by_table


def _copies(
    learnt: Sequence[TableRows], made: Sequence[TableRows], unseen: Sequence[TableRows] | None
) -> dict[str, Any] | None:
    if unseen is None:
        return None
    by_table = {
        one.table: copies(one, other, third)
        for one, other, third in zip(learnt, made, unseen, strict=True)
    }
    return {table: entry for table, entry in by_table.items() if entry is not None}


def _usefulness(
    learnt: Sequence[TableRows],
    made: Sequence[TableRows],
    control: _Control,
    target: str | None,
    *,
    seed: int,
) -> dict[str, Any] | None:
    if target is None:
        return None
    for at, side in enumerate(learnt):
        for column in side.columns:
            if target not in (column, f"{side.table}.{column}"):
                continue
            first, second = control.first[at], control.second[at]
            return usefulness(first, made[at], second, column, seed=seed)
    raise RequestError(
        f"“{target}” is not a column to predict; choose one that holds a number, a date or "
        "categories.",
        field="target",
    )
