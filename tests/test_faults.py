"""Awkward extracts, and what is right: the draw has the extract's own form and its figures."""

# ruff: noqa: DTZ001, DTZ007 - what is written without a zone has none
from __future__ import annotations

import random
import re
import uuid
from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

import generator
from generator.__main__ import main
from generator.errors import ExtractError
from generator.forms import form_from, form_of, public_word
from tests.faults_drawn import FAULTS, drawn, learnt

DATES = {
    "ydm": "%Y-%d-%m",
    "mon_lower": "%b %d %Y",
    "full_month": "%d %B %Y",
    "compact20": "%Y%m%d%H%M%S000000",
    "us_ampm": "%m/%d/%Y %I:%M %p",
    "dmy2": "%d/%m/%y",
    "compact8": "%Y%m%d",
    "weekday": "%A, %d %b %Y",
    "year_month": "%Y-%m",
    "time_of_day": "%H:%M:%S",
    "dmonyy": "%d-%b-%y",
}


def close(real, made, *, share=0.1):
    """Mean and spread are those of the extract, but for a share of its spread.  The ends lie about
    where its ends are: the last 20 rows are known by means only, never one by one."""
    real, made = np.array(real, float), np.array(made, float)
    spread = real.std()
    assert abs(made.mean() - real.mean()) <= share * spread
    assert abs(made.std() - spread) <= 2 * share * spread
    assert real.min() - 2 * share * spread <= made.min()
    assert made.max() <= real.max() + 2 * share * spread


@pytest.mark.parametrize("column", DATES)
def test_days_and_times_exist_and_are_written_as_they_came(column):
    found = drawn("date-forms.csv")
    begun = datetime(1900, 1, 1)

    def seconds(texts):
        return [(datetime.strptime(t, DATES[column]) - begun).total_seconds() for t in texts]

    close(seconds(found.real[column]), seconds(found.made[column]))
    assert found.table.key is None
    written = [
        datetime.strptime(t, DATES[column]).strftime(DATES[column]) for t in found.made[column]
    ]
    same = [re.sub(r"^0", "", text) if column == "dmonyy" else text for text in written]
    assert [t.lower() for t in same] == [t.lower() for t in found.made[column]]


def test_several_forms_of_days_in_one_column_keep_their_shares():
    found = drawn("mixed-dates.csv")
    ways = {"%Y-%m-%d": r"\d{4}-", "%d/%m/%Y": r"\d\d/", "%d %b %Y": r"\d\d [A-Z]"}
    for way, begins in ways.items():
        real, made = (
            [text for text in side["sold"] if re.match(begins, text)]
            for side in (found.real, found.made)
        )
        assert abs(len(made) - len(real)) < 0.08 * len(found.real["sold"])
        days = [[datetime.strptime(t, way).toordinal() for t in side] for side in (real, made)]
        close(*days, share=0.25)
    assert (
        sum(any(re.match(begins, t) for begins in ways.values()) for t in found.made["sold"]) == 600
    )


MONEY = {
    "price": r"\$\d{1,3}(,\d{3})*\.\d\d",
    "msrp": r"\$\d{1,3}(,\d{3})*",
    "discount": r"\d+\.\d%",
    "mileage": r"\d{1,3}(,\d{3})* mi",
    "mass": r"\d+ kg",
    "neg": r"\(\d{1,3}(,\d{3})*\.\d\d\)|\d{1,3}(,\d{3})*\.\d\d",
    "plain_thousands": r"\d{1,3}(,\d{3})*",
}


@pytest.mark.parametrize("column", MONEY)
def test_money_shares_and_units_are_numbers_written_as_they_came(column):
    found = drawn("us-money.csv")

    def number(text):
        value = float(re.sub(r"[^\d.]", "", text))
        return -value if text.startswith("(") else value

    assert all(re.fullmatch(MONEY[column], text) for text in found.made[column])
    close(map_of(number, found.real[column]), map_of(number, found.made[column]))
    assert found.table.key is None


def map_of(change, texts):
    return [change(text) for text in texts if text is not None]


@pytest.mark.parametrize("column", ["tweet_ref", "vendor_no", "serial19"])
def test_long_whole_numbers_are_whole_to_the_last_digit(column):
    found = drawn("long-integers.csv")
    real, made = (list(map(int, side[column])) for side in (found.real, found.made))
    assert {len(str(number)) for number in made} == {len(str(number)) for number in real}
    assert len({number % 1000 for number in made}) > 0.5 * len({n % 1000 for n in real})
    least = min(real)
    close([n - least for n in real], [n - least for n in made])


