"""Files of bundles and profiles, in parts if asked for, so that a broken download can be resumed.

RFC 9110: one byte range is answered with 206, one that cannot be met with 416; several ranges at
once may be ignored and are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO
from urllib.parse import quote
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import (
    Http404,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotModified,
    StreamingHttpResponse,
)
from django.shortcuts import get_object_or_404
from django.utils.http import parse_etags
from django.views.decorators.http import require_safe

import generator
from portal import trail
from portal.access import get_bundle_or_404, get_profile_or_404
from portal.handover import Handed, HandedOver, sends_itself
from portal.models import Bundle, BundleFile, Profile
from portal.private_files import private_files
from portal.request import Request
from portal.trail import Verb

CHUNK = 1 << 18
DOCUMENT_TYPES = {
    "json": "application/json",
    "md": "text/markdown; charset=utf-8",
    "svg": "image/svg+xml",
    "zip": "application/zip",
}
# No file has 10**18 bytes; a longer number is no range that is understood.
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.IGNORECASE | re.ASCII)


@login_required
@require_safe
def bundle_file(request: Request, id: UUID, path: str) -> HttpResponseBase:  # noqa: A002 - named after the column
    bundle = get_bundle_or_404(request.user, id)
    if bundle.state != Bundle.State.READY:
        raise Http404("This bundle has no files yet.")
    if "\0" in path:
        raise Http404("No file has such a name.")  # PostgreSQL refuses to look it up
    file = get_object_or_404(bundle.files, path=path)
    return serve(request, file, key=f"{bundle.path}/{file.path}", of=bundle)


@login_required
@require_safe
def bundle_zip(request: Request, id: UUID) -> HttpResponseBase:  # noqa: A002 - named after the column
    """All files at once."""
    bundle = get_bundle_or_404(request.user, id)
    file = get_object_or_404(bundle.files, format="zip")
    return bundle_file(request, id, file.path)


@login_required
@require_safe
def profile_file(request: Request, id: int) -> HttpResponseBase:  # noqa: A002 - named after the column
    """A fitted profile, for the command line: it holds no row, only what its page shows."""
    profile = get_profile_or_404(request.user, id)
    if not profile.path or not private_files().exists(profile.path):
        raise Http404("This profile has no file.")
    file = BundleFile(
        path=f"{profile.name}.profile",
        bytes=private_files().size(profile.path),
        sha256=profile.hash,
    )
    return serve(request, file, key=profile.path, of=profile)


def serve(
    request: Request, file: BundleFile, *, key: str, of: Bundle | Profile
) -> HttpResponseBase:
    """The whole file, the asked part of it, or the word that nothing changed.  Bytes leave only
    when the audit trail says so."""
    if not private_files().exists(key):
        raise Http404("The file is gone.")
    etag = f'"{file.sha256}"'
    if _known(etag, request.headers.get("If-None-Match", "")):
        return HttpResponseNotModified(headers={"ETag": etag})
    asked = request.headers.get("Range", "")
    if request.headers.get("If-Range", etag) != etag:
        asked = ""
    part = byte_range(asked, size=file.bytes)
    if request.method == "GET" and (part is None or part):
        _note(request, file, part, of)
    response = _answer(request, part, key=key, size=file.bytes)
    name = file.path.rsplit("/", 1)[-1]
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = "private, no-transform"
    response.headers["Content-Type"] = _media(file.format)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return response


@transaction.atomic
def _note(request: Request, file: BundleFile, part: range | None, of: Bundle | Profile) -> None:
    asked = range(file.bytes) if part is None else part
    begun = {"from": asked.start} if asked.start else {}
    said = {"file": file.path, "sha256": file.sha256, "bytes": len(asked)} | begun
    trail.note(request.user, Verb.DOWNLOADED, of, **said)


def _media(name: str) -> str:
    if name in generator.FORMATS:
        return generator.FORMATS[name].media
    return DOCUMENT_TYPES.get(name, "application/octet-stream")


def _known(etag: str, asked: str) -> bool:
    """Whether the asker has the file already.  This comparison is weak: W/ does not matter."""
    return any(one == "*" or one.removeprefix("W/") == etag for one in parse_etags(asked))


def byte_range(asked: str, *, size: int) -> range | None:
    """The bytes asked for; None for the whole file; an empty range when it cannot be met."""
    match = _RANGE.fullmatch(asked.strip())
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if not first:
        return range(max(size - int(last), 0), size)
    if last and int(last) < int(first):
        return None
    return range(min(int(first), size), min(int(last) + 1 if last else size, size))


def _answer(request: Request, part: range | None, *, key: str, size: int) -> HttpResponseBase:
    if part is not None and not part:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    response = _sent(request, range(size) if part is None else part, key=key)
    response.headers["Content-Length"] = str(size if part is None else len(part))
    if part is not None:
        response.status_code = 206
        response.headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{size}"
    return response


def _sent(request: Request, part: range, *, key: str) -> HttpResponseBase:
    if request.method == "HEAD":
        return HttpResponse()
    if sends_itself(request):
        return StreamingHttpResponse(_read(private_files().open(key), part))
    return HandedOver(Handed(key, part.start, len(part), person=str(request.user.pk)))


def _read(file: BinaryIO, part: range) -> Iterator[bytes]:
    with file:
        file.seek(part.start)
        left = len(part)
        while left and (chunk := file.read(min(CHUNK, left))):
            left -= len(chunk)
            yield chunk
