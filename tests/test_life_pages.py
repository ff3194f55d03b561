"""Pages of lives: who may see them, what they say, and what they say where there is nothing."""

from __future__ import annotations

import logging

import pytest
from django.urls import reverse

import generator

pytestmark = pytest.mark.django_db


@pytest.fixture
def bundle(lived, alice, make_bundle, data):
    (data / "bundles").mkdir()
    (data / "bundles" / "lived").symlink_to(lived)
    return make_bundle(alice, name="Lived", state="ready", path="bundles/lived")


@pytest.fixture
def car(lived):
    return next(one for one in generator.suggested_lives(lived) if one.life == "vehicle")


def where(bundle, kind="", key=""):
    if not kind:
        return reverse("bundle-lives", kwargs={"id": bundle.pk})
    return reverse("bundle-life", kwargs={"id": bundle.pk, "kind": kind, "key": key})


def test_lives_are_suggested_searched_and_told(client, alice, bundle, car, lived):
    client.force_login(alice)
    assert where(bundle) in client.get(reverse("bundle", args=[bundle.pk])).content.decode()
    page = client.get(where(bundle)).content.decode()
    assert where(bundle, "vehicle", car.key) in page
    page = client.get(where(bundle), {"kind": "vehicle", "q": car.name[-8:]}).content.decode()
    assert where(bundle, "vehicle", car.key) in page
    page = client.get(where(bundle, "vehicle", car.key)).content.decode()
    assert car.name in page
    told = generator.life(lived, "vehicle", car.key)
    for entry in told.entries:
        assert entry.key in page
    other = next(other for entry in told.entries for other in entry.others)
    assert where(bundle, other.life, other.key) in page
    assert client.head(where(bundle, "vehicle", car.key)).status_code == 200


@pytest.mark.parametrize(
    ("kind", "key"),
    [("vehicle", "VE-9"), ("customer", "<b>"), ("planet", "1"), ("vehicle", "é" * 200)],
)
def test_what_is_not_there_is_a_sentence(client, alice, bundle, kind, key):
    client.force_login(alice)
    answer = client.get(where(bundle, kind, key))
    page = answer.content.decode()
    assert answer.status_code == 404
    assert "Lives" in page
    assert "<b>" not in page.partition("<main")[2].replace("<b>Proving", "")
    assert "The bundle has no" in page or "There are no lives of" in page


def test_nothing_found_is_said(client, alice, bundle):
    client.force_login(alice)
    page = client.get(where(bundle), {"kind": "customer", "q": "Nobody At All"}).content.decode()
    assert "Nothing in this bundle is called that." in page
    assert client.get(where(bundle), {"kind": "x", "q": "\0"}).status_code in (200, 400)


def test_others_see_nothing_and_a_bundle_that_is_not_ready_has_none(
    client, alice, bob, bundle, car, make_bundle
):
    client.force_login(bob)
    assert client.get(where(bundle)).status_code == 404
    assert client.get(where(bundle, "vehicle", car.key)).status_code == 404
    client.force_login(alice)
    assert client.get(where(make_bundle(alice, state="running"))).status_code == 404


def test_a_bundle_that_cannot_be_read_says_so(client, alice, ready):
    client.force_login(alice)
    page = client.get(where(ready)).content.decode()
    assert "manifest" in page


def test_nothing_of_the_bundle_is_logged(client, alice, bundle, car, caplog):
    client.force_login(alice)
    with caplog.at_level(logging.INFO):
        client.get(where(bundle), {"kind": "vehicle", "q": car.name})
        client.get(where(bundle, "vehicle", car.key))
    assert car.name not in caplog.text
    assert car.key not in caplog.text
