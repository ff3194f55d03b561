"""What tables and columns are: of a whole profile, and of those a bundle holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

import generator
from portal import access
from portal.described import by_domain
from portal.models import Bundle, Profile
from portal.profiles import document
from portal.request import Request

SVG = "image/svg+xml"
# A drawing opened by itself brings its own colours and can do nothing.
POLICY = "default-src 'none'; style-src 'unsafe-inline'"


@login_required
@require_safe
def of_profile(request: Request, id: int) -> HttpResponse:  # noqa: A002 - named after the column
    """Every table of a profile."""
    profile = access.get_profile_or_404(request.user, id)
    context = _context(*_opened(profile)) | {
        "drawing": reverse("profile-diagram", args=[profile.pk]),
        "back": reverse("profile", args=[profile.pk]),
        "title": profile.title,
    }
    return render(request, "profiles/dictionary.html", context)


@login_required
@require_safe
def of_bundle(request: Request, id: UUID) -> HttpResponse:  # noqa: A002 - named after the column
    """The tables of a bundle, before it is made too."""
    bundle = access.get_bundle_or_404(request.user, id)
    context = _context(*_chosen(bundle)) | {
        "bundle": bundle,
        "drawing": reverse("bundle-diagram", args=[bundle.pk]),
        "back": reverse("bundle", args=[bundle.pk]),
        "title": bundle.name,
    }
    return render(request, "profiles/dictionary.html", context)


@login_required
@require_safe
def diagram_of_profile(request: Request, id: int) -> HttpResponse:  # noqa: A002 - named after the column
    profile = access.get_profile_or_404(request.user, id)
    return _drawn(*_opened(profile), title=profile.title)


@login_required
@require_safe
def diagram_of_bundle(request: Request, id: UUID) -> HttpResponse:  # noqa: A002 - named after the column
    bundle = access.get_bundle_or_404(request.user, id)
    return _drawn(*_chosen(bundle), title=bundle.name)


def _drawn(
    tables: Sequence[generator.Table], titles: Mapping[str, str], *, title: str
) -> HttpResponse:
    drawing = generator.diagram(tables, title=title, titles=titles)
    headers = {"Content-Type": SVG, "Content-Security-Policy": POLICY}
    return HttpResponse(drawing, headers=headers)


def _opened(profile: Profile) -> tuple[Sequence[generator.Table], Mapping[str, str]]:
    """The tables and what their domains are called; nothing of a profile that cannot be opened,
    its own page says why."""
    if profile.kind == Profile.Kind.MASKED:  # it has no file: its schema is what was confirmed
        return generator.Schema.from_dict(profile.facts["confirmed"]).tables, {}
    try:
        opened = document(profile)
    except generator.ProfileError:
        return (), {}
    return opened.schema.tables, opened.titles


def _chosen(bundle: Bundle) -> tuple[Sequence[generator.Table], Mapping[str, str]]:
    """The tables of its plan; without one yet, all that its profile has."""
    tables, titles = _opened(bundle.profile)
    planned = {count["table"] for count in bundle.plan.get("counts", ())}
    return [table for table in tables if table.name in planned] or tables, titles


def _context(tables: Sequence[generator.Table], titles: Mapping[str, str]) -> dict[str, object]:
    return {
        "domains": by_domain(tables, titles),
        "tables": len(tables),
        "columns": sum(len(table.columns) for table in tables),
    }
