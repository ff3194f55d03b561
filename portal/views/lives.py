"""Lives of a bundle's cars and customers, from birth to today, out of its own files."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

import generator
from portal import access
from portal.models import Bundle
from portal.private_files import private_files
from portal.request import Request

TYPED = 100  # characters of a search that are looked for


@login_required
@require_safe
def index(request: Request, id: UUID) -> HttpResponse:  # noqa: A002 - named after the column
    """Search a life, or take one that is suggested."""
    bundle = _ready(request, id)
    context: dict[str, Any] = {"bundle": bundle, "typed": request.GET.get("q", "")[:TYPED].strip()}
    try:
        folder = _folder(bundle)
        context["kinds"] = kinds = generator.kinds_of_lives(folder)
        context["kind"] = kind = _chosen(request, kinds)
        if context["typed"] and kind:
            context["found"] = generator.search_lives(folder, kind, context["typed"])
        elif kinds:
            context["suggested"] = generator.suggested_lives(folder)
    except generator.GeneratorError as problem:
        context["sentence"] = problem.sentence
    return render(request, "bundles/lives.html", context)


@login_required
@require_safe
def show(request: Request, id: UUID, kind: str, key: str) -> HttpResponse:  # noqa: A002
    """One life; a key that the bundle does not have is answered with a sentence."""
    bundle = _ready(request, id)
    context: dict[str, Any] = {"bundle": bundle}
    try:
        told = generator.life(_folder(bundle), kind, key)
    except generator.GeneratorError as problem:
        context |= {"sentence": problem.sentence, "kinds": {}}
        return render(request, "bundles/lives.html", context, status=404)
    context |= {"life": told, "years": _years(told)}
    return render(request, "bundles/life.html", context)


def _ready(request: Request, id: UUID) -> Bundle:  # noqa: A002 - named after the column
    bundle = access.get_bundle_or_404(request.user, id)
    return get_object_or_404(Bundle.objects.filter(state=Bundle.State.READY), pk=bundle.pk)


def _folder(bundle: Bundle) -> Path:
    return private_files().path(bundle.path)


def _chosen(request: Request, kinds: dict[str, str]) -> str:
    asked = request.GET.get("kind", "")
    return asked if asked in kinds else next(iter(kinds), "")


def _years(told: generator.Life) -> list[tuple[int, list[generator.Entry]]]:
    """Entries year by year, by the clocks of their place."""
    return [
        (year, list(some))
        for year, some in groupby(told.entries, key=lambda entry: (entry.local or entry.at).year)
    ]