def test_whole_numbers_longer_than_any_word_of_a_machine(tmp_path):
    lot = random.Random(4)
    path = tmp_path / "long.csv"
    numbers = [lot.randrange(4 * 10**29, 8 * 10**29) for _ in range(400)]
    path.write_text("order_ref,n\n" + "".join(f"{n},{n % 7}\n" for n in [*numbers, numbers[0]]))
    made = list(map(int, learnt(path).made["order_ref"]))
    assert all(len(str(number)) == 30 for number in made)
    assert abs(np.mean(made) / np.mean(numbers) - 1) < 0.03
    assert len({number % 1000 for number in made}) > 200


def test_numbers_written_with_exponents_become_digits():
    found = drawn("exponent-ids.csv")
    assert all(re.fullmatch(r"\d{18,19}", text) for text in found.made["ext_author"])
    close(map_of(float, found.real["ext_author"]), map_of(float, found.made["ext_author"]))


def test_far_days_stand_alone():
    found = drawn("sentinel-dates.csv")
    for column in ("valid_to", "closed_at"):
        real, made = found.real[column], [text[:19] for text in found.made[column]]
        near = [text for text in made if "2020" < text < "2025"]
        assert set(made) - set(near) <= set(real)
        for far in set(real) - {text for text in real if "2020" < text < "2025"}:
            assert abs(made.count(far) - real.count(far)) < 0.05 * len(real)
        if column == "closed_at":
            assert all("10:00:00" in text for text in near)


def test_a_day_of_json_stays_a_day():
    found = drawn("days.jsonl")
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", text) for text in found.made["d"])
    assert all(int(text) > 2**53 for text in found.made["big"])


@pytest.mark.parametrize("name", ["dotted-name.csv", "flattened.jsonl"])
def test_a_name_with_a_dot_is_a_name(name):
    found = drawn(name)
    assert any("." in column for column in found.made)
    assert list(found.made) == list(found.real)


def test_nulls_of_a_column_that_stands_alone():
    found = drawn("one-column-nulls.csv")
    assert abs(found.made["x"].count(None) - found.real["x"].count(None)) < 15


def test_times_of_day_of_parquet():
    found = drawn("time-of-day.parquet")
    assert all(re.fullmatch(r"\d\d:\d\d:00", text) for text in found.made["tm"])


LOT = random.Random(7)
MOMENTS = [datetime(2021, 3, 1) + timedelta(seconds=LOT.randrange(9**8)) for _ in range(300)]
NUMBERS = [LOT.lognormvariate(8, 1) for _ in range(300)]
MONTHS = ("Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September")
MONTHS += ("Oktober", "November", "Dezember")


def nth(day):
    return (
        f"{day}th" if 10 < day < 14 else f"{day}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(day % 10, 'th') }"
    )


