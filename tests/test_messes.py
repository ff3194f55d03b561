"""Messes: an exact rate of the rows they may happen to, listed, and nothing else is broken."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import generator
from generator.__main__ import main
from generator.domains import world as platform
from generator.staging import purposes
from generator.validate import validate
from tests.staged import STOP, scene_of, tables_of, world

PROFILE = generator.automotive()
MESSES = {one.name: one for one in PROFILE.messes}
RULES = {rule.id for rule in PROFILE.rules}
RATE = 0.05


@pytest.fixture(params=MESSES)
def mess(request):
    return MESSES[request.param]


def messed(mess, *, rate=RATE, seed=1):
    scene = scene_of(world()[1], seed=seed)
    scene.mess(mess, rate)
    return scene


def test_the_rate_is_exact_and_every_listed_row_changed_and_no_other(mess):
    scene = messed(mess)
    assert len(scene.listed) == int(RATE * scene.eligible[mess.name] + 0.5) > 0
    was, now = world()[1][mess.table].to_pylist(), scene.rows[mess.table].to_pylist()
    changed = {at for at, (one, other) in enumerate(zip(was, now, strict=True)) if one != other}
    assert changed == {one.row for one in scene.listed}


def test_nothing_breaks_but_what_is_listed(mess):
    scene = messed(mess)
    assert {rule for one in scene.listed for rule in one.breaks} == set(mess.breaks)
    report = validate(PROFILE.schema, PROFILE.rules, tables_of(scene), as_of=STOP, tipped=mess.tips)
    broken = {
        rule["id"]
        for rule in report["rules"]
        if rule["checked"] and rule["level"] == "error"
        if (rule["broken"] and not rule["on_purpose"]) or not rule["as_asked"]
    }
    assert not broken
    assert report["ok"]
    held = {rule["id"] for rule in report["rules"] if rule["on_purpose"]}
    assert held == {*mess.breaks, *mess.tips}


def test_what_tips_a_rule_is_a_fault_where_it_was_not_asked_for():
    scene = messed(MESSES["late_arrival"])
    assert not validate(PROFILE.schema, PROFILE.rules, tables_of(scene), as_of=STOP)["ok"]


def test_a_mess_says_what_it_is(mess):
    assert mess.title
    assert mess.meaning.endswith(".")
    assert {*mess.breaks, *mess.tips} <= RULES
    assert {mess.table, *mess.needs} <= set(PROFILE.schema.names)
    text = (Path(generator.__file__).parent.parent / "docs" / "scenarios.md").read_text("utf-8")
    row = next(line for line in text.splitlines() if line.startswith(f"| `{mess.name}` |"))
    assert f"| `{mess.table}` |" in row
    assert all(f"`{rule}`" in row for rule in (*mess.breaks, *mess.tips))


def test_another_seed_messes_up_other_rows(mess):
    one, again, other = (
        {listed.key for listed in messed(mess, seed=seed).listed} for seed in (1, 1, 2)
    )
    assert one == again != other


def test_a_double_is_paired_with_the_person_it_is():
    scene = messed(MESSES["duplicate_people"])
    party = {row["party_key"]: row for row in scene.rows["party"].to_pylist()}
    homes = {
        row["party_key"]: row
        for row in scene.rows["party_address"].to_pylist()
        if row["preferred_indicator"] and row["complete_date_time"] is None
    }
    doubles = {one.key for one in scene.listed}
    for one in scene.listed:
        double, first = party[one.key], party[one.of]
        assert one.of not in doubles
        assert double["birth_date"] == first["birth_date"]
        assert double["given_name"] == first["given_name"]
        assert double["family_name"] != first["family_name"]
        assert double["ssn"] != first["ssn"] or double["ssn"] is None
        assert homes[one.key]["postal_code"] == homes[one.of]["postal_code"]
        assert homes[one.key]["address_line1"] != homes[one.of]["address_line1"]


@pytest.fixture(scope="module")
def bundles(tmp_path_factory):
    """All messes and a scenario in many shards, by one worker and by five."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(platform, "SHARD_ROWS", 40_000)
        patch.setattr(platform, "PIECE_ROWS", 3_000)
        recipe = generator.Recipe.from_dict(
            {
                "rows": {"deal": 600, "vehicle_telemetry_event": 8_000},
                "from": "2024-01-01",
                "to": "2024-12-31",
                "seed": 3,
                "messy": dict.fromkeys(MESSES, "3 %"),
                "scenarios": {"duplicate_lead": 2},
            }
        )
        plan = generator.plan(PROFILE, recipe)
        folder = tmp_path_factory.mktemp("messes")
        for workers in (1, 5):
            generator.sample(PROFILE, plan, folder / str(workers), workers=workers)
    return folder / "1", folder / "5"


