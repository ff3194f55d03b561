"""The one file a fitted profile is kept in: written whole, read without belief."""

from __future__ import annotations

import hashlib
import io
import json
import math
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.calibrated import Calibration
from generator.errors import ProfileError, StorageError, shown
from generator.fitted.checks import check_summary, check_tables, check_unit
from generator.fitted.leaves import ColumnLeaves, Kin, Made, Predictor, TableLeaves, Tie
from generator.fitted.ledger import check_ledger
from generator.fitted.packing import choices_of, curves_of, kept, room_of, scale_kept, tree_of
from generator.fitted.rules import rules_of
from generator.fitted.world import FittedWorld, written_forms
from generator.forms import form_from
from generator.found import found_from
from generator.leaves.choice import Choices
from generator.leaves.codec import Codec
from generator.leaves.long import Long
from generator.leaves.quantiles import Curves
from generator.leaves.scale import Endings, Scale
from generator.profile import Profile
from generator.schema import Column, Kind, Schema
from generator.summary import Summary

FORMAT = 1
MOST_PACKED = 32 << 20  # bytes of the file; a profile has at most 5 MB
MOST_DOCUMENT = 12 << 20  # bytes of profile.json: 3 of them may become 64 in memory
MOST_ARRAYS = 64 << 20  # bytes of all arrays: looking up places in them takes four times as much
MOST_ENTRIES = 100_000
_DOCUMENT = "profile.json"
_DAY = (1980, 1, 1, 0, 0, 0)
_PACKING = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_LONGEST = 1000  # letters of the name, the version and the title


def save_profile(profile: Profile, path: Path) -> None:
    """Write a fitted profile into one file, whole or not at all; equal profiles, equal bytes.

    Raises ProfileError for a built-in profile and for one too large to be read again, StorageError
    when the disk refuses.
    """
    document, arrays = _pack(profile)
    _check_size(profile.name, arrays)
    content = _zip(document | {"hash": profile.hash}, arrays)
    partial = path.with_name(f".{path.name}.partial")
    try:
        partial.write_bytes(content)
        partial.replace(path)
    except OSError as problem:
        partial.unlink(missing_ok=True)
        raise StorageError(
            f"The profile “{path.name}” cannot be written ({problem.strerror}); free some space or "
            "choose another folder."
        ) from problem


def _check_size(name: str, arrays: Mapping[str, NDArray[Any]]) -> None:
    size = room_of({name: array.nbytes for name, array in arrays.items()})
    if size > MOST_ARRAYS:
        raise ProfileError(
            f"The profile {name} comes to {size >> 20:,} MiB, at most {MOST_ARRAYS >> 20} are "
            "allowed; fit fewer columns, or a sample of the rows."
        )


def hash_of(profile: Profile) -> str:
    """SHA-256 over the statistics of a fitted profile (not over its certificate)."""
    document, arrays = _pack(replace(profile, certificate=None))
    return hashlib.sha256(_zip(document, arrays)).hexdigest()


def _pack(profile: Profile) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    if profile.calibration is not None:
        rows = profile.calibration.rows
        held = Schema(tuple(table for table in profile.schema if table.name in rows))
        return _head(profile, held) | {"calibration": profile.calibration.document()}, {}
    if not isinstance(profile.world, FittedWorld):
        raise ProfileError(f"The profile {profile.name} is built in; only fitted ones have a file.")
    arrays: dict[str, NDArray[Any]] = {}
    tables = {
        name: {
            "rows": leaves.rows,
            "rules": [rule.document() for rule in leaves.rules],
            **_pack_links(leaves, f"{at}", arrays),
            "columns": [
                _pack_column(column, leaves.columns[column], f"{at}.{place}", arrays)
                for place, column in enumerate(leaves.columns)
            ],
        }
        for at, (name, leaves) in enumerate(profile.world.tables.items())
    }
    return _head(profile, profile.schema) | {"tables": tables}, arrays


def _head(profile: Profile, schema: Schema) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "name": profile.name,
        "version": profile.version,
        "title": profile.title,
        **({"unit": profile.unit} if profile.unit else {}),
        "schema": schema.to_dict(),
        "summary": profile.summary.to_dict() if profile.summary is not None else None,
        "certificate": profile.certificate,
        **({} if profile.ledger is None else {"ledger": dict(profile.ledger)}),
    }


