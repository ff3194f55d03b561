"""Profiles that were fitted elsewhere are uploaded, read without belief, and reviewed as others."""

from __future__ import annotations

import json
import zipfile
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

import generator
from portal import broker, budget
from portal.extract_files import opened
from portal.models import Act, Extract, Profile
from portal.profiles import document
from portal.removal import delete_extract
from portal.taking_in import take_in
from portal.told_certificate import told
from tests.crafted import DOCUMENT, crafted, entries_of, packed
from tests.laid import lay

pytestmark = pytest.mark.django_db
HOSTILE = 96


@pytest.fixture(scope="module")
def entries():
    return entries_of()


def uploaded(admin, content, claim, name="cars.profile"):
    extract = Extract(owner=admin, name="cars", original_name=name, state="uploaded")
    lay(extract, **{name: content})
    assert extract.take(claim=claim)
    return extract


@pytest.fixture
def take(admin, data, tmp_path):
    """Take a file's content in; the profile, or the sentence that refuses it."""

    def take(content, number=0):
        claim = f"host:1:{number:08}"
        extract = uploaded(admin, content, claim)
        folder = tmp_path / f"run-{number}"
        folder.mkdir()
        run = SimpleNamespace(claim=claim, folder=folder, cancelled=lambda: False)
        try:
            take_in(extract, run)
        except generator.GeneratorError as refused:
            return refused.sentence
        return extract.profiles.get()

    return take


def test_a_profile_waits_for_the_same_review(take, entries, admin, client, data):
    profile = take(packed(entries))
    assert (profile.state, profile.name, profile.created_by) == ("fitted", "cars", admin)
    known = document(profile)
    assert known.schema.names == ("cars",)
    act = Act.objects.first()
    assert (act.verb, act.title) == ("fitted", f"{profile.title} version 1")
    assert act.details == {"elsewhere": True, "sha256": profile.hash}
    client.force_login(admin)
    page = client.get(reverse("profile", kwargs={"id": profile.pk})).content.decode()
    assert "Submit for review" in page
    assert "fitted elsewhere" in page
    assert delete_extract(profile.extract)
    again = take(packed(entries), 1)
    assert again.version == 2
    client.get(reverse("profile-difference", args=(again.pk, profile.pk)))


def test_it_is_taken_in_once_though_a_process_is_killed(take, entries, admin, data, tmp_path):
    profile = take(packed(entries))
    run = SimpleNamespace(claim="x", folder=tmp_path, cancelled=lambda: False)
    take_in(profile.extract, run)
    assert Profile.objects.filter(kind="fitted").count() == 1


