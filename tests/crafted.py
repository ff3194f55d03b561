"""Crafted profiles: the file of a real fitted profile with one thing in it made wrong."""

from __future__ import annotations

import io
import json
import struct
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from generator.fit import fit
from generator.fitted import save_profile
from tests.extracts import cars, ready

Entries = Mapping[str, bytes]
DOCUMENT = "profile.json"
GONE = object()
VALUES: dict[str, Any] = {
    "gone": GONE,
    "null": None,
    "true": True,
    "minus one": -1,
    "nought": 0,
    "a million": 10**6,
    "huge": 10**30,
    "a huge fraction": 1e308,
    "tiny": 1e-308,
    "not a number": float("nan"),
    "boundless": float("inf"),
    "no text": "",
    "a path up": "..",
    "a path": "../../victim",
    "a slash": "a/b",
    "a NUL": "a\0b",
    "long": "x" * 300,
    "very long": "x" * 1_000_000,
    "half a letter": "\ud800",
    "a device": "CON",
    "a list": [],
    "a list of lists": [[1], [[2]]],
    "an object": {},
    "deep": json.loads("[" * 200 + "]" * 200),
    "many": list(range(70_000)),
}
RENAMED = ("..", "", ".", "a/b", "/etc/x", "a\\b", "a\0b", "x" * 300, "ä" * 150, "con", "a\nb")


def entries_of(rows: int = 400) -> dict[str, bytes]:
    """A fitted profile's file by entries; a number, a text, a day, a map and gaps are in it."""
    tables, schema = ready(cars(rows))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cars.profile"
        save_profile(fit(tables, schema, name="cars"), path)
        with zipfile.ZipFile(path) as packed:
            return {name: packed.read(name) for name in packed.namelist()}


