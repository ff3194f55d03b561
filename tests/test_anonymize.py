"""Tokens: joins survive, forms and check digits hold, and no original is left anywhere."""

import hmac
import json
import random
import re
import stat

import phonenumbers
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum import iban, imei, luhn
from stdnum.us import rtn

import generator
from generator.__main__ import main
from generator.anonymize import (
    Key,
    Register,
    anonymize,
    dialled,
    fiction,
    keys_from,
    numbers,
    people,
    phones,
)
from generator.anonymize.allot import allotted
from generator.anonymize.kinds import Maker
from generator.anonymize.vehicles import check_digit
from generator.infer import infer
from generator.personal import Finding, Findings, find, words
from generator.personal.people import is_name
from generator.personal.words import script_of

KEY, OTHER = Key("one", b"k" * 32), Key("two", b"x" * 32)
ROWS = 300


def tokens(word, values, *, key=KEY, family=False):
    return Maker(key, Register()).tokens(word, values, family=family)


def card(number):
    body = f"4{number:014}"
    return body + luhn.calc_check_digit(body)


def vin(number):
    whole = f"1HGCM8260{'3A'}{number:06}"
    return f"{whole[:8]}{check_digit(whole)}{whole[9:]}"


def people_rows(seed, count=ROWS):
    """A table of made-up people, each value a canary."""
    chance = random.Random(seed)
    firsts, lasts = ("Magdalena", "Bartholomew", "Zoë", "Ulrich"), ("Quackenbush", "Featherby")
    return [
        {
            "ssn": f"{chance.randrange(100, 666)}-{chance.randrange(10, 99)}-{n:04}",
            "first_name": firsts[n % 4],
            "last_name": lasts[n % 2],
            "email": f"canary.{seed}.{n}@secret-corp.example",
            "phone": f"+1 212-{chance.randrange(600, 999)}-{n:04}",
            "birth_date": f"{1950 + n % 50}-0{1 + n % 9}-1{n % 9}",
            "since": f"20{10 + n % 10}-0{1 + n % 9}-2{n % 8}",
        }
        for n in range(count)
    ]


@pytest.fixture(scope="module")
def extract():
    """Customers, their cars, and calls that name both."""
    rows = people_rows(1)
    cars = [
        {"vin": vin(n), "owner_ssn": rows[n % ROWS]["ssn"], "plate": f"XY{n:05}", "miles": str(n)}
        for n in range(2 * ROWS)
    ]
    calls = [
        {
            "vin": vin(n),
            "called_on": rows[n % ROWS]["since"],
            "note": f"{rows[n % ROWS]['first_name']} asks to be called at {rows[n % ROWS]['phone']}"
            f" about {vin(n)}, mail {rows[n % ROWS]['email']}",
        }
        for n in range(0, 2 * ROWS, 3)
    ]
    return {
        "customer": pa.Table.from_pylist(rows),
        "car": pa.Table.from_pylist(cars),
        "calls": pa.Table.from_pylist(calls),
    }


@pytest.fixture(scope="module")
def masked(extract):
    schema = infer(extract)
    return anonymize(extract, schema, find(extract, schema), KEY)


def joined(tables):
    customer, car, calls = (tables[name] for name in ("customer", "car", "calls"))
    both = car.append_column("row", pa.array(range(car.num_rows))).join(
        customer.select(["ssn", "email"]), "owner_ssn", "ssn"
    )
    all_ = both.join(calls.select(["vin", "called_on"]), "vin", "vin")
    return all_.sort_by("row")


def test_joins_are_what_they_were(extract, masked):
    before, after = joined(extract), joined(masked)
    assert before.num_rows == after.num_rows
    assert before.column("row").equals(after.column("row"))
    for name in ("ssn", "email", "phone"):
        column = masked["customer"].column(name)
        assert pc.count_distinct(column).as_py() == ROWS
    assert pc.count_distinct(masked["car"].column("vin")).as_py() == 2 * ROWS


