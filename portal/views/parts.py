"""The addresses of an upload in parts (portal/parts.py); they answer in JSON."""

from __future__ import annotations

import errno
from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from portal import access, parts
from portal.bringing import bring
from portal.forms.line import NAME_LIMIT
from portal.forms.upload import MOST_FILES, mixture_fault, too_large
from portal.parts import Refused
from portal.request import Request

FULL = "The disk of the portal is full and nothing of the file was kept; make room, then retry."
View = Callable[[Request], HttpResponse]


def _said(view: View) -> View:
    """What is not taken is a sentence, with the offset that the file has."""

    @wraps(view)
    def answered(request: Request) -> HttpResponse:
        access.check_may_upload(request.user)
        try:
            return view(request)
        except Refused as refused:
            told = {"said": refused.sentence, "offset": refused.offset}
            return JsonResponse(told, status=refused.status)
        except OSError as problem:
            if problem.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
            return JsonResponse({"said": FULL, "offset": None}, status=507)

    return answered


@login_required
@require_POST
@_said
def begin(request: Request) -> HttpResponse:
    size = request.POST.get("size", "")
    if not size.isdecimal() or len(size) > 15:
        raise Refused("The size of a file is a number of bytes.", status=422)
    token = parts.begin(request.user, request.POST.get("name", ""), int(size))
    return JsonResponse({"token": token, "offset": 0, "part": parts.PART}, status=201)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@_said
def part(request: Request) -> HttpResponse:
    """GET says how far the file has come, POST adds to it."""
    known = parts.part_of(request.user, request.headers.get("X-Upload", ""))
    if request.method != "POST":
        return JsonResponse({"offset": known.offset, "part": parts.PART})
    offset = request.headers.get("X-Offset", "")
    if not offset.isdecimal() or len(offset) > 15:
        raise Refused("The offset of a part is a number of bytes.", status=422)
    content = request.read(parts.PART + 1)
    return JsonResponse({"offset": parts.add(known, int(offset), content)})


@login_required
@require_POST
@_said
def end(request: Request) -> HttpResponse:
    """Files that are whole become an extract; answers where it is."""
    tokens = request.POST.getlist("token")
    if not 1 <= len(tokens) <= MOST_FILES:
        raise Refused(f"An extract has 1 to {MOST_FILES} files.", status=422)
    files = [parts.part_of(request.user, token) for token in dict.fromkeys(tokens)]
    total = sum(file.size for file in files)
    if said := mixture_fault([file.name for file in files]) or _too_large(total):
        raise Refused(said, status=422)
    brought = [parts.whole(file) for file in files]
    title = " ".join(request.POST.get("name", "").split())[:NAME_LIMIT]
    extract = bring(request.user, brought, title=title)
    where = reverse("extract", kwargs={"id": extract.pk})
    return JsonResponse({"location": where}, status=201)


def _too_large(size: int) -> str:
    return too_large(size) if size > settings.UPLOAD_LIMIT else ""
