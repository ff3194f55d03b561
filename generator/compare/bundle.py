"""A bundle against its profile's reference: the summary of an extract, or sourced figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from generator.compare.distance import ceiling
from generator.compare.figure import Figure
from generator.compare.fitness import fit_for
from generator.compare.judge import judged
from generator.compare.labels import Parts, calendar_of, month_weights
from generator.compare.moved import Patterns, summary_without, without
from generator.compare.privacy import privacy_of_profile
from generator.compare.references import assumed, entries, source_dict, span_of
from generator.compare.summaries import calendar, children, columns, dependence, scores, worst_first
from generator.compare.verdict import lights
from generator.compare.ways import Seen
from generator.fitted import written_forms
from generator.profile import Plan, Profile, Reference, Source
from generator.register import Entries, Register, links_of
from generator.register import entries as register_entries
from generator.summary import Counting, Counts, Forms, Summary
from generator.tables import Tables


@dataclass(frozen=True)
class Part:
    """What one shard has to say; ``figures`` by their place among the references."""

    register: Entries
    counts: Counts
    figures: Mapping[int, Seen]
    moved: Mapping[tuple[str, str], Any]


@dataclass
class Total:
    """What all shards so far have said."""

    register: Register
    counts: Counts
    figures: dict[int, Any]
    moved: dict[tuple[str, str], Any]
    orphans: int = 0


class Comparison:
    """The check of a run that ends as comparison.json.

    A fitted profile is compared with the summary of its extract; a built-in one with its sourced
    figures, and columns no figure speaks about have no reference.
    """

    stem = "comparison"

    def __init__(self, profile: Profile, plan: Plan, planned: Mapping[str, int]) -> None:
        self.profile = profile
        self.plan = plan
        self.planned = dict(planned)
        self._exact = {name: rows for name, rows in plan.exact.items() if name in planned}
        self.reference = profile.summary if isinstance(profile.summary, Summary) else None
        self._patterns = Patterns(profile, plan, planned)
        moved, forms = self._patterns.moved, _forms(profile)
        if moved and self.reference is not None:
            self.reference = summary_without(self.reference, moved)
            forms = {(t, c): form for (t, c), form in forms.items() if c not in moved.get(t, ())}
        self._counting = Counting(
            without(profile.schema, moved), self.planned, like=self.reference, forms=forms
        )
        self._figures = [Figure(reference, _last_day(plan)) for reference in profile.references]
        self._measured = [
            (at, figure)
            for at, figure in enumerate(self._figures)
            if figure.is_there(profile.schema, self.planned)
        ]
        self._links = list(links_of(profile.schema, self.planned))

    def of_shard(self, tables: Tables, shard: object = None) -> Part:
        """Count the own rows of a shard."""
        del shard  # the rows say it all
        tables = tables.along(self.planned)
        seen = ((at, figure.seen(tables)) for at, figure in self._measured)
        figures = {at: one for at, one in seen if one is not None}
        counts, moved = self._counting.of(tables), self._patterns.of(tables)
        return Part(register_entries(tables, self._links), counts, figures, moved)

    def add(self, total: Total | None, part: Part) -> Total:
        """Take the next shard in; ``total`` is None before the first and is changed."""
        if total is None:
            total = Total(Register(self.profile.schema, self._exact), Counts(), {}, {})
        orphans = total.register.take(part.register).orphans
        total.orphans += sum(len(rows) for rows in orphans.values())
        total.counts = total.counts + part.counts
        for at, seen in part.figures.items():
            total.figures[at] = total.figures[at] + seen if at in total.figures else seen
        for place, counts in part.moved.items():
            total.moved[place] = total.moved[place] + counts if place in total.moved else counts
        return total

    def document(self, total: Total | None) -> dict[str, Any]:
        """The shape of comparison.json."""
        if total is None:
            total = Total(Register(self.profile.schema, self._exact), Counts(), {}, {})
        profile, reference = self.profile, self.reference
        made = self._counting.summary(total.counts)
        drawn = columns(made, reference, label="extract" if reference else None)
        drawn += self._patterns.columns(total.moved)
        months = calendar(made, reference)
        scored: dict[str, Any] = {"univariate": None, "bivariate": None, "trivariate": None}
        if reference is not None:
            scored = scores(made, reference, drawn)
        figures = entries(self._figures, total.figures, profile.sources, span=span_of(self.plan))
        if profile.references:
            drawn = self._with_figures(drawn, total.figures)
            months = _with_months(months, profile, self.plan)
        fan_out = children(made, reference)
        lost = sum(len(rows) for rows in total.register.late().values())
        verdicts = self._verdicts(scored, drawn, made, lost=total.orphans + lost)
        return {
            "engine_version": "",
            "profile": {"name": profile.name, "version": profile.version, "kind": profile.kind},
            "references": figures,
            "lights": lights(figures, self.planned) if profile.references else [],
            "columns": worst_first(drawn),
            "dependence": dependence(made, reference),
            "calendar": months,
            "children": fan_out,
            "scores": scored,
            "privacy": privacy_of_profile(profile),
            "verdicts": verdicts,
            "fit_for": fit_for(
                rows=sum(table.rows for table in made.tables.values()),
                orphans=total.orphans + lost,
                references=figures,
                scores=scored,
                children=fan_out,
                compared=None if reference is None else _compared(made, reference),
                strange=profile.schema.not_understood,
                verdicts=verdicts,
            ),
            "sampled": sampled(made),
        }

    def _verdicts(
        self,
        scored: Mapping[str, Any],
        drawn: Sequence[Mapping[str, Any]],
        made: Summary,
        *,
        lost: int,
    ) -> list[dict[str, Any]]:
        """Of a bundle that is compared with an extract; published figures have their lights."""
        if self.reference is None:
            return []
        rows = {name: min(pair) for name, pair in _rows(made, self.reference).items()}
        strange = self.profile.schema.not_understood
        return judged(scored, rows=rows, columns=drawn, orphans=lost, strange=strange)

    def _with_figures(
        self, drawn: Sequence[dict[str, Any]], seen: Mapping[int, Any]
    ) -> list[dict[str, Any]]:
        """Columns drawn against the published shares about them.  Shares about some rows, or
        about a column of a linked table, are charts of their own."""
        sources = {source.id: source for source in self.profile.sources}
        place = {(entry["table"], entry["column"]): entry for entry in drawn}
        against: dict[tuple[str, str], dict[str, Any]] = {}
        more = []
        for at, figure in self._measured:
            reference = figure.reference
            if reference.kind != "shares" or at not in seen:
                continue
            key = (reference.table, reference.column)
            base, source = place.get(key), sources.get(reference.source)
            if base is not None and not reference.where and key not in against:
                against[key] = _published(base, reference, source, seen[at], self.plan)
            elif not assumed(reference.confidence) and reference.value:
                blank = _blank(reference, base)
                more.append(_published(blank, reference, source, seen[at], self.plan))
        return [against.get((e["table"], e["column"]), e) for e in drawn] + more


def _forms(profile: Profile) -> Forms:
    """How the text columns are written whose summary is of numbers or moments."""
    if not isinstance(profile.summary, Summary):
        return {}
    held = profile.summary.tables
    return {
        (table, name): form
        for (table, name), form in written_forms(profile).items()
        if table in held and held[table].columns[name].role in ("number", "moment")
    }


def _last_day(plan: Plan) -> date | None:
    """The last day that is known."""
    day = plan.world.get("as_of")
    return date.fromisoformat(day) if day else plan.recipe.as_of or plan.recipe.stop


def compare_profile(profile: Profile, tables: Tables, plan: Plan) -> dict[str, Any]:
    """Whole tables compared as one shard; see ``Comparison``."""
    planned = {name: tables.rows(name) for name in tables.schema.names if name in tables}
    comparison = Comparison(profile, plan, planned)
    return comparison.document(comparison.add(None, comparison.of_shard(tables)))


def orphans(tables: Tables) -> int:
    """Links that are set and lead nowhere, over whole tables."""
    names = {name: tables.rows(name) for name in tables.schema.names if name in tables}
    register = Register(tables.schema, names)
    lost = register.take(register_entries(tables, links_of(tables.schema, names))).orphans
    return sum(len(rows) for rows in lost.values())


def sampled(summary: Summary) -> dict[str, Any]:
    """Which tables' counts rest in part on a sample, and of how many rows."""
    return {
        "note": "Pairs of columns, and columns that nothing is known about beforehand, are counted "
        "on a fixed sample of the rows of long tables, children on one of the parents; everything "
        "else on all rows.",
        "tables": {
            name: {"rows": table.rows, "sample": table.pair_rows}
            for name, table in summary.tables.items()
            if table.pair_rows < table.rows
        },
    }


