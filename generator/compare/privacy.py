"""What a profile's attacks say of whatever is drawn from it, and who may receive that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from generator.attack import Sharing, attack_from, sharing_of
from generator.profile import Profile
from generator.summary import Summary

DISTANCES = ("dcr_share", "ims", "ims_holdout")
_MASKED = Sharing(
    "team",
    "Each row is somebody's real row, with tokens in the place of personal values: whoever knows "
    "enough of a person finds the row. It may go to the team that works with it.",
    "tokens are no statistics: what is not personal is as it was",
)
_MOST = 200  # attacks, and tables, of a document that somebody may have written


def privacy_of_profile(profile: Profile) -> dict[str, Any]:
    """The ``privacy`` of a bundle's comparison: attacks of the certificate with baselines and
    intervals, epsilon, distances, and the widest circle that may receive the bundle, worked out
    here by the rule whatever the certificate says.  Of a built-in profile nothing can be told of
    anybody."""
    if profile.kind == "builtin":
        return _document([], None, {}, sharing_of([], real=False).document())
    if profile.kind == "masked":
        return _document([], None, {}, _MASKED.document())
    certificate = profile.certificate or {}
    held = _mapping(_mapping(certificate.get("scores")).get("privacy"))
    attacks = [one for one in map(attack_from, _listed(held.get("attacks"))) if one is not None]
    epsilon = _epsilon((profile.ledger or {}).get("epsilon"))
    k = profile.summary.k if isinstance(profile.summary, Summary) else 0
    told = sharing_of(attacks, k=k, unit=profile.unit, epsilon=epsilon).document()
    document = [one.document() for one in attacks]
    return _document(document, epsilon, _distances(held.get("distances")), told)


def _document(
    attacks: list[dict[str, Any]],
    epsilon: float | None,
    distances: dict[str, Any],
    sharing: dict[str, Any],
) -> dict[str, Any]:
    return {"attacks": attacks, "epsilon": epsilon, "distances": distances, "sharing": sharing}


def _listed(value: Any) -> list[Any]:
    return value[:_MOST] if isinstance(value, list) else []


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _epsilon(value: Any) -> float | None:
    return float(value) if type(value) in (int, float) and 0 < value < 1e6 else None


def _distances(value: Any) -> dict[str, Any]:
    """By table the shares that are numbers."""
    found = {}
    for table, one in list(_mapping(value).items())[:_MOST]:
        shares = {name: _mapping(one).get(name) for name in DISTANCES}
        kept = {name: share for name, share in shares.items() if type(share) in (int, float)}
        if kept:
            found[str(table)[:200]] = kept
    return found
