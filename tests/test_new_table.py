"""A table is one declaration: the one of docs/contributing.md is joined to the platform, and is
planned, drawn, written, checked, compared and shown without another file being touched."""

from __future__ import annotations

import json
import re
import sqlite3
import tomllib
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest
from django.urls import reverse
from pyarrow import csv, parquet

import generator
from generator.commands import profiles
from generator.domains import PLATFORM, profile_of
from generator.domains.graph import Declaration, Domain, Platform
from generator.leaves.figures import figures
from generator.stories import read_story
from generator.summary import tables_of
from portal import jobs
from portal.models import Bundle
from portal.profiles import ensure_builtin
from tests.world import drawn

PAGE = (Path(__file__).parent.parent / "docs" / "contributing.md").read_text("utf-8")
SECTION = PAGE.partition("## How to add a table\n")[2].partition("\n## ")[0]
[CODE] = re.findall(r"^```python\n(.+?)^```$", SECTION, re.MULTILINE | re.DOTALL)
NUMBERS, STORY = re.findall(r"^```toml\n(.+?)^```$", SECTION, re.MULTILINE | re.DOTALL)
WRITTEN: dict[str, Declaration] = {}
exec(compile(CODE, "docs/contributing.md", "exec"), WRITTEN)  # our own page
TEST_DRIVE = WRITTEN["TEST_DRIVE"]
DRIVES = figures().joined("test_drives", tomllib.loads(NUMBERS))
LEADS, ASKED = 60, 37
RECIPE = {
    "rows": {"sales_lead": LEADS, "test_drive": ASKED},
    "tables": ["test_drive"],
    "from": "2025-01-01",
    "to": "2025-12-31",
    "seed": 5,
}


def with_table(declaration: Declaration) -> Platform:
    """The platform with one table more, named by its domain."""
    return Platform(
        tuple(
            replace(domain, tables=(*domain.tables, declaration))
            if domain.name == declaration.table.domain
            else domain
            for domain in PLATFORM.domains
        )
    )


PROFILE = profile_of(with_table(TEST_DRIVE), DRIVES)


def planned(**changes):
    return generator.plan(PROFILE, generator.Recipe.from_dict(RECIPE | changes))


@pytest.fixture
def built_in(monkeypatch):
    """This profile in the place of the built-in one."""
    monkeypatch.setitem(profiles.BUILT_IN, "automotive", lambda: PROFILE)


def test_the_example_is_short():
    assert len((CODE + NUMBERS).splitlines()) <= 60


# Planned


def test_its_story_is_one():
    story = read_story("test_drive", tomllib.loads(STORY)["test_drive"], ("customer", "vehicle"))
    [told] = story.told
    own = {story.routes["customer"][0], story.place.partition(".")[0], told.at.partition(".")[0]}
    assert own == {"lead_key"}
    assert "road_type" in TEST_DRIVE.table.column_names


def test_its_count_is_met_or_follows():
    asked = {count.table: count for count in planned().counts}["test_drive"]
    assert (asked.rows, asked.asked) == (ASKED, True)
    follows = {count.table: count for count in planned(rows={"sales_lead": 100}).counts}
    assert follows["test_drive"].rows == 40
    assert follows["test_drive"].why == "two of five leads drive"


def test_what_it_cannot_have_is_refused_in_its_words():
    with pytest.raises(generator.PlanError) as refused:
        planned(rows={"sales_lead": LEADS, "test_drive": 2 * LEADS + 1})
    assert refused.value.field == "rows.test_drive"
    assert refused.value.sentence == (
        "A lead drives at most twice, so 60 leads allow at most 120 test drives; 121 were asked. "
        "Ask for at least 61 leads, or for at most 120 test drives."
    )


# Drawn, written, checked, compared


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    """A bundle in all formats, made by two processes."""
    out = tmp_path_factory.mktemp("new") / "bundle"
    plan = planned(formats=list(generator.FORMATS))
    generator.sample(PROFILE, plan, out, workers=2)
    return out


def document(folder, stem):
    return json.loads((folder / f"{stem}.json").read_text("utf-8"))


def test_every_format_has_its_rows(bundle):
    rows = csv.read_csv(bundle / "test_drive.csv").to_pylist()
    assert len(rows) == ASKED
    assert rows[0]["test_drive_key"] == "TD-0000000000"
    assert {row["road_type"] for row in rows} <= {"CITY", "COUNTRY", "HIGHWAY"}
    assert parquet.read_table(bundle / "test_drive.parquet").to_pylist() == rows
    with sqlite3.connect(bundle / "bundle.sqlite3") as database:
        found = database.execute("SELECT count(*) FROM test_drive JOIN sales_lead USING (lead_key)")
        assert found.fetchone() == (ASKED,)
    dump = (bundle / "postgres.sql").read_text("utf-8")
    assert re.search(r'CREATE TABLE "?test_drive"?', dump)
    assert dump.count("TD-000000") == ASKED


