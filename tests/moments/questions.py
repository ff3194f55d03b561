"""Four questions that people of the trade ask of a model, each at a moment.

A question looks at the rows of a bundle whose moment is not after ``until``, takes of them only
what was known at that moment, and says what has come of it (to be believed when the bundle knows
90 days more).  ``tests/test_moments.py`` cuts the world at a day and finds the same features there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd

from tests.moments.history import DAY, Tables, before, naive, with_car, with_people

SOON = 90 * DAY
CLOSED = ("WON", "LOST", "DISQUALIFIED", "UNQUALIFIED")


class Question(NamedTuple):
    """``known`` are the features (n, columns), ``answer`` what came of it, ``at`` the moments,
    ``key`` the rows asked about and ``by`` alike rows that are compared with one another."""

    known: pd.DataFrame
    answer: pd.Series
    at: pd.Series
    key: pd.Series
    by: pd.Series | None = None


def _question(
    rows: pd.DataFrame, features: list[str], answer: str, key: str, by: str | None = None
) -> Question:
    rows = rows.sort_values(["at", key]).reset_index(drop=True)
    known = rows[features].copy()
    for name in features:
        if known[name].dtype.kind not in "iufb":
            known[name] = known[name].astype(str).where(known[name].notna()).astype("category")
    return Question(known, rows[answer], rows["at"], rows[key], rows[by] if by else None)


def conversion(of: Tables, until: pd.Timestamp) -> Question:
    """Is a lead won within 90 days, asked when it is first answered."""
    rows = of("sales_lead").drop(columns=["lead_comments"])
    rows["created"], rows["at"] = naive(rows.create_date_time), naive(rows.first_contact_date_time)
    rows = rows[rows["at"] <= until]
    closed = naive(rows.close_date_time)
    rows["won"] = (rows.lead_status_type == "WON") & (closed - rows.created <= SOON)
    rows["wait"] = (rows["at"] - rows.created).dt.total_seconds() / 60
    rows["hour"], rows["weekday"] = rows.created.dt.hour, rows.created.dt.day_of_week
    rows["month"] = rows.created.dt.month
    rows["campaign"] = rows.marketing_campaign_key.notna()
    rows["names_a_car"] = rows.interest_specification_key.notna()
    rows = with_car(with_people(rows, of), of, by="interest_specification_key")
    own = of("dealer")[["dealer_key", "primary_make"]]
    rows = rows.merge(own, on="dealer_key")
    rows["own_make"] = np.where(rows.make.isna(), np.nan, rows.make == rows.primary_make)
    asked = of("sales_lead")[["customer_key", "create_date_time"]]
    asked = asked.rename(columns={"create_date_time": "at"})
    rows["asked_before"], rows["days_since_asked"] = before(
        rows, asked, "customer_key", rows_at="created"
    )
    signed = of("deal")[["customer_key", "contract_date_time"]].dropna()
    signed = signed.rename(columns={"contract_date_time": "at"})
    rows["bought_before"], _ = before(rows, signed, "customer_key")
    served = of("repair_order")[["customer_key", "opened_date_time"]]
    served = served.rename(columns={"opened_date_time": "at"})
    rows["served_before"], _ = before(rows, served, "customer_key")
    features = [
        *("lead_source_type", "interest_product_state_type", "lead_priority_ranking", "wait"),
        *("hour", "weekday", "month", "campaign", "names_a_car", "own_make", "base_msrp"),
        *("vehicle_category_type", "annual_income", "occupation_code", "age", "gender_type"),
        *("marital_status_type", "marketing_consent_indicator", "days_known"),
        *("asked_before", "days_since_asked", "bought_before", "served_before"),
    ]
    return _question(rows, features, "won", "lead_key")


def appraisal(of: Tables, until: pd.Timestamp) -> Question:
    """What a car taken in payment is worth to the trade, asked when it is looked at."""
    rows = of("trade_in_vehicle")[
        [
            *("trade_in_vehicle_key", "vehicle_key", "odometer", "appraisal_date_time", "deal_key"),
            "trade_wholesale_value",
        ]
    ]
    rows["at"] = naive(rows.appraisal_date_time)
    rows = rows[rows["at"] <= until]
    rows["worth"] = np.log(rows.trade_wholesale_value)
    deals = of("deal")[["deal_key", "customer_key", "dealer_key"]]
    rows = with_car(rows.merge(deals, on="deal_key"), of)
    rows = with_people(rows, of).merge(of("dealer")[["dealer_key", "state"]], on="dealer_key")
    rows["month"] = rows["at"].dt.month
    rows["miles_a_year"] = rows.odometer / rows.car_years.clip(lower=0.5)
    features = [
        *("odometer", "car_years", "miles_a_year", "make", "vehicle_category_type", "base_msrp"),
        *("power_train_type", "drive_train", "state", "month", "annual_income", "age"),
    ]
    return _question(rows, features, "worth", "trade_in_vehicle_key")


def next_service(of: Tables, until: pd.Timestamp) -> Question:
    """Does a car come again within 90 days, asked when the work on it is done."""
    rows = of("repair_order")[
        [
            *("repair_order_key", "customer_key", "vehicle_key", "dealer_key", "opened_date_time"),
            *("completed_date_time", "odometer_in", "repair_order_initiation_type"),
        ]
    ]
    rows = rows[rows.repair_order_initiation_type != "INTERNAL"]
    rows["opened"] = naive(rows.opened_date_time)
    rows["at"] = naive(rows.completed_date_time)
    visits = rows[["vehicle_key", "opened"]].rename(columns={"opened": "at"})
    rows = rows[rows["at"] <= until]
    rows["soon"] = _again(rows, visits)
    rows["visits"], rows["days_since"] = before(rows, visits, "vehicle_key", rows_at="opened")
    lines = _lines(of, rows)
    rows = with_car(with_people(rows.join(lines, on="repair_order_key"), of), of)
    rows["miles_a_year"] = rows.odometer_in / rows.car_years.clip(lower=0.5)
    rows["month"] = rows["at"].dt.month
    alerts = of("vehicle_alert")[["vehicle_key", "created_date_time"]]
    alerts = alerts.rename(columns={"created_date_time": "at"})
    rows["alerts"], rows["days_since_alert"] = before(rows, alerts, "vehicle_key")
    sold = of("deal")[["customer_key", "contract_date_time"]].dropna()
    sold = sold.rename(columns={"contract_date_time": "at"})
    rows["bought_here"], _ = before(rows, sold, "customer_key")
    features = [
        *("visits", "days_since", "odometer_in", "miles_a_year", "car_years", "make"),
        *("vehicle_category_type", "power_train_type", "repair_order_initiation_type", "lines"),
        *("warranty_lines", "maintenance", "alerts", "days_since_alert", "bought_here"),
        *("annual_income", "age", "gender_type", "month"),
    ]
    return _question(rows, features, "soon", "repair_order_key")


def _again(rows: pd.DataFrame, visits: pd.DataFrame) -> np.ndarray:
    """Whether the car's next visit after the moment begins within 90 days."""
    asked = rows[["vehicle_key", "at"]]
    upto, _ = before(asked, visits, "vehicle_key")
    later = asked.assign(at=asked["at"] + SOON)
    return np.asarray(before(later, visits, "vehicle_key")[0] > upto)


