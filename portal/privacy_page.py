"""The privacy of a profile or a bundle as its page shows it: attacks, epsilon, distances, and who
may receive it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portal.certificate_page import Line
from portal.templatetags.say import percent, score

SCOPES = {
    "nobody": ("red", "nobody"),
    "team": ("amber", "team"),
    "company": ("green", "company"),
    "partner": ("green", "partners"),
    "public": ("green", "public"),
}
FIRST = 6  # attacks that stand on the page; the others are folded beneath them
AUC = "membership"  # its scores are AUCs, those of other attacks shares of successes


def panel(privacy: Mapping[str, Any] | None) -> dict[str, Any]:
    """``sharing`` with its light and word, ``lines`` of the strongest attacks and of epsilon,
    ``more``: the other attacks, then distances, and whether any attack was ``tried``; empty where
    nothing is known."""
    if not privacy or not privacy.get("sharing"):
        return {}
    light, word = SCOPES.get(str(privacy["sharing"].get("scope")), SCOPES["nobody"])
    attacks = list(_attacks(privacy))
    return {
        "sharing": privacy["sharing"],
        "light": light,
        "word": word,
        "lines": [*attacks[:FIRST], *_epsilon(privacy)],
        "more": [*attacks[FIRST:], *_distances(privacy)],
        "tried": bool(attacks),
    }


def _attacks(privacy: Mapping[str, Any]) -> Iterator[Line]:
    """Those that found out most beyond their baselines first."""
    for one in sorted(privacy.get("attacks") or (), key=lambda one: -one["high"]):
        about = ", ".join(part for part in (one["way"], one["table"], one["about"]) if part)
        shown = score if one["kind"] == AUC else percent
        low, high = one["baseline"] + one["low"], one["baseline"] + one["high"]
        beside = f"{shown(one['baseline'])} without; 95 %: {shown(max(low, 0))} to {shown(high)}"
        measure = ", AUC" if one["kind"] == AUC else ""
        yield Line(f"{one['title']}{measure}", shown(one["score"]), beside, about)


def _epsilon(privacy: Mapping[str, Any]) -> Iterator[Line]:
    epsilon = privacy.get("epsilon")
    if epsilon is not None:
        yield Line("Epsilon", f"{epsilon:g}", "", "differential privacy of the whole profile")


def _distances(privacy: Mapping[str, Any]) -> Iterator[Line]:
    for table, one in (privacy.get("distances") or {}).items():
        if one.get("dcr_share") is not None:
            meaning = f"{table}: rows closer to a learnt record than to an unseen one; 0.5 is ideal"
            yield Line("DCR share", score(one["dcr_share"]), "", meaning)
        if one.get("ims") is not None:
            beside = f"{percent(one.get('ims_holdout'))} without copying"
            meaning = f"{table}: equal to a learnt row in every column"
            yield Line("Identical rows", percent(one["ims"]), beside, meaning)