def test_no_original_is_left_anywhere(extract, masked):
    everything = "\n".join(json.dumps(table.to_pylist()) for table in masked.values())
    for table, names in {
        "customer": ("ssn", "email", "phone"),
        "car": ("vin", "plate"),
    }.items():
        for name in names:
            for value in extract[table].column(name).to_pylist():
                assert value not in everything, name
    assert "canary" not in everything
    assert "Quackenbush" not in everything
    assert "Magdalena" not in everything


def test_texts_keep_all_but_their_findings(extract, masked):
    by_phone = dict(
        zip(
            extract["customer"].column("phone").to_pylist(),
            masked["customer"].column("phone").to_pylist(),
            strict=True,
        )
    )
    for old, new in zip(
        extract["calls"].column("note").to_pylist(),
        masked["calls"].column("note").to_pylist(),
        strict=True,
    ):
        phone = re.search(r"\+1 [\d-]+", old)[0]
        assert by_phone[phone] in new
        assert "asks to be called at" in new


def test_values_that_are_nobodys_stay(extract, masked):
    assert masked["car"].column("miles").equals(extract["car"].column("miles"))
    for name, table in masked.items():
        assert table.schema.equals(extract[name].schema)


def test_the_same_key_gives_the_same_tokens_in_other_extracts_and_another_other_ones(extract):
    schema = infer(extract)
    findings = find(extract, schema)
    some = {name: table.slice(5, 100) for name, table in extract.items()}
    register = Register()
    whole = anonymize(extract, schema, findings, KEY, register=register)
    again = anonymize(some, schema, findings, KEY, register=register)
    for name in ("ssn", "email", "phone", "last_name"):
        assert again["customer"].column(name).equals(whole["customer"].column(name).slice(5, 100))
    other = anonymize(extract, schema, findings, OTHER)
    for name in ("ssn", "email", "phone"):
        alike = pc.equal(whole["customer"].column(name), other["customer"].column(name))
        assert pc.sum(alike).as_py() < 0.1 * ROWS


VALUES = {
    "card_number": [card(n) for n in range(200)],
    "vin": [vin(n) for n in range(200)],
    "ssn_tax_id": [f"{100 + n}-45-{6000 + n}" for n in range(200)],
    "bank_account": [
        "DE89370400440532013000",
        "GB82 WEST 1234 5698 7654 32",
        "FR1420041010050500013M02606",
    ],
    "email": [f"Jane.Doe{n}@mail.example" for n in range(200)],
    "phone": [f"(212) 555-{1000 + n}" for n in range(200)],
    "licence_plate": [f"ABC {1000 + n}" for n in range(200)],
    "device_id": [f"00:1A:2B:3C:4D:{n:02X}" for n in range(200)],
}
HOLDS = {
    "card_number": lambda t: luhn.is_valid(t) and t.startswith("9999"),
    "vin": lambda t: check_digit(t) == t[8] and t[:8] == "1HGCM826" and t[9:11] == "3A",
    "ssn_tax_id": lambda t: re.fullmatch(r"9\d\d-\d\d-\d{4}", t),
    "bank_account": iban.is_valid,
    "email": lambda t: t.endswith(("@example.com", "@example.net", "@example.org")),
    "phone": lambda t: phonenumbers.is_valid_number(phonenumbers.parse(t, "US")) and "555-01" in t,
    "licence_plate": lambda t: re.fullmatch(r"[IOQ]{3} \d{4}", t),
    "device_id": lambda t: re.fullmatch(r"02(:[0-9A-F]{2}){5}", t),
}


@pytest.mark.parametrize("word", VALUES)
def test_tokens_are_valid_different_and_no_originals(word):
    made = tokens(word, VALUES[word])
    assert all(map(HOLDS[word], made.values())), word
    assert len({*made.values()}) == len(VALUES[word])
    assert {*made.values()}.isdisjoint(VALUES[word])


