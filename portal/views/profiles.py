"""Profiles: the list, one in detail, and what administrators decide about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import AnonymousUser, User
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_POST, require_safe

import generator
from portal import (
    access,
    budget,
    certificate_page,
    charts,
    decisions,
    jobs,
    privacy_page,
    removal,
    trail,
    verdicts,
    wizard,
)
from portal.described import described
from portal.forms import NoteForm
from portal.models import Act, Extract, Profile
from portal.news import over
from portal.private_files import private_files
from portal.profiles import document
from portal.request import Request
from portal.templatetags import say
from portal.trail import Verb

WITH_DOCUMENT = Profile.LEARNED
HISTORY = 100  # acts of one profile that its page lists


@login_required
@require_safe
def index(request: Request) -> HttpResponse:
    """Every profile one may see; administrators also see extracts on their way."""
    profiles = access.visible_profiles(request.user).select_related("extract")
    fits = Profile.objects.filter(extract=OuterRef("pk"), state__in=Profile.LIVE)
    waiting = access.visible_extracts(request.user).exclude(state=Extract.State.DELETED)
    waiting = waiting.exclude(Exists(fits))
    context = {"profiles": list(profiles), "extracts": list(waiting)}
    context["may_upload"] = access.may_upload(request.user)
    return render(request, "profiles/list.html", context)


@login_required
@require_safe
def show(request: Request, id: int) -> HttpResponse:  # noqa: A002 - named after the column
    profile = access.get_profile_or_404(request.user, id)
    context: dict[str, Any] = {"profile": profile, "may_decide": access.may_decide(request.user)}
    context["decisions"] = list(decisions.open_to(request.user, profile))
    context |= _review(request.user, profile)
    context["steps"] = wizard.of_profile(profile)
    context["removable"] = context["may_decide"] and removal.removable(profile)
    if profile.state in WITH_DOCUMENT:
        context |= _opened(profile)
    return render(request, "profiles/profile.html", context)


def _review(user: User | AnonymousUser, profile: Profile) -> dict[str, Any]:
    """Whose review it is, the other versions, and what was done with this one."""
    own = user.pk in profile.brought_by
    may = access.may_review(user, profile)
    versions = access.visible_profiles(user).filter(name=profile.name).order_by("-version")
    return {
        "waits_for_other": own and not may,
        "brought_it_yourself": own and may,
        "versions": list(versions) if profile.kind == Profile.Kind.FITTED else [],
        "learned_states": Profile.LEARNED,
        "history": _history(profile) if access.may_decide(user) else [],
        "not_personal": _not_personal(profile) if access.may_decide(user) else [],
    }


def _not_personal(profile: Profile) -> list[dict[str, Any]]:
    """What was said against findings of personal data where the extract was confirmed."""
    confirmed = profile.extract.confirmed if profile.extract is not None else {}
    said = (confirmed or {}).get("settled") or []
    return [{**one, "at": datetime.fromisoformat(one["at"])} for one in said]


def _history(profile: Profile) -> list[Act]:
    """What was done with the profile, and with its extract: who uploaded, confirmed, deleted it."""
    of = Q(kind="profile", thing=str(profile.pk))
    if profile.extract_id is not None:
        of |= Q(kind="extract", thing=str(profile.extract_id))
    acts = Act.objects.filter(of).exclude(verb=Verb.DOWNLOADED)
    return list(acts.order_by("number")[:HISTORY])


def _opened(profile: Profile) -> dict[str, Any]:
    """What the page shows, or why it cannot."""
    try:
        return _details(profile, document(profile))
    except generator.ProfileError as problem:
        return {"damaged": problem.sentence}


def _details(profile: Profile, known: generator.Profile) -> dict[str, Any]:
    sources = {source.id: source for source in known.sources}
    return {
        "schema": [described(table) for table in known.schema],
        "scores": charts.scores(profile.certificate),
        "certified": certificate_page.lines(profile.certificate),
        "privacy": privacy_page.panel(generator.privacy_of_profile(known)),
        "judged": verdicts.all_of(_verdicts(profile)),
        "verdicts": verdicts.told(_verdicts(profile)),
        "learned": _learned(profile, known),
        "learnt": generator.learnt(known.schema, known.summary) if known.summary else (),
        "rules": known.rules,
        "references": [_cited(one, sources) for one in known.references],
        "sources": known.sources,
        "sections": charts.sections(charts.summary(known)),
    }


def _verdicts(profile: Profile) -> Sequence[Mapping[str, Any]]:
    return (profile.certificate.get("scores") or {}).get("verdicts") or ()


def _learned(profile: Profile, known: generator.Profile) -> list[tuple[str, str]]:
    """What a fitted profile rests on and what it may hold, in words."""
    if known.summary is None:
        return []
    noisy = known.ledger is not None
    size_of = private_files().size(profile.path) if private_files().exists(profile.path) else None
    return [
        (
            "Learned from",
            f"{'about ' * noisy}{say.count(profile.facts.get('rows'))} rows"
            f"{', as the noise has it' * noisy}",
        ),
        *([] if noisy else [("Smallest group", _smallest(profile, known.summary.k))]),
        ("Size", say.size(size_of)),
        ("SHA-256", profile.hash),
        ("Extract", _extract_of(profile)),
    ]


def _smallest(profile: Profile, k: int) -> str:
    whose = "persons" if profile.certificate.get("unit") else "rows"
    return f"{k} {whose}; what fewer share is folded together"


def _extract_of(profile: Profile) -> str:
    extract = profile.extract
    if extract is None:
        return "deleted after the fit"
    if extract.state != Extract.State.DELETED:
        return f"{extract.get_state_display()}; deleted by {_minute(extract.delete_by)}"
    when = f" on {_minute(extract.deleted_at)}" if extract.deleted_at else ""
    hashes = ", ".join(file["sha256"] for file in extract.files)
    return f"deleted{when}: {say.size(extract.bytes)}" + f", SHA-256 {hashes}" * bool(hashes)


def _minute(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def _cited(
    reference: generator.Reference, sources: Mapping[str, generator.Source]
) -> dict[str, Any]:
    return {
        "id": reference.id,
        "title": reference.title,
        "table": reference.table,
        "kind": reference.kind,
        "unit": reference.unit,
        "goal": reference.goal,
        "note": reference.note,
        "target": reference.value,
        "confidence": reference.confidence,
        "assumption": reference.confidence in charts.ASSUMED,
        "source": vars(sources[reference.source]) if reference.source in sources else None,
    }


@login_required
@require_safe
def figures(request: Request, id: int) -> HttpResponse:  # noqa: A002 - named after the column
    """Every figure of a profile by the id of its place."""
    profile = access.get_profile_or_404(request.user, id)
    answer = JsonResponse(charts.figures(_drawn(profile)))
    patch_cache_control(answer, private=True, max_age=600)
    return answer


def _drawn(profile: Profile) -> charts.Comparison:
    if profile.state not in WITH_DOCUMENT:
        return {}
    try:
        return charts.summary(document(profile))
    except generator.ProfileError:
        return {}  # the page says why


@login_required
@require_safe
def progress(request: Request, id: int) -> HttpResponse:  # noqa: A002 - named after the column
    """News of a fit; 286 ends the polling and the page is loaded again."""
    profile = access.get_profile_or_404(request.user, id)
    context = {"profile": profile, "fragment": True}
    answer = render(request, "profiles/_progress.html", context)
    if profile.live:
        return answer
    return over(answer)


@login_required
@require_POST
def decide(request: Request, id: int, decision: str) -> HttpResponse:  # noqa: A002 - named after the column
    """Submit, publish, send back, retire or bring back."""
    access.check_may_decide(request.user)
    profile = access.get_profile_or_404(request.user, id)
    asked = decisions.BY_NAME[decision]
    if asked.review:
        access.check_may_review(request.user, profile)
    note = NoteForm(request.POST).text()
    if asked.why and not note:
        messages.warning(request, "Say why, so that who brought it knows what to change.")
        return redirect("profile", id=profile.pk)
    do = partial(getattr(profile, asked.name), request.user, note=note)
    if trail.noted(do, request.user, asked.verb, profile, note=note or None, sha256=profile.hash):
        title = f"{profile.title} version {profile.version}"
        messages.success(request, f"{title} is {asked.done}. {asked.meaning}")
    else:
        state = profile.get_state_display()
        messages.warning(request, f"The profile is {state}; it cannot be {asked.done} now.")
    return redirect("profile", id=profile.pk)


@login_required
@require_POST
def delete(request: Request, id: int) -> HttpResponse:  # noqa: A002 - named after the column
    """Take a profile off the list that came to nothing or is not used any more."""
    access.check_may_decide(request.user)
    profile = access.get_profile_or_404(request.user, id)
    if not removal.delete_profile(profile, by=request.user):
        messages.warning(
            request,
            "Only a profile that is not offered, not in review and that no bundle was made "
            "from can be deleted.",
        )
        return redirect("profile", id=profile.pk)
    messages.success(request, f"{profile.title} version {profile.version} was deleted.")
    return redirect("profiles")


@login_required
@require_POST
@transaction.atomic
def refit(request: Request, id: int) -> HttpResponse:  # noqa: A002 - named after the column
    """Fit again after a failure, from the extract that is still there."""
    access.check_may_upload(request.user)
    profile = access.get_profile_or_404(request.user, id)
    if refused := budget.charge_again(profile):
        messages.warning(request, refused)
    elif trail.noted(profile.retry, request.user, Verb.REQUESTED, profile, again=True):
        jobs.enqueue(profile)
    else:
        messages.warning(request, "Only a fit that failed or was cancelled can be tried again.")
    return redirect("profile", id=profile.pk)


@login_required
@require_POST
def cancel(request: Request, id: int) -> HttpResponse:  # noqa: A002 - named after the column
    """Stop a fit; the extract stays, to be fitted again or discarded."""
    access.check_may_upload(request.user)
    profile = access.get_profile_or_404(request.user, id)
    if not trail.noted(profile.cancel, request.user, Verb.CANCELLED, profile):
        messages.warning(request, "The fit is over already; there was nothing to cancel.")
    return redirect("profile", id=profile.pk)
