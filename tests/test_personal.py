"""Finding personal data: by name, form, check digits, content and context, in several scripts."""

import random
from importlib import import_module

import pyarrow as pa
import pytest
from faker import Faker

import generator
from generator.personal import Finding, Findings, find, masked, mentions

LOCALES = ["en_US", "de_DE", "fr_FR", "es_ES", "pl_PL", "ru_RU", "el_GR", "zh_CN", "ja_JP", "ko_KR"]


def found(columns, name="t"):
    table = {name: pa.table(columns)}
    return {one.column: one for one in find(table, generator.infer(table))}


@pytest.mark.parametrize("locale", [*LOCALES, "ar_SA"])
def test_names_are_known_in_their_script_without_a_header(locale):
    faker = Faker(locale)
    faker.seed_instance(3)
    names = [f"{faker.first_name()} {faker.last_name()}" for _ in range(60)]
    if locale in ("zh_CN", "ja_JP", "ko_KR"):
        names = [faker.last_name() + faker.first_name() for _ in range(60)]
    assert found({"col_1": names})["col_1"].word == "name"


@pytest.mark.parametrize(
    "locale",
    ["en_US", "de_DE", "fr_FR", "es_ES", "ru_RU", "ja_JP", "fi_FI", "sv_SE", "uk_UA"],
)
def test_streets_are_known_without_a_header(locale):
    faker = Faker(locale)
    faker.seed_instance(5)
    streets = [faker.street_address().replace("\n", " ") for _ in range(60)]
    if locale == "ja_JP":
        streets = [f"{faker.town()}{n}丁目{n + 2}番{n + 4}号" for n in range(1, 61)]
    assert found({"col_1": streets})["col_1"].word == "street_address"


@pytest.mark.parametrize("locale", ["de_DE", "fr_FR", "it_IT", "nl_NL", "ja_JP", "sv_SE"])
def test_national_telephone_numbers_are_known_without_a_header(locale):
    example = {
        "de_DE": "030 231{:02}4567",
        "fr_FR": "01 42 {:02} 45 67",
        "it_IT": "02 55{:02} 4567",
        "nl_NL": "+31 20 5{:02} 4567",
        "ja_JP": "03-35{:02}-4567",
        "sv_SE": "08-46{:02} 45 67",
    }
    values = [example[locale].format(n) for n in range(10, 60)]
    assert found({"col_1": values})["col_1"].word == "phone"
    in_turn = [f"00000-{n:07}" for n in range(50)]
    assert found({"col_1": in_turn}) == {}


@pytest.mark.parametrize("locale", ["en_US", "de_DE", "it_IT", "pt_BR", "ru_RU", "da_DK"])
def test_telephone_numbers_written_in_many_ways_are_known_without_a_header(locale):
    faker = Faker(locale)
    faker.seed_instance(7)
    values = [faker.phone_number() for _ in range(80)]
    assert found({"col_1": values})["col_1"].word == "phone"


@pytest.mark.parametrize("kind", ["nl.bsn", "il.idnr", "kr.rrn", "ua.rntrc", "no.fodselsnummer"])
def test_identity_numbers_are_known_by_their_check_digits(kind):
    checks = import_module(f"stdnum.{kind}").is_valid
    size = {"kr.rrn": 13, "ua.rntrc": 10, "no.fodselsnummer": 11}.get(kind, 9)
    chance, values = random.Random(3), []
    while len(values) < 40:
        day = f"{chance.randrange(1, 29):02}{chance.randrange(1, 13):02}{chance.randrange(50, 99)}"
        if kind == "kr.rrn":
            day = day[4:] + day[2:4] + day[:2] + "1"
        head = day if kind in ("kr.rrn", "no.fodselsnummer") else ""
        number = head + "".join(str(chance.randrange(10)) for _ in range(size - len(head)))
        values += [number] if checks(number) else []
    assert found({"col_1": values})["col_1"].word == "ssn_tax_id"
    others = [f"{chance.randrange(10 ** (size - 1), 10**size)}" for _ in range(40)]
    assert found({"col_1": others}).get("col_1", Finding("", "", "", 0, "")).word != "ssn_tax_id"


HEADERED = {
    "姓名": "name",
    "имя": "name",
    "Ονοματεπώνυμο": "name",
    "الاسم": "name",
    "Geburtsdatum": "dob",
    "téléphone": "phone",
    "住所": "street_address",
    "PLZ": "postal_code",
    "Ort": "city",
    "user_name": "user_name",
    "login": "user_name",
    "routing_no": "bank_account",
    "SSN_LAST4": "ssn_tax_id",
    "GPS_LAT": "geolocation",
}


@pytest.mark.parametrize("header", HEADERED)
def test_a_header_says_it_in_many_languages(header):
    values = ["abc def", "ghi jkl", "mno pqr"]
    assert found({header: values})[header].word == HEADERED[header]


def digits(chance, count):
    return "".join(chance.choice("0123456789") for _ in range(count))


