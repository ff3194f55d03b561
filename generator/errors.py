"""Everything the engine refuses or fails with.

GeneratorError                 one sentence for a person: what, where, what is allowed, what to do
├── RequestError               the request is wrong            (command line: exit 2)
│   ├── RecipeError            a field of a recipe
│   ├── PlanError              counts that cannot be met together
│   ├── ExtractError           a file somebody brought
│   ├── ProfileError           a profile document that cannot be used
│   └── BundleError            a bundle folder that cannot be read
└── RunError                   the request was fine, running it failed   (exit 3)
    ├── Cancelled              somebody asked to stop
    ├── ProcessDied            a process of the run was killed from outside; trying again may help
    └── StorageError           disk full, no permission, file gone
"""

from __future__ import annotations

import json
from typing import Any

_SHOWN = 40  # characters of a value that a message quotes


class GeneratorError(Exception):
    """One clear sentence.  ``field`` names what a form or a caller can point at."""

    def __init__(self, sentence: str, *, field: str | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.field = field


class RequestError(GeneratorError):
    """The request cannot be carried out as it stands; nothing was changed."""


class RecipeError(RequestError):
    """A field of a recipe holds a value that is not allowed."""


class PlanError(RequestError):
    """The asked counts cannot be met together.  ``field`` is ``rows.<table>``."""


class ExtractError(RequestError):
    """A file, table, column or row of an extract cannot be used."""


class ProfileError(RequestError):
    """A profile document is damaged, too new or not a profile."""


class BundleError(RequestError):
    """A bundle folder is incomplete or does not match its manifest."""


class RunError(GeneratorError):
    """Running failed though the request was fine; nothing half-written stays."""


class Cancelled(RunError):
    """Somebody asked to stop."""


class ProcessDied(RunError):
    """A process of the run was killed from outside; trying again may help."""


class StorageError(RunError):
    """The disk is full, or a file cannot be read or written."""


def shown(value: Any, *, most: int = _SHOWN) -> str:
    """A value as a message quotes it: one line of at most ``most`` characters, text as it is and
    everything else as JSON writes it (null, true, [1])."""
    text = value if isinstance(value, str) else _written(value)
    line = printable(text[:most])
    return line if len(text) <= most else line[:-1] + "…"


def printable(text: str) -> str:
    """The text in one line: a mark for each sign that is a line end, a control sign or half of
    one, as names of files may hold."""
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text)


def _written(value: Any) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, default=str)
    except (ValueError, RecursionError):  # a number of thousands of digits; nesting without end
        return "a very long number" if isinstance(value, int) else "a very long value"
