"""The command line: fit, sample, plan, validate, compare, life.

Exit codes: 0 done, 1 the data broke a rule, 2 bad request, 3 it failed while running.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

import generator
from generator.document import load
from generator.errors import GeneratorError, RequestError, shown

DONE, BROKEN, BAD_REQUEST, FAILED = 0, 1, 2, 3


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence and how to see what is right."""

    def error(self, message: str) -> NoReturn:
        line = " ".join(shown(word) for word in message.split(" "))
        self.exit(BAD_REQUEST, f"{self.prog}: {shown(line, most=400)}; see {self.prog} --help.\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    options = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = options.command
    try:
        return command(options)
    except BrokenPipeError:
        # Whoever read the output has seen enough (`… | head`); nothing more can be said to them.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except KeyboardInterrupt:
        sys.stderr.write("Stopped; nothing half-written was kept.\n")
        return FAILED
    except Exception as problem:  # noqa: BLE001 - the process's edge: a person gets one sentence
        if options.traceback:
            traceback.print_exc()
        sys.stderr.write(f"{_sentence_of(problem)}\n")
        return BAD_REQUEST if isinstance(problem, RequestError) else FAILED


def _sentence_of(problem: Exception) -> str:
    if isinstance(problem, GeneratorError):
        return problem.sentence
    if isinstance(problem, MemoryError):
        return "The machine ran out of memory; ask for less, or use a larger one."
    what = f"{type(problem).__name__}: {shown(str(problem), most=200)}"
    return (
        f"It failed ({what}); this is a fault of the engine. Please report it; --traceback shows "
        "where it happened."
    )


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m generator", description=(__doc__ or "").partition("\n")[0])
    commands = parser.add_subparsers(required=True, metavar="command", parser_class=_Parser)
    _fit_options(commands.add_parser("fit", help="learn a profile from an extract"))
    _recipe_options(commands.add_parser("sample", help="make a bundle"), sampling=True)
    _recipe_options(
        commands.add_parser("plan", help="say what a bundle would hold"), sampling=False
    )
    validate = commands.add_parser("validate", help="check the rules of a bundle")
    validate.add_argument("folder", type=Path, metavar="DIR")
    validate.add_argument("--json", action="store_true", help="print the whole result as JSON")
    validate.set_defaults(command=_validate)
    _compare_options(commands.add_parser("compare", help="compare real with synthetic tables"))
    _life_options(commands.add_parser("life", help="tell the life of a car or a customer"))
    for command in commands.choices.values():
        command.add_argument("--traceback", action="store_true", help="show where a failure arose")
    return parser


def _life_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, metavar="DIR")
    whose = parser.add_mutually_exclusive_group()
    whose.add_argument("--vehicle", action=_Whose, metavar="KEY|VIN")
    whose.add_argument("--customer", action=_Whose, metavar="KEY")
    parser.add_argument("--json", action="store_true", help="print the life as JSON")
    parser.set_defaults(command=_life, whose=None)


