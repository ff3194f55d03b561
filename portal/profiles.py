"""From a profile's row to the engine's document."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NamedTuple

import generator
from portal.models import Profile
from portal.private_files import private_files

BUILT_IN = "automotive"


def document(profile: Profile) -> generator.Profile:
    """The engine's ``Profile``.  Kept in memory by content; raises ProfileError if damaged."""
    if profile.kind == Profile.Kind.BUILTIN:
        return generator.open_profile(profile.name)
    if profile.kind == Profile.Kind.MASKED:
        raise generator.ProfileError(
            f"“{profile.title}” is a masked copy: there are no statistics to draw from. Take "
            "another copy of its extract."
        )
    return _document(profile.path, profile.hash)


@lru_cache(maxsize=8)
def _document(path: str, hash: str) -> generator.Profile:  # noqa: A002 - named after the column
    return generator.load_profile(private_files().path(path))


class Choice(NamedTuple):
    """A profile, opened, and why it is not the one that was asked for."""

    profile: Profile
    document: generator.Profile
    instead: str


def choose(profiles: Iterable[Profile], asked: Profile | None) -> Choice | None:
    """The first that opens: what was asked for, another version of it, the built-in, any."""
    problems: dict[Profile | None, str] = {}
    for profile in sorted(profiles, key=lambda one: _distance(one, asked)):
        try:
            known = document(profile)
        except generator.ProfileError as problem:
            problems[profile] = problem.sentence
            continue
        said = "" if profile == asked else _instead(asked, profile, problems.get(asked, ""))
        return Choice(profile, known, said)
    return None


def _distance(profile: Profile, asked: Profile | None) -> tuple[bool, bool, bool, str, int]:
    other = asked is None or profile.name != asked.name
    fitted = profile.kind != Profile.Kind.BUILTIN
    return profile != asked, other, fitted, profile.name, -profile.version


def _instead(asked: Profile | None, profile: Profile, problem: str) -> str:
    name = "The profile that was chosen" if asked is None else _named(asked)
    gone = f"cannot be opened. {problem}" if problem else "is no longer offered."
    return (
        f"{name} {gone} What was asked for has been moved to {_named(profile)}; look at it again, "
        "or choose another profile."
    )


def _named(profile: Profile) -> str:
    return f"{profile.title} version {profile.version}"


def facts(document: generator.Profile) -> dict[str, Any]:
    """What the list and the detail page say without opening the document."""
    tables = document.schema.tables
    return {
        "kind": document.kind,
        "tables": len(tables),
        "columns": sum(len(table.columns) for table in tables),
    }


def ensure_builtin() -> Profile:
    """The row of the profile that comes with the engine, as this engine has it."""
    built_in = generator.open_profile(BUILT_IN)
    profile, _ = Profile.objects.update_or_create(
        name=built_in.name,
        version=int(str(built_in.version).split(".")[0]),
        defaults={
            "title": built_in.title,
            "kind": Profile.Kind.BUILTIN,
            "hash": built_in.hash,
            "facts": facts(built_in),
        },
        create_defaults={
            "title": built_in.title,
            "kind": Profile.Kind.BUILTIN,
            "state": Profile.State.PUBLISHED,
            "hash": built_in.hash,
            "facts": facts(built_in),
        },
    )
    return profile
