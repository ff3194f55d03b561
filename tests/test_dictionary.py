"""The data dictionary and the drawing of tables: in every bundle and on the pages."""

import json
import xml.etree.ElementTree as ET

import pytest
from django.urls import reverse

import generator
from generator.recipe import Recipe
from generator.sample import sample
from tests.small import CHILD, PARENT, small_profile

SVG = "{http://www.w3.org/2000/svg}"


def test_every_bundle_says_what_its_tables_are(tmp_path):
    profile = small_profile()
    manifest = sample(profile, generator.plan(profile, Recipe()), tmp_path / "b")
    paths = {file["path"] for file in manifest["files"]}
    assert {"dictionary.md", "diagram.svg"} <= paths
    said = (tmp_path / "b" / "dictionary.md").read_text()
    assert "### parent\n\nThe parent's table." in said
    assert "| `k` (key) | text(20) |" in said
    assert "| `money` | decimal(12,2) | yes |" in said
    assert "| `state` | enum |  |  | `A`, `B` |" in said
    assert "[parent](#parent) |" in said
    json.loads((tmp_path / "b" / "manifest.json").read_text())


def test_a_dictionary_holds_every_column_of_the_platform():
    schema = generator.automotive().schema
    said = generator.dictionary(schema.tables)
    for table in schema:
        assert f"### {table.name}\n" in said
    assert "\n## Sales\n" in generator.dictionary(schema.tables, {"sales_operations": "Sales"})
    rows = [line for line in said.splitlines() if line.startswith("| `")]
    assert len(rows) == sum(len(table.columns) for table in schema)
    assert all(row.replace("\\|", "").count("|") == 8 for row in rows)


def boxes(drawing):
    """The box of each table: its name and its rectangle."""
    found = {}
    for group in ET.fromstring(drawing).iter(f"{SVG}g"):
        [box] = group.iter(f"{SVG}rect")
        name = next(text.text for text in group.iter(f"{SVG}text") if text.get("class") == "name")
        found[name] = tuple(int(box.get(side)) for side in ("x", "y", "width", "height"))
    return found


def test_every_table_has_a_box_of_its_own_and_the_drawing_holds_all():
    tables = generator.automotive().schema.tables
    drawing = generator.diagram(tables, title="Cars & <trucks>")
    assert drawing == generator.diagram(tables, title="Cars & <trucks>")
    found = boxes(drawing)
    assert set(found) == {table.name for table in tables}
    root = ET.fromstring(drawing)
    for x, y, width, height in found.values():
        assert 0 < x < x + width < int(root.get("width"))
        assert 0 < y < y + height < int(root.get("height"))
    placed = sorted(found.values())
    for at, (x, y, width, height) in enumerate(placed):
        for a, b, _, tall in placed[at + 1 :]:
            assert a >= x + width or b >= y + height or y >= b + tall


def test_a_line_leads_from_a_table_to_the_one_its_rows_are_born_in():
    both = ET.fromstring(generator.diagram([PARENT, CHILD]))
    assert len([path for path in both.iter(f"{SVG}path") if path.get("class") == "line"]) == 1
    alone = ET.fromstring(generator.diagram([CHILD]))
    assert not [path for path in alone.iter(f"{SVG}path") if path.get("class") == "line"]
    assert generator.diagram([]).endswith("</svg>\n")


@pytest.mark.django_db
def test_pages_show_the_tables_of_a_profile_and_of_a_bundle(client, alice, automotive, make_bundle):
    client.force_login(alice)
    page = client.get(reverse("profile-dictionary", args=[automotive.pk])).content.decode()
    assert 'id="vehicle_telemetry_event"' in page
    drawing = client.get(reverse("profile-diagram", args=[automotive.pk]))
    assert drawing["Content-Type"] == "image/svg+xml"
    assert drawing["Content-Security-Policy"].startswith("default-src 'none'")
    bundle = make_bundle(alice, plan={"counts": [{"table": "deal"}, {"table": "customer"}]})
    page = client.get(reverse("bundle-dictionary", args=[bundle.pk])).content.decode()
    assert 'id="deal"' in page
    assert 'id="vehicle"' not in page
    assert "<h2>Party &amp; identity</h2>" in page  # as the form calls the domain
    drawing = client.get(reverse("bundle-diagram", args=[bundle.pk])).content.decode()
    assert set(boxes(drawing)) == {"deal", "customer"}
    assert ">Party &amp; identity</text>" in drawing
    assert (
        reverse("profile-dictionary", args=[automotive.pk])
        in client.get(reverse("compose")).content.decode()
    )
