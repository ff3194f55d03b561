"""Fitting: what is learnt comes out again, the same from the same seed."""

import json
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import generator
from generator.errors import Cancelled, ExtractError
from generator.fit import K, fit
from generator.fitted import load_profile, save_profile
from generator.plan import plan
from generator.recipe import Recipe
from generator.sample import sample
from generator.schema import Kind, Schema, Table
from tests.extracts import cars, random, ready


def drawn(profile, rows, *, seed=5, name="cars"):
    planned = plan(profile, Recipe.from_dict({"seed": seed, "rows": {name: rows}}))
    drawing = profile.world.open(planned)
    schema = profile.schema[name].arrow_schema()
    parts = [part for shard in planned.shards for _, part in drawing.draw(shard)]
    return pa.concat_tables([part.cast(schema) for part in parts])


@pytest.fixture(scope="module")
def profile():
    return fit(*ready(cars(4000)), name="cars")


@pytest.fixture(scope="module")
def made(profile):
    return drawn(profile, 4000)


def test_a_dependency_is_kept_exactly(made):
    pairs = set(zip(made["model"].to_pylist(), made["make"].to_pylist(), strict=True))
    assert len(pairs) == len({model for model, _ in pairs})


def test_prices_end_as_sellers_write_them(made):
    ends = np.asarray(made["price"]) % 500
    assert (np.isin(ends, [0, 490, 495])).mean() > 0.9
    assert abs((ends == 495).mean() - 1 / 3) < 0.05


def test_numbers_hang_together(made):
    year, price, mileage = (
        np.asarray(made[name], dtype=float) for name in ("year", "price", "mileage")
    )
    real = ready(cars(4000))[0]["cars"]
    for first, second in (("year", price), ("year", mileage)):
        of = {"price": price, "mileage": mileage}
        name = next(n for n, values in of.items() if values is second)
        want = np.corrcoef(np.asarray(real[first], float), np.asarray(real[name], float))[0, 1]
        assert np.corrcoef(year, second)[0, 1] == pytest.approx(want, abs=0.05)


def test_the_tail_of_a_skewed_column_is_kept():
    """Ends of a heavy tail lie in cells of few rows, which are skewed themselves."""
    rng = np.random.default_rng(8)
    size = np.exp(rng.normal(0, 1.2, 4_000))
    columns = {"size": size}
    for name in ("calls", "claims", "paid"):
        columns[name] = np.round(size * np.exp(rng.normal(0, 0.9, len(size))) * 1_000, 2)
    tables, schema = ready(pa.table(columns))
    profile = fit(tables, schema, name="skewed")
    planned = plan(profile, Recipe.from_dict({"seed": 3}))
    drawing = profile.world.open(planned)
    rows = pa.concat_tables([part for s in planned.shards for _, part in drawing.draw(s)])
    for name in ("calls", "claims", "paid"):
        real, made = (np.asarray(t[name].cast(pa.float64())) for t in (tables["cars"], rows))
        assert made.mean() == pytest.approx(real.mean(), rel=0.2), name
        assert made.std() == pytest.approx(real.std(), rel=0.45), name
        assert np.quantile(made, 0.99) == pytest.approx(np.quantile(real, 0.99), rel=0.25), name


def test_missing_values_are_as_many(made):
    real = ready(cars(4000))[0]["cars"]
    assert made["tax"].null_count == pytest.approx(real["tax"].null_count, rel=0.1)
    assert made["price"].null_count == 0


def test_the_same_seed_learns_the_same_bytes(profile, tmp_path):
    again = fit(*ready(cars(4000)), name="cars")
    other = fit(*ready(cars(4000)), name="cars", seed=1)
    for at, one in enumerate((profile, again, other)):
        save_profile(one, tmp_path / f"{at}.profile")
    first, second, third = ((tmp_path / f"{at}.profile").read_bytes() for at in range(3))
    assert first == second
    assert first != third
    assert (profile.hash, profile.hash) != (again.hash, other.hash)


def test_a_saved_profile_is_the_same_profile(profile, tmp_path):
    save_profile(profile, tmp_path / "a.profile")
    loaded = load_profile(tmp_path / "a.profile")
    save_profile(loaded, tmp_path / "b.profile")
    assert (tmp_path / "a.profile").read_bytes() == (tmp_path / "b.profile").read_bytes()
    assert loaded.hash == profile.hash
    assert drawn(loaded, 500).equals(drawn(profile, 500))


def test_rows_of_a_block_do_not_depend_on_what_is_drawn_behind_it(profile, monkeypatch):
    monkeypatch.setattr("generator.fitted.world.BLOCK_ROWS", 512)
    whole = drawn(profile, 1100)
    assert drawn(profile, 1024).equals(whole.slice(0, 1024))
    assert not drawn(profile, 1024, seed=6).equals(whole.slice(0, 1024))


