"""What one property is made of, as a shape says it in a word or two.

===========================  =====================================================
``first_name``               the text of a column; absent where it is missing
``vehicle_key.vin``          of the row that a column links to
``'USD'``                    always this
``{invoice_key}-T``          texts put together; absent where one of them is missing
``a ?? b``                   the first of them that is there
``age | number``             then changed: ``number`` (no quotes), ``text`` (in quotes, true
                             and false too), ``moment`` (a day as its first moment),
                             ``after`` (a day as the moment when it is over), ``day`` (of a
                             moment), ``cut 50`` (at most so many letters), ``least 5``
                             (absent when shorter), ``words NAME`` (other words, or absent),
                             ``minus``
===========================  =====================================================
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_PLAIN = ("number", "text", "moment", "after", "day", "minus")
_CHANGES = dict.fromkeys(_PLAIN, 0) | {"cut": 1, "least": 1, "words": 1}  # and their arguments
_PATH = re.compile(r"[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)*")
_FIELD = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True)
class Change:
    """One change of a text, with the number or the words it needs."""

    name: str
    most: int = 0
    words: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Leaf:
    """``pieces`` are constants and paths in turn: constant, path, constant, path … constant."""

    pieces: tuple[str, ...]
    changes: tuple[Change, ...] = ()
    otherwise: Leaf | None = None

    @property
    def constant(self) -> bool:
        return len(self.pieces) == 1 and self.otherwise is None

    def paths(self) -> Iterator[str]:
        yield from self.pieces[1::2]
        if self.otherwise:
            yield from self.otherwise.paths()


def leaf(text: str, words: Mapping[str, Mapping[str, str]]) -> Leaf:
    """Raises ValueError for what is none."""
    first, mark, rest = text.partition("??")
    otherwise = leaf(rest, words) if mark else None
    what, *changes = (part.strip() for part in first.split("|"))
    return Leaf(_pieces(what), tuple(_change(change, words) for change in changes), otherwise)


def _pieces(what: str) -> tuple[str, ...]:
    if len(what) > 1 and what[0] == what[-1] == "'":
        return (what[1:-1],)
    pieces = tuple(_FIELD.split(what)) if "{" in what else ("", what, "")
    for path in pieces[1::2]:
        if not _PATH.fullmatch(path):
            raise ValueError(f"“{path}” is no path of a column")
    return pieces


def _change(text: str, words: Mapping[str, Mapping[str, str]]) -> Change:
    name, *arguments = text.split()
    if _CHANGES.get(name) != len(arguments):
        raise ValueError(f"“{text}” is no change of a text")
    if name == "words":
        return Change(name, words=words[arguments[0]])
    return Change(name, most=int(arguments[0]) if arguments else 0)