class _Whose(argparse.Action):
    """The kind of life, as the option is called, and its key."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        del parser
        namespace.whose = ((option_string or "").lstrip("-"), values)


def _fit_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", type=Path, metavar="PATH", help="a file, or a folder of them")
    parser.add_argument("--metadata", type=Path, help="SDV metadata or Frictionless datapackage")
    parser.add_argument("--out", type=Path, required=True, metavar="NAME.profile")
    parser.add_argument("--seed", default="0")
    parser.add_argument("--onto", default="", metavar="automotive", help="a profile to calibrate")
    parser.add_argument(
        "--leave-out", action="append", default=[], metavar="TABLE.COLUMN", help="not to be learnt"
    )
    parser.add_argument("--kind", action="append", default=[], metavar="TABLE.COLUMN=KIND")
    parser.add_argument(
        "--header", choices=("yes", "no"), help="whether the first row of CSV names the columns"
    )
    parser.set_defaults(command=_fit)


def _recipe_options(parser: argparse.ArgumentParser, *, sampling: bool) -> None:
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
    parser.add_argument("--format", action="append", default=[], metavar="F")
    parser.add_argument("--scenario", action="append", default=[], metavar="NAME=N")
    parser.add_argument("--messy", action="append", default=[], metavar="NAME=RATE")
    if sampling:
        parser.add_argument("--out", type=Path, required=True, metavar="DIR")
        parser.add_argument("--workers", type=_count, default=1, metavar="N")
        parser.add_argument("--progress", choices=("bar", "json", "none"), default="bar")
        parser.set_defaults(command=_sample)
    else:
        parser.add_argument("--json", action="store_true")
        parser.set_defaults(command=_plan)


def _factor(text: str) -> float:
    """A number in ASCII digits: Python's own reading takes 1_0, nan and other scripts' digits."""
    if not re.fullmatch(r"-?(\d{1,9}(\.\d{0,18})?|\.\d{1,18})([eE]-?\d{1,2})?", text, re.ASCII):
        raise argparse.ArgumentTypeError(f"“{shown(text)}” is not a number")
    return float(text)


def _count(text: str) -> int:
    if not re.fullmatch(r"-?\d{1,9}", text, re.ASCII):
        raise argparse.ArgumentTypeError(f"“{shown(text)}” is not a whole number")
    return int(text)


def _compare_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--real", type=Path, required=True, metavar="PATH")
    parser.add_argument("--synthetic", type=Path, required=True, metavar="PATH")
    parser.add_argument("--holdout", type=Path, metavar="PATH")
    parser.add_argument("--metadata", type=Path, metavar="FILE")
    parser.add_argument("--target", help="a column to predict, for usefulness")
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--html", type=Path, metavar="FILE")
    parser.set_defaults(command=_compare)


def _fit(options: argparse.Namespace) -> int:
    seed = generator.Recipe.from_dict({"seed": options.seed}).seed
    _check_target("--out", options.out)
    named = None if options.header is None else options.header == "yes"
    kinds = _kinds(options.kind)
    raw = generator.read(options.path, header=named, left_out=options.leave_out)
    schema = generator.with_kinds(generator.infer(raw, options.metadata), kinds)
    for table in schema:
        _say(f"{table.name}: {raw[table.name].num_rows:,} rows")
        for column in table.columns:
            _say(f"  {column.name:<32} {_described(column)}")
    if strange := schema.not_understood:
        _say(
            f"Not understood: {', '.join(strange)}. What is not understood is made anew by its "
            "shape; leave it out (--leave-out) or say what it is (--kind)."
        )
    if options.onto:
        _say_matched(generator.matched(schema, options.onto))
    with _Share() as bar:
        profile = generator.fit(
            generator.typed(raw, schema),
            schema,
            name=shown(options.out.stem, most=200),
            seed=seed,
            onto=options.onto,
            progress=bar.show,
        )
    generator.save_profile(profile, options.out)
    for line in _certified(profile.certificate or {}):
        _say(line)
    _say(f"{options.out}: {options.out.stat().st_size:,} bytes, {profile.hash[:12]}")
    return DONE


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


def _say_matched(found: generator.Match) -> None:
    for table, target in found.tables.items():
        columns = len(found.schema[target].columns)
        _say(f"{table} is the platform's {target}: {columns} of its columns are used.")
    for sentence in found.said:
        _say(sentence)


def _described(column: generator.Column) -> str:
    missing = " or missing" if column.nullable else ""
    said = [f"{column.kind.value}{missing}"]
    said += [f"written as {column.form}"] if column.form else []
    said += [f"personal: {column.personal}"] if column.personal else []
    said += [f"not understood: looks like {column.doubt}"] if column.doubt else []
    return ", ".join(said)


def _certified(certificate: Mapping[str, Any]) -> Iterator[str]:
    """The certificate's main figures, each beside what real rows reach."""
    scores = certificate["scores"]
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
            yield (
                f"{table}: detection AUC {told['auc']:.3f}, DCR share {copied['dcr_share']:.3f}, "
                f"membership AUC {member['auc']:.3f} (0.5 is ideal)"
            )