def _pack_column(
    name: str, leaves: ColumnLeaves, stem: str, arrays: dict[str, NDArray[Any]]
) -> dict[str, Any]:
    codec = leaves.codec
    entry: dict[str, Any] = {
        "column": name,
        "form": codec.form,
        "labels": list(codec.labels),
        "pattern": list(codec.pattern),
        **({"shapes": [list(one) for one in codec.shapes]} if codec.shapes else {}),
        **({"weights": list(codec.weights)} if codec.shapes else {}),
        "written": None if codec.written is None else codec.written.document(),
        "words": list(codec.words),
        **({} if codec.long is None else {"long": vars(codec.long)}),
        "scale": None if codec.scale is None else _pack_scale(codec.scale, stem, arrays),
        "map_of": leaves.map_of,
        **({} if leaves.made is None else {"made": dict(vars(leaves.made))}),
        "predictors": _pack_predictors(leaves.predictors, stem, arrays),
    }
    for part, tree in (("tree", leaves.tree), ("absent_tree", leaves.absent_tree)):
        if tree is not None:
            for field, values in kept(tree):
                arrays[f"{stem}.{part}.{field}"] = values
    for part, shares in (("leaves", leaves.leaves), ("absent", leaves.absent)):
        if shares is not None:
            for field, values in kept(shares):
                arrays[f"{stem}.{part}.{field}"] = values
    if leaves.map_to is not None:
        arrays[f"{stem}.map_to"] = leaves.map_to
    return entry


def _pack_predictors(
    predictors: Sequence[Predictor], stem: str, arrays: dict[str, NDArray[Any]]
) -> list[dict[str, Any]]:
    for at, predictor in enumerate(predictors):
        if predictor.coordinates is not None:
            arrays[f"{stem}.p{at}"] = predictor.coordinates
    return [{"column": p.column, "centre": p.centre, "spread": p.spread} for p in predictors]


def _pack_links(leaves: TableLeaves, stem: str, arrays: dict[str, NDArray[Any]]) -> dict[str, Any]:
    """What a table with links, or that links lead to, keeps of them, and what its rows follow;
    nothing of any other."""
    told: dict[str, Any] = {}
    if leaves.follows:
        told["follows"] = leaves.follows
    if leaves.hidden:
        told["hidden"] = [
            {"name": name, "kind": str(column.kind), "nullable": column.nullable}
            for name, column in leaves.hidden.items()
        ]
    if leaves.ties:
        told["links"] = [
            _pack_tie(tie, f"{stem}.link{at}", arrays) for at, tie in enumerate(leaves.ties)
        ]
    return told


def _pack_tie(tie: Tie, stem: str, arrays: dict[str, NDArray[Any]]) -> dict[str, Any]:
    entry = {name: value for name, value in vars(tie).items() if name != "kin"}
    if tie.kin is not None:
        for field, values in kept(tie.kin.tree):
            arrays[f"{stem}.tree.{field}"] = values
        predictors = _pack_predictors(tie.kin.predictors, stem, arrays)
        same = None if tie.kin.same is None else list(tie.kin.same)
        entry["kin"] = {"predictors": predictors, "same": same}
    return entry


def _fields(part: Choices | Curves) -> Iterator[tuple[str, NDArray[Any]]]:
    for name in part.__dataclass_fields__:
        yield name, getattr(part, name)


def _pack_scale(scale: Scale, stem: str, arrays: dict[str, NDArray[Any]]) -> dict[str, Any]:
    ends = scale.endings
    for field, values in scale_kept(scale.knots):
        arrays[f"{stem}.scale.{field}"] = values
    if ends is None:
        return {"grid": scale.grid, "offset": scale.offset, "endings": None}
    for field, values in _fields(ends.leaf):
        arrays[f"{stem}.endings.{field}"] = values
    told = {"grid": scale.grid, "offset": scale.offset}
    return told | {"endings": {"unit": ends.unit, "modulus": ends.modulus}}


