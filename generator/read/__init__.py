"""Read an extract: CSV, CSV.gz, Parquet, JSON Lines or Excel files, a folder or a ZIP of them.

Files are read as data and bounded before and while they are unpacked and decoded.  A problem is
one sentence with file, row and column; never a value.  A format is one file of this folder.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from generator.errors import ExtractError, RequestError, printable, shown
from generator.names import first_clash, table_name
from generator.read.csv import CSV, TSV
from generator.read.csv_gz import CSV_GZ
from generator.read.database import is_database, read_database
from generator.read.files import File, files_of
from generator.read.format import Format
from generator.read.jsonl import JSONL, NDJSON
from generator.read.limits import Budget, Limits
from generator.read.parquet import PARQUET
from generator.read.table import check_cells, check_columns, check_rows, labelled
from generator.read.xlsx import XLSX

__all__ = ["FORMATS", "Format", "Limits", "is_database", "read", "read_database"]

FORMATS = (CSV, CSV_GZ, TSV, PARQUET, JSONL, NDJSON, XLSX)
_ENDINGS = tuple(known.ending for known in FORMATS)


def read(
    path: Path,
    *,
    limits: Limits | None = None,
    budget: int | None = None,
    header: bool | None = None,
    left_out: Collection[str] = (),
    marked: bool = False,
    progress: Callable[[float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> dict[str, pa.Table]:
    """Tables by name (the file's name without its ending).  Columns of text files are strings
    as they stand in the file; ``infer`` and ``typed`` give them kinds.  The metadata of a
    table's schema says for messages which ``file`` it is and where its ``rows`` stand there.

    ``budget`` bytes of memory are what all tables together may take as plain values (the limits'
    ``memory`` otherwise); what would take more is refused before it is decoded.  ``header``:
    whether the first row of a CSV file names its columns (else they are numbered); None refuses a
    file whose first row looks like the others.  ``left_out`` are columns (“price”, “deals.price”)
    that are not wanted, whatever they hold; where ``marked``, columns of nested or binary values
    are read as empty ones that the schema's metadata names as ``nested``, instead of refused.

    A single file that is too long to be held (text of more than 192 MiB, Parquet of more than a
    million rows) is read in pieces, every n-th row being kept, so that half a million to a million
    stay; ``extent.rows_of`` says of how many.  ``progress`` is told the share of it that is read.

    Raises ExtractError naming the file, and row and column where there are any; Cancelled when
    ``cancelled()``, asked every second or so, says so.
    """
    limits = limits or Limits()
    left = Budget(
        limits if budget is None else replace(limits, memory=budget),
        cancelled,
        header=header,
        left_out=left_out,
        marked=marked,
        progress=progress,
    )
    alone = path.is_file() and not path.name.lower().endswith(".zip")
    tables: dict[str, pa.Table] = {}
    named: set[str] = set()
    for file in files_of(path, _ENDINGS, limits):
        known = next(one for one in FORMATS if file.name.lower().endswith(one.ending))
        stem = file.name[: -len(known.ending)]
        folder = printable(path.name)
        label = file.name if folder == file.name else f"{folder}/{file.name}"
        for sheet, table in _read_one(file, known, left, alone=alone).items():
            name = _name_of(stem, sheet, tables)
            tables[name] = labelled(_less(name, table, left_out, named), label)
            left.kept(table.nbytes)
    _check_left_out(left_out, named)
    if not tables:
        raise ExtractError(
            f"“{printable(path.name)}” holds no table; bring CSV, CSV.gz, TSV, Parquet, JSON "
            "Lines or Excel files."
        )
    return tables


def _check_left_out(left_out: Collection[str], named: Collection[str]) -> None:
    if absent := [shown(one) for one in left_out if one not in named]:
        raise RequestError(
            f"There is no column “{absent[0]}” to leave out; name it as TABLE.COLUMN.",
            field="leave-out",
        )


def _name_of(stem: str, sheet: str, taken: Collection[str]) -> str:
    """What a table is called: as its file, or as its sheet (with the file's name before it, where
    another has that name)."""
    wanted = (stem,) if not sheet else (sheet, f"{stem}_{sheet}")
    for name in map(table_name, wanted):
        if name not in taken and not first_clash([*taken, name]):
            return name
    what = "sheets" if sheet else "files"
    raise ExtractError(
        f"Two {what} are named “{table_name(wanted[-1])}”, capitals not counting; give each table "
        "one name."
    )


def _less(name: str, table: pa.Table, left_out: Collection[str], named: set[str]) -> pa.Table:
    """The table without the columns that are left out; ``named`` gets the names that were met."""
    gone = {c: {c, f"{name}.{c}"} & {*left_out} for c in table.column_names}
    named.update(*gone.values())
    kept = [column for column, said in gone.items() if not said]
    if not kept:
        raise RequestError(f"Nothing is left of {name}; leave its file out.", field="leave-out")
    return table.select(kept) if len(kept) < len(gone) else table


def _read_one(file: File, known: Format, budget: Budget, *, alone: bool) -> Mapping[str, pa.Table]:
    budget.ask()
    long = alone and known.long is not None and file.size > known.long_size
    reader = known.long if long and known.long is not None else known.read
    try:
        with file.open() as content:
            found = reader(file.name, content, file.size, budget)
    except (OSError, zipfile.BadZipFile, zlib.error, EOFError) as problem:
        raise ExtractError(
            f"“{file.name}” cannot be read: it is damaged, or may not be opened; bring it again."
        ) from problem
    tables = found if isinstance(found, Mapping) else {"": found}
    for sheet, table in tables.items():
        name = f"{file.name}, sheet {printable(sheet)}" if sheet else file.name
        check_columns(name, table.column_names, budget.limits)
        check_rows(name, table.num_rows, budget.limits)
        check_cells(name, table, budget.limits)
    return tables
