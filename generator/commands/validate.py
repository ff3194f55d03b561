"""``validate``: the rules of a bundle that lies in a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from generator.bundle import Bundle, open_bundle
from generator.commands.profiles import BUILT_IN
from generator.errors import BundleError, RequestError, shown
from generator.fitted import asked_from, rules_from
from generator.rules import Rule
from generator.staging import purposes_of, tipped_by
from generator.validate import validate


def validate_folder(folder: Path) -> dict[str, Any]:
    """Check a bundle's folder: the rules of its schema, and of its profile where that is built in.

    Raises BundleError for a folder that is no bundle or was changed.
    """
    bundle = open_bundle(folder)
    rules: tuple[Rule, ...] = ()
    tipped: frozenset[str] = frozenset()
    tables = bundle.tables()
    tables.purposes = purposes_of(bundle.manifest, tables)
    if bundle.profile in BUILT_IN:
        profile = BUILT_IN[bundle.profile]().under(bundle.asked)
        rules = profile.rules
        tipped = tipped_by(
            profile.messes, [one["name"] for one in bundle.manifest.get("messy", ())]
        )
    else:
        rules = _found(bundle)
    return validate(bundle.schema, rules, tables, as_of=bundle.as_of, tipped=tipped)


def _found(bundle: Bundle) -> tuple[Rule, ...]:
    """The rules of a fitted profile, which its bundle brings along, and of what was asked."""
    try:
        found = rules_from(bundle.manifest.get("found", []), bundle.schema)
        return (*found, *asked_from(bundle.manifest, bundle.schema))
    except (LookupError, TypeError, ValueError, AttributeError, RequestError) as problem:
        raise BundleError(
            f"{shown(bundle.folder.name)}/manifest.json has rules that cannot be read; make the "
            "bundle again."
        ) from problem
