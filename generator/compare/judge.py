"""What scores amount to, by the thresholds that are written down: one verdict a measure and what
it is about, worst first."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from generator.compare.thresholds import BY_NAME, TELLING, THRESHOLDS

ERRORS = 2.0  # standard errors that are forgiven to attacks on few rows
MOST_COLUMNS = 20  # single columns that are spoken of by name, the worst
LEAST_R2 = 0.2  # of real rows, below which they teach nothing that could be lost
TRENDS = "column_pair_trends_capped"
_WAYS = ("univariate", "bivariate", "trivariate")
_LEVELS = ("poor", "fair", "good", "unsaid")


class Seen(NamedTuple):
    """A score of one measure, what it is about, and what real rows reach.  ``noise`` is by how
    much chance alone may make it look worse: so much is forgiven."""

    measure: str
    about: str
    score: float | None
    ceiling: float | None = None
    said: str = ""
    table: str = ""
    noise: float = 0.0


def judged(
    scores: Mapping[str, Any],
    *,
    rows: Mapping[str, int],
    columns: Sequence[Mapping[str, Any]] = (),
    orphans: int = 0,
    strange: Sequence[str] = (),
) -> list[dict[str, Any]]:
    """The verdicts, worst first.  ``level`` is good, fair, poor, or unsaid where there is too
    little to say; ``severity`` is 0 where a measure turns fair and 1 where it turns poor.  ``rows``
    are those of each table, of its shorter side; ``strange`` the columns not understood."""
    verdicts = [*_few(rows), *_strange(strange)]
    if max(rows.values(), default=0) >= TELLING:
        seen = [*_seen(scores), *_columns(columns), *_orphans(orphans, rows)]
        verdicts += [v for one in seen if _enough(one, rows) and (v := _verdict(one))]
    return sorted(verdicts, key=_place)


def _enough(seen: Seen, rows: Mapping[str, int]) -> bool:
    """Whether the table it is about has the rows to say it; all tables together have."""
    return rows.get(seen.table, TELLING) >= TELLING


def _place(verdict: Mapping[str, Any]) -> tuple[int, float, int, str]:
    order = [threshold.name for threshold in THRESHOLDS]
    at = order.index(verdict["measure"]) if verdict["measure"] in order else -1
    return _LEVELS.index(verdict["level"]), -verdict["severity"], at, verdict["about"]


def _few(rows: Mapping[str, int]) -> Iterator[dict[str, Any]]:
    for table, count in rows.items():
        if count < TELLING:
            said = f"{count:,} row{'s' if count != 1 else ''}: too little to say; "
            yield _entry("rows", "Rows", table, "unsaid", said + f"compare {TELLING} or more.")


def _strange(columns: Sequence[str]) -> Iterator[dict[str, Any]]:
    for name in columns:
        said = "Not understood: no score speaks of it. Set its kind, or leave it out."
        yield _entry("understood", "Columns not understood", name, "poor", said, severity=2.0)


def _entry(
    measure: str,
    title: str,
    about: str,
    level: str,
    why: str,
    *,
    severity: float = 0.0,
    score: float | None = None,
    ceiling: float | None = None,
) -> dict[str, Any]:
    uses = BY_NAME[measure].uses if measure in BY_NAME else ("analytics", "machine learning")
    return {
        "measure": measure,
        "title": title,
        "about": about,
        "level": level,
        "score": score,
        "ceiling": ceiling,
        "severity": round(severity, 3),
        "uses": list(uses),
        "why": why,
    }


def _verdict(seen: Seen) -> dict[str, Any] | None:
    threshold = BY_NAME[seen.measure]
    if seen.score is None:
        return None
    held = threshold.judged(seen.score, seen.ceiling)
    if held is None:
        return None
    held = max(0.0, held - seen.noise)
    return _entry(
        seen.measure,
        threshold.title,
        seen.about,
        threshold.level(held),
        seen.said or threshold.why(held, seen.score, seen.ceiling),
        severity=threshold.severity(held),
        score=seen.score,
        ceiling=seen.ceiling,
    )


def _seen(scores: Mapping[str, Any]) -> Iterator[Seen]:
    for way in _WAYS:
        if scores.get(way):
            one = scores[way].get("matched") or scores[way]
            yield Seen(way, "", one["accuracy"], one["ceiling"])
    yield from _as_sdmetrics(scores.get("sdmetrics") or {})
    yield from _figures(scores.get("figures") or [])
    lacking = scores.get("missingness") or {}
    if lacking.get("columns") is not None:
        ceiling = lacking["ceiling"]["columns"]
        yield Seen("missingness", "", lacking["columns"], 1.0 if ceiling is None else ceiling)
    yield from _told_apart(scores)
    yield from _links(scores.get("links") or {})
    yield from _series(scores.get("series") or {})
    yield from _useful(scores.get("usefulness") or {})
    yield from _attacks(scores)


def _as_sdmetrics(found: Mapping[str, Any]) -> Iterator[Seen]:
    held, ceiling = found.get("matched") or found, found.get("ceiling") or {}
    for measure, name in (("shapes", "column_shapes"), ("trends", TRENDS)):
        yield Seen(measure, "", held.get(name), ceiling.get(name))


def _figures(found: Sequence[Mapping[str, Any]]) -> Iterator[Seen]:
    """The share of figures that are missed, and the three worst by name."""
    missed = [one for one in found if not one["met"]]
    if found:
        worst = ", ".join(_figure(one) for one in missed[:3])
        said = f"{len(missed)} of {len(found)} figures of numbers are missed"
        said += f": {worst}{' …' if missed[3:] else ''}." if missed else "."
        yield Seen("figures", "", round(len(missed) / len(found), 5), None, said)


def _figure(one: Mapping[str, Any]) -> str:
    return (
        f"{one['figure']} of {one['table']}.{one['column']} "
        f"({one['reached']:,.6g} for {one['target']:,.6g})"
    )


def _told_apart(scores: Mapping[str, Any]) -> Iterator[Seen]:
    found = scores.get("detection") or {}
    for table, one in found.get("tables", {}).items():
        yield Seen("detection", table, one["auc"], one["real"], table=table)
        if one.get("learnt") is not None:
            near = round(max(0.5, 1 - one["learnt"]), 4)
            yield Seen("repeated", table, near, 0.5, table=table)
    for table, one in (scores.get("relations") or {}).items():
        yield Seen("relations", table, one["auc"], one["real"], table=table)


def _links(found: Mapping[str, Any]) -> Iterator[Seen]:
    for name, link in (found.get("links") or {}).items():
        for measure in ("cardinality", "joins", "siblings"):
            if link[measure] is not None:
                score, ceiling = link[measure]["score"], link[measure]["ceiling"]
                yield Seen(measure, name, score, ceiling, table=link["child"])


def _series(found: Mapping[str, Any]) -> Iterator[Seen]:
    for one in found.get("spectrum", ()):
        about = f"{one['table']}.{one['column']}, {one['part']}"
        yield Seen("spectrum", about, one["score"], one["ceiling"], table=one["table"])
    for one in found.get("gaps", ()):
        yield Seen("gaps", f"{one['child']} of {one['parent']}", one["score"], one["ceiling"])
    for one in found.get("order", ()):
        about = f"{one['table']}: {one['first']} ≤ {one['second']}"
        yield Seen("order", about, one["score"], one["ceiling"])


def _useful(found: Mapping[str, Any]) -> Iterator[Seen]:
    for one in found.get("all", ()):
        measure = "r2" if one["measure"] == "R²" else "auc"
        if measure == "r2" and one["real"] < LEAST_R2:
            continue  # real rows teach nothing of it, either
        yield Seen(measure, f"{one['table']}.{one['target']}", one["synthetic"], one["real"])


def _attacks(scores: Mapping[str, Any]) -> Iterator[Seen]:
    for table, one in (scores.get("membership") or {}).items():
        if one:
            yield Seen("membership", table, one["auc"], 0.5, noise=_of_auc(one["rows"]))
    for table, one in (scores.get("copies") or {}).items():
        if one:
            yield Seen("dcr", table, one["dcr_share"], 0.5)
            share, rows = one["ims_holdout"], one.get("rows", 0)
            noise = ERRORS * math.sqrt(max(share, 1 / rows) / rows) if rows else 0.0
            yield Seen("copies", table, one["ims"], share, noise=noise)


def _of_auc(rows: int) -> float:
    """Two standard errors of an AUC of guesses over so many rows a side (J. A. Hanley and B. J.
    McNeil, Radiology 143, 1982, at one half)."""
    return ERRORS * math.sqrt((2 * rows + 1) / (12 * rows * rows)) if rows else 0.0


def _columns(columns: Sequence[Mapping[str, Any]]) -> Iterator[Seen]:
    held = [one for one in columns if one["accuracy"] is not None and one["ceiling"]]
    held.sort(key=lambda one: one["accuracy"] / one["ceiling"])
    for one in held[:MOST_COLUMNS]:
        about = f"{one['table']}.{one['column']}"
        yield Seen("column", about, one["accuracy"], one["ceiling"], table=one["table"])


def _orphans(lost: int, rows: Mapping[str, int]) -> Iterator[Seen]:
    if lost:
        share = round(lost / max(sum(rows.values()), 1), 5)
        yield Seen("orphans", "", share, None, f"{lost:,} links lead nowhere.")