def routing(chance):
    head = digits(chance, 8)
    total = sum(int(d) * w for d, w in zip(head, (3, 7, 1) * 3, strict=False))
    return head + str(-total % 10)


def test_check_digits_tell_routing_numbers_and_accounts_beside_them():
    chance = random.Random(1)
    columns = {
        "col_1": [routing(chance) for _ in range(40)],
        "col_2": [digits(chance, 10) for _ in range(40)],
        "col_3": [digits(chance, 9) for _ in range(40)],
    }
    said = found(columns)
    assert said["col_1"].word == "bank_account"
    assert said["col_2"].word == "bank_account"
    alone = found({"col_3": columns["col_3"]})
    assert alone == {}


def test_identity_numbers_of_other_countries_are_known_by_their_check_digits():
    faker = Faker("pl_PL")
    faker.seed_instance(1)
    assert found({"x": [faker.pesel() for _ in range(30)]})["x"].word == "ssn_tax_id"
    assert found({"x": [f"{n:011d}" for n in range(10**10, 10**10 + 30)]}) == {}


def test_a_day_over_decades_in_a_table_of_people_is_a_possible_date_of_birth():
    faker = Faker("en_US")
    faker.seed_instance(2)
    born = [f"{1940 + n % 60}-0{1 + n % 9}-11" for n in range(60)]
    seen = [f"2025-0{1 + n % 9}-0{1 + n % 7}" for n in range(60)]
    said = found({"col_1": [faker.name() for _ in range(60)], "col_2": born, "col_3": seen})
    assert said["col_2"].word == "dob"
    assert "possible" in said["col_2"].because
    assert "col_3" not in said
    assert "col_2" not in found({"col_2": born, "col_3": seen})


def test_counties_that_postal_codes_settle_are_no_names():
    rows = 80
    columns = {
        "col_1": ["Birmingham", "Huntsville", "Cleveland", "Louisville"] * (rows // 4),
        "col_2": ["35204", "35801", "44114", "40217"] * (rows // 4),
        "col_3": ["Jefferson", "Madison", "Cuyahoga", "Fayette"] * (rows // 4),
    }
    assert "col_3" not in found(columns)


@pytest.mark.parametrize(
    "values",
    [
        [f"JT-PU-PC-{n:010d}-0001-0001" for n in range(40)],
        ["Silver", "Black", "Gray", "White", "Brown", "Green", "Red", "Blue"] * 4,
        ["Sales Consultant", "General Manager", "F&I Manager", "Porter", "Lot Attendant"] * 5,
        ["Toyota", "Honda", "Tesla", "Chevrolet", "Ford", "Kia", "BMW", "Audi", "Mazda"] * 4,
    ],
)
def test_keys_colours_titles_and_makes_are_not_personal(values):
    assert found({"col_1": values}) == {}


def test_free_text_is_personal_where_it_mentions_somebody():
    notes = [
        f"Customer asks to be called at (212) 555-01{n:02} about the brakes" for n in range(30)
    ]
    said = found({"col_1": notes})["col_1"]
    assert said.word == "free_text"
    assert said.personal


def test_mentions_are_found_where_they_stand():
    text = "Mail jane.doe@mail.example or +1 205-555-0144; VIN 1HGCM82633A004352, Dr. Jane Doe"
    said = [(text[span.start : span.stop], span.word) for span in mentions(text)]
    assert said == [
        ("jane.doe@mail.example", "email"),
        ("+1 205-555-0144", "phone"),
        ("1HGCM82633A004352", "vin"),
        ("Dr. Jane Doe", "name"),
    ]


def test_cities_and_genders_are_told_and_not_personal_alone():
    rows = 60
    table = {
        "t": pa.table(
            {
                "city": ["Birmingham", "Huntsville", "Cleveland"] * (rows // 3),
                "sex": ["M", "F"] * (rows // 2),
                "birth_date": [f"19{40 + n}-01-01" for n in range(rows)],
            }
        )
    }
    schema = generator.infer(table)
    assert [column.personal for column in schema["t"].columns] == [None, None, "dob"]
    findings = find(table, schema)
    assert findings.of("t", "city").word == "city"
    together = findings.together[-1]
    assert (together.columns, together.rows, together.of) == (("city", "sex", "birth_date"), 60, 60)


def test_examples_show_nobodys_letters_or_digits():
    assert masked("Zoë Ångström 42, 東京") == "Xxx Xxxxxxxx 99, xx"
    said = found({"mail": [f"canary{n}@secret.example" for n in range(9)]})["mail"]
    assert said.examples == ("xxxxxx9@xxxxxx.xxxxxxx",)


def test_findings_are_kept_as_a_document():
    findings = Findings((Finding("t", "c", "email", 0.9, "its name", ("xx@xx",)),))
    assert Findings.from_dict(findings.to_dict()) == findings
    with pytest.raises(generator.RequestError, match="choose from"):
        Findings.from_dict({"columns": [{**vars(findings.columns[0]), "word": "odd"}]})
    with pytest.raises(generator.RequestError, match="cannot be read"):
        Findings.from_dict({"columns": [1]})
