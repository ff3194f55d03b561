"""What somebody who knows the trade would look for in the rows, beyond the rules."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import generator
from tests.world import as_tables, drawn, frame, on_the_wall, planned, zones

SCHEMA = generator.automotive().schema


@pytest.fixture(scope="module")
def rows():
    asked = {"deal": 1_500, "vehicle_telemetry_event": 20_000, "vehicle_transfer_order": 60}
    return drawn(planned(asked, seed=4))


@pytest.fixture(scope="module")
def zone(rows):
    """The time zone of every dealer_key."""
    return zones(rows)


def local(table, column, zone):
    moments = table.dropna(subset=[column])
    return on_the_wall(moments[column], moments["dealer_key"].astype(str).map(zone)).dt


@pytest.mark.parametrize(
    ("table", "column", "open_days"),
    [
        ("sales_lead", "create_date_time", 7),
        ("deal", "occurrence_date_time", 7),
        ("deal", "contract_date_time", 7),
        ("deal", "post_date_time", 6),
        ("deal", "funded_date_time", 5),
        ("deal", "delivery_date_time", 7),
        ("invoice", "invoice_date_time", 6),
    ],
)
def test_business_happens_when_the_dealer_is_open(rows, zone, table, column, open_days):
    """A hundredth may fall elsewhere: what is still to be done at the end of the span."""
    met = frame(rows, table)
    if table == "sales_lead":  # forms are filled in at any hour
        met = met[met.lead_source_type.isin(["WALK_IN", "PHONE_MARKETING"])]
    when = local(met, column, zone)
    assert when.hour.between(9, 20).mean() > 0.99
    assert (when.day_of_week < open_days).mean() > 0.99
    assert when.hour.nunique() >= 10


def test_saturday_is_the_busiest_day_and_sunday_the_quietest(rows, zone):
    days = local(frame(rows, "deal"), "contract_date_time", zone).day_of_week.value_counts()
    assert days.idxmax() == 5
    assert days.idxmin() == 6


def test_models_are_sold_in_the_years_they_were_built(rows):
    cars = frame(rows, "vehicle_specification")
    first = cars.groupby("model", observed=True)["model_year"].min()
    last = cars.groupby("model", observed=True)["model_year"].max()
    assert first["Integra"] == 2023
    assert first["Ioniq 5"] == 2022
    assert first["K4"] == 2025
    assert last["Malibu"] == 2025
    assert first["F-150"] == cars["model_year"].min()
    electric = cars.query("model == 'F-150 Lightning'")["model_year"]
    assert electric.min() == 2022


def test_prices_follow_the_car(rows):
    tables = as_tables(rows)
    car = "inventory_vehicle_key.vehicle_key.vehicle_specification_key"
    deals = pd.DataFrame(
        {
            "state": tables.values("deal", "product_state_type"),
            "price": tables.values("deal", "sale_price") / 100,
            "share": tables.values("deal", "sale_price") / tables.values("deal", "msrp_price"),
            "year": tables.values("deal", f"{car}.model_year"),
            "body": tables.values("deal", f"{car}.vehicle_category_type"),
        }
    )
    price = deals.groupby("state")["price"].median()
    assert price["USED"] < price["CERTIFIED"] < price["NEW"]
    new = deals.query("state == 'NEW'")
    assert new["share"].between(0.85, 1.06).all()
    by_body = new.groupby("body")["price"].median()
    assert by_body["SEDAN"] < by_body["SUV"]
    left = deals.query("state != 'NEW'").groupby("year")["share"].mean()
    assert left.index.to_series().corr(left, method="spearman") > 0.9


def test_odometers_grow_with_age(rows):
    tables = as_tables(rows)
    used = tables.values("inventory_vehicle", "product_state_type") != "NEW"
    year = tables.values("inventory_vehicle", "vehicle_key.vehicle_specification_key.model_year")
    miles = pd.Series(tables.values("inventory_vehicle", "odometer_at_stock"))[used]
    mean = miles.groupby(year[used]).mean()
    assert mean.loc[2016:].is_monotonic_decreasing  # of older ones there are few
    assert mean.index.to_series().corr(mean, method="spearman") < -0.9
    assert 5_000 < mean.iloc[-1] < 25_000


def test_unsold_cars_came_lately(rows):
    stock = frame(rows, "inventory_vehicle").query("inventory_status_type == 'AVAILABLE'")
    assert (stock["stock_date_time"] >= "2025-07-01").mean() > 0.7


def test_the_young_are_single_and_the_widowed_are_old(rows):
    people = frame(rows, "party").dropna(subset=["age"])
    state = people["marital_status_type"].astype(str)
    assert (state[people["age"] < 24] == "SINGLE").mean() > 0.75
    assert people["age"][state == "WIDOWED"].median() > 60


def test_managers_of_different_dealers_were_hired_on_different_days(rows):
    staff = frame(rows, "staff_member").query("role_type == 'GEN_MGR'")
    assert staff["hire_date"].is_unique


def test_cars_without_consent_tell_nothing_after_delivery(rows):
    cars = frame(rows, "connected_vehicle")
    out = cars[~cars["data_sharing_consent_indicator"]]
    events = frame(rows, "vehicle_telemetry_event")["vehicle_key"].astype(str)
    assert (out["connected_status_type"] == "OPTED_OUT").all()
    assert not out["vehicle_key"].astype(str).isin(set(events)).any()
    stays = frame(rows, "inventory_vehicle").sort_values("stock_date_time", na_position="first")
    stays = stays.drop_duplicates("vehicle_key", keep="last")
    stays = stays.set_index("vehicle_key")
    stocked = out["vehicle_key"].map(stays["odometer_at_stock"])
    since = out["current_odometer"].to_numpy() - stocked.to_numpy()
    assert (since >= 0).all()
    assert (since < 10).all()  # the miles on the lot, and to the customer
    assert out["last_heartbeat_date_time"].dt.date.nunique() > 20


def test_the_tank_on_record_follows_the_last_event(rows):
    """A car's level goes on from its last event: less after some miles, or filled up since."""
    events = frame(rows, "vehicle_telemetry_event")
    last = events.groupby("vehicle_key", observed=True).tail(1)
    cars = last.merge(frame(rows, "connected_vehicle"), on="vehicle_key").dropna(
        subset=["fuel_level_pct_x", "fuel_level_pct_y"]
    )
    near = cars[(cars["current_odometer"] - cars["odometer"]).between(0, 40)]
    fell = near["fuel_level_pct_x"] - near["fuel_level_pct_y"]
    assert len(near) > 3
    assert ((fell > -1) | (fell < -50)).all()


