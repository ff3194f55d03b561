"""Every figure the built-in profile is compared with can be measured on the platform's tables."""

import tomllib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

import generator
from generator.compare.labels import calendar_of
from generator.compare.references import measure
from generator.domains import PLATFORM
from generator.expressions import Expression
from generator.frame import arrow_column
from generator.profile import Reference, Source
from generator.schema import Kind, Schema
from generator.summary import tables_of

ENGINE = Path(generator.__file__).parent
ROWS = 60
DOCUMENTS = {
    path.name: tomllib.loads(path.read_text("utf-8"))
    for path in sorted((ENGINE / "profiles" / "automotive").glob("*.toml"))
}
REFERENCES = [
    pytest.param(Reference(**entry), id=f"{name[:-5]}-{entry['id']}")
    for name, document in DOCUMENTS.items()
    for entry in document.get("reference", ())
]
PARTS = ("title", "publisher", "year", "url")
SOURCES = [
    Source(name, *(str(entry.get(part, "")) for part in PARTS))
    for document in DOCUMENTS.values()
    for name, entry in document.get("sources", {}).items()
]


def declared():
    return (declaration.table for declaration in PLATFORM.tables)


def any_values(table, column):
    """Values of the column's kind; every link leads to the row of the same number."""
    number = np.arange(ROWS)
    link = table.link(column.name)
    if link or column.name == table.key:
        return pa.array([f"{(link.parent if link else table.name)}-{n}" for n in number])
    match column.kind:
        case Kind.ENUM:
            return pa.array([column.values[n % len(column.values)] for n in number])
        case Kind.TEXT:
            return pa.array([f"text {n % 7}" for n in number])
        case Kind.BOOLEAN:
            return pa.array(number % 3 == 0)
        case Kind.TIMESTAMP:
            values = np.datetime64("2025-01-01", "ms") + number * 86_400_000 * 5
        case Kind.DATE:
            values = np.datetime64("2025-01-01", "D") + number * 5
        case Kind.FLOAT:
            values = number / 7
        case _:
            values = 1 + number * 17 % 61
    return arrow_column(column, values, None)


@pytest.fixture(scope="module")
def tables():
    schema = Schema(tuple(declared()))
    made = {
        table.name: pa.table(
            [any_values(table, column) for column in table.columns], names=table.column_names
        )
        for table in schema
    }
    return tables_of(schema, made)


@pytest.mark.parametrize("reference", REFERENCES)
def test_a_reference_can_be_measured(tables, reference):
    if reference.where:
        where = reference.where.replace("{as_of}", "2025-12-31")
        chosen = Expression(where).evaluate(tables, reference.table)
        assert chosen.dtype == bool
    of_all = reference.other.partition(":")[0]
    everywhere = replace(reference, where="", other=of_all)
    found = measure([everywhere], SOURCES, tables)
    if not found and reference.kind == "spearman":  # all of these rows are alike
        found = measure([replace(everywhere, kind="mean")], SOURCES, tables)
        assert Expression(of_all).evaluate(tables, reference.table).dtype.kind in "fb"
    (entry,) = found
    assert entry["rows"]
    known = entry["source"] or reference.source == "platform"
    assert known or reference.confidence == "assumption", f"no source {reference.source}"


@pytest.mark.parametrize(
    "reference", [param for param in REFERENCES if param.values[0].kind == "shares"]
)
def test_published_shares_name_what_the_column_holds(tables, reference):
    assert sum(reference.value.values()) == pytest.approx(1, abs=0.02)
    if not all(part.isidentifier() for part in reference.column.split(".")):
        return  # an expression has no list of values
    column = tables.column(reference.table, reference.column)
    if column.kind is Kind.ENUM:
        allowed = {value.casefold() for value in column.values} | {"other"}
        assert {label.casefold() for label in reference.value} <= allowed
    if column.kind in (Kind.DATE, Kind.TIMESTAMP):
        assert calendar_of(list(reference.value))