def test_workers_agree_and_the_manifest_says_how_many_of_how_many(bundles, capsys):
    one, five = (json.loads((folder / "manifest.json").read_text()) for folder in bundles)
    assert one == five
    assert [told["name"] for told in one["messy"]] == list(MESSES)
    for told in one["messy"]:
        keys = [key for group in told["listed"] for key in group["keys"]]
        assert len(set(keys)) == len(keys) == told["rows"]
        shards = 8  # each of them rounds
        assert abs(told["rows"] - 0.03 * told["of"]) <= 0.5 * shards
    assert json.loads((bundles[0] / "validation.json").read_text())["ok"]
    assert main(["validate", str(bundles[0])]) == 0
    assert "R101.3 vehicle_telemetry_event: Not held on purpose" in capsys.readouterr().out


@pytest.mark.parametrize(
    "change",
    [
        lambda manifest: manifest["messy"][0]["listed"][0].pop("breaks"),
        lambda manifest: manifest["messy"][5]["listed"][0]["keys"].append("CC-nobody"),
        lambda manifest: manifest.update(messy=[1]),
    ],
)
def test_lists_that_fit_no_table_are_refused(bundles, change):
    from generator.bundle import open_bundle
    from generator.staging import purposes_of

    bundle = open_bundle(bundles[0])
    manifest = json.loads(json.dumps(bundle.manifest))
    change(manifest)
    with pytest.raises(generator.BundleError, match="done on purpose"):
        purposes_of(manifest, bundle.tables())


@pytest.mark.parametrize(
    ("messy", "words"),
    [
        ({"name_typo": 0.1}, "did you mean name_typos"),
        ({"name_typos": 1.5}, "must be a number from 0 to 1"),
        ({"name_typos": "often"}, "for example 0.02, or a percentage, 2 %"),
        (["name_typos"], "must map names of messes to rates"),
    ],
)
def test_what_cannot_be_messed_up_is_refused_with_a_sentence(messy, words):
    with pytest.raises(generator.RequestError) as refused:
        generator.plan(PROFILE, generator.Recipe.from_dict({"messy": messy}))
    assert words in refused.value.sentence
    assert refused.value.field


def test_a_mess_needs_its_tables_and_the_whole_span():
    for document, words in (
        ({"messy": {"late_arrival": 0.1}, "tables": ["party"]}, "needs vehicle_telemetry_event"),
        ({"messy": {"name_typos": 0.1}, "as_of": "2025-06-30"}, "leave the as-of date out"),
    ):
        recipe = generator.Recipe.from_dict({"from": "2025-01-01", "to": "2025-12-31", **document})
        with pytest.raises(generator.PlanError, match=words):
            generator.plan(PROFILE, recipe)


def test_a_rate_of_nothing_is_no_mess():
    recipe = generator.Recipe.from_dict({"messy": {"name_typos": 0, "late_arrival": ""}})
    assert recipe == generator.Recipe.from_dict({})


def test_purposes_of_nothing_are_none():
    assert purposes([]) == {}
