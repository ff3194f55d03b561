"""What readers of whole lives laughed at, each held so that it does not come back."""

from __future__ import annotations

from functools import cache

import pandas as pd
import pyarrow as pa

from tests.world import drawn, frame, on_the_wall, planned, zones

MOST_ALIKE = 0.03  # of the alerts, beyond the third of a kind on a car


@cache
def tables() -> dict[str, pa.Table]:
    """A year of five dealers."""
    return drawn(planned({"deal": 300, "dealer": 5}, seed=11))


@cache
def world() -> dict[str, pd.DataFrame]:
    return {name: frame(tables(), name) for name in tables()}


def test_no_car_tells_of_a_soft_tyre_every_week():
    alerts = world()["vehicle_alert"]
    alike = alerts.groupby(["vehicle_key", "alert_type"]).size()
    assert (alike - 3).clip(lower=0).sum() < MOST_ALIKE * len(alerts)
    assert alike.max() < 7


def test_a_recall_is_over_when_the_workshop_has_done_it():
    alerts, visits = world()["vehicle_alert"], world()["service_appointment"]
    over = alerts[(alerts.alert_type == "RECALL") & alerts.resolved_date_time.notna()]
    assert len(over) > 10
    assert over.vehicle_alert_key.isin(visits.trigger_vehicle_alert_key).all()


def test_people_earn_what_their_work_pays_and_are_old_enough_for_it():
    people = world()["customer"].merge(world()["party"], on="party_key")
    age = 2025 - pd.to_datetime(people.birth_date).dt.year
    kinds = people.groupby("occupation_code").annual_income
    low = ["Fast food worker", "Cashier", "Janitor", "Cook", "Waiter", "Stocker", "Student"]
    plain = people[people.occupation_code.isin(low)].annual_income
    assert (plain > 100_000).mean() < 0.05
    assert kinds.median()["Construction laborer"] < kinds.median()["Registered nurse"]
    assert kinds.quantile(0.9)["Construction laborer"] < 180_000
    learnt = ["Registered nurse", "Physician", "Lawyer", "Pharmacist", "Dentist", "Airline pilot"]
    assert age[people.occupation_code.isin(learnt)].min() > 22
    assert age[people.occupation_code == "Retired"].min() > 44


def test_nobody_drives_a_car_at_night_or_begins_a_deal_unspoken_to():
    events, deals = world()["sales_event"], world()["deal"]
    leads = world()["sales_lead"].set_index("lead_key")
    zone = events.lead_key.map(leads.dealer_key).astype(str).map(zones(tables()))
    hour = on_the_wall(events.occurrence_date_time, zone).dt.hour
    meetings = events.sales_event_type.isin(["VISIT", "TEST_DRIVE", "QUOTE", "APPT_COMPLETE"])
    assert hour[meetings].between(8, 20).all()
    signed = deals.dropna(subset=["lead_key", "contract_date_time"])
    contact = signed.lead_key.map(leads.first_contact_date_time)
    assert (signed.occurrence_date_time > contact).all()
    met = events[meetings].merge(events[meetings], on=["lead_key", "occurrence_date_time"])
    assert (met.sales_event_type_x == met.sales_event_type_y).mean() > 0.97


def test_old_cars_are_worth_little_and_paid_off():
    trades = world()["trade_in_vehicle"].merge(world()["vehicle"], on="vehicle_key")
    trades = trades.merge(world()["vehicle_specification"], on="vehicle_specification_key")
    age = trades.appraisal_date_time.dt.year - trades.model_year
    owed, kept = trades.trade_payoff > 0, trades.trade_wholesale_value / trades.total_msrp
    assert (owed & (age > 10)).sum() < 0.08 * owed.sum()
    assert kept.max() < 1.15
    assert (kept[age > 10] > 0.6).mean() < 0.06
    assert (kept[age < 4] < 0.25).mean() < 0.06


WORN = r"(?:pads?|brakes?) (?:at )?[1-4](?:\.5)? mm|\b[2-4](?:\.5)?/32|worn to bars|smoker|pet hair"
OF_A_BUYER = r"\bsold\b|customer bought|we owe|accessory order|before delivery|customer due"


