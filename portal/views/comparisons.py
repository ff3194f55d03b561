"""The comparison of a bundle and the certificate of a profile as one page to keep or pass on."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpResponse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

import generator
from portal import access, trail
from portal.models import Bundle, Profile
from portal.private_files import private_files
from portal.profiles import document
from portal.request import Request
from portal.trail import Verb

# A page opened by itself brings its own style and can do nothing.
POLICY = "default-src 'none'; style-src 'unsafe-inline'"


@login_required
@require_safe
def of_bundle(request: Request, id: UUID) -> HttpResponse:  # noqa: A002 - named after the column
    bundle = access.get_bundle_or_404(request.user, id)
    key = f"{bundle.path}/comparison.json"
    if bundle.state != Bundle.State.READY:
        raise Http404("This bundle has no comparison yet.")
    if not bundle.path or not private_files().exists(key):
        return _page(request, bundle, _nothing(bundle.name), "comparison")
    with private_files().open(key) as file:
        return _page(request, bundle, json.load(file), "comparison")


@login_required
@require_safe
def of_profile(request: Request, id: int) -> HttpResponse:  # noqa: A002 - named after the column
    profile = access.get_profile_or_404(request.user, id)
    certificate, title = profile.certificate or {}, profile.title
    known = generator.certified(certificate, title=title, profile=_opened(profile))
    return _page(request, profile, known, f"{profile.name}-certificate")


def _opened(profile: Profile) -> generator.Profile | None:
    """Its page says why a profile cannot be opened."""
    try:
        return document(profile)
    except generator.ProfileError:
        return None


def _nothing(title: str) -> dict[str, Any]:
    return generator.certified({}, title=title, profile=None)


def _page(
    request: Request, of: Bundle | Profile, comparison: dict[str, Any], name: str
) -> HttpResponse:
    if request.method == "GET":
        with transaction.atomic():
            trail.note(request.user, Verb.DOWNLOADED, of, file=f"{name}.html")
    headers = {
        "Content-Disposition": content_disposition_header(True, f"{name}.html") or "attachment",
        "Content-Security-Policy": POLICY,
    }
    return HttpResponse(generator.to_html(comparison), headers=headers)
