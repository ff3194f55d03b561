"""Numbers and names as people read them."""

from portal.folders import in_folders
from portal.models import BundleFile
from portal.templatetags.say import cells


def test_the_rows_of_a_table_are_names_with_numbers_and_hold_no_markup_of_their_own():
    assert cells([("<b>", "1 %", 2), ("x", None, "")]) == (
        '<tr><td>&lt;b&gt;</td><td class="n">1 %</td><td class="n">2</td></tr>'
        '<tr><td>x</td><td class="n">None</td><td class="n"></td></tr>'
    )
    assert cells([]) == ""


def file(path, table="", rows=1):
    return BundleFile(path=path, table=table, format=path.rpartition(".")[2], rows=rows, bytes=10)


def test_increments_come_after_the_tables_and_count_a_row_once():
    days = [file(f"increments/2025-07-01/deal.insert.{end}", rows=5) for end in ("csv", "jsonl")]
    parts = [file(f"deal.csv/{number}.csv", "deal", 3) for number in range(2)]
    listed = in_folders([*days, *parts, file("lead.csv", "lead")])
    assert [one.path for one in listed] == ["deal.csv/", "lead.csv", "increments/2025-07-01/"]
    assert [one.rows for one in listed] == [6, 1, 5]