FORMS = {
    "YYYY-MM-DDThh:mm:ss.fffffffff": [
        f"{t:%Y-%m-%dT%H:%M:%S}.{LOT.randrange(10**9):09}" for t in MOMENTS
    ],
    "YYYY-MM-DD hh:mm:ss -0500": [f"{t:%Y-%m-%d %H:%M:%S} -0500" for t in MOMENTS],
    "YYYY-MM-DD hh:mm UTC": [f"{t:%Y-%m-%d %H:%M} UTC" for t in MOMENTS],
    "M/D/YYYY h:mm AM": [
        f"{t.month}/{t.day}/{t.year} {t.hour % 12 or 12}:{t:%M %p}" for t in MOMENTS
    ],
    "Weekday, Month D, YYYY": [f"{t:%A, %B} {t.day}, {t.year}" for t in MOMENTS],
    "Dth Month YYYY": [f"{nth(t.day)} {t:%B} {t.year}" for t in MOMENTS],
    "D. Month YYYY": [f"{t.day}. {MONTHS[t.month - 1]} {t.year}" for t in MOMENTS],
    "Wkd Mon DD hh:mm:ss UTC YYYY": [f"{t:%a %b %d %H:%M:%S} UTC {t.year}" for t in MOMENTS],
    "DD/Mon/YYYY:hh:mm:ss +0000": [f"{t:%d/%b/%Y:%H:%M:%S} +0000" for t in MOMENTS],
    "hh:mm DD/MM/YYYY": [f"{t:%H:%M %d/%m/%Y}" for t in MOMENTS],
    "YYYY-QQ": [f"{t.year}-Q{(t.month + 2) // 3}" for t in MOMENTS],
    "YYYY-DDD": [f"{t:%Y-%j}" for t in MOMENTS],
    "Mon YYYY": [f"{t:%b %Y}" for t in MOMENTS],
    "h:mm:ss": [f"{int(n) // 60}:{int(n) % 60:02}:30" for n in NUMBERS],
    "d days hh:mm:ss": [
        f"{int(n) % 40} days {t:%H:%M:%S}" for n, t in zip(NUMBERS, MOMENTS, strict=True)
    ],
    "hh mmin": [f"{t.hour}h {t.minute}min" for t in MOMENTS],
    "0.0 kWh/100km": [f"{n / 100:.1f} kWh/100km" for n in NUMBERS],
    "PThHmMsS": [f"PT{t.hour}H{t.minute}M{t.second}S" for t in MOMENTS],
    "DD-MON-YYYY": [f"{t:%d-%b-%Y}".upper() for t in MOMENTS],
    "YYYY-MM-DDThh:mm:ss+05:30": [f"{t:%Y-%m-%dT%H:%M:%S}+05:30" for t in MOMENTS],
    "#.##0,00 €": [f"{n:,.2f} €".translate(str.maketrans(",.", ".,")) for n in NUMBERS],
    "CHF #'##0.00": [f"CHF {n:,.2f}".replace(",", "'") for n in NUMBERS],
    "$#,##0.00; ($#,##0.00)": [f"(${n:,.2f})" if n < 2000 else f"${n:,.2f}" for n in NUMBERS],
    "$#,##0": [f"-${n:,.0f}" if n < 2000 else f"${n:,.0f}" for n in NUMBERS],
    "0.00; 0.00-": [f"{n:.2f}-" if n < 2000 else f"{n:.2f}" for n in NUMBERS],
    "0 %": [f"{n // 100:.0f} %" for n in NUMBERS],
    "0,000": [f"{n:.3f}".replace(".", ",") for n in NUMBERS],
    "# ##0": [f"{int(n):,}".replace(",", " ") for n in NUMBERS],
    "00000": [f"{int(n) % 50_000:05}" for n in NUMBERS],
}


@pytest.mark.parametrize("title", FORMS)
def test_each_usual_form_is_read_and_written_back(title):
    texts = list(dict.fromkeys(FORMS[title]))
    reading = form_of(texts)
    assert reading is not None
    assert reading.form.title == title
    assert reading.form.ok()
    assert not reading.odd
    assert all(reading.form.write(number) == text for text, number in reading.said.items())
    again = form_from(reading.form.document())
    assert again == reading.form
    for number in (-(1 << 60), -5, 0, 7, 1 << 60):
        assert again.read(again.write(number)) is not None


@pytest.mark.parametrize(
    "texts",
    [
        [f"{LOT.randrange(20)}x{LOT.randrange(20)}" for _ in range(300)],
        [f"10.{LOT.randrange(255)}.{LOT.randrange(255)}.{LOT.randrange(255)}" for _ in range(300)],
        [f"+1-555-{LOT.randrange(1000):03}-{LOT.randrange(10_000):04}" for _ in range(300)],
        [f"A{LOT.randrange(99_999)}" for _ in range(300)],
        [f"{LOT.randrange(9)}.{LOT.randrange(99)}.{LOT.randrange(9)}" for _ in range(300)],
        ["word", "other words", "3 words"],
    ],
)
def test_what_is_no_number_and_no_day_has_no_form(texts):
    assert form_of(list(dict.fromkeys(texts))) is None


def test_zero_dates_and_words_of_nobody_are_odd_cells_of_a_good_column():
    days = [f"{t:%d/%m/%Y}" for t in MOMENTS]
    reading = form_of(list(dict.fromkeys([*days, "00/00/0000", "tbc"])))
    assert reading is not None
    assert reading.odd == ("00/00/0000", "tbc")
    assert all(map(public_word, reading.odd))
    assert not any(map(public_word, ["Xavier", "05/06/2021", "10"]))


