"""Every score of three sides, each beside what real rows reach."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.compare import accuracy, sdmetrics
from generator.compare.aggregates import with_aggregates
from generator.compare.copies import copies, membership
from generator.compare.distance import cramers_v
from generator.compare.figures import figures_of
from generator.compare.learning import FEW, FOLDS, MOST_ROWS, detection, usefulness
from generator.compare.missing import missingness
from generator.compare.progress import Begin, unheard
from generator.compare.relations import along_links, relations_of
from generator.compare.rows import Values
from generator.compare.series import over_time
from generator.compare.sides import Sides
from generator.compare.summaries import filled
from generator.errors import RequestError
from generator.frame import Coded
from generator.stop import asking
from generator.summary import Summary, TableSummary

MOST_TARGETS = 2
MOST_TABLES = 6  # tables of which columns are predicted, the longest
TOO_EASY = 0.95  # Cramér's V with another column from which predicting one says nothing
FEWEST_ROWS = 200  # of a side, for a prediction
_BOTH = ("real", "synthetic")
Floats = NDArray[np.float64]


def scores_of(
    sides: Sides,
    reference: Summary,
    *,
    most: int = MOST_ROWS,
    target: str | None = None,
    near: bool = True,
    targets: int = MOST_TARGETS,
    begin: Begin = unheard,
) -> dict[str, Any]:
    """All scores by name.  Classifiers and attacks rest on at most ``most`` rows a side; only
    ``near`` asks a classifier about learnt rows, too, where there are unseen ones; ``targets``
    columns of a table are predicted unless one is named; ``begin`` hears of each step.  Raises
    RequestError for a ``target`` that is not there."""

    def step(name: str, work: Callable[[], Any]) -> Any:
        begin(name)
        return work()

    useful = step("usefulness", lambda: [*_usefulness(sides, reference, target, most, targets)])
    return {
        **step("accuracy", lambda: _accuracies(sides)),
        "accuracy": {"label": accuracy.LABEL, "against": sides.against},
        "sdmetrics": step("SDMetrics", lambda: _sdmetrics(sides)),
        "detection": step("detection", lambda: _detection(sides, most, near=near)),
        "relations": step("links", lambda: dict(_relations(sides, reference, most))),
        "links": along_links(sides, reference),
        "series": over_time(sides, reference),
        "figures": figures_of(sides, reference),
        "missingness": missingness(sides.reference, sides.matched)
        | {"ceiling": missingness(sides.reference, sides.control)},
        "copies": step("copies", lambda: _attacked(sides, partial(copies, most=most))),
        "membership": _attacked(sides, partial(membership, most=most)),
        "usefulness": _worst(useful),
    }


def _accuracies(sides: Sides) -> dict[str, Any]:
    """Against unseen rows with what learnt ones reach; else against all real rows with what
    chance leaves, and ``matched``, as many rows as real ones in a half against the other half."""
    if sides.unseen is None:
        whole = accuracy.accuracies(sides.learnt, sides.made)
        alike = accuracy.accuracies(sides.reference, sides.matched, control=sides.control)
        return {way: one and {**one, "matched": alike[way]} for way, one in whole.items()}
    return accuracy.accuracies(
        sides.unseen, sides.matched, edges=sides.learnt, control=sides.control
    )


def _sdmetrics(sides: Sides) -> dict[str, Any]:
    """``matched`` are the scores of as many synthetic rows against the same real ones as the
    ceiling's."""
    return {
        "label": sdmetrics.LABEL,
        **sdmetrics.both_ways(sides.learnt, sides.made),
        "cardinality": sdmetrics.cardinality(*(fans(sides, label) for label in _BOTH)),
        "matched": sdmetrics.quality(sides.reference, sides.matched),
        "ceiling": {
            **sdmetrics.both_ways(sides.reference, sides.control),
            "cardinality": None
            if sides.unseen is None
            else sdmetrics.cardinality(fans(sides, "real"), fans(sides, "holdout")),
        },
        "control": sides.control_label,
    }


def fans(sides: Sides, label: str) -> list[Floats]:
    """Children per parent of every link of one side's tables."""
    tables = sides.tables[label]
    found = []
    for relation in relations_of(sides):
        parents = tables.row_of(relation.child, relation.link.path)
        rows = np.bincount(parents[parents >= 0], minlength=tables.rows(relation.link.parent))
        found.append(rows.astype(np.float64))
    return found


