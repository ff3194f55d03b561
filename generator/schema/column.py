"""What a column holds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import pyarrow as pa


class Kind(StrEnum):
    """What a column holds, and how its values are kept in memory.

    ==========  =======================================================
    INTEGER     int64
    DECIMAL     int64, scaled by 10**scale (12.34 at scale 2 is 1234)
    FLOAT       float64
    BOOLEAN     bool
    DATE        datetime64[D]
    TIMESTAMP   datetime64[ms], UTC
    TEXT        str objects, fixed-width bytes, or ``frame.Coded``
    ENUM        as TEXT, values from a closed list (``Column.values``)
    ==========  =======================================================
    """

    INTEGER = "integer"
    DECIMAL = "decimal"
    FLOAT = "float"
    BOOLEAN = "boolean"
    DATE = "date"
    TIMESTAMP = "timestamp"
    TEXT = "text"
    ENUM = "enum"


NESTED = "nested or binary values"
"""The ``doubt`` of a column that nothing can be learnt of."""


@dataclass(frozen=True)
class Column:
    """One column.  ``personal`` is the platform's class of personal data, or None; a ``planned``
    day or moment may lie in the future (due dates, expirations).  ``form`` says for people how the
    text of an extract's column says numbers or days; ``doubt`` shows shapes of texts that were not
    understood (“Aa 9/a, a”): letters and digits of nobody."""

    name: str
    kind: Kind
    nullable: bool = False
    precision: int | None = None
    scale: int | None = None
    length: int | None = None
    values: tuple[str, ...] = ()
    enum: str | None = None
    unique: bool = False
    personal: str | None = None
    meaning: str = ""
    planned: bool = False
    form: str = ""
    doubt: str = ""

    def arrow_type(self) -> pa.DataType:
        """The column's type in files and between processes."""
        match self.kind:
            case Kind.INTEGER:
                return pa.int64()
            case Kind.DECIMAL:
                return pa.decimal128(max(self.precision or 18, 1), self.scale or 0)
            case Kind.FLOAT:
                return pa.float64()
            case Kind.BOOLEAN:
                return pa.bool_()
            case Kind.DATE:
                return pa.date32()
            case Kind.TIMESTAMP:
                return pa.timestamp("ms", tz="UTC")
            case _:
                return pa.string()
