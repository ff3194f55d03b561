"""Uploads that mean no good, sixty kinds and more: each is read as a table or refused in one
sentence, within seconds and in little memory.  ``tests/test_hostile.py`` uploads the small ones in
one process, ``python -m tests.benchmarks.hostile`` each in its own and tells what it took."""

from __future__ import annotations

import gzip
import io
import json
import pickle
import zipfile
import zlib
from collections.abc import Iterator

from tests.test_read_bombs import bombs

ROWS = b"a,b\n" + b"1,x\n" * 30
LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a0 "ha">'
    + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    + "]><worksheet><sheetData><row><c t='str'><v>&a11;</v></c></row></sheetData></worksheet>"
)


def zipped(**files: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    return buffer.getvalue()


def _flagged(packed: bytes) -> bytes:
    """As if a password were asked for."""
    changed = bytearray(packed)
    changed[6] |= 1
    at = packed.index(b"PK\x01\x02")
    changed[at + 8] |= 1
    return bytes(changed)


def _link() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        entry = zipfile.ZipInfo("passwd.csv")
        entry.external_attr = 0o120777 << 16
        packed.writestr(entry, "/etc/passwd")
    return buffer.getvalue()


def _lying() -> bytes:
    """The directory claims ten bytes of what unpacks to a hundred thousand."""
    packed = bytearray(zipped(**{"a.csv": b"a\n" + b"1\n" * 50_000}))
    at = packed.index(b"PK\x01\x02")
    packed[at + 24 : at + 28] = (10).to_bytes(4, "little")
    return bytes(packed)


def _twice() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        for name, content in (("a.csv", ROWS), ("b.csv", ROWS + b"2,y\n")):
            packed.writestr(name, content)
    return buffer.getvalue().replace(b"b.csv", b"a.csv")


def _book(sheet: str) -> bytes:
    parts = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/'
        'content-types"/>',
        "xl/workbook.xml": '<workbook xmlns:r="r"><sheets><sheet name="s" sheetId="1" r:id="r1"/>'
        "</sheets></workbook>",
        "xl/worksheets/sheet1.xml": sheet,
    }
    return zipped(**{name: text.encode() for name, text in parts.items()})


