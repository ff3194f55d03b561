"""When a figure is far off, what light a table has, and when a bundle is fit to count with."""

import json
import re

import pytest

import generator
from generator.compare.fitness import fit_for
from generator.compare.verdict import is_far, lights
from portal import charts


def entry(kind="share", target=0.089, reached=0.037, *, met=False, table="deal", far=None):
    gap = abs(reached - target) / (1 if kind == "share" else abs(target))
    one = {"kind": kind, "target": target, "reached": reached, "gap": gap, "met": met}
    one |= {"table": table, "title": "Electric cars", "tolerance": 0.01}
    return one | {"far": is_far(one) if far is None else far}


@pytest.mark.parametrize(
    ("one", "far"),
    [
        (entry(), True),
        (entry(reached=0.07), False),
        (entry(met=True), False),
        (entry(met=None), False),
        (entry("mean", 100.0, 116.0), True),
        (entry("median", 100.0, 112.0), False),
    ],
)
def test_what_misleads_is_far_off(one, far):
    assert one["far"] is far


def test_a_table_has_the_light_of_its_figures_worst_first():
    met = entry(met=True)
    near = entry(reached=0.07, table="vehicle")
    references = [*[{**met, "table": "vehicle"}] * 5, near, entry(), {**met, "table": "payment"}]
    found = lights(references, ["payment", "vehicle", "deal", "party"])
    said = [(one["table"], one["light"]) for one in found]
    expected = [("deal", "red"), ("vehicle", "amber"), ("payment", "green"), ("party", "grey")]
    assert said == expected


def test_a_bundle_that_misses_electric_cars_is_not_fit_to_count_with():
    references = [entry(), *[entry(met=True)] * 30]
    uses = fit_for(rows=1000, orphans=0, references=references, scores={}, children=[])
    analytics = next(one for one in uses if one["use"] == "analytics")
    assert analytics["fit"] is False
    assert "30 of 31" in analytics["why"]
    assert "far off: Electric cars (3.7 % for 8.9 %)." in analytics["why"]


def test_a_bundle_of_a_make_without_electric_cars_says_so(tmp_path):
    """Drawn, written and compared: not what a figure would mean, but what comes of it."""
    tables = ["deal", "inventory_vehicle", "vehicle", "vehicle_specification"]
    asked = {"rows": {"dealer": 1, "deal": 250}, "tables": tables, "references": "keys"}
    plans = (
        generator.plan(generator.automotive(), generator.Recipe.from_dict(asked | {"seed": seed}))
        for seed in range(60)
    )
    plan = next(plan for plan in plans if re.search(r"no new .*electric cars", str(plan.notes)))
    generator.sample(generator.automotive(), plan, tmp_path / "b")
    told = json.loads((tmp_path / "b" / "comparison.json").read_text())
    [electric] = [one for one in told["references"] if one["id"] == "powertrain_electric_new"]
    assert electric["reached"] == 0
    assert (electric["met"], electric["far"]) == (False, True)
    [analytics] = [use for use in told["fit_for"] if use["use"] == "analytics"]
    assert not analytics["fit"]
    assert "are far off" in analytics["why"]
    assert next(one["light"] for one in told["lights"] if one["table"] == "deal") == "red"
    _say_what_their_axes_are(charts.sections(told))


def _say_what_their_axes_are(sections):
    """Sizes have their unit at the axis; columns without a reference are folded, with no score."""
    shown = {section.gallery.id: section for section in sections}
    for name in ("published", "children", "months", "columns"):
        for chart in shown[name].charts:
            axes = (chart.figure["layout"][axis].get("title") for axis in ("xaxis", "yaxis"))
            titles = [title["text"] for title in axes if title]
            assert chart.unit.name in titles, chart.title
    assert shown["columns"].gallery.folded
    for chart in shown["columns"].charts:
        assert (chart.accuracy, chart.compared) == (None, False)


@pytest.mark.django_db
def test_the_page_opens_with_the_warning(client, alice, ready, data):
    references = [entry() | {"id": "electric", "confidence": "exact", "assumption": False}]
    told = {
        "references": references,
        "lights": lights(references, ["deal"]),
        "fit_for": fit_for(rows=1000, orphans=0, references=references, scores={}, children=[]),
    }
    (data / ready.path / "comparison.json").write_text(json.dumps(told))
    client.force_login(alice)
    page = " ".join(client.get(f"/bundles/{ready.pk}/").content.decode().split())
    warning = page.index("<b>Not fit for analytics.</b>")
    assert page.index("0 of 1 published figures match") < warning < page.index("Downloads")
    assert "Electric cars (3.7 % for 8.9 %)" in page[warning:]
