"""What a profile must not hold: its file is searched for what was planted in the extract."""

import io
import json
import re
import zipfile
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

import generator
from generator.compare import compare
from generator.fit import K, fit
from generator.fitted import load_profile, save_profile
from generator.holders import EACH_ROW, Holders
from generator.leaves.years import years_of
from generator.schema import Column, Kind, Schema, Table
from generator.summary import tables_of
from tests.extracts import cars, random, ready
from tests.test_fit import drawn

ROWS = 1200
RARE = [f"RareMaker{n}" for n in range(9)]  # one of them nine times, the others once
EXTREMES = {"price": 98_765_431, "mileage": 87_654_329, "salary": 7_654_321.25}
LOWEST = -6_543_217.75
SECRET_DAY = "1901-03-07"


def planted():
    """Cars with owners: e-mail, VIN, note and an own number in every row, rare makes, exact
    outliers in numbers and dates."""
    rng = random(9)
    table = cars(ROWS).to_pydict()
    for at, name in enumerate(RARE):
        table["make"][at] = name
    for at in range(20, 28):
        table["make"][at] = RARE[0]
    salary = np.round(rng.lognormal(10.3, 0.4, ROWS), 2)
    salary[3], salary[4] = EXTREMES["salary"], LOWEST
    secrets = {
        "mail": [f"{_word(rng)}.{_word(rng)}@mail{n % 7}.com" for n in range(ROWS)],
        "vin": [f"WVWZZZ{_word(rng).upper()[:5]}{n:06}" for n in range(ROWS)],
        "note": [f"call {_word(rng)} about {_word(rng)} before {_word(rng)}" for _ in range(ROWS)],
        "number": [str(n) for n in rng.permutation(10**8)[:ROWS] + 10**9],
        "rare_phrase": [_word(rng) if n % 3 == 0 else "no remark" for n in range(ROWS)],
    }
    table["price"][7] = str(EXTREMES["price"])
    table["mileage"][8] = str(EXTREMES["mileage"])
    table["sold"][9] = SECRET_DAY
    return pa.table(table | secrets | {"salary": [f"{value:.2f}" for value in salary]}), secrets


def _word(rng):
    return "".join(rng.choice(list("bcdfghjklmnprstvwz"), 7))


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """(content of every entry of the profile's file, its arrays, the secrets)"""
    table, secrets = planted()
    path = tmp_path_factory.mktemp("profile") / "planted.profile"
    save_profile(generator.fit(*ready(table), name="planted"), path)
    with zipfile.ZipFile(path) as packed:
        entries = {entry: packed.read(entry) for entry in packed.namelist()}
    arrays = {
        name: np.load(io.BytesIO(content), allow_pickle=False)
        for name, content in entries.items()
        if name.endswith(".npy")
    }
    return entries, arrays, secrets


def test_no_text_of_a_single_row_is_in_the_file(file):
    entries, _, secrets = file
    content = b"\n".join(entries.values())
    for name, values in secrets.items():
        for value in set(values) - {"no remark"}:
            assert value.encode() not in content, name
            for word in value.replace("@", " ").replace(".", " ").split(" "):
                assert len(word) < 7 or word.encode() not in content, name


def test_no_rare_category_is_in_the_file(file):
    content = b"\n".join(file[0].values())
    assert b"Fiesta" in content
    assert b"RareMaker" not in content


@pytest.mark.parametrize("value", [*EXTREMES.values(), LOWEST])
def test_no_extreme_number_is_in_the_file(file, value):
    entries, arrays, _ = file
    numbers = np.array(list(_numbers(json.loads(entries["profile.json"]))))
    for said in (value, 100 * value):  # decimals are kept scaled
        assert np.abs(numbers - said).min() > 2e-7 * abs(said)
        for array in arrays.values():
            if array.size:
                apart = np.abs(array.astype(np.float64) - said)
                assert apart.min() > 2e-7 * abs(said)  # beyond what float32 rounds


def test_no_extreme_day_is_in_the_file(file):
    entries, arrays, _ = file
    assert SECRET_DAY.encode() not in entries["profile.json"]
    assert SECRET_DAY[:7].encode() not in entries["profile.json"]
    day = np.datetime64(SECRET_DAY).astype(np.int64)
    days = [a for name, a in arrays.items() if ".scale.value" in name and 19_000 < a.max() < 21_000]
    scale = np.concatenate(days)
    assert np.abs(scale - day).min() > 1000


def _numbers(found):
    if isinstance(found, bool):
        return
    if isinstance(found, int | float):
        yield float(found)
    elif isinstance(found, dict):
        for part in found.values():
            yield from _numbers(part)
    elif isinstance(found, list):
        for part in found:
            yield from _numbers(part)


