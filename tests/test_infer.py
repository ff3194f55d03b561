import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa
import pytest

from generator.errors import ExtractError, RequestError
from generator.infer import infer, typed
from generator.schema import Column, Kind, Schema, Table

COLUMNS = {
    "whole": (["1", "-20", "NA"], Kind.INTEGER, True),
    "money": (["1.5", "20", "3.25"], Kind.DECIMAL, False),
    "tiny": (["1.5e-9", "2", "3"], Kind.FLOAT, False),
    "truth": (["true", "False", "TRUE"], Kind.BOOLEAN, False),
    "day": (["2025-01-31", "", "2024-02-29"], Kind.DATE, True),
    "moment": (
        ["2025-01-31T10:00:00Z", "2025-01-31 10:00", "2025-01-31 10:00:00.5"],
        Kind.TIMESTAMP,
        False,
    ),
    "code": (["007", "010", "123"], Kind.ENUM, False),
    "question": (["?", "a", "b"], Kind.ENUM, False),
    "nothing": (["", "", ""], Kind.ENUM, True),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_a_column_gets_its_kind(name):
    values, kind, nullable = COLUMNS[name]
    column = infer({"t": pa.table({name: values})})["t"].column(name)
    assert (column.kind, column.nullable) == (kind, nullable)
    assert column.values == ()


def test_typed_values_have_their_kinds():
    raw = {"t": pa.table({name: values for name, (values, _, _) in COLUMNS.items()})}
    table = typed(raw, infer(raw))["t"].to_pydict()
    assert table["whole"] == [1, -20, None]
    assert table["money"] == [Decimal("1.50"), Decimal("20.00"), Decimal("3.25")]
    assert table["day"][2] == date(2024, 2, 29)
    assert table["moment"][2] == datetime(2025, 1, 31, 10, 0, 0, 500_000, UTC)
    assert table["question"][0] == "?"
    assert table["truth"] == [True, False, True]


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("2023-02-28", "2023-02-30"),
        ("2023-02-28 10:00", "2023-02-28 25:00"),
        ("2023-02-28T10:00:00Z", "2023-02-30T10:00:00Z"),
        ("1.5", "999999999999999.123456"),
    ],
)
def test_values_that_look_right_and_are_not_fall_to_another_kind(right, wrong):
    raw = {"t": pa.table({"a": [right] * 500 + [wrong]})}
    schema = infer(raw)
    assert schema["t"].column("a").kind in (Kind.TEXT, Kind.ENUM, Kind.FLOAT)
    assert typed(raw, schema)["t"].num_rows == 501


def test_a_day_that_does_not_exist_names_its_row():
    schema = Schema((Table("t", (Column("a", Kind.DATE, nullable=True),)),))
    days = ["2023-02-28"] * 300 + [None, "2023-02-30", "2023-02-31"]
    with pytest.raises(ExtractError, match="column a, row 302: the value is no date that exists"):
        typed({"t": pa.table({"a": days})}, schema)


def test_half_floats_are_numbers():
    raw = {"t": pa.table({"a": pa.array([1.5, 2.5, None], pa.float16())})}
    assert typed(raw, infer(raw))["t"]["a"].to_pylist() == [1.5, 2.5, None]


def test_an_identifier_becomes_the_key():
    table = pa.table({"car_id": [str(n) for n in range(50)], "n": [str(n) for n in range(50)]})
    found = infer({"t": table})["t"]
    assert found.key == "car_id"
    assert not found.column("n").unique


def test_a_kind_that_does_not_fit_names_table_column_and_row():
    schema = Schema((Table("t", (Column("a", Kind.INTEGER, nullable=True),)),))
    with pytest.raises(
        ExtractError, match="Table “t”, column a, row 3: the value is no integer"
    ) as said:
        typed({"t": pa.table({"a": ["1", "", "secret"]})}, schema)
    assert "secret" not in said.value.sentence


def test_sdv_and_frictionless_metadata_settle_keys_and_links(tmp_path):
    raw = {
        "people": pa.table({"id": ["a", "b"], "n": ["1", "2"]}),
        "pets": pa.table({"pet": ["x", "y"], "owner": ["a", "a"]}),
    }
    sdv = {
        "tables": {
            "people": {"primary_key": "id", "columns": {"n": {"sdtype": "categorical"}}},
            "pets": {"primary_key": "pet", "columns": {}},
        },
        "relationships": [
            {
                "parent_table_name": "people",
                "parent_primary_key": "id",
                "child_table_name": "pets",
                "child_foreign_key": "owner",
            }
        ],
    }
    package = {
        "resources": [
            {"name": "people", "schema": {"primaryKey": "id"}},
            {
                "name": "pets",
                "schema": {
                    "primaryKey": ["pet"],
                    "foreignKeys": [
                        {"fields": ["owner"], "reference": {"resource": "people", "fields": ["id"]}}
                    ],
                },
            },
        ]
    }
    for document in (sdv, package):
        path = tmp_path / "metadata.json"
        path.write_text(json.dumps(document))
        schema = infer(raw, path)
        assert schema["people"].key == "id"
        assert schema["pets"].links[0].parent == "people"
    assert infer(raw, path)["pets"].key == "pet"


