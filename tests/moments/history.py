"""What was known at a moment: joins that look back only."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

Tables = Callable[[str], pd.DataFrame]
DAY = pd.Timedelta(days=1)
NEVER = pd.Timestamp("1900-01-01", tz="UTC")


def naive(moments: pd.Series) -> pd.Series:
    """Moments and days of all kinds in one form: UTC, to the microsecond."""
    return pd.to_datetime(moments, utc=True).astype("datetime64[us, UTC]")


def before(
    rows: pd.DataFrame, events: pd.DataFrame, key: str, *, rows_at: str = "at"
) -> tuple[np.ndarray, np.ndarray]:
    """For each row how many events (columns ``key`` and ``at``) of its key lie strictly before its
    moment, and the days since the last of them (missing where there is none)."""
    codes = pd.Index(pd.concat([rows[key], events[key]]).astype(str).unique())
    when = naive(events["at"]).astype("int64").to_numpy()
    whose = codes.get_indexer(events[key].astype(str)).astype(np.int64)
    order = np.lexsort((when, whose))
    whose, when = whose[order], when[order]
    asked = naive(rows[rows_at]).astype("int64").to_numpy()
    mine = codes.get_indexer(rows[key].astype(str)).astype(np.int64)
    first = np.searchsorted(whose, mine, side="left")
    place = _place(whose, when, mine, asked)
    many = place - first
    last = np.where(many > 0, when[np.clip(place - 1, 0, max(len(when) - 1, 0))], 0)
    days = np.where(many > 0, (asked - last) / 86_400e6, np.nan)
    return many, days


def _place(whose: np.ndarray, when: np.ndarray, mine: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """Where each (mine, asked) would stand before equal ones among the sorted (whose, when)."""
    both = np.concatenate([when, asked])
    ranks = np.unique(both, return_inverse=True)[1].astype(np.int64)
    wide = ranks.max(initial=0) + 1
    return np.searchsorted(
        whose * wide + ranks[: len(when)], mine * wide + ranks[len(when) :], side="left"
    )


def people(of: Tables) -> pd.DataFrame:
    """What customers said of themselves when they became known, by ``customer_key``."""
    told = of("customer")[
        [
            "customer_key",
            "party_key",
            "annual_income",
            "occupation_code",
            "marketing_consent_indicator",
            "document_date_time",
        ]
    ]
    party = of("party")[["party_key", "birth_date", "gender_type", "marital_status_type"]]
    return told.merge(party, on="party_key").drop(columns="party_key")


def with_people(rows: pd.DataFrame, of: Tables) -> pd.DataFrame:
    """Rows with the customer's income, age at the moment, and days since becoming known."""
    found = rows.merge(people(of), on="customer_key", how="left")
    found["age"] = (found["at"] - naive(found.birth_date)).dt.days / 365.25
    found["days_known"] = ((found["at"] - naive(found.document_date_time)).dt.days).clip(lower=0)
    return found.drop(columns=["birth_date", "document_date_time"])


CAR = ("make", "model_year", "vehicle_category_type", "power_train_type", "drive_train")


def with_car(rows: pd.DataFrame, of: Tables, *, by: str = "vehicle_key") -> pd.DataFrame:
    """Rows with what their car is, and its age in years at the moment."""
    kinds = of("vehicle_specification")[["vehicle_specification_key", *CAR, "base_msrp"]]
    if by == "vehicle_key":
        cars = of("vehicle")[["vehicle_key", "vehicle_specification_key", "production_date"]]
        rows = rows.merge(cars, on="vehicle_key", how="left")
        rows["car_years"] = (rows["at"] - naive(rows.production_date)).dt.days / 365.25
        rows = rows.drop(columns="production_date")
        by = "vehicle_specification_key"
    found = rows.merge(
        kinds, left_on=by, right_on="vehicle_specification_key", how="left", suffixes=("", "_y")
    )
    return found.drop(columns=[c for c in found if c.startswith("vehicle_specification_key")])
