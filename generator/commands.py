"""The commands people give, as functions: verbs joined, each still a stranger to the others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from generator.bundle import open_bundle
from generator.compare import compare, compare_profile
from generator.domains import automotive
from generator.errors import RequestError
from generator.fitted import load_profile
from generator.infer import infer, typed
from generator.profile import Plan, Profile
from generator.read import read
from generator.sample import ENGINE_VERSION, Progress
from generator.sample import sample as make_bundle
from generator.schema import Schema, Table
from generator.summary import tables_of
from generator.tables import Tables
from generator.validate import validate

BUILT_IN = {"automotive": automotive}


def open_profile(name: str) -> Profile:
    """A built-in profile by its name, or the fitted profile in a file.

    Raises ProfileError, or RequestError when there is neither.
    """
    if name in BUILT_IN:
        return BUILT_IN[name]()
    path = Path(name)
    if not path.is_file():
        raise RequestError(
            f"There is no profile “{name}”; name {' or '.join(BUILT_IN)}, or a .profile file.",
            field="profile",
        )
    return load_profile(path)


def sample(
    profile: Profile,
    plan: Plan,
    out: Path,
    *,
    workers: int = 1,
    progress: Callable[[Progress], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> dict[str, Any]:
    """Make a bundle with its validation and its comparison; see ``generator.sample``."""
    return make_bundle(
        profile,
        plan,
        out,
        workers=workers,
        checks={"validation": _validation, "comparison": _comparison},
        progress=progress,
        cancelled=cancelled,
    )


def _validation(profile: Profile, tables: Tables, plan: Plan) -> dict[str, Any]:
    return validate(profile.schema, profile.rules, tables, as_of=_day(plan.world.get("as_of")))


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _comparison(profile: Profile, tables: Tables, plan: Plan) -> dict[str, Any]:
    return compare_profile(profile, tables, plan)


def validate_folder(folder: Path) -> dict[str, Any]:
    """Check a bundle's folder: the rules of its schema, and of its profile where that is built in.

    Raises BundleError for a folder that is no bundle or was changed.
    """
    bundle = open_bundle(folder)
    name = str(bundle.manifest["profile"]["name"])
    rules = BUILT_IN[name]().rules if name in BUILT_IN else ()
    as_of = _day(bundle.manifest["plan"].get("as_of"))
    return validate(bundle.schema, rules, bundle.tables(), as_of=as_of)


def compare_paths(
    real: Path,
    synthetic: Path,
    *,
    holdout: Path | None = None,
    metadata: Path | None = None,
    target: str | None = None,
) -> dict[str, Any]:
    """Score one folder or file of tables against another; single tables may have other names."""
    raw = read(real)
    schema = infer(raw, metadata)
    return compare(
        tables_of(schema, typed(raw, schema)),
        _tables(synthetic, schema),
        _tables(holdout, schema) if holdout else None,
        target=target,
        name=synthetic.name,
        engine_version=ENGINE_VERSION,
    )


def _tables(path: Path, schema: Schema) -> Tables:
    """Tables of a bundle or of files, with the columns and kinds of ``schema``."""
    found = _bundle_rows(path) if (path / "manifest.json").is_file() else read(path)
    if len(found) == 1 and len(schema.tables) == 1:
        found = {schema.tables[0].name: next(iter(found.values()))}
    present = tuple(_loose(schema[name]) for name in schema.names if name in found)
    mine = replace(schema, tables=present)
    return tables_of(mine, typed(found, mine))


def _loose(table: Table) -> Table:
    """Missing values may appear on one side only."""
    return replace(table, columns=tuple(replace(c, nullable=True) for c in table.columns))


def _bundle_rows(path: Path) -> dict[str, pa.Table]:
    bundle = open_bundle(path)
    tables = bundle.tables()
    return {
        table.name: pa.table(
            [tables.arrow(table.name, name) for name in table.column_names],
            names=list(table.column_names),
        )
        for table in bundle.schema
    }
