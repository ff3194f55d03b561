"""A table as its data dictionary shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import generator
from portal.templatetags.say import words


def described(table: generator.Table) -> dict[str, Any]:
    """The table with its columns, their types in words, and what they point at."""
    links = {column: link for link in reversed(table.links) for column in link.columns}
    return {
        "name": table.name,
        "meaning": table.meaning,
        "columns": [
            {
                "column": column,
                "kind": generator.kind_in_words(column),
                "key": column.name in table.key_columns,
                "link": links.get(column.name),
            }
            for column in table.columns
        ],
    }


def by_domain(
    tables: Sequence[generator.Table], titles: Mapping[str, str]
) -> list[tuple[str, list[dict[str, Any]]]]:
    """What each domain is called, and its tables."""
    return [
        (titles.get(domain) or words(domain) or "Tables", [described(table) for table in some])
        for domain, some in generator.by_domain(tables).items()
    ]