def test_speed_agrees_with_distance_and_time(rows):
    """A car stops at lights between two readings, so single readings say little; all those of a
    trip say how fast it was, and all of all trips how far cars drove."""
    events = frame(rows, "vehicle_telemetry_event")
    trips = events.groupby("trip_key", observed=True).agg(
        readings=("speed_mph", "size"),
        mph=("speed_mph", "sum"),
        begun=("odometer", "first"),
        ended=("odometer", "last"),
        start=("occurrence_date_time", "first"),
        stop=("occurrence_date_time", "last"),
    )
    long = trips[trips["readings"] >= 8]
    hours = (long["stop"] - long["start"]).dt.total_seconds() / 3600
    driven, said = (long["ended"] - long["begun"]) / hours, long["mph"] / (long["readings"] - 1)
    assert np.corrcoef(driven, said)[0, 1] > 0.6
    assert (said * hours).sum() == pytest.approx((driven * hours).sum(), rel=0.15)


def test_card_numbers_are_test_numbers(rows):
    """The first digits are those of the card schemes' published test cards."""
    cards = frame(rows, "payment_method")["card_number"].dropna().astype(str)
    test = r"4111111|4012888|4242424|5555555|5105105|2223000|3782822|3714496|6011111|6011000"
    assert cards.str[:6].isin({entry[:6] for entry in test.split("|")}).all()


