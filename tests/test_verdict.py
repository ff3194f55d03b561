"""When a figure is far off, what light a table has, and when a bundle is fit to count with."""

import pytest

from generator.compare.fitness import fit_for
from generator.compare.verdict import is_far, lights


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
    assert "Electric cars" in analytics["why"]
