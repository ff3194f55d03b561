"""Nothing that fewer than k persons share is kept: canaries of one, five, twenty, and of one who
comes a hundred times, are looked for in every byte and number of the profile's file."""

import io
import json
import zipfile

import numpy as np
import pyarrow as pa
import pytest

import generator
from generator.fit import holders_of
from generator.fitted import load_profile, save_profile
from generator.holders import Holders, among, grouped
from tests.extracts import random, ready

K = 20
PERSONS, VISITS = 300, 8  # and the hundred of one
WORDS = {"one": "Quillfeather", "five": "Marrowgate", "twenty": "Thistledown", "often": "Vexbury"}
NUMBERS = {"one": 8_121_457, "five": 8_233_391, "twenty": 8_344_783, "often": 8_455_967}
DAYS = {"one": "1911-02-03", "five": "1911-05-17", "twenty": "1911-08-29", "often": "1911-11-19"}
PLANTED = {"one": 1, "five": 5, "twenty": 20, "often": 100}


def visits():
    """Visits of customers; canaries in a label, a number, a day, a note, and a code that only one
    customer writes."""
    rng = random(4)
    who = np.repeat(np.arange(PERSONS), VISITS)
    rows = {
        "customer": [f"C-{one:05}" for one in who],
        "kind": rng.choice(["repair", "tyres", "check"], len(who)).tolist(),
        "amount": rng.integers(1, 4_000, len(who)).tolist(),
        "on": [
            str(np.datetime64("2020-01-01") + int(day)) for day in rng.integers(0, 900, len(who))
        ],
        "code": [f"{one:06}" for one in rng.permutation(10**6)[: len(who)]],
    }
    for name, times in PLANTED.items():
        for at in range(times):
            person = "C-00007" if name == "often" else f"C-{100 + at:05}"
            rows["customer"].append(person)
            rows["kind"].append(WORDS[name])
            rows["amount"].append(NUMBERS[name])
            rows["on"].append(DAYS[name])
            rows["code"].append(f"ZZTOP-{at:04}" if name == "often" else f"{at:06}")
    order = random(5).permutation(len(rows["kind"]))
    return pa.table({name: [str(values[at]) for at in order] for name, values in rows.items()})


@pytest.fixture(scope="module")
def held(tmp_path_factory):
    """(the file's whole text, its numbers, the profile)"""
    path = tmp_path_factory.mktemp("persons") / "visits.profile"
    save_profile(generator.fit(*ready(visits(), "visits"), name="visits", unit="customer"), path)
    with zipfile.ZipFile(path) as packed:
        parts = {entry: packed.read(entry) for entry in packed.namelist()}
    numbers = [
        np.load(io.BytesIO(part)).astype(np.float64).ravel()
        for name, part in parts.items()
        if name.endswith(".npy")
    ]
    return b"\n".join(parts.values()), np.concatenate(numbers), load_profile(path)


@pytest.mark.parametrize("name", PLANTED)
def test_a_word_is_told_only_if_so_many_persons_have_it(held, name):
    text = held[0]
    assert (WORDS[name].encode() in text) == (name == "twenty")


@pytest.mark.parametrize("name", PLANTED)
def test_a_number_is_told_only_if_so_many_persons_have_it(held, name):
    numbers = np.append(held[1], _told(json.loads(json.dumps(held[2].summary.to_dict()))))
    day = (np.datetime64(DAYS[name]) - np.datetime64("1970-01-01")).astype(int)
    assert (NUMBERS[name] in numbers) == (name == "twenty")
    assert (day in numbers) == (name == "twenty")


def _told(document):
    if isinstance(document, dict | list):
        values = document.values() if isinstance(document, dict) else document
        return [number for value in values for number in _told(value)]
    return [float(document)] if isinstance(document, int | float) else []


def test_what_one_person_writes_is_in_no_pattern(held):
    assert b"ZZTOP" not in held[0]
    assert b'"Z"' not in held[0]


def test_the_profile_and_its_certificate_say_whose_rows_they_are(held):
    profile = held[2]
    assert profile.unit == profile.certificate["unit"] == "visits.customer"
    assert profile.certificate["persons"] == PERSONS
    assert profile.certificate["k"] == profile.summary.k == K
    learnt, unseen = profile.certificate["rows"]["visits"]
    assert abs(learnt - unseen) <= 108  # by persons, of whom one has a hundred rows more


