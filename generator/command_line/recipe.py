"""A recipe out of options, and of the file they may build on."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import generator
from generator.document import load
from generator.errors import RequestError, shown


def recipe_options(parser: argparse.ArgumentParser) -> None:
    """What a bundle is to hold."""
    parser.add_argument("--profile", help="automotive, or a .profile file")
    parser.add_argument("--recipe", type=Path, metavar="FILE", help="a recipe as JSON")
    parser.add_argument("--domains", help="comma-separated; default: all")
    parser.add_argument(
        "--keys-only",
        action="store_true",
        help="leave out the tables that those asked for point at; only their keys remain",
    )
    parser.add_argument("--rows", action="append", default=[], metavar="TABLE=N")
    parser.add_argument("--scale", type=_factor, help="multiply the counts nobody typed")
    parser.add_argument("--from", dest="start", metavar="DATE")
    parser.add_argument("--to", dest="stop", metavar="DATE")
    parser.add_argument("--as-of", metavar="DATE")
    parser.add_argument("--increment", action="append", default=[], metavar="DATE")
    parser.add_argument("--seed")
    parser.add_argument("--set", action="append", default=[], metavar="TARGET=VALUE")
    parser.add_argument("--where", action="append", default=[], metavar="TABLE: EXPRESSION=N")
    parser.add_argument("--share", action="append", default=[], metavar="TABLE.COLUMN: LABEL=SHARE")
    parser.add_argument(
        "--moves",
        action="append",
        default=[],
        metavar="TABLE.COLUMN",
        help="of a fitted profile: moments that move to the span; default: all but births",
    )
    parser.add_argument("--format", action="append", default=[], metavar="F")
    parser.add_argument("--scenario", action="append", default=[], metavar="NAME=N")
    parser.add_argument("--messy", action="append", default=[], metavar="NAME=RATE")


def _factor(text: str) -> float:
    """A number in ASCII digits: Python's own reading takes 1_0, nan and other scripts' digits."""
    if not re.fullmatch(r"-?(\d{1,9}(\.\d{0,18})?|\.\d{1,18})([eE]-?\d{1,2})?", text, re.ASCII):
        raise argparse.ArgumentTypeError(f"“{shown(text)}” is not a number")
    return float(text)


def planned(options: argparse.Namespace) -> tuple[generator.Profile, generator.Plan]:
    recipe, profile = _recipe(options)
    plan = generator.plan(profile, recipe)
    if options.scale is not None:
        plan = generator.plan(profile, _scaled(recipe, plan, options.scale))
    return profile, plan


def _recipe(options: argparse.Namespace) -> tuple[generator.Recipe, generator.Profile]:
    document = _recipe_file(options.recipe) if options.recipe else {}
    named = {
        "profile": options.profile,
        "from": options.start,
        "to": options.stop,
        "as_of": options.as_of,
        "seed": options.seed,
    }
    for name, value in named.items():
        if value == "":
            raise RequestError(
                f"--{name.replace('_', '-')} is empty; give a value or leave it out."
            )
        if value is not None:
            document[name] = value
    if options.keys_only:
        document["references"] = "keys"
    if options.rows:
        document["rows"] = {**document.get("rows", {}), **_rows(options.rows)}
    _ask(options, document)
    recipe = generator.Recipe.from_dict(document)
    profile = generator.open_profile(recipe.profile)
    if options.domains is not None:
        document["tables"] = _domain_tables(profile, options.domains.split(","))
        recipe = generator.Recipe.from_dict(document)
    return recipe, profile


def _ask(options: argparse.Namespace, document: dict[str, Any]) -> None:
    """Put what options ask for by name into a recipe."""
    if options.scenario:
        asked = _pairs(options.scenario, "--scenario", "NAME=N, for example duplicate_lead=5")
        document["scenarios"] = {**document.get("scenarios", {}), **asked}
    if options.messy:
        asked = _pairs(options.messy, "--messy", "NAME=RATE, for example name_typos=0.02")
        document["messy"] = {**document.get("messy", {}), **asked}
    if options.set:
        form = "TARGET=VALUE, for example electric_share=0.2"
        asked = _pairs(options.set, "--set", form, each="each target one value")
        document["set"] = {**document.get("set", {}), **asked}
    for name, entries in (("where", options.where), ("shares", options.share)):
        if entries:
            document[name] = {**document.get(name, {}), **_of_tables(name, entries)}
    if options.moves:
        document["moves"] = options.moves
    if options.increment:
        document["increments"] = options.increment
    if options.format:
        document["formats"] = [f for entry in options.format for f in entry.split(",")]


def _recipe_file(path: Path) -> dict[str, Any]:
    """A recipe that is in order by itself, as it stands in its file."""
    named = f"The recipe “{shown(str(path))}”"
    try:
        document = load(path)
    except OSError as problem:
        raise RequestError(f"{named} cannot be read ({problem.strerror}).") from problem
    except ValueError as problem:
        raise RequestError(f"{named} is not JSON ({problem}).") from problem
    if not isinstance(document, dict):
        raise RequestError(f"{named} must be one JSON object.")
    generator.Recipe.from_dict(document)
    if document.get("formats") == []:
        raise RequestError(
            f"“formats” is empty; choose from {', '.join(generator.FORMATS)}, or leave it out."
        )
    return document


def _rows(entries: Sequence[str]) -> dict[str, str]:
    return _pairs(entries, "--rows", "TABLE=N, for example deal=500", each="each table one count")


def _of_tables(name: str, entries: Sequence[str]) -> dict[str, dict[str, str]]:
    """What options ask by table or column: “cars: price < 20000=500”."""
    option, form = {
        "where": ("--where", "TABLE: EXPRESSION=N, for example cars: price < 20000=500"),
        "shares": ("--share", "TABLE.COLUMN: LABEL=SHARE, for example cars.body: SUV=0.5"),
    }[name]
    asked: dict[str, dict[str, str]] = {}
    for entry in entries:
        table, mark, rest = entry.partition(": ")
        what, equals, number = rest.rpartition("=")
        if not (mark and equals and table.strip() and what.strip() and number.strip()):
            raise RequestError(f"{option} is “{shown(entry)}”; write {form}.")
        asked.setdefault(table.strip(), {})[what.strip()] = number.strip()
    return asked


def _pairs(
    entries: Sequence[str], option: str, form: str, *, each: str = "each name one number"
) -> dict[str, str]:
    """What an option gives by name."""
    pairs: dict[str, str] = {}
    for entry in entries:
        name, mark, count = entry.partition("=")
        if not mark or not name or not count.strip():
            raise RequestError(f"{option} is “{shown(entry)}”; write {form}.")
        if name in pairs:
            raise RequestError(
                f"{option} gives {shown(name)} twice ({shown(pairs[name])} and {shown(count)}); "
                f"give {each}."
            )
        pairs[name] = count
    return pairs


def _domain_tables(profile: generator.Profile, names: Sequence[str]) -> list[str]:
    for name in names:
        if name not in profile.schema.domains:
            raise RequestError(
                f"The profile {profile.name} has no domain “{shown(name)}”; it has "
                f"{', '.join(profile.schema.domains)}."
            )
    return [table.name for table in profile.schema if table.domain in names]


def _scaled(recipe: generator.Recipe, plan: generator.Plan, scale: float) -> generator.Recipe:
    """The tables that the world scales times ``scale``; everything else follows from them."""
    if not 0 < scale <= 1e6:
        raise RequestError(f"--scale is {scale}; it must lie above 0 and at most 1,000,000.")
    roots = [name for name in plan.world.get("scaled", ()) if plan.count(name)]
    roots = roots or [count.table for count in plan.counts]
    rows = {name: max(1, round(plan.count(name) * scale)) for name in roots}
    return generator.Recipe.from_dict({**recipe.to_dict(), "rows": {**rows, **recipe.rows}})
