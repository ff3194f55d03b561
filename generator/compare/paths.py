"""Two sets of tables against each other: every score, each with its real-against-real ceiling."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from generator.compare import summaries
from generator.compare.attacked import privacy_of
from generator.compare.bundle import orphans, sampled
from generator.compare.fitness import fit_for
from generator.compare.judge import judged
from generator.compare.measure import scores_of
from generator.compare.progress import Begin, unheard
from generator.compare.rows import MOST_ROWS
from generator.compare.sides import common, sides_of
from generator.summary import Summary, as_said, counted, forms_of, summarize
from generator.summary.columns import Role
from generator.tables import Tables


def compare(
    real: Tables,
    synthetic: Tables,
    holdout: Tables | None = None,
    *,
    target: str | None = None,
    seed: int = 0,
    name: str = "",
    engine_version: str = "",
    begin: Begin = unheard,
) -> dict[str, Any]:
    """Score synthetic tables against real ones, in the shape of comparison.json.

    Columns are compared as what they say: text that says numbers or days as those.  Beside each
    score stands its ceiling: the same score of real rows against real rows, which are the
    ``holdout`` if there is one, else two halves of the real rows.  With a holdout synthetic rows
    are held against it, rows that no fit has seen; whether rows were copied is asked only then.
    ``target`` (a column, or table.column) is predicted from the others, without one the columns
    that hang together most.  Nothing shown rests on fewer than twenty real rows.  ``begin`` hears
    of each step.  Raises RequestError for tables that have nothing in common or a target that is
    not there.
    """
    begin("counting")
    common(real, synthetic)
    forms = forms_of(real)
    real, synthetic = as_said(real, forms), as_said(synthetic, forms)
    holdout = None if holdout is None else as_said(holdout, forms)
    reference = summarize(real)
    drawn = counted(synthetic, like=reference)
    sides = sides_of(real, synthetic, holdout, reference=reference, seed=seed)
    entries = summaries.columns(drawn, reference, label="real")
    fan_out = summaries.children(drawn, reference)
    scores = scores_of(sides, reference, target=target, begin=begin)
    begin("attacks")
    rows = sides.shorter
    lost = orphans(synthetic)
    strange = real.schema.not_understood
    verdicts = judged(scores, rows=rows, columns=entries, orphans=lost, strange=strange)
    return {
        "engine_version": engine_version,
        "profile": {"name": name, "version": "", "kind": "tables"},
        "against": sides.against,
        "references": [],
        "columns": summaries.worst_first(entries),
        "dependence": summaries.dependence(drawn, reference),
        "calendar": summaries.calendar(drawn, reference),
        "children": fan_out,
        "scores": scores,
        "privacy": holdout and privacy_of(sides, _roles(reference), scores["copies"]),
        "verdicts": verdicts,
        "not_understood": list(strange),
        "not_scored": _not_scored(sides.names, reference, strange),
        "fit_for": fit_for(
            rows=sum(synthetic.rows(name) for name in sides.names),
            orphans=lost,
            references=(),
            scores=scores,
            children=fan_out,
            compared=max(rows.values()),
            strange=strange,
            verdicts=verdicts,
        ),
        "sampled": sampled(drawn)
        | {"scores": f"Scores on rows rest on at most {MOST_ROWS:,} rows of a table."},
    }


def _roles(reference: Summary) -> dict[str, dict[str, Role]]:
    return {
        name: {column: one.role for column, one in table.columns.items()}
        for name, table in reference.tables.items()
    }


def _not_scored(names: Sequence[str], reference: Summary, strange: Sequence[str]) -> list[str]:
    """Columns of free text or personal values, of which only missing values are compared."""
    return [
        f"{table}.{column}"
        for table in names
        for column, summary in reference.tables[table].columns.items()
        if summary.role == "text" and f"{table}.{column}" not in strange
    ]
