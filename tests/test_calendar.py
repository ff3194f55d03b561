"""When things happen: local time, closed days, the end of the month; measured on what comes out."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import generator
from generator.domains.clocks import clock, local, utc
from generator.domains.closing import holidays, is_open, last_open, next_open
from generator.leaves.figures import figures
from tests.world import broken, drawn, frame, on_the_wall, planned, zones

RECIPE = {"deal": 4_000, "dealer": 24, "vehicle_telemetry_event": 0}
TABLES = (
    *("deal", "dealer", "sales_lead", "repair_order", "party", "party_address"),
    "time_off_event",
)


@pytest.mark.parametrize(
    ("name", "hours", "summer"),
    [
        ("America/New_York", -5, True),
        ("America/Phoenix", -7, False),
        ("America/Los_Angeles", -8, True),
        ("Pacific/Honolulu", -10, False),
    ],
)
def test_clocks_show_what_the_system_says(name, hours, summer):
    """Every eighth day or so from 1990 to 2038, and the minutes around the changes of a year."""
    stamps = np.arange(
        np.datetime64("1990-01-01", "ms"), np.datetime64("2038-01-01", "ms"), 193 * 3_600_000
    )
    changes = [
        np.arange(np.datetime64(day, "ms"), np.datetime64(day, "ms") + 86_400_000, 600_000)
        for day in ("2025-03-09", "2025-11-02", "2006-04-02", "2006-10-29")
    ]
    stamps = np.concatenate([stamps, *changes])
    clocks = np.full(len(stamps), clock(np.array([hours]), np.array([summer]), np.array([False])))
    zone = ZoneInfo(name)
    seconds = (stamps.astype(np.int64) // 1000).tolist()
    wall = [datetime.fromtimestamp(second, zone).replace(tzinfo=None) for second in seconds]
    shown = local(stamps, clocks)
    assert (shown == np.array(wall, "datetime64[ms]")).all()
    back = utc(shown, clocks)
    twice = np.isin(shown, shown[np.flatnonzero(back != stamps)])  # the hour that comes twice
    assert (back[~twice] == stamps[~twice]).all()
    assert twice.sum() <= (4 * 6 * 2 if summer else 0)


def test_holidays_fall_on_their_days():
    days = np.array(["2025-06-01"], "datetime64[D]")
    names = ["easter", "11-thu-4", "05-mon--1", "12-25"]
    fall = ["2025-04-20", "2025-11-27", "2025-05-26", "2025-12-25"]
    assert holidays(days, names).astype(str).tolist() == fall


def test_who_is_closed_when():
    week = np.arange(np.datetime64("2025-12-22"), np.datetime64("2025-12-29"))
    free, shut = (
        np.full(7, clock(np.array([-6]), np.array([True]), np.array([law])))
        for law in (False, True)
    )
    assert is_open(week, "showroom", free).tolist() == [True] * 3 + [False] + [True] * 3
    assert is_open(week, "showroom", shut).tolist() == [True] * 3 + [False] + [True] * 2 + [False]
    assert is_open(week, "workshop").tolist() == [True] * 3 + [False] + [True] * 2 + [False]
    assert is_open(week, "bank").tolist() == [True] * 3 + [False, True, False, False]
    assert str(next_open(week, "bank")[5]) == "2025-12-29"
    assert str(last_open(week, "bank")[6]) == "2025-12-26"


@cache
def rows() -> dict[str, pa.Table]:
    return drawn(planned(RECIPE, tables=TABLES))


@cache
def shown(table: str, column: str) -> pd.DataFrame:
    """Rows of the table with what their dealer's clocks show then, and its state."""
    found = frame(rows(), table).dropna(subset=[column])
    dealer = found.dealer_key.astype(str)
    states = frame(rows(), "dealer").set_index("dealer_key")["state"].astype(str)
    wall = on_the_wall(found[column], dealer.map(zones(rows())))
    return found.assign(wall=wall, of_state=dealer.map(states))


def test_nobody_buys_on_closed_days():
    deals = shown("deal", "contract_date_time")
    sundays = deals[deals.wall.dt.day_of_week == 6]
    banned = set(figures()["sunday_sales_banned"]) - {"MD"}
    assert len(sundays) > 50
    assert not set(sundays.of_state) & banned
    days = set(deals.wall.dt.strftime("%m-%d"))
    assert not days & {"01-01", "04-20", "11-27", "12-25"}
    assert {"07-04", "09-01", "12-31"} <= days


