"""How much may be sent to the portal."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from portal.access import may_upload


class BodyLimit:
    """Refuse a body that claims to be too large before a byte of it is read."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        claimed = int(request.META.get("CONTENT_LENGTH") or 0)
        if claimed > settings.BODY_LIMIT and claimed > limit_for(request):
            return HttpResponse(
                f"This upload has {claimed / 1e9:.2f} GB; at most {limit_for(request) / 1e9:.2f} "
                "GB may be sent. Send fewer rows or columns, or a compressed Parquet file.",
                status=413,
                content_type="text/plain; charset=utf-8",
            )
        return self.get_response(request)


def limit_for(request: HttpRequest) -> int:
    """Bytes; only those who may bring extracts may send more than a form."""
    return int(settings.UPLOAD_LIMIT if may_upload(request.user) else settings.BODY_LIMIT)