def _sample(options: argparse.Namespace) -> int:
    profile, plan = _planned(options)
    if options.workers < 1:
        raise RequestError(f"--workers is {options.workers}; it must be 1 or more.")
    with _Bar(options.progress) as bar:
        manifest = generator.sample(
            profile,
            plan,
            options.out,
            workers=options.workers,
            memory=generator.free_memory(),
            progress=bar.show,
        )
    made = manifest["rows"]
    _say(f"{options.out}: {sum(made.values()):,} rows in {len(made)} tables")
    for file in manifest["files"]:
        if file["rows"]:
            _say(f"  {file['path']:<40} {file['rows']:>12,} rows {file['bytes']:>14,} bytes")
    return DONE


def _plan(options: argparse.Namespace) -> int:
    _, plan = _planned(options)
    if options.json:
        _say(json.dumps(_plan_document(plan), indent=1, ensure_ascii=False))
        return DONE
    for count in plan.counts:
        rows = f"{'about ' if count.estimated else ''}{count.rows:,}"
        _say(f"{count.table:<28} {rows:>20}  {'as asked' if count.asked else count.why}")
    for note in plan.notes:
        _say(f"Note: {note}")
    _say(
        f"{plan.rows:,} rows, about {plan.bytes_estimate / 1e6:,.1f} MB and "
        f"{plan.seconds_estimate:,.0f} s, {len(plan.shards)} shards"
    )
    _say(
        f"about {plan.memory_estimate() / 1e6:,.0f} MB of memory, and "
        f"{plan.memory_worker / 1e6:,.0f} MB for each further worker"
    )
    return DONE


def _plan_document(plan: generator.Plan) -> dict[str, Any]:
    return {
        "recipe": plan.recipe.to_dict(),
        "counts": [asdict(count) for count in plan.counts],
        "notes": list(plan.notes),
        "rows": plan.rows,
        "shards": len(plan.shards),
        "bytes_estimate": plan.bytes_estimate,
        "seconds_estimate": plan.seconds_estimate,
        "memory_estimate": plan.memory_estimate(),
        "memory_worker": plan.memory_worker,
    }


def _validate(options: argparse.Namespace) -> int:
    result = generator.validate_folder(options.folder)
    if options.json:
        _say(json.dumps(result, indent=1, ensure_ascii=False))
    else:
        for rule in result["rules"]:
            if rule["checked"] and rule["on_purpose"]:
                _say(f"{rule['id']} {rule['table']}: {rule['reason']}")
            elif rule["checked"] and rule["broken"]:
                _say(_said_of(rule))
        _say(
            f"{result['passed']} of {result['total']} rules hold; "
            f"{result['links']['orphans']:,} orphans of {result['links']['checked']:,} links"
        )
    return DONE if result["ok"] else BROKEN


def _life(options: argparse.Namespace) -> int:
    if options.whose is None:
        for found in generator.suggested_lives(options.folder):
            _say(f"--{found.life} {found.key:<16} {found.name}: {found.says}")
        return DONE
    told = generator.life(options.folder, *options.whose)
    if options.json:
        _say(json.dumps(generator.life_document(told), indent=1, ensure_ascii=False))
        return DONE
    _say(f"{told.key}: {told.name}, as of {told.as_of}")
    for entry in told.entries:
        at = entry.local or entry.at
        moment = f"{at:%Y-%m-%d %H:%M}" if isinstance(at, datetime) else f"{at}"
        _say(f"{moment:<16}  {'(ahead) ' if entry.ahead else ''}{entry.says}  [{entry.key}]")
    for note in told.notes:
        _say(note)
    return DONE


def _said_of(rule: dict[str, Any]) -> str:
    """A broken rule in a line, its rows counted from 1; a target that a recipe may contradict is
    no fault of the data."""
    rows = ", ".join(f"{row + 1:,}" for row in rule["examples"])
    verb = "break" if rule["level"] == "error" else "do not reach the target"
    return (
        f"{rule['id']} {rule['table']}: {rule['broken']:,} of {rule['rows']:,} rows "
        f"{verb} “{rule['text']}” (rows of the table, counted from 1: {rows})"
    )


