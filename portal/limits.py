"""How much may be sent to the portal, and asked of it."""

from __future__ import annotations

import shutil
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

import generator
from portal.access import may_upload
from portal.templatetags.say import duration, size

# While a bundle is made its rows lie on the disk three times: as drawn, as files, in the ZIP.
COPIES = 3


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


def too_much(plan: generator.Plan) -> str:
    """Why this portal cannot make a plan, if so: a run may take so long, the disk has so much."""
    if plan.seconds_estimate > settings.RUN_SECONDS:
        return (
            f"This would run for about {duration(plan.seconds_estimate)}; a run may take "
            f"{duration(settings.RUN_SECONDS)} here. Ask for fewer rows."
        )
    if said := _too_little_memory(plan, generator.free_memory()):
        return said
    free = shutil.disk_usage(settings.PORTAL_DATA).free
    if COPIES * plan.bytes_estimate > free:
        return (
            f"Making this needs about {size(COPIES * plan.bytes_estimate)} of disk and "
            f"{size(free)} are free; ask for fewer rows or formats."
        )
    return ""


def _too_little_memory(plan: generator.Plan, free: int | None) -> str:
    needed = plan.memory_estimate(settings.SAMPLE_PROCESSES)
    if free is None or needed <= free:
        return ""
    return (
        f"Making this needs about {size(needed)} of memory and {size(free)} are free; ask for "
        "fewer rows, or try again when less is running."
    )