def _lines(of: Tables, rows: pd.DataFrame) -> pd.DataFrame:
    """Of each order: its lines, those under warranty, and whether it was for maintenance."""
    lines = of("repair_order_line")[["repair_order_key", "pay_type", "priority_type"]]
    lines = lines[lines.repair_order_key.isin(rows.repair_order_key)]
    return pd.DataFrame(
        {
            "lines": lines.groupby("repair_order_key").size(),
            "warranty_lines": (lines.pay_type == "WARRANTY").groupby(lines.repair_order_key).sum(),
            "maintenance": (lines.priority_type == "ROUTINE_MAINTENANCE")
            .groupby(lines.repair_order_key)
            .any()
            .astype(float),
        }
    )


MONTHS = {"MONTHLY": 1, "QUARTERLY": 3, "SEMI_YEAR": 6, "YEARLY": 12}
EVERY = 3  # months between two times a plan that is paid by the month is asked about
TERMS = 12


def renewal(of: Tables, until: pd.Timestamp) -> Question:
    """Is a plan given up, asked on the day before the trial, or a term that was paid for, is over
    and another would begin: within 90 days of it.  Trials are compared with trials."""
    rows = of("subscription_agreement")[
        [
            *("subscription_agreement_key", "subscription_plan_key", "customer_key", "vehicle_key"),
            *("start_date", "cancel_date", "end_date", "agreement_status_type"),
        ]
    ]
    plans = of("subscription_plan")[
        [
            *("subscription_plan_key", "plan_name", "feature_category", "billing_interval"),
            *("price_amount", "trial_days"),
        ]
    ]
    rows = rows.merge(plans, on="subscription_plan_key")
    rows["months"] = rows.billing_interval.astype(str).map(MONTHS)
    rows["start"] = naive(rows.start_date)
    rows["anchor"] = rows.start + rows.trial_days * DAY
    expired = rows.agreement_status_type == "EXPIRED"
    rows["gone"] = naive(rows.cancel_date).fillna(naive(rows.end_date).where(expired))
    asked = pd.concat([_trials(rows), _terms(rows)])
    asked["at"] = asked["at"] - DAY
    asked = asked[asked["at"] <= until]
    asked["left"] = asked.gone.notna() & (asked.gone <= asked["at"] + SOON)
    asked = with_car(with_people(asked, of), of)
    asked["monthly"] = asked.price_amount / asked.months
    asked["used"] = asked.car_years > 1.5
    asked["tenure"] = (asked["at"] - asked.start).dt.days
    served = of("repair_order")[["vehicle_key", "opened_date_time"]]
    served = served.rename(columns={"opened_date_time": "at"})
    asked["visits"], asked["days_since_visit"] = before(asked, served, "vehicle_key")
    features = [
        *("trial", "plan_name", "feature_category", "monthly", "months", "tenure", "car_years"),
        *("base_msrp", "power_train_type", "annual_income", "age", "gender_type"),
        *("marketing_consent_indicator", "visits", "days_since_visit"),
    ]
    return _question(asked, features, "left", "subscription_agreement_key", by="trial")


