"""People choose with reasons: measured on the rows that come out, with room for chance."""

from __future__ import annotations

from datetime import date
from functools import cache

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import generator
from generator.compare.references import measure
from generator.domains.party_identity.identifiers import LINES
from generator.domains.party_identity.towns import area_codes, towns
from generator.profile import Reference
from tests.world import as_tables, drawn, frame, on_the_wall, planned, zones

DEALS = 3_000


@cache
def tables() -> dict[str, pa.Table]:
    """A year of so many deals."""
    return drawn(planned({"deal": DEALS, "vehicle_telemetry_event": 0}))


@cache
def world() -> dict[str, pd.DataFrame]:
    """Every table of it, with the links that are asked for here joined in."""
    return {name: frame(tables(), name) for name in tables()}


def joined(table: str, key: str, other: str, *columns: str) -> pd.DataFrame:
    rows = world()[other].set_index(key)[list(columns)]
    return world()[table].join(rows, on=key, rsuffix=f"_of_{other}")


@cache
def customers() -> pd.DataFrame:
    party = world()["party"].set_index("party_key")[["birth_date", "gender_type"]]
    return world()["customer"].join(party, on="party_key")


@cache
def deals() -> pd.DataFrame:
    """Signed deals with their buyer, car and application."""
    found = world()["deal"].join(
        customers().set_index("customer_key")[["annual_income", "birth_date", "gender_type"]],
        on="customer_key",
    )
    stay = world()["inventory_vehicle"].set_index("inventory_vehicle_key")[["vehicle_key"]]
    car = world()["vehicle"].set_index("vehicle_key")[["vehicle_specification_key"]]
    kind = world()["vehicle_specification"].set_index("vehicle_specification_key")
    found = found.join(stay, on="inventory_vehicle_key").join(car, on="vehicle_key")
    found = found.join(kind[["vehicle_category_type"]], on="vehicle_specification_key")
    application = world()["credit_application"].set_index("credit_application_key")
    found = found.join(
        application[["score_value", "credit_tier", "employment_type"]], on="credit_application_key"
    )
    found = found[found.contract_date_time.notna()].copy()
    signed = found.contract_date_time.dt.tz_localize(None)
    found["age"] = (signed - pd.to_datetime(found.birth_date)).dt.days / 365.25
    found["new"] = found.product_state_type == "NEW"
    found["cash"] = found.payment_type == "CASH"
    return found


def loans(new: bool) -> pd.DataFrame:
    rows = deals()
    return rows[(rows.payment_type == "FINANCED_PURCHASE") & (rows.new == new)]


@cache
def leads() -> pd.DataFrame:
    found = world()["sales_lead"].join(
        customers().set_index("customer_key")[["birth_date"]], on="customer_key"
    )
    created = found.create_date_time
    found["age"] = (
        created.dt.tz_localize(None) - pd.to_datetime(found.birth_date)
    ).dt.days / 365.25
    found["wait"] = (found.first_contact_date_time - created).dt.total_seconds() / 60
    return found


def rank(one: pd.Series, other: pd.Series) -> float:
    return float(one.astype(float).corr(other.astype(float), method="spearman"))


def cramer(one: pd.Series, other: pd.Series) -> float:
    seen = pd.crosstab(one, other).to_numpy()
    chance = seen.sum(axis=1, keepdims=True) * seen.sum(axis=0, keepdims=True) / seen.sum()
    square = ((seen - chance) ** 2 / chance).sum() / seen.sum()
    return float(np.sqrt(square / (min(seen.shape) - 1)))


REASONS = {"income", "age", "household", "credit", "region", "season", "taste"}
CHOICES = {
    *("body", "new or used", "price", "term", "money down", "loan-to-value", "channel"),
    *("response", "conversion", "loyalty", "service habits", "payment delay"),
}


def dependences() -> list[Reference]:
    return [one for one in generator.automotive().references if one.reason]


