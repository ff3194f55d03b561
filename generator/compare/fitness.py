"""What a bundle is fit for, in sentences.  Nothing is claimed that was not measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from generator.compare.thresholds import TELLING
from generator.compare.verdict import severity

LOAD_ROWS = 100_000
GOOD = 0.98  # of the ceiling, to learn from
FAIR = 0.97  # of the ceiling, to count with
HIDDEN = 0.75  # AUC above which a classifier detects synthetic rows too well to learn from them
MOST_MET = 0.9  # of the published figures, none of them far off, to count with
GUESSING = 0.05  # an AUC so near to 0.5 is guessing
COPIED = 0.4  # AUC below which synthetic rows sit on real ones


def fit_for(
    *,
    rows: int,
    orphans: int,
    references: Sequence[Mapping[str, Any]],
    scores: Mapping[str, Any],
    children: Sequence[Mapping[str, Any]],
    compared: int | None = None,
    strange: Sequence[str] = (),
    verdicts: Sequence[Mapping[str, Any]] = (),
) -> list[dict[str, Any]]:
    """The ``fit_for`` of comparison.json.  ``compared`` are the rows of the longest table
    that was compared with real rows, of its shorter side; None where none was.  ``strange`` are
    columns that were not understood, so that no score speaks of them.  A poor one of ``verdicts``
    spoils the uses it names."""
    usable = [
        _use("functional tests", *_functional(rows, orphans)),
        _use("load tests", *_load(rows, orphans, children)),
    ]
    if compared is not None and compared < TELLING:
        said = "1 row is" if compared == 1 else f"{compared:,} rows are"
        why = f"{said} too little to say; compare {TELLING} or more."
        return [*usable, *(_use(use, False, why) for use in ("analytics", "machine learning"))]
    if strange:
        more = f" and {len(strange) - 3:,} more" if strange[3:] else ""
        why = f"No score speaks of what was not understood: {', '.join(strange[:3])}{more}."
        return [*usable, *(_use(use, False, why) for use in ("analytics", "machine learning"))]
    return [
        *usable,
        _use("analytics", *_unless_poor("analytics", verdicts, _analytics(references, scores))),
        _use("machine learning", *_unless_poor("machine learning", verdicts, _learning(scores))),
    ]


def by_verdicts(verdicts: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What verdicts alone say of the uses that rest on how real the rows are."""
    said = "No measure is poor."
    return [
        _use(use, *_unless_poor(use, verdicts, (True, said)))
        for use in ("analytics", "machine learning")
    ]


def _unless_poor(
    use: str, verdicts: Sequence[Mapping[str, Any]], said: tuple[bool, str]
) -> tuple[bool, str]:
    """What is said of a use, and the worst verdicts where some are poor."""
    poor = [one for one in verdicts if one["level"] == "poor" and use in one["uses"]]
    if not poor:
        return said
    named = [f"{one['title']}{' of ' + one['about'] if one['about'] else ''}" for one in poor[:3]]
    more = f" and {len(poor) - 3:,} more" if poor[3:] else ""
    before = f"{said[1]} " if not said[0] or "%" in said[1] else ""
    return False, f"{before}Poor: {', '.join(named)}{more}."


def _use(use: str, fit: bool, why: str) -> dict[str, Any]:
    return {"use": use, "fit": fit, "why": why}


def _functional(rows: int, orphans: int) -> tuple[bool, str]:
    if not rows:
        return False, "There are no rows."
    if orphans:
        return False, f"{orphans:,} links lead nowhere."
    return True, "Every link leads to a row; the checks say which rules hold."


