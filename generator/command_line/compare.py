"""``compare``: hold synthetic tables against real ones."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import generator
from generator.command_line.files import check_target, write
from generator.command_line.terminal import DONE, ShareBar, say


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--real", type=Path, required=True, metavar="PATH")
    parser.add_argument("--synthetic", type=Path, required=True, metavar="PATH")
    parser.add_argument("--holdout", type=Path, metavar="PATH")
    parser.add_argument("--metadata", type=Path, metavar="FILE")
    parser.add_argument("--target", help="a column to predict, for usefulness")
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--html", type=Path, metavar="FILE")


def run(options: argparse.Namespace) -> int:
    for option, path in (("--json", options.json), ("--html", options.html)):
        if path is not None:
            check_target(option, path)
    with ShareBar() as bar:
        result = generator.compare_paths(
            options.real,
            options.synthetic,
            holdout=options.holdout,
            metadata=options.metadata,
            target=options.target,
            progress=bar.show,
        )
    if options.json:
        write(options.json, json.dumps(result, indent=1, ensure_ascii=False) + "\n")
    if options.html:
        write(options.html, generator.to_html(result))
    say(generator.to_text(result))
    return DONE
