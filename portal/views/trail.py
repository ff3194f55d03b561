"""The audit trail, for administrators: to read, to narrow down, to take along."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from datetime import UTC
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portal import access, trail
from portal.forms import TrailForm
from portal.models import Act
from portal.models.act import spelt
from portal.request import Request
from portal.trail import Verb

PAGE = 50
LOOKED_AT = 5_000  # acts that a page looks at, in a fifth of a second; `?whole=yes` looks at all
COLUMNS = ("number", "at", "who", "verb", "kind", "thing", "title", "details", "before", "hash")
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would work out


@login_required
@require_safe
def index(request: Request) -> HttpResponse:
    """The last acts first, and whether the chain is whole."""
    access.check_may_see_trail(request.user)
    form = TrailForm(request.GET)
    context = {
        "form": form,
        "page": Paginator(form.acts(), PAGE).get_page(request.GET.get("page")),
        "look": trail.look(last=None if request.GET.get("whole") == "yes" else LOOKED_AT),
    }
    return render(request, "trail/list.html", context)


@login_required
@require_safe
def as_csv(request: Request) -> StreamingHttpResponse:
    """For a spreadsheet: a text that begins as a formula has an apostrophe before it."""
    return _taken(request, _csv_lines, ending="csv", media="text/csv; charset=utf-8")


@login_required
@require_safe
def as_jsonl(request: Request) -> StreamingHttpResponse:
    """Exactly what the hashes are of, with them."""
    return _taken(request, _json_lines, ending="jsonl", media="application/x-ndjson")


def _taken(
    request: Request,
    lines: Callable[[QuerySet[Act]], Iterator[str]],
    *,
    ending: str,
    media: str,
) -> StreamingHttpResponse:
    """A stream of the acts asked for, the first first.  Taking them along is an act, too."""
    access.check_may_see_trail(request.user)
    form = TrailForm(request.GET)
    last = trail.look(last=0).acts
    acts = form.acts().filter(number__lte=last).order_by("number")
    if request.method == "GET":
        with transaction.atomic():
            trail.note(
                request.user,
                Verb.DOWNLOADED,
                "trail",
                file=f"trail.{ending}",
                asked=form.query or None,
            )
    response = StreamingHttpResponse(lines(acts), content_type=media)
    response.headers["Content-Disposition"] = f'attachment; filename="trail.{ending}"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _json_lines(acts: QuerySet[Act]) -> Iterator[str]:
    for act in acts.iterator(chunk_size=500):
        line = act.said() | {"before": act.before, "hash": act.hash}
        yield json.dumps(line, ensure_ascii=False) + "\n"


class _Line:
    """What the writer of CSV takes for a file: it answers with the line."""

    def write(self, line: str) -> str:
        return line


def _csv_lines(acts: QuerySet[Act]) -> Iterator[str]:
    writer: Any = csv.writer(_Line())
    yield writer.writerow(COLUMNS)
    for act in acts.iterator(chunk_size=500):
        at = act.at.astimezone(UTC).isoformat(timespec="microseconds")
        values = [at if name == "at" else getattr(act, name) for name in COLUMNS]
        yield writer.writerow([_cell(value) for value in values])


def _cell(value: object) -> str:
    text = spelt(value) if isinstance(value, dict) else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text