def _zip(document: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """Deterministic: sorted names, fixed times, one compression level."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        text = json.dumps(document, ensure_ascii=False, allow_nan=False)
        _add(packed, _DOCUMENT, text.encode())
        for name in sorted(arrays):
            part = io.BytesIO()
            np.lib.format.write_array(part, np.ascontiguousarray(arrays[name]), allow_pickle=False)
            _add(packed, f"{name}.npy", part.getvalue())
    return buffer.getvalue()


def _add(packed: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name, _DAY)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o600 << 16
    packed.writestr(entry, content, compresslevel=6)


Bases = Mapping[str, Callable[[Calibration], Profile]]


def load_profile(path: Path, bases: Bases = MappingProxyType({})) -> Profile:
    """Read the file ``save_profile`` wrote; ``bases`` are the built-in profiles that a calibrated
    one may stand on.  Raises ProfileError for anything else."""
    named = shown(path.name)
    try:
        document, arrays = _unzip(path)
        if document["format"] != FORMAT:
            raise ProfileError(
                f"“{named}” has the format {shown(document['format'])}, this version reads "
                f"{FORMAT}; use the version it was written with, or fit it again."
            )
        return _unpack(document, arrays, bases)
    except FileNotFoundError:
        raise ProfileError(f"There is no profile file “{named}”.") from None
    except (
        OSError,
        zipfile.BadZipFile,
        zlib.error,
        LookupError,
        TypeError,
        ValueError,
        AttributeError,
        EOFError,
        ArithmeticError,
        AssertionError,  # what the zipfile module holds for certain of a file
        MemoryError,
        RuntimeError,  # a password, a way of packing it does not know; nesting without end
    ) as problem:
        raise ProfileError(
            f"“{named}” is not a profile, or it is damaged; copy it again or fit it anew."
        ) from problem


def _unzip(path: Path) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """The document and the arrays; sizes are added up before anything is unpacked."""
    if path.stat().st_size > MOST_PACKED:
        raise _too_large(path)
    arrays = {}
    with zipfile.ZipFile(path) as packed:
        entries = {entry.filename: entry for entry in packed.infolist()}
        sizes = {name: entry.file_size for name, entry in entries.items()}
        if (
            len(packed.infolist()) > MOST_ENTRIES
            or sizes[_DOCUMENT] > MOST_DOCUMENT
            or _room(sizes) > MOST_ARRAYS
        ):
            raise _too_large(path)
        if any(entry.compress_type not in _PACKING for entry in entries.values()):
            raise ValueError("packed in another way")  # whose bombs are not bounded by a size
        document = _document(packed.read(entries[_DOCUMENT]))
        for name, entry in entries.items():
            if name.endswith(".npy"):
                arrays[name[:-4]] = _array(packed.read(entry))
    return document, arrays


def _room(sizes: Mapping[str, int]) -> int:
    """Bytes in memory of the arrays among entries of so many bytes."""
    return room_of({n.removesuffix(".npy"): size for n, size in sizes.items() if n != _DOCUMENT})


def _too_large(path: Path) -> ProfileError:
    return ProfileError(
        f"“{shown(path.name)}” is larger than a profile can be ({MOST_PACKED >> 20} MiB, unpacked "
        f"{MOST_ARRAYS >> 20}); copy it again or fit it anew."
    )


def _document(content: bytes) -> Any:
    """The JSON document.  Raises ValueError for numbers and characters JSON does not have."""
    text = content.decode()
    if "\\ud" in text.lower():  # half of a character cannot be written to any file
        json.dumps(json.loads(text), ensure_ascii=False).encode()
    return json.loads(text, parse_constant=_no_constant)


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def _array(content: bytes) -> NDArray[Any]:
    """A plain array; its claimed shape is held against its bytes before anything is allocated."""
    part = io.BytesIO(content)
    if np.lib.format.read_magic(part) != (1, 0):
        raise ValueError("version of an array")
    shape, _, kind = np.lib.format.read_array_header_1_0(part)
    size = math.prod(shape) * kind.itemsize
    if kind.kind not in "iuf" or not 0 < size == len(content) - part.tell():
        raise ValueError("size of an array")
    part.seek(0)
    array: NDArray[Any] = np.lib.format.read_array(part, allow_pickle=False)
    return array


def _unpack(
    document: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]], bases: Bases
) -> Profile:
    schema = Schema.from_dict(document["schema"])
    if "calibration" in document:
        profile = _based(document["calibration"], bases)
    else:
        tables = {
            name: TableLeaves(
                entry["rows"],
                {
                    column["column"]: _unpack_column(column, f"{at}.{place}", arrays)
                    for place, column in enumerate(entry["columns"])
                },
                {one["name"]: _hidden(one) for one in entry.get("hidden", ())},
                tuple(
                    _unpack_tie(tie, f"{at}.link{place}", arrays)
                    for place, tie in enumerate(entry.get("links", ()))
                ),
                tuple(found_from(rule) for rule in entry.get("rules", ())),
                entry.get("follows", ""),
            )
            for at, (name, entry) in enumerate(document["tables"].items())
        }
        check_tables(schema, tables)
        profile = Profile(
            "", "", "", "fitted", schema, FittedWorld(schema, tables), rules_of(tables)
        )
    summary = Summary.from_dict(document["summary"]) if document["summary"] is not None else None
    if summary is not None:
        check_summary(schema, summary, written_forms(profile))
    if not isinstance(document["certificate"], dict | None):
        raise ValueError("certificate")
    ledger = document.get("ledger")
    if ledger is not None:
        check_ledger(ledger)
    return replace(
        profile,
        ledger=ledger,
        name=_text(document["name"]),
        version=_text(document["version"]),
        title=_text(document["title"]),
        unit=check_unit(schema, _text(document.get("unit", ""))),
        summary=summary,
        certificate=document["certificate"],
        hash=_text(document["hash"]),
    )


def _based(document: Mapping[str, Any], bases: Bases) -> Profile:
    calibration = Calibration.read(document)
    if calibration.base not in bases:
        raise ProfileError(
            f"The profile was fitted onto “{shown(calibration.base)}”, which this version does not "
            f"have; it has {', '.join(bases) or 'none'}."
        )
    return bases[calibration.base](calibration)


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > _LONGEST:
        raise ValueError("a text of the document")
    return value


def _unpack_column(
    entry: Mapping[str, Any], stem: str, arrays: Mapping[str, NDArray[Any]]
) -> ColumnLeaves:
    codec = Codec(
        entry["form"],
        tuple(entry["labels"]),
        None if entry["scale"] is None else _unpack_scale(entry["scale"], stem, arrays),
        tuple(entry["pattern"]),
        None if entry["written"] is None else form_from(entry["written"]),
        Long(**entry["long"]) if "long" in entry else None,
        tuple(entry["words"]),
        tuple(tuple(one) for one in entry.get("shapes", ())),
        tuple(entry.get("weights", ())),
    )
    predictors = _un_pack_predictors(entry["predictors"], stem, arrays)
    width = sum(p.width for p in predictors)
    leaves = choices_of(f"{stem}.leaves", arrays) or curves_of(f"{stem}.leaves", arrays)
    return ColumnLeaves(
        codec,
        predictors,
        tree_of(f"{stem}.tree", arrays, width),
        leaves,
        tree_of(f"{stem}.absent_tree", arrays, width),
        choices_of(f"{stem}.absent", arrays),
        str(entry["map_of"]),
        arrays.get(f"{stem}.map_to"),
        Made(**entry["made"]) if "made" in entry else None,
    )


def _un_pack_predictors(
    entries: Sequence[Mapping[str, Any]], stem: str, arrays: Mapping[str, NDArray[Any]]
) -> tuple[Predictor, ...]:
    return tuple(
        Predictor(p["column"], arrays.get(f"{stem}.p{at}"), float(p["centre"]), float(p["spread"]))
        for at, p in enumerate(entries)
    )


def _hidden(entry: Mapping[str, Any]) -> Column:
    nullable = entry["nullable"]
    if type(nullable) is not bool:
        raise ValueError("a hidden column")
    return Column(_text(entry["name"]), Kind(entry["kind"]), nullable)


def _unpack_tie(entry: Mapping[str, Any], stem: str, arrays: Mapping[str, NDArray[Any]]) -> Tie:
    said = {name: value for name, value in entry.items() if name != "kin"}
    for name in ("path", "parent", "way", "count", "chosen"):
        _text(said[name])
    kin = None
    if "kin" in entry:
        predictors = _un_pack_predictors(entry["kin"]["predictors"], stem, arrays)
        tree = tree_of(f"{stem}.tree", arrays, sum(p.width for p in predictors))
        same = entry["kin"]["same"]
        if tree is None or not (same is None or (len(same) == 2 and all(map(_text, same)))):
            raise ValueError(stem)
        kin = Kin(predictors, tree, None if same is None else (same[0], same[1]))
    return Tie(**said, kin=kin)


def _unpack_scale(entry: Mapping[str, Any], stem: str, arrays: Mapping[str, NDArray[Any]]) -> Scale:
    ends = entry["endings"]
    return Scale(
        _scale_knots(f"{stem}.scale", arrays),
        float(entry["grid"]),
        None
        if ends is None
        else Endings(
            float(ends["unit"]),
            int(ends["modulus"]),
            _part(Choices, f"{stem}.endings", arrays),
        ),
        float(entry["offset"]),
    )


def _scale_knots(stem: str, arrays: Mapping[str, NDArray[Any]]) -> Curves:
    knots = curves_of(stem, arrays)
    if knots is None:
        raise ValueError(stem)
    return knots


def _part(kind: Any, stem: str, arrays: Mapping[str, NDArray[Any]]) -> Any:
    return kind(**{name: arrays[f"{stem}.{name}"] for name in kind.__dataclass_fields__})