def test_routing_numbers_and_device_numbers_keep_their_check_digits():
    values = [f"{n:09}" for n in range(50)]
    words = KEY.words("test", values)
    assert all(map(rtn.is_valid, numbers.routing(words, values)))
    assert all(map(imei.is_valid, numbers.imei(words, values)))


@pytest.mark.parametrize("many", [1, 40])  # one by one, and all at once
def test_a_vehicle_written_small_gets_a_token_written_small(many):
    made = tokens("vin", [vin(n).lower() for n in range(many)])
    assert all(
        token.islower() and check_digit(token.upper()) == token[8].upper()
        for token in made.values()
    )
    mixed = tokens("vin", [f"1hg{vin(n)[3:]}" for n in range(many)])
    assert all(token.startswith("1hgCM826") for token in mixed.values())
    assert any(sign.isupper() for token in mixed.values() for sign in token[11:])


def test_one_number_written_in_many_ways_has_one_token():
    ways = ["+1 212-867-5309", "(212) 867-5309", "212.867.5309", "12128675309"]
    made = tokens("phone", ways)
    assert len({re.sub(r"\D", "", token)[-10:] for token in made.values()}) == 1
    assert re.fullmatch(r"\(\d{3}\) \d{3}-\d{4}", made["(212) 867-5309"])
    spaced = tokens("bank_account", ["DE89 3704 0044 0532 0130 00", "DE89370400440532013000"])
    assert len({token.replace(" ", "") for token in spaced.values()}) == 1


@pytest.mark.parametrize("kind", ["MOBILE", "FIXED_LINE"])
def test_numbers_of_any_country_are_read_as_the_library_reads_them(kind):
    texts = []
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        example = phonenumbers.example_number_for_type(
            region, getattr(phonenumbers.PhoneNumberType, kind)
        )
        if example is not None:
            way = phonenumbers.PhoneNumberFormat.INTERNATIONAL
            texts.append(phonenumbers.format_number(example, way))
    texts += ["+7 89123456789", "+7 83011234567", "+1 12015550123"]  # signs that do not count
    for text, number in zip(texts, dialled.read_all(texts), strict=True):
        known = phonenumbers.parse(text)
        national = dialled.national_of(number)
        assert dialled.country_of(number) == known.country_code, text
        assert int(national) == known.national_number, text


def test_numbers_without_a_code_are_those_of_the_region_that_is_said():
    calls = {"calls": pa.table({"phone": ["030 901820", "089 5551234", "+1 212-867-5309"]})}
    schema = infer(calls)
    findings = Findings((Finding("calls", "phone", "phone", 1.0, "said"),))
    made = anonymize(calls, schema, findings, KEY, region="DE")
    *german, american = made["calls"].column("phone").to_pylist()
    assert american.startswith("+1 212-555-01")
    for token in german:
        plain = re.sub(r"\D", "", token)
        assert plain[:1] == "0"
        assert plain[1:] in fiction.slots(49), token
    with pytest.raises(generator.RequestError, match="“de” is no region of telephone numbers"):
        anonymize(calls, schema, findings, KEY, region="de")


def test_telephones_stay_in_their_area_while_it_has_numbers_and_go_on_where_it_has_none():
    few = tokens("phone", [f"212-867-{n:04}" for n in range(100)])
    assert all(token.startswith("212-555-01") for token in few.values())
    many = tokens("phone", [f"212-867-{n:04}" for n in range(150)])
    assert sum(token.startswith("212-555-01") for token in many.values()) == 100
    assert len({*many.values()}) == 150


