"""The commands people give, as functions: verbs joined, each still a stranger to the others."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa

from generator.anonymize import Key, Range, Register, ranges
from generator.anonymize import anonymize as tokenise
from generator.anonymize import confirmed as confirmed_personal
from generator.bundle import Bundle, look_into, open_bundle
from generator.compare import Comparison, certify, compare
from generator.domains import PLATFORM, automotive
from generator.domains.stories import stories
from generator.errors import BundleError, RequestError, shown
from generator.extent import bare
from generator.fit import LEAF_ROWS, holders_of, linked_halves, links_not_learnt, unit_of
from generator.fit import K as SMALLEST
from generator.fit import fit as learn
from generator.fitted import FittedWorld, asked_from, rules_from
from generator.fitted import load_profile as load_file
from generator.holders import Holders
from generator.infer import infer, plain, typed
from generator.life import Found, Life, search, suggested
from generator.life import life as tell
from generator.onto import BASES, fit_onto
from generator.personal import Findings, find
from generator.plan import plan
from generator.profile import Plan, Profile
from generator.read import read
from generator.recipe import Recipe
from generator.rules import Rule
from generator.sample import ENGINE_VERSION, Progress
from generator.sample import sample as make_bundle
from generator.schema import Schema, Table
from generator.staging import purposes_of, tipped_by
from generator.stop import ask, stoppable
from generator.stories import Stories
from generator.summary import tables_of
from generator.tables import Tables
from generator.trial import halves
from generator.validate import Validation, general_rules, validate

BUILT_IN = {"automotive": automotive}
LEAST_K, MOST_K = 10, 10_000  # persons who share what a profile holds
TRIAL_LEAST = 200  # rows of a table a certificate needs
TRIAL_MOST = 50_000  # rows of a table that a trial learns from, and as many it is held against


def not_learnt(tables: Mapping[str, pa.Table], schema: Schema) -> tuple[str, ...]:
    """What cannot be learnt of the links of an extract's typed tables, a sentence each."""
    if not any(table.links for table in schema):
        return ()
    return links_not_learnt(tables, schema)


def open_profile(name: str) -> Profile:
    """A built-in profile by its name, or the fitted profile in a file.

    Raises ProfileError, or RequestError when there is neither.
    """
    if name in BUILT_IN:
        return BUILT_IN[name]()
    path = Path(name)
    if not _is_file(path):
        raise RequestError(
            f"There is no profile “{shown(name)}”; name {' or '.join(BUILT_IN)}, or a .profile "
            "file.",
            field="profile",
        )
    return load_profile(path)


def load_profile(path: Path) -> Profile:
    """The fitted or calibrated profile in a file.  Raises ProfileError for anything else."""
    return load_file(path, BASES)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name too long, or with a NUL: nothing can be there
        return False


