"""Files that are too long to be held are read in pieces, and every n-th row is kept."""

import gzip
import sys
from dataclasses import replace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import generator
from generator import ExtractError, Limits
from generator.read import FORMATS, thin
from generator.read import read as read_files

ROWS = 12_345


@pytest.fixture(autouse=True)
def everything_is_long(monkeypatch):
    monkeypatch.setattr(thin, "FEWEST", 500)
    short = [replace(one, long_size=10) for one in FORMATS]
    monkeypatch.setattr(sys.modules["generator.read"], "FORMATS", short)
    monkeypatch.setattr(sys.modules["generator.read.long_csv"], "_BLOCK", 4096)


def text(rows=ROWS):
    return "number,name\n" + "".join(f'{at},"of, {at}"\n' for at in range(rows))


def written(folder, ending, rows=ROWS):
    path = folder / f"long{ending}"
    if ending == ".parquet":
        names = pa.array([f"of, {at}" for at in range(rows)])
        table = pa.table({"number": pa.array(range(rows)), "name": names})
        pq.write_table(table, path, row_group_size=777)
    elif ending == ".csv.gz":
        path.write_bytes(gzip.compress(text(rows).encode()))
    else:
        path.write_text(text(rows))
    return path


@pytest.mark.parametrize("ending", [".csv", ".csv.gz", ".parquet"])
def test_every_nth_row_is_kept_and_the_rest_counted(tmp_path, ending):
    told = []
    rows = read_files(written(tmp_path, ending), progress=told.append)["long"]
    every = 16
    assert [int(x) for x in rows.column("number").to_pylist()] == list(range(0, ROWS, every))
    assert rows.column("name").to_pylist()[1] == f"of, {every}"
    assert generator.rows_of(rows) == ROWS
    assert 500 <= rows.num_rows <= 1000
    assert told == sorted(told)
    assert 0 <= told[0] <= told[-1] <= 1


def test_a_file_of_few_rows_is_kept_whole(tmp_path):
    rows = read_files(written(tmp_path, ".csv", rows=900))["long"]
    assert rows.num_rows == generator.rows_of(rows) == 900


def test_a_profile_of_a_long_file_has_all_its_rows(tmp_path):
    raw = generator.read(written(tmp_path, ".csv"))
    schema = generator.infer(raw)
    profile = generator.fit(generator.typed(raw, schema), schema, name="long", seed=1)
    plan = generator.plan(profile, generator.Recipe.from_dict({}))
    assert [count.rows for count in plan.counts] == [ROWS]
    assert profile.certificate["rows"] == {"long": [386, 386]}  # halves of what was learnt


def test_files_of_a_folder_are_kept_whole_lest_links_break(tmp_path):
    written(tmp_path, ".csv")
    (tmp_path / "other.csv").write_text("number\n1\n2\n")
    assert read_files(tmp_path)["long"].num_rows == ROWS


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (text() + "1,2,3\n", "3 fields where the header has 2"),
        (text() + "1,\0\n", "a NUL byte"),
        (text().encode() + b"1,\xff\n", "is not UTF-8"),
        (text() + '1,"open\n', "quote that is never closed"),
        ("number,name\n", "has a header and no rows"),
    ],
)
def test_what_is_wrong_far_down_is_one_sentence_without_a_value(tmp_path, content, said):
    path = tmp_path / "long.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ExtractError, match=said) as problem:
        read_files(path)
    assert "of, 1" not in str(problem.value)


def test_a_value_that_does_not_fit_is_found_by_its_row_in_the_file(tmp_path):
    path = tmp_path / "long.csv"
    path.write_text("number,name\n" + "".join(f"{at},x\n" for at in range(3200)) + "")
    raw = generator.read(path)
    schema = generator.infer(raw)
    path.write_text(path.read_text().replace("\n1600,", "\nmany,"))
    with pytest.raises(ExtractError, match=r"row 1,602 "):
        generator.typed(generator.read(path), schema)


def test_more_rows_or_bytes_than_allowed_are_refused(tmp_path):
    path = written(tmp_path, ".csv")
    with pytest.raises(ExtractError, match="more than 1,000 rows"):
        read_files(path, limits=Limits(rows=1000))
    with pytest.raises(ExtractError, match="0 MiB that are read"):
        read_files(path, limits=Limits(long=1000))
