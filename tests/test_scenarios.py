"""Scenarios: exact numbers, row by row in the manifest, and nothing else is broken."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

import generator
from generator.__main__ import main
from generator.domains import world as platform
from tests.staged import scene_of, staged, tables_of, validated, world

SCENARIOS = {one.name: one for one in generator.automotive().scenarios}
RULES = {rule.id for rule in generator.automotive().rules}
ASKED = 3


@pytest.fixture(params=SCENARIOS)
def scenario(request):
    return SCENARIOS[request.param]


def chosen(scene, scenario):
    return [one for one in scene.listed if one.table == scenario.table and one.key == one.of]


def test_as_many_are_staged_as_asked_and_exactly_the_listed_rows_break(scenario):
    scene = staged({scenario.name: ASKED})
    assert len({one.key for one in chosen(scene, scenario)}) == ASKED
    broken = {rule for one in scene.listed for rule in one.breaks}
    assert broken <= set(scenario.breaks)
    assert bool(broken) == bool(scenario.breaks)
    report = validated(tables_of(scene))
    said = {
        (rule["id"], rule["table"]): rule["reason"] or rule["broken"]
        for rule in report["rules"]
        if rule["checked"] and rule["level"] == "error"
        if (rule["broken"] and not rule["on_purpose"]) or not rule["as_asked"]
    }
    assert not said
    assert report["ok"]


def test_what_is_listed_was_changed_or_breaks_a_rule(scenario):
    before, scene = world()[1], staged({scenario.name: ASKED})
    listed = {(one.table, one.row) for one in scene.listed}
    for name, rows in scene.rows.items():
        if rows.equals(before[name]):
            continue  # as most tables are, and reading them row by row takes its time
        was = before[name].to_pylist()
        now = rows.to_pylist()
        changed = {(name, at) for at, row in enumerate(now) if at >= len(was) or row != was[at]}
        assert {at for at in changed if at[0] == scenario.table} <= listed, scenario.name
    assert scene.listed


def test_a_scenario_says_what_it_is(scenario):
    assert scenario.title
    assert scenario.meaning.endswith(".")
    assert set(scenario.breaks) <= RULES
    known = set(generator.automotive().schema.names)
    assert {scenario.table, *scenario.needs} <= known


def test_the_same_rows_are_chosen_again_and_others_by_another_seed(scenario):
    def keys(seed):
        scene = scene_of(world()[1], seed=seed)
        scene.play(scenario, ASKED)
        return [(one.table, one.key, one.done) for one in scene.listed]

    assert keys(1) == keys(1)
    assert keys(1) != keys(2)


@pytest.mark.parametrize("name", ["odometer_tampering", "charged_back_payment"])
def test_a_row_less_or_more_than_listed_is_no_longer_as_asked(name):
    scene = staged({name: ASKED})
    lost = next(one for one in scene.listed if one.breaks)
    less = [one for one in scene.listed if one is not lost]
    assert not validated(tables_of(scene, less))["ok"]
    sound = tables_of(scene_of(world()[1]), scene.listed)
    assert not validated(sound)["ok"]


@pytest.fixture(scope="module")
def asked():
    return dict.fromkeys(SCENARIOS, ASKED)


@pytest.fixture(scope="module")
def bundles(tmp_path_factory, asked):
    """One recipe with every scenario, cut into many shards, by one worker and by five."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(platform, "SHARD_ROWS", 40_000)
        patch.setattr(platform, "PIECE_ROWS", 3_000)
        recipe = generator.Recipe.from_dict(
            {
                "rows": {"deal": 600, "vehicle_telemetry_event": 8_000},
                "from": "2024-01-01",
                "to": "2024-12-31",
                "seed": 3,
                "scenarios": asked,
            }
        )
        profile = generator.automotive()
        plan = generator.plan(profile, recipe)
        assert sum(shard.stage == platform.DEALERS for shard in plan.shards) > 1
        folder = tmp_path_factory.mktemp("scenarios")
        for workers in (1, 5):
            generator.sample(profile, plan, folder / str(workers), workers=workers)
    return folder / "1", folder / "5"


def test_workers_agree(bundles):
    one, five = (json.loads((folder / "manifest.json").read_text()) for folder in bundles)
    assert one == five


