"""Patterns of the calendar, planted and found again: in the moments, and in what follows them."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from generator.fit import fit
from generator.fitted import draw_rows, load_profile, save_profile
from generator.fitted.parts import holiday_of
from generator.leaves.scale import scale_of
from generator.schema import Column, Kind, Schema, Table

ROWS = 5000
FIRST, LAST = np.datetime64("2022-01-01"), np.datetime64("2024-07-01")


def sales(seed=1):
    """Closed on Sundays, Fridays late; Saturdays have promotions, Decembers more pieces, prices
    rise and are high in winter."""
    rng = np.random.default_rng(seed)
    days = np.arange(FIRST, LAST)
    weekday = (days.astype(int) + 3) % 7
    busy = np.array([1, 1, 1, 1, 1.6, 2.2, 0.0])[weekday]
    at = rng.choice(len(days), ROWS, p=busy / busy.sum())
    of, month = weekday[at], days[at].astype("datetime64[M]").astype(int) % 12 + 1
    hour = np.where(of == 4, rng.integers(14, 20, ROWS), rng.integers(9, 17, ROWS))
    when = days[at].astype("datetime64[m]") + hour * 60 + rng.integers(0, 60, ROWS)
    promo = np.where((of == 5) & (rng.random(ROWS) < 0.9), "yes", "no")
    price = 200 + 60 * np.cos(2 * np.pi * month / 12) + at / 10 + rng.normal(0, 10, ROWS)
    return {
        "promo": promo,
        "when": when.astype("datetime64[ms]"),
        "late": np.where(rng.random(ROWS) < np.where(hour > 15, 0.9, 0.1), "late", "early"),
        "price": np.round(price, 2),
        "pieces": 1 + rng.poisson(np.where(month == 12, 6, 1)),
    }


@pytest.fixture(scope="module")
def schema():
    kinds = {"promo": Kind.TEXT, "when": Kind.TIMESTAMP, "late": Kind.TEXT, "price": Kind.FLOAT}
    columns = [Column(name, kind) for name, kind in (kinds | {"pieces": Kind.INTEGER}).items()]
    return Schema((Table("sale", tuple(columns)),))


@pytest.fixture(scope="module")
def profile(schema):
    arrays = sales()
    kind = schema["sale"].column("when").arrow_type()
    table = pa.table(arrays).set_column(1, "when", pa.array(arrays["when"]).cast(kind))
    return fit({"sale": table}, schema, name="sales")


def rows_of(profile):
    leaves = profile.world.tables["sale"]
    return draw_rows(profile.schema["sale"], leaves, 3, 0, ROWS).to_pandas()


@pytest.fixture(scope="module")
def sides(profile):
    return pd.DataFrame(sales(2)), rows_of(profile)


def by(rows, column, part):
    return rows[column].groupby(getattr(pd.to_datetime(rows["when"], utc=True).dt, part)).mean()


def test_moments_keep_weekdays_hours_and_days_without_any(sides):
    made = sides[1]
    for part, most in (("day_of_week", 0.05), ("hour", 0.06), ("month", 0.06), ("year", 0.04)):
        shares = [
            getattr(pd.to_datetime(one.when, utc=True).dt, part).value_counts(normalize=True)
            for one in sides
        ]
        assert shares[0].sub(shares[1], fill_value=0).abs().sum() / 2 < most, part
    at = pd.to_datetime(made.when, utc=True).dt
    assert not (at.day_of_week == 6).any()
    friday = at.day_of_week == 4
    assert (at.hour[friday] >= 14).mean() > 0.98


def test_what_depends_on_the_weekday_the_hour_and_the_month_still_does(sides):
    for column, part, most in (
        ("price", "month", 9),
        ("price", "year", 7),
        ("pieces", "month", 0.5),
    ):
        real, made = (by(one, column, part) for one in sides)
        assert (real - made).abs().max() < most, (column, part)
    for column, label, part in (("promo", "yes", "day_of_week"), ("late", "late", "hour")):
        real, made = (by(one.assign(it=one[column] == label), "it", part) for one in sides)
        assert (real - made).abs().max() < 0.17, column
        assert (real - made).abs().mean() < 0.06, column


def test_only_parts_that_gain_become_columns(profile):
    hidden = [name.split("\x1e")[1] for name in profile.world.tables["sale"].hidden]
    assert {"weekday", "hour"} <= set(hidden)
    assert "holiday" not in hidden


def test_parts_survive_the_file(profile, tmp_path):
    path = tmp_path / "sales.profile"
    save_profile(profile, path)
    assert rows_of(load_profile(path)).equals(rows_of(profile))


def test_holidays_are_those_of_the_united_states():
    said = "2024-01-01 2024-01-15 2024-02-19 2024-05-27 2024-06-19 2024-07-04 2024-09-02"
    said += " 2024-10-14 2024-11-11 2024-11-28 2024-12-25"
    days = np.arange(np.datetime64("2024-01-01"), np.datetime64("2025-01-01"))
    found = days[holiday_of(days.astype(np.float64)) > 0].astype(str)
    assert found.tolist() == said.split()


def test_days_with_few_rows_keep_their_weekdays():
    """Knots a few days apart must not shape the week twice."""
    rng = np.random.default_rng(1)
    days = np.arange(18_000, 19_000)
    share = np.array([1, 1, 4, 0, 1, 1, 1])[days % 7] / (days % 7 != 3).sum()
    values = rng.choice(days, 8000, p=share / share.sum()).astype(np.float64)
    scale, _ = scale_of(values, k=20, grid=1.0, jitter=rng.random(8000), endings=[(1.0, 7)])
    assert scale.endings is not None
    drawn = scale.values(rng.random(8000) * 2**32)
    real, made = (np.bincount((one % 7).astype(int), minlength=7) / 8000 for one in (values, drawn))
    assert np.abs(real - made).max() < 0.02
    assert made[3] == 0
