"""Figures from a comparison: the numbers that are drawn, and that plotly can draw them."""

from __future__ import annotations

import json
import re

import pytest

from portal import charts
from portal.charts.bins import rebin
from portal.charts.figure import LONG_LABEL, SEE_THROUGH
from portal.templatetags import say

BARS = {
    "table": "deal",
    "column": "vehicle_category_type",
    "chart": "bars",
    "labels": ["SUV", "VAN"],
    "synthetic": [0.7, 0.3],
    "reference": [0.6, 0.4],
    "source": {"publisher": "EPA", "year": "2024", "url": "https://example.com"},
    "assumption": False,
    "missing": {"synthetic": 0.02, "reference": 0.021},
}
HISTOGRAM = {
    "table": "credit_rating",
    "column": "score_value",
    "chart": "histogram",
    "edges": [300, 400, 500, 600],
    "synthetic": [0.2, 0.5, 0.3],
    "reference": [0.25, 0.5, 0.25],
    "accuracy": 0.95,
    "ceiling": 0.99,
}
DAYS = HISTOGRAM | {
    "column": "created",
    "edges": ["2025-01-01", "2025-01-31", "2025-03-02", "2025-04-01"],
}
HEAT = {
    "columns": ["a", "b"],
    "measure": "Cramér's V",
    "synthetic": [[1, 0.5], [0.5, 1]],
    "reference": [[1, 0.4], [0.4, 1]],
    "difference": [[0, 0.1], [0.1, 0]],
}
MONTHS = {
    "table": "deal",
    "column": "sale_date",
    "months": ["2024-12", "2025-01"],
    "synthetic": [10, 20],
    "reference": [12, 18],
}


def comparison(*columns, **parts):
    return {"columns": list(columns), **parts}


def placed(whole):
    """The charts of every gallery, by its name."""
    return {section.gallery.id: list(section.charts) for section in charts.sections(whole)}


def columns(*entries):
    return placed(comparison(*entries)).get("distributions", [])


def drawn(chart, name):
    return next(trace for trace in chart.figure["data"] if trace["name"] == name)


# The numbers of each side are those the document gives for it, whatever draws them


LONG = ["A category of many words", "Another one of as many words"]
FEW = ["2024-12", "2025-01"]
DIFFERENT = {"synthetic": [0.7, 0.3], "reference": [0.1, 0.9]}
LINK = {"parent": "party", "child": "address", "labels": ["0", "1"], "mean": {"synthetic": 0.3}}
PAIRS = {
    "upright bars": (comparison(BARS | DIFFERENT), "y"),
    "flat bars": (comparison(BARS | DIFFERENT | {"labels": LONG}), "x"),
    "months of a column": (
        comparison(BARS | DIFFERENT | {"chart": "calendar", "labels": FEW}),
        "y",
    ),
    "histogram": (comparison(HISTOGRAM | DIFFERENT | {"edges": [0, 1, 2]}), "y"),
    "days": (comparison(DAYS | DIFFERENT | {"edges": DAYS["edges"][:3]}), "y"),
    "rows by month": ({"calendar": [MONTHS | DIFFERENT]}, "y"),
    "children": ({"children": [LINK | DIFFERENT]}, "y"),
}  # fmt: skip


@pytest.mark.parametrize("pair", PAIRS)
def test_each_side_is_drawn_from_its_own_numbers(pair):
    whole, axis = PAIRS[pair]
    [[chart]] = placed(whole).values()
    assert [trace["name"] for trace in chart.figure["data"]] == ["synthetic", "reference"]
    assert drawn(chart, "synthetic")[axis] == [0.7, 0.3]
    outline = drawn(chart, "reference")
    steps = [0.0, 0.1, 0.9, 0.9, 0.0]  # an outline goes from the ground to the ground
    assert outline[axis] == (steps if outline["type"] == "scatter" else [0.1, 0.9])
    assert chart.headings[1:] == ("Synthetic", "Reference")
    assert [row[1:] for row in chart.rows] == [(0.7, 0.1), (0.3, 0.9)]


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("alone", ["synthetic", "reference"])
def test_one_side_alone_stays_what_it_is(pair, alone):
    whole, _ = PAIRS[pair]
    other = {"synthetic": "reference", "reference": "synthetic"}[alone]
    bare = {name: [entry | {other: None} for entry in entries] for name, entries in whole.items()}
    [[chart]] = placed(bare).values()
    assert [trace["name"] for trace in chart.figure["data"]] == [alone]
    assert [row[1:] for row in chart.rows] == [(share,) for share in DIFFERENT[alone]]
    assert not chart.compared