BAD_METADATA = {
    "{": "is not JSON",
    "[" * 100_000: "is not JSON",
    "{}": "is neither SDV metadata",
    "[]": "is neither SDV metadata",
    '{"tables": {}}': "names no table",
    '{"tables": 5}': "“tables” must be an object",
    '{"tables": ["t"]}': "“tables” must be an object",
    '{"tables": {"t": 5}}': "table “t” must be an object",
    '{"tables": {"cars": {}}}': "a table “cars” that the extract does not have",
    '{"tables": {"t": {"primary_key": "gone"}}}': "a column “gone” of the table “t”",
    '{"tables": {"t": {"primary_key": 5}}}': "“primary_key” must be the name of a column",
    '{"tables": {"t": {"columns": [5]}}}': "“columns” must be an object",
    '{"tables": {"t": {"columns": {"gone": {}}}}}': "a column “gone” of the table “t”",
    '{"tables": {"t": {"columns": {"a": 5}}}}': "column “a” must be an object",
    '{"tables": {"t": {"columns": {"a": {"sdtype": 5}}}}}': "“sdtype” must be text",
    '{"tables": {"t": {"columns": {"a": {"sdtype": "zzz"}}}}}': "no sdtype “zzz”; use one of num",
    '{"tables": {"t": {}}, "relationships": 5}': "“relationships” must be a list",
    '{"tables": {"t": {}}, "relationships": [5]}': "relationship 1 must be an object",
    '{"tables": {"t": {}}, "relationships": [{"child_table_name": "t"}]}': "1 lacks “child_foreign",
    '{"resources": []}': "names no resource",
    '{"resources": {"t": 5}}': "“resources” must be a list",
    '{"resources": [{}]}': "resource 1 lacks “name”",
    '{"resources": [{"name": "t", "schema": 5}]}': "“schema” must be an object",
    '{"resources": [{"name": "t", "schema": {"primaryKey": "gone"}}]}': "a column “gone”",
    '{"resources": [{"name": "t", "schema": {"primaryKey": ["a", "b"]}}]}': "a column “b”",
    '{"resources": [{"name": "t", "schema": {"primaryKey": ["a", "a"]}}]}': "each column once",
    '{"resources": [{"name": "t", "schema": {"fields": 5}}]}': "“fields” must be a list",
    '{"resources": [{"name": "t", "schema": {"fields": [5]}}]}': "fields must be an object",
    '{"resources": [{"name": "t", "schema": {"fields": [{"name": "b"}]}}]}': "a column “b”",
    '{"resources": [{"name": "t", "schema": {"foreignKeys": [{}]}}]}': "lacks “reference”",
    '{"resources": [{"name": "t", "schema": {"foreignKeys": [{"reference": {}}]}}]}': "lacks “fie",
    '{"resources": [{"name": "t", "schema": {"foreignKeys": [{"fields": 5, "reference": {}}]}}]}': (
        "“fields” must be the name of a column"
    ),
}


@pytest.mark.parametrize("content", BAD_METADATA)
def test_metadata_that_does_not_fit_is_refused_in_a_clear_sentence(content, tmp_path):
    path = tmp_path / "metadata.json"
    path.write_text(content)
    with pytest.raises(RequestError, match=BAD_METADATA[content]) as refused:
        infer({"t": pa.table({"a": ["1"]})}, path)
    assert "metadata" in refused.value.sentence
    assert "object has no" not in refused.value.sentence


def test_a_metadata_file_that_is_not_there_is_said(tmp_path):
    with pytest.raises(RequestError, match=r"There is no metadata file “gone\.json”"):
        infer({"t": pa.table({"a": ["1"]})}, tmp_path / "gone.json")


def test_metadata_settles_what_is_personal(tmp_path):
    said = {"name": {"pii": False}, "a": {"sdtype": "email"}, "b": {"sdtype": "id", "pii": True}}
    path = tmp_path / "metadata.json"
    path.write_text(json.dumps({"tables": {"t": {"columns": said}}}))
    schema = infer({"t": pa.table({"name": ["x"], "a": ["y"], "b": ["z"]})}, path)
    assert [column.personal for column in schema["t"].columns] == [None, "email", "personal"]