def test_every_reason_and_every_choice_has_a_strength_that_was_said():
    assert {one.reason for one in dependences()} >= REASONS
    assert {one.choice for one in dependences()} == CHOICES
    assert all(one.note for one in dependences())


def test_choices_lean_on_reasons_as_strongly_as_was_said():
    found = measure(
        dependences(),
        (),
        as_tables(tables()),
        start=date(2025, 1, 1),
        stop=date(2025, 12, 31),
    )
    alone = {one.id for one in dependences() if one.reason == "region"}  # few dealers have few
    assert {one["id"] for one in found} >= {one.id for one in dependences()} - alone
    for one in found:
        if one["id"] in alone:
            continue
        assert one["gap"] < max(0.08, one["tolerance"]), one["id"]
        if abs(one["target"]) > one["tolerance"]:
            assert one["reached"] * one["target"] > 0, one["id"]


def test_who_buys_new_and_who_used_is_as_published():
    new, used = deals()[deals().new], deals()[~deals().new]
    for rows, income, men, age in ((new, 0.70, 0.62, 53), (used, 0.55, 0.48, 49)):
        assert (rows.annual_income >= 75_000).mean() == pytest.approx(income, abs=0.04)
        assert (rows.gender_type == "MALE").mean() == pytest.approx(men, abs=0.04)
        assert rows.age.mean() == pytest.approx(age, abs=1.2)


def test_incomes_follow_age():
    income, born = customers().annual_income, pd.to_datetime(customers().birth_date)
    assert (income >= 75_000).mean() == pytest.approx(0.61, abs=0.03)
    age = 2025.5 - born.dt.year
    by_age = income.groupby(pd.cut(age, [17, 25, 35, 55, 65, 99])).median()
    assert by_age.idxmax() == pd.Interval(35, 55)
    assert by_age.iloc[0] < 0.7 * by_age.max()
    assert by_age.iloc[-1] < 0.8 * by_age.max()


def test_who_has_more_buys_dearer_and_nobody_pays_a_fortune_at_once():
    for rows in (deals()[deals().new], deals()[~deals().new]):
        assert 0.12 < rank(rows.annual_income, rows.sale_price) < 0.6
    cash = deals()[deals().cash]
    assert (cash.sale_price / cash.annual_income).max() < 4
    of_new = deals()[deals().new]
    assert of_new[of_new.cash].annual_income.median() > of_new[~of_new.cash].annual_income.median()


def test_bodies_lean_on_age_and_sex():
    rows = deals()
    assert cramer(pd.cut(rows.age, [0, 30, 40, 50, 60, 70, 120]), rows.vehicle_category_type) > 0.05
    pickups = (rows.vehicle_category_type == "PICKUP").groupby(rows.gender_type).mean()
    assert pickups["MALE"] > 1.2 * pickups["FEMALE"]


@pytest.mark.parametrize("new", [True, False])
def test_the_score_explains_most_of_the_rate_and_not_all(new):
    rows = loans(new)
    cell = pd.qcut(rows.score_value, 20, duplicates="drop")
    explained = rows.interest_rate.groupby(cell, observed=True).transform("mean")
    assert 0.55 < explained.var() / rows.interest_rate.var() < 0.78


def test_some_new_cars_are_lent_for_next_to_nothing():
    rate = loans(True).interest_rate
    assert (rate < 0.04).mean() == pytest.approx(0.183, abs=0.02)
    assert (rate == 0).mean() == pytest.approx(0.034, abs=0.01)
    assert (loans(False).interest_rate < 0.04).mean() < 0.01


@pytest.mark.parametrize("new", [True, False])
def test_lower_scores_put_less_down_and_pay_longer(new):
    rows = loans(new)
    assert rank(rows.score_value, rows.down_payment) > 0.12
    assert rank(rows.score_value, rows.term_months) < -0.1
    assert rank(rows.score_value, rows.amount_financed / rows.sale_price) < -0.08
    assert rank(rows.score_value, rows.annual_income) > 0.1
    assert rank(rows.score_value, rows.age) > 0.1


