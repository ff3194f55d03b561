"""What tables and columns are: of a whole profile, and of those a bundle holds."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

import generator
from portal import access
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
    drawing = reverse("profile-diagram", args=[profile.pk])
    back = reverse("profile", args=[profile.pk])
    return _page(request, _tables(profile), drawing, back, profile.title)


@login_required
@require_safe
def of_bundle(request: Request, id: UUID) -> HttpResponse:  # noqa: A002 - named after the column
    """The tables of a bundle, before it is made too."""
    bundle = access.get_bundle_or_404(request.user, id)
    drawing = reverse("bundle-diagram", args=[bundle.pk])
    back = reverse("bundle", args=[bundle.pk])
    return _page(request, _chosen(bundle), drawing, back, bundle.name)


@login_required
@require_safe
def diagram_of_profile(request: Request, id: int) -> HttpResponse:  # noqa: A002 - named after the column
    profile = access.get_profile_or_404(request.user, id)
    return _drawn(_tables(profile), profile.title)


@login_required
@require_safe
def diagram_of_bundle(request: Request, id: UUID) -> HttpResponse:  # noqa: A002 - named after the column
    bundle = access.get_bundle_or_404(request.user, id)
    return _drawn(_chosen(bundle), bundle.name)


def _drawn(tables: Sequence[generator.Table], title: str) -> HttpResponse:
    drawing = generator.diagram(tables, title=title)
    headers = {"Content-Type": SVG, "Content-Security-Policy": POLICY}
    return HttpResponse(drawing, headers=headers)


def _tables(profile: Profile) -> Sequence[generator.Table]:
    """None of a profile that cannot be opened; its own page says why."""
    try:
        return document(profile).schema.tables
    except generator.ProfileError:
        return ()


def _chosen(bundle: Bundle) -> Sequence[generator.Table]:
    """The tables of its plan; without one yet, all that its profile has."""
    tables = _tables(bundle.profile)
    planned = {count["table"] for count in bundle.plan.get("counts", ())}
    return [table for table in tables if table.name in planned] or tables


def _page(
    request: Request, tables: Sequence[generator.Table], drawing: str, back: str, title: str
) -> HttpResponse:
    context = {
        "domains": [
            (domain, [_described(table) for table in some])
            for domain, some in generator.by_domain(tables).items()
        ],
        "tables": len(tables),
        "columns": sum(len(table.columns) for table in tables),
        "drawing": drawing,
        "back": back,
        "title": title,
    }
    return render(request, "profiles/dictionary.html", context)


def _described(table: generator.Table) -> dict[str, object]:
    links = {link.column: link for link in table.links}
    return {
        "name": table.name,
        "meaning": table.meaning,
        "columns": [
            {
                "column": column,
                "kind": generator.kind_in_words(column),
                "key": column.name == table.key,
                "link": links.get(column.name),
            }
            for column in table.columns
        ],
    }
