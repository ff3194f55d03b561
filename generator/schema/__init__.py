"""Tables, columns and links; no statistics."""

from generator.schema.column import NESTED, Column, Kind
from generator.schema.document import MOST_COLUMNS, MOST_TOGETHER
from generator.schema.schema import MOST_TABLES, Schema
from generator.schema.table import JOIN, Link, Table

__all__ = [
    "JOIN",
    "MOST_COLUMNS",
    "MOST_TABLES",
    "MOST_TOGETHER",
    "NESTED",
    "Column",
    "Kind",
    "Link",
    "Schema",
    "Table",
]