def test_sources_answers_and_ranks_tell_of_the_sale():
    rows = leads()
    won = rows.converted_indicator.groupby(rows.lead_source_type.astype(str)).mean()
    assert won["AFFILIATE_PROGRAM"] + 0.08 < won["WEB_FORM"] < won["WALK_IN"] < won["REFERRAL"]
    quick = rows[rows.wait <= 30].converted_indicator.mean()
    assert quick > rows[rows.wait > 60].converted_indicator.mean() + 0.08
    ranked = rows.converted_indicator.groupby(rows.lead_priority_ranking).mean()
    assert ranked[1] > ranked[3] > ranked[5]
    assert (rows.converted_indicator & (rows.days_to_close <= 90)).mean() == pytest.approx(
        0.75, abs=0.005
    )


def test_the_young_ask_through_a_screen_at_night_too_and_who_comes_in_is_met_at_once():
    rows = leads()
    screen = rows.lead_source_type.isin(
        ["WEB_FORM", "AFFILIATE_PROGRAM", "ORGANIC_SEARCH", "CHATBOT"]
    )
    assert rows[screen].age.mean() < rows[~screen].age.mean() - 3
    by_day = rows[rows.lead_source_type == "WALK_IN"].wait
    assert by_day.quantile(0.95) < 20
    hour = rows[screen].create_date_time.dt.hour  # UTC: 3 to 11 is night everywhere
    assert (hour.between(4, 9)).mean() > 0.04


def test_most_sell_the_leads_they_were_given_and_many_buy_another_car():
    won = deals()[deals().lead_key.notna()].merge(leads(), on="lead_key", suffixes=("", "_asked"))
    kept = won.salesperson_staff_member_key == won.assigned_staff_member_key
    assert 0.8 < kept.mean() < 0.95
    named = won[won.interest_specification_key.notna()]
    other = named.vehicle_specification_key != named.interest_specification_key
    assert 0.3 < other.mean() < 0.5


def test_who_names_a_car_may_still_walk_away():
    rows = leads()
    named = rows.interest_specification_key.notna()
    for state in ("NEW", "USED"):
        own = rows.interest_product_state_type == state
        by = named[own].groupby(rows[own].converted_indicator).mean()
        assert 0.4 < by[False] < by[True] < 0.8


def test_occupations_follow_age_and_pay():
    rows = customers()
    age = 2025.5 - pd.to_datetime(rows.birth_date).dt.year
    known = rows.occupation_code.notna()
    assert (rows[known & (age > 79)].occupation_code == "Retired").mean() > 0.95
    assert (rows[known & (age < 45)].occupation_code == "Retired").mean() < 0.01
    pay = rows.groupby("occupation_code").annual_income.median()
    assert pay["Physician"] > 2 * pay["Cashier"]
    old = deals()[deals().age > 76].employment_type.dropna()
    assert (old == "FULL_TIME").mean() < 0.15


def test_pensions_are_a_part_of_pay():
    people = customers()
    retired = people[people.occupation_code == "Retired"].annual_income.dropna()
    assert 0.45 < retired.median() / people.annual_income.median() < 0.85
    assert (retired > 200_000).mean() < 0.08


def test_nobody_with_another_car_buys_the_first_one():
    items = world()["garage_item"]
    others = items[items.source_deal_key.isna()].customer_key
    people = customers()
    assert not people.first_time_buyer_indicator[people.customer_key.isin(others)].any()
    buyers = people[people.customer_key.isin(deals().customer_key)]
    old = (pd.Timestamp("2025-12-31") - pd.to_datetime(buyers.birth_date)).dt.days / 365.25
    first = buyers.first_time_buyer_indicator
    assert first[old < 30].mean() > 0.25
    assert 0 < first[old > 55].mean() < 0.1


def test_nobody_is_written_down_before_coming_of_age():
    people = world()["party"][world()["party"].birth_date.notna()]
    seen = people.occurrence_date_time.dt.tz_localize(None)
    assert ((seen - pd.to_datetime(people.birth_date)).dt.days / 365.2425).min() >= 18


