"""What a column of an extract seems to be."""

from __future__ import annotations

import re
from collections import Counter

import pyarrow as pa
import pyarrow.compute as pc

from generator.errors import ExtractError
from generator.forms import MISSING, form_of, public_word
from generator.infer.native import as_text
from generator.infer.patterns import DIGITS, INTEGER, PATTERNS, read_as, usable
from generator.leaves.pattern import COVERED, mask_of, shapes_of
from generator.schema import Column, Kind

_IDENTIFIER = re.compile(r"(^|_)(id|key|uuid|guid|number|no)$", re.IGNORECASE)
_MORE = r"(\.\d{4,9}(Z|[+-].*)?|([+-](\d[1-9]|[1-9]\d):?\d\d|[+-]00:?[1-9]\d))$"
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d([T ])\d\d:\d\d(:\d\d)?(\.\d{1,3})?(Z|\+00:00)?")
_ALIKE = 10  # distinct texts of one shape make it one
_LOOKS = 3  # shapes shown of a column that is not understood
_LONGEST_LOOK = 30
_FEW = 0.2  # a text column is an ENUM while it has at most this many labels a row …
_FEW_LABELS = 2000  # … and at most so many in all


def column_of(name: str, values: pa.ChunkedArray) -> Column:
    """The column; ``values`` may be of any type that is read."""
    return _column(name, as_text(values))


def _column(name: str, values: pa.ChunkedArray) -> Column:
    if not pa.types.is_string(values.type):
        return _native(name, values)
    kind, missing = _kind(values)
    nullable = bool(pc.any(missing).as_py())
    present = values.filter(pc.invert(missing))
    if kind is Kind.TEXT:
        return _text(name, present, values, nullable=nullable)
    if kind is Kind.DECIMAL:
        return Column(name, kind, nullable, precision=18, scale=_scale(present))
    if kind is Kind.FLOAT:
        numbers = pc.utf8_trim_whitespace(present).cast(pa.float64())
        return Column(name, kind, nullable or not _all_finite(numbers))
    unique = kind is Kind.INTEGER and _identifies(name, present, values)
    form = _form_of_moments(present) if kind is Kind.TIMESTAMP else ""
    return Column(name, kind, nullable, unique=unique, form=form)


def _form_of_moments(present: pa.ChunkedArray) -> str:
    """How all of the moments are written, in words; empty where they differ."""
    first = _MOMENT.fullmatch(present[0].as_py().strip())
    if first is None:
        return ""
    apart, second, fraction, zone = (part or "" for part in first.groups())
    clock = r"\d\d:\d\d" + (r":\d\d" if second else "")
    clock += rf"\.\d{{{len(fraction) - 1}}}" if fraction else ""
    pattern = rf"^\d{{4}}-\d\d-\d\d{apart}{clock}{re.escape(zone)}$"
    if not pc.all(pc.match_substring_regex(pc.unique(present), pattern)).as_py():
        return ""
    told = (
        "hh:mm" + (":ss" if second else "") + (f".{'f' * (len(fraction) - 1)}" if fraction else "")
    )
    return f"YYYY-MM-DD{apart}{told}{zone}"


def _text(
    name: str, present: pa.ChunkedArray, values: pa.ChunkedArray, *, nullable: bool
) -> Column:
    distinct = pc.unique(present)
    few = len(distinct) <= min(_FEW_LABELS, max(20, _FEW * len(present)))
    kind = Kind.ENUM if few else Kind.TEXT
    reading = form_of([text for text in distinct.to_pylist() if text not in MISSING])
    if reading is not None:
        absent = pc.any(pc.is_in(distinct, pa.array(MISSING))).as_py()
        odd = not all(map(public_word, reading.odd))
        nullable = nullable or absent or odd
        if few or not reading.form.keyed:  # moments to the second differ, too
            return Column(name, kind, nullable, form=reading.form.title)
    form = reading.form.title if reading is not None else ""
    if few:
        return Column(name, kind, nullable, form=form)
    doubt = "" if reading is not None else _doubt(distinct.to_pylist())
    if not doubt and _identifies(name, present, values):
        return Column(name, kind, nullable, unique=True)
    return Column(name, kind, nullable, form=form, doubt=doubt)


