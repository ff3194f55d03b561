"""What is personal becomes a token before anything is learnt, of whatever kind it is: numbers,
days, answers, and keys that tables are joined by."""

from datetime import date, timedelta

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import generator
from generator.anonymize import Key, Register
from generator.anonymize.kinds import Maker
from tests.extracts import random

KEY = Key("one", b"k" * 32)
ROWS = 240
DAY = date(1950, 1, 1)
PERSONAL = {
    "joined": "personal",
    "left": "personal",
    "moment": "personal",
    "told": "personal",
    "pay": "personal",
    "debt": "personal",
    "spent": "personal",
    "score": "personal",
    "ill": "personal",
    "married": "personal",
    "routing": "bank_account",
    "latitude": "geolocation",
    "longitude": "geolocation",
    "number": "personal",
    "birth_month": "dob",
}


def rows():
    rng = random(4)
    days = [DAY + timedelta(days=int(n)) for n in rng.integers(0, 20_000, ROWS)]
    return pa.table(
        {
            "number": [f"{n}" for n in range(1000, 1000 + ROWS)],
            "joined": [str(day) for day in days],
            "left": [str(day + timedelta(days=n % 90)) for n, day in enumerate(days)],
            "moment": [f"{day} {n % 24:02}:00:00" for n, day in enumerate(days)],
            "told": [f"{day.day}.{day.month}.{day.year}" for day in days],
            "pay": [f"{n}00" for n in rng.integers(101, 999, ROWS)],
            "debt": [f"-{n}.{n % 90 + 10}" for n in rng.integers(1001, 9999, ROWS)],
            "spent": [f"${n:,}.00" for n in rng.integers(10_001, 99_999, ROWS)],
            "score": rng.normal(0, 1, ROWS),
            "ill": rng.random(ROWS) < 0.3,
            "married": [["yes", "no", ""][n % 3] for n in range(ROWS)],
            "routing": [["021000021", "011401533", "091000019"][n % 3] for n in range(ROWS)],
            "latitude": [f"40.{n:06}" for n in rng.integers(0, 10**6, ROWS)],
            "longitude": [f"-70.{n:06}" for n in rng.integers(0, 10**6, ROWS)],
            "birth_month": [f"{day.month}" for day in days],
            "brand": [["Kia", "Ford"][n % 2] for n in range(ROWS)],
        }
    )


def calls():
    rng = random(5)
    return pa.table({"of": [f"{n}" for n in rng.integers(1000, 1000 + ROWS, 3 * ROWS)]})


def schema_of(tables):
    document = generator.infer(tables).to_dict()
    for table in document["tables"]:
        for column in table["columns"]:
            column["personal"] = PERSONAL.get(column["name"])
            if column["name"] in ("number", "of"):
                column["kind"] = "integer"
        if table["name"] == "person":
            table["key"] = "number"
        else:
            table["links"] = [{"column": "of", "parent": "person", "parent_column": "number"}]
    return generator.Schema.from_dict(document)


@pytest.fixture(scope="module")
def extract():
    return {"person": rows(), "call": calls()}


@pytest.fixture(scope="module")
def made(extract):
    return generator.tokenised(extract, schema_of(extract), KEY)


@pytest.mark.parametrize("name", sorted({*PERSONAL} - {"ill", "married", "birth_month"}))
def test_no_value_stays_where_it_was(extract, made, name):
    pairs = zip(made["person"][name].to_pylist(), extract["person"][name].to_pylist(), strict=True)
    assert not any(new == old for new, old in pairs)


def test_what_is_nobody_s_stays(extract, made):
    assert made["person"]["brand"].equals(extract["person"]["brand"])


def test_tokens_are_of_the_column_s_kind(extract, made):
    typed = generator.typed(made, schema_of(extract))
    assert typed["person"].num_rows == ROWS
    for name in ("pay", "spent"):
        old = extract["person"][name].to_pylist()
        assert [*map(len, made["person"][name].to_pylist())] == [*map(len, old)]
    assert all(one.endswith("00") for one in made["person"]["pay"].to_pylist())
    assert made["person"]["score"].type == pa.float64()


def test_answers_are_drawn_anew(extract, made):
    old, new = extract["person"]["ill"].to_pylist(), made["person"]["ill"].to_pylist()
    assert 0.3 < sum(map(bool, new)) / ROWS < 0.7
    assert 0.3 < sum(a == b for a, b in zip(old, new, strict=True)) / ROWS < 0.7
    months = made["person"]["birth_month"].to_pylist()
    assert {*months} == {str(n) for n in range(1, 13)}
    old = extract["person"]["birth_month"].to_pylist()
    assert sum(a == b for a, b in zip(old, months, strict=True)) < ROWS / 5
    answers = made["person"]["married"].to_pylist()
    assert {*answers} == {"yes", "no", ""}
    assert [at for at, one in enumerate(answers) if not one] == [*range(2, ROWS, 3)]


def test_days_of_a_person_move_together(extract, made):
    table = made["person"]
    for at in range(ROWS):
        days = [date.fromisoformat(table[name][at].as_py()[:10]) for name in ("joined", "left")]
        assert (days[1] - days[0]).days == at % 90
        assert table["moment"][at].as_py()[:10] == str(days[0])
        assert table["told"][at].as_py() == f"{days[0].day}.{days[0].month}.{days[0].year}"


def test_keys_of_few_signs_stay_keys_and_joins_what_they_were(extract, made):
    new = made["person"]["number"].to_pylist()
    assert len({*new}) == ROWS
    token = dict(zip(extract["person"]["number"].to_pylist(), new, strict=True))
    assert made["call"]["of"].to_pylist() == [
        token[one] for one in extract["call"]["of"].to_pylist()
    ]
    later = {"person": extract["person"].slice(100, 50), "call": extract["call"].slice(0, 9)}
    again = generator.tokenised(later, schema_of(extract), KEY)
    assert again["person"]["number"].to_pylist() == new[100:150]


@given(st.sets(st.from_regex(r"[A-C][0-9]{1,3}|[0-9]{1,4}", fullmatch=True), min_size=2))
def test_values_of_few_signs_have_one_token_each_and_none_its_own(values):
    found = Maker(KEY, Register()).tokens("personal", sorted(values))
    several = {value for value in values if value.strip("0") or len(value) > 1}
    assert len({found[value] for value in several}) == len(several)
    assert all(found[value] != value for value in values)
    assert all(len(token) == len(value) for value, token in found.items())
