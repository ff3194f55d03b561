"""Files are handed over to whoever sends them without a thread: the front, or nginx.

Django decides who may have which bytes; an answer that is a file then goes without its body, with
a header that says where it lies.  Without a front (in tests, or a web process on its own) Django
sends the file itself.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from portal.address import through_front


class Handed(NamedTuple):
    """Bytes of the file ``key``; ``person`` is empty for what anybody may have."""

    key: str
    start: int
    length: int
    person: str = ""


class HandedOver(HttpResponse):
    """An answer whose body somebody else sends."""

    def __init__(self, handed: Handed) -> None:
        super().__init__()
        self.handed = handed


def sends_itself(request: HttpRequest) -> bool:
    """Whether nobody is there to hand a file over to."""
    return not settings.NGINX and not through_front(request)


class Handover:
    """The outermost middleware: static files are answers of a middleware too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if isinstance(response, HandedOver) and settings.NGINX:
            to_nginx(response, response.handed)
        elif isinstance(response, HandedOver):
            to_front(response, response.handed)
        elif through_front(request) and isinstance(response, FileResponse):
            return _static(response)
        return response


def to_front(response: HttpResponseBase, handed: Handed) -> None:
    order = {**handed._asdict(), "most": settings.DOWNLOADS}
    response.headers["X-Portal-Send"] = json.dumps(order)
    response.headers["Content-Length"] = "0"


def to_nginx(response: HttpResponseBase, handed: Handed) -> None:
    """nginx looks at Range itself, says so, and names the file's bytes by an ETag of its own."""
    response.status_code = 200
    for name in ("Accept-Ranges", "Content-Range", "Content-Length", "ETag"):
        response.headers.pop(name, None)
    response.headers["X-Accel-Redirect"] = f"/private/{quote(handed.key)}"


def _static(response: FileResponse) -> HttpResponseBase:
    """A file, or a part of one, that WhiteNoise found in the data folder."""
    opened: Any = response.file_to_stream
    whole: Any = getattr(opened, "fileobj", opened)
    path = Path(getattr(whole, "name", ""))
    if not path.is_relative_to(settings.PORTAL_DATA):
        return response
    key = path.relative_to(settings.PORTAL_DATA).as_posix()
    handed = Handed(key, whole.tell(), int(response.headers["Content-Length"]))
    opened.close()
    bare = HttpResponse(status=response.status_code, headers=dict(response.items()))
    to_front(bare, handed)
    return bare
