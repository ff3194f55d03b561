"""The headers of a Parquet file's pages: what each claims to unpack to, and how it is encoded.

Parquet writes them in Thrift's compact protocol
(https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md,
https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift).
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

Raw: TypeAlias = bytes | mmap.mmap

DELTA_BYTE_ARRAY = 7
_TRUE = 1
_UNPACKED, _PACKED, _DATA, _DATA_V2 = 2, 3, 5, 8  # fields of a page header
_ENCODING = {_DATA: 2, _DATA_V2: 4}  # where the header of a data page says it
_DEEPEST = 8


@dataclass(frozen=True)
class Page:
    """``unpacked`` bytes; ``encoding`` of the values of a data page, -1 of another page."""

    unpacked: int
    encoding: int


def pages_of(raw: Raw, start: int, stop: int) -> Iterator[Page]:
    """The pages of one column chunk.  Raises ValueError or IndexError where they are none."""
    if not 0 < start <= stop <= len(raw):
        raise ValueError("place of a column")
    at = start
    while at < stop:
        header, at = _struct(raw, at, 0)
        unpacked, packed = (_size(header.get(field)) for field in (_UNPACKED, _PACKED))
        if at + packed > len(raw):
            raise ValueError("size of a page")
        kind = next((kind for kind in _ENCODING if isinstance(header.get(kind), dict)), 0)
        yield Page(unpacked, header[kind].get(_ENCODING[kind], -1) if kind else -1)
        at += packed


def _size(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise ValueError("size of a page")
    return value


def _struct(raw: Raw, at: int, depth: int) -> tuple[dict[int, Any], int]:
    """Fields by number; texts and lists are passed over."""
    if depth > _DEEPEST:
        raise ValueError("depth of a header")
    fields: dict[int, Any] = {}
    number = 0
    while head := raw[at]:
        at += 1
        if head >> 4:
            number += head >> 4
        else:
            number, at = _signed(raw, at)
        fields[number], at = _value(raw, at, head & 15, depth)
    return fields, at + 1


def _value(raw: Raw, at: int, kind: int, depth: int) -> tuple[Any, int]:
    match kind:
        case 1 | 2:  # true, false: said by the kind
            return kind == _TRUE, at
        case 3:
            return raw[at], at + 1
        case 4 | 5 | 6:
            return _signed(raw, at)
        case 7:
            return None, at + 8
        case 8:
            size, at = _unsigned(raw, at)
            return None, at + size
        case 9 | 10:
            return None, _past_list(raw, at, depth)
        case 12:
            return _struct(raw, at, depth + 1)
    raise ValueError("kind of a field")  # no header has a map


def _past_list(raw: Raw, at: int, depth: int) -> int:
    head, at = raw[at], at + 1
    size = head >> 4
    if size == 15:
        size, at = _unsigned(raw, at)
    if at + size > len(raw):
        raise ValueError("size of a list")
    if head & 15 in (1, 2):  # within a list, true and false take a byte
        return at + size
    for _ in range(size):
        _, at = _value(raw, at, head & 15, depth + 1)
    return at


def _unsigned(raw: Raw, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        byte = raw[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
    raise ValueError("length of a number")


def _signed(raw: Raw, at: int) -> tuple[int, int]:
    value, at = _unsigned(raw, at)
    return (value >> 1) ^ -(value & 1), at
