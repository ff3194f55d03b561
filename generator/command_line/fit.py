"""``fit``: learn a profile from an extract."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import generator
from generator.command_line.files import check_target
from generator.command_line.terminal import DONE, ShareBar, say
from generator.errors import shown

if TYPE_CHECKING:
    import pyarrow as pa

MOST_UNITS = 3  # columns that may say whose a row is that are named


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "path",
        metavar="PATH",
        help="a file, a folder of them, or a database (postgresql://USER@HOST/NAME, mysql://…)",
    )
    parser.add_argument(
        "--metadata", type=Path, help="SDV metadata, Frictionless datapackage, or schema in SQL"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="NAME.profile")
    parser.add_argument("--seed", default="0")
    parser.add_argument("--onto", default="", metavar="automotive", help="a profile to calibrate")
    parser.add_argument(
        "--leave-out", action="append", default=[], metavar="TABLE.COLUMN", help="not to be learnt"
    )
    parser.add_argument("--kind", action="append", default=[], metavar="TABLE.COLUMN=KIND")
    parser.add_argument(
        "--no-rule",
        action="append",
        default=[],
        metavar="TABLE: RULE",
        help="a rule that all rows keep, as it is listed, that is not to be kept",
    )
    parser.add_argument("--epsilon", type=float, help="the budget of a private fit")
    parser.add_argument("--delta", type=float, default=1e-9, help="with --epsilon; 1e-9")
    parser.add_argument(
        "--declared",
        type=Path,
        metavar="FILE",
        help="Frictionless data package: types, categories, bounds, declared before a private fit",
    )
    parser.add_argument(
        "--unit",
        default="",
        metavar="TABLE.COLUMN",
        help="the column or link that tells whose a row is; without it each row counts alone",
    )
    parser.add_argument(
        "--k",
        type=int,
        default=20,
        metavar="N",
        help="persons who must share what is kept (20)",
    )
    parser.add_argument(
        "--header", choices=("yes", "no"), help="whether the first row of CSV names the columns"
    )


def run(options: argparse.Namespace) -> int:
    seed = generator.Recipe.from_dict({"seed": options.seed}).seed
    check_target("--out", options.out)
    named = None if options.header is None else options.header == "yes"
    if options.epsilon is not None:
        return run_private(options, seed, named)
    if options.declared is not None:
        raise generator.RequestError(
            "What is declared serves a private fit; name its budget (--epsilon) as well.",
            field="declared",
        )
    kinds = _kinds(options.kind)
    raw = _read(options, named)
    schema = generator.with_kinds(generator.infer(raw, options.metadata), kinds)
    for table in schema:
        say(f"{table.name}: {_rows(raw[table.name])}")
        for column in table.columns:
            say(f"  {column.name:<32} {_described(column)}")
        for line in _keys(table):
            say(f"  {line}")
    if strange := schema.not_understood:
        say(
            f"Not understood: {', '.join(strange)}. What is not understood is made anew by its "
            "shape; leave it out (--leave-out) or say what it is (--kind)."
        )
    typed = generator.typed(raw, schema)
    del raw  # what the kinds changed is in memory once
    for sentence in () if options.onto else generator.not_learnt(typed, schema):
        say(sentence)
    if not options.unit and not options.onto:
        for sentence in _whose(schema):
            say(sentence)
    if options.no_rule:
        _check_rules(generator.found_rules(typed, schema, seed=seed), options.no_rule)
    if options.onto:
        _say_matched(generator.matched(schema, options.onto))
    with ShareBar() as bar:
        profile = generator.fit(
            typed,
            schema,
            name=shown(options.out.stem, most=200),
            seed=seed,
            onto=options.onto,
            no_rules=options.no_rule,
            k=options.k,
            unit=options.unit,
            progress=bar.show,
        )
    generator.save_profile(profile, options.out)
    for line in _certified(profile.certificate or {}):
        say(line)
    say(generator.privacy_of_profile(profile)["sharing"]["sentence"])
    say(f"{options.out}: {options.out.stat().st_size:,} bytes, {profile.hash[:12]}")
    return DONE


def _whose(schema: generator.Schema) -> Iterator[str]:
    """That each row counts as a person, where columns may say whose it is."""
    likely = generator.likely_units(schema, generator.Findings())[:MOST_UNITS]
    if likely:
        named = "; ".join(f"--unit {one.column} ({one.why})" for one in likely)
        yield f"Each row counts as a person. Where several are one's, say whose they are: {named}."


def run_private(options: argparse.Namespace, seed: int, named: bool | None) -> int:
    """A fit with a budget: nothing is inferred and nothing is shown but what is declared."""
    budget = generator.Budget(options.epsilon, options.delta, options.unit or "row")
    if options.declared is None:
        raise generator.RequestError(
            "A fit with epsilon looks at no value before it may: declare types, categories and "
            "bounds in a Frictionless data package (--declared FILE).",
            field="declared",
        )
    for name in ("metadata", "kind", "no_rule"):
        if getattr(options, name):
            raise generator.RequestError(
                f"--{name.replace('_', '-')} does not go with --epsilon; say what it says in the "
                "declaration.",
                field=name,
            )
    declared = generator.read_declared(options.declared)
    raw = _read(options, named)
    fit = generator.fit_private
    if options.onto:
        _say_matched(generator.matched(declared.schema, options.onto))
        fit = partial(generator.fit_private_onto, onto=options.onto)
    with ShareBar() as bar:
        profile = fit(
            raw,
            declared,
            budget,
            name=shown(options.out.stem, most=200),
            seed=seed,
            progress=bar.show,
        )
    generator.save_profile(profile, options.out)
    for line in _spent(profile.ledger or {}):
        say(line)
    say(f"{options.out}: {options.out.stat().st_size:,} bytes, {profile.hash[:12]}")
    return DONE


def _spent(ledger: Mapping[str, Any]) -> Iterator[str]:
    """What a private fit promises and what it asked."""
    looks, spent = ledger["looks"], ledger["spent"]
    yield (
        f"private: epsilon {spent['epsilon']:.4g} of {ledger['epsilon']:g} at delta "
        f"{ledger['delta']:g}, neighbours: {ledger['neighbours']}"
    )
    counts = [look for look in looks if look["way"] == "counts"]
    yield (
        f"ledger: {len(looks)} looks (rho {spent['rho']:.4g}), {len(counts)} of them counts with "
        f"Gaussian noise, {len(looks) - len(counts)} choices"
    )
    yield "No figure was held against real rows: that would have to be paid for as well."


def _rows(table: pa.Table) -> str:
    rows = generator.rows_of(table)
    fewer = f", of which {table.num_rows:,} are learnt" if rows > table.num_rows else ""
    return f"{rows:,} rows{fewer}"


def _read(options: argparse.Namespace, named: bool | None) -> dict[str, pa.Table]:
    if generator.is_database(options.path):
        return generator.read_database(options.path, left_out=options.leave_out)
    with ShareBar() as bar:
        return generator.read(
            Path(options.path),
            header=named,
            left_out=options.leave_out,
            progress=lambda share: bar.show("reading", share),
        )


def _kinds(asked: list[str]) -> dict[str, str]:
    """Kinds by column, of TABLE.COLUMN=KIND; a column's name may hold an equals sign itself."""
    parts = [entry.rpartition("=") for entry in asked]
    for entry, (column, _, kind) in zip(asked, parts, strict=True):
        if not column or not kind:
            raise generator.RequestError(
                f"“{shown(entry)}” is no kind of a column; write --kind TABLE.COLUMN=KIND.",
                field="kind",
            )
    return {column: kind for column, _, kind in parts}