def _blank(reference: Reference, base: dict[str, Any] | None) -> dict[str, Any]:
    return {
        "table": reference.table,
        "column": reference.column,
        "kind": base["kind"] if base else "category",
        "title": reference.title,
        "missing": {"synthetic": None, "reference": None},
    }


def _published(
    base: dict[str, Any],
    reference: Reference,
    source: Source | None,
    parts: Parts,
    plan: Plan,
) -> dict[str, Any]:
    """One column with the shares somebody published; an assumption keeps its own chart and has
    no reference line."""
    named = {
        "source": source_dict(source),
        "confidence": reference.confidence,
        "assumption": assumed(reference.confidence),
    }
    if named["assumption"]:
        return base | named
    start, stop = span_of(plan)
    target = parts.target(start, stop)
    unnamed = max(0.0, 1.0 - sum(target.values()))
    extra = ["(other)"] if parts.rest or unnamed > 0.005 else []
    counts = [*(int(count) for count in parts.counts), *([parts.rest] if extra else [])]
    expected = [*target.values(), *([unnamed] if extra else [])]
    total = max(1, sum(counts))
    reached = [round(count / total, 5) for count in counts]
    return {
        **{name: value for name, value in base.items() if name != "edges"},
        "chart": "bars",
        "labels": [*target, *extra],
        "synthetic": reached,
        "reference": [round(value, 5) for value in expected],
        "reference_label": (source.publisher or source.title) if source else reference.source,
        **named,
        "accuracy": round(1 - float(np.abs(np.array(reached) - expected).sum()) / 2, 5),
        "ceiling": round(ceiling(expected, float("inf"), total), 5),
    }


