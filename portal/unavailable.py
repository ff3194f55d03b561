"""What a page says while database or broker is away."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from portal.away import DATABASE, is_away, is_full

RETRY_AFTER = 5  # seconds


class Unavailable:
    """503 with one sentence for whatever a view needed and could not reach.

    What fails before or after the view comes to ``pages.failed``, which asks here too.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        return unavailable(request, error)


def unavailable(request: HttpRequest, error: BaseException | None) -> HttpResponse | None:
    """The page, if the error is an absence, or a disk without room."""
    if is_full(error):
        return HttpResponse(
            "The disk of the portal's database is full and nothing was changed. Delete bundles "
            "that nobody needs, or ask an administrator to make room, then try again.",
            status=507,
            content_type="text/plain; charset=utf-8",
        )
    if not is_away(error):
        return None
    what = "database" if isinstance(error, DATABASE) else "queue"
    answer = render(None, "503.html", {"what": what}, status=503)
    answer.headers["Retry-After"] = str(RETRY_AFTER)
    answer.headers["Cache-Control"] = "no-store"
    return answer
