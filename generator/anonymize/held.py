"""How a personal column is replaced, which its kind decides together with its class."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

import pyarrow as pa

from generator.anonymize.column import Column, distinct
from generator.forms import form_of
from generator.personal import Finding, Findings
from generator.schema import Column as Declared
from generator.schema import Kind, Schema

AMOUNT, FORMED, ANSWER = "amount", "formed amount", "answer"  # of no class of their own
_DAYS = (Kind.DATE, Kind.TIMESTAMP)
_NUMBERS = (Kind.INTEGER, Kind.DECIMAL, Kind.FLOAT)
_DIGITS = {  # classes whose tokens are digits where the values are
    *("phone", "card_number", "bank_account", "ssn_tax_id", "vin", "device_id", "passport"),
    *("licence_number", "licence_plate", "postal_code"),
}


def held(tables: Mapping[str, pa.Table], schema: Schema, findings: Findings) -> Findings:
    """The findings by how their values are replaced: days of any class are moved, as dates of
    birth are; numbers and answers of a class that has no tokens of digits get others; years and
    months of birth are drawn of those that there are."""
    joins = set(_joins(schema))
    columns = (
        replace(one, word=_word(tables, schema[one.table].column(one.column), one, joins))
        if one.personal
        else one
        for one in findings
    )
    return replace(findings, columns=tuple(columns))


def _joins(schema: Schema) -> Iterator[tuple[str, str]]:
    """Columns whose values tell rows apart, or lead to such."""
    for table in schema:
        yield from ((table.name, column.name) for column in table.columns if column.unique)
        yield from ((table.name, name) for name in table.key_columns)
        for link in table.links:
            yield from ((table.name, name) for name in link.columns)
            yield from ((link.parent, name) for name in link.parent_columns)


def _word(
    tables: Mapping[str, pa.Table],
    column: Declared,
    one: Finding,
    joins: Collection[tuple[str, str]],
) -> str:
    if column.kind in _DAYS:
        return "dob"
    if column.kind is Kind.BOOLEAN or (one.word == "dob" and column.kind in _NUMBERS):
        return ANSWER  # a year, a month: other digits would be none
    if column.kind in _NUMBERS:
        placed = one.word == "geolocation" and column.kind is not Kind.INTEGER
        whole = one.word in _DIGITS and column.kind is Kind.INTEGER
        if placed or whole:
            return one.word
        numbered = column.kind is Kind.INTEGER and (one.table, one.column) in joins
        return "personal" if numbered else AMOUNT
    if one.word == "dob":
        return one.word
    if not column.form:
        return ANSWER if _answers(tables, column, one) else one.word
    told = one.word in _DIGITS or (one.table, one.column) in joins
    if told and set(column.form) == {"0"}:
        return one.word
    reading = form_of(_texts(tables, one))
    return "dob" if reading is not None and reading.form.moment else FORMED


def _answers(tables: Mapping[str, pa.Table], column: Declared, one: Finding) -> bool:
    """Yes or no in some words: tokens would tell by how many have which."""
    said = one.word == "personal" and column.kind is Kind.ENUM
    return said and len(_texts(tables, one)) <= 2


def _texts(tables: Mapping[str, pa.Table], one: Finding) -> list[str]:
    return distinct(tables, Column(one.table, one.column, one.word))
