"""What a fit is worth, in figures: synthetic rows against rows the fit has not seen."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from generator.compare.attacked import Imitation, Imitations, privacy_of
from generator.compare.judge import judged
from generator.compare.measure import scores_of
from generator.compare.progress import Progress, beginning
from generator.compare.sides import sides_of
from generator.summary import Forms, as_said, forms_of, summarize
from generator.tables import Tables

MOST_ROWS = 5_000  # rows a side that classifiers and the search for copies rest on


def certify(
    learnt: Tables,
    made: Tables,
    unseen: Tables,
    *,
    seed: int = 0,
    lists: Collection[str] = (),
    imitations: Imitations | None = None,
    k: int = 0,
    unit: str = "",
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Scores of ``made`` rows drawn from a profile that was fitted on ``learnt``, held against the
    ``unseen`` rows, each with its ceiling: the same score of the learnt rows, which are real.
    Numbers only, no value of any row.

    The scores are those of comparison.json, ``detection`` by table; ``verdicts`` are what the
    thresholds say of them, worst first.  Tables of ``lists`` are the same on both real sides, and
    nothing is said of them but along links.  ``imitations`` are an attacker's own models, by table;
    ``privacy`` is what attacks came to, and who may receive rows of what was learnt so that ``k``
    persons of a ``unit`` share it.  ``progress(what, share)`` hears how far it has come.
    """
    begin = beginning(progress, first="counting")
    begin("counting")
    forms = forms_of(learnt)
    learnt, made, unseen = (as_said(side, forms) for side in (learnt, made, unseen))
    summary = summarize(learnt)
    sides = sides_of(learnt, made, unseen, reference=summary, seed=seed, lists=lists)
    scores = scores_of(sides, summary, most=MOST_ROWS, near=False, targets=1, begin=begin)
    nothing = {"auc": None, "real": None, "learnt": None}
    everything = {one.table: nothing for one in sides.learnt}
    strange = learnt.schema.not_understood
    roles = {
        name: {column: one.role for column, one in table.columns.items()}
        for name, table in summary.tables.items()
    }
    begin("attacks")
    told = privacy_of(
        sides, roles, scores["copies"], imitations=_said(imitations, forms), k=k, unit=unit
    )
    return {
        **scores,
        "privacy": told,
        "detection": {**everything, **scores["detection"]["tables"]},
        "verdicts": judged(scores, rows=sides.shorter, strange=strange),
    }


def _said(imitations: Imitations | None, forms: Forms) -> Imitations:
    """The rows of the attacker's models read as the others are."""
    return {
        name: [
            Imitation(*(as_said(side, forms) for side in (one.learnt, one.unseen, one.made)))
            for one in models
        ]
        for name, models in (imitations or {}).items()
    }