def _doubt(texts: list[str]) -> str:
    """Shapes of texts that are neither of a form nor codes of a few shapes; empty where they are.
    Of a shape nothing is told but where digits, letters and signs stand."""
    shapes = shapes_of(texts, _ALIKE)
    if shapes.covered >= COVERED:
        return ""
    looks = Counter(re.sub(r"([9Aa?])\1+", r"\1", mask_of(text))[:_LONGEST_LOOK] for text in texts)
    return ", ".join(f"“{look}”" for look, _ in looks.most_common(_LOOKS))


def _all_finite(values: pa.ChunkedArray) -> bool:
    """NaN and numbers without bounds (1e308 stands for infinity, too) count as missing."""
    return pc.all(usable(values)).as_py() is not False


def _kind(values: pa.ChunkedArray) -> tuple[Kind, pa.ChunkedArray]:
    """The first kind all present values fit, and which values are missing under it."""
    absent = pc.is_in(pc.utf8_trim_whitespace(values), pa.array(MISSING))
    absent = pc.or_(absent, pc.is_null(values))
    distinct = pc.unique(pc.utf8_trim_whitespace(values.filter(pc.invert(absent))))
    for kind, pattern in PATTERNS if len(distinct) else ():
        if kind is Kind.FLOAT and pc.all(pc.match_substring_regex(distinct, DIGITS)).as_py():
            break  # longer than 64 bits: as text it keeps every digit
        if pc.all(pc.match_substring_regex(distinct, pattern)).as_py() and _exist(kind, distinct):
            return kind, absent
    empty = pc.or_(pc.equal(values, ""), pc.is_null(values))
    return Kind.TEXT, empty.fill_null(True)


def _exist(kind: Kind, distinct: pa.ChunkedArray) -> bool:
    """Whether all values can be kept as the kind: there is no 30th of February, and a moment keeps
    neither zones nor more than milliseconds."""
    if kind is Kind.TIMESTAMP and pc.any(pc.match_substring_regex(distinct, _MORE)).as_py():
        return False
    scale = _scale(distinct) if kind is Kind.DECIMAL else None
    try:
        read_as(Column("", kind, precision=18, scale=scale), distinct)
    except pa.ArrowInvalid:
        return False
    return True


def _scale(present: pa.ChunkedArray) -> int:
    fraction = pc.struct_field(
        pc.extract_regex(pc.unique(pc.utf8_trim_whitespace(present)), r"\.(?P<digits>\d+)$"),
        "digits",
    )
    return int(pc.max(pc.utf8_length(fraction)).as_py() or 1)


def _identifies(name: str, present: pa.ChunkedArray, values: pa.ChunkedArray) -> bool:
    if len(present) != len(values) or len(values) < 2:
        return False
    if pc.count_distinct(present).as_py() < len(present):
        return False
    numeric = pc.all(pc.match_substring_regex(present, INTEGER)).as_py()
    return bool(_IDENTIFIER.search(name)) or not numeric


def _native(name: str, values: pa.ChunkedArray) -> Column:
    kind, nullable = values.type, values.null_count > 0
    if pa.types.is_boolean(kind):
        return Column(name, Kind.BOOLEAN, nullable)
    if pa.types.is_integer(kind):
        present = values.drop_null()
        unique = bool(_IDENTIFIER.search(name)) and len(present) > 1
        unique = unique and pc.count_distinct(present).as_py() == len(values)
        return Column(name, Kind.INTEGER, nullable, unique=unique)
    if pa.types.is_decimal(kind):
        return Column(
            name, Kind.DECIMAL, nullable, precision=min(kind.precision, 18), scale=kind.scale
        )
    if pa.types.is_floating(kind):
        return Column(name, Kind.FLOAT, nullable or not _all_finite(values))
    if pa.types.is_date(kind):
        return Column(name, Kind.DATE, nullable)
    if pa.types.is_timestamp(kind):
        return Column(name, Kind.TIMESTAMP, nullable)
    if pa.types.is_null(kind):
        return Column(name, Kind.TEXT, nullable=True)
    raise ExtractError(f"Column {name} has the type {kind}, which cannot be learned; leave it out.")