def test_where_numbers_for_fiction_run_out_others_of_nobody_follow(monkeypatch):
    monkeypatch.setattr(phones, "slots", lambda country: ("2125550100", "2125550101"))
    monkeypatch.setattr(phones, "_starts", dict)
    made = phones.tokens(KEY, [f"1.2128675{n:03}" for n in range(9)], Register())
    beyond = [token for token in made.values() if token[3:6] != "555"]
    assert len(beyond) == 7
    assert all(token[1] == "9" for token in beyond)  # area codes kept for expansion


@pytest.mark.parametrize(
    "name",
    [
        "Иван Петров",
        "Μαρία Παπαδοπούλου",
        "محمد",
        "王伟",
        "田中 太郎",
        "김민서",
        "José García",
        "Anna",
    ],
)
def test_names_stay_in_their_script(name):
    token = tokens("name", [name])[name]
    assert token != name
    assert script_of(token) == script_of(name)
    assert is_name(token)


def test_no_text_stays_in_memory_when_its_script_is_asked_for():
    before = words._script_of.cache_info().currsize
    for number in range(1000):
        assert script_of(f"{number} Иванов {number}") == "cyrillic"
    assert words._script_of.cache_info().currsize <= before + 1
    assert (script_of("12"), script_of(""), script_of("ª")) == ("", "", "other")


def test_names_keep_gender_case_and_place():
    made = tokens("name", ["Mary", "MARY", "mary", "Dr. Mary Smith Jr.", "Smith, Mary"])
    women = {*people._first("en_US", "latin")[0]}
    assert made["Mary"] in women
    assert made["MARY"] == made["Mary"].upper()
    assert made["mary"] == made["Mary"].lower()
    family = tokens("name", ["Smith"], family=True)["Smith"]
    assert made["Dr. Mary Smith Jr."] == f"Dr. {made['Mary']} {family} Jr."
    assert made["Smith, Mary"] == f"{family}, {made['Mary']}"


def test_addresses_keep_their_kind_and_region():
    made = tokens("street_address", ["12 Quail Lane", "Lindenstraße 5", "Apt 4B", "1 Rue de Lyon"])
    assert re.fullmatch(r"\d\d \w+ Lane", made["12 Quail Lane"])
    assert re.fullmatch(r"\w+straße \d", made["Lindenstraße 5"])
    assert re.fullmatch(r"Apt \d[A-Z]", made["Apt 4B"])
    assert "Quail" not in made["12 Quail Lane"]
    noughts = tokens("street_address", ["007 Elm Street", "Hofstraße 07a", "00 Elm Street"])
    assert re.fullmatch(r"00[1-9] \w+ Street", noughts["007 Elm Street"])
    assert re.fullmatch(r"\w+straße 0[1-9][a-z]", noughts["Hofstraße 07a"])
    assert re.fullmatch(r"0[1-9] \w+ Street", noughts["00 Elm Street"])
    assert not any(token.startswith(("007", "00 ")) for token in noughts.values())
    assert tokens("postal_code", ["35204"])["35204"].startswith("352")
    assert tokens("geolocation", ["40.753682"])["40.753682"].startswith("40.7")


def test_days_move_together_for_a_person_and_intervals_stay():
    rows = people_rows(3)
    tables = {
        "person": pa.Table.from_pylist([{"id": f"P{n:04}", **row} for n, row in enumerate(rows)]),
        "visit": pa.table(
            {
                "person_id": [f"P{n % ROWS:04}" for n in range(600)],
                "at": ["2024-05-06 07:08:09"] * 600,
            }
        ),
    }
    document = infer(tables).to_dict()
    for table in document["tables"]:
        table["links"] = []
        if table["name"] == "person":
            table["key"] = "id"
        else:
            link = {"column": "person_id", "parent": "person", "parent_column": "id"}
            table["links"] = [{**link, "kind": "lookup", "unique": False}]
    schema = generator.Schema.from_dict(document)
    made = anonymize(tables, schema, find(tables, schema), KEY, unit="person.id")

    def days(side, table, name):
        return side[table].column(name).cast(pa.timestamp("s")).cast(pa.date32()).cast(pa.int32())

    born = pc.subtract(days(made, "person", "birth_date"), days(tables, "person", "birth_date"))
    since = pc.subtract(days(made, "person", "since"), days(tables, "person", "since"))
    assert born.equals(since)
    assert 0 < pc.min(pc.abs(born)).as_py() <= pc.max(pc.abs(born)).as_py() <= 60
    assert pc.count_distinct(born).as_py() > 50
    visits = pc.subtract(days(made, "visit", "at"), days(tables, "visit", "at"))
    assert visits.to_pylist() == [born.to_pylist()[n % ROWS] for n in range(600)]
    assert all(text.endswith(" 07:08:09") for text in made["visit"].column("at").to_pylist())


