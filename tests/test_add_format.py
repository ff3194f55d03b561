"""A format is one object: planned, written, read back, offered by the form and the command line.

The object is that of docs/contributing.md, taken from there."""

import json
import re
from pathlib import Path

import pytest
from django.urls import reverse

import generator
from generator.__main__ import main
from generator.bundle import open_bundle
from generator.errors import RecipeError
from generator.plan import plan
from generator.recipe import Recipe
from generator.sample import sample
from tests.small import CHILD, PARENT, small_profile

MANUAL = Path(__file__).parent.parent / "docs" / "contributing.md"


def shown_format():
    text = MANUAL.read_text("utf-8").partition("## How to add a format")[2]
    [code] = re.findall(r"```python\n(.*?)```", text.partition("\n## ")[0], flags=re.DOTALL)
    module = {}
    exec(compile(code, str(MANUAL), "exec"), module)
    return module["FORMAT"]


@pytest.fixture
def tsv(monkeypatch):
    way = shown_format()
    monkeypatch.setitem(generator.FORMATS, way.name, way)
    return way


def test_an_unknown_format_is_refused_with_those_there_are(tsv):
    assert Recipe.from_dict({"formats": ["tsv"]}).formats == ("tsv",)
    with pytest.raises(RecipeError, match=r"“xls” is not a format; choose from csv, .*, tsv\."):
        Recipe.from_dict({"formats": ["xls"]})


def test_it_is_planned_written_and_read_back(tsv, tmp_path):
    profile = small_profile()
    both, one = (plan(profile, Recipe(formats=names)) for names in (("csv", "tsv"), ("csv",)))
    values = sum(tsv.size(c) for c in PARENT.columns) + 2 * sum(tsv.size(c) for c in CHILD.columns)
    assert both.bytes_estimate - one.bytes_estimate == pytest.approx(100 * values, abs=1)
    assert both.seconds_estimate >= one.seconds_estimate
    sample(profile, plan(profile, Recipe(formats=("tsv",))), tmp_path / "b", workers=2)
    text = (tmp_path / "b" / "child.tsv").read_text()
    assert text.startswith("k\tp\nC-000000\t\nC-000001\tK-000000\n")
    tables = open_bundle(tmp_path / "b").tables()
    assert tables.arrow("child", "k").to_pylist() == [f"C-{row:06d}" for row in range(200)]


def test_the_command_line_makes_it(tsv, tmp_path, capsys):
    rows = ["--domains", "marketing_loyalty", "--rows", "marketing_campaign=5"]
    out = ["--format", "tsv", "--out", str(tmp_path / "b"), "--progress", "none"]
    assert main(["sample", *rows, *out]) == 0
    manifest = json.loads((tmp_path / "b" / "manifest.json").read_text())
    files = {file["path"]: file for file in manifest["files"]}
    assert files["marketing_campaign.tsv"]["rows"] == 5
    assert main(["validate", str(tmp_path / "b")]) == 0
    assert "rules hold" in capsys.readouterr().out


@pytest.mark.django_db
def test_the_form_offers_it(tsv, client, alice, automotive):
    client.force_login(alice)
    page = client.get(reverse("compose")).content.decode()
    assert 'value="tsv"' in page
    assert "<span>Tab-separated</span>" in page
    assert 'title="to paste into a sheet"' in page