@cache
def payments() -> pd.DataFrame:
    """Payments of invoices for deals, with the local hour and weekday of the dealer."""
    invoice = world()["invoice"].set_index("invoice_key")[["deal_key", "dealer_key"]]
    deal = world()["deal"].set_index("deal_key")[
        ["delivery_date_time", "contract_date_time", "occurrence_date_time"]
    ]
    found = world()["payment"].join(
        invoice.dropna(subset=["deal_key"]), on="invoice_key", how="inner"
    )
    found = found.join(deal.rename(columns={"occurrence_date_time": "opened"}), on="deal_key")
    zone = found.dealer_key.astype(str).map(zones(tables()))
    found["local"] = on_the_wall(found.occurrence_date_time, zone)
    return found


def test_money_comes_by_day():
    rows = payments()
    by_hand = rows[
        rows.payment_method_type.isin(["CASH", "CHECK", "CREDIT_CARD", "DEBIT_CARD", "MONEY_ORDER"])
    ]
    hour = by_hand.local.dt.hour + by_hand.local.dt.minute / 60
    assert hour.between(9, 20.01).mean() > 0.995
    assert (by_hand.local.dt.day_of_week == 6).mean() < 0.07
    lent = rows[rows.payment_method_type == "FINANCING"]
    assert (lent.local.dt.day_of_week < 5).mean() > 0.99


def test_the_counter_and_the_trade_pay_while_somebody_is_there():
    invoice = world()["invoice"].set_index("invoice_key")[["deal_key", "dealer_key"]]
    rows = world()["payment"].join(invoice, on="invoice_key")
    bills = rows[rows.deal_key.isna() & rows.invoice_key.astype(str).str.match("IN-(RO|PO)-")]
    zone = bills.dealer_key.astype(str).map(zones(tables()))
    local = on_the_wall(bills.occurrence_date_time, zone)
    assert len(bills) > 1_000
    assert local.dt.hour.between(9, 20).mean() > 0.99
    assert (local.dt.day_of_week == 6).mean() < 0.02


def test_money_is_there_before_the_keys_are_handed_over():
    rows = payments()
    down = rows[rows.payment_amount_type == "DOWN_PAYMENT"]
    assert (down.occurrence_date_time <= down.contract_date_time).all()
    whole = rows[
        rows.payment_amount_type.isin(
            ["CASH_PAYMENT", "CHECK_PAYMENT", "EFT_PAYMENT", "CREDIT_CARD_PAYMENT"]
        )
        & rows.delivery_date_time.notna()
    ]
    assert (whole.occurrence_date_time <= whole.delivery_date_time).mean() > 0.99


def test_hardly_anybody_brings_a_bag_of_bills():
    bills = payments()[payments().payment_method_type == "CASH"]
    assert (bills.amount > 10_000).sum() <= 0.01 * (payments().amount > 10_000).sum()


@cache
def homes() -> pd.DataFrame:
    """People with the address they live at."""
    people = world()["party"][~world()["party"].org_indicator]
    now = world()["party_address"][world()["party_address"].preferred_indicator]
    return people.merge(now, on="party_key")


def test_some_live_together_and_share_a_line():
    where = homes().groupby(["address_line1", "postal_code"])
    size = where.party_key.transform("size")
    assert 0.15 < (size > 1).mean() < 0.6
    together = homes()[size == 2].groupby(["address_line1", "postal_code"])
    assert (together.family_name.nunique() == 1).mean() > 0.75
    assert (together.latitude.nunique() == 1).all()
    assert 0.4 < (together.phone_number.nunique() == 1).mean() < 0.8


def test_few_strangers_have_the_same_number():
    """As few as the area codes of the states allow."""
    lines = homes().groupby(["state", "phone_number"]).address_line1.nunique()
    for state, repeats in lines.groupby("state"):
        room = LINES * len(area_codes()[state])
        assert len(repeats) > 0.6 * min(room, repeats.sum())
        assert repeats.max() < 6 + 3 * repeats.sum() / room