def test_uneven_bins_keep_the_mass_of_each_side():
    uneven = {"edges": [0, 1, 2, 10], "synthetic": [0.8, 0.2, 0.0], "reference": [0.0, 0.2, 0.8]}
    [chart] = columns(HISTOGRAM | uneven)
    assert drawn(chart, "synthetic")["x"] == [at + 0.5 for at in range(1, 10)]
    assert drawn(chart, "synthetic")["y"] == pytest.approx([0.2, *[0.0] * 8])
    assert drawn(chart, "reference")["y"] == pytest.approx([0, 0.2, *[0.1] * 9, 0])
    assert [row[1:] for row in chart.rows] == [(0.8, 0.0), (0.2, 0.2), (0.0, 0.8)]


def test_each_heat_map_shows_its_own_matrix():
    for heat in placed({"dependence": {"deal": HEAT}})["dependence"]:
        assert heat.figure["data"][0]["z"] == HEAT[heat.title]


def test_synthetic_is_filled_and_the_reference_an_outline():
    [chart] = columns(BARS)
    assert drawn(chart, "synthetic")["marker"]["color"] == "var(--syn)"
    assert drawn(chart, "reference")["marker"]["color"] == SEE_THROUGH
    assert drawn(chart, "reference")["marker"]["line"]["color"] == "var(--ref)"
    assert drawn(chart, "reference")["y"] == [0.6, 0.4]


def test_every_figure_has_its_numbers_as_text():
    [chart] = columns(BARS)
    assert chart.rows == (("SUV", 0.7, 0.6), ("VAN", 0.3, 0.4))
    assert chart.note == "2.0 % missing (reference 2.1 %)."


def test_a_column_without_a_reference_has_no_reference_line():
    [chart] = columns(BARS | {"reference": None, "assumption": True})
    assert [trace["name"] for trace in chart.figure["data"]] == ["synthetic"]
    assert chart.assumption
    assert not chart.compared


def test_the_worst_come_first_and_the_uncompared_last():
    names = [
        chart.column
        for chart in columns(
            BARS | {"column": "alone", "reference": None},
            BARS | {"column": "good", "accuracy": 0.99, "ceiling": 0.99},
            BARS | {"column": "worst"},
            HISTOGRAM | {"column": "poor", "accuracy": 0.95, "ceiling": 0.99},
        )
    ]
    assert names == ["worst", "poor", "good", "alone"]


def test_long_labels_lie_flat_and_stay_whole_in_the_numbers():
    label = "THIRD_PARTY_MARKETPLACE_OF_CARS"
    [chart] = columns(BARS | {"labels": [label, "VAN"]})
    trace = drawn(chart, "synthetic")
    assert trace["orientation"] == "h"
    assert trace["y"][0] == label
    assert len(chart.figure["layout"]["yaxis"]["ticktext"][0]) == LONG_LABEL
    assert chart.rows[0][0] == label


def test_of_many_categories_the_largest_are_drawn_and_the_rest_is_said():
    labels = [f"S{number}" for number in range(40)]
    shares = [(number + 1) / 820 for number in range(40)]
    many = BARS | {"labels": labels, "synthetic": shares, "reference": None, "missing": {}}
    [chart] = columns(many)
    assert drawn(chart, "synthetic")["y"] == labels[28:]
    assert len(chart.rows) == 40
    assert chart.note == "28 smaller categories are in the numbers only (49.5 %)."


def test_rebinning_keeps_the_mass_and_spreads_it_evenly():
    assert rebin([0, 1, 4], [0.4, 0.6], [0, 2, 4]) == pytest.approx([0.6, 0.4])
    assert rebin([0, 0, 2], [0.5, 0.5], [0, 1, 2]) == pytest.approx([0.75, 0.25])
    assert rebin([0, 2, 2], [0.5, 0.5], [0, 1, 2]) == pytest.approx([0.25, 0.75])