def _with_months(
    months: Sequence[dict[str, Any]], profile: Profile, plan: Plan
) -> list[dict[str, Any]]:
    """Rows expected by month where monthly shares are published."""
    sources = {source.id: source for source in profile.sources}
    published = {
        (reference.table, reference.column): reference
        for reference in profile.references
        if reference.kind == "shares"
        and not reference.where
        and not assumed(reference.confidence)
        and calendar_of([str(label) for label in reference.value]) == "month"
    }
    beside = []
    for entry in months:
        reference = published.get((entry["table"], entry["column"]))
        if reference is None:
            beside.append(entry)
            continue
        start, stop = _whole_span(plan, entry["months"])
        weights = month_weights(list(reference.value.values()), start, stop)
        rows = sum(entry["synthetic"])
        expected = [round(rows * weights.get(month, 0.0), 1) for month in entry["months"]]
        source = source_dict(sources.get(reference.source))
        beside.append(entry | {"reference": expected, "source": source})
    return sorted(beside, key=lambda entry: entry["reference"] is None)


def _whole_span(plan: Plan, months: Sequence[str]) -> tuple[date, date]:
    """The recipe's span; without one, whole months from the first row's to the last's."""
    start, stop = span_of(plan)
    first = date.fromisoformat(f"{months[0]}-01")
    last = date.fromisoformat(f"{months[-1]}-01")
    following = (last + timedelta(days=32)).replace(day=1)
    return start or first, stop or following - timedelta(days=1)


def _compared(made: Summary, reference: Summary) -> int:
    """Rows of the longest table, of its shorter side."""
    return max((min(pair) for pair in _rows(made, reference).values()), default=0)


def _rows(made: Summary, reference: Summary) -> dict[str, tuple[int, int]]:
    """Rows of the tables that both sides have."""
    known = reference.tables
    return {n: (t.rows, known[n].rows) for n, t in made.tables.items() if n in known}
