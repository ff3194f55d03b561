"""The certificate of a fitted profile in the shape of a comparison, for its page and its file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from generator.compare.fitness import by_verdicts
from generator.compare.privacy import privacy_of_profile
from generator.profile import Profile
from generator.summary import Summary

AGAINST = "rows of the extract that the trial had not learnt"
Certificate = Mapping[str, Any]


def certified(certificate: Certificate, *, title: str, profile: Profile | None) -> dict[str, Any]:
    """Scores and verdicts of the certificate; the charts are those of the profile's own summary,
    and are left out where the ``profile`` cannot be opened."""
    scores = dict(certificate.get("scores") or {})
    scores.pop("privacy", None)
    verdicts: Sequence[Mapping[str, Any]] = scores.pop("verdicts", ())
    if scores.get("detection"):
        scores["detection"] = {"tables": scores["detection"]}
    return {
        "engine_version": "",
        "profile": {"name": title, "version": "", "kind": "certificate"},
        "against": AGAINST,
        "references": [],
        "children": [],
        "columns": [],
        "calendar": [],
        "dependence": {},
        **_summary(profile),
        "scores": scores,
        "privacy": None if profile is None else privacy_of_profile(profile),
        "verdicts": list(verdicts),
        "not_understood": list(certificate.get("not_understood") or ()),
        "fit_for": by_verdicts(verdicts) if scores else [],
    }


def _summary(profile: Profile | None) -> dict[str, Any]:
    if profile is None or not isinstance(profile.summary, Summary):
        return {}
    return profile.summary.to_comparison()
