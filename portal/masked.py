"""Masked copies: the rows of an extract with tokens for every personal value, as a bundle."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.utils.text import slugify

import generator
from portal.models import Bundle, Extract, Profile

FORMATS = ("csv", "parquet", "jsonl", "sqlite", "postgres", "mysql")


def masked_bundle(user: User, extract: Extract, *, title: str, confirmed: dict[str, Any]) -> Bundle:
    """The row of a copy that is to be made, and of the profile that it stands for: nothing is drawn
    from that, nobody sees it, and it keeps what was confirmed."""
    name = f"{slugify(title)[:80] or 'extract'}-masked"
    profile = Profile.objects.create(
        name=name,
        version=Profile.next_version(name),
        title=f"{title}, masked copy",
        kind=Profile.Kind.MASKED,
        state=Profile.State.CANCELLED,
        extract=extract,
        created_by=user,
        facts={"kind": "masked", "confirmed": confirmed},
    )
    recipe = generator.Recipe.from_dict({"profile": name, "formats": list(FORMATS)})
    return Bundle.objects.create(
        owner=user, name=profile.title[:100], profile=profile, recipe=recipe.to_dict()
    )