def test_rows_of_a_block_have_the_shares_of_their_cell(profile):
    first = next(iter(profile.world.tables["cars"].columns))
    leaves = profile.world.tables["cars"].columns[first]
    assert leaves.leaves is not None
    assert leaves.tree is not None
    assert leaves.tree.cells == 1
    shares = np.diff(np.append(0, leaves.leaves.upto)) / 2**32
    found = drawn(profile, 1000)[first].to_pylist()
    rows = [found.count(leaves.codec.labels[code]) for code in leaves.leaves.code]
    assert np.abs(np.array(rows) - 1000 * shares).max() < 2  # one at either end of a share


def test_workers_do_not_change_bytes(profile, tmp_path):
    recipe = Recipe.from_dict({"rows": {"cars": 70_000}, "formats": ["csv"], "seed": 3})
    drawing = plan(profile, recipe)
    for workers in (1, 2):
        sample(profile, drawing, tmp_path / str(workers), workers=workers)
    one, two = ((tmp_path / str(workers) / "cars.csv").read_bytes() for workers in (1, 2))
    assert one == two


# The certificate


def test_a_certificate_has_figures_beside_their_ceilings():
    told: list[float] = []
    tables, schema = ready(cars(1500))
    found = generator.fit(
        tables, schema, name="cars", progress=lambda what, share: told.append(share)
    ).certificate
    json.dumps(found, allow_nan=False)
    assert found["k"] == K
    assert found["rows"] == {"cars": [750, 750]}
    scores = found["scores"]
    for name in ("univariate", "bivariate", "trivariate"):
        assert scores[name]["accuracy"] == pytest.approx(scores[name]["ceiling"], abs=0.06)
    assert scores["copies"]["cars"]["dcr_share"] is None  # of fewer than 5,000 rows a side
    assert scores["membership"]["cars"]["auc"] == pytest.approx(0.5, abs=0.1)
    assert 0.4 < scores["detection"]["cars"]["real"] < 0.6
    assert all(0 <= one <= other <= 1 for one, other in pairwise(told))


def test_a_short_table_says_why_nothing_was_measured():
    found = generator.fit(*ready(cars(30)), name="cars").certificate
    assert found["scores"] == {}
    assert "nothing was measured" in found["note"]


def test_the_certificate_is_the_same_from_the_same_seed():
    found = [generator.fit(*ready(cars(250)), name="cars").certificate for _ in range(2)]
    assert found[0] == found[1]


def test_a_cancelled_fit_stops():
    with pytest.raises(Cancelled):
        generator.fit(*ready(cars(300)), name="cars", cancelled=lambda: True)


def test_a_table_without_rows_is_refused():
    tables, schema = ready(cars(30))
    with pytest.raises(ExtractError, match="no rows"):
        fit({"cars": tables["cars"].slice(0, 0)}, schema, name="x")
    with pytest.raises(ExtractError, match="no rows"):
        fit({"empty": pa.table({})}, Schema((Table("empty", ()),)), name="x")


# Extracts as people bring them


def moments(rows, seed=2):
    stamps = random(seed).integers(1_500_000_000, 1_700_000_000, rows).astype("datetime64[s]")
    return [str(stamp) for stamp in stamps]


def written(rows, form):
    """ISO moments in another way of writing."""
    return [
        form.format(Y=at[:4], M=at[5:7], D=at[8:10], h=at[11:13], m=at[14:16])
        for at in moments(rows)
    ]


WRITTEN = {
    "slashes": ("{D}/{M}/{Y}", r"\d\d/\d\d/20\d\d"),
    "American": ("{M}/{D}/{Y}", r"\d\d/\d\d/20\d\d"),
    "dots": ("{D}.{M}.{Y}", r"\d\d\.\d\d\.20\d\d"),
    "with a time": ("{D}/{M}/{Y} {h}:{m}", r"\d\d/\d\d/20\d\d \d\d:\d\d"),
}


@pytest.mark.parametrize("name", WRITTEN)
@pytest.mark.parametrize("rows", [20, 600])
def test_a_date_comes_out_as_it_was_written(name, rows):
    form, shape = WRITTEN[name]
    values = written(rows, form)
    found = made_from({"at": values}, rows)["at"].to_pylist()
    assert pa.compute.all(pa.compute.match_substring_regex(pa.array(found), f"^{shape}$")).as_py()
    years = [text.split(" ")[0][-4:] for text in values]
    assert {text.split(" ")[0][-4:] for text in found} <= {
        str(year) for year in range(int(min(years)), int(max(years)) + 1)
    }


def made_from(columns, rows, seed=5):
    tables, schema = ready(pa.table(columns), "t")
    return drawn(fit(tables, schema, name="t"), rows, name="t", seed=seed)