@cache
def lines() -> pd.DataFrame:
    """Lines of repair orders with their order and operation, and whether it is for the stock."""
    houses = world()["customer"].party_key.isin(world()["dealer"].party_key)
    orders = world()["repair_order"]
    orders["inside"] = orders.customer_key.isin(world()["customer"].customer_key[houses])
    found = world()["repair_order_line"].merge(orders, on="repair_order_key")
    kinds = world()["labor_operation"][["labor_operation_key", "operation_code"]]
    found = found.merge(kinds, on="labor_operation_key")
    said = [found[f"{name}_text"].fillna("") for name in ("complaint", "cause", "correction")]
    return found.assign(said=said[0] + " " + said[1] + " " + said[2])


@cache
def begun() -> pd.Series:
    """When the first deal about each car was begun."""
    stays = world()["inventory_vehicle"].set_index("inventory_vehicle_key").vehicle_key
    deals = world()["deal"].sort_values("occurrence_date_time")
    return deals.groupby(deals.inventory_vehicle_key.map(stays)).occurrence_date_time.first()


def test_a_new_car_is_not_worn():
    fresh = lines()[lines().odometer_in < 6_000]
    assert len(fresh) > 300
    assert fresh.said.str.contains(WORN, case=False).mean() < 0.01


def test_nobody_works_for_a_buyer_before_there_is_one_or_after_the_car_has_gone():
    inside = lines()[lines().inside].assign(begun=lines().vehicle_key.map(begun()))
    early = inside[inside.begun.isna() | (inside.opened_date_time < inside.begun)]
    assert len(early) > 500
    assert not early.said.str.contains(OF_A_BUYER, case=False).any()
    stays = world()["inventory_vehicle"].dropna(subset=["delivered_date_time"])
    gone = stays[stays.inventory_status_type == "SOLD"]
    both = inside.merge(gone, on=["vehicle_key", "dealer_key"])
    mine = both[both.opened_date_time.between(both.stock_date_time, both.delivered_date_time)]
    assert len(mine) > 300
    assert (mine.completed_date_time <= mine.delivered_date_time).all()
    fitted = inside[inside.operation_code.str.match("ACC|RCN01|PRP")]
    assert fitted.groupby(["vehicle_key", "operation_code"]).size().value_counts(True)[1] > 0.95


def test_a_car_is_prepared_for_delivery_while_its_deal_is_under_way():
    prepared = lines()[lines().operation_code == "PRP01"].drop_duplicates("repair_order_key")
    stays = world()["inventory_vehicle"][["inventory_vehicle_key", "vehicle_key"]]
    deals = world()["deal"].merge(stays, on="inventory_vehicle_key")
    both = prepared.merge(deals, on="vehicle_key", suffixes=("", "_of_deal"))
    ends = both.delivery_date_time.fillna(pd.Timestamp("2200-01-01", tz="UTC"))
    during = both.opened_date_time.between(both.occurrence_date_time, ends)
    assert len(prepared) > 150
    assert set(both.repair_order_key[during]) == set(prepared.repair_order_key)


def test_who_comes_for_the_first_time_has_no_last_visit():
    own = lines()[~lines().inside].sort_values("opened_date_time")
    nth = own.groupby("vehicle_key").repair_order_key.transform(lambda s: pd.factorize(s)[0])
    said = own.said.str.lower()
    assert not said[nth > 0].str.contains("first visit").any()
    assert not said[nth == 0].str.contains("last visit|not be duplicated before").any()


def test_a_claim_names_the_code_that_the_workshop_read():
    claims = world()["warranty_claim"].merge(
        world()["repair_order_line"], on="repair_order_line_key"
    )
    read = claims.cause_text.str.extract(r"\b([PBCU]\d{4})\b")[0]
    assert read.notna().sum() > 20
    assert (read == claims.failure_code)[read.notna()].mean() > 0.98  # but for slips


def test_nobody_is_told_to_pay_what_others_pay_or_to_ask_for_a_stranger():
    talks = world()["customer_interaction"]
    bills = world()["invoice"].dropna(subset=["repair_order_key"])
    owed = talks.repair_order_key.map(bills.set_index("repair_order_key").total_amount)
    told = talks.body_text.str.extract(r"[Tt]otal \$([\d,]+)|\$([\d,]+) in all").bfill(axis=1)[0]
    told = pd.to_numeric(told.str.replace(",", ""))
    both = told.notna() & owed.notna() & (talks.purpose_type == "STATUS_UPDATE")
    assert both.sum() > 40
    assert ((told - owed).abs()[both] < 2).mean() > 0.97  # slips
    staff = world()["staff_member"].merge(world()["party"], on="party_key")
    names = staff.set_index("staff_member_key").given_name
    visits = world()["service_appointment"].set_index("service_appointment_key")
    mine = talks.service_appointment_key.map(visits.advisor_staff_member_key).map(names)
    alone = talks[talks.staff_member_key.isna()].body_text
    asked = alone.str.extract(r"(?:Ask for|Advisor) ([A-Z][a-z]+)")[0].dropna()
    asked = asked[mine.reindex(asked.index).notna()]
    assert len(asked) > 30
    assert (asked == mine.reindex(asked.index)).all()