def test_months_and_weekdays_keep_their_shares():
    deals = shown("deal", "contract_date_time")
    months = deals.wall.dt.month.value_counts(normalize=True).sort_index()
    published = list(figures()["monthly_share_new_sales"].values())
    assert np.abs(months.to_numpy() - np.array(published) / sum(published)).max() < 0.006
    weekdays = deals.wall.dt.day_of_week.value_counts(normalize=True).sort_index()
    wanted = np.array(list(figures()["weekday_share_sales"].values()))
    assert np.abs(weekdays.to_numpy() - wanted).max() < 0.03


def test_the_end_of_the_month_and_sale_weekends_sell_more():
    wall = shown("deal", "contract_date_time").wall
    left = wall.dt.days_in_month - wall.dt.day
    a_day = (left >= 6).sum() / (365 - 6 * 12)
    assert 1.5 < (left < 3).sum() / 36 / a_day < 2.2
    year_end = (wall >= "2025-12-29").sum() / 3
    assert year_end > 2 * a_day
    weekend = ((wall >= "2025-05-23") & (wall < "2025-05-27")).sum() / 4
    assert weekend > 1.25 * a_day


def test_hours_are_those_of_the_wall_in_summer_and_winter():
    orders = shown("repair_order", "opened_date_time")
    january, july = (orders.wall[orders.wall.dt.month == month] for month in (1, 7))
    early = [(wall.dt.hour + wall.dt.minute / 60).quantile(0.02) for wall in (january, july)]
    middle = [wall.dt.hour.median() for wall in (january, july)]
    assert abs(early[0] - early[1]) < 0.35
    assert abs(middle[0] - middle[1]) <= 1
    assert (orders.wall.dt.day_of_week < 6).all()
    deals = shown("deal", "contract_date_time").wall
    assert ((deals.dt.hour >= 9) & (deals.dt.hour < 20)).mean() > 0.99


def test_forms_are_filled_in_on_closed_days_too():
    leads = shown("sales_lead", "create_date_time")
    online = leads.lead_source_type.isin(figures()["sources_on_screen"])
    shut = leads.of_state.isin(set(figures()["sunday_sales_banned"]) - {"MD"})
    sunday = leads.wall.dt.day_of_week == 6
    assert (online & shut & sunday).any()
    assert (~online & shut & sunday).sum() <= 0.001 * len(leads)


def test_nobody_sells_on_a_day_off():
    deals = shown("deal", "contract_date_time")
    off = frame(rows(), "time_off_event").query("time_off_status_type == 'TAKEN'")
    seller = "salesperson_staff_member_key"
    pairs = deals[[seller, "wall"]].merge(off, left_on=seller, right_on="staff_member_key")
    day = pairs.wall.dt.normalize()
    off_then = (day >= pd.to_datetime(pairs.start_date)) & (day <= pd.to_datetime(pairs.end_date))
    assert len(pairs) > 1_000
    assert off_then.sum() < 0.02 * len(deals)  # where only managers are left


def moved(to):
    """The deals with all contracts moved by a function of their moments."""
    deal = rows()["deal"]
    at = deal.schema.get_field_index("contract_date_time")
    values = to(frame(rows(), "deal")["contract_date_time"])
    column = pa.array(values, deal.schema.field(at).type, from_pandas=True)
    return {**rows(), "deal": deal.set_column(at, deal.schema.field(at), column)}


@pytest.mark.parametrize(
    ("rule", "to"),
    [
        ("R107.shut", lambda at: at.where(at.isna(), datetime(2025, 12, 25, 18, tzinfo=UTC))),
        ("R107.hours", lambda at: at.dt.normalize() + pd.Timedelta(hours=9)),
    ],
)
def test_a_deal_signed_when_the_dealer_is_closed_is_found(rule, to):
    plan = planned(RECIPE, tables=TABLES)
    assert not {found for found, _ in broken(plan, rows()) if found.startswith("R107.")}
    assert (rule, "deal") in broken(plan, moved(to))


def test_a_span_of_closed_days_is_refused():
    with pytest.raises(generator.RecipeError) as refused:
        planned({"deal": 5}, start="2025-12-25", stop="2025-12-25")
    assert refused.value.field == "to"
    assert "choose a span with a working day" in refused.value.sentence