def test_a_number_few_rows_share_is_no_atom():
    table, _ = planted()
    tables, schema = ready(table)
    profile = fit(tables, schema, name="planted")
    for name in ("price", "mileage", "mpg", "salary"):
        codec = profile.world.tables["cars"].columns[name].codec
        knots = codec.scale.knots
        flat = knots.value[:-1][(np.diff(knots.value) == 0) & (np.diff(knots.at) > 0)]
        values = np.asarray(tables["cars"][name].cast(pa.float64())).copy()
        if name in ("mpg", "salary"):
            values = np.rint(values * 10 ** (schema["cars"].column(name).scale or 0))
        found, rows = np.unique(values, return_counts=True)
        common = set(found[rows >= K].tolist())
        assert set(flat.tolist()) <= common, name


def test_rows_that_are_unique_are_not_repeated_more_than_chance():
    """A row of the extract that is unique comes out no more often than an unseen unique row."""
    both = cars(6000, seed=4)
    learnt, unseen = both.slice(0, 3000), both.slice(3000)
    profile = fit(*ready(learnt), name="cars")
    made = _rows(drawn(profile, 6000))
    counts = [sum(made.count(row) for row in _unique(part)) for part in (learnt, unseen)]
    assert counts[0] <= counts[1] + 3 * max(counts[1], 4) ** 0.5


def _rows(table):
    names = ["make", "model", "year", "price", "mileage", "mpg"]
    plain = table.select(names).to_pydict()
    return [tuple(map(str, row)) for row in zip(*plain.values(), strict=True)]


def _unique(part):
    rows = _rows(ready(part)[0]["cars"])
    return {row for row in rows if rows.count(row) == 1}


NAMES = ["Quirinius Abernathy", "Philippa Zwicknagl", "Thorvald Ombudsen", "Ximena Okonkwo"]
SHARED = 24  # values of each column: more than a shape must be shared by
REPEATED = {
    "customer_name": [*NAMES, *(f"Person{_word(random(n))} Surname" for n in range(SHARED - 4))],
    "contact": [f"person.number{n:02}@secretmail{n % 3}.org" for n in range(SHARED)],
    "phone": [f"+44 7700 9{n:05}" for n in range(70_001, 70_001 + SHARED)],
    "account_number": [str(30_100_700_000 + 7 * n) for n in range(SHARED)],
    "birth_date": [f"19{61 + n}-0{1 + n % 9}-17" for n in range(SHARED)],
    "born_on": [f"{5 + n:02}/07/19{31 + 2 * n}" for n in range(SHARED)],
    "ticked": [f"Village{_word(random(n))}" for n in range(SHARED)],
    "ticked_number": [str(7_654_321 + 1111 * n) for n in range(SHARED)],
    "ticked_amount": [f"{54_321 + 77 * n}.37" for n in range(SHARED)],
    "ticked_truth": ["true"] * SHARED,
}
WORDS = ("name", "email", "phone", "bank_account", "dob", "dob")


def repeated(rows=1200):
    """Every personal value fifty times or more, as of customers that come again; the typed tables
    and the schema as a person confirmed it."""
    picked = random(3).integers(0, SHARED, rows)
    secrets = {name: [values[at] for at in picked] for name, values in REPEATED.items()}
    tables, schema = ready(pa.table(cars(rows).to_pydict() | secrets))
    ticked = [
        replace(c, personal=c.personal or "personal") if c.name.startswith("ticked") else c
        for c in schema["cars"].columns
    ]
    return tables, Schema((replace(schema["cars"], columns=tuple(ticked)),))


@pytest.fixture(scope="module")
def personal(tmp_path_factory):
    """(the profile of repeated personal values, its file's content, its numbers)"""
    path = tmp_path_factory.mktemp("profile") / "personal.profile"
    save_profile(generator.fit(*repeated(), name="personal"), path)
    with zipfile.ZipFile(path) as packed:
        entries = {entry: packed.read(entry) for entry in packed.namelist()}
    arrays = [np.load(io.BytesIO(e)).ravel() for n, e in entries.items() if n.endswith(".npy")]
    said = np.array(list(_numbers(json.loads(entries["profile.json"]))))
    numbers = np.concatenate([said, *(array.astype(np.float64) for array in arrays)])
    return load_profile(path), b"\n".join(entries.values()), numbers


def test_columns_that_look_personal_are_fitted_as_such():
    _, schema = repeated()
    found = [schema["cars"].column(name).personal for name in REPEATED]
    assert found == [*WORDS, *["personal"] * 4]
    assert not any(column.personal for column in schema["cars"].columns[:8])


def test_no_repeated_personal_text_is_in_the_file(personal):
    _, content, _ = personal
    assert b"Fiesta" in content
    for name in ("customer_name", "contact", "phone", "born_on", "ticked"):
        for value in REPEATED[name]:
            for word in [value, *value.replace("@", " ").split(" ")]:
                assert len(word) < 5 or word.encode() not in content, name


