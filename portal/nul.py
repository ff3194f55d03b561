"""The character NUL: PostgreSQL refuses to look it up, and nobody types it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from django.http import Http404, HttpRequest, HttpResponse, QueryDict

NUL = "\0"


class NoNul:
    """Refuse it in an address or a form with one sentence."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if NUL in request.path:
            raise Http404("Nothing has such an address.")
        if NUL in unquote(request.META.get("QUERY_STRING", "")):
            return _refused("address")
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], *_: Any
    ) -> HttpResponse | None:
        """After the form's token was checked, so that the form has been read."""
        if getattr(view, "csrf_exempt", False):  # the upload reads its form itself, and looks
            return None
        return _refused("form") if request.method == "POST" and _has_nul(request.POST) else None


def _has_nul(form: QueryDict) -> bool:
    return any(NUL in text for name in form for text in (name, *form.getlist(name)))


def _refused(what: str) -> HttpResponse:
    return HttpResponse(
        f"The {what} has a NUL character in it, which no name or value may have; leave it out.",
        status=400,
        content_type="text/plain; charset=utf-8",
    )
