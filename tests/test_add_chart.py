"""A chart is one file: the test writes one and finds it on the pages of a bundle and a profile."""

from __future__ import annotations

import json
import sys

import pytest
from django.urls import reverse

from portal.charts import kinds
from portal.models import Profile

pytestmark = pytest.mark.django_db

DISTANCES = '''
"""How far cars are driven between two services."""

from portal.charts.chart import Chart, Compared, Unit, numbers
from portal.charts.figure import figure, size_axis
from portal.charts.gallery import Gallery
from portal.charts.kinds.bars import bar

GALLERY = Gallery("distances", title="Between services", says="does a car need its oil?", order=25)
MILES = Unit("miles", "{:,.0f} mi".format, "~s", ":,.0f")


def charts(comparison):
    for entry in comparison.get("distances", ()):
        compared = Compared(entry["synthetic"], entry["reference"])
        headings, rows = numbers(entry["makes"], compared, first="Make")
        bars = [bar(*side, unit=MILES, upright=True) for side in (
            (name, entry["makes"], miles) for name, miles in compared.named()
        )]
        yield Chart(
            id="distance-0",
            title="Miles between services",
            figure=figure(bars, xaxis={"type": "category"}, yaxis=size_axis(MILES)),
            headings=headings,
            rows=rows,
            unit=MILES,
            compared=compared.both,
        )
'''
MEASURED = {"makes": ["Ford", "Kia"], "synthetic": [9_000, 9_500], "reference": [10_000, 8_000]}


@pytest.fixture
def distances(tmp_path, monkeypatch):
    """A kind of chart more, in a file of its own."""
    (tmp_path / "kinds").mkdir()
    (tmp_path / "kinds" / "distances.py").write_text(DISTANCES)
    monkeypatch.setattr(kinds, "__path__", [*kinds.__path__, str(tmp_path / "kinds")])
    yield
    sys.modules.pop("portal.charts.kinds.distances", None)


@pytest.fixture
def measured(ready, data):
    """Alice's bundle, whose comparison knows the miles."""
    comparison = {"distances": [MEASURED]}
    (data / ready.path / "comparison.json").write_text(json.dumps(comparison))
    return ready


@pytest.mark.usefixtures("distances")
def test_a_new_kind_is_on_the_page_with_its_figure_and_its_numbers(client, alice, measured):
    client.force_login(alice)
    page = client.get(reverse("bundle", kwargs={"id": measured.pk})).content.decode()
    for said in ("Between services", "does a car need its oil?", 'id="distance-0"', "9,500 mi"):
        assert said in page
    figures = client.get(reverse("bundle-figures", kwargs={"id": measured.pk})).json()
    drawn = {trace["name"]: trace["y"] for trace in figures["distance-0"]["data"]}
    assert drawn == {"synthetic": [9_000, 9_500], "reference": [10_000, 8_000]}


def test_without_its_file_there_is_no_such_chart(client, alice, measured):
    client.force_login(alice)
    page = client.get(reverse("bundle", kwargs={"id": measured.pk})).content.decode()
    assert "Between services" not in page


@pytest.mark.usefixtures("distances")
def test_it_is_on_the_page_of_a_profile_too(client, admin, monkeypatch, automotive):
    monkeypatch.setattr("portal.charts.summary", lambda profile: {"distances": [MEASURED]})
    Profile.objects.filter(pk=automotive.pk).update(state="published")
    client.force_login(admin)
    page = client.get(reverse("profile", kwargs={"id": automotive.pk})).content.decode()
    assert "Between services" in page


def test_every_kind_has_a_gallery_and_charts():
    names = {kind.__name__.rsplit(".")[-1] for kind in kinds.every()}
    assert {"bars", "histogram", "calendar", "months", "children", "dependence"} <= names
    for kind in kinds.every():
        assert kind.GALLERY.title
        assert list(kind.charts({})) == []
