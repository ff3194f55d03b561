"""Finding personal data in an extract: by name, format, check digits, content and context.

A column that could be personal is taken to be until somebody says otherwise.  Nothing that is
returned holds a value of the extract.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import pyarrow as pa

from generator.personal.content import Said, by_content
from generator.personal.context import by_context
from generator.personal.finding import CLASSES, POSSIBLE, TOGETHER, Finding, Findings, Together
from generator.personal.headers import header_words, word_of_header
from generator.personal.masked import masked
from generator.personal.prose import Span, mentions, written
from generator.personal.together import singled_out
from generator.personal.unit import Unit, likely_units
from generator.personal.view import View, view_of
from generator.schema import Column, Kind, Schema

__all__ = [
    "CLASSES",
    "POSSIBLE",
    "TOGETHER",
    "Finding",
    "Findings",
    "Span",
    "Together",
    "Unit",
    "find",
    "found_in",
    "header_words",
    "likely_units",
    "masked",
    "mentions",
    "word_of_header",
]

_SHOWN = 3  # examples
_SHORTEST = 10_000  # a number below it is no telephone, account or card number
_LEAST_FOUR = 1_000  # … but for its last four digits
_FLAG = re.compile(r"y|n|yes|no|true|false|t|f|0|1|none|ja|nein|si|oui|non", re.IGNORECASE)
_NAMED = {"city", "gender", "postal_code", "geolocation"}  # a header says so whatever the values


def find(tables: Mapping[str, pa.Table], schema: Schema) -> Findings:
    """What all tables seem to hold of people, and how many rows their combinations single out."""
    columns: list[Finding] = []
    together: list[Together] = []
    for table in schema:
        found = found_in(table.name, tables[table.name], table.columns)
        columns += found
        quasi = [one.column for one in found if one.word in TOGETHER or one.word == "dob"]
        together += singled_out(table.name, tables[table.name], quasi)
    return Findings(tuple(columns), tuple(together))


def found_in(name: str, table: pa.Table, columns: Sequence[Column]) -> list[Finding]:
    """What the columns of one table seem to hold, in the order of the columns."""
    views = {column.name: view_of(column, table.column(column.name)) for column in columns}
    told = {at: said for at, view in views.items() if (said := _said(view))}
    for look in by_context(views, told):
        at, said = look
        if said.word:
            told[at] = said
        else:
            told.pop(at, None)
    return [
        Finding(name, at, told[at].word, told[at].confidence, told[at].because, _examples(view))
        for at, view in views.items()
        if at in told
    ]


def _said(view: View) -> Said | None:
    """Name and values weighed against each other."""
    header, content = view.header, by_content(view)
    if header is None or not _holds_more(header, view):
        return content
    if content is not None and content.word == header:
        return Said(header, 0.99, f"its name, and {content.because}")
    if content is not None and content.confidence >= 0.95:
        return content
    if header == "free_text" and (content is None or content.word != "free_text"):
        noted = written(view.few) and len(view.all) >= 20
        return Said("free_text", 0.5, "its name, and notes of some words") if noted else content
    return Said(header, 0.8, "its name")


def _holds_more(word: str, view: View) -> bool:
    """Whether values are more than counts (3 telephones) or answers (has a telephone: yes)."""
    if word in _NAMED:
        return word != "postal_code" or view.column.kind is not Kind.INTEGER or view.largest > 999
    if view.column.kind is Kind.INTEGER:
        last = "last four" in header_words(view.column.name)
        return word == "dob" or view.largest >= (_LEAST_FOUR if last else _SHORTEST)
    return not view.textual or not all(_FLAG.fullmatch(text) for text in view.all)


def _examples(view: View) -> tuple[str, ...]:
    return tuple(dict.fromkeys(masked(text) for text in view.texts[:50]))[:_SHOWN]
