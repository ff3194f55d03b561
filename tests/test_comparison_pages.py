"""The comparison of a bundle and the certificate of a profile: verdicts on the page, and one
stand-alone file."""

import json
import re

import pytest
from django.urls import reverse

import generator
from generator.compare import certified, to_html
from portal.models import Profile
from portal.verdicts import SHOWN, told
from tests.extracts import cars
from tests.extracts import ready as ready_cars

VERDICT = {
    "measure": "detection",
    "title": "A classifier tells rows apart, AUC",
    "about": "<b>cars</b>",
    "level": "poor",
    "score": 0.9,
    "ceiling": 0.5,
    "severity": 2.0,
    "uses": ["machine learning"],
    "why": "0.900 (real rows 0.500): good up to 0.6, poor above 0.75.",
}
GOOD = VERDICT | {"level": "good", "about": "owners", "uses": []}
CERTIFICATE = {
    "scores": {
        "univariate": {"accuracy": 0.98, "ceiling": 0.99},
        "detection": {"cars": {"auc": 0.9, "real": 0.5}},
        "verdicts": [VERDICT, GOOD],
    },
    "not_understood": ["cars.blob"],
}


def outside(page):
    """Addresses a browser would ask for."""
    return re.findall(r"""(?:src|href|url\()\s*=?\s*["']?(?:https?:)?//""", page)


def test_a_certificate_is_a_page_of_its_own():
    page = to_html(certified(CERTIFICATE, title="UK cars", profile=None))
    assert "✕ poor" in page
    assert "&lt;b&gt;cars" in page
    assert "<b>cars" not in page
    assert "not fit" in page
    assert "cars.blob" in page
    assert not outside(page)


def test_a_certificate_of_nothing_is_a_page_too():
    assert "Comparison x" in to_html(certified({}, title="x", profile=None))


def test_the_worst_are_told_and_the_rest_counted():
    found = told([VERDICT] * (SHOWN + 2) + [GOOD])
    assert len(found["told"]) == SHOWN
    assert found["told"][0]["light"] == "red"
    assert found["counts"] == f"Verdicts: {SHOWN + 2} poor, 1 good"
    assert told([]) == {"told": [], "counts": ""}


@pytest.fixture
def fitted(admin, data):
    """A profile of 500 cars under review, with its file."""
    profile = generator.fit(*ready_cars(cars(500)), name="cars")
    (data / "profiles").mkdir()
    generator.save_profile(profile, data / "profiles" / "x")
    return Profile.objects.create(
        name="cars", title="UK cars", kind="fitted", state="review", created_by=admin,
        path="profiles/x", hash=profile.hash, certificate=profile.certificate,
    )  # fmt: skip


@pytest.mark.django_db
def test_the_page_of_a_profile_says_verdicts_and_links_the_file(client, admin, fitted):
    client.force_login(admin)
    where = reverse("profile-comparison", kwargs={"id": fitted.pk})
    page = client.get(reverse("profile", kwargs={"id": fitted.pk})).content.decode()
    assert where in page
    assert "Verdicts: " in page
    whole = client.get(where).content.decode()
    assert "cars.price" in whole
    assert not outside(whole)
    Profile.objects.filter(pk=fitted.pk).update(certificate=CERTIFICATE)
    answer = client.get(where)
    assert answer["Content-Disposition"] == f'attachment; filename="{fitted.name}-certificate.html"'
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert "✕ poor" in answer.content.decode()


@pytest.mark.django_db
def test_a_ready_bundle_has_its_comparison_as_one_page(client, alice, ready, data):
    document = certified(CERTIFICATE, title="deals", profile=None)
    (data / ready.path).mkdir(parents=True, exist_ok=True)
    (data / ready.path / "comparison.json").write_text(json.dumps(document))
    client.force_login(alice)
    where = reverse("bundle-comparison", kwargs={"id": ready.pk})
    assert "✕ poor" in client.get(where).content.decode()
    page = client.get(reverse("bundle", kwargs={"id": ready.pk})).content.decode()
    assert where in page
    assert "Verdicts: 1 poor, 1 good" in page
    assert "&lt;b&gt;cars" in page