# Columns that are never filled, as nothing that happens in this world needs it.
NEVER = {
    "journal_entry_transaction.reverses_transaction_key",
    "labor_operation.complete_date_time",
    "payroll_cycle.complete_date_time",
}
# One payment in two thousand is sent back; one party in some thousands is found to be another.
RARELY = {"payment.refund_of_payment_key", "party.merged_into_party_key"}
# Columns that may be missing on the platform and are known of every row here.
ALWAYS = {
    "credit_authorization.payment_key",
    "geographic_boundary.center_latitude",
    "geographic_boundary.center_longitude",
    "invoice.post_date_time",
    "journal_entry.description",
    "marketing_campaign.dealer_key",
    "org_profile.payment_terms_days",
    "part_inventory.last_sale_date",
    "part_inventory.warehouse_key",
    "party_address.county",
    "party_address.latitude",
    "party_address.longitude",
    "payment_event.context",
    "payroll_run.journal_entry_transaction_key",
    "payroll_run.payroll_cycle_key",
    "repair_order_line.cause_text",
    "repair_order_line.complaint_text",
    "repair_order_line.correction_text",
    "subscription_agreement.dealer_key",
    "subscription_agreement.end_date",
    "subscription_agreement.vehicle_key",
    "subsidiary_ledger_transaction.posting_date",
    "vehicle_alert.customer_key",
    "vehicle_alert.dealer_key",
    "vehicle_specification.series_code",
    "vehicle_telemetry_event.battery_voltage",
    "vehicle_telemetry_event.speed_mph",
    "vehicle_telemetry_event.tire_pressure_psi",
    "warranty_claim.claim_description",
}


def test_what_may_be_missing_sometimes_is(rows):
    empty, full = set(), set()
    for name, table in rows.items():
        for column in SCHEMA[name].columns:
            nulls = table.column(column.name).null_count
            if column.nullable and nulls == table.num_rows:
                empty.add(f"{name}.{column.name}")
            if column.nullable and not nulls:
                full.add(f"{name}.{column.name}")
    assert empty - RARELY == NEVER
    assert full == ALWAYS


def test_cars_and_trucks_of_a_make_have_their_own_first_letters(rows):
    """World manufacturer identifiers tell passenger cars from pickups."""
    cars = frame(rows, "vehicle_specification")
    by = cars.groupby(["make", "vehicle_category_type"], observed=True)["vin_wmi"].unique()
    for make in ("Toyota", "Chevrolet", "Honda", "Nissan"):
        assert not set(by[make, "SEDAN"]) & set(by[make, "PICKUP"])


def test_cars_come_into_stock_at_all_hours_of_the_day(rows):
    came = frame(rows, "inventory_vehicle")["stock_date_time"].dropna()
    assert came.dt.minute.nunique() > 50


def test_whoever_hides_the_position_was_seen_at_the_dealer_last(rows):
    events = frame(rows, "vehicle_telemetry_event")
    hidden = events.loc[events["latitude"].isna(), "vehicle_key"].astype(str).unique()
    cars = frame(rows, "connected_vehicle")
    away = cars[cars["vehicle_key"].astype(str).isin(set(hidden))]
    dealers = away["vehicle_key"].map(
        frame(rows, "inventory_vehicle")
        .sort_values("stock_date_time")
        .drop_duplicates("vehicle_key", keep="last")
        .set_index("vehicle_key")["dealer_key"]
    )
    spread = away.groupby(dealers.astype(str).to_numpy())["current_latitude"].agg(np.ptp)
    assert len(away) > 20
    assert spread.max() < 0.005


def test_a_key_or_vin_does_not_tell_which_cars_are_sold():
    """Rows are drawn deal by deal; numbers are given by lot, or a model reads the answer there."""
    rows = drawn(planned({"dealer": 2, "deal": 300}))
    stays, cars = rows["inventory_vehicle"].to_pandas(), rows["vehicle"].to_pandas()
    sold = stays["inventory_vehicle_key"].isin(rows["deal"]["inventory_vehicle_key"].to_pylist())
    serial = stays["vehicle_key"].map(cars.set_index("vehicle_key")["vin"].str[-6:])
    assert stays["inventory_vehicle_key"].is_monotonic_increasing
    assert 0.3 < sold.mean() < 0.9
    keys = stays[["inventory_vehicle_key", "stock_number", "vehicle_key"]]
    for name, told in {**keys, "serial": serial}.items():
        place = told.groupby(stays["dealer_key"]).rank(pct=True)
        assert abs(place[sold].mean() - place[~sold].mean()) < 0.1, name
