"""The scores of a comparison or a certificate as lines: what was measured, of what, what synthetic
rows reach and what real rows do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

_WAYS = {
    "univariate": "Single columns",
    "bivariate": "Pairs of columns",
    "trivariate": "Three columns",
}
_SDMETRICS = {
    "column_shapes": "Column Shapes",
    "column_pair_trends": "Column Pair Trends",
    "column_pair_trends_capped": "Column Pair Trends, real edges",
    "column_pair_trends_all_pairs": "Column Pair Trends, all pairs",
    "column_pair_trends_shared_edges": "Column Pair Trends, all pairs, real edges",
    "column_pair_trends_exchanged": "Column Pair Trends, sides exchanged",
    "cardinality": "Cardinality",
}
_LINKS = {
    "cardinality": "Children per parent",
    "joins": "Children joined to parents",
    "siblings": "A child and the next",
}
GUESS = "0.5 is guessing"


class Line(NamedTuple):
    """``ceiling`` is what real rows reach, None where they were not measured."""

    group: str
    title: str
    about: str
    score: float | None
    ceiling: float | None

    @property
    def said(self) -> str:
        return f"{self.title}{f' · {self.about}' if self.about else ''}"


def lines_of(scores: Mapping[str, Any]) -> list[Line]:
    """Everything measured, fidelity first and attacks last."""
    return [line for part in _PARTS for line in part(scores)]


def _accuracies(scores: Mapping[str, Any]) -> Iterator[Line]:
    label = (scores.get("accuracy") or {}).get("label", "")
    group = f"Accuracy ({label})" if label else "Accuracy"
    for name, title in _WAYS.items():
        if scores.get(name):
            one, alike = scores[name], scores[name].get("matched")
            about = ""
            if alike:
                about = f"{alike['accuracy']:.4g} for {alike['ceiling']:.4g} on two real halves"
            yield Line(group, title, about, one["accuracy"], one["ceiling"])


def _as_sdmetrics(scores: Mapping[str, Any]) -> Iterator[Line]:
    made = scores.get("sdmetrics") or {}
    ceiling, matched = made.get("ceiling") or {}, made.get("matched") or {}
    group = f"Shapes and trends ({made.get('label', '')})"
    for name, title in _SDMETRICS.items():
        if made.get(name) is not None:
            about = ""
            if matched.get(name) is not None and "halves" in str(made.get("control", "")):
                about = f"{matched[name]:.4g} on as few rows as the ceiling's"
            yield Line(group, title, about, made[name], ceiling.get(name))


def _missing(scores: Mapping[str, Any]) -> Iterator[Line]:
    lacking = scores.get("missingness") or {}
    for name, title in (("columns", "Missing values"), ("pairs", "Missing together")):
        if lacking.get(name) is not None:
            yield Line("Missing values", title, "", lacking[name], lacking["ceiling"][name])


def _detection(scores: Mapping[str, Any]) -> Iterator[Line]:
    found = scores.get("detection") or {}
    group = f"A classifier that tells rows apart, AUC ({GUESS})"
    for table, one in (found.get("tables") or _plain(found)).items():
        if one and one.get("auc") is not None:
            yield Line(group, "Rows", table, one["auc"], one["real"])
    for table, one in (scores.get("relations") or {}).items():
        yield Line(group, "Rows with their children", table, one["auc"], one["real"])


def _plain(found: Mapping[str, Any]) -> Mapping[str, Any]:
    """A certificate has the tables themselves."""
    return {name: one for name, one in found.items() if isinstance(one, Mapping)}


def _links(scores: Mapping[str, Any]) -> Iterator[Line]:
    for name, link in ((scores.get("links") or {}).get("links") or {}).items():
        for measure, title in _LINKS.items():
            if link[measure] is not None:
                yield Line("Links", title, name, link[measure]["score"], link[measure]["ceiling"])


def _series(scores: Mapping[str, Any]) -> Iterator[Line]:
    found, group = scores.get("series") or {}, "Time"
    for one in found.get("spectrum", ()):
        about = f"{one['table']}.{one['column']}"
        yield Line(group, f"By {one['part']}", about, one["score"], one["ceiling"])
    for one in found.get("gaps", ()):
        about = f"{one['child']} of {one['parent']}"
        yield Line(group, "Time to the next", about, one["score"], one["ceiling"])
    for one in found.get("order", ()):
        about = f"{one['table']}: {one['first']} ≤ {one['second']}"
        yield Line(group, "In order", about, one["score"], one["ceiling"])


def _useful(scores: Mapping[str, Any]) -> Iterator[Line]:
    found = scores.get("usefulness") or {}
    for one in found.get("all", ()):
        about, title = f"{one['table']}.{one['target']}", f"Predicting, {one['measure']}"
        group = "Learnt from synthetic rows, tested on real ones"
        yield Line(group, title, about, one["synthetic"], one["real"])


def _attacks(scores: Mapping[str, Any]) -> Iterator[Line]:
    group = "Attacks"
    for table, one in (scores.get("membership") or {}).items():
        if one:
            yield Line(group, f"Guessing who was learnt, AUC ({GUESS})", table, one["auc"], 0.5)
    for table, one in (scores.get("copies") or {}).items():
        if one:
            title = "Identical to a learnt row"
            yield Line(group, title, table, one["ims"], one["ims_holdout"])
            if one["dcr_share"] is not None:
                yield Line(group, "DCR share (0.5 ideal)", table, one["dcr_share"], 0.5)


_PARTS = (
    _accuracies,
    _as_sdmetrics,
    _missing,
    _detection,
    _links,
    _series,
    _useful,
    _attacks,
)
