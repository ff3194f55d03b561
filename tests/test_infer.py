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


BAD_METADATA = (
    "{",
    "{}",
    "[]",
    '{"tables": {"cars": {}}}',
    '{"tables": ["t"]}',
    '{"tables": {"t": {"primary_key": "gone"}}}',
    '{"tables": {"t": {}}, "relationships": [{"child_table_name": "t"}]}',
    '{"resources": [{"name": "t", "schema": {"primaryKey": "gone"}}]}',
    '{"resources": [{}]}',
)


@pytest.mark.parametrize("content", BAD_METADATA)
def test_metadata_that_does_not_fit_is_refused(content, tmp_path):
    path = tmp_path / "metadata.json"
    path.write_text(content)
    with pytest.raises(RequestError, match="metadata"):
        infer({"t": pa.table({"a": ["1"]})}, path)


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
