import pytest

from generator.domains import PLATFORM
from generator.errors import ProfileError
from generator.schema import Column, Kind, Link, Schema, Table

PARTY, DEALER, SALES_LEAD, DEAL, INVOICE, INVOICE_ITEM = (
    PLATFORM[name].table
    for name in ("party", "dealer", "sales_lead", "deal", "invoice", "invoice_item")
)


def test_a_schema_survives_json():
    schema = Schema((PARTY, DEALER, SALES_LEAD, DEAL, INVOICE, INVOICE_ITEM), meaning="some")
    assert Schema.from_dict(schema.to_dict()) == schema


def test_load_order_puts_parents_first():
    order = Schema((INVOICE_ITEM, INVOICE, DEAL, DEALER, PARTY)).load_order()
    for child, parent in (
        ("invoice_item", "invoice"),
        ("invoice", "deal"),
        ("deal", "dealer"),
        ("dealer", "party"),
    ):
        assert order.index(parent) < order.index(child)


def test_a_nullable_link_may_close_a_circle():
    left = Table(
        "left",
        (Column("k", Kind.TEXT), Column("r", Kind.TEXT, nullable=True)),
        key="k",
        links=(Link("r", "right", "k"),),
    )
    right = Table(
        "right",
        (Column("k", Kind.TEXT), Column("l", Kind.TEXT)),
        key="k",
        links=(Link("l", "left", "k"),),
    )
    assert Schema((right, left)).load_order() == ("left", "right")


def test_a_damaged_schema_is_refused_with_a_sentence():
    with pytest.raises(ProfileError, match="cannot be read"):
        Schema.from_dict({"tables": [{"name": "x", "columns": [{"name": "a", "kind": "number"}]}]})
