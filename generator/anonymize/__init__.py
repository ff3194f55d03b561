"""Tokenising: a stand-in for every personal value, the same wherever the value stands.

Tokens are one-way without the key, keep the form of their values, and are never one of the
extract's own where values identify.  Names, streets and cities may repeat, as they do in life.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pyarrow as pa

from generator.anonymize import amounts, days, text
from generator.anonymize.column import Column, column_of, distinct, with_tokens, with_values
from generator.anonymize.confirmed import confirmed
from generator.anonymize.dialled import HOME, check_region
from generator.anonymize.ends import ends_of, last_signs
from generator.anonymize.held import AMOUNT, ANSWER, FORMED, held
from generator.anonymize.key import Key, Register, keys_from, register_from
from generator.anonymize.kinds import Maker
from generator.anonymize.linked import check, linked_findings
from generator.anonymize.person import person_of
from generator.anonymize.ranges import Range, ranges
from generator.personal import Findings, Span
from generator.personal.words import folded
from generator.schema import Kind, Schema
from generator.stop import ask

__all__ = [
    "HOME",
    "Key",
    "Range",
    "Register",
    "anonymize",
    "check_region",
    "confirmed",
    "keys_from",
    "linked_findings",
    "ranges",
    "register_from",
]

_KEPT = frozenset({"city", "gender"})  # nobody's alone: the same region, the same gender
_ELSEWHERE = frozenset({*_KEPT, "dob", AMOUNT, FORMED, ANSWER})  # kept, moved, or of their column
_DAYS = (Kind.DATE, Kind.TIMESTAMP)


def anonymize(
    tables: Mapping[str, pa.Table],
    schema: Schema,
    findings: Findings,
    key: Key,
    *,
    register: Register | None = None,
    unit: str = "",
    region: str = HOME,
    progress: Callable[[str, float], None] | None = None,
) -> dict[str, pa.Table]:
    """The tables, as read, with tokens in the columns that ``findings`` name.

    ``unit`` (“table.column”) is the key of persons: all days and moments of tables that hold it or
    link to it move together.  Without it dates of birth alone move, by the person that their row
    names.  ``register`` keeps what was given of small ranges, and learns it.  Telephone numbers
    without a code of their country are those of ``region`` (ISO 3166-1, two capitals).

    Raises RequestError where a finding or the unit names a column that is not there, the region is
    none, or a range is too small; Cancelled when asked to stop.
    """
    findings = linked_findings(findings, schema)
    check(findings, schema, unit)
    check_region(region)
    findings = held(tables, schema, findings)
    columns = [
        column_of(tables, one)
        for one in findings
        if (one.personal or one.word == "postal_code") and one.word not in _ELSEWHERE
    ]
    run = _Run(dict(tables), Maker(key, register or Register(), region), columns)
    words = run.words
    for at, word in enumerate(words):
        ask()
        if progress is not None:
            progress(word, at / len(words))
        run.of_texts() if word == "free_text" else run.of_class(word)
    run.of_ends(tables)
    _replace_numbers(run.made, tables, schema, findings, key, unit)
    _move_days(run.made, tables, schema, findings, key, unit)
    return run.made


@dataclass
class _Run:
    """Tables on their way: ``made`` have the tokens so far; ``said`` are tokens of what texts
    mention, by class and value."""

    made: dict[str, pa.Table]
    maker: Maker
    columns: list[Column]
    texts: dict[Column, list[str]] = field(default_factory=dict)
    spans: dict[Column, dict[str, list[Span]]] = field(default_factory=dict)
    said: dict[tuple[str, str], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.texts = {one: distinct(self.made, one) for one in self.columns}
        written = [one for one in self.columns if one.word == "free_text"]
        self.spans = {one: text.spans_of(self.texts[one]) for one in written}

    @property
    def words(self) -> list[str]:
        """All classes in an order that has texts last."""
        mentioned = {span.word for _, span in self._mentions()}
        found = ({one.word for one in self.columns} | mentioned) - {"free_text"}
        return [*sorted(found), *(["free_text"] if self.spans else [])]

    def _mentions(self) -> list[tuple[str, Span]]:
        return [
            (whole[span.start : span.stop], span)
            for found in self.spans.values()
            for whole, spans in found.items()
            for span in spans
        ]

    def of_class(self, word: str) -> None:
        """All columns of a class at once, what texts mention included: one value, one token."""
        mentioned = {value for value, span in self._mentions() if span.word == word}
        for family in (False, True):
            mine = [one for one in self.columns if one.word == word and one.family is family]
            extra = set() if family else mentioned
            if not mine and not extra:
                continue
            values = list(dict.fromkeys(value for one in mine for value in self.texts[one]))
            values += sorted(extra.difference(values))
            tokens = self.maker.tokens(word, values, family=family)
            self.said.update({(word, value): tokens[value] for value in extra})
            for one in mine:
                self.made[one.table] = with_tokens(self.made[one.table], one.name, tokens)

    def of_texts(self) -> None:
        """The same texts with every finding replaced, and the extract's own names in them."""
        names = self._names()
        for one, found in self.spans.items():
            tokens = {
                whole: text.replaced(whole, spans, self.said, names)
                for whole, spans in found.items()
            }
            self.made[one.table] = with_tokens(self.made[one.table], one.name, tokens)

    def of_ends(self, before: Mapping[str, pa.Table]) -> None:
        for name, table in before.items():
            mine = [one for one in self.columns if one.table == name]
            for short, whole in ends_of(mine, table):
                made = self.made[name]
                last = last_signs(table.column(short.name), made.column(whole.name))
                self.made[name] = with_values(made, short.name, last)

    def _names(self) -> dict[str, str]:
        """Tokens of single words that are names in columns and stand in texts."""
        whole = {value for one in self.spans for value in self.texts[one]}
        named = [one for one in self.columns if one.word == "name"]
        known = text.names_in(whole, {value for one in named for value in self.texts[one]})
        tokens: dict[str, str] = {}
        for family in (True, False):
            parts = {
                folded(part)
                for one in named
                if one.family is family
                for value in self.texts[one]
                for part in value.split()
            }
            words = [word.title() for word in sorted(known & parts)]
            made = self.maker.tokens("name", words, family=family)
            tokens.update({folded(word): token for word, token in made.items()})
        return tokens


