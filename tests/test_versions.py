"""The page of what moved between two versions, and of what one learnt."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from django.db import transaction
from django.urls import reverse

import generator
from portal import trail
from portal.models import Extract, Profile
from portal.trail import Verb
from tests.test_drift import SCHEMA, summary

pytestmark = pytest.mark.django_db


@pytest.fixture
def versions(client, admin, monkeypatch):
    """Two versions of a profile, opened as engine's documents."""
    client.force_login(admin)
    summaries = {1: summary(), 2: summary(suv=0.6, seed=2)}

    def opened(profile):
        return generator.Profile(
            name="cars", version=str(profile.version), title="Cars", kind="fitted",
            schema=SCHEMA, world=None, summary=summaries[profile.version],
        )  # fmt: skip

    monkeypatch.setattr("portal.views.versions.document", opened)
    monkeypatch.setattr("portal.views.profiles.document", opened)
    verdict = {"measure": "univariate", "title": "Single columns", "about": "", "level": "good"}
    verdict |= {
        "why": "0.990 (real rows 0.991): 99.9% of the ceiling; good from 98%, poor below 95%."
    }
    return [
        Profile.objects.create(
            name="cars", version=number, title="Cars", kind="fitted", state=state, hash="h",
            created_by=admin, path="profiles/x", facts={"rows": 2000, "tables": 1, "columns": 5},
            certificate={"scores": {"verdicts": [verdict]}},
        )
        for number, state in ((1, "published"), (2, "review"))
    ]  # fmt: skip


def text(answer):
    return re.sub(r"\s+", " ", answer.content.decode())


def test_the_difference_is_told_and_drawn(client, versions):
    one, two = versions
    page = text(client.get(reverse("profile-difference", args=(two.pk, one.pk))))
    assert "Version 1 → version 2" in page
    assert "moved far" in page
    assert "version 1</span>" in page
    drawn = client.get(reverse("profile-difference-figures", args=(two.pk, one.pk))).json()
    names = {trace["name"] for figure in drawn.values() for trace in figure["data"]}
    assert names == {"version 1", "version 2"}
    hovers = [trace["hovertemplate"] for figure in drawn.values() for trace in figure["data"]]
    assert all(" version " in hover for hover in hovers)
    assert set(re.findall(r'id="(column-\d+)"', page)) == set(drawn)


def test_versions_that_share_no_column_say_so(client, versions, monkeypatch):
    one, two = versions
    known = summary()
    other = replace(known, tables={"autos": known.tables["cars"]})

    def opened(profile):
        found = other if profile.version == 2 else known
        return generator.Profile("cars", "1", "Cars", "fitted", SCHEMA, None, summary=found)

    monkeypatch.setattr("portal.views.versions.document", opened)
    page = text(client.get(reverse("profile-difference", args=(two.pk, one.pk))))
    assert "No column is in both versions" in page
    assert "farthest first" not in page


def test_the_history_tells_of_the_extract_too(client, versions, admin):
    _, two = versions
    said = {"table": "cars", "column": "plate", "personal": False, "why": "plates of demo cars"}
    said |= {"by": "admin", "at": "2026-01-02T03:04:05+00:00"}
    two.extract = Extract.objects.create(
        owner=admin, name="Cars", original_name="cars.csv", confirmed={"settled": [said]}
    )
    two.save()
    with transaction.atomic():
        trail.note(admin, Verb.CONFIRMED, two.extract)
    page = text(client.get(reverse("profile", args=(two.pk,))))
    assert "<b>confirmed</b> the extract by admin" in page
    assert "“plates of demo cars” by admin" in page


def test_only_versions_of_one_profile_that_were_learned(client, versions, automotive):
    one, two = versions
    for pair in ((one.pk, one.pk), (one.pk, automotive.pk), (automotive.pk, one.pk)):
        assert client.get(reverse("profile-difference", args=pair)).status_code == 404
    Profile.objects.filter(pk=two.pk).update(state="failed")
    assert client.get(reverse("profile-difference", args=(two.pk, one.pk))).status_code == 404


def test_developers_see_no_version_that_nobody_published(client, versions, alice):
    client.force_login(alice)
    one, two = versions
    assert client.get(reverse("profile-difference", args=(one.pk, two.pk))).status_code == 404
    assert "Version 2" not in text(client.get(reverse("profile", args=(one.pk,))))


def test_the_page_says_what_was_learnt_and_shows_the_lines_of_the_verdicts(client, versions, data):
    one, two = versions
    page = text(client.get(reverse("profile", args=(two.pk,))))
    assert "What we learnt from your data" in page
    assert "Personal: every value is made anew" in page
    assert "good from 98%, poor below 95%" in page
    assert reverse("profile-difference", args=(two.pk, one.pk)) in page
    assert "You brought it yourself" in page


def test_who_brought_it_waits_for_somebody_else_where_that_is_asked(
    client, versions, settings, data
):
    settings.REVIEW_BY_OTHER = True
    page = text(client.get(reverse("profile", args=(versions[1].pk,))))
    assert "somebody else must publish it" in page
    assert ">Publish<" not in page
    assert "Send back" in page
