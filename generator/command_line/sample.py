"""``sample``: make a bundle."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import generator
from generator.command_line.recipe import planned, recipe_options
from generator.command_line.terminal import DONE, RowBar, say
from generator.errors import RequestError, shown


def options(parser: argparse.ArgumentParser) -> None:
    recipe_options(parser)
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument("--workers", type=_count, default=1, metavar="N")
    parser.add_argument("--progress", choices=("bar", "json", "none"), default="bar")


def _count(text: str) -> int:
    if not re.fullmatch(r"-?\d{1,9}", text, re.ASCII):
        raise argparse.ArgumentTypeError(f"“{shown(text)}” is not a whole number")
    return int(text)


def run(options: argparse.Namespace) -> int:
    profile, plan = planned(options)
    if options.workers < 1:
        raise RequestError(f"--workers is {options.workers}; it must be 1 or more.")
    with RowBar(options.progress) as bar:
        manifest = generator.sample(
            profile,
            plan,
            options.out,
            workers=options.workers,
            memory=generator.free_memory(),
            progress=bar.show,
        )
    made = manifest["rows"]
    say(f"{options.out}: {sum(made.values()):,} rows in {len(made)} tables")
    for file in manifest["files"]:
        if file["rows"]:
            say(f"  {file['path']:<40} {file['rows']:>12,} rows {file['bytes']:>14,} bytes")
    return DONE