def test_the_last_four_are_those_of_the_token():
    cards = [card(n) for n in range(50)]
    table = {"t": pa.table({"card_number": cards, "last4": [one[-4:] for one in cards]})}
    findings = Findings(
        (
            Finding("t", "card_number", "card_number", 1.0, "said"),
            Finding("t", "last4", "card_number", 1.0, "said"),
        )
    )
    made = anonymize(table, infer(table), findings, KEY)["t"]
    pairs = zip(
        made.column("card_number").to_pylist(), made.column("last4").to_pylist(), strict=True
    )
    assert all(whole.endswith(last) for whole, last in pairs)


def test_missing_and_blank_values_and_types_stay():
    table = pa.table(
        {"phone": [None, "", " ", "212-867-5309"], "card_number": [4111111111111111, None, 5, 6]}
    )
    findings = Findings(
        tuple(
            Finding("t", name, word, 1.0, "said")
            for name, word in (("phone", "phone"), ("card_number", "card_number"))
        )
    )
    made = anonymize({"t": table}, infer({"t": table}), findings, KEY)["t"]
    assert made.schema == table.schema
    assert made.column("phone").to_pylist()[:3] == [None, "", " "]
    assert made.column("card_number").null_count == 1


@given(st.lists(st.text(min_size=1, max_size=30), min_size=1, max_size=40, unique=True))
@settings(max_examples=40, deadline=None)
def test_any_text_has_a_token(values):
    for word in ("phone", "name", "street_address", "email", "licence_number", "free_text"):
        if word != "free_text":
            made = tokens(word, values)
            assert made.keys() == {*values}
            assert made == tokens(word, values[::-1])


def remainders(by):
    return lambda words, values: [str(number % by) for number in words[:, 0].tolist()]


@given(st.sets(st.integers(0, 10**6), min_size=1, max_size=60))
@settings(max_examples=30, deadline=None)
def test_tokens_never_meet_even_in_a_small_range(numbers_):
    values = sorted(map(str, numbers_))
    made = allotted(KEY, "small", values, remainders(97), {*values})
    assert len({*made.values()}) == len(values)
    assert {*made.values()}.isdisjoint(values)


def test_a_range_too_small_is_refused():
    values = [str(n) for n in range(100, 120)]
    with pytest.raises(generator.RequestError, match="too few tokens of the kind small"):
        allotted(KEY, "small", values, remainders(10), ())


def test_ranges_are_told_before_the_run():
    table = {"t": pa.table({"phone": [f"+44 20 7{n:03} 1234" for n in range(50)]})}
    schema = infer(table)
    (known,) = generator.ranges_for(table, schema, find(table, schema))
    assert (known.kind, known.asked, known.capacity, known.enough) == ("phone", 50, 5000, True)


def test_a_key_file_has_named_keys_and_says_nothing_of_them():
    keys = keys_from(f"# new\nnew {'ab' * 32}\nold {'cd' * 32}\n")
    assert [key.name for key in keys] == ["new", "old"]
    assert "abab" not in repr(keys)
    assert keys[0].mark != keys[1].mark
    for wrong in ("", "short abcd", f"a {'ab' * 32}\na {'ab' * 32}", "no key at all"):
        with pytest.raises(generator.RequestError) as refused:
            keys_from(wrong)
        assert "abcd" not in refused.value.sentence