def fit(
    tables: Mapping[str, pa.Table],
    schema: Schema,
    *,
    name: str,
    version: str = "1",
    title: str = "",
    seed: int = 0,
    onto: str = "",
    no_rules: Collection[str] = (),
    k: int = SMALLEST,
    unit: str = "",
    progress: Callable[[str, float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Profile:
    """Learn a profile with its certificate; see ``generator.fit``.  ``onto`` names a built-in
    profile to bring to the extract instead; see ``generator.onto``.  ``no_rules`` are names of
    rules that are not to be kept, of those that ``found_rules`` lists.  Nothing is kept that fewer
    than ``k`` persons share, whom the column ``unit`` (TABLE.COLUMN, or a link) tells apart.

    The certificate rests on a trial: half of the rows (at most 50,000 a table, chosen by the
    seed) are learnt, as many are drawn and compared with the other half.  Then all rows are
    learnt.  Raises what ``generator.fit`` raises, RequestError for a ``k`` or unit that cannot be.
    """
    tell = progress or _unheard
    _check_floor(schema, k=k, unit=unit, onto=onto)
    with stoppable(cancelled, "The fit was cancelled; nothing was kept."):
        if not onto:
            return _fit(
                tables,
                schema,
                name=name,
                version=version,
                title=title,
                seed=seed,
                no_rules=no_rules,
                k=k,
                unit=unit,
                tell=tell,
            )
        return fit_onto(
            tables,
            schema,
            onto=onto,
            name=name,
            version=version,
            title=title,
            seed=seed,
            progress=tell,
            cancelled=cancelled,
        )


def _fit(
    tables: Mapping[str, pa.Table],
    schema: Schema,
    *,
    name: str,
    version: str,
    title: str,
    seed: int,
    no_rules: Collection[str],
    k: int,
    unit: str,
    tell: Callable[[str, float], None],
) -> Profile:
    def part(start: float, stop: float, what: str, share: float) -> None:
        tell(what, start + share * (stop - start))

    certificate = _certificate(
        tables, schema, seed=seed, no_rules=no_rules, k=k, unit=unit, part=part
    )
    profile = learn(
        tables,
        schema,
        name=name,
        version=version,
        title=title,
        seed=seed,
        no_rules=no_rules,
        k=k,
        unit=unit,
        progress=partial(part, 0.6, 1.0),
    )
    kept = [f"{rule.table}: {rule.text.removesuffix('.')}" for rule in profile.rules]
    return replace(profile, certificate=certificate | {"rules": kept})


def _check_floor(schema: Schema, *, k: int, unit: str, onto: str) -> None:
    """What is asked of the floor can be done."""
    if not LEAST_K <= k <= MOST_K:
        raise RequestError(
            f"At least {k} persons cannot be asked for; give k from {LEAST_K} to {MOST_K:,}.",
            field="k",
        )
    if onto and (unit or k != SMALLEST):
        raise RequestError(
            f"What is fitted onto “{shown(onto)}” counts rows, {SMALLEST} at least; leave the "
            "unit and k out, or fit a profile of its own.",
            field="unit",
        )
    if unit:
        unit_of(schema, unit)


def find_personal(tables: Mapping[str, pa.Table], schema: Schema) -> Findings:
    """What the tables of an extract, as read, seem to hold of people; nothing of it is a value."""
    return find({table.name: plain(tables[table.name]) for table in schema}, schema)


def ranges_for(
    tables: Mapping[str, pa.Table], schema: Schema, findings: Findings
) -> tuple[Range, ...]:
    """How many tokens will be asked of each range, before anything is made."""
    return tuple(ranges({t.name: plain(tables[t.name]) for t in schema}, findings))


def anonymize(
    tables: Mapping[str, pa.Table],
    schema: Schema,
    findings: Findings,
    key: Key,
    *,
    register: Register | None = None,
    unit: str = "",
    progress: Callable[[str, float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> dict[str, pa.Table]:
    """The tables of an extract, as read, with a token for every personal value; see
    ``generator.anonymize``."""
    with stoppable(cancelled, "The tokens were cancelled; nothing was kept."):
        made = tokenise(
            {table.name: plain(tables[table.name]) for table in schema},
            schema,
            findings,
            key,
            register=register,
            unit=unit,
            progress=progress,
        )
    return {name: _as_brought(table, tables[name]) for name, table in made.items()}


def tokenised(
    tables: Mapping[str, pa.Table],
    schema: Schema,
    key: Key,
    *,
    cancelled: Callable[[], bool] | None = None,
) -> dict[str, pa.Table]:
    """The tables, as read, with tokens in the columns that a confirmed schema says are personal: so
    that nothing learns from a value of a person, whatever becomes of the columns."""
    mine = {table.name: tables[table.name].select(table.column_names) for table in schema}
    return anonymize(mine, schema, confirmed_personal(schema), key, cancelled=cancelled)


def _as_brought(made: pa.Table, brought: pa.Table) -> pa.Table:
    """The table with the types and notes it came with; texts stay texts where they had another."""
    columns = [
        one.cast(kind) if pa.types.is_dictionary(kind) or pa.types.is_large_string(kind) else one
        for one, kind in zip(made.columns, brought.schema.types, strict=True)
    ]
    whole = pa.table(columns, names=made.column_names)
    return whole.replace_schema_metadata(brought.schema.metadata)


def _unheard(what: str, share: float) -> None:
    del what, share


def _certificate(
    tables: Mapping[str, pa.Table],
    schema: Schema,
    *,
    seed: int,
    no_rules: Collection[str],
    k: int,
    unit: str,
    part: Callable[[float, float, str, float], None],
) -> dict[str, Any]:
    """Figures of a trial fit, in plain JSON types.  Tables too short for one are left out."""
    long = [table for table in schema if tables[table.name].num_rows >= TRIAL_LEAST]
    document: dict[str, Any] = {"k": k, "cell_rows": max(k, LEAF_ROWS), "seed": seed}
    holders = holders_of(schema, tables, unit)
    if unit:
        document |= _told_unit(schema, holders, unit)
    if strange := schema.not_understood:
        document["not_understood"] = list(strange)
    if not long:
        note = f"No table has the {TRIAL_LEAST} rows a trial needs; nothing was measured."
        return {**document, "rows": {}, "note": note, "scores": {}}
    if lost := not_learnt(tables, schema):
        document["links"] = list(lost)
    first, second = _halves(tables, schema, [table.name for table in long], seed, holders)
    tell = partial(part, 0.0, 0.2)
    learnt = Schema(tuple(table for table in schema if table.name in first))
    whose = (
        {"k": k, "unit": unit if unit_of(schema, unit)[0] in first else ""} if unit else {"k": k}
    )
    trial = learn(first, learnt, name="trial", seed=seed, no_rules=no_rules, progress=tell, **whose)
    part(0.2, 0.6, "certificate", 0.0)
    made = _drawn(trial, seed + 1)
    names = [table.name for table in long if table.name in second]
    lists = _lists(trial.schema, names)
    loose = Schema(tuple(_loose(trial.schema[name]) for name in (*names, *lists)))
    sides = (
        tables_of(loose, {name: rows[name] for name in (*names, *lists)})
        for rows in (first, made, {**first, **second})
    )
    return {
        **document,
        "rows": {name: [first[name].num_rows, second[name].num_rows] for name in names},
        "note": "A trial learnt from the first of these rows, was compared with the second; the "
        "profile itself is learnt from all rows.",
        "scores": certify(*sides, seed=seed, lists=lists),
    }


def _told_unit(schema: Schema, holders: Mapping[str, Holders], unit: str) -> dict[str, Any]:
    """Whose the rows are: the column, how many persons there are, and the tables no link joins to
    them, of which each row counts alone."""
    table, column = unit_of(schema, unit)
    return {
        "unit": f"{table}.{column}",
        "persons": holders[table].count(slice(None)),
        "rows_alone": [name for name in schema.names if holders[name].of is None],
    }


def _lists(schema: Schema, names: Sequence[str]) -> list[str]:
    """Tables the named ones point at that both halves know whole: nothing is said of them but
    along links."""
    named = {link.parent for name in names for link in schema[name].links}
    return [name for name in schema.names if name in named and name not in names]


def _halves(
    tables: Mapping[str, pa.Table],
    schema: Schema,
    long: Sequence[str],
    seed: int,
    holders: Mapping[str, Holders],
) -> tuple[dict[str, pa.Table], dict[str, pa.Table]]:
    """What a trial learns, and what it is held against.  Tables that hang together are cut so that
    no family is on both sides, and learnt whole; what stands on both sides is held against nothing.
    """
    if not any(link.parent in schema for table in schema for link in table.links):
        parts = {
            name: halves(tables[name], name, seed=seed, most=TRIAL_MOST, holders=holders[name])
            for name in long
        }
        return {n: one for n, (one, _) in parts.items()}, {n: two for n, (_, two) in parts.items()}
    plain = {name: bare(rows) for name, rows in tables.items()}
    first, second = linked_halves(schema, plain, seed=seed, most=TRIAL_MOST, holders=holders)
    whole = {name for name in first if first[name].num_rows == tables[name].num_rows}
    first = {name: rows for name, rows in first.items() if rows.num_rows}
    second = {
        name: rows
        for name, rows in second.items()
        if name in first and name not in whole and rows.num_rows
    }
    return first, second


def _drawn(profile: Profile, seed: int) -> dict[str, pa.Table]:
    """As many rows of every table as the profile was fitted from."""
    planned = plan(profile, Recipe.from_dict({"seed": seed}))
    drawing = profile.world.open(planned)
    parts: dict[str, list[pa.Table]] = {name: [] for name in profile.schema.names}
    for shard in planned.shards:
        for name, rows in drawing.draw(shard):
            ask()
            parts[name].append(rows.cast(_nullable(profile.schema[name])))
    return {name: pa.concat_tables(slices) for name, slices in parts.items()}


def _nullable(table: Table) -> pa.Schema:
    return _loose(table).arrow_schema()


def sample(
    profile: Profile,
    plan: Plan,
    out: Path,
    *,
    workers: int = 1,
    memory: int | None = None,
    progress: Callable[[Progress], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> dict[str, Any]:
    """Make a bundle with its validation and its comparison; see ``generator.sample``."""
    planned = {count.table: count.rows for count in plan.counts}
    profile = profile.under(plan.recipe.set)
    if isinstance(profile.world, FittedWorld):
        profile = replace(profile, rules=(*profile.rules, *profile.world.asked(plan)))
    return make_bundle(
        profile,
        plan,
        out,
        workers=workers,
        memory=memory,
        checks=(_validation(profile, plan), Comparison(profile, plan, planned)),
        progress=progress,
        cancelled=cancelled,
    )


def _validation(profile: Profile, plan: Plan) -> Validation:
    planned = {count.table: count.rows for count in plan.counts}
    general = general_rules(profile.schema, as_of=_day(plan.world.get("as_of")))
    estimated = planned.keys() - plan.exact.keys()
    return Validation(
        profile.schema,
        [*general, *profile.rules],
        planned,
        estimated=estimated,
        tipped=tipped_by(profile.messes, plan.recipe.messy),
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


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


def compare_paths(
    real: Path,
    synthetic: Path,
    *,
    holdout: Path | None = None,
    metadata: Path | None = None,
    target: str | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> dict[str, Any]:
    """Score one folder or file of tables against another; single tables may have other names.
    Raises Cancelled when ``cancelled()`` says so, which is asked at every column and pair."""
    with stoppable(cancelled, "The comparison was cancelled; nothing was kept."):
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
    tables = _bundle_rows(path) if (path / "manifest.json").is_file() else read(path)
    if len(tables) == 1 and len(schema.tables) == 1:
        tables = {schema.tables[0].name: next(iter(tables.values()))}
    present = tuple(_loose(schema[name]) for name in schema.names if name in tables)
    mine = replace(schema, tables=present)
    return tables_of(mine, typed(tables, mine))


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
