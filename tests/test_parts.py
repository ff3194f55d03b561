"""Uploads come in parts and go on where they broke off; the pages say which step it is."""

from __future__ import annotations

import errno
import hashlib
import re

import pytest
from django.urls import reverse

from portal import broker, parts, wizard
from portal.models import Extract, Profile
from portal.parts import PART
from portal.sealed import SEGMENT
from tests.laid import content_of

pytestmark = pytest.mark.django_db
CONTENT = b"a,b\n" + b"1,2\n" * ((PART + SEGMENT) // 4)


@pytest.fixture
def as_admin(client, admin, data, monkeypatch):
    monkeypatch.setattr(broker, "push", lambda row: None)
    client.force_login(admin)
    return client


WHOLE = len(CONTENT)


def begin(client, name="cars.csv", size=WHOLE):
    return client.post(reverse("upload-begin"), {"name": name, "size": size})


def add(client, token, offset, content):
    return client.post(
        reverse("upload-part"),
        content,
        content_type="application/octet-stream",
        headers={"X-Upload": token, "X-Offset": str(offset)},
    )


def reached(client, token):
    return client.get(reverse("upload-part"), headers={"X-Upload": token})


def end(client, *tokens, **fields):
    return client.post(reverse("upload-end"), {"token": tokens, **fields})


def test_a_file_comes_in_parts(as_admin, data):
    begun = begin(as_admin).json()
    token = begun["token"]
    assert (begun["offset"], begun["part"]) == (0, PART)
    assert add(as_admin, token, 0, CONTENT[:PART]).json() == {"offset": PART}
    assert reached(as_admin, token).json()["offset"] == PART
    assert add(as_admin, token, PART, CONTENT[PART:]).json() == {"offset": len(CONTENT)}
    assert reached(as_admin, token).json()["offset"] == len(CONTENT)
    answer = end(as_admin, token, name="Mine\n too")
    extract = Extract.objects.get()
    assert answer.json() == {"location": reverse("extract", kwargs={"id": extract.pk})}
    assert (extract.name, extract.bytes) == ("Mine too", len(CONTENT))
    assert extract.files[0]["sha256"] == hashlib.sha256(CONTENT).hexdigest()
    assert content_of(data / extract.path / "cars.csv") == CONTENT
    assert not list((data / "work").iterdir())
    assert end(as_admin, token).status_code == 404


def test_a_part_that_does_not_fit_is_answered_with_the_offset(as_admin):
    token = begin(as_admin).json()["token"]
    for offset, content, status in (
        (PART, CONTENT[PART:], 409),
        (0, CONTENT[: PART - 1], 422),
        (0, CONTENT, 422),
        ("x", b"", 422),
    ):
        answer = add(as_admin, token, offset, content)
        assert answer.status_code == status
        assert answer.json()["said"].endswith(".")
    assert add(as_admin, token, 0, CONTENT[:PART]).status_code == 200
    again = add(as_admin, token, 0, CONTENT[:PART])  # the answer was lost, so it is sent again
    assert (again.status_code, again.json()["offset"]) == (409, PART)


def test_a_part_cut_off_in_the_middle_is_sent_again(as_admin, data):
    token = begin(as_admin).json()["token"]
    [file] = (data / "work").iterdir()
    add(as_admin, token, 0, CONTENT[:PART])
    with file.open("ab") as sealed:
        sealed.write(b"half of a segment")
    assert reached(as_admin, token).json()["offset"] == PART
    add(as_admin, token, PART, CONTENT[PART:])
    assert end(as_admin, token).status_code == 201


def test_what_is_not_whole_is_no_extract(as_admin):
    token = begin(as_admin).json()["token"]
    add(as_admin, token, 0, CONTENT[:PART])
    answer = end(as_admin, token)
    assert answer.status_code == 422
    assert answer.json() == {"said": "“cars.csv” has not arrived whole.", "offset": PART}
    assert end(as_admin).status_code == 422
    assert not Extract.objects.exists()


@pytest.mark.parametrize(
    ("name", "size", "said"),
    [
        ("cars.exe", 5, "is not a file this portal reads"),
        ("cars.csv", 0, "The file is empty"),
        ("cars.csv", 10**14, "this portal takes up to"),
        ("cars.csv", "many", "The size of a file is a number"),
        ("cars.csv", -1, "The size of a file is a number"),
    ],
)
def test_a_file_that_is_not_taken_is_refused_before_it_is_sent(as_admin, data, name, size, said):
    answer = begin(as_admin, name, size)
    assert answer.status_code == 422
    assert said in answer.json()["said"]
    assert not list((data / "work").iterdir())


def test_several_files_are_one_extract_and_no_more_than_may_be(as_admin, settings):
    tokens = []
    for name in ("a.csv", "b.csv"):
        token = begin(as_admin, name, 8).json()["token"]
        add(as_admin, token, 0, b"a,b\n1,2\n")
        tokens.append(token)
    settings.UPLOAD_LIMIT = 15
    assert "this portal takes up to" in end(as_admin, *tokens).json()["said"]
    settings.UPLOAD_LIMIT = 16
    assert end(as_admin, *tokens).status_code == 201
    assert [file["name"] for file in Extract.objects.get().files] == ["a.csv", "b.csv"]


def test_nobody_adds_to_the_file_of_somebody_else(as_admin, client, django_user_model):
    token = begin(as_admin).json()["token"]
    client.force_login(django_user_model.objects.create_user("other", is_staff=True))
    assert add(client, token, 0, CONTENT[:PART]).status_code == 404
    assert reached(client, f"{token}x").status_code == 404
    assert reached(client, "../../secret.key").status_code == 404


def test_a_full_disk_is_a_sentence(as_admin, monkeypatch):
    token = begin(as_admin).json()["token"]

    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No room")

    monkeypatch.setattr(parts.Sealer, "append", full)
    answer = add(as_admin, token, 0, CONTENT[:PART])
    assert answer.status_code == 507
    assert answer.json()["said"].startswith("The disk of the portal is full")


@pytest.mark.parametrize(
    ("state", "now"),
    [("uploaded", ["read"]), ("inspected", ["schema", "personal data", "privacy"])],
)
def test_the_step_of_an_extract_is_marked(admin, state, now):
    steps = wizard.of_extract(Extract(owner=admin, state=state))
    assert [step.title for step in steps if step.look == "now"] == now
    assert [step.title for step in steps] == list(wizard.STEPS)


@pytest.mark.parametrize(
    ("state", "now"),
    [("fitting", ["fit"]), ("fitted", ["certificate"]), ("review", ["review"]), ("published", [])],
)
def test_the_step_of_a_profile_is_marked(state, now):
    steps = wizard.of_profile(Profile(state=state, kind="fitted"))
    assert [step.title for step in steps if step.look == "now"] == now
    assert not wizard.of_profile(Profile(state=state, kind="builtin"))


def test_the_page_marks_the_step_for_those_who_hear_it(as_admin):
    page = re.sub(r"\s+", " ", as_admin.get(reverse("upload")).content.decode())
    assert '<li class="now" aria-current="step"> read </li>' in page
    assert 'data-begin="/profiles/new/begin/"' in page