def test_a_few_odd_cells_leave_a_good_column_good(tmp_path):
    lot = random.Random(2)
    path = tmp_path / "odd.csv"
    rows = [f"{lot.gauss(500, 90):.2f},{t:%d/%m/%Y}" for t in MOMENTS * 2]
    for at in range(0, 60, 2):
        rows[at] = "unknown," + rows[at].split(",")[1]
    rows[101] = rows[101].split(",")[0] + ",tbc"
    rows[103] = "Xavier Somebody," + rows[103].split(",")[1]
    path.write_text("\n".join(["amount,sold", *rows, ""]))
    found = learnt(path)
    made = found.made["amount"]
    assert 15 <= made.count("unknown") <= 50
    numbers = [float(text) for text in made if text not in (None, "unknown")]
    close([float(t) for t in found.real["amount"] if t[0].isdigit()], numbers, share=0.15)
    assert "Xavier Somebody" not in made
    days = [text for text in found.made["sold"] if text not in (None, "tbc")]
    assert all(datetime.strptime(text, "%d/%m/%Y") for text in days)


CODES = {
    "sku": r"[A-D]\d{5}-[LR]",
    "plate": r"[A-Z]-[A-Z]{2} \d{3}",
    "grade_code": r"[A-F]{5}",
    "invoice_no": r"INV-2024-\d{5}",
    "lower": r"[a-z]\d{4,5}",
}


@pytest.mark.parametrize("column", CODES)
def test_codes_keep_their_form_and_length_however_many_are_asked(column):
    found = drawn("codes.csv", 5000)
    assert all(re.fullmatch(CODES[column], text) for text in found.made[column])
    if found.table.column(column).unique:
        assert len(set(found.made[column])) == 5000


def test_codes_of_several_shapes_keep_their_shares(tmp_path):
    path = tmp_path / "codes.csv"
    numbers = [f"R{at}" if at % 3 else f"EX/{at:04}" for at in range(1, 601)]
    path.write_text("".join(f"{code},{code[0]}\n" for code in ["ref_no", *numbers]))
    found = learnt(path, 900)
    made = found.made["ref_no"]
    assert len(set(made)) == 900
    shares = [sum(t.startswith("EX/") for t in side) / len(side) for side in (numbers, made)]
    assert abs(shares[0] - shares[1]) < 0.04
    known = [re.fullmatch(r"R\d{1,5}|EX/\d{4}", text) is not None for text in made]
    assert all(known)


@pytest.mark.parametrize("name", ["preamble.csv", "sep-line.csv"])
def test_a_table_is_read_from_where_it_begins(name):
    found = drawn(name)
    assert list(found.made) == ["make", "price", "sold"]
    close(map_of(float, found.real["price"]), map_of(float, found.made["price"]))
    assert all(datetime.strptime(text, "%Y-%m-%d") for text in found.made["sold"])


def test_rows_are_counted_from_the_beginning_of_the_file(tmp_path):
    path = tmp_path / "report.csv"
    path.write_text("Sales\n\nmake;price\n" + "Kia;5\n" * 20 + "Kia;dear\n" + "Kia;6\n" * 9)
    raw = generator.read(path)
    schema = generator.Schema.from_dict(
        {
            "tables": [
                {
                    "name": "report",
                    "columns": [
                        {"name": "make", "kind": "text"},
                        {"name": "price", "kind": "integer"},
                    ],
                }
            ]
        }
    )
    with pytest.raises(ExtractError, match=r"row 24: the value is no integer"):
        generator.typed(raw, schema)


def test_a_row_that_looks_like_the_others_is_no_row_of_names():
    with pytest.raises(ExtractError, match=r"no names of columns.*--header no") as refused:
        generator.read(FAULTS / "no-header.csv")
    assert "Pat1" not in str(refused.value)
    numbered = generator.read(FAULTS / "no-header.csv", header=False)["no_header"]
    assert numbered.column_names == ["column_1", "column_2", "column_3", "column_4"]
    named = generator.read(FAULTS / "no-header.csv", header=True)["no_header"]
    assert numbered.num_rows == named.num_rows + 1


def test_years_may_be_names(tmp_path):
    path = tmp_path / "wide.csv"
    path.write_text("region,2019,2020\n" + "".join(f"R{at},{at},{at * 2}\n" for at in range(50)))
    assert generator.read(path)["wide"].column_names == ["region", "2019", "2020"]