def test_no_repeated_personal_number_or_day_is_in_the_file(personal):
    _, content, numbers = personal
    days = np.array(REPEATED["birth_date"], dtype="datetime64[D]").astype(np.int64)
    wrote = [np.datetime64("-".join(d.split("/")[::-1])) for d in REPEATED["born_on"]]
    born = np.array(wrote, dtype="datetime64[s]").astype(np.int64)
    plain = [float(v) for n in ("account_number", "ticked_number") for v in REPEATED[n]]
    cents = [100 * float(v) for v in REPEATED["ticked_amount"]]
    for value in [*plain, *cents, *born.tolist(), *(86_400_000.0 * days).tolist()]:
        assert not np.isin(value, numbers)
    assert not np.isin(days, numbers[np.abs(numbers) > 100]).any()
    assert not any(day.encode() in content for day in REPEATED["birth_date"])


def test_personal_values_are_made_anew_in_their_shape(personal):
    profile, _, _ = personal
    made = drawn(profile, 400).to_pydict()
    for name, values in REPEATED.items():
        if name not in ("ticked_truth", "birth_date", "born_on"):  # days meet by chance
            assert not set(map(str, made[name])) & set(values), name
            assert len(set(made[name])) > 300, name
    assert all(re.fullmatch(r"[a-z]{10}@example\.com", text) for text in made["contact"])
    assert all(re.fullmatch(r"\+\d\d \d{4} \d{6}", text) for text in made["phone"])
    assert all(len(str(number)) == 11 for number in made["account_number"])
    assert all(1960 <= day.year <= 1989 for day in made["birth_date"])
    assert all(re.fullmatch(r"\d\d/\d\d/19[3-7]\d", text) for text in made["born_on"])


def test_days_of_persons_keep_the_years_that_enough_of_them_share():
    rng = np.random.default_rng(4)
    born = np.datetime64("1985-06-15") + (rng.normal(0, 5 * 365, 4000)).astype(int)
    person = pa.table({"birth_date": born, "sort": rng.choice(["a", "b"], 4000)})
    columns = (Column("birth_date", Kind.DATE, personal="dob"), Column("sort", Kind.TEXT))
    profile = generator.fit({"cars": person}, Schema((Table("cars", columns),)), name="p")
    made = drawn(profile, 4000).column("birth_date").to_numpy().astype("datetime64[D]")
    apart = [np.quantile(days.astype(np.int64), [0.1, 0.5, 0.9]) for days in (born, made)]
    assert np.abs(apart[0] - apart[1]).max() < 200  # days; evenly it would be years
    assert made.min() >= np.sort(born)[:20].min().astype("datetime64[Y]") - 10
    assert len(np.unique(made)) > 2000


def test_years_of_few_persons_are_told_together():
    days = np.array([365.25 * n + 17 for n in range(24)] * 50)
    edges, shares = years_of(days, 20, EACH_ROW)
    assert len(shares) == 1  # a person that comes fifty times is one
    assert edges[0] == 0
    edges, shares = years_of(np.arange(0.0, 3653.0), 20, EACH_ROW)
    assert len(shares) == 10
    assert shares == pytest.approx(0.1, abs=0.001)
    few, one = years_of(np.arange(0.0, 3653.0), 20, Holders(np.zeros(3653, dtype=np.int64)))
    assert few.tolist() == [-7305, 10957]  # all days are one person's
    assert one.tolist() == [1]


def test_nothing_is_counted_or_compared_of_personal_columns(personal):
    profile, _, _ = personal
    cars = profile.summary.tables["cars"]
    for name in REPEATED:
        assert cars.columns[name].role == "text"
        assert cars.columns[name].bins is None
        assert cars.columns[name].mean is None
        assert name not in cars.calendar
        assert not any(name in pair for pair in cars.pairs)


@pytest.mark.parametrize("kind", ["financial", "demographic", "dob"])
def test_a_listed_personal_column_leaves_no_list(kind):
    column = Column("level", Kind.ENUM, values=("Highborn", "Lowborn"), personal=kind)
    schema = Schema((Table("t", (column,)),))
    rows = {"t": pa.table({"level": ["Highborn", "Lowborn"] * 100})}
    profile = fit(rows, schema, name="t")
    assert profile.schema["t"].column("level").values == ()
    assert profile.summary.tables["t"].columns["level"].bins is None


def test_a_table_of_personal_columns_alone_is_fitted_and_compared(tmp_path):
    rows = [f"p{n % 40}@mail.org" for n in range(400)]
    raw = pa.table({"email": rows, "name": [f"Ann {text}" for text in rows]})
    tables, schema = ready(raw, "people")
    profile = generator.fit(tables, schema, name="people")
    assert profile.certificate["scores"]["copies"] == {"people": None}
    save_profile(profile, tmp_path / "people.profile")
    made = drawn(load_profile(tmp_path / "people.profile"), 400, name="people")
    sides = [tables_of(schema, {"people": table}) for table in (tables["people"], made)]
    assert compare(*sides)["scores"]["detection"]["auc"] is None
