"""Versions of a profile, and what moved from one to another."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

import generator
from portal import access, charts
from portal.models import Profile
from portal.profiles import document
from portal.request import Request

LIGHTS = {"same": "green", "moved": "amber", "far": "red"}
WORDS = {"same": "as before", "moved": "moved", "far": "moved far"}


@login_required
@require_safe
def difference(request: Request, id: int, other: int) -> HttpResponse:  # noqa: A002
    """The version ``id`` held against the version ``other`` of the same profile."""
    after, before = _two(request, id, other)
    context: dict[str, Any] = {"profile": after, "before": before}
    try:
        moved = _moved(before, after)
    except generator.ProfileError as problem:
        return render(request, "profiles/difference.html", context | {"damaged": problem.sentence})
    if moved is not None:
        context |= {
            "moved": moved,
            "drifts": [_line(drift) for drift in moved.columns],
            "counts": _counts(moved),
            "charts": _charts(moved, before, after),
        }
    return render(request, "profiles/difference.html", context)


@login_required
@require_safe
def figures(request: Request, id: int, other: int) -> HttpResponse:  # noqa: A002
    """Every figure of a difference by the id of its place."""
    after, before = _two(request, id, other)
    try:
        moved = _moved(before, after)
    except generator.ProfileError:
        moved = None  # the page says why
    drawn = [] if moved is None else _charts(moved, before, after)
    answer = JsonResponse({chart.id: chart.figure for chart in drawn})
    patch_cache_control(answer, private=True, max_age=600)
    return answer


def _two(request: Request, id: int, other: int) -> tuple[Profile, Profile]:  # noqa: A002
    """404 unless both may be seen, were learned, and are versions of one profile."""
    after = access.get_profile_or_404(request.user, id)
    same = access.visible_profiles(request.user).filter(name=after.name)
    before = get_object_or_404(same, pk=other)
    if not {after.state, before.state} <= set(Profile.LEARNED) or after == before:
        raise Http404("Only versions that were learned are held against each other.")
    return after, before


def _moved(before: Profile, after: Profile) -> generator.Difference | None:
    """None where a version has no summary of an extract."""
    old, new = document(before).summary, document(after).summary
    return None if old is None or new is None else generator.difference(old, new)


def _line(drift: generator.Drift) -> dict[str, Any]:
    return {**vars(drift), "light": LIGHTS[drift.level], "words": WORDS[drift.level]}


def _counts(moved: generator.Difference) -> str:
    levels = [drift.level for drift in moved.columns]
    there = [f"{levels.count(level)} {WORDS[level]}" for level in LIGHTS if level in levels]
    return ", ".join(there)


def _charts(moved: generator.Difference, before: Profile, after: Profile) -> list[charts.Chart]:
    """In the order of the drift; both sides are called by their versions."""
    place = {(one.table, one.column): at for at, one in enumerate(moved.columns)}
    names = {"synthetic": f"version {after.version}", "reference": f"version {before.version}"}
    sections = charts.sections(cast(charts.Comparison, moved.comparison))
    drawn = [_called(chart, names) for section in sections for chart in section.charts]
    return sorted(drawn, key=lambda chart: place.get((chart.table, chart.column), len(place)))


def _called(chart: charts.Chart, names: dict[str, str]) -> charts.Chart:
    """``synthetic`` and ``reference`` by other names, wherever they are read."""
    traces = [_trace(trace, names) for trace in chart.figure["data"]]
    headings = tuple(names.get(one.lower(), one).capitalize() for one in chart.headings)
    note = chart.note.replace("reference", names["reference"])
    drawn = chart.figure | {"data": traces}
    return replace(chart, figure=drawn, headings=headings, note=note, unreferenced="")


def _trace(trace: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    name = names.get(trace.get("name", ""), trace.get("name", ""))
    hover = str(trace.get("hovertemplate", "")).replace(f" {trace.get('name')}<", f" {name}<")
    return trace | {"name": name, "hovertemplate": hover}