def test_offers_are_near_what_is_paid_and_visits_when_they_were_agreed_upon():
    talks, leads = world()["customer_interaction"], world()["sales_lead"]
    stays = world()["inventory_vehicle"][["inventory_vehicle_key", "vehicle_key"]]
    deals = world()["deal"].dropna(subset=["lead_key", "contract_date_time"])
    deals = deals.merge(stays, on="inventory_vehicle_key").merge(
        world()["vehicle"][["vehicle_key", "vehicle_specification_key"]], on="vehicle_key"
    )
    asked = deals.lead_key.map(leads.set_index("lead_key").interest_specification_key)
    paid = deals[asked.isna() | (asked == deals.vehicle_specification_key)]
    paid = paid.set_index("lead_key").sale_price
    quotes = talks[talks.purpose_type == "QUOTE"]
    said = quotes.body_text.str.extract(r"\$(\d[\d,]{3,})")[0].str.replace(",", "")
    over = (pd.to_numeric(said) / quotes.lead_key.map(paid)).dropna()
    assert len(over) > 60
    assert over.between(0.93, 1.1).mean() > 0.97  # slips
    events = world()["sales_event"].set_index("lead_key")
    at = {one: rows.occurrence_date_time for one, rows in events.groupby("sales_event_type")}
    wait = (at["VISIT"] - at["APPT_COMPLETE"]).dropna()
    assert len(wait) > 50
    assert (wait < pd.Timedelta(minutes=13)).all()


def test_who_leases_gives_up_no_car_worth_the_lease():
    deals = world()["deal"].dropna(subset=["contract_date_time"])
    leases = deals[deals.payment_type == "LEASE"]
    down = leases.down_payment + leases.trade_in_equity.clip(lower=0)
    assert (down > 0.3 * leases.sale_price).mean() < 0.03
    assert (leases.monthly_payment < 150).mean() < 0.03


def test_owners_came_by_their_cars_by_day():
    begun = world()["garage_item"].start_date_time
    midnight = (begun.dt.hour == 0) & (begun.dt.minute == 0)
    assert midnight.mean() < 0.02  # some are heard of on that very day, before it is day


def test_a_short_span_sells_fewer_cars():
    few = planned({"dealer": 5}, start="2025-03-03", stop="2025-03-07")
    year = planned({"dealer": 5})
    deals = [next(c.rows for c in one.counts if c.table == "deal") for one in (few, year)]
    assert deals[0] < 0.1 * deals[1]
    assert deals[1] == 300


def test_streets_are_called_as_streets_are():
    lines = world()["party_address"].address_line1
    usual = "Street|Drive|Avenue|Road|Lane|Court|Way|Place|Circle|Boulevard|Terrace|Trail"
    assert lines.str.contains(rf"(?:{usual})$").mean() > 0.97  # slips, and those of companies


def test_nobody_books_half_a_year_before():
    visits = world()["service_appointment"]
    wait = visits.appointment_start_date_time - visits.booked_date_time
    assert wait.max() < pd.Timedelta(days=60)


def test_nothing_is_billed_that_was_free_and_no_trade_spoken_of_that_was_not():
    billed = lines()[(lines().pay_type == "CUSTOMER_PAY") & (lines().labor_amount > 0)]
    assert not billed.said.str.contains("courtesy|complimentary|no charge mult", case=False).any()
    deals = world()["deal"].set_index("deal_key").trade_in_allowance
    talks = world()["customer_interaction"].dropna(subset=["deal_key"])
    none = talks[talks.deal_key.map(deals) == 0]
    assert len(none) > 100
    papers = none.purpose_type.isin(["FINANCE", "DELIVERY"])
    assert not none[papers].body_text.str.contains("the trade").any()
