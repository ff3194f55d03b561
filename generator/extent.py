"""How many rows of an extract a table stands for, where not all of them were kept."""

from __future__ import annotations

import pyarrow as pa

_OF = "of"  # in the metadata of the table's schema


def standing_for(rows: int, table: pa.Table) -> pa.Table:
    """The table as a sample of ``rows`` ones."""
    return table.replace_schema_metadata({**(table.schema.metadata or {}), _OF: str(rows)})


def rows_of(table: pa.Table) -> int:
    """The rows that the table stands for: its own, unless it is a sample."""
    return int((table.schema.metadata or {}).get(_OF.encode(), table.num_rows))


def bare(table: pa.Table) -> pa.Table:
    """The table as its own rows alone, whatever it stands for."""
    return table.replace_schema_metadata(None)