def _compare(options: argparse.Namespace) -> int:
    for option, path in (("--json", options.json), ("--html", options.html)):
        if path is not None:
            _check_target(option, path)
    result = generator.compare_paths(
        options.real,
        options.synthetic,
        holdout=options.holdout,
        metadata=options.metadata,
        target=options.target,
    )
    if options.json:
        _write(options.json, json.dumps(result, indent=1, ensure_ascii=False) + "\n")
    if options.html:
        _write(options.html, generator.to_html(result))
    _say(generator.to_text(result))
    return DONE


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as problem:
        raise RequestError(
            f"“{shown(str(path))}” cannot be written ({problem.strerror})."
        ) from problem


def _check_target(option: str, path: Path) -> None:
    """See that a file can be written to ``path`` before the work for it begins.

    Raises RequestError; leaves what is there as it is.
    """
    named = f"{option} is “{shown(str(path))}”"
    try:
        if path.is_dir():
            raise RequestError(f"{named}, which is a folder; name a file.")
        if not path.parent.is_dir():
            raise RequestError(f"{named}, but there is no such folder; make it, or name another.")
        _try_to_write(path)
    except (OSError, ValueError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else problem
        raise RequestError(f"{named}, which cannot be written ({reason}).") from problem


def _try_to_write(path: Path) -> None:
    """Open what is there, or make a file beside it and take it away again.  Raises OSError."""
    if path.exists():
        if not path.is_file():  # a pipe or a device: opening it would be felt
            return
        path.open("ab").close()
    beside = path.with_name(f".{path.name}.partial")
    if not beside.exists():
        beside.touch(exist_ok=False)
        beside.unlink()


def _planned(options: argparse.Namespace) -> tuple[generator.Profile, generator.Plan]:
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
    if options.increment:
        document["increments"] = options.increment
    if options.format:
        document["formats"] = [f for entry in options.format for f in entry.split(",")]
    recipe = generator.Recipe.from_dict(document)
    profile = generator.open_profile(recipe.profile)
    if options.domains is not None:
        document["tables"] = _domain_tables(profile, options.domains.split(","))
        recipe = generator.Recipe.from_dict(document)
    return recipe, profile


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


class _Share:
    """Progress of a fit as a share, on a terminal."""

    def __enter__(self) -> _Share:
        from tqdm import tqdm

        quiet = not sys.stderr.isatty()
        form = "{l_bar}{bar}| {elapsed} of about {remaining} more"
        self.bar = tqdm(total=1.0, disable=quiet, leave=False, bar_format=form)
        return self

    def __exit__(self, *_: object) -> None:
        self.bar.close()

    def show(self, what: str, share: float) -> None:
        self.bar.set_description(what, refresh=False)
        self.bar.update(max(share - self.bar.n, 0.0))


class _Bar:
    """Progress as a bar on a terminal, as JSON lines, or not at all."""

    def __init__(self, style: str) -> None:
        self.style = style
        self.bar: Any = None

    def __enter__(self) -> _Bar:
        if self.style == "bar":
            from tqdm import tqdm

            quiet = not sys.stderr.isatty()
            self.bar = tqdm(unit=" rows", unit_scale=True, disable=quiet, leave=False)
        return self

    def __exit__(self, *_: object) -> None:
        if self.bar is not None:
            self.bar.close()

    def show(self, progress: generator.Progress) -> None:
        if self.style == "json":
            sys.stderr.write(json.dumps(asdict(progress)) + "\n")
        elif self.bar is not None:
            self.bar.total = progress.rows_total
            self.bar.set_description(f"{progress.stage} {progress.table}".strip(), refresh=False)
            self.bar.update(progress.rows_done - self.bar.n)


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    # Asked to end it cleans up, as at Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(main())
