"""Names that may become files, and names that may not."""

import pytest

from generator.errors import ProfileError
from generator.names import alike, column_fault, first_clash, table_fault, table_name
from generator.schema import Column, Kind, Schema, Table

GOOD = ("deal", "Deal_2", "käufe", "заказы", "顧客", "x" * 100, "_x", "2024", "a-b", "नाम", "nulls")
BAD = (
    *("", ".", "..", "../x", "a/b", "a\\b", "/etc/passwd", "C:x", "a.b", ".hidden", "a b", "a\0b"),
    *("a\nb", "x" * 101, "顧" * 100, "con", "NUL", "Lpt1", "com¹", "-rf", "\u0301a", "a\u202eb"),
    *("\ud800", "*", "a?", "a:b", "ＮＵＬ/", "~", "$x", None, 1, True, ("a",)),
)


@pytest.mark.parametrize("name", GOOD)
def test_a_table_may_be_named_in_any_script(name):
    assert table_fault(name) == ""
    assert Schema((Table(name, (Column("a", Kind.TEXT),)),)).names == (name,)


@pytest.mark.parametrize("name", BAD)
def test_a_name_that_is_no_file_name_is_refused_where_the_schema_is_made(name):
    assert table_fault(name)
    with pytest.raises(ProfileError, match="A table cannot be named") as refused:
        Schema((Table(name, (Column("a", Kind.TEXT),)),))
    assert "\n" not in refused.value.sentence


@pytest.mark.parametrize("pair", [("deal", "DEAL"), ("straße", "STRASSE"), ("é", "e\u0301")])
def test_two_tables_that_would_be_one_file_are_refused(pair):
    assert alike(pair[0]) == alike(pair[1])
    assert first_clash(["x", *pair]) == pair
    with pytest.raises(ProfileError, match="would be one file"):
        Schema(tuple(Table(name, (Column("a", Kind.TEXT),)) for name in pair))


@pytest.mark.parametrize("name", ["a.b", "a/b", "../x", "a b", "€", "a\u202eb", "con", "x" * 500])
def test_a_column_may_be_named_anything_that_can_be_shown(name):
    assert column_fault(name) == ""
    assert Schema((Table("t", (Column(name, Kind.TEXT),)),))["t"].column_names == (name,)


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "a\0b", "\ud800", "x" * 501, None, 3])
def test_a_column_of_no_name_or_of_control_characters_is_refused(name):
    with pytest.raises(ProfileError, match="Column 1 of the table t"):
        Schema((Table("t", (Column(name, Kind.TEXT),)),))


def test_two_columns_of_one_name_are_refused():
    with pytest.raises(ProfileError, match="same name"):
        Schema((Table("t", (Column("a", Kind.TEXT), Column("a", Kind.DATE))),))


@pytest.mark.parametrize(
    ("stem", "name"),
    [
        ("deal", "deal"),
        ("My cars", "My_cars"),
        ("a__b", "a__b"),
        ("2024-01 (final)", "2024_01_final"),
        ("con", "table_con"),
        ("..", "table"),
        ("नाम", "नाम"),
        ("顧" * 100, "顧" * 60),
        ("\u0301x", "table_\u0301x"),
    ],
)
def test_a_file_of_any_name_gives_a_table_a_name_it_may_have(stem, name):
    assert table_name(stem) == name
    assert table_fault(name) == ""