def test_without_a_unit_rows_are_counted(tmp_path):
    path = tmp_path / "rows.profile"
    save_profile(generator.fit(*ready(visits(), "visits"), name="rows"), path)
    with zipfile.ZipFile(path) as packed:
        assert WORDS["often"].encode() in packed.read("profile.json")


def test_no_cell_is_of_too_few_persons_or_all_one_rare_value():
    rng = random(6)
    row = np.arange(3_000)
    who = np.where(row < 400, row % 3, 3 + row % 700)
    place = np.where(row < 400, "north", rng.choice(["south", "east", "west"], 3_000))
    rare = np.where((row >= 400) & (row < 425), "odd", rng.choice(["plain", "usual"], 3_000))
    table = pa.table(
        {
            "who": [f"P-{one:04}" for one in who],
            "age": np.where(rare == "odd", 97, rng.integers(18, 80, 3_000)).astype(str),
            "place": place,
            "rare": rare,
        }
    )
    tables, schema = ready(table)
    profile = generator.fit(tables, schema, name="cells", unit="who")
    name = schema.names[0]
    leaves = profile.world.tables[name].columns["rare"]
    odd = leaves.codec.labels.index("odd")
    for first, last in zip(leaves.leaves.first[:-1], leaves.leaves.first[1:], strict=True):
        assert leaves.leaves.code[first:last].tolist() != [odd]
    assert "north" not in profile.world.tables[name].columns["place"].codec.labels


def test_links_lead_to_whose_a_row_is():
    people = pa.table({"person_id": [f"P{n:03}" for n in range(40)], "city": ["a", "b"] * 20})
    accounts = pa.table(
        {
            "account_id": [f"A{n:03}" for n in range(50)],
            "person_id": [f"P{n % 40:03}" for n in range(50)],
        }
    )
    payments = pa.table(
        {
            "payment_id": [f"X{n:04}" for n in range(200)],
            "account_id": [f"A{n % 50:03}" for n in range(200)],
        }
    )
    schema = generator.infer({"people": people, "accounts": accounts, "payments": payments})
    tables = {"people": people, "accounts": accounts, "payments": payments}
    held = holders_of(schema, tables, "accounts.person_id")  # a link: the person it leads to
    assert held["people"].count(slice(None)) == 40
    assert held["accounts"].count(slice(None)) == 40
    assert held["payments"].count(np.arange(200) < 50) == 40
    assert holders_of(schema, tables, "")["payments"].of is None


@pytest.mark.parametrize(
    ("asked", "said"),
    [({"unit": "visits.nobody"}, "no column “visits.nobody”"), ({"k": 3}, "k from 10")],
)
def test_a_floor_that_cannot_be_is_refused(asked, said):
    with pytest.raises(generator.RequestError, match=said):
        generator.fit(*ready(visits().slice(0, 50), "visits"), name="no", **asked)


def test_a_unit_of_a_file_that_the_schema_lacks_is_refused(held, tmp_path):
    path = tmp_path / "crafted.profile"
    save_profile(held[2], path)
    with zipfile.ZipFile(path) as packed:
        parts = {entry: packed.read(entry) for entry in packed.namelist()}
    document = json.loads(parts["profile.json"]) | {"unit": "visits.nobody"}
    with zipfile.ZipFile(path, "w") as packed:
        for name, part in parts.items():
            packed.writestr(name, json.dumps(document) if name == "profile.json" else part)
    with pytest.raises(generator.ProfileError):
        load_profile(path)


def test_groups_are_joined_until_they_are_of_enough_persons():
    whose = Holders(np.array([0, 0, 0, 1, 2, 3, 3, 4, 4, 4]))
    before = whose.before()
    assert [among(before, 0, last) for last in (1, 3, 5, 10)] == [1, 1, 3, 5]
    assert grouped(np.array([0, 2, 4, 6, 8, 10]), before, 2).tolist() == [0, 4, 6, 10]
    assert grouped(np.array([0, 5, 10]), before, 9).tolist() == [0, 10]
    assert whose.number(np.array([0, 0, 1, 1, -1, 1, 1, 1, 0, 0]), 3).tolist() == [2, 4, 0]