def packed(entries: Entries, *, how: int = zipfile.ZIP_STORED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", how) as target:
        for name, content in entries.items():
            target.writestr(name, content)
    return buffer.getvalue()


Case = tuple[str, Callable[[], bytes]]
"""What was done, and what makes the file's bytes."""


def crafted(entries: Entries, *, every: int = 1) -> Iterator[Case]:
    """Always in the same order; of the values of fields one in ``every``."""
    yield from _renamed(entries)
    for number, case in enumerate(_documents(entries)):
        if number % every == 0:
            yield case
    yield from _arrays(entries)
    yield from _files(entries)


def _written(entries: Entries, document: Any) -> bytes:
    return packed({**entries, DOCUMENT: json.dumps(document).encode()})


def _renamed(entries: Entries) -> Iterator[Case]:
    """The one table under another name, everywhere."""
    text = entries[DOCUMENT].decode()
    document: dict[str, Any]
    for name in RENAMED:
        document = json.loads(text)
        document["schema"]["tables"][0]["name"] = name
        for part in (document["tables"], document["summary"]["tables"]):
            part[name] = part.pop("cars")
        yield f"a table named {name[:20]!r}", partial(_written, entries, document)
    document = json.loads(text)
    for part in (document["tables"], document["summary"]["tables"]):
        part["CARS"] = part["cars"]
    document["schema"]["tables"].append({**document["schema"]["tables"][0], "name": "CARS"})
    yield "two tables in one file", partial(_written, entries, document)


def _documents(entries: Entries) -> Iterator[Case]:
    """Each kind of field, once, with each of the values."""
    document = json.loads(entries[DOCUMENT])
    for path, said, value in _changes(document):
        where = ".".join(map(str, path))
        yield f"{where}: {said}", partial(_changed, entries, document, path, value)


def changed_documents(document: Any) -> Iterator[tuple[str, bytes]]:
    """What was done, and the document's bytes, for every kind of field and every value."""
    for path, said, value in _changes(document):
        changed = deepcopy(document)
        _set(changed, path, value)
        yield f"{'.'.join(map(str, path))}: {said}", json.dumps(changed).encode()


def _changes(document: Any) -> Iterator[tuple[tuple[Any, ...], str, Any]]:
    seen = set()
    for path in _paths(document):
        shape = tuple("*" if isinstance(step, int) else step for step in path)
        if shape not in seen:
            seen.add(shape)
            for said, value in VALUES.items():
                yield path, said, value


def _changed(entries: Entries, document: Any, path: tuple[Any, ...], value: Any) -> bytes:
    changed = deepcopy(document)
    _set(changed, path, value)
    return _written(entries, changed)


def _paths(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    steps: Any = node.items() if isinstance(node, dict) else ()
    if isinstance(node, list):
        steps = enumerate(node[:40])
    for step, inner in steps:
        yield from _paths(inner, (*path, step))


def _set(document: Any, path: tuple[Any, ...], value: Any) -> None:
    for step in path[:-1]:
        document = document[step]
    if value is GONE:
        del document[path[-1]]
    else:
        document[path[-1]] = value


def _turned(array: np.ndarray) -> np.ndarray:
    return array[::-1].copy()


ARRAYS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "none": lambda a: a[:0],
    "one short": lambda a: a[:-1],
    "twice": lambda a: np.concatenate([a, a]),
    "turned round": _turned,
    "below nought": lambda a: -a - 1,
    "far away": lambda a: a + np.array(30_000).astype(a.dtype),
    "noughts": np.zeros_like,
    "the most": lambda a: np.full_like(a, _most(a)),
    "not numbers": lambda a: np.full(a.shape, np.nan),
    "fractions": lambda a: a.astype(np.float64),
    "whole": lambda a: a.astype(np.int64),
    "truth": lambda a: a.astype(bool),
    "text": lambda a: a.astype("U"),
    "one more dimension": lambda a: a[None],
    "the other order": lambda a: a.astype(a.dtype.newbyteorder()),
    "a million": lambda a: np.resize(a, (1_000_000, *a.shape[1:])),
}


def _most(array: np.ndarray) -> Any:
    kind = np.finfo if array.dtype.kind == "f" else np.iinfo
    return kind(array.dtype).max


def _arrays(entries: Entries) -> Iterator[Case]:
    parts: dict[str, str] = {}
    for name in entries:
        if name.endswith(".npy"):
            parts.setdefault(name.split(".", 2)[2], name)
    for part, name in parts.items():
        array = np.load(io.BytesIO(entries[name]), allow_pickle=False)
        rest = {n: c for n, c in entries.items() if n != name}
        yield f"{part}: gone", partial(packed, rest)
        yield f"{part}: cut", partial(packed, {**rest, name: entries[name][:-3]})
        yield f"{part}: an empty file", partial(packed, {**rest, name: b""})
        for said, harm in ARRAYS.items():
            yield f"{part}: {said}", partial(_harmed, rest, name, harm, array)


def _harmed(
    rest: Entries, name: str, harm: Callable[[np.ndarray], np.ndarray], array: np.ndarray
) -> bytes:
    sink = io.BytesIO()
    np.save(sink, harm(array))
    return packed({**rest, name: sink.getvalue()})


def claiming(shape: tuple[int, ...], kind: str = "<i8") -> bytes:
    """The header of an array that claims a shape, and nothing behind it."""
    part = io.BytesIO()
    header = {"descr": kind, "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(part, header)
    return part.getvalue()


def _files(entries: Entries) -> Iterator[Case]:
    first = next(name for name in entries if name.endswith(".gains.npy"))
    whole = packed(entries)
    text = entries[DOCUMENT]
    for said, content in (
        ("a claim of terabytes", claiming((1 << 40,))),
        ("a claim of nothing, very wide", claiming((0, 1 << 62))),
        ("a claim below nought", claiming((-1, -8))),
        ("a claim of no bytes each", claiming((1 << 40,), "<V0")),
        ("a bomb of noughts", bytes(200 << 20)),
    ):
        yield said, partial(packed, {**entries, first: content}, how=zipfile.ZIP_DEFLATED)
    for said, content in (
        ("a document that is a list", b"[]"),
        ("a document of brackets", b"[" * 500_000),
        ("a document of objects", b'{"a":' * 500_000),
        ("a document of empty lists", b"[" + b"[]," * 8_000_000 + b"[]]"),
        ("a document of spaces", b" " * (100 << 20)),
        ("a number of a million digits", text.replace(b": 1,", b": " + b"1" * 10**6 + b",", 1)),
        ("a document in another encoding", text.decode().encode("utf-16")),
    ):
        yield said, partial(packed, {**entries, DOCUMENT: content}, how=zipfile.ZIP_DEFLATED)
    yield "packed with LZMA", partial(packed, entries, how=zipfile.ZIP_LZMA)
    yield "packed with bzip2", partial(packed, entries, how=zipfile.ZIP_BZIP2)
    many = {**entries, **{f"{n}.npy": b"" for n in range(100_001)}}
    yield "many entries", partial(packed, many)
    yield "no magic", partial(bytes, b"XX" + whole[2:])
    yield "a word before it", partial(bytes, b"MZ" * 5000 + whole)
    yield "cut in half", partial(bytes, whole[: len(whole) // 2])
    yield "nothing", bytes
    at = whole.index(b"PK\x01\x02")
    for said, offset, value in (
        ("a size that lies", 24, struct.pack("<I", 0xFFFFFFF0)),
        ("a way of packing nobody knows", 10, struct.pack("<H", 99)),
        ("a password", 8, struct.pack("<H", 1)),
        ("an entry beyond the end", 42, struct.pack("<I", 0x7FFFFFFF)),
    ):
        harmed = bytearray(whole)
        harmed[at + offset : at + offset + len(value)] = value
        yield said, partial(bytes, harmed)