def _check_rules(found: list[str], left_out: list[str]) -> None:
    """What is left out is a rule."""
    for name in left_out:
        if name not in found:
            raise generator.RequestError(
                f"“{shown(name)}” is no rule that all rows keep; leave out one of those listed: "
                f"{shown('; '.join(found) or 'there is none', most=400)}.",
                field="no_rules",
            )


def _say_matched(found: generator.Match) -> None:
    for table, target in found.tables.items():
        columns = len(found.schema[target].columns)
        say(f"{table} is the platform's {target}: {columns} of its columns are used.")
    for sentence in found.said:
        say(sentence)


def _described(column: generator.Column) -> str:
    missing = " or missing" if column.nullable else ""
    said = [f"{column.kind.value}{missing}"]
    said += [f"written as {column.form}"] if column.form else []
    said += [f"personal: {column.personal}"] if column.personal else []
    said += [f"not understood: looks like {column.doubt}"] if column.doubt else []
    return ", ".join(said)


def _keys(table: generator.Table) -> Iterator[str]:
    """The key and the links, each with why it was inferred."""
    if table.key_columns:
        yield f"key {', '.join(table.key_columns)}. {table.reason}".strip()
    for link in table.links:
        there = ", ".join(link.parent_columns)
        once = ", one-to-one" if link.unique else ""
        yield f"{link.said} leads to {link.parent} ({there}){once}. {link.reason}".strip()


def _certified(certificate: Mapping[str, Any]) -> Iterator[str]:
    """The certificate's main figures, each beside what real rows reach."""
    scores = certificate["scores"]
    if unit := certificate.get("unit"):
        yield (
            f"kept is only what {certificate['k']} of the {certificate['persons']:,} persons share "
            f"whom {unit} tells apart"
        )
        if alone := certificate["rows_alone"]:
            yield f"no link leads to them from {', '.join(alone)}: there each row counts alone"
    if rules := certificate.get("rules"):
        yield "rules that all rows keep, and every new row will (--no-rule leaves one out):"
        yield from (f"  {rule}" for rule in rules)
    if strange := certificate.get("not_understood"):
        yield f"not understood, and so not compared: {', '.join(strange)}"
    if not scores:
        yield str(certificate["note"])
        return
    for way, title in (
        ("univariate", "columns"),
        ("bivariate", "pairs"),
        ("trivariate", "triples"),
    ):
        if scores[way]:
            found = scores[way]
            yield f"accuracy of {title}: {found['accuracy']:.4f}, ceiling {found['ceiling']:.4f}"
    for table, told in scores["detection"].items():
        copied, member = scores["copies"][table], scores["membership"][table]
        if told["auc"] and copied and member:
            share = copied["dcr_share"]
            near = "" if share is None else f"DCR share {share:.3f}, "
            yield (
                f"{table}: detection AUC {told['auc']:.3f} against unseen rows, {near}"
                f"membership AUC {member['auc']:.3f} (0.5 is ideal)"
            )
