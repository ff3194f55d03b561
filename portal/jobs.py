"""The work behind the pages: idempotent jobs around the engine.

A job begins by claiming its row; whoever changes the row from waiting to running does the work,
and every other copy of the job ends at once.  Files are written in a folder of the run's own and
moved into the storage when they are complete, so a killed run leaves nothing half-written.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils.text import slugify

import generator
from portal import broker
from portal.claims import new_claim, token
from portal.models import Bundle, BundleFile, Extract, Profile
from portal.private_files import private_files
from portal.profiles import document, facts
from portal.removal import delete_extract
from portal.run import Run

ZIP_DAY = (2025, 1, 1, 0, 0, 0)  # a ZIP notes a day for each file; same bundle, same bytes
COPY_BYTES = 1 << 20
PACKED = (".parquet", ".gz", ".zip")


def enqueue_bundle(bundle: Bundle) -> None:
    """Queue the run once the row is committed.  Without a broker the row waits for the reaper."""
    transaction.on_commit(partial(broker.push, bundle))


def enqueue_inspection(extract: Extract) -> None:
    transaction.on_commit(partial(broker.push, extract))


def enqueue_fit(profile: Profile) -> None:
    transaction.on_commit(partial(broker.push, profile))


def make_bundle(id: str) -> None:  # noqa: A002 - named after the column
    """Draw, write, check, pack and publish one bundle."""
    bundle = Bundle.objects.select_related("profile").filter(pk=id).first()
    claim = new_claim()
    if bundle is None or not bundle.start(claim=claim):
        return
    with Run(bundle, claim=claim) as run:
        _make(bundle, run)


def _make(bundle: Bundle, run: Run) -> None:
    profile = document(bundle.profile)
    plan = generator.plan(profile, generator.Recipe.from_dict(bundle.recipe))
    run.expect(plan)
    out = run.folder / "bundle"
    generator.sample(
        profile,
        plan,
        out,
        workers=settings.SAMPLE_PROCESSES,
        progress=run.progress,
        cancelled=run.cancelled,
    )
    run.enter("packing")
    files = _files_of(out)
    files.append(_pack(out, files, name=f"{_slug(bundle)}.zip", run=run))
    _publish(bundle, run, out, files, rows=plan.rows)


def _files_of(folder: Path) -> list[BundleFile]:
    """What the manifest lists, then the documents beside it."""
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    files = [
        BundleFile(
            path=entry["path"],
            table=entry.get("table") or "",
            format=entry.get("format") or _format(entry["path"]),
            rows=entry["rows"] if entry.get("table") or entry.get("rows") else None,
            bytes=entry["bytes"],
            sha256=entry["sha256"],
        )
        for entry in manifest["files"]
    ]
    listed = {file.path for file in files}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and name not in listed:
            files.append(
                BundleFile(
                    path=name,
                    format=_format(name),
                    bytes=path.stat().st_size,
                    sha256=_sha256(path),
                )
            )
    return files


def _pack(folder: Path, files: list[BundleFile], *, name: str, run: Run) -> BundleFile:
    """One ZIP of all files, built on disk so that its download can be resumed."""
    target = folder / name
    with zipfile.ZipFile(target, "w") as packed:
        for file in files:
            _pack_one(packed, folder, file, run)
    return BundleFile(path=name, format="zip", bytes=target.stat().st_size, sha256=_sha256(target))


def _pack_one(packed: zipfile.ZipFile, folder: Path, file: BundleFile, run: Run) -> None:
    entry = zipfile.ZipInfo(file.path, ZIP_DAY)
    entry.external_attr = 0o644 << 16
    entry.file_size = file.bytes
    stored = file.path.endswith(PACKED)
    entry.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
    entry._compresslevel = 1  # its public name comes with Python 3.13
    with packed.open(entry, "w") as target:
        for chunk in _chunks(folder / file.path):
            if run.cancelled():
                raise generator.Cancelled("The run was cancelled.")
            target.write(chunk)


def _publish(bundle: Bundle, run: Run, out: Path, files: list[BundleFile], *, rows: int) -> None:
    """Move the files in, then the row; files without a row are a leftover the reaper removes."""
    key = f"bundles/{bundle.pk}/{token(run.claim)}"
    receipt = next(file.sha256 for file in files if file.path == "manifest.json")
    private_files().adopt(out, key)
    done = bundle.finish(
        claim=run.claim,
        files=files,
        path=key,
        rows=rows,
        bytes=sum(file.bytes for file in files if file.format != "zip"),
        receipt=receipt,
        progress=run.meter.document(),
    )
    if not done:
        private_files().delete(key)
        raise generator.Cancelled("The run was cancelled.")


def inspect_extract(id: str) -> None:  # noqa: A002 - named after the column
    """Read an uploaded file and note the schema it seems to have."""
    extract = Extract.objects.filter(pk=id).first()
    claim = new_claim()
    if extract is None or not extract.start_inspecting(claim=claim):
        return
    with Run(extract, claim=claim):
        tables = generator.read(private_files().path(extract.path))
        schema = generator.infer(tables)
        extract.inspected(
            claim=claim,
            inferred=schema.to_dict(),
            rows=sum(table.num_rows for table in tables.values()),
            columns=sum(len(table.columns) for table in schema),
        )


def fit_profile(id: str) -> None:  # noqa: A002 - named after the column
    """Fit a profile from its confirmed extract; the extract's files go when it is done, now or,
    if this process is killed first, by the reaper."""
    profile = Profile.objects.select_related("extract").filter(pk=id).first()
    claim = new_claim()
    if profile is None or not profile.start_fitting(claim=claim):
        return
    with Run(profile, claim=claim) as run:
        _fit(profile, run)
    if profile.state == Profile.State.REVIEW and profile.extract is not None:
        delete_extract(profile.extract)


def _fit(profile: Profile, run: Run) -> None:
    extract = profile.extract
    if extract is None or not extract.path:
        raise generator.ExtractError(
            "The extract this profile was to be fitted from is gone; upload it again."
        )
    run.enter("reading")
    schema = generator.Schema.from_dict(extract.confirmed or extract.inferred)
    tables = generator.typed(generator.read(private_files().path(extract.path)), schema)
    run.enter("fitting")
    fitted = generator.fit(
        tables,
        schema,
        name=profile.name,
        version=str(profile.version),
        title=profile.title,
        progress=run.tell,
        cancelled=run.cancelled,
    )
    written = run.folder / "fitted.profile"
    generator.save_profile(fitted, written)
    key = f"profiles/{profile.name}-{profile.version}-{token(run.claim)}.profile"
    private_files().adopt(written, key)
    done = profile.fitted(
        claim=run.claim,
        path=key,
        hash=fitted.hash,
        certificate=dict(fitted.certificate or {}),
        facts=facts(fitted) | {"rows": extract.rows},
        progress={},
    )
    if not done:
        private_files().delete(key)
        raise generator.Cancelled("The fit was cancelled.")


def _slug(bundle: Bundle) -> str:
    return slugify(bundle.name) or "bundle"


def _format(name: str) -> str:
    return name.rsplit(".", 1)[-1] if "." in name else ""


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    for chunk in _chunks(path):
        digest.update(chunk)
    return digest.hexdigest()


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(COPY_BYTES):
            yield chunk
