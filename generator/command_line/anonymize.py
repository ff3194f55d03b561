"""``anonymize``: a copy of an extract with a token for every personal value."""

from __future__ import annotations

import argparse
import json
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import generator
from generator.command_line.copied import write_copy
from generator.command_line.files import write_private
from generator.command_line.terminal import DONE, RowBar, ShareBar, say
from generator.errors import shown

if TYPE_CHECKING:
    import pyarrow as pa

_KEY_BYTES = 32


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", type=Path, metavar="PATH", help="a file, or a folder of them")
    parser.add_argument("--key-file", type=Path, required=True, metavar="FILE")
    parser.add_argument("--make-key", action="store_true", help="make the key file where it lacks")
    parser.add_argument("--key", default="", metavar="NAME", help="another key of the file")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument("--findings", type=Path, metavar="FILE", help="what was found, and changed")
    parser.add_argument("--metadata", type=Path, help="SDV metadata or Frictionless datapackage")
    parser.add_argument("--unit", default="", metavar="TABLE.COLUMN", help="the key of persons")
    parser.add_argument(
        "--region",
        default="US",
        metavar="XX",
        help="of telephone numbers without the code of a country (US)",
    )
    parser.add_argument(
        "--format",
        action="append",
        default=[],
        metavar="F",
        help="make a bundle of the copy: csv, parquet, sqlite, postgres …, with its checks",
    )
    parser.add_argument(
        "--header", choices=("yes", "no"), help="whether the first row of CSV names the columns"
    )


def run(options: argparse.Namespace) -> int:
    _check_places(options.path, options.key_file, options.out)
    key = _key(options.key_file, options.key, make=options.make_key)
    register = _register(_register_of(options.key_file))
    named = None if options.header is None else options.header == "yes"
    raw = generator.read(options.path, header=named)
    schema = generator.infer(raw, options.metadata)
    findings = _findings(options.findings) or generator.find_personal(raw, schema)
    for one in findings:
        seen = f" ({', '.join(one.examples)})" if one.examples else ""
        say(f"{one.table}.{one.column}: {one.word}, {one.confidence:.2f}, {one.because}{seen}")
    for together in findings.together:
        columns = " and ".join(together.columns)
        say(f"{together.table}: {columns} single out {together.rows:,} of {together.of:,} rows")
    for known in generator.ranges_for(raw, schema, findings):
        say(str(known))
    with ShareBar() as bar:
        made = generator.anonymize(
            raw,
            schema,
            findings,
            key,
            register=register,
            unit=options.unit,
            region=options.region,
            progress=bar.show,
        )
    notes = {
        "findings.json": json.dumps(findings.to_dict(), ensure_ascii=False, indent=1),
        "anonymized.json": json.dumps({"key": key.name, "mark": key.mark}),
    }
    # The register first: tokens that are out must never be given to others.
    write_private(_register_of(options.key_file), json.dumps(register.given))
    if options.format:
        _bundle(options, made, schema, key)
    else:
        write_copy(options.out, made, notes)
    say(f"{options.out}: {len(made)} tables by the key {key.name}, mark {key.mark}")
    return DONE


def _bundle(
    options: argparse.Namespace,
    made: Mapping[str, pa.Table],
    schema: generator.Schema,
    key: generator.Key,
) -> None:
    """The copy as a bundle in its own right."""
    with RowBar("bar") as bar:
        generator.masked_bundle(
            made,
            schema,
            options.out,
            name=shown(options.path.stem, most=200),
            mark=key.mark,
            formats=[one for entry in options.format for one in entry.split(",")],
            progress=bar.show,
        )


def _check_places(path: Path, key_file: Path, out: Path) -> None:
    """The key never lies with data: whoever gets one must not get the other."""
    key = key_file.absolute().resolve()
    for data in (path, out):
        if key == data.resolve() or data.resolve() in key.parents:
            raise generator.RequestError(
                f"The key file “{shown(str(key_file))}” lies in {shown(str(data))}; keep it "
                "outside of data.",
                field="key-file",
            )
    if out.exists():
        raise generator.RequestError(
            f"--out is “{shown(str(out))}”, which is there already; name a new folder.", field="out"
        )


def _key(path: Path, named: str, *, make: bool) -> generator.Key:
    if make and not path.exists():
        write_private(path, f"first {secrets.token_hex(_KEY_BYTES)}\n")
    keys = generator.keys_from(_private(path, "key file"))
    if not named:
        return keys[0]
    for key in keys:
        if key.name == named:
            return key
    raise generator.RequestError(
        f"The key file has no key “{shown(named)}”; it has {', '.join(key.name for key in keys)}.",
        field="key",
    )


def _private(path: Path, what: str) -> str:
    named = f"The {what} “{shown(str(path))}”"
    try:
        if path.stat().st_mode & 0o077:
            raise generator.RequestError(
                f"{named} can be read by others; take their rights away (chmod 600).",
                field="key-file",
            )
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as problem:
        raise generator.RequestError(
            f"{named} is not there; name one, or make it with --make-key.", field="key-file"
        ) from problem
    except (OSError, UnicodeDecodeError) as problem:
        raise generator.RequestError(
            f"{named} cannot be read; name another.", field="key-file"
        ) from problem


def _register_of(key_file: Path) -> Path:
    return key_file.with_name(f"{key_file.name}.register")


def _register(path: Path) -> generator.Register:
    if not path.exists():
        return generator.Register()
    return generator.register_from(_private(path, "register of tokens"))


def _findings(path: Path | None) -> generator.Findings | None:
    if path is None:
        return None
    try:
        return generator.Findings.from_dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as problem:
        raise generator.RequestError(
            f"The findings “{shown(str(path))}” cannot be read; bring JSON as an earlier run wrote "
            "it.",
            field="findings",
        ) from problem
