"""Excel workbooks: every sheet that holds a table is one."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import IO, Any

import pyarrow as pa
import pyarrow.compute as pc

from generator.errors import ExtractError, printable
from generator.read.cells import text_of
from generator.read.content import all_bytes
from generator.read.format import Format
from generator.read.limits import Budget
from generator.read.names import check_names
from generator.read.table import check_columns, numbered
from generator.read.workbook import check_workbook

_MOST_BEFORE = 50  # rows before a table
_LOOKED_AT = 200  # rows that say where it begins
_FILLED = 0.75  # of the columns that most rows fill, a row of names fills …
_WORDS = 0.6  # … or fewer, where it holds nothing but words
_BLOCK = 20_000  # rows made into columns at a time

Row = list[Any]


def read_xlsx(name: str, file: IO[bytes], size: int, budget: Budget) -> Mapping[str, pa.Table]:
    """Tables by the names of their sheets; of one sheet by “”.  Columns are texts: numbers as their
    digits, days and moments in ISO's form, whatever the sheet shows."""
    from python_calamine import CalamineError, CalamineWorkbook

    del size
    raw = all_bytes(name, file, budget)
    check_workbook(name, raw, budget)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(raw))
        tables = {}
        for sheet in book.sheet_names:
            budget.ask()
            held = book.get_sheet_by_name(sheet)
            table = _table(f"{name}, sheet {printable(sheet)}", held, budget)
            if table is not None:
                tables[sheet] = table
    except (CalamineError, OSError, ValueError, OverflowError) as problem:
        raise ExtractError(
            f"“{name}” is not an Excel workbook that can be read; save it again as .xlsx."
        ) from problem
    if not tables:
        raise ExtractError(f"“{name}” has no sheet with names of columns and rows below them.")
    return {"": next(iter(tables.values()))} if len(tables) == 1 else tables


def _table(name: str, sheet: Any, budget: Budget) -> pa.Table | None:
    """The table of a sheet; None where there is none (an empty one, a chart, a note)."""
    if sheet.start is None or not sheet.height:
        return None
    rows = sheet.iter_rows()
    head = [_trimmed(row) for row in islice(rows, sheet.start[0] + _LOOKED_AT)]
    before = _before(head)
    if before is None:
        return None
    width = max(len(row) for row in head)
    named = budget.header is not False
    names = _names(head[before], width) if named else [f"column_{at + 1}" for at in range(width)]
    used = [at for at in range(width) if names[at] or any(_at(row, at) for row in head[before:])]
    if named:
        check_columns(name, [names[at] for at in used], budget.limits)
    first = before + named
    columns = _columns(head[first:], rows, used, budget)
    arrays = [_all_moments(pa.chunked_array(chunks, pa.string())) for chunks in columns]
    table = pa.table(arrays, names=[names[at] for at in used])
    table = _without_blank_ends(table)
    if not table.num_rows:
        return None
    if budget.header is None:
        check_names(name, table)
    return numbered(table, first=first + 1, blank=[])


def _trimmed(row: Row) -> Row:
    """A row's values as texts, without blanks at its end."""
    values = [text_of(value) for value in row]
    while values and not values[-1]:
        values.pop()
    return values


def _before(head: list[Row]) -> int | None:
    """Rows before the table: titles and notes, which fill fewer columns than most rows do."""
    filled = [sum(map(bool, row)) for row in head]
    usual = Counter(cells for cells in filled if cells).most_common(1)
    if not usual:
        return None
    most = usual[0][0]
    for at, (row, cells) in enumerate(zip(head, filled, strict=True)):
        words = not any(sign.isdigit() for text in row for sign in text)
        if cells >= (most if most < 3 else (_WORDS if words else _FILLED) * most):
            return at if at <= _MOST_BEFORE else None
    return None


def _names(row: Row, width: int) -> list[str]:
    return [*row, *[""] * (width - len(row))]


def _at(row: Row, at: int) -> str:
    return str(row[at]) if at < len(row) else ""


def _columns(
    head: list[Row], rows: Iterator[Row], used: list[int], budget: Budget
) -> list[list[pa.Array]]:
    """The cells column by column, a block of rows at a time."""
    columns: list[list[pa.Array]] = [[] for _ in used]
    block = head
    while block:
        budget.ask()
        for chunks, at in zip(columns, used, strict=True):
            chunks.append(pa.array([_at(row, at) for row in block], pa.string()))
        block = [_trimmed(row) for row in islice(rows, _BLOCK)]
    return columns


def _all_moments(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    """Where some values are moments, days among them are midnights: Excel does not tell these
    apart."""
    if not pc.any(pc.match_substring_regex(texts, r"^\d{4}-\d\d-\d\d \d\d:")).as_py():
        return texts
    return pc.replace_substring_regex(texts, r"^(\d{4}-\d\d-\d\d)$", r"\1 00:00:00")


def _without_blank_ends(table: pa.Table) -> pa.Table:
    """Rows below the table that only have a format are none."""
    last = table.num_rows
    while last and not any(column[last - 1].as_py() for column in table.columns):
        last -= 1
    return table.slice(0, last)


XLSX = Format(".xlsx", "Excel", read_xlsx)
