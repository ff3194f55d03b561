"""The workshop: exact numbers, whatever is asked; the same from any cut; what the trade expects."""

from __future__ import annotations

import numpy as np
import pytest

from generator.domains.service.bench import Bench, within
from generator.domains.service.booking import STAFFED
from generator.domains.service.operations import operations
from generator.errors import PlanError
from tests.world import broken, drawn, frame, planned, small_world


@pytest.mark.parametrize(
    "asked",
    [
        {"repair_order": 1},
        {"repair_order": 700},
        {"repair_order": 300, "repair_order_line": 1_500},
        {"repair_order": 400, "repair_order_line": 400, "service_appointment": 7},
        {"service_appointment": 120, "repair_order": 0},
        {"service_order": 90, "deal": 15},
        {"labor_operation": 15, "deal": 20, "vehicle_telemetry_event": 0},
    ],
    ids=lambda asked: "-".join(map(str, asked.values())),
)
def test_counts_are_met_and_rules_hold(asked):
    plan = planned(asked)
    rows = drawn(plan)
    assert {name: rows[name].num_rows for name in asked} == asked
    own = ("repair_order", "service_", "labor_operation")
    assert {at: said for at, said in broken(plan, rows).items() if at[1].startswith(own)} == {}


def test_a_cut_shows_open_orders_and_no_later_ones():
    whole, cut = (drawn(planned({"deal": 40}, as_of=day)) for day in ("2025-12-31", "2025-07-16"))
    before, after = frame(cut, "repair_order"), frame(whole, "repair_order")
    assert 0 < len(before) < len(after)
    assert before.opened_date_time.max() < after.opened_date_time.max()
    same = after.set_index("repair_order_key").loc[before.repair_order_key]
    kept = ["opened_date_time", "odometer_in", "actual_grand_total_amount"]
    assert (same[kept].to_numpy() == before[kept].to_numpy()).all()
    open_ = before[before.closed_date_time.isna()]
    assert set(before[before.closed_date_time.notna()].repair_status_type) == {"CLOSED"}
    assert "CLOSED" not in set(open_.repair_status_type)


def test_who_pays_follows_age_and_place():
    rows = small_world()[1]
    orders = frame(rows, "repair_order")
    lines = frame(rows, "repair_order_line").merge(orders, on="repair_order_key")
    inside = orders.repair_order_initiation_type == "INTERNAL"
    assert inside.mean() == pytest.approx(0.366, abs=0.02)
    cars = frame(rows, "vehicle")[["vehicle_key", "original_sold_date"]]
    lines = lines.merge(cars, on="vehicle_key")
    opened = lines.opened_date_time.dt.tz_localize(None)
    years = (opened - lines.original_sold_date.astype("datetime64[ms]")).dt.days / 365.25
    covered = lines[lines.pay_type == "WARRANTY"]
    cover = frame(rows, "warranty")
    sold = cover.warranty_term_type == "EXTENDED_SERVICE_CONTRACT"
    longer = covered.vehicle_key.isin(cover.vehicle_key[sold])
    assert years[covered.index][~longer].max() <= 5.1  # by the maker; a contract bought goes on
    assert 0 < longer.mean() < 0.5
    assert len(covered) / len(lines) > 0.03


def test_most_days_of_technicians_are_full_and_none_is_too_long():
    rows = small_world()[1]
    orders = frame(rows, "repair_order")[["repair_order_key", "opened_date_time"]]
    lines = frame(rows, "repair_order_line").merge(orders, on="repair_order_key")
    day = lines.opened_date_time.dt.floor("D")
    hours = lines.groupby([lines.technician_staff_member_key, day]).clocked_hours.sum()
    assert hours.max() <= 12
    assert 1.5 < hours.mean() < 8
    assert 1.0 < lines.billed_hours.sum() / lines.clocked_hours.sum() < 1.3


def hours_a_day(rows):
    orders = frame(rows, "repair_order")[["repair_order_key", "opened_date_time"]]
    lines = frame(rows, "repair_order_line").merge(orders, on="repair_order_key")
    day = lines.opened_date_time.dt.floor("D")
    return lines.groupby([lines.technician_staff_member_key, day]).clocked_hours.sum()


