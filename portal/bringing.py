"""From files that came in, sealed, to an extract with its row."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib.auth.models import User
from django.db import Error, transaction

from portal import jobs, trail
from portal.brought import Brought
from portal.extract_files import folder_of, key_of
from portal.forms.upload import safe_file_name
from portal.models import Extract
from portal.private_files import private_files
from portal.trail import Verb


def bring(user: User, files: Sequence[Brought], *, title: str = "") -> Extract:
    """The files first, then their row, so that no row ever names a file that is not there."""
    names = _own_names([safe_file_name(file.name) for file in files])
    stem = names[0].partition(".")[0].replace("_", " ")
    extract = Extract(
        owner=user,
        name=(title or stem)[:100],
        original_name=_listed(names),
        bytes=sum(file.bytes for file in files),
        files=[
            {"name": name, "bytes": file.bytes, "sha256": file.sha256}
            for name, file in zip(names, files, strict=True)
        ],
    )
    extract.path = folder_of(extract)
    try:
        for name, file in zip(names, files, strict=True):
            private_files().adopt(file.path, key_of(extract, name))
        with transaction.atomic():
            extract.save(force_insert=True)
            hashes = [file.sha256 for file in files]
            trail.note(user, Verb.UPLOADED, extract, bytes=extract.bytes, sha256=hashes)
            jobs.enqueue(extract)
    except (OSError, Error):
        private_files().delete(extract.path)
        raise
    return extract


def _own_names(names: Sequence[str]) -> list[str]:
    """Each name once: two files of one name would be one."""
    seen: set[str] = set()
    own = []
    for name in names:
        stem, dot, ending = name.partition(".")
        number, fresh = 1, name
        while fresh.lower() in seen:
            number += 1
            fresh = f"{stem}_{number}{dot}{ending}"
        seen.add(fresh.lower())
        own.append(fresh)
    return own


def _listed(names: Sequence[str]) -> str:
    """As many as fit in a line."""
    said = ", ".join(names)
    return said if len(said) <= 255 else f"{names[0][:200]} and {len(names) - 1} more"