def test_a_delimiter_is_judged_on_many_rows(tmp_path):
    path = tmp_path / "odd.csv"
    path.write_text("make, model;price, net\n" + "Kia, Rio;5000\n" * 30)
    assert generator.read(path)["odd"].column_names == ["make, model", "price, net"]


@pytest.mark.parametrize(
    ("name", "text"),
    [("t.tsv", "a\tb\n" + "1\t2\n" * 20), ("t.ndjson", '{"a": 1, "b": 2}\n' * 20)],
)
def test_other_endings_of_known_formats(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    assert generator.read(tmp_path / name)["t"].column_names == ["a", "b"]


def test_all_types_of_parquet_that_can_be_told(tmp_path):
    lot = random.Random(9)
    rows = range(300)
    ids = pa.array([uuid.UUID(int=lot.getrandbits(128)).bytes for _ in rows], pa.uuid())
    fine = [1_600_000_000_000_000_000 + lot.getrandbits(56) for _ in rows]
    table = {
        "ref": ids,
        "took": pa.array([timedelta(seconds=lot.randrange(10**6)) for _ in rows]),
        "large": pa.array([lot.choice("abc") for _ in rows], pa.large_string()),
        "view": pa.array([lot.choice("xy") for _ in rows], pa.string_view()),
        "fine": pa.array(fine, pa.timestamp("ns")),
        "wide": pa.array([lot.getrandbits(62) + 2**63 for _ in rows], pa.uint64()),
    }
    parquet.write_table(pa.table(table), tmp_path / "t.parquet")
    made = learnt(tmp_path / "t.parquet").made
    forms = {
        "ref": r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}",
        "took": r"\d+ days \d\d:\d\d:\d\d",
        "large": "[abc]",
        "view": "[xy]",
        "fine": r"20\d\d-\d\d-\d\d \d\d:\d\d:\d\d\.\d{9}",
        "wide": r"\d{19,20}",
    }
    for column, form in forms.items():
        assert all(re.fullmatch(form, text) for text in made[column]), column


@pytest.fixture
def strange(tmp_path):
    lot = random.Random(3)
    path = tmp_path / "strange.csv"
    signs = "0123456789xX-/ABab"
    odd = ["".join(lot.choice(signs) for _ in range(lot.randrange(3, 12))) for _ in range(300)]
    rows = (f"{text},{at % 9},C-{at:04}\n" for at, text in enumerate(dict.fromkeys(odd)))
    path.write_text("mixture_id,n,code\n" + "".join(rows))
    return path, odd


def test_a_column_that_is_not_understood_is_named_by_its_shape_and_is_no_key(strange):
    path, odd = strange
    schema = generator.infer(generator.read(path))
    assert schema.not_understood == ("strange.mixture_id",)
    column = schema["strange"].column("mixture_id")
    assert re.fullmatch(r"“[^“”]+”(, “[^“”]+”){2}", column.doubt)
    assert not set(re.findall("“(.+?)”", column.doubt)) & set(odd)
    assert set(re.sub(r"[“”, ]", "", column.doubt)) <= set("9Aa-/")
    assert schema["strange"].key == "code"


def test_it_counts_against_the_verdict_until_it_is_left_out_or_has_a_kind(strange, tmp_path):
    path, _ = strange
    told = generator.compare_paths(path, path)["fit_for"]
    spoken = {one["use"]: one for one in told}
    assert not spoken["analytics"]["fit"]
    assert "strange.mixture_id" in spoken["machine learning"]["why"]
    raw = generator.read(path, left_out=["mixture_id"])
    assert raw["strange"].column_names == ["n", "code"]
    schema = generator.infer(generator.read(path))
    assert not generator.with_kinds(schema, {"strange.mixture_id": "enum"}).not_understood
    with pytest.raises(generator.RequestError, match=r"did you mean strange\.mixture_id"):
        generator.with_kinds(schema, {"mixtures_id": "enum"})
    with pytest.raises(generator.RequestError, match="no kind of a column; choose from integer"):
        generator.with_kinds(schema, {"mixture_id": "number"})
    with pytest.raises(generator.RequestError, match="no column “mixtures” to leave out"):
        generator.read(path, left_out=["mixtures"])