def written(folder, tables):
    folder.mkdir()
    for name, table in tables.items():
        arrow_csv.write_csv(table, folder / f"{name}.csv")
    return folder


def run(*arguments):
    return main(["anonymize", *map(str, arguments)])


def test_a_number_is_that_of_hmac():
    expected = hmac.digest(b"k" * 32, b"vin\0ABC", "sha256")[:16]
    assert KEY.numbers("vin", ["ABC"]) == [int.from_bytes(expected, "big")]
    assert KEY.words("vin", ["ABC"]).tolist() == [
        [int.from_bytes(expected[:8], "big"), int.from_bytes(expected[8:], "big")]
    ]


def test_the_command_makes_a_key_and_a_copy(tmp_path, extract, capsys):
    path, key, out = written(tmp_path / "extract", extract), tmp_path / "key", tmp_path / "out"
    assert run(path, "--key-file", key, "--make-key", "--out", out) == 0
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "key.register").stat().st_mode) == 0o600
    printed = capsys.readouterr().out
    secret = key.read_text().split()[1]
    for file in [*out.iterdir(), tmp_path / "key.register"]:
        content = file.read_text()
        assert secret not in content
        assert "canary" not in content
    assert "canary" not in printed
    assert secret not in printed
    again = tmp_path / "again"
    findings = out / "findings.json"
    assert run(path, "--key-file", key, "--findings", findings, "--out", again) == 0
    for name in extract:
        assert (again / f"{name}.csv").read_bytes() == (out / f"{name}.csv").read_bytes()
    read = generator.read(out / "customer.csv")["customer"]
    assert read.num_rows == ROWS


def test_an_older_key_goes_on_while_copies_made_by_it_are_in_use(tmp_path, extract):
    path, key = written(tmp_path / "extract", extract), tmp_path / "key"
    key.write_text(f"old {'cd' * 32}\n")
    key.chmod(0o600)
    assert run(path, "--key-file", key, "--out", tmp_path / "first") == 0
    key.write_text(f"new {'ab' * 32}\nold {'cd' * 32}\n")
    assert run(path, "--key-file", key, "--key", "old", "--out", tmp_path / "second") == 0
    assert run(path, "--key-file", key, "--out", tmp_path / "third") == 0
    first, second, third = (
        (tmp_path / name / "customer.csv").read_bytes() for name in ("first", "second", "third")
    )
    assert first == second
    assert first != third


def test_what_is_wrong_with_keys_and_places_is_one_sentence(tmp_path, extract, capsys):
    path, key = written(tmp_path / "extract", extract), tmp_path / "key"
    out = tmp_path / "out"
    inside = path / "key"
    inside.write_text(f"one {'ab' * 32}\n")
    key.write_text(f"one {'ab' * 32}\n")
    key.chmod(0o644)
    for options, said in (
        (("--key-file", inside, "--out", out), "keep it outside of data"),
        (("--key-file", tmp_path / "none", "--out", out), "make it with --make-key"),
        (("--key-file", key, "--out", out), "can be read by others"),
        (("--key-file", key, "--out", path), "there already"),
    ):
        assert run(path, *options) == 2
        assert said in capsys.readouterr().err
    key.chmod(0o600)
    assert run(path, "--key-file", key, "--key", "two", "--out", out) == 2
    assert "no key “two”" in capsys.readouterr().err
    assert run(path, "--key-file", key, "--unit", "customer.nothing", "--out", out) == 2
    assert "There is no column “customer.nothing”" in capsys.readouterr().err
    assert run(path, "--key-file", key, "--region", "Mars", "--out", out) == 2
    assert "“Mars” is no region of telephone numbers" in capsys.readouterr().err
    assert not out.exists()