def _detection(sides: Sides, most: int, *, near: bool) -> dict[str, Any]:
    """AUC by table; ``auc`` is that of the table detected best.  ``learnt`` is the AUC against
    rows the fit has seen, ``lowest`` the lowest of them: well below one half it means that rows
    sit on real rows."""
    by_table = {}
    for at, learnt in enumerate(sides.learnt):
        entry = _told_apart(sides, at, most, near=near)
        if entry["auc"] is not None:
            by_table[learnt.table] = entry
    worst = max(by_table.values(), key=lambda entry: entry["auc"] or 0.0, default=None)
    told = [e["learnt"] for e in by_table.values() if e["learnt"] is not None]
    return {
        "auc": worst and worst["auc"],
        "real": worst and worst["real"],
        "lowest": min(told, default=None),
        "against": sides.against,
        "tables": by_table,
        "folds": FOLDS,
        "control": sides.control_label,
    }


def _told_apart(sides: Sides, at: int, most: int, *, near: bool) -> dict[str, float | None]:
    tell = partial(detection, seed=sides.seed, most=most)
    unseen = sides.unseen
    learnt = tell(sides.learnt[at], sides.made[at]) if near or unseen is None else None
    auc = learnt if unseen is None else tell(unseen[at], sides.made[at])
    return {"auc": auc, "real": tell(sides.reference[at], sides.control[at]), "learnt": learnt}


def _relations(
    sides: Sides, reference: Summary, most: int
) -> Iterator[tuple[str, dict[str, float | None]]]:
    """As detection, of parents with what their children amount to."""
    parents = {relation.link.parent for relation in relations_of(sides)} - set(sides.lists)
    for table in asking(sorted(parents), every=1):
        seen = sides.over(
            lambda tables, label, name=table: with_aggregates(  # type: ignore[misc]
                tables, name, reference, name=label
            )
        )
        if seen is None:
            continue
        entry = _told_apart(seen, 0, most, near=False)
        if entry["auc"] is not None:
            yield table, entry


def _attacked(sides: Sides, attack: Any) -> dict[str, Any] | None:
    """By table; None without unseen rows, which an attack is held against."""
    if sides.unseen is None:
        return None
    rows = zip(sides.learnt, sides.made, sides.unseen, strict=True)
    return {one.table: attack(one, other, third) for one, other, third in rows}


def _usefulness(
    sides: Sides, reference: Summary, target: str | None, most: int, targets: int
) -> Iterator[dict[str, Any]]:
    chosen = list(_named(sides, target) if target else _targets(sides, reference, targets))
    for at, column in asking(chosen, every=1):
        rows = (sides.control[at], sides.matched[at], sides.reference[at])
        found = usefulness(*rows, column, seed=sides.seed, most=most)
        if found is not None:
            yield found


def _worst(useful: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The prediction that loses most, and all of them."""
    if not useful:
        return None
    kept = [_kept(entry) for entry in useful]
    return {**useful[kept.index(min(kept))], "all": useful}


def _kept(entry: Mapping[str, Any]) -> float:
    """How much of what real rows teach the synthetic ones teach, too."""
    real, synthetic = entry["real"], entry["synthetic"]
    if entry["measure"] == "AUC":
        return float(synthetic - real)
    return float(synthetic / real - 1) if real > 0 else 0.0


def _named(sides: Sides, target: str) -> list[tuple[int, str]]:
    for at, side in enumerate(sides.learnt):
        for column in side.columns:
            if target in (column, f"{side.table}.{column}"):
                return [(at, column)]
    raise RequestError(
        f"“{target}” is not a column to predict; choose one that holds a number, a date or "
        "categories.",
        field="target",
    )


def _targets(sides: Sides, reference: Summary, targets: int) -> Iterator[tuple[int, str]]:
    """Of the longest tables the columns that hang together most with the others."""
    rows = {
        at: min(sides.control[at].rows, sides.matched[at].rows) for at in range(len(sides.made))
    }
    longest = sorted((at for at in rows if rows[at] >= FEWEST_ROWS), key=lambda at: -rows[at])
    for at in sorted(longest[:MOST_TABLES]):
        strengths = _strengths(reference.tables[sides.learnt[at].table])
        columns = sides.learnt[at].columns
        strengths = {n: s for n, s in strengths.items() if n in columns and _is_told(columns[n])}
        best = sorted(strengths, key=lambda name: (-strengths[name], name))
        yield from ((at, name) for name in best[:targets])


def _is_told(values: Values) -> bool:
    """Whether a column is a number or has few labels; of many, most are too rare to be learnt."""
    return not isinstance(values, Coded) or len(np.unique(values.codes[values.codes >= 0])) <= FEW


def _strengths(table: TableSummary) -> Mapping[str, float]:
    """The mean Cramér's V of each column with the others, of columns that no other tells."""
    held: dict[str, list[float]] = {}
    for pair in asking(table.pairs, every=100):
        strength = cramers_v(filled(table, pair)) if table.pair_rows else None
        for name in pair:
            if strength is not None:
                held.setdefault(name, []).append(strength)
    means = {name: sum(s) / len(s) for name, s in held.items() if max(s) < TOO_EASY}
    kinds = {name: table.columns[name].role for name in means}
    return {name: mean for name, mean in means.items() if kinds[name] != "moment"}