class Trap:
    """What a pickle would do to whoever opens it."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (exec, ("raise SystemExit('opened a pickle')",))


def _texts() -> Iterator[tuple[str, bytes]]:
    yield "empty.csv", b""
    yield "blank.csv", b"\n \n\t\n"
    yield "mark.csv", b"\xef\xbb\xbf"
    yield "nul.csv", b"a,b\n1,\x00\n" * 9
    yield "nuls.csv", b"\x00" * 5000
    yield "latin.csv", b"a,b\n1,caf\xe9\n"
    yield "half-letter.csv", b"a\n\xf0\x9f\x98"
    yield "odd-utf16.csv", b"\xff\xfea\x00,\x00b"
    yield "unclosed.csv", b'a,b\n1,"' + b"x\n" * 2000
    yield "ragged.csv", b"a,b\n1,2,3\n4\n"
    yield "same-names.csv", b"a,a\n1,2\n"
    yield "no-rows.csv", b"a,b\n"
    yield "no-name.csv", b",\n1,2\n" * 9
    yield "long-name.csv", b"x" * 100_000 + b"\n1\n2\n"
    yield "bell-name.csv", b"a\x07\x1b[31m,b\n1,2\n3,4\n"
    yield "formula.csv", b"\"=cmd|' /C calc'!A0\",b\n" + b"=1+1,2\n" * 30
    yield "path-name.csv", b"../../etc/passwd,b\n" + b"1,2\n" * 30
    yield "script.csv", b"<script>alert(1)</script>,b\n" + b"<img onerror=x>,2\n" * 30
    yield "beyond.csv", b"a\n" + b"1e400\n-1e400\nnan\n" * 20
    yield "digits.csv", b"a\n" + (b"9" * 5000 + b"\n") * 30
    yield "years.csv", b"day\n" + b"99999-12-31\n0000-00-00\n2025-02-30\n" * 20
    yield "separators.csv", b";,\t|" * 5000
    yield "quotes.csv", b'"' * 200_001
    yield "right-to-left.csv", "\u202ea,b\u202c\n1,\u202e2\n".encode() * 30
    yield "combining.csv", ("a\n" + "e" + "\u0301" * 5000 + "\n").encode()


def _others() -> Iterator[tuple[str, bytes]]:
    yield "program.csv", b"MZ" + bytes(range(256)) * 40
    yield "page.csv", b"<!doctype html><html><body><table><tr><td>1</td></tr></table></html>"
    yield "document.csv", b"%PDF-1.7\n1 0 obj <<>> endobj\n"
    yield "picture.csv", b"\x89PNG\r\n\x1a\n" + bytes(2000)
    yield "database.csv", b"SQLite format 3\x00" + bytes(2000)
    yield "pickle.parquet", pickle.dumps(Trap())
    yield "pickle.csv", pickle.dumps(Trap())
    yield "marked.parquet", b"PAR1" + b"\xff" * 200 + (2**31 - 1).to_bytes(4, "little") + b"PAR1"
    yield "short.parquet", b"PAR1"
    yield "list.jsonl", json.dumps([{"a": n} for n in range(50)]).encode()
    yield "scalars.jsonl", b"1\n2\n3\n"
    yield "not-numbers.jsonl", b'{"a": NaN}\n{"a": Infinity}\n' * 20
    yield "same-keys.jsonl", b'{"a": 1, "a": 2}\n' * 30
    yield "surrogates.jsonl", b'{"a": "\\ud800"}\n' * 30
    yield "book.xlsx", b"PK\x03\x04" + bytes(300)
    yield "laughs.xlsx", _book(LAUGHS)
    yield (
        "far.xlsx",
        _book(
            "<worksheet><sheetData><row r='1048576'><c r='XFD1048576' t='n'><v>1</v></c></row>"
            "</sheetData></worksheet>"
        ),
    )
    yield "bomb.xlsx", _book("<worksheet>" + " " * 30_000_000 + "</worksheet>")


def _packed() -> Iterator[tuple[str, bytes]]:
    yield "cut.csv.gz", gzip.compress(ROWS)[:-9]
    yield "garbage.csv.gz", b"\x1f\x8b" + bytes(300)
    yield "bomb.csv.gz", gzip.compress(b"a,b\n" + b"0,0\n" * 4_000_000)
    yield "many.csv.gz", gzip.compress(ROWS) * 3 + gzip.compress(b"1,x\n") * 3000
    yield "raw.csv.gz", zlib.compress(ROWS)
    yield "nothing.zip", zipped()
    yield "cut.zip", zipped(**{"a.csv": ROWS})[:-30]
    yield "readme.zip", zipped(**{"readme.txt": b"hello"})
    yield "up.zip", zipped(**{"../../up.csv": ROWS})
    yield "root.zip", zipped(**{"/etc/root.csv": ROWS})
    yield "drive.zip", zipped(**{"C:/x.csv": ROWS})
    yield "back.zip", zipped(**{"..\\up.csv": ROWS})
    yield "nested.zip", zipped(**{"a.zip": zipped(**{"a.csv": ROWS})})
    yield "bomb.zip", zipped(**{"a.csv": b"a,b\n" + b"0,0\n" * 8_000_000})
    yield "files.zip", zipped(**{f"{n}.csv": b"a\n1\n" for n in range(5000)})
    yield "password.zip", _flagged(zipped(**{"a.csv": ROWS}))
    yield "link.zip", _link()
    yield "lying.zip", _lying()
    yield "twice.zip", _twice()
    yield "device.zip", zipped(**{"con.csv": ROWS, "nul.csv": ROWS})
    yield "name.zip", zipped(**{"x" * 300 + ".csv": ROWS})


def hostile() -> dict[str, bytes]:
    """Content by file name; some take tens of megabytes to make."""
    return small() | {name: content for name, (content, _) in bombs().items()}


def small() -> dict[str, bytes]:
    return dict([*_texts(), *_others(), *_packed()])


READ = """
import time
from pathlib import Path
import generator
def run(folder):
    said = {}
    for path in sorted(Path(folder).iterdir()):
        began = time.monotonic()
        try:
            tables = generator.read(path, marked=True)
            schema = generator.infer(tables)
            generator.find_personal(tables, schema)
            said[path.name] = [f"read {len(tables)}", 0]
        except generator.GeneratorError as refused:
            said[path.name] = [refused.sentence, 0]
        said[path.name][1] = round(time.monotonic() - began, 2)
    return said
"""
