"""Whether the first row of a table names its columns, or is a row like the others."""

from __future__ import annotations

import re
from collections import Counter

import pyarrow as pa

from generator.errors import ExtractError

_ROWS = 200  # that are looked at
_ALIKE = 0.6  # of a column's values must look like the name


def check_names(name: str, table: pa.Table) -> None:
    """Raises ExtractError where the first row looks like data: a person would become a name."""
    signs = [_sign(column, table.column(column)) for column in table.column_names]
    like, unlike = signs.count(1), signs.count(-1)
    if like and not unlike and 2 * like >= len(signs):
        raise ExtractError(
            f"“{name}” seems to have no names of columns: its first row looks like the rows below "
            "it. Put a row of names first, or say that it has none (--header no: columns are "
            "numbered) or that these are they (--header yes)."
        )


def _sign(name: str, column: pa.ChunkedArray) -> int:
    """1 where the name looks like the values, -1 where it looks like a name, 0 where neither."""
    values = [text for text in column.slice(0, _ROWS).to_pylist() if text]
    if not values:
        return 0
    looks = Counter(map(_look, values))
    usual = looks.most_common(1)[0][0]
    if "9" not in usual:
        return 0
    if looks[_look(name)] >= _ALIKE * len(values):
        return 1
    return -1 if not any(sign.isdecimal() for sign in name) else 0


def _look(text: str) -> str:
    """The text with one 9 for each run of digits, one a for each of letters."""
    return re.sub(r"[^\W\d_]+", "a", re.sub(r"\d+", "9", text))
