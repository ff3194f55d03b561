"""What people do leaves its act, and administrators read, narrow down and take along the trail."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from itertools import pairwise

import pytest
from django.db import transaction
from django.urls import reverse

from portal import broker, trail
from portal.models import Act, Extract, Profile
from portal.trail import Verb

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_broker(monkeypatch):
    monkeypatch.setattr(broker, "push", lambda row: None)


def did(client, name, row, method="post", **sent):
    """The acts that one request leaves: who, verb, kind, title."""
    before = trail.look().acts
    address = reverse(name, kwargs={"id": row.pk, **sent}) if row else reverse(name)
    answer = getattr(client, method)(address)
    if answer.streaming:
        b"".join(answer.streaming_content)
    acts = Act.objects.filter(number__gt=before).order_by("number")
    assert not trail.look().fault
    return [(act.who, act.verb, act.kind, act.title) for act in acts]


def test_what_people_do_with_a_bundle_is_noted(client, alice, make_bundle, data):
    client.force_login(alice)
    bundle = make_bundle(alice)
    assert did(client, "bundle-cancel", bundle) == [("alice", "cancelled", "bundle", "Deals")]
    assert did(client, "bundle-cancel", bundle) == []
    assert did(client, "bundle-retry", bundle) == [("alice", "requested", "bundle", "Deals")]
    did(client, "bundle-cancel", bundle)
    assert did(client, "bundle-delete", bundle) == [("alice", "deleted", "bundle", "Deals")]


def test_every_download_is_noted_and_no_look(client, alice, bob, ready):
    client.force_login(alice)
    noted = [("alice", "downloaded", "bundle", "Deals")]
    assert did(client, "bundle-file", ready, "get", path="deal.csv") == noted
    assert Act.objects.first().details["file"] == "deal.csv"
    assert Act.objects.first().details["bytes"] == 1000
    assert did(client, "bundle-zip", ready, "get") == noted
    assert did(client, "bundle-comparison", ready, "get") == noted
    assert did(client, "bundle-zip", ready, "head") == []
    assert did(client, "bundle", ready, "get") == []
    where = reverse("bundle-file", kwargs={"id": ready.pk, "path": "deal.csv"})
    client.get(where, headers={"Range": "bytes=100-199"})
    assert Act.objects.first().details == {
        "file": "deal.csv",
        "from": 100,
        "bytes": 100,
        "sha256": Act.objects.first().details["sha256"],
    }
    before = trail.look().acts
    client.get(where, headers={"Range": "bytes=5000-"})
    client.get(where, headers={"If-None-Match": "*"})
    client.force_login(bob)
    client.get(where)
    assert trail.look().acts == before + 1  # bob signed in


def test_what_administrators_do_is_noted(client, admin, data):
    client.force_login(admin)
    file = io.BytesIO(b"a,b\n1,2\n")
    file.name = "cars.csv"
    client.post(reverse("upload"), {"file": file})
    extract = Extract.objects.get()
    digest = hashlib.sha256(b"a,b\n1,2\n").hexdigest()
    assert Act.objects.first().details == {"bytes": 8, "sha256": [digest]}
    profile = Profile.objects.create(
        name="cars", title="Cars", kind="fitted", state="fitting", created_by=admin
    )
    assert did(client, "profile-cancel", profile) == [
        ("admin", "cancelled", "profile", "Cars version 1")
    ]
    assert did(client, "profile-delete", profile) == [
        ("admin", "deleted", "profile", "Cars version 1")
    ]
    assert did(client, "extract-discard", extract) == [("admin", "deleted", "extract", "cars")]
    assert did(client, "extract-discard", extract) == []


def test_who_signs_in_or_tries_to_is_noted_without_what_was_typed(client, alice):
    where = reverse("login")
    for name in ("alice", "alice-pw"):
        client.post(where, {"username": name, "password": "wrong"})
    client.post(where, {"username": "alice", "password": "alice-pw"})
    acts = [(act.who, act.verb, act.title) for act in Act.objects.order_by("number")]
    tried = "tried to sign in"
    assert acts == [("", tried, "alice"), ("", tried, ""), ("alice", "signed in", "alice")]


@pytest.fixture
def acts(admin, alice, make_bundle, client):
    client.force_login(admin)  # the second act: the first made an administrator of somebody
    bundle = make_bundle(alice, name="=SUM(A1)")
    with transaction.atomic():
        for number in range(60):
            trail.note(alice, Verb.REQUESTED, bundle, rows=number)
        trail.note(None, Verb.DELETED, bundle, bytes=12_000)
    return bundle


def test_the_page_says_whether_the_chain_is_whole_and_pages(client, acts):
    page = client.get(reverse("trail")).content.decode()
    assert "Chain whole, 63 acts." in page
    assert "the portal" in page
    assert "12.0 kB" in page
    assert "Page 1 of 2" in page
    assert "admin" in client.get(reverse("trail") + "?page=2").content.decode()


def test_a_page_further_on_is_of_what_was_asked_for(client, acts):
    asked = "?thing=sum&amp;page="
    assert f'href="{asked}2">Older<' in client.get(reverse("trail") + "?thing=sum").content.decode()
    page = client.get(reverse("trail") + "?thing=sum&page=2").content.decode()
    assert f'href="{asked}1">Newer<' in page
    assert "Older<" not in page


@pytest.mark.parametrize(
    ("asked", "number"),
    [
        ({"who": "ALI"}, 60),
        ({"verb": "deleted"}, 1),
        ({"kind": "user"}, 2),
        ({"thing": "sum"}, 61),
        ({"since": "2999-01-01"}, 0),
        ({"until": "2999-01-01", "who": "alice"}, 60),
        ({"until": "2001-01-01"}, 0),
    ],
)
def test_it_is_narrowed_down(client, acts, asked, number):
    assert client.get(reverse("trail"), asked).context["page"].paginator.count == number
    taken = client.get(reverse("trail-jsonl"), asked)
    assert len(b"".join(taken.streaming_content).splitlines()) == number


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"verb": "flown"}, "“flown” is none of these; choose one."),
        ({"since": "yesterday"}, "A day is written 2025-12-31."),
    ],
)
def test_what_is_wrong_with_a_field_is_said_and_narrows_nothing(client, acts, asked, said):
    page = client.get(reverse("trail"), asked)
    assert page.context["page"].paginator.count == 63
    assert said in page.content.decode()


def test_what_is_taken_along_can_be_checked_and_is_an_act(client, acts):
    answer = client.get(reverse("trail-jsonl"))
    lines = [json.loads(line) for line in b"".join(answer.streaming_content).splitlines()]
    assert [line["number"] for line in lines] == list(range(1, 64))
    assert all(b["before"] == a["hash"] for a, b in pairwise(lines))
    last = Act.objects.first()
    assert (last.verb, last.kind, last.details) == ("downloaded", "trail", {"file": "trail.jsonl"})


def test_a_spreadsheet_works_nothing_out(client, acts):
    answer = client.get(reverse("trail-csv"), {"verb": "deleted"})
    text = b"".join(answer.streaming_content).decode()
    [line] = csv.DictReader(io.StringIO(text))
    assert line["title"] == "'=SUM(A1)"
    assert json.loads(line["details"]) == {"bytes": 12_000}


def test_a_broken_chain_is_said_on_the_page(client, acts):
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("UPDATE portal_act SET who = 'bob' WHERE number = 5")
    page = client.get(reverse("trail")).content.decode()
    assert "The chain is broken. Act 5 was changed" in page
