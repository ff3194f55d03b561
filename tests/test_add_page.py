"""A page is a view that asks access.py, a template in the frame of all pages, and an address: the
test writes the three of docs/contributing.md and visits them."""

from __future__ import annotations

import pytest
from django.contrib.auth.decorators import login_required
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_safe

from portal import access, urls

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]

TEMPLATE = """{% extends "base.html" %}
{% load say %}

{% block title %}Receipt of {{ bundle.name }} · Proving Ground{% endblock %}
{% block at_bundles %} aria-current="page"{% endblock %}

{% block main %}
  <div class="head"><h1>Receipt of {{ bundle.name }}</h1></div>
  <section class="card">{{ bundle.bytes|size }}</section>
{% endblock %}
"""


@login_required
@require_safe
def receipt(request, id):  # noqa: A002 - named after the column
    """The receipt of a bundle, to print."""
    bundle = access.get_bundle_or_404(request.user, id)
    return render(request, "bundles/receipt.html", {"bundle": bundle})


urlpatterns = [*urls.urlpatterns, path("bundles/<uuid:id>/receipt/", receipt, name="receipt")]


@pytest.fixture
def address(ready, tmp_path, settings):
    (tmp_path / "templates" / "bundles").mkdir(parents=True)
    (tmp_path / "templates" / "bundles" / "receipt.html").write_text(TEMPLATE)
    [engine] = settings.TEMPLATES
    settings.TEMPLATES = [engine | {"DIRS": [*engine["DIRS"], tmp_path / "templates"]}]
    return reverse("receipt", kwargs={"id": ready.pk})


def test_it_is_a_page_like_the_others(client, alice, address):
    client.force_login(alice)
    page = client.get(address).content.decode()
    assert "<title>Receipt of Deals · Proving Ground</title>" in page
    assert '<a href="/" aria-current="page">Bundles</a>' in page
    assert "1.0 kB" in page


def test_it_is_for_those_who_may_see_the_bundle(client, bob, charlie, address):
    assert client.get(address)["Location"].startswith("/accounts/login/?next=")
    for stranger in (bob, charlie):
        client.force_login(stranger)
        assert client.get(address).status_code == 404
