"""Every figure that was gathered is compared, or the profile says why it is not."""

import tomllib
from pathlib import Path

import pytest

import generator
from generator.compare.references import assumed

FOLDER = Path(generator.__file__).parent / "profiles" / "automotive"
FIGURES = {
    f"{group}.{name}": figure
    for group, figures in tomllib.loads((FOLDER / "figures_used.toml").read_text("utf-8"))[
        "figure"
    ].items()
    for name, figure in figures.items()
}
REFERENCES = {reference.id: reference for reference in generator.automotive().references}
SOURCES = {source.id for source in generator.automotive().sources}
KINDS = {"exact", "data", "derived", "mixed", "approx", "weak"}
GATHERED = 174


def test_none_of_the_figures_is_missing():
    assert len(FIGURES) == GATHERED


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_compared_or_it_is_said_why_not(name):
    figure = FIGURES[name]
    assert figure["confidence"] in KINDS
    assert ("used" in figure) != ("why" in figure)
    if "used" in figure:
        assert figure["used"]
        assert set(figure["used"]) <= set(REFERENCES)
        assert figure["source"] in SOURCES
    else:
        assert figure["why"].endswith(".")


def test_what_is_compared_is_a_figure_or_a_rule_or_a_leaning_with_its_assumption():
    used = {name for figure in FIGURES.values() for name in figure.get("used", ())}
    stated = {name for name, one in REFERENCES.items() if one.confidence == "rule"}
    leanings = tomllib.loads((FOLDER / "dependences.toml").read_text("utf-8"))["reference"]
    supposed = {one["id"] for one in leanings if assumed(one["confidence"])}
    assert set(REFERENCES) - used - stated - supposed == set()


def test_most_of_what_is_compared_is_published():
    published = [one for one in REFERENCES.values() if not assumed(one.confidence)]
    assert len(published) > 120
