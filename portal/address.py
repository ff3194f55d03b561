"""Where a request came from."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def through_front(request: HttpRequest) -> bool:
    """Whether the portal's own front passed it on: nobody else can reach its socket, and requests
    from a socket have no address."""
    return not request.META.get("REMOTE_ADDR") and "HTTP_X_PORTAL_FRONT" in request.META


def address_of(request: HttpRequest) -> str:
    """The address of whoever asks, as far as it is known: what ``PROXIES`` proxies of ours saw.

    Each writes down its neighbour, the front too; what stands before that is a stranger's word.
    """
    said = str(request.META.get("HTTP_X_FORWARDED_FOR", ""))
    seen: list[str] = [part.strip() for part in said.split(",")]
    if not through_front(request):
        seen.append(str(request.META.get("REMOTE_ADDR", "")))
    behind: int = settings.PROXIES + 1
    return seen[-min(behind, len(seen))]
