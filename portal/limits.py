"""How much may be sent to the portal."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from portal.access import may_upload


class BodyLimit:
    """Refuse a body that claims to be too large before a byte of it is read.

    Those who may bring extracts meet the larger ``UPLOAD_LIMIT`` in the upload view.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        claimed = int(request.META.get("CONTENT_LENGTH") or 0)
        if claimed > settings.BODY_LIMIT and not may_upload(request.user):
            return HttpResponse(
                f"This form has {claimed:,} bytes; at most {settings.BODY_LIMIT:,} may be sent.",
                status=413,
                content_type="text/plain; charset=utf-8",
            )
        return self.get_response(request)
