"""JSON Lines: one flat object a line."""

from __future__ import annotations

import io
import json
import re
from typing import IO, Any

import pyarrow as pa
import pyarrow.compute as pc

from generator.errors import ExtractError
from generator.read.content import Watched, all_bytes, plain_text
from generator.read.format import Format
from generator.read.limits import MIB, Budget
from generator.read.table import MOST_BLANK, check_columns, check_kinds, numbered, without

DEEPEST = 64  # of values within values; Arrow's parser calls itself for each
_BLOCK = 4 * MIB
_ASKED = 20_000  # lines between two questions whether to stop
_DAY_LETTERS = 10  # 2025-01-31
_FEW_KEYS = 40  # that are looked for one by one
_CELL_BYTES = 9  # of a value in memory, beside the letters of a text
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"')
_KEY = re.compile(rb'"(?:[^"\\]++|\\.)*+"(?!\s*:)|"((?:[^"\\]++|\\.)*+)"')
_JSON_WORDS = {bool: "true or false", int: "a number", float: "a number", str: "text"}


def read_jsonl(name: str, file: IO[bytes], size: int, budget: Budget) -> pa.Table:
    from pyarrow import json as arrow_json

    del size
    raw = plain_text(name, all_bytes(name, file, budget), budget)
    rows = _check_depth(name, raw, budget)
    columns = _number_of_keys(name, raw, budget)
    what = f"{rows:,} lines of {columns:,} columns"
    budget.hold(name, len(raw) + _CELL_BYTES * rows * columns, of=len(raw), what=what)
    try:
        table = arrow_json.read_json(Watched(raw, budget))
    except pa.ArrowInvalid:
        raise ExtractError(_no_object(name, raw, budget)) from None
    check_columns(name, table.column_names, budget.limits)
    nested = check_kinds(name, table.schema, budget)
    table = _with_days(without(table, nested, table.column_names), raw, budget)
    lines = enumerate(io.BytesIO(raw), 1) if re.search(rb"\n\s*\n", raw) else ()
    blank = [at for at, line in lines if not line.strip()]
    return without(numbered(table, first=1, blank=blank[:MOST_BLANK]), nested, table.column_names)


def _with_days(table: pa.Table, raw: bytes, budget: Budget) -> pa.Table:
    """Days as days: Arrow makes moments of them.  Only where all moments are midnights are the
    texts looked at."""
    from pyarrow import json as arrow_json

    midnights = [
        field.name
        for field, values in zip(table.schema, table.columns, strict=True)
        if pa.types.is_timestamp(field.type)
        and values.null_count < len(values)
        and pc.all(pc.equal(values, pc.floor_temporal(values, unit="day"))).as_py()
    ]
    if not midnights:
        return table
    kinds = pa.schema([pa.field(name, pa.string()) for name in midnights])
    only = arrow_json.ParseOptions(explicit_schema=kinds, unexpected_field_behavior="ignore")
    texts = arrow_json.read_json(Watched(raw, budget), parse_options=only)
    for name in midnights:
        if pc.all(pc.equal(pc.utf8_length(texts.column(name)), _DAY_LETTERS)).as_py():
            at = table.schema.get_field_index(name)
            table = table.set_column(at, name, table.column(name).cast(pa.date32()))
    return table


def _check_depth(name: str, raw: bytes, budget: Budget) -> int:
    """Every line is whole by itself and no value lies too deep; returns the number of lines.

    Arrow's parser follows values across lines and calls itself for each level: twenty thousand of
    them ended the process.  A line with one brace at its beginning and one at its end cannot go
    deeper, for a line end within a text is no JSON; any other is looked through.
    """
    rows = 0
    for at, ended in enumerate(io.BytesIO(raw), 1):
        if at % _ASKED == 0:
            budget.ask()
        line = ended.strip()
        rows += bool(line)
        flat = line.startswith(b"{") and line.endswith(b"}") and b"[" not in line
        if line and not (flat and line.count(b"{") == 1):
            _check_line(name, at, line)
    return rows


def _check_line(name: str, at: int, line: bytes) -> None:
    depth = 0
    for sign in re.findall(rb"[\[\]{}]", _STRING.sub(b"", line)):
        depth += 1 if sign in b"[{" else -1
        if depth > DEEPEST:
            raise ExtractError(
                f"“{name}”, line {at:,}: values lie more than {DEEPEST} deep within each other; "
                "write flat objects, one a line."
            )
        if depth < 0:
            break
    if depth:
        raise ExtractError(f"“{name}”, line {at:,} is no JSON; write one whole object a line.")


def _number_of_keys(name: str, raw: bytes, budget: Budget) -> int:
    """Names of all objects, which become columns of all rows.

    The names of the first lines are looked for one by one; only where they are not all names there
    are is the whole text cut into its strings, which takes ten times as long.
    """
    budget.ask()
    keys = set(_KEY.findall(raw[: raw.find(b"\n", MIB) + 1 or None])) - {b""}
    escaped = b"\\" in raw or re.search(rb'"\s+:', raw)
    if len(keys) <= _FEW_KEYS and not escaped:
        said = 0
        for key in keys:
            budget.ask()
            said += raw.count(b'"' + key + b'":')
        if said == raw.count(b'":'):
            return len(keys)
    at = 0
    while at < len(raw):
        budget.ask()
        end = raw.find(b"\n", at + _BLOCK) + 1 or len(raw)
        keys |= set(_KEY.findall(raw[at:end])) - {b""}
        at = end
        if len(keys) > budget.limits.columns:
            raise ExtractError(
                f"“{name}” has more than {budget.limits.columns:,} columns; at most "
                f"{budget.limits.columns:,} are allowed."
            )
    return len(keys)


def _no_object(name: str, raw: bytes, budget: Budget) -> str:
    """The first line that is no JSON object like those before it, and why."""
    kinds: dict[str, str] = {}
    for at, line in enumerate(io.BytesIO(raw), 1):
        if at % _ASKED == 0:
            budget.ask()
        if not line.strip():
            continue
        where = f"“{name}”, line {at:,}"
        try:
            pairs = json.loads(line, object_pairs_hook=_Pairs)
        except (ValueError, RecursionError):
            return f"{where} is no JSON; write one whole object a line."
        if not isinstance(pairs, _Pairs):
            return f"{where} is no JSON object; write one object a line, in braces."
        if len({column for column, _ in pairs}) < len(pairs):
            return f"{where} names a column twice; name each once."
        for column, value in pairs:
            word = _JSON_WORDS.get(type(value), "nested values")
            if value is not None and kinds.setdefault(column, word) != word:
                return (
                    f"{where}, column {column}: {word} where lines before have {kinds[column]}; "
                    "write one kind of value a column."
                )
    return f"“{name}” cannot be read as JSON Lines; write one object a line."


class _Pairs(list[tuple[str, Any]]):
    """The properties of a JSON object, doubled ones too."""


JSONL = Format(".jsonl", "JSON Lines", read_jsonl)
NDJSON = Format(".ndjson", "NDJSON", read_jsonl)
