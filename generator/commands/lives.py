"""``life``: what the rows of a bundle tell of a car or a customer."""

from __future__ import annotations

from pathlib import Path

from generator.bundle import Bundle, look_into
from generator.commands.profiles import BUILT_IN
from generator.domains import PLATFORM
from generator.domains.stories import stories
from generator.life import Found, Life, search, suggested
from generator.life import life as tell
from generator.stories import Stories


def life(folder: Path, kind: str, key: str) -> Life:
    """The life of a car or a customer of the bundle in ``folder``; see ``generator.life``.

    Raises BundleError for a folder that is no bundle, RequestError where there is no such life.
    """
    bundle = look_into(folder)
    return tell(bundle, _stories(bundle), kind, key)


def search_lives(folder: Path, kind: str, text: str) -> tuple[Found, ...]:
    """Lives of a kind that a part of a key, a number or a name leads to; a few at most."""
    bundle = look_into(folder)
    return search(bundle, _stories(bundle), kind, text)


def suggested_lives(folder: Path) -> tuple[Found, ...]:
    """Lives worth a look, with the reason."""
    bundle = look_into(folder)
    return suggested(bundle, _stories(bundle))


def kinds_of_lives(folder: Path) -> dict[str, str]:
    """The tables of the bundle whose rows have lives, and what one of them is called."""
    bundle = look_into(folder)
    told = _stories(bundle)
    return {name: told.of[name].noun for name in told.lives if name in bundle.schema}


def _stories(bundle: Bundle) -> Stories:
    return stories(PLATFORM) if bundle.profile in BUILT_IN else Stories({}, {})