def test_uneven_bins_are_redrawn_in_equal_widths():
    [chart] = columns(HISTOGRAM | {"edges": [0, 1, 10, 1000], "synthetic": [0.4, 0.59, 0.01]})
    widths = drawn(chart, "synthetic")["width"]
    assert max(widths) == pytest.approx(min(widths))
    assert chart.rows[-1][0] == "10 to 1,000"


def test_days_are_drawn_on_a_date_axis():
    [chart] = columns(DAYS)
    assert chart.figure["layout"]["xaxis"]["type"] == "date"
    assert drawn(chart, "reference")["x"][0].startswith("2025-01-01")


def test_heat_maps_stand_side_by_side_and_the_missing_one_is_left_out():
    maps = placed({"dependence": {"deal": HEAT}})["dependence"]
    assert [heat.title for heat in maps] == ["synthetic", "reference", "difference"]
    assert maps[2].rows == (("b × a", 0.1),)
    assert maps[0].unit.name == "Cramér's V"
    alone = HEAT | {"reference": None, "difference": None}
    assert [heat.title for heat in placed({"dependence": {"deal": alone}})["dependence"]] == [
        "synthetic"
    ]


def test_tables_with_most_heat_maps_come_first():
    alone = HEAT | {"reference": None, "difference": None}
    maps = placed({"dependence": {"lead": alone, "deal": HEAT}})["dependence"]
    assert [heat.table for heat in maps] == ["deal", "deal", "deal", "lead"]


def test_months_say_their_year_where_it_begins():
    [chart] = placed({"calendar": [MONTHS]})["months"]
    assert chart.figure["layout"]["xaxis"]["ticktext"] == ["Dec", "Jan<br>2025"]
    assert chart.headings == ("Month", "Synthetic", "Reference")
    assert chart.rows == (("2024-12", 10, 12), ("2025-01", 20, 18))
    assert chart.said == [["2024-12", "10", "12"], ["2025-01", "20", "18"]]


def test_the_first_date_of_the_largest_tables_comes_first():
    entries = [
        MONTHS | {"reference": None, "column": "a"},
        MONTHS | {"reference": None, "column": "b", "synthetic": [90, 90]},
        MONTHS | {"reference": None, "table": "lead", "column": "c", "synthetic": [50, 50]},
    ]
    shown = placed({"calendar": entries})["months"]
    assert [chart.column for chart in shown] == ["c", "a", "b"]


def test_a_summary_alone_is_an_outline_with_its_numbers():
    alone = BARS | {"synthetic": None, "missing": {"synthetic": None, "reference": 0.02}}
    [chart] = columns(alone)
    assert [trace["name"] for trace in chart.figure["data"]] == ["reference"]
    assert chart.headings == ("Value", "Reference")
    assert chart.rows == (("SUV", 0.6), ("VAN", 0.4))
    assert (chart.compared, chart.note) == (False, "2.0 % missing.")
    [month] = placed({"calendar": [MONTHS | {"synthetic": None}]})["months"]
    assert month.rows == (("2024-12", 12), ("2025-01", 18))
    [spread] = columns(HISTOGRAM | {"synthetic": None})
    assert [trace["name"] for trace in spread.figure["data"]] == ["reference"]


def test_months_of_a_column_are_named():
    column = BARS | {"chart": "calendar", "labels": ["2024-12", "2025-01"]}
    [chart] = columns(column)
    assert chart.figure["layout"]["xaxis"]["ticktext"] == ["Dec", "Jan<br>2025"]


def test_children_per_parent_say_their_means():
    link = {
        "parent": "party", "child": "party_address", "column": "party_key",
        "labels": ["0", "1"], "synthetic": [0.2, 0.8], "reference": None,
        "mean": {"synthetic": 0.8, "reference": None},
    }  # fmt: skip
    [chart] = placed({"children": [link]})["children"]
    assert (chart.title, chart.note) == ("party_address per party", "0.8 on average.")
    assert list(charts.figures({"children": [link]})) == [chart.id]


def test_bands_are_said_in_words():
    labels = ["..5000", "5000..10000", "10000..", "a..b"]
    shares = {"synthetic": [0.25] * 4, "reference": [0.25] * 4}
    [chart] = columns(BARS | shares | {"labels": labels})
    assert [row[0] for row in chart.rows] == [
        "under 5,000",
        "5,000 – 10,000",
        "10,000 and more",
        "a..b",
    ]


