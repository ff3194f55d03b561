"""My bundles, composing one, watching it, and what came of it."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseStopPolling

import generator
from portal import access, charts, jobs, privacy_page, trail, verdicts
from portal.folders import in_folders
from portal.forms import ComposeForm, as_preset, as_recipe, command_line, new_seed
from portal.increments import increments_of
from portal.models import Bundle, Profile
from portal.news import over
from portal.plans import plan_document
from portal.presets import PRESETS, preset, spans
from portal.private_files import private_files
from portal.profiles import choose, document
from portal.removal import delete_bundle
from portal.request import Request
from portal.trail import Verb

if TYPE_CHECKING:
    import pyarrow as pa  # the pages start without it

PAGE = 50
PREVIEW_ROWS = 20
FIRST_FILES = 12

Sheets = list[dict[str, Any]]


# My bundles


@login_required
@require_safe
def home(request: Request) -> HttpResponse:
    """The list; while something is live its rows ask for news, then stop by themselves."""
    bundles = access.visible_bundles(request.user)
    page = Paginator(bundles, PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "live": any(bundle.live for bundle in page)}
    if not request.htmx:
        return render(request, "bundles/list.html", context)
    answer = render(request, "bundles/_rows.html", context)
    return answer if context["live"] else HttpResponseStopPolling(answer.content)


# Composing


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def compose(request: Request) -> HttpResponse:
    """The form; POST makes the bundle, or (without scripts) only works out the plan."""
    profiles = list(access.usable_profiles(request.user))
    if not profiles:
        return render(request, "bundles/no_profile.html")
    if request.method != "POST":
        begun = _begin(request, profiles)
        if begun is None:
            return render(request, "bundles/no_profile.html")
        return _form_page(request, begun)
    wanted = request.POST.get("do", "make")
    if wanted == "profile":
        return redirect(f"{request.path}?profile={request.POST.get('profile', '')}")
    typed = request.POST.copy()
    if wanted == "reshuffle":
        typed["seed"] = str(new_seed())
    form = _typed(request, typed, profiles)
    if wanted == "make" and form.ready:
        return redirect("bundle", id=_create(request, form).pk)
    rows = _preview(form) if wanted == "preview" else None
    status = 422 if wanted == "make" else 200
    return _form_page(request, form, status=status, preview=rows)


@login_required
@require_POST
def plan(request: Request) -> HttpResponse:
    """The plan of a form that is being filled in, as a fragment."""
    form = _typed(request, request.POST, list(access.usable_profiles(request.user)))
    context = {"form": form, "fragment": True}
    return render(request, "bundles/_plan.html", context)


@login_required
@require_POST
def preview(request: Request) -> HttpResponse:
    """A few rows of each table, as a fragment."""
    form = _typed(request, request.POST, list(access.usable_profiles(request.user)))
    context = {"form": form, "preview": _preview(form)}
    return render(request, "bundles/_preview.html", context)


def _begin(request: Request, profiles: list[Profile]) -> ComposeForm | None:
    """From a bundle, a profile or a preset named in the address; None if no profile opens."""
    if "bundle" in request.GET:
        return _clone(request, profiles)
    asked = _asked(request, request.GET.get("profile", ""))
    chosen = choose(profiles, asked)
    if chosen is None:
        return None
    if asked is not None and chosen.instead:
        messages.warning(request, chosen.instead)
    start, today = preset(request.GET.get("preset", "")), timezone.localdate()
    begun = as_preset(start, chosen.document, today=today)
    return ComposeForm(begun, chosen.profile, chosen.document, profiles=profiles)


def _clone(request: Request, profiles: list[Profile]) -> ComposeForm | None:
    bundle = access.get_bundle_or_404(request.user, _uuid(request.GET["bundle"]))
    chosen = choose(profiles, bundle.profile)
    if chosen is None:
        return None
    if chosen.instead:
        messages.warning(request, chosen.instead)
    begun = as_recipe(bundle.recipe, chosen.document, name=f"{bundle.name} (again)"[:100])
    return ComposeForm(begun, chosen.profile, chosen.document, profiles=profiles)


def _uuid(text: str) -> UUID:
    """A key of a bundle; anything else names no bundle."""
    try:
        return UUID(text)
    except ValueError:
        raise Http404 from None


def _asked(request: Request, key: str) -> Profile | None:
    """The profile of that key, though it may not be offered any more."""
    return access.visible_profiles(request.user).filter(pk=_number(key)).first()


def _typed(request: Request, typed: QueryDict, profiles: list[Profile]) -> ComposeForm:
    chosen = choose(profiles, _asked(request, typed.get("profile", "")))
    if chosen is None:
        raise Http404("No profile can be opened.")
    return ComposeForm(
        typed, chosen.profile, chosen.document, profiles=profiles, instead=chosen.instead
    )


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def _form_page(
    request: Request,
    form: ComposeForm,
    *,
    status: int = 200,
    preview: Sheets | None = None,
) -> HttpResponse:
    context = {
        "form": form,
        "presets": PRESETS,
        "chosen": request.GET.get("preset", "" if request.GET else PRESETS[0].id),
        "spans": spans(timezone.localdate()),
        "formats": generator.FORMATS,
        "preview": preview,
    }
    return render(request, "bundles/compose.html", context, status=status)


def _preview(form: ComposeForm) -> Sheets | None:
    if form.recipe is None or form.plan is None:
        return None
    try:
        drawn = generator.preview(form.document, form.plan, rows=PREVIEW_ROWS)
    except generator.GeneratorError as problem:
        form.add_error(None, problem.sentence)
        return None
    return [_sheet(name, table) for name, table in drawn.items() if table.num_rows]


def _sheet(name: str, table: pa.Table) -> dict[str, Any]:
    """A few rows as text, missing values as None."""
    columns = [table.column(at).to_pylist() for at in range(table.num_columns)]
    rows = [[None if v is None else _said(v) for v in row] for row in zip(*columns, strict=True)]
    return {"name": name, "columns": table.column_names, "rows": rows}


def _said(value: object) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    return f"{value:.6g}" if isinstance(value, float) else str(value)


@transaction.atomic
def _create(request: Request, form: ComposeForm) -> Bundle:
    assert form.recipe is not None  # ready
    assert form.plan is not None
    bundle = Bundle.objects.create(
        owner=request.user,
        name=form.title(),
        profile=form.row,
        recipe=form.recipe.to_dict(),
        plan=plan_document(form.plan),
        rows=form.plan.rows,
    )
    trail.note(request.user, Verb.REQUESTED, bundle, rows=bundle.rows, profile=str(bundle.profile))
    jobs.enqueue(bundle)
    return bundle


# One bundle


@login_required
@require_safe
def show(request: Request, id: UUID) -> HttpResponse:  # noqa: A002 - named after the column
    bundle = access.get_bundle_or_404(request.user, id)
    context = _context(request, bundle)
    if bundle.state == Bundle.State.READY:
        context |= _result(bundle)
    return render(request, "bundles/bundle.html", context)


@login_required
@require_safe
def progress(request: Request, id: UUID) -> HttpResponse:  # noqa: A002 - named after the column
    """News of a run.  286 ends the polling; the page is then loaded again as a whole."""
    bundle = access.get_bundle_or_404(request.user, id)
    context = _context(request, bundle) | {"fragment": True}
    answer = render(request, "bundles/_progress.html", context)
    if bundle.live:
        return answer
    return over(answer)


@login_required
@require_safe
def figures(request: Request, id: UUID) -> HttpResponse:  # noqa: A002 - named after the column
    """Every figure of a ready bundle by the id of its place; it never changes."""
    bundle = access.get_bundle_or_404(request.user, id)
    get_object_or_404(Bundle.objects.filter(state=Bundle.State.READY), pk=bundle.pk)
    answer = JsonResponse(charts.figures(_compared(_document_of(bundle, "comparison.json"))))
    patch_cache_control(answer, private=True, max_age=3600)
    return answer


def _context(request: Request, bundle: Bundle) -> dict[str, Any]:
    return {
        "bundle": bundle,
        "mine": access.may_change_bundle(request.user, bundle),
        "tables": _tables(bundle),
        "share": _share(bundle),
        "stages": _stages(bundle),
    }


def _share(bundle: Bundle) -> float:
    total = bundle.progress.get("rows_total") or 0
    return (bundle.progress.get("rows_done") or 0) / total if total else 0.0


def _tables(bundle: Bundle) -> list[dict[str, Any]]:
    """Rows done of each table, the largest first."""
    running = bundle.progress.get("tables") or {
        count["table"]: [0, count["rows"]] for count in bundle.plan.get("counts", ())
    }
    rows = [_lane(table, *told) for table, told in running.items()]
    return sorted(rows, key=lambda row: -row["total"])


def _lane(table: str, done: int, total: int, rate: int = 0) -> dict[str, Any]:
    """One table of a run, with its rows a second and seconds left once they are known."""
    left = (total - done) / rate if rate and done < total else None
    return {"table": table, "done": done, "total": total, "rate": rate, "left": left}


STAGES = (
    (("waiting",), "queued"),
    (("starting", "draw", "write", "validation", "comparison"), "drawing, writing and checking"),
    (("finish", "packing"), "packing"),
)


def _stages(bundle: Bundle) -> list[dict[str, str]]:
    """The named steps of a run with the one it is at."""
    stage = bundle.progress.get("stage") or ""
    waiting = bundle.state == Bundle.State.QUEUED
    at = 0 if waiting else 1
    for number, (names, _) in enumerate(STAGES):
        if stage in names:
            at = number
    look = {True: "done", False: ""}
    return [
        {"title": title, "look": "now" if number == at else look[number < at]}
        for number, (_, title) in enumerate(STAGES)
    ]


def _result(bundle: Bundle) -> dict[str, Any]:
    comparison = _document_of(bundle, "comparison.json")
    validation = _document_of(bundle, "validation.json")
    references = comparison.get("references") or []
    files = list(bundle.files.all())
    formats = generator.FORMATS
    data_files = in_folders([file for file in files if file.format in formats])
    return {
        "zip": next((file for file in files if file.format == "zip"), None),
        "files": data_files,
        "more_files": len(data_files) - FIRST_FILES,
        "documents": [
            file for file in files if file.format not in formats and file.format != "zip"
        ],
        "first_files": FIRST_FILES,
        "first_slice": f":{FIRST_FILES}",
        "rest_slice": f"{FIRST_FILES}:",
        "counts": sorted(bundle.plan.get("counts", ()), key=lambda count: not count["asked"]),
        "comparison": comparison,
        "validation": validation,
        "broken": [rule for rule in validation.get("rules") or () if _strays(rule)],
        "purpose": _purpose(bundle),
        "increments": list(increments_of(_manifest(bundle, "increments"))),
        "rules": [one for one in references if one.get("confidence") == "rule"],
        "figures": sorted(
            (one for one in references if one.get("confidence") != "rule"),
            key=lambda one: (bool(one.get("assumption")), one.get("met") is not False),
        ),
        "verdict": _verdict(comparison),
        "privacy": privacy_page.panel(comparison.get("privacy")),
        "judged": verdicts.told(comparison.get("verdicts") or ()),
        "sections": charts.sections(_compared(comparison)),
        "scores": charts.scores(comparison),
        "fits": _uses(comparison, fit=True),
        "unfit": _uses(comparison, fit=False),
        "recipe_json": json.dumps(bundle.recipe, indent=2, ensure_ascii=False),
        "command": _command(bundle),
    }


def _verdict(comparison: dict[str, Any]) -> dict[str, Any]:
    """What matches and what does not, worst first, and the lights of the tables."""
    references = comparison.get("references") or []
    judged = [one for one in references if one.get("met") is not None]
    missed = [one for one in judged if not one["met"]]
    lights = comparison.get("lights") or []
    return {
        "judged": len(judged),
        "met": len(judged) - len(missed),
        "warns": next(
            (
                use["why"]
                for use in comparison.get("fit_for") or ()
                if use["use"] == "analytics" and not use["fit"]
            ),
            "",
        ),
        "far": sum(bool(one.get("far")) for one in missed),
        "overridden": sum(
            bool(one.get("overridden")) for one in references if one.get("met") is None
        ),
        "missed": sorted(
            missed, key=lambda one: (not one.get("far"), -one["gap"] / (one.get("tolerance") or 1))
        ),
        "lights": lights,
        "grey": [one for one in lights if not one["judged"]],
    }


def _strays(rule: dict[str, Any]) -> bool:
    """Whether rows break a rule that were not to, or hold one that they were to break."""
    if rule.get("on_purpose"):
        return not rule["as_asked"]
    return bool(rule.get("broken"))


def _purpose(bundle: Bundle) -> dict[str, Any]:
    """What was put into the rows on purpose, as the manifest lists it; empty if nothing was."""
    parts = ("scenarios", "messy")
    manifest = _manifest(bundle, *parts)
    return {part: manifest[part] for part in parts if manifest.get(part)}


def _manifest(bundle: Bundle, *parts: str) -> dict[str, Any]:
    """Read only where the recipe asks for one of the parts: it can be long."""
    asked = any(bundle.recipe.get(part) for part in parts)
    return _document_of(bundle, "manifest.json") if asked else {}


def _command(bundle: Bundle) -> str:
    """The bundle once more on a command line.  A fitted profile may be gone by now, and the page
    must not depend on it."""
    if bundle.profile.kind == Profile.Kind.BUILTIN:
        return command_line(bundle.recipe, document(bundle.profile))
    name = f"{bundle.profile.name}.profile"
    return f"python -m generator sample --profile {name} --recipe recipe.json --out bundle"


def _uses(comparison: dict[str, Any], *, fit: bool) -> str:
    """Uses the bundle is fit for, or is not, as a phrase."""
    named = [use["use"] for use in comparison.get("fit_for") or () if use["fit"] is fit]
    if len(named) < 2:
        return "".join(named)
    return f"{', '.join(named[:-1])} {'and' if fit else 'or'} {named[-1]}"


def _document_of(bundle: Bundle, name: str) -> dict[str, Any]:
    """A JSON document of a ready bundle; empty if this bundle has none."""
    key = f"{bundle.path}/{name}"
    if not bundle.path or not private_files().exists(key):
        return {}
    with private_files().open(key) as file:
        return dict(json.load(file))


def _compared(comparison: dict[str, Any]) -> charts.Comparison:
    """The engine wrote it, in the shape the charts read."""
    return cast(charts.Comparison, comparison)


# Changing one


@login_required
@require_POST
def cancel(request: Request, id: UUID) -> HttpResponse:  # noqa: A002 - named after the column
    bundle = access.get_own_bundle_or_404(request.user, id)
    if not trail.noted(bundle.cancel, request.user, Verb.CANCELLED, bundle):
        messages.warning(request, "The run is over already; there was nothing to cancel.")
    return redirect("bundle", id=bundle.pk)


@login_required
@require_POST
@transaction.atomic
def retry(request: Request, id: UUID) -> HttpResponse:  # noqa: A002 - named after the column
    """The same recipe and seed once more."""
    bundle = access.get_own_bundle_or_404(request.user, id)
    if trail.noted(bundle.retry, request.user, Verb.REQUESTED, bundle, again=True):
        jobs.enqueue(bundle)
    else:
        messages.warning(request, "Only a failed or cancelled bundle can be tried again.")
    return redirect("bundle", id=bundle.pk)


@login_required
@require_POST
def delete(request: Request, id: UUID) -> HttpResponse:  # noqa: A002 - named after the column
    bundle = access.get_own_bundle_or_404(request.user, id)
    if not delete_bundle(bundle, by=request.user):
        messages.warning(request, "Cancel the run first, then delete the bundle.")
        return redirect("bundle", id=bundle.pk)
    messages.success(request, f"“{bundle.name}” was deleted with all its files.")
    return redirect("home")