def test_ninety_six_crafted_profiles_are_taken_or_refused_in_one_sentence(take, entries, data):
    cases = list(crafted(entries, every=53))
    chosen = [cases[at * len(cases) // HOSTILE] for at in range(HOSTILE)]
    refused = 0
    for number, (said, make) in enumerate(chosen):
        outcome = take(make(), number)
        if isinstance(outcome, str):
            refused += 1
            assert outcome.endswith("."), said
            assert "\n" not in outcome, said
            assert len(outcome) < 500, said
    assert refused > 60
    assert Profile.objects.count() == HOSTILE - refused
    assert len(list((data / "profiles").iterdir())) == HOSTILE - refused


def test_what_nobody_understands_of_a_file_is_not_kept(take, entries, data):
    secret = b"Bartholomew Quackenbush"
    smuggled = {**entries, "notes.txt": secret, "../up.npy": secret}
    outcome = take(packed(smuggled))
    if isinstance(outcome, str):
        outcome = take(packed({**entries, "notes.txt": secret}), 1)
    with zipfile.ZipFile(data / outcome.path) as kept:
        assert "notes.txt" not in kept.namelist()
        assert all(secret not in kept.read(name) for name in kept.namelist())
    assert not list(data.rglob("up.npy*"))


VERDICT = {
    "measure": "univariate", "title": "Single columns", "about": "", "level": "good",
    "why": "good", "severity": 0.0,
}  # fmt: skip


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (None, {}),
        ([], {}),
        ({"scores": None}, {}),
        ({"scores": {"univariate": {"accuracy": "<b>", "ceiling": 1}}}, {"scores": {}}),
        ({"scores": {"univariate": {"accuracy": float("nan"), "ceiling": 1}}}, {"scores": {}}),
        ({"scores": {"univariate": {"accuracy": True, "ceiling": 1}}}, {"scores": {}}),
        ({"scores": {"univariate": {"accuracy": 10**400, "ceiling": 1}}}, {"scores": {}}),
        ({"scores": {"verdicts": [{**VERDICT, "level": "superb"}, 7]}},
         {"scores": {"verdicts": []}}),
        ({"scores": {"verdicts": [VERDICT | {"x": 1}]}}, {"scores": {"verdicts": [VERDICT]}}),
        ({"scores": {"verdicts": [VERDICT] * 3000}}, {"scores": {}}),
        ({"scores": {"copies": {"t": {"ims": 0.1, "x": []}}}},
         {"scores": {"copies": {"t": {"ims": 0.1}}}}),
        ({"note": "x" * 1000, "rules": ["a", 1, None], "deep": [[[]]]}, {"rules": ["a"]}),
    ],
)  # fmt: skip
def test_of_a_certificate_only_what_has_its_shape_is_kept(given, kept):
    assert told(given) == kept


def test_no_certificate_breaks_the_page(take, entries, client, admin, data):
    known = json.loads(entries[DOCUMENT])
    client.force_login(admin)
    for number, wrong in enumerate([{"scores": []}, {"scores": {"univariate": []}}, {"note": {}}]):
        content = json.dumps({**known, "certificate": wrong}).encode()
        profile = take(packed({**entries, DOCUMENT: content}), number)
        for name in ("profile", "profile-comparison", "profile-figures"):
            assert client.get(reverse(name, kwargs={"id": profile.pk})).status_code == 200


def test_a_profile_is_uploaded_alone(client, admin, data, monkeypatch):
    monkeypatch.setattr(broker, "push", lambda row: None)
    client.force_login(admin)
    files = [SimpleUploadedFile("a.csv", b"a\n1\n"), SimpleUploadedFile("x.profile", b"PK")]
    page = client.post(reverse("upload"), {"file": files})
    assert "upload it alone" in page.content.decode()
    alone = SimpleUploadedFile("x.profile", b"PK")
    assert client.post(reverse("upload"), {"file": alone}).status_code == 302
    extract = Extract.objects.get()
    assert extract.files[0]["name"] == "x.profile"
    with opened(extract, data, cancelled=lambda: False) as path:
        assert path.read_bytes() == b"PK"


def test_the_epsilon_of_a_private_profile_is_charged_to_its_source(
    take, entries, data, monkeypatch
):
    looks = {"rho": 0.1, "epsilon": 6.0, "delta": 1e-9, "unit": "row", "neighbours": "one row"}
    rest = {"rows_of_a_unit": {}, "declared": {}, "looks": []}
    ledger = {**looks, **rest, "spent": {"rho": 0.1, "epsilon": 6.0}, "source": "Crew"}
    document = json.loads(entries[DOCUMENT]) | {"ledger": ledger}
    content = packed({**entries, DOCUMENT: json.dumps(document).encode()})
    profile = take(content)
    assert budget.spent("Crew") == 6
    assert profile.facts["private"]["epsilon"] == 6
    assert profile.spending.by == profile.created_by
    assert "at most 4 is left" in take(content, 1)
    assert Profile.objects.filter(kind="fitted").count() == 1
    del ledger["source"]
    take(packed({**entries, DOCUMENT: json.dumps(document).encode()}), 2)
    assert budget.spent(profile.name) == 6