@pytest.mark.parametrize(
    "asked",
    [
        {"repair_order": 1_380, "staff_member": 6, "dealer": 1},
        {"repair_order": 700, "repair_order_line": 2_800, "staff_member": 6, "dealer": 1},
        {"repair_order": 2_900, "staff_member": 12, "dealer": 1},
        {"repair_order": 3_000, "repair_order_line": 9_000, "dealer": 1, "deal": 30},
    ],
    ids=lambda asked: "-".join(map(str, asked.values())),
)
def test_nobody_is_booked_twice_however_much_there_is_to_do(asked):
    tables = ("repair_order_line", "staff_member")
    hours = hours_a_day(drawn(planned(asked, tables=tables, seed=3)))
    assert hours.max() <= 12
    assert hours.mean() < 9


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"repair_order": 3_000, "staff_member": 12, "dealer": 1}, "at least 13 staff"),
        ({"repair_order": 2_000, "repair_order_line": 9_000, "staff_member": 12}, "12 lines of"),
    ],
)
def test_more_than_technicians_can_do_is_refused(asked, said):
    with pytest.raises(PlanError, match="A technician does at most") as refused:
        planned(asked)
    assert said in str(refused.value)
    assert "Ask for" in str(refused.value)


def test_staff_grows_with_the_orders_asked_for():
    few, many = (
        {one.table: one.rows for one in planned({"deal": 100, "repair_order": n}).counts}
        for n in (1_000, 9_000)
    )
    assert many["staff_member"] > few["staff_member"] + 20


def test_nobody_complains_of_cars_in_stock():
    rows = small_world()[1]
    lines = frame(rows, "repair_order_line")
    inside = lines[lines.pay_type == "INTERNAL"]
    says = (
        "(?:customer|cust|guest|driver|owner) (?:states|says|reports|requests|here|asked|advised)"
    )
    assert not inside.complaint_text.str.contains(says, case=False).any()


def test_a_complaint_is_about_what_is_mended():
    rows = small_world()[1]
    work = frame(rows, "labor_operation")[["labor_operation_key", "operation_code"]]
    lines = frame(rows, "repair_order_line").merge(work, on="labor_operation_key")
    lines = lines[lines.pay_type != "INTERNAL"]
    told = {"ENG03": "heat|heater|temp|light", "ELE05": "phone|carplay|screen|nav"}
    for code, words in told.items():
        said = lines[lines.operation_code == code].complaint_text
        assert said.str.contains(words, case=False).mean() > 0.9  # but for slips of the keys


def test_nobody_answers_the_telephone_at_night():
    rows = small_world()[1]
    assert set(frame(rows, "dealer").state) == {"FL"}  # of one clock, but for a strip
    plain = frame(rows, "service_appointment")
    here = plain.booked_date_time.dt.tz_convert("America/New_York")
    hour, sunday = here.dt.hour.to_numpy(), (here.dt.day_of_week == 6).to_numpy()
    people = plain.appointment_source_type.isin(STAFFED).to_numpy()
    assert people.sum() > 100
    assert ((hour >= 7) & (hour < 18) & ~sunday)[people].all()
    alone = plain.appointment_source_type.isin(["MOBILE_APP", "INTERNET"]).to_numpy()
    assert ((hour < 7) | (hour >= 18))[alone].any()


def test_new_cars_have_not_worn_yet():
    rows = small_world()[1]
    orders = frame(rows, "repair_order")[["repair_order_key", "odometer_in"]]
    work = frame(rows, "labor_operation")[["labor_operation_key", "operation_code"]]
    lines = frame(rows, "repair_order_line").merge(orders, on="repair_order_key")
    lines = lines.merge(work, on="labor_operation_key")
    lasts = {one.code: one.wears_from for one in operations() if one.wears_from}
    worn = lines[lines.operation_code.isin(lasts)]
    assert len(worn) > 100
    least = worn.operation_code.map(lasts) * 0.5
    assert (worn.odometer_in >= least - 1).mean() > 0.99


def test_words_agree_with_car_and_miles():
    rows = small_world()[1]
    orders = frame(rows, "repair_order")
    said = orders[orders.repair_order_description.notna()]
    miles = said.odometer_in.map("{:,}".format)
    told = [
        f" {number} mi" in text.lower()
        for number, text in zip(miles, said.repair_order_description, strict=True)
    ]
    assert np.mean(told) > 0.25
    lines = frame(rows, "repair_order_line")
    whole = lines.complaint_text + lines.cause_text + lines.correction_text
    assert whole.nunique() > 0.95 * len(whole)


def test_a_car_in_stock_is_worked_on_while_it_is_there():
    """A job that found no room goes back to the last open day of its window, not beyond it."""
    there = np.zeros((1, 1, 10), dtype=bool)
    there[0, 0, [0, 1, 2, 7, 8]] = True
    people = Bench(
        np.zeros((1, 1), dtype=np.int64), there, there, there, np.ones(1, dtype=np.int64)
    )
    dealer, day, last = np.zeros(3, dtype=np.int64), np.array([7, 7, 1]), np.array([5, 5, 5])
    first = np.array([1, 4, 1])  # the second car came when nobody was there
    assert within(people, dealer, day, first, last).tolist() == [2, 7, 1]