def _load(rows: int, orphans: int, children: Sequence[Mapping[str, Any]]) -> tuple[bool, str]:
    if orphans:
        return False, f"{orphans:,} links lead nowhere."
    if rows < LOAD_ROWS:
        return False, f"{rows:,} rows are few for load; ask for {LOAD_ROWS:,} or more."
    compared = [entry for entry in children if entry["reference"] is not None]
    if not compared:
        return True, f"{rows:,} rows; how many children parents have follows the plan."
    worst = max(compared, key=_apart)
    said = f"children per parent differ most for {worst['child']} of {worst['parent']}"
    return _apart(worst) <= 0.1, f"{rows:,} rows; {said}, by {_apart(worst):.1%}."


def _apart(entry: Mapping[str, Any]) -> float:
    pairs = zip(entry["synthetic"], entry["reference"], strict=True)
    return float(sum(abs(a - b) for a, b in pairs) / 2)


def _analytics(
    references: Sequence[Mapping[str, Any]], scores: Mapping[str, Any]
) -> tuple[bool, str]:
    one, two = _of_ceiling(scores, "univariate"), _of_ceiling(scores, "bivariate")
    if one is not None:
        said = f"single columns reach {one:.1%} of what real data would"
        if two is None:
            return one >= GOOD, f"{said[0].upper()}{said[1:]}."
        fit = one >= GOOD and two >= FAIR
        return fit, f"{said[0].upper()}{said[1:]}, pairs {two:.1%}."
    judged = [entry for entry in references if entry["met"] is not None]
    if not judged:
        return False, "No sourced figure speaks about these tables, so nothing was compared."
    met = sum(bool(entry["met"]) for entry in judged)
    said = f"{met} of {len(judged)} published figures are met"
    far = sorted((entry for entry in judged if entry.get("far")), key=severity, reverse=True)
    if far:
        worst = ", ".join(_told(entry) for entry in far[:3])
        return False, f"{said}, and {len(far)} are far off: {worst}{' …' if far[3:] else '.'}"
    return (
        met >= MOST_MET * len(judged),
        f"{said}; what no figure is published for is an assumption.",
    )


def _told(entry: Mapping[str, Any]) -> str:
    """The figure, and for a share what it came to: Electric cars (3.7 % for 8.9 %)."""
    if entry.get("kind") != "share" or entry.get("reached") is None:
        return str(entry["title"])
    return f"{entry['title']} ({100 * entry['reached']:.1f} % for {100 * entry['target']:.1f} %)"


def _learning(scores: Mapping[str, Any]) -> tuple[bool, str]:
    two = _of_ceiling(scores, "bivariate")
    if two is None:
        return False, "How all columns depend on each other was compared with no real data."
    detected = (scores.get("detection") or {}).get("auc")
    if detected is None:
        return two >= GOOD, f"Pairs of columns reach {two:.1%} of what real data would."
    lowest = scores["detection"]["lowest"]
    if lowest < COPIED:
        return False, (
            "A classifier takes a real row for the synthetic one that repeats it "
            f"{1 - lowest:.0%} of the time (50% is guessing): rows were copied."
        )
    return (
        two >= GOOD and detected <= HIDDEN,
        f"Pairs of columns reach {two:.1%} of what real data would; {_detected(detected)}.",
    )


def _detected(auc: float) -> str:
    """An AUC in words: of a real and a synthetic row, how often the right one is picked."""
    if auc > 0.5 + GUESSING:
        return (
            f"shown a real and a synthetic row, a classifier picks the synthetic one {auc:.0%} of "
            "the time (50% is guessing)"
        )
    if auc < 0.5 - GUESSING:
        return (
            f"shown a real and a synthetic row, a classifier takes the real one for the synthetic "
            f"one {1 - auc:.0%} of the time (50% is guessing): some synthetic rows lie very near "
            "to real ones"
        )
    return (
        f"a classifier cannot tell synthetic rows from real ones: it is right {auc:.0%} of the "
        "time, as by guessing (50%)"
    )


def _of_ceiling(scores: Mapping[str, Any], name: str) -> float | None:
    score = scores.get(name)
    score = score and (score.get("matched") or score)
    if not score or not score["ceiling"]:
        return None
    return min(1.0, float(score["accuracy"] / score["ceiling"]))
