"""CSV, with any of the usual delimiters."""

from __future__ import annotations

import io
import re
from typing import IO

import pyarrow as pa
import pyarrow.compute as pc

from generator.errors import ExtractError
from generator.read.content import LONGEST_LINE, Watched, all_bytes, plain_text
from generator.read.format import Format
from generator.read.head import DELIMITERS, head_of
from generator.read.limits import Budget
from generator.read.long_csv import LONG, read_long_csv
from generator.read.names import check_names
from generator.read.records import check_quotes, records
from generator.read.table import MOST_BLANK, check_columns, numbered

_NAMELESS = "(no name) "  # of a column, before its number
_CELL_BYTES = 5  # of a text in memory beside its letters
_SAID = re.compile(rb'"?sep=([^\w"\r\n])"?(?=[\r\n])', re.IGNORECASE)  # a line for spreadsheets


def read_csv(name: str, file: IO[bytes], size: int, budget: Budget) -> pa.Table:
    """Columns are strings as they stand in the file."""
    del size
    return table_of(name, all_bytes(name, file, budget), budget)


def table_of(name: str, raw: bytes, budget: Budget) -> pa.Table:
    """The table of unpacked CSV."""
    from pyarrow import csv as arrow_csv

    raw = plain_text(name, raw, budget)
    said = _SAID.match(raw)
    if said is not None:  # what is left of its line is a blank one, which others are counted with
        raw = raw[said.end() :]
    marks = said[1].decode() if said is not None else DELIMITERS
    head = head_of(name, raw, marks, budget)
    raw, delimiter, header = raw[head.start :] if head.before else raw, head.delimiter, head.names
    named = budget.header is not False
    if named:
        header, bare = _bare(header)
        check_columns(name, header, budget.limits)
    else:
        bare = []
        header = [f"column_{at}" for at in range(1, len(header) + 1)]
    if said is not None and len(header) == 1:
        raw = raw.lstrip(b"\r\n")  # a blank line would be a missing value
    lines = raw.count(b"\n") or raw.count(b"\r")
    cells = raw.count(delimiter.encode()) + lines + 1
    what = f"{lines:,} lines of {len(header):,} columns"
    budget.hold(name, len(raw) + _CELL_BYTES * cells, of=len(raw), what=what)
    if raw.count(b'"') % 2:
        check_quotes(name, io.BytesIO(raw), delimiter, budget)
    try:
        table = arrow_csv.read_csv(
            Watched(raw.lstrip(b"\r\n") if bare else raw, budget),
            read_options=arrow_csv.ReadOptions(
                use_threads=False,
                block_size=LONGEST_LINE,
                column_names=header if bare or not named else None,
                skip_rows_after_names=int(bool(bare)),
            ),
            parse_options=arrow_csv.ParseOptions(
                delimiter=delimiter,
                newlines_in_values=True,
                ignore_empty_lines=len(header) > 1,  # in one column a line may be a missing value
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(header, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid as problem:
        raise ExtractError(_broken(name, raw, delimiter, str(problem), budget)) from None
    if not table.num_rows:
        raise ExtractError(_no_rows(name))
    table = _without(name, table, bare)
    if budget.header is None:
        check_names(name, table)
    blank = _blank_rows(raw, delimiter, budget) if len(header) > 1 else []
    blank = [row + head.before for row in blank]
    return numbered(table, first=head.before + 1 + named, blank=blank)


def _bare(header: list[str]) -> tuple[list[str], list[str]]:
    """The names, and those that stand for columns without one; a stray delimiter at the end of
    every line makes such a column."""
    given, bare = [], []
    for at, name in enumerate(header, 1):
        if not name.strip():
            bare.append(f"{_NAMELESS}{at}")
        given.append(name if name.strip() else bare[-1])
    return given, bare


def _without(name: str, table: pa.Table, bare: list[str]) -> pa.Table:
    """The table without nameless columns that are empty; raises ExtractError for one that is
    not."""
    for column in bare:
        if pc.any(pc.not_equal(pc.utf8_trim_whitespace(table.column(column)), "")).as_py():
            at = column.removeprefix(_NAMELESS)
            raise ExtractError(f"“{name}”: column {at} has no name in the header; give it one.")
    return table.drop_columns(bare) if bare and len(bare) < table.num_columns else table


def _no_rows(name: str) -> str:
    return f"“{name}” has a header and no rows; bring a file with data."


def _blank_rows(raw: bytes, delimiter: str, budget: Budget) -> list[int]:
    """Rows (the header is 1) that are blank lines.  Only a file that may have any is cut again."""
    if not re.search(rb"\n\r?\n|\r\r", raw):
        return []
    rows = enumerate(records(io.BytesIO(raw), delimiter, budget), 1)
    return [row for row, (_, fields) in rows if not fields][:MOST_BLANK]


def _broken(name: str, raw: bytes, delimiter: str, said: str, budget: Budget) -> str:
    if not re.search(rb"[\r\n]", raw):
        return _no_rows(name)
    expected = 0
    for where, fields in records(io.BytesIO(raw), delimiter, budget):
        expected = expected or fields
        if fields not in (0, -1, expected):
            return (
                f"“{name}”, {where}: {fields} fields where the header has {expected}; check the "
                "quotes and delimiters of that row."
            )
    if "straddling" in said or "too large" in said:
        return f"“{name}” has a quote that is never closed, or a row of many MiB; check its quotes."
    return f"“{name}” cannot be read as CSV; check its quotes and delimiters."


CSV = Format(".csv", "CSV", read_csv, read_long_csv, LONG)
TSV = Format(".tsv", "TSV", read_csv, read_long_csv, LONG)
