"""An upload, what was found in it, and the confirmation that starts the fit."""

from __future__ import annotations

import errno
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.text import slugify
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal import access, budget, jobs, trail, wizard
from portal.bringing import bring
from portal.forms import (
    ALL_ENDINGS,
    ConfirmForm,
    ExtractForm,
    too_large,
)
from portal.masked import masked_bundle
from portal.models import Extract, Profile
from portal.news import over
from portal.removal import delete_extract
from portal.request import Request
from portal.trail import Verb

FORM_ROOM = 1_000_000  # bytes a form may have besides its file


# Upload


@csrf_exempt  # checked in _receive, once the claimed size is known to be small enough to read
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: Request) -> HttpResponse:
    """Upload a file.  A claim that is too large is refused before anything is read."""
    access.check_may_upload(request.user)
    if request.method != "POST":
        return _upload_page(request, ExtractForm())
    claimed = int(request.META.get("CONTENT_LENGTH") or 0)
    if claimed > settings.UPLOAD_LIMIT + FORM_ROOM:
        return _upload_page(request, ExtractForm(), refused=too_large(claimed), status=413)
    try:
        return _receive(request)
    except OSError as problem:  # while it came in, or while it was stored
        if problem.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        return _disk_full(request)


@csrf_protect
def _receive(request: Request) -> HttpResponse:
    form = ExtractForm(request.POST, request.FILES)
    if not form.is_valid():
        return _upload_page(request, form, status=422)
    extract = bring(request.user, form.brought(), title=form.cleaned_data["name"])
    return redirect("extract", id=extract.pk)


def _disk_full(request: Request) -> HttpResponse:
    """What came in so far is removed at once, not when Python gets round to it."""
    for handler in request.upload_handlers:
        handler.upload_interrupted()
    form = ExtractForm(request.POST, MultiValueDict())
    form.errors["file"] = form.error_class(
        ["The disk of the portal is full and nothing of the file was kept; make room, then retry."]
    )
    return _upload_page(request, form, status=507)


def _upload_page(
    request: Request, form: ExtractForm, *, refused: str = "", status: int = 200
) -> HttpResponse:
    context = {
        "form": form,
        "refused": refused,
        "limit": settings.UPLOAD_LIMIT,
        "endings": ALL_ENDINGS,
        "steps": wizard.of_upload(),
    }
    return render(request, "profiles/upload.html", context, status=status)


# Confirmation


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: Request, id: UUID) -> HttpResponse:  # noqa: A002 - named after the column
    """What was found; POST confirms it and starts the fit."""
    extract = access.get_extract_or_404(request.user, id)
    ready = extract.state in (Extract.State.INSPECTED, Extract.State.CONFIRMED)
    if not ready:
        context = {"extract": extract, "steps": wizard.of_extract(extract)}
        return render(request, "profiles/extract.html", context)
    schema = extract.confirmed or extract.inferred
    if request.method != "POST":
        return _confirm_page(request, extract, ConfirmForm(schema, title=extract.name))
    form = ConfirmForm(schema, title=extract.name, data=request.POST)
    if not form.is_valid():
        return _confirm_page(request, extract, form, status=422)
    try:
        profile = _start_fit(request.user, extract, form)
    except budget.Spent as problem:  # another fit of the source was confirmed meanwhile
        form.add_error(None, str(problem))
        return _confirm_page(request, extract, form, status=422)
    if profile is None:
        messages.warning(request, "The extract was deleted meanwhile; nothing is being fitted.")
        return redirect("extract", id=extract.pk)
    return redirect("profile", id=profile.pk)


@transaction.atomic
def _start_fit(user: User, extract: Extract, form: ConfirmForm) -> Profile | None:
    """One fit for one extract, however often the form is sent; None if the extract is gone."""
    locked = Extract.objects.select_for_update().get(pk=extract.pk)
    running = locked.profiles.filter(state__in=(*Profile.LIVE, *Profile.LEARNED)).first()
    if running is not None:
        return running
    if not extract.confirm({**form.confirmed(), "settled": _signed(user, form)}):
        return None
    title = form.cleaned_data["title"]
    name = slugify(title)[:90] or "profile"
    profile = Profile.objects.create(
        name=name,
        version=Profile.next_version(name),
        title=title,
        extract=extract,
        created_by=user,
    )
    if private := form.confirmed().get("private"):
        budget.charge(user, profile, private)
    trail.note(
        user, Verb.CONFIRMED, extract, profile=str(profile), not_personal=len(form.settled) or None
    )
    jobs.enqueue(profile)
    return profile


@login_required
@require_POST
def copy(request: Request, id: UUID) -> HttpResponse:  # noqa: A002 - named after the column
    """Take a masked copy of what was confirmed, as a bundle of the administrator's own."""
    extract = access.get_extract_or_404(request.user, id)
    schema = extract.confirmed or extract.inferred
    if extract.state not in (Extract.State.INSPECTED, Extract.State.CONFIRMED):
        return redirect("extract", id=extract.pk)
    form = ConfirmForm(schema, title=extract.name, data=request.POST)
    if not form.is_valid():
        return _confirm_page(request, extract, form, status=422)
    with transaction.atomic():
        confirmed = {**form.confirmed(), "settled": _signed(request.user, form)}
        title = form.cleaned_data["title"]
        bundle = masked_bundle(request.user, extract, title=title, confirmed=confirmed)
        trail.note(request.user, Verb.REQUESTED, bundle, masked=True)
        jobs.enqueue(bundle)
    return redirect("bundle", id=bundle.pk)


def _signed(user: User, form: ConfirmForm) -> list[dict[str, Any]]:
    """What was said against findings of personal data, with name and time."""
    said = {"by": user.get_username(), "at": timezone.now().isoformat(timespec="seconds")}
    return [{**one, **said} for one in form.settled]


def _confirm_page(
    request: Request, extract: Extract, form: ConfirmForm, *, status: int = 200
) -> HttpResponse:
    context = {"extract": extract, "form": form, "steps": wizard.of_extract(extract)}
    return render(request, "profiles/confirm.html", context, status=status)


@login_required
@require_safe
def progress(request: Request, id: UUID) -> HttpResponse:  # noqa: A002 - named after the column
    """News of the inspection; 286 ends the polling and the page is loaded again."""
    extract = access.get_extract_or_404(request.user, id)
    answer = render(request, "profiles/_inspection.html", {"extract": extract})
    if extract.state in (Extract.State.UPLOADED, Extract.State.INSPECTING):
        return answer
    return over(answer)


@login_required
@require_POST
def again(request: Request, id: UUID) -> HttpResponse:  # noqa: A002 - named after the column
    """Read the file once more: its first row names the columns (header=yes), or is a row."""
    extract = access.get_extract_or_404(request.user, id)
    with transaction.atomic():
        moved = extract.read_again(header=request.POST.get("header") == "yes")
        if moved:
            jobs.enqueue(extract)
    if not moved:
        messages.warning(request, "The extract was confirmed or deleted meanwhile.")
    return redirect("extract", id=extract.pk)


@login_required
@require_POST
def discard(request: Request, id: UUID) -> HttpResponse:  # noqa: A002 - named after the column
    """Delete the uploaded file; nothing was learned from it."""
    extract = access.get_extract_or_404(request.user, id)
    if not delete_extract(extract, by=request.user):
        messages.warning(request, "A profile is being fitted from this extract; wait for it.")
        return redirect("profiles")
    messages.success(request, f"The extract “{extract.name}” was deleted.")
    return redirect("profiles")