def _trials(rows: pd.DataFrame) -> pd.DataFrame:
    found = rows[rows.trial_days > 0].assign(trial=True)
    found = found.assign(at=found.anchor)
    return found[found.gone.isna() | (found.gone >= found.anchor)]


def _terms(rows: pd.DataFrame) -> pd.DataFrame:
    """The ends of paid terms, of plans by the month those of every third."""
    step = rows.months.clip(lower=EVERY)
    parts = []
    for number in range(1, TERMS + 1):
        months = (step * number).astype(int).to_numpy()
        at = rows.anchor.dt.tz_localize(None)
        parts.append(rows.assign(at=naive(_months_on(at, months)), trial=False))
    found = pd.concat(parts)
    return found[
        found.gone.isna() & (found.agreement_status_type == "ACTIVE") | (found.gone >= found["at"])
    ]


def _months_on(at: pd.Series, months: np.ndarray) -> pd.Series:
    found = pd.Series(pd.NaT, index=at.index, dtype="datetime64[us]")
    for step in np.unique(months):
        own = months == step
        found[own] = (at[own] + pd.DateOffset(months=int(step))).astype("datetime64[us]")
    return found


QUESTIONS: dict[str, Callable[[Tables, pd.Timestamp], Question]] = {
    "conversion": conversion,
    "appraisal": appraisal,
    "next_service": next_service,
    "renewal": renewal,
}
