"""``validate``: check the rules of a bundle."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import generator
from generator.command_line.terminal import BROKEN, DONE, say


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--json", action="store_true", help="print the whole result as JSON")


def run(options: argparse.Namespace) -> int:
    result = generator.validate_folder(options.folder)
    if options.json:
        say(json.dumps(result, indent=1, ensure_ascii=False))
    else:
        for rule in result["rules"]:
            if rule["checked"] and rule["on_purpose"]:
                say(f"{rule['id']} {rule['table']}: {rule['reason']}")
            elif rule["checked"] and rule["broken"]:
                say(_said_of(rule))
        say(
            f"{result['passed']} of {result['total']} rules hold; "
            f"{result['links']['orphans']:,} orphans of {result['links']['checked']:,} links"
        )
    return DONE if result["ok"] else BROKEN


def _said_of(rule: dict[str, Any]) -> str:
    """A broken rule in a line, its rows counted from 1; a target that a recipe may contradict is
    no fault of the data."""
    rows = ", ".join(f"{row + 1:,}" for row in rule["examples"])
    verb = "break" if rule["level"] == "error" else "do not reach the target"
    return (
        f"{rule['id']} {rule['table']}: {rule['broken']:,} of {rule['rows']:,} rows "
        f"{verb} “{rule['text']}” (rows of the table, counted from 1: {rows})"
    )
