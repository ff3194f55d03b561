"""The privacy panel: attacks first, then epsilon, then distances, on pages, in JSON, in HTML."""

from dataclasses import replace

import pyarrow as pa
import pytest
from django.template.loader import render_to_string

import generator
from generator.__main__ import main
from generator.compare import certified, to_html, to_text
from portal.privacy_page import FIRST, panel
from tests.extracts import cars, ready


@pytest.fixture(scope="module")
def profile():
    table = cars(1_000)
    owners = pa.array([f"C-{at % 400:04}" for at in range(table.num_rows)])
    return generator.fit(*ready(table.append_column("owner", owners)), name="cars", unit="owner")


def test_a_certificate_holds_each_kind_of_attack_with_its_baseline(profile):
    told = profile.certificate["scores"]["privacy"]
    kinds = {one["kind"] for one in told["attacks"]}
    assert {"membership", "inference", "singling"} <= kinds
    assert {one["way"] for one in told["attacks"]} >= {"distance", "density"}
    for one in told["attacks"]:
        assert one["low"] <= one["score"] - one["baseline"] + 1e-4
        assert one["score"] - one["baseline"] <= one["high"] + 1e-4
        assert one["rows"] > 0
    assert told["distances"]["cars"]["ims"] is not None


def test_a_bundle_says_who_may_receive_it_whatever_the_certificate_says(profile):
    told = generator.privacy_of_profile(profile)
    assert told["sharing"]["scope"] in ("team", "company", "partner")
    document = profile.certificate["scores"]["privacy"]
    lies = {**document, "sharing": {"scope": "public", "sentence": "Trust me."}}
    scores = {**profile.certificate["scores"], "privacy": lies}
    lying = replace(profile, certificate={**profile.certificate, "scores": scores})
    assert generator.privacy_of_profile(lying) == told
    for wrong in ({}, {"scores": 7}, {"scores": {"privacy": {"attacks": [7, {}]}}}):
        crafted = generator.privacy_of_profile(replace(profile, certificate=wrong))
        assert crafted["sharing"]["scope"] == "team"
    assert generator.privacy_of_profile(generator.automotive())["sharing"]["scope"] == "public"


def test_pages_show_attacks_then_epsilon_then_distances(profile):
    document = certified(profile.certificate, title="Cars", profile=profile)
    told = panel({**document["privacy"], "epsilon": 1.0})
    titles = [line.title for line in [*told["lines"], *told["more"]]]
    assert titles.index("Epsilon") == FIRST  # the strongest attacks before it, the others folded
    assert titles.index("Epsilon") < titles.index("Identical rows")
    worst = max(document["privacy"]["attacks"], key=lambda one: one["high"])
    assert titles[0].startswith(worst["title"])
    page = render_to_string("_privacy.html", {"privacy": told})
    assert all(title in page for title in titles)
    assert told["sharing"]["sentence"] in page
    assert panel({}) == panel(None) == {}


def test_the_page_to_keep_and_the_terminal_tell_the_same(profile):
    document = certified(profile.certificate, title="Cars", profile=profile)
    sentence = document["privacy"]["sharing"]["sentence"]
    html, text = to_html(document), to_text(document)
    assert sentence in html
    assert sentence in text
    assert html.index("Guessing which rows") < html.index("Identical rows, cars")


def test_the_command_line_says_who_may_receive_it(tmp_path, capsys):
    from pyarrow import csv

    csv.write_csv(cars(240), tmp_path / "cars.csv")
    asked = ["fit", str(tmp_path / "cars.csv"), "--out", str(tmp_path / "cars.profile")]
    assert main(asked) == 0
    assert "It may go to" in "".join(capsys.readouterr())