def _replace_numbers(
    made: dict[str, pa.Table],
    tables: Mapping[str, pa.Table],
    schema: Schema,
    findings: Findings,
    key: Key,
    unit: str,
) -> None:
    """Each column for itself, as its values are no identifiers; answers by person, else by row."""
    for one in findings:
        column, table = Column(one.table, one.column, one.word), made[one.table]
        if one.word == ANSWER:
            rows = tables[one.table]
            person, _ = person_of(schema[one.table], rows, findings, unit)
            persons = pa.chunked_array([range(rows.num_rows)]) if person is None else person
            made[one.table] = amounts.with_answers(table, column, key, persons)
        elif one.word in (AMOUNT, FORMED):
            formed = one.word == FORMED
            made[one.table] = amounts.with_numbers(table, column, key, formed=formed)


def _move_days(
    made: dict[str, pa.Table],
    tables: Mapping[str, pa.Table],
    schema: Schema,
    findings: Findings,
    key: Key,
    unit: str,
) -> None:
    for table in schema:
        person, all_days = person_of(table, tables[table.name], findings, unit)
        born = {one.column for one in findings if one.table == table.name and one.word == "dob"}
        moving = [
            column.name
            for column in table.columns
            if column.name in born or (all_days and (column.kind in _DAYS or column.form))
        ]
        if person is None or not moving:
            continue
        by = days.offsets(key, person)
        for name in moving:
            moved = days.shifted(tables[table.name].column(name), by)
            made[table.name] = with_values(made[table.name], name, moved)
