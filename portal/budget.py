"""The platform-wide ledger: private fits of one source add up, up to a limit.

Fits are added as they are: epsilons and deltas of fits of the same data sum (basic composition),
whatever they asked.  The limit is the setting ``EPSILON_LIMIT``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import Q, Sum

import generator
from portal.models import Profile, Source, Spending

NOT_KEPT = (Profile.State.FAILED, Profile.State.CANCELLED)


class Spent(Exception):
    """A fit would take a source beyond its limit.  Its text is one sentence."""


def spent(source: str) -> float:
    """Epsilon of all fits of a source that count."""
    counted = Spending.objects.filter(source__name=source).filter(
        Q(profile=None) | ~Q(profile__state__in=NOT_KEPT)
    )
    return float(counted.aggregate(sum=Sum("epsilon"))["sum"] or 0.0)


def refusal(source: str, epsilon: float) -> str:
    """Why a fit of the source may not spend so much; empty where it may."""
    before, limit = spent(source), float(settings.EPSILON_LIMIT)
    if before + epsilon <= limit + 1e-9:
        return ""
    left = max(limit - before, 0.0)
    return (
        f"Fits of “{source}” have spent epsilon {before:g} of {limit:g}; at most {left:g} is left. "
        "Ask for less, or compose from a profile that was fitted before."
    )


def charge_ledger(user: User, profile: Profile, ledger: Mapping[str, Any]) -> None:
    """Note what a profile spent that was fitted elsewhere: of the source that its ledger names, or
    of one that is called as the profile is, so that its versions add up.  Raises Spent."""
    source = str(ledger.get("source") or profile.name)[:100]
    said = {name: ledger[name] for name in ("epsilon", "delta")}
    charge(user, profile, {**said, "unit": str(ledger["unit"])[:300], "source": source})


def charge(user: User, profile: Profile, private: dict[str, Any]) -> None:
    """Note what the profile's fit may spend.  Raises Spent beyond the limit; must be called in the
    transaction that creates the profile: the source is locked until it ends."""
    source, _ = Source.objects.select_for_update().get_or_create(name=private["source"])
    if said := refusal(source.name, private["epsilon"]):
        raise Spent(said)
    Spending.objects.create(
        source=source,
        profile=profile,
        title=str(profile),
        epsilon=private["epsilon"],
        delta=private["delta"],
        unit=private["unit"],
        by=user,
    )


def charge_again(profile: Profile) -> str:
    """Why a fit that failed or was cancelled may not be begun once more; empty where it may."""
    spending = Spending.objects.filter(profile=profile).select_related("source").first()
    if spending is None:
        return ""
    Source.objects.select_for_update().get(pk=spending.source_id)
    return refusal(spending.source.name, spending.epsilon)


def facts(profile: generator.Profile) -> dict[str, Any]:
    """What the profile's page says of its ledger; nothing for other fits."""
    ledger = profile.ledger
    if ledger is None:
        return {}
    counts = sum(look["way"] == "counts" for look in ledger["looks"])
    paid = [name for name, one in ledger["declared"].items() if one.get("paid")]
    return {
        "private": {
            **{name: ledger[name] for name in ("epsilon", "delta", "unit", "neighbours")},
            "spent": ledger["spent"]["epsilon"],
            "counts": counts,
            "choices": len(ledger["looks"]) - counts,
            "paid": paid,
        }
    }
