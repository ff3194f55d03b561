"""From a profile's row to the engine's document."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import generator
from portal.models import Profile
from portal.storage import storage


def document(profile: Profile) -> Any:
    """The engine's ``Profile``.  Kept in memory by content; raises ProfileError if damaged."""
    return _document(profile.kind, profile.path, profile.hash)


@lru_cache(maxsize=8)
def _document(kind: str, path: str, hash: str) -> Any:  # noqa: A002 - named after the column
    if kind == Profile.Kind.BUILTIN:
        return generator.automotive()
    return generator.load_profile(storage().path(path))


def facts(document: Any) -> dict[str, Any]:
    """What the list and the detail page say without opening the document."""
    tables = document.schema.tables
    return {"tables": len(tables), "columns": sum(len(table.columns) for table in tables)}


def ensure_builtin() -> Profile:
    """The row of the profile that comes with the engine, as this engine has it."""
    built_in = generator.automotive()
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