def test_every_format_has_its_file(bundle):
    for way in generator.FORMATS.values():
        assert (bundle / way.file_of("test_drive")).exists(), way.name
    assert (bundle / "test_drive.jsonl").read_text("utf-8").count("TD-000000") == ASKED


def test_the_manifest_and_the_data_package_name_it(bundle):
    manifest = document(bundle, "manifest")
    named = {entry["path"]: entry["rows"] for entry in manifest["files"]}
    assert named["test_drive.csv"] == ASKED
    package = document(bundle, "datapackage")
    assert "test_drive-csv" in {resource["name"] for resource in package["resources"]}


def test_its_rule_is_checked_and_can_fail(bundle, built_in):
    def said(report):
        return {rule["id"]: (rule["checked"], rule["broken"]) for rule in report["rules"]}

    assert said(document(bundle, "validation"))["R901.1"] == (True, 0)
    assert said(generator.validate_folder(bundle))["R901.1"] == (True, 0)


def test_three_drives_of_a_lead_break_it():
    rows = drawn(planned(), PROFILE)
    drives = rows["test_drive"]
    keys = drives.column("lead_key").to_pylist()
    keys[:3] = [keys[3]] * 3
    rows["test_drive"] = drives.set_column(1, drives.schema.field(1), pa.array(keys))
    [rule] = TEST_DRIVE.rules
    verdict = rule.verdict(tables_of(PROFILE.schema, rows))
    assert verdict.broken == keys.count(keys[3]) - 2


def test_its_columns_are_compared(bundle):
    comparison = document(bundle, "comparison")
    columns = {
        entry["column"]: entry for entry in comparison["columns"] if entry["table"] == "test_drive"
    }
    assert set(columns["road_type"]["labels"]) == {"CITY", "COUNTRY", "HIGHWAY"}
    assert sum(columns["road_type"]["synthetic"]) == pytest.approx(1, abs=1e-4)
    families = [entry for entry in comparison["children"] if entry["child"] == "test_drive"]
    assert [entry["parent"] for entry in families] == ["sales_lead"]


# Shown


@pytest.fixture
def row(db, built_in):
    return ensure_builtin()


def text(response):
    assert response.status_code == 200
    return response.content.decode()


def test_the_form_lists_it_in_its_domain(client, alice, row):
    client.force_login(alice)
    page = text(client.get(reverse("compose")))
    assert 'name="rows.test_drive"' in page
    assert "Test drive of a lead" in page
    data = {"profile": row.pk, "rows.test_drive": 99, "rows.sales_lead": 20, "formats": "csv"}
    said = text(client.post(reverse("compose-plan"), data))
    assert "A lead drives at most twice, so 20 leads allow at most 40 test drives" in said
    shown = text(client.post(reverse("compose-preview"), data | {"rows.test_drive": 30}))
    assert 'id="peek-test_drive"' in shown


def test_a_domain_of_its_own_has_its_title_on_the_form(client, alice, db, monkeypatch):
    table = replace(TEST_DRIVE.table, domain="road_tests")
    roads = Domain(
        "road_tests", "On the road", "Who tried what", (replace(TEST_DRIVE, table=table),)
    )
    profile = profile_of(Platform((*PLATFORM.domains, roads)), DRIVES)
    monkeypatch.setitem(profiles.BUILT_IN, "automotive", lambda: profile)
    ensure_builtin()
    client.force_login(alice)
    page = text(client.get(reverse("compose")))
    assert "On the road" in page
    assert "Who tried what" in page


@pytest.mark.django_db(transaction=True)
def test_a_bundle_is_made_of_it_charted_and_offered(client, alice, data, row):
    recipe = RECIPE | {"profile": "automotive", "formats": ["csv"]}
    bundle = Bundle.objects.create(owner=alice, name="Drives", profile=row, recipe=recipe)
    jobs.make_bundle(str(bundle.pk))
    bundle.refresh_from_db()
    assert (bundle.state, bundle.error) == (Bundle.State.READY, "")
    client.force_login(alice)
    page = text(client.get(reverse("bundle", kwargs={"id": bundle.pk})))
    assert "test_drive.road_type" in page
    assert "A lead drives at most twice." in page
    offered = reverse("bundle-file", kwargs={"id": bundle.pk, "path": "test_drive.csv"})
    assert offered in page
    drawings = client.get(reverse("bundle-figures", kwargs={"id": bundle.pk})).json().values()
    bars = [trace for drawing in drawings for trace in drawing["data"]]
    [roads] = [bar for bar in bars if set(bar.get("x", ())) == {"CITY", "COUNTRY", "HIGHWAY"}]
    assert sum(roads["y"]) == pytest.approx(1, abs=1e-4)