def test_people_live_in_towns_around_their_dealer_in_postal_codes_that_are_there():
    rows, pool = homes(), towns()
    assert rows.groupby("state").city.nunique().min() > 5
    centre = pd.DataFrame(
        {"postal_code": pool.zip, "lat": pool.latitude, "lon": pool.longitude}
    ).drop_duplicates("postal_code")
    there = rows.merge(centre, on="postal_code", how="left")
    assert ((there.latitude - there.lat).abs() < 0.05).all()
    assert ((there.longitude - there.lon).abs() < 0.05).all()


def test_homes_end_when_people_move():
    rows = world()["party_address"]
    lived = rows[rows.address_type == "HOME"].sort_values(["party_key", "start_date_time"])
    later = lived.groupby("party_key").start_date_time.shift(-1)
    ended = lived.complete_date_time.notna()
    assert 0.04 < ended.mean() < 0.2
    assert (later[ended] == lived.complete_date_time[ended]).all()
    assert later[~ended].isna().all()
    assert (lived.preferred_indicator == ~ended).all()
    inside = lived.start_date_time.dt.year == 2025
    assert (inside & lived.preferred_indicator).sum() > 20


def test_a_plan_says_when_numbers_are_too_few():
    few = planned({"party": 900, "dealer": 2})
    many = planned({"party": 30_000, "dealer": 2})
    assert not any("telephone" in note for note in few.notes)
    assert any("telephone" in note for note in many.notes)


def test_a_party_repeats_its_preferred_channels():
    channels = world()["communication_channel"]
    chosen = channels[channels.preferred_indicator]
    mail = chosen.communication_channel_type == "EMAIL"
    people = world()["party"].set_index("party_key")
    for rows, column in ((chosen[mail], "email_address"), (chosen[~mail], "phone_number")):
        assert rows.party_key.is_unique
        assert people[column].dropna().sort_index().to_dict() == dict(
            zip(rows.party_key, rows["value"], strict=True)
        )
    assert people.phone_number.notna().mean() > 0.9
    assert 0.85 < people[~people.org_indicator].email_address.notna().mean() < 0.98


def test_only_who_agreed_is_written_to():
    channels = world()["communication_channel"].merge(
        world()["customer"][["party_key", "marketing_consent_indicator"]], on="party_key"
    )
    allowed = channels.marketing_authorized_indicator
    assert channels[allowed].marketing_consent_indicator.all()
    assert 0.5 < allowed[channels.marketing_consent_indicator].mean() < 0.95
    assert not (channels[allowed].last_communication_status_type == "OPTED_OUT").any()
    assert (channels[~allowed].last_communication_status_type == "OPTED_OUT").mean() > 0.05


def test_some_have_gone_and_some_were_written_down_twice():
    people = world()["party"]
    share = people.party_status_type.value_counts(normalize=True)
    for status in ("INACTIVE", "ARCHIVED", "DECEASED_DISSOLVED", "MERGED"):
        assert 0 < share[status] < 0.1
    assert share["ACTIVE"] > 0.85
    twice = people[people.party_status_type == "MERGED"].merge(
        people, left_on="merged_into_party_key", right_on="party_key", suffixes=("", "_as")
    )
    assert (twice.party_status_type_as == "ACTIVE").all()
    for column in ("full_name", "birth_date", "gender_type"):
        assert (twice[column].astype(str) == twice[f"{column}_as"].astype(str)).mean() > 0.95


def test_nobody_is_rated_before_asking():
    asked = world()["sales_lead"].groupby("customer_key").create_date_time.min()
    opened = world()["deal"].groupby("customer_key").occurrence_date_time.min()
    first = pd.concat([asked, opened]).groupby(level=0).min().rename("first")
    rated = world()["credit_rating"].join(first, on="customer_key")
    early = rated["first"].dt.floor("s") > rated.occurrence_date_time
    assert not early.any()
    assert rated["first"].isna().mean() < 0.05