COLUMNS = {
    "yes or no": (["Y", "N"], Kind.ENUM, r"[YN]"),
    "zero or one": (["0", "1"], Kind.INTEGER, r"[01]"),
    "truth": (["true", "False"], Kind.BOOLEAN, r"true|false"),
    "zip codes": (["00123", "04567"], Kind.ENUM, r"0\d{4}"),
    "many zip codes": ([f"{n:05}" for n in range(3000)], Kind.TEXT, r"\d{5}"),
    "large numbers": ([str(10**17 + 7 * n) for n in range(900)], Kind.INTEGER, r"1000\d{14}"),
    "decimal comma": ([f"{n},{n % 100:02}" for n in range(900)], Kind.TEXT, r"\d+,\d\d"),
    "thousands": ([f"{n + 1:,}.50" for n in range(0, 90_000, 100)], Kind.TEXT, r"[\d,]+\.\d\d"),
    "constant": (["x"], Kind.ENUM, r"x"),
    "constant number": (["5"], Kind.INTEGER, r"5"),
    "below zero": ([str(-n) for n in range(1, 900)], Kind.INTEGER, r"-\d+"),
    "skewed": ([f"{1.01**n:.2f}" for n in range(1500)], Kind.DECIMAL, r"\d+\.\d\d"),
    "identifiers": (
        [f"{n:08x}-4a2b-{n * 7919 % 65536:04x}" for n in range(900)],
        Kind.TEXT,
        r"[0-9a-f]{8}-4a2b-[0-9a-f]{4}",
    ),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_a_column_comes_out_in_its_shape(name):
    values, kind, shape = COLUMNS[name]
    column = [values[n % len(values)] for n in range(900)]
    tables, schema = ready(pa.table({"c": column}), "t")
    assert schema["t"].column("c").kind is kind
    found = drawn(fit(tables, schema, name="t"), 400, name="t")["c"].cast(pa.string())
    assert pa.compute.all(pa.compute.match_substring_regex(found, f"^({shape})$")).as_py()


@pytest.mark.parametrize("marker", ["", "NA", "NULL", "n/a"])
def test_missing_markers_come_out_missing(marker):
    column = [marker if n % 4 == 0 else str(n * 37 % 1000) for n in range(800)]
    found = made_from({"c": column}, 800)["c"]
    assert found.type == pa.int64()
    assert found.null_count == pytest.approx(200, abs=50)


def test_nothing_but_missing_values_stays_so():
    found = made_from({"c": [""] * 50, "d": [str(n) for n in range(50)]}, 50)
    assert found["c"].null_count == 50


def test_unique_identifiers_stay_unique():
    columns = {"car_id": [str(n) for n in range(400)], "vin": [f"WVW{n:06}" for n in range(400)]}
    found = made_from(columns, 1000)
    for name in columns:
        assert len(set(found[name].to_pylist())) == 1000


@pytest.mark.parametrize("rows", [1, 2, 20])
def test_a_few_rows_are_learnt_too(rows):
    found = drawn(fit(*ready(cars(rows)), name="cars"), 50)
    assert found.num_rows == 50


def test_three_hundred_columns_are_learnt():
    rng = random(3)
    first = rng.normal(0, 1, 400)
    columns = {f"c{n}": np.round(first * n + rng.normal(0, 9, 400), 2) for n in range(300)}
    found = made_from(columns, 300)
    assert found.num_columns == 300
    assert np.corrcoef(np.asarray(found["c298"]), np.asarray(found["c299"]))[0, 1] > 0.85


def test_numbers_that_are_none_are_missing():
    values = pa.array([float("nan"), float("inf"), *np.linspace(0, 1, 500)])
    found = made_from({"c": values}, 500)["c"]
    assert np.isfinite(np.asarray(found.drop_null())).all()


VALUES = st.one_of(
    st.none(),
    st.integers(-(2**62), 2**62).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12),
    st.dates().map(str),
    st.sampled_from(["NA", "true", "31/12/2024", "1.234,50", "007"]),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(VALUES, VALUES), min_size=1, max_size=40), st.integers(1, 12))
def test_whatever_the_values_rows_come_out_in_their_kinds(rows, times):
    columns = {name: [row[at] for row in rows] * times for at, name in enumerate("ab")}
    table = pa.table({name: pa.array(v, pa.string()) for name, v in columns.items()})
    tables, schema = ready(table, "t")
    found = drawn(fit(tables, schema, name="t"), 30, name="t")
    assert found.schema.equals(schema["t"].arrow_schema())
    for column in schema["t"].columns:
        assert column.nullable or not found[column.name].null_count


@pytest.mark.parametrize("apart", [1e12, 2**31, 1e25])
def test_large_floats_that_hardly_differ_are_fitted_and_compared(apart):
    values = [repr(1e25 + (n % 7) * apart) for n in range(400)]
    table = pa.table({"a": values, "b": [str(n % 5) for n in range(400)], "c": values[::-1]})
    profile = generator.fit(*ready(table), name="large")
    assert profile.certificate["scores"]["sdmetrics"]["column_shapes"] > 0.8
