"""The way from an upload to a published profile, as the pages on it show it."""

from __future__ import annotations

from typing import NamedTuple

from portal.models import Extract, Profile

STEPS = (
    "read",
    "schema",
    "personal data",
    "privacy",
    "fit",
    "certificate",
    "review",
    "publish",
)


class Step(NamedTuple):
    """``look`` is done, now, or nothing for what comes."""

    title: str
    look: str


def of_upload() -> list[Step]:
    return _at("read")


def of_extract(extract: Extract) -> list[Step]:
    """Schema, personal data and privacy are one page."""
    if extract.state in (Extract.State.INSPECTED, Extract.State.CONFIRMED):
        return _at("schema", until="privacy")
    return _at("read")


def of_profile(profile: Profile) -> list[Step]:
    """None for what was published long ago, or comes with the program."""
    places = {
        Profile.State.FITTING: "fit",
        Profile.State.CANCELLING: "fit",
        Profile.State.CANCELLED: "fit",
        Profile.State.FAILED: "fit",
        Profile.State.FITTED: "certificate",
        Profile.State.REVIEW: "review",
    }
    now = places.get(Profile.State(profile.state))
    return _at(now) if now and profile.kind == Profile.Kind.FITTED else []


def _at(now: str, *, until: str = "") -> list[Step]:
    first, last = STEPS.index(now), STEPS.index(until or now)
    return [
        Step(title, "done" if at < first else "now" if at <= last else "")
        for at, title in enumerate(STEPS)
    ]
