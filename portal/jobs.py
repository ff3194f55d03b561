"""The work behind the pages: idempotent jobs around the engine.

A job begins by claiming its row; whoever changes the row from waiting to running does the work,
and every other copy of the job ends at once.  Files are written in a folder of the run's own and
moved into the storage when they are complete, so a killed run leaves nothing half-written.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.text import slugify

import generator
from portal import broker, budget, trail
from portal.away import patiently
from portal.claims import new_claim, nonce
from portal.confirmed import no_rules, region_of, renamed, unit_of
from portal.extract_files import opened
from portal.models import Bundle, BundleFile, Extract, Profile, Work
from portal.plans import plan_document
from portal.private_files import private_files
from portal.profiles import document, facts
from portal.removal import delete_extract
from portal.run import Run
from portal.taking_in import is_profile, take_in
from portal.token_key import token_key
from portal.token_register import token_register
from portal.trail import Verb

if TYPE_CHECKING:
    import pyarrow as pa
    from django.contrib.auth.models import User

ZIP_DAY = (2025, 1, 1, 0, 0, 0)  # a ZIP notes a day for each file; same bundle, same bytes
COPY_BYTES = 1 << 20
MOST_RULES = 300  # of an extract that a page shows to be confirmed

Row = TypeVar("Row", bound=Work)


def enqueue(row: Work) -> None:
    """Queue the work once the row is committed.  Without a broker it waits for the reaper."""
    transaction.on_commit(partial(broker.push, row))


def make_bundle(id: str) -> None:  # noqa: A002 - named after the column
    """Draw, write, check, pack and publish one bundle."""
    _work_on(Bundle.objects.select_related("profile"), id, _make)


def inspect_extract(id: str) -> None:  # noqa: A002 - named after the column
    """Read an uploaded file and note the schema it seems to have; a profile is taken in, and its
    file goes as that of an extract does that was learned."""
    extract = _work_on(Extract.objects.select_related("owner"), id, _look_at)
    if extract and extract.profiles.filter(state=Profile.DONE).exists():
        patiently(partial(delete_extract, extract))


def fit_profile(id: str) -> None:  # noqa: A002 - named after the column
    """Fit a profile from its confirmed extract; the extract's files go when it is done, now or,
    if this process is killed first, by the reaper."""
    profile = _work_on(Profile.objects.select_related("extract"), id, _fit)
    if profile and profile.state == Profile.DONE and profile.extract is not None:
        patiently(partial(delete_extract, profile.extract))


def _work_on(rows: QuerySet[Row], id: str, do: Callable[[Row, Run], None]) -> Row | None:  # noqa: A002 - named after the column
    """``do`` the work of the row, if nobody else does."""
    claim = new_claim()
    row = patiently(lambda: rows.filter(pk=id).first())
    if row is None or not patiently(partial(row.take, claim=claim)):
        return None
    with Run(row, claim=claim) as run:
        do(row, run)
    return row


def _make(bundle: Bundle, run: Run) -> None:
    masked = bundle.profile.kind == Profile.Kind.MASKED
    profile = _masked(bundle.profile, run) if masked else document(bundle.profile)
    plan = generator.plan(profile, generator.Recipe.from_dict(bundle.recipe))
    run.expect(plan)
    out = run.folder / "bundle"
    manifest = generator.sample(
        profile,
        plan,
        out,
        workers=1 if masked else settings.SAMPLE_PROCESSES,  # its rows are in memory, once
        memory=generator.free_memory(),
        progress=run.progress,
        cancelled=run.cancelled,
    )
    run.enter("packing")
    files = _files_of(out)
    files.append(_pack(out, files, name=f"{_slug(bundle)}.zip", run=run))
    _publish(bundle, run, out, files, plan=plan_document(plan, manifest["rows"]))


def _masked(profile: Profile, run: Run) -> generator.Profile:
    """The rows of the extract with tokens for every personal value."""
    extract = profile.extract
    if extract is None or not extract.path:
        raise generator.ExtractError("The extract that was to be copied is gone; upload it again.")
    run.enter("reading")
    confirmed = profile.facts["confirmed"]
    read = renamed(_read(extract, run), confirmed)
    schema = generator.Schema.from_dict(confirmed)
    schema = generator.settled(read, schema, cancelled=run.cancelled)
    made = _tokens(read, schema, confirmed, run, unit=unit_of(confirmed))
    tables = generator.typed(made, schema, cancelled=run.cancelled)
    return generator.masked_profile(
        schema, tables, name=profile.name, mark=token_key().mark, title=profile.title
    )


def _tokens(
    read: dict[str, pa.Table],
    schema: generator.Schema,
    confirmed: dict[str, Any],
    run: Run,
    *,
    unit: str = "",
) -> dict[str, pa.Table]:
    """The tables with tokens in what was confirmed as personal, as earlier uploads had them."""
    run.enter("making tokens")
    with token_register(run.cancelled) as register:
        return generator.tokenised(
            read,
            schema,
            token_key(),
            register=register,
            unit=unit,
            region=region_of(confirmed),
            cancelled=run.cancelled,
        )


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
    data = generator.FORMATS.get(file.format)
    stored = data is not None and data.packed
    entry.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
    entry._compresslevel = 1  # type: ignore[attr-defined]  # public from Python 3.13 on
    with packed.open(entry, "w") as target:
        for chunk in _chunks(folder / file.path):
            if run.cancelled():
                raise generator.Cancelled("The run was cancelled.")
            target.write(chunk)


def _publish(
    bundle: Bundle, run: Run, out: Path, files: list[BundleFile], *, plan: dict[str, Any]
) -> None:
    _keep(
        bundle,
        run,
        out,
        key=f"bundles/{bundle.pk}/{nonce(run.claim)}",
        finish=partial(_finish_bundle, bundle, files),
        rows=plan["rows"],
        plan=plan,
        bytes=sum(file.bytes for file in files if file.format != "zip"),
        receipt=next(file.sha256 for file in files if file.path == "manifest.json"),
        progress=run.meter.document(),
    )


def _finish_bundle(bundle: Bundle, files: list[BundleFile], **results: Any) -> bool:
    said = {"rows": results["rows"], "bytes": results["bytes"], "sha256": results["receipt"]}
    return trail.noted(
        partial(bundle.finish_with, files, **results), None, Verb.MADE, bundle, **said
    )


def _keep(
    row: Bundle | Profile,
    run: Run,
    made: Path,
    *,
    key: str,
    finish: Callable[..., bool],
    **results: object,
) -> None:
    """Move what was made in, then the row; files without a row are a leftover the reaper removes.

    A row that has its path was finished, though the answer may have been lost on its way.
    """
    private_files().adopt(made, key)
    tell = partial(finish, claim=run.claim, path=key, **results)
    if not patiently(tell, unless=run.cancelled) and row.path != key:
        private_files().delete(key)
        raise generator.Cancelled("The run was cancelled.")


def _look_at(extract: Extract, run: Run) -> None:
    (take_in if is_profile(extract) else _inspect)(extract, run)


def _inspect(extract: Extract, run: Run) -> None:
    tables = _read(extract, run)
    schema = generator.infer(tables, cancelled=run.cancelled)
    sole = generator.sole_columns(tables, schema, cancelled=run.cancelled)
    typed = generator.typed(tables, schema, cancelled=run.cancelled)
    said = list(generator.not_learnt(typed, schema))
    rules = generator.found_rules(typed, schema)[:MOST_RULES]
    findings = generator.find_personal(tables, schema)
    room = [
        {"said": str(one), "enough": one.enough}
        for one in generator.ranges_for(tables, schema, findings)
    ]
    tell = partial(
        extract.finish,
        claim=run.claim,
        inferred={
            **schema.to_dict(),
            "sole": sole,
            "findings": findings.to_dict(),
            **({"room": room} if room else {}),
            **({"said": said} if said else {}),
            **({"rules": rules} if rules else {}),
        },
        rows=sum(table.num_rows for table in tables.values()),
        columns=sum(len(table.columns) for table in schema),
    )
    patiently(tell, unless=run.cancelled)


def _read(extract: Extract, run: Run) -> dict[str, pa.Table]:
    """The tables of an upload; columns that nothing can be learnt of are there, marked, so that
    they can be left out on the page."""
    with opened(extract, run.folder, cancelled=run.cancelled) as path:
        return generator.read(path, header=extract.header, marked=True, cancelled=run.cancelled)


def _fit(profile: Profile, run: Run) -> None:
    extract = profile.extract
    if extract is None or not extract.path:
        raise generator.ExtractError(
            "The extract this profile was to be fitted from is gone; upload it again."
        )
    run.enter("reading")
    confirmed = extract.confirmed or extract.inferred
    learn = _privately if confirmed.get("private") else _learnt
    fitted = learn(profile, renamed(_read(extract, run), confirmed), confirmed, run)
    written = run.folder / "fitted.profile"
    generator.save_profile(fitted, written)
    _keep(
        profile,
        run,
        written,
        key=f"profiles/{profile.name}-{profile.version}-{nonce(run.claim)}.profile",
        finish=partial(_finish_fit, profile, by=profile.created_by, sha256=fitted.hash),
        certificate=dict(fitted.certificate or {}),
        facts={**facts(fitted), **budget.facts(fitted), "rows": _rows(fitted, extract)},
        progress={},
    )


def _learnt(
    profile: Profile, read: dict[str, pa.Table], confirmed: dict[str, Any], run: Run
) -> generator.Profile:
    schema = generator.Schema.from_dict(confirmed)
    schema = generator.settled(read, schema, cancelled=run.cancelled)
    # Without the unit: all its days would move, and with them weekdays and seasons.
    masked = _tokens(read, schema, confirmed, run)
    tables = generator.typed(masked, schema, cancelled=run.cancelled)
    run.enter("fitting")
    return generator.fit(
        tables,
        schema,
        name=profile.name,
        version=str(profile.version),
        title=profile.title,
        progress=run.tell,
        cancelled=run.cancelled,
        no_rules=no_rules(confirmed),
        unit=unit_of(confirmed),
        k=int(confirmed.get("k", generator.K)),
        **({"onto": confirmed["onto"]} if confirmed.get("onto") else {}),
    )


def _privately(
    profile: Profile, read: dict[str, pa.Table], confirmed: dict[str, Any], run: Run
) -> generator.Profile:
    """Only what is declared is taken of the tables; what they seemed to be does not count."""
    private = confirmed["private"]
    declared = generator.declared_from(private["declared"])
    onto = confirmed.get("onto")
    fit = partial(generator.fit_private_onto, onto=onto) if onto else generator.fit_private
    run.enter("fitting")
    return fit(
        {
            table.name: read[table.name].select(table.column_names)
            for table in declared.schema
            if table.name in read
        },
        declared,
        generator.Budget(private["epsilon"], private["delta"], private["unit"]),
        name=profile.name,
        version=str(profile.version),
        title=profile.title,
        progress=run.tell,
        cancelled=run.cancelled,
    )


def _rows(fitted: generator.Profile, extract: Extract) -> int | None:
    """How many rows were learnt; of a private fit only what it says itself, by noise."""
    if fitted.ledger is None:
        return extract.rows
    return sum(int(table.rows) for table in fitted.summary.tables.values())


def _finish_fit(profile: Profile, *, by: User | None, sha256: str, **results: Any) -> bool:
    finish = partial(profile.finish, hash=sha256, **results)
    return trail.noted(finish, by, Verb.FITTED, profile, sha256=sha256)


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