def test_the_manifest_lists_every_row_and_validation_expects_it(bundles, asked, capsys):
    folder = bundles[0]
    manifest = json.loads((folder / "manifest.json").read_text())
    assert {one["name"]: one["asked"] for one in manifest["scenarios"]} == asked
    for one in manifest["scenarios"]:
        table = SCENARIOS[one["name"]].table
        keys = [row["key"] for row in one["rows"] if row["table"] == table]
        assert sum(row["key"] == row["of"] for row in one["rows"] if row["table"] == table) == ASKED
        assert len(set(keys)) == len(keys)
    kept = json.loads((folder / "validation.json").read_text())
    assert kept["ok"]
    again = generator.validate_folder(folder)
    assert {rule["id"]: rule["reason"] for rule in kept["rules"] if rule["on_purpose"]} == {
        rule["id"]: rule["reason"] for rule in again["rules"] if rule["on_purpose"]
    }
    assert main(["validate", str(folder)]) == 0
    assert "Broken on purpose: " in capsys.readouterr().out


def test_a_manifest_that_lists_too_little_is_told(bundles, tmp_path, capsys):
    folder = tmp_path / "bundle"
    shutil.copytree(bundles[0], folder)
    manifest = json.loads((bundles[0] / "manifest.json").read_text())
    broken = next(one for one in manifest["scenarios"] if one["name"] == "odometer_tampering")
    broken["rows"].pop()
    (folder / "manifest.json").write_text(json.dumps(manifest))
    assert main(["validate", str(folder)]) == 1
    assert "To be broken on purpose: 2 rows; 1 row more broke it." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"scenarios": {"duplicate_leed": 3}}, "did you mean duplicate_lead?"),
        ({"scenarios": {"nothing_like_it": 3}}, "choose from "),
        ({"scenarios": {"duplicate_lead": 3000}}, "rows of sales_lead have room for "),
        ({"scenarios": {"duplicate_lead": "many"}}, "must be a whole number from 0 to 10,000"),
        ({"scenarios": ["duplicate_lead"]}, "must map names of scenarios to numbers"),
        ({"scenarios": {"duplicate_lead": 1}, "as_of": "2025-06-30"}, "leave the as-of date out"),
        ({"scenarios": {"odometer_tampering": 1}, "tables": ["party"]}, "needs repair_order"),
    ],
)
def test_what_cannot_be_staged_is_refused_with_a_sentence(document, words):
    document = {"from": "2025-01-01", "to": "2025-12-31", **document}
    with pytest.raises(generator.RequestError) as refused:
        generator.plan(generator.automotive(), generator.Recipe.from_dict(document))
    assert words in refused.value.sentence
    assert refused.value.field


def test_none_of_a_scenario_is_none_asked():
    recipe = generator.Recipe.from_dict({"scenarios": {"duplicate_lead": 0}})
    assert recipe == generator.Recipe.from_dict({})
    assert "scenarios" not in recipe.to_dict()


def test_the_command_line_takes_scenarios(capsys):
    words = ["plan", "--rows", "deal=100", "--scenario", "duplicate_lead=2", "--json"]
    assert main(words) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["recipe"]["scenarios"] == {"duplicate_lead": 2}
    assert main([*words, "--scenario", "duplicate_lead=3"]) == 2
    assert "give each name one number" in capsys.readouterr().err


def test_the_documentation_names_each_with_the_rules_it_breaks(scenario):
    text = (Path(generator.__file__).parent.parent / "docs" / "scenarios.md").read_text("utf-8")
    row = next(line for line in text.splitlines() if line.startswith(f"| `{scenario.name}` |"))
    told = ", ".join(f"`{rule}`" for rule in scenario.breaks) or "none"
    assert row.endswith(f"| {told} |")


def test_an_erased_customer_is_named_nowhere():
    """In no text of a row that belongs to the customer, as it was before."""
    before, scene = world()[1], staged({"customer_erased": ASKED})
    gone = {one.key for one in scene.listed if one.table == "customer"}
    customers = {row["customer_key"]: row for row in before["customer"].to_pylist()}
    people = {row["party_key"]: row for row in before["party"].to_pylist()}
    said = 0
    for name, rows in scene.rows.items():
        if "customer_key" not in rows.column_names or name == "customer":
            continue
        mine = [row for row in rows.to_pylist() if row["customer_key"] in gone]
        for row in mine:
            person = people[customers[row["customer_key"]]["party_key"]]
            texts = " ".join(str(value) for value in row.values() if isinstance(value, str))
            for column in ("full_name", "email_address", "phone_number"):
                assert str(person[column]) not in texts, name
            said += texts.count("ERASED")
    assert said >= ASKED  # everybody has been spoken with
    others = before["customer_interaction"].to_pylist()
    kept = scene.rows["customer_interaction"].to_pylist()
    pairs = zip(others, kept, strict=True)
    assert all(was == now for was, now in pairs if was["customer_key"] not in gone)