def test_numbers_that_are_none_are_missing():
    values = pa.array([1.5, float("nan"), float("inf")])
    raw = {"t": pa.table({"a": values, "b": ["1.5e-9", "1e999", "2"]})}
    schema = infer(raw)
    assert all(column.nullable for column in schema["t"].columns)
    found = typed(raw, schema)["t"]
    assert found["a"].to_pylist() == [1.5, None, None]
    assert found["b"].to_pylist() == [1.5e-9, None, 2.0]


def test_moments_that_all_differ_are_no_identifier():
    values = [f"{1 + n % 28:02}/03/2024 {n % 24:02}:{n % 60:02}:{n % 59:02}" for n in range(90)]
    found = infer({"t": pa.table({"at": values})})["t"]
    assert found.key is None


PERSONAL = {
    "name": "name",
    "CustomerName": "name",
    "last_name": "name",
    "Surname": "name",
    "FNAME": "name",
    "customer_email": "email",
    "E-Mail": "email",
    "mobile": "phone",
    "home phone no": "phone",
    "SSN": "ssn_tax_id",
    "national_insurance_no": "ssn_tax_id",
    "dateOfBirth": "dob",
    "birth_number": "dob",
    "VIN": "vin",
    "vehicle_identification_number": "vin",
    "driver_license_number": "licence_number",
    "licence": "licence_number",
    "license_plate": "licence_plate",
    "reg_plate": "licence_plate",
    "passport_no": "passport",
    "iban": "bank_account",
    "bank_account_number": "bank_account",
    "card_number": "card_number",
    "street": "street_address",
    "Address Line 1": "street_address",
    "ip_address": "device_id",
}
NOT_PERSONAL = (
    *("model", "make", "make_name", "fuel name", "model_name", "brand_name", "product name"),
    *("fuelType", "transmission", "engineSize", "mpg", "tax", "year", "price", "mileage"),
    *("email_verified", "phone_type", "address_type", "birth_country", "account_id", "card_type"),
    *("native-country", "relationship", "marital-status", "occupation", "city", "vintage"),
    *("license_type", "party", "contact", "mobile_os", "username_count", "winner", "web_address"),
)


@pytest.mark.parametrize("name", PERSONAL)
def test_a_name_says_that_a_column_is_personal(name):
    found = infer({"t": pa.table({name: ["abc", "def", "ghi"]})})["t"].columns[0]
    assert found.personal == PERSONAL[name]


@pytest.mark.parametrize("name", NOT_PERSONAL)
def test_names_of_things_and_words_about_values_are_not_personal(name):
    found = infer({"t": pa.table({name: ["abc", "def", "ghi"]})})["t"].columns[0]
    assert found.personal is None


SHAPED = {
    "email": ["a.b@mail.example", "c@d.org", "e_f@g.co.uk"],
    "vin": ["WVWZZZ1JZXW000001", "1HGCM82633A004352", "JTDKB20U093512345"],
    "bank_account": ["GB82 WEST 1234 5698 7654 32", "DE89370400440532013000"],
    "card_number": ["4111 1111 1111 1111", "5500005555555559", "378282246310005"],
    "ssn_tax_id": ["900-12-3456", "987-65-4321"],
    "phone": ["+44 7700 900123", "(212) 555-0123", "212-555-0199", "01632 960123"],
}


@pytest.mark.parametrize("word", SHAPED)
def test_the_shape_of_most_values_says_that_a_column_is_personal(word):
    found = infer({"t": pa.table({"x": SHAPED[word] * 9})})["t"].columns[0]
    assert found.personal == word


@pytest.mark.parametrize(
    "values",
    [
        ["1000-1999", "2000-2999"],
        ["01/02/2024", "03/02/2024", "28/11/2023"],
        ["01-02-2024", "03-02-2024"],
        ["1.234.567", "2.345.678"],
        ["09:00-17:00", "10:00-18:00"],
        ["1234567890123", "1234567890124", "1234567890125"],
        ["2.0 TDI", "1.4 TSI"],
        ["0-100", "100-200"],
    ],
)
def test_days_numbers_and_ranges_do_not_look_personal(values):
    found = infer({"t": pa.table({"x": values * 9})})["t"].columns[0]
    assert found.personal is None


def test_counts_and_answers_about_telephones_are_not_personal():
    raw = {"t": pa.table({"phones": ["1", "2", "3"], "own telephone": ["yes", "no", "no"]})}
    assert [column.personal for column in infer(raw)["t"].columns] == [None, None]


def test_a_card_number_kept_as_a_number_is_personal():
    raw = {"t": pa.table({"x": [4111111111111111, 5500005555555559]})}
    assert infer(raw)["t"].columns[0].personal == "card_number"