def test_one_month_alone_is_no_chart():
    assert charts.sections({"calendar": [MONTHS | {"months": ["2025-01"]}]}) == []


def test_every_place_has_a_figure_of_its_own():
    whole = comparison(BARS, HISTOGRAM, calendar=[MONTHS], dependence={"deal": HEAT})
    places = [chart.id for gallery in placed(whole).values() for chart in gallery]
    assert sorted(places) == sorted(charts.figures(whole))
    assert len(set(places)) == len(places) == 6


def test_plotly_accepts_every_figure():
    go = pytest.importorskip("plotly.graph_objects")
    whole = comparison(BARS, HISTOGRAM, DAYS, calendar=[MONTHS], dependence={"deal": HEAT})
    text = json.dumps(charts.figures(whole), allow_nan=False)
    coloured = re.sub(r"var\(--[\w-]+\)", "#123456", text)
    for figure in json.loads(coloured).values():
        go.Figure(figure)


def test_an_empty_comparison_draws_nothing():
    assert charts.figures({}) == {}


def test_labels_are_shown_letter_by_letter():
    """Plotly takes tags in labels for markup: a link in an extract must stay text."""
    wicked = "<a href=//evil>x</a>"
    entry = {"table": "cars", "column": "<b>k</b>", "chart": "bars", "labels": [wicked, "a & b"]}
    entry |= {"synthetic": [0.5, 0.5], "reference": None}
    heat = {"columns": [wicked, "b"], "synthetic": [[1, 0.2], [0.2, 1]]}
    drawn = charts.figures({"columns": [entry], "dependence": {"cars": heat}})
    assert "<a" not in json.dumps(drawn)
    assert "&lt;a href" in json.dumps(drawn)
    assert columns(entry)[0].rows[0][0] == wicked


LEANS = {
    "id": "income_price",
    "reason": "income",
    "choice": "price",
    "title": "Who has more buys dearer",
    "table": "deal",
    "column": "sale_price",
    "kind": "spearman",
    "confidence": "assumption",
    "assumption": True,
    "target": 0.45,
    "reached": 0.41,
    "rows": 900,
    "gap": 0.04,
    "met": None,
}


def test_reasons_are_drawn_as_they_are_and_what_is_assumed_stands_in_the_numbers():
    down = LEANS | {"choice": "money down", "title": "Who has more puts more down", "reached": -0.2}
    (chart,) = placed({"references": [LEANS, down]})["reasons"]
    assert chart.drawn == {"synthetic"}
    assert chart.assumption
    assert list(drawn(chart, "synthetic")["x"]) == [0.41, -0.2]
    assert chart.said[0] == ["price: Who has more buys dearer", "+0.41", "+0.45"]
    assert chart.headings == ("Choice", "Reached", "Assumed")


def test_a_published_reason_has_its_reference():
    known = LEANS | {"assumption": False, "confidence": "exact", "met": True, "source": None}
    (chart,) = placed({"references": [known]})["reasons"]
    assert list(drawn(chart, "reference")["y"]) == [0.45]
    assert chart.headings[-1] == "Published"


def test_a_quotient_of_prices_is_read_as_per_cent_and_its_tolerance_ends_at_nothing():
    rebate = LEANS | {
        "assumption": False,
        "confidence": "exact",
        "kind": "mean",
        "unit": "share of the price",
        "target": 0.07,
        "tolerance": 2.0,
        "met": True,
        "source": None,
    }
    (chart,) = placed({"references": [rebate]})["published"]
    whisker = drawn(chart, "reference")["error_x"]
    assert (whisker["array"], whisker["arrayminus"]) == ([0.14], [0.07])
    assert chart.figure["layout"]["xaxis"]["title"]["text"] == "share of the price"
    assert chart.figure["layout"]["xaxis"]["tickformat"] == ".0%"
    assert chart.said[0][1:3] == ["41.0 %", "7.0 %"]
    assert say.figure(0.07, rebate) == "7.0 %"


def test_months_stand_along_an_axis_with_a_name():
    (chart,) = placed({"calendar": [MONTHS | DIFFERENT]})["months"]
    assert chart.figure["layout"]["xaxis"]["title"]["text"] == "month"