def test_the_command_line_names_it_and_takes_what_is_said(strange, tmp_path, capsys):
    path, odd = strange
    out = ["--out", str(tmp_path / "p.profile")]
    assert main(["fit", str(path), *out]) == 0
    said = "".join(capsys.readouterr())
    assert "Not understood: strange.mixture_id." in said
    assert not any(text in said for text in odd if len(text) > 5)
    assert main(["fit", str(path), *out, "--leave-out", "mixture_id", "--kind", "n=text"]) == 0
    said = "".join(capsys.readouterr())
    assert "mixture_id" not in said, said
    assert re.search(r"n +text", said)


def test_what_cannot_be_learnt_may_be_in_a_file_where_it_is_left_out(tmp_path):
    table = pa.table({"n": list(range(50)), "parts": [[1, 2]] * 50})
    parquet.write_table(table, tmp_path / "t.parquet")
    with pytest.raises(ExtractError, match=r"“t\.parquet”, column parts: nested.*--leave-out"):
        generator.read(tmp_path / "t.parquet")
    kept = generator.read(tmp_path / "t.parquet", left_out=["t.parts"])["t"]
    assert kept.column_names == ["n"]


def test_nothing_is_drawn_between_clusters(tmp_path):
    lot = random.Random(8)
    path = tmp_path / "stores.csv"
    towns = [(48.85, 2.35), (52.52, 13.4), (40.42, -3.7)]
    rows = [lot.choice(towns) for _ in range(900)]
    lines = (f"{lot.gauss(a, 0.03):.5f},{lot.gauss(b, 0.03):.5f}\n" for a, b in rows)
    path.write_text("y,x\n" + "".join(lines))
    made = learnt(path, 3000).made
    for at, column in enumerate(("y", "x")):
        near = [min(abs(float(text) - town[at]) for town in towns) for text in made[column]]
        assert max(near) < 0.3


def test_a_stray_day_draws_no_others_after_it(tmp_path):
    path = tmp_path / "born.csv"
    days = [f"{t:%Y-%m-%d}" for t in MOMENTS * 2]
    path.write_text("sold,n\n" + "".join(f"{day},1\n" for day in [*days, "2203-05-07"]))
    assert max(learnt(path, 2000).made["sold"]) < "2024"


def test_a_form_that_somebody_made_cannot_break_the_draw():
    crafted = [
        {"family": "duration", "template": "[abc]{h}"},
        {"family": "duration", "template": "{h}:{mm}]["},
        {"family": "moment", "template": "{YYYY}{YYYY}"},
        {"family": "moment", "template": "{DD}/{MM}"},
        {"family": "amount", "digits": 99, "point": "."},
        {"family": "whole", "origin": 10**500, "unit": 1},
        {"family": "mixed", "forms": []},
    ]
    assert not any(form_from(document).ok() for document in crafted)
    for document in ({"family": "nobody"}, {"family": "moment", "x": 1}, {}):
        with pytest.raises((KeyError, TypeError, ValueError)):
            form_from(document)


@pytest.mark.parametrize(
    "way",
    ["%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d %H:%M:%S.250+00:00"],
)
@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_moments_are_written_as_they_came_and_read_back(tmp_path, way, ending):
    path = tmp_path / "at.csv"
    path.write_text("at,n\n" + "".join(f"{t.strftime(way)},{t.day}\n" for t in MOMENTS))
    profile = learnt(path).profile
    assert profile.schema["at"].column("at").kind == "timestamp"
    recipe = generator.Recipe.from_dict({"seed": 1, "formats": [ending]})
    generator.sample(profile, generator.plan(profile, recipe), tmp_path / "out")
    text = (tmp_path / "out" / f"at.{ending}").read_text()
    pattern = re.sub("%Y", r"\\d{4}", re.sub("%[a-zA-Z]", r"\\d\\d", way.replace("%Y", "\0")))
    pattern = pattern.replace("\0", r"\d{4}").replace(".", r"\.").replace("+", r"\+")
    begun = '{"at":"' if ending == "jsonl" else ""
    over = '",' if ending == "jsonl" else ","
    found = re.findall(rf"^{begun}{pattern}{over}", text, flags=re.MULTILINE)
    assert len(found) == len(MOMENTS)
    checked = generator.validate_folder(tmp_path / "out")
    assert checked["passed"] == checked["total"]
    said = generator.compare_paths(path, tmp_path / "out")
    assert said["scores"]["univariate"]["accuracy"] > 0.85
