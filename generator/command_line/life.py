"""``life``: tell the life of a car or a customer."""

from __future__ import annotations

import argparse
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import generator
from generator.command_line.terminal import DONE, say


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, metavar="DIR")
    whose = parser.add_mutually_exclusive_group()
    whose.add_argument("--vehicle", action=_Whose, metavar="KEY|VIN")
    whose.add_argument("--customer", action=_Whose, metavar="KEY")
    parser.add_argument("--json", action="store_true", help="print the life as JSON")
    parser.set_defaults(whose=None)


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


def run(options: argparse.Namespace) -> int:
    if options.whose is None:
        for found in generator.suggested_lives(options.folder):
            say(f"--{found.life} {found.key:<16} {found.name}: {found.says}")
        return DONE
    told = generator.life(options.folder, *options.whose)
    if options.json:
        say(json.dumps(generator.life_document(told), indent=1, ensure_ascii=False))
        return DONE
    say(f"{told.key}: {told.name}, as of {told.as_of}")
    for entry in told.entries:
        at = entry.local or entry.at
        moment = f"{at:%Y-%m-%d %H:%M}" if isinstance(at, datetime) else f"{at}"
        say(f"{moment:<16}  {'(ahead) ' if entry.ahead else ''}{entry.says}  [{entry.key}]")
    for note in told.notes:
        say(note)
    return DONE
