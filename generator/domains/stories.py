"""What the tables of a platform tell of cars and customers: ``story.toml`` of each domain."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from generator.domains.graph import Platform
from generator.stories import Stories, read_story, untold


@cache
def clocks() -> Mapping[str, str]:
    """By state the name of the time zone that most of it keeps."""
    text = files("generator.domains").joinpath("clocks.toml").read_text(encoding="utf-8")
    return {state: zone for zone, states in tomllib.loads(text).items() for state in states}


def stories(platform: Platform) -> Stories:
    """Of every table; one that its domain's file does not name is told in general words."""
    entries: dict[str, Mapping[str, Any]] = {}
    for domain in platform.domains:
        folder = files("generator.domains").joinpath(domain.name)
        path = folder.joinpath("story.toml")
        if path.is_file():
            entries |= tomllib.loads(path.read_text(encoding="utf-8"))
    lives = [name for name, entry in entries.items() if "name" in entry]
    schema = platform.schema
    told = {name: read_story(name, entry, lives) for name, entry in entries.items()}
    return Stories({one.name: told.get(one.name) or untold(one, lives) for one in schema}, clocks())
