"""Looking for planted values in every byte of a folder: in several encodings, and within what is
packed."""

from __future__ import annotations

import base64
import gzip
import io
import json
import zipfile
import zlib
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

DEEPEST = 4  # packed within packed
TICKS = ("checkbox", "radio")


def written(text: str) -> dict[str, bytes]:
    """How a text may stand in a file."""
    plain = text.encode()
    ways = {
        "UTF-8": plain,
        "UTF-16": text.encode("utf-16-le"),
        "UTF-16, big end first": text.encode("utf-16-be"),
        "Latin-1": text.encode("latin-1", "replace"),
        "JSON": json.dumps(text)[1:-1].encode(),
        "hexadecimal": plain.hex().encode(),
        "base85": base64.b85encode(plain)[:-3],
    }
    for shift in range(3):  # it may begin anywhere in what was encoded
        coded = base64.b64encode(b"\0" * shift + plain)
        ways[f"base64, {shift}"] = coded[-(-8 * shift // 6) : len(coded) // 4 * 4 - 4]
    return ways


def found(folder: Path, planted: list[str]) -> list[str]:
    """Where planted values stand, a sentence each."""
    marks = [(text, way, mark) for text in planted for way, mark in written(text).items()]
    return [
        f"“{text}” in {where} ({way})"
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        for where, content in _parts(str(path.relative_to(folder)), path.read_bytes())
        for text, way, mark in marks
        if mark in content
    ]


def _parts(where: str, content: bytes, depth: int = 0) -> Iterator[tuple[str, bytes]]:
    """The bytes, and those of all that is packed in them."""
    yield where, content
    if depth == DEEPEST:
        return
    if content[:2] == b"\x1f\x8b":
        yield from _parts(f"{where}: unpacked", _gunzipped(content), depth + 1)
    elif content[:4] == b"PK\x03\x04" and zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            for entry in packed.infolist():
                yield from _parts(f"{where}: {entry.filename}", packed.read(entry), depth + 1)
    elif content[:4] == b"PAR1":
        table = pq.read_table(io.BytesIO(content))
        for name in table.column_names:
            texts = table.column(name).cast(pa.string()).to_pylist()
            yield f"{where}: {name}", "\n".join(filter(None, texts)).encode()
        yield f"{where}: notes", repr(table.schema.metadata).encode()


def _gunzipped(content: bytes) -> bytes:
    try:
        return gzip.decompress(content)
    except (OSError, EOFError, zlib.error):
        return b""


def _sent(held: dict[str, str | None]) -> bool:
    return held.get("type") not in TICKS or "checked" in held


class _Fields(HTMLParser):
    """The fields of a page's forms, as a browser would send them."""

    def __init__(self) -> None:
        super().__init__()
        self.filled: dict[str, list[str]] = {}
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = dict(attrs)
        name = held.get("name") or ""
        if tag == "select":
            self._select = name
        elif tag == "option" and "selected" in held:
            self.filled.setdefault(self._select, []).append(held.get("value") or "")
        elif tag == "input" and name and _sent(held):
            ticked = "on" if held.get("type") in TICKS else ""
            self.filled.setdefault(name, []).append(held.get("value") or ticked)


def fields(page: str) -> dict[str, list[str]]:
    """What the forms of a page hold."""
    parser = _Fields()
    parser.feed(page)
    return parser.filled
