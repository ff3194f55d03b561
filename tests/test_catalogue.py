"""The catalogue tells what was built, sold and asked for cars, model by model."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest

from generator.domains.vehicle_asset_mgt.lineup import built_of, facts, lines
from generator.domains.vehicle_asset_mgt.vin import vds_of, vin_of, year_letter
from generator.leaves.figures import figures
from tests.world import drawn, frame, planned


@cache
def cars() -> pd.DataFrame:
    """The whole usual catalogue of 2025."""
    plan = planned({"deal": 1, "vehicle_telemetry_event": 0}, tables=("vehicle_specification",))
    found = frame(drawn(plan), "vehicle_specification")
    return found.astype({n: str for n in found.columns if found[n].dtype.name == "category"})


@cache
def sales() -> pd.DataFrame:
    """Deals of thirty dealers with the car of each."""
    asked = {"deal": 9_000, "dealer": 30, "vehicle_telemetry_event": 0}
    names = ("deal", "inventory_vehicle", "vehicle", "vehicle_specification", "dealer")
    rows = drawn(planned(asked, seed=4, tables=names))
    deals, stays, vehicles = (frame(rows, n) for n in ("deal", "inventory_vehicle", "vehicle"))
    found = deals.merge(stays, on="inventory_vehicle_key", suffixes=("", "_stay"))
    found = found.merge(vehicles, on="vehicle_key").merge(
        frame(rows, "vehicle_specification"), on="vehicle_specification_key"
    )
    dealers = frame(rows, "dealer")[["dealer_key", "primary_make"]]
    found = found.merge(dealers, on="dealer_key")
    found["age"] = found["occurrence_date_time"].dt.year - found["model_year"]
    return found.astype({n: str for n in found.columns if found[n].dtype.name == "category"})


def of(make: str, model: str) -> pd.DataFrame:
    found = cars().query("make == @make and model == @model")
    assert len(found)
    return found


KNOWN = [  # make, model, a statement about all its rows
    ("Ford", "Mustang", "drive_train == 'RWD' and doors_count == 2 and seating_capacity == 4"),
    ("Chevrolet", "Corvette", "cylinder_count == 8 and seating_capacity == 2"),
    ("Chevrolet", "Corvette Convertible", "vehicle_body_style_type == 'CONVERTIBLE'"),
    ("Jeep", "Wrangler", "drive_train == '4WD' or model_year <= 2010"),
    ("Jeep", "Wrangler", "seating_capacity == 5"),
    ("Jeep", "Wrangler", "vin_wmi == '1C4'"),
    ("Nissan", "Leaf", "power_train_type == 'BEV' and drive_train == 'FWD'"),
    ("Nissan", "Leaf", "model_year >= 2011"),
    ("Toyota", "Prius", "power_train_type in ('HEV', 'PHEV')"),
    ("Toyota", "Sienna", "power_train_type == 'HEV' or model_year < 2021"),
    ("Toyota", "Camry", "power_train_type == 'HEV' or model_year < 2025"),
    ("Toyota", "Tacoma", "cab_type in ('EXTENDED', 'CREW')"),
    ("Subaru", "Forester", "drive_train == 'AWD'"),
    ("Subaru", "Outback", "drive_train == 'AWD'"),
    ("Subaru", "BRZ", "drive_train == 'RWD'"),
    ("Mazda", "MX-5 Miata", "vehicle_body_style_type == 'CONVERTIBLE' and drive_train == 'RWD'"),
    ("Honda", "Odyssey", "vehicle_category_type == 'MINIVAN' and drive_train == 'FWD'"),
    ("Honda", "Ridgeline", "cab_type == 'CREW' and cylinder_count == 6 and model_year >= 2006"),
    ("Honda", "Civic", "drive_train == 'FWD' and doors_count == 4"),
    ("Tesla", "Model 3", "power_train_type == 'BEV' and model_year >= 2017"),
    ("Tesla", "Model Y", "cylinder_count != cylinder_count"),  # missing
    ("Kia", "Telluride", "model_year >= 2020 and seating_capacity == 8"),
    ("Acura", "Integra", "model_year >= 2023"),
    ("Hyundai", "Ioniq 5", "power_train_type == 'BEV' and model_year >= 2022"),
    ("Chevrolet", "Malibu", "model_year <= 2025"),
    ("Ford", "Fusion", "2006 <= model_year <= 2020"),
    ("Ford", "F-150 Lightning", "power_train_type == 'BEV' and model_year >= 2022"),
    ("Dodge", "Charger", "model_year <= 2023"),
    ("Pontiac", "G6", "model_year <= 2010"),
    ("Chrysler", "Pacifica", "seating_capacity == 7 and model_year >= 2017"),
]


@pytest.mark.parametrize(("make", "model", "statement"), KNOWN)
def test_what_everybody_knows_of_cars(make, model, statement):
    assert of(make, model).eval(statement).all()


def test_first_and_last_model_years_are_those_of_the_facts():
    """A model stands in no year without a row of facts, but for what is still built."""
    built = {
        (line.make, line.model): {
            year for b in built_of(line) for year in range(b.first, b.last + 1)
        }
        for line in lines()
    }
    for (make, model), years in cars().groupby(["make", "model"])["model_year"]:
        assert set(years) <= built[make, model], (make, model)
    assert max(max(years) for years in built.values()) == 2026


def test_every_trim_has_an_engine_that_was_built():
    for line in lines():
        for trim in line.trims:
            assert any(
                trim.wish.takes(b) and max(b.first, trim.first) <= min(b.last, trim.last)
                for b in built_of(line)
            ), (line.make, line.model, trim.name)


def test_engines_and_drives_are_those_of_the_facts():
    line = next(one for one in lines() if one.model == "Corolla")
    cylinders = {b.cylinders for b in facts()["Toyota", "Corolla"]}
    assert set(of("Toyota", line.model)["cylinder_count"]) <= cylinders
    for row in of("BMW", "X3").itertuples():
        assert row.cylinder_count in (4, 6)


def test_models_come_in_several_trims_engines_drives_and_cabs():
    pickup = of("Ford", "F-150").query("model_year == 2025")
    assert pickup["trim"].nunique() >= 4
    assert pickup["drive_train"].nunique() == 2
    assert pickup["cab_type"].nunique() >= 2
    assert len(pickup.groupby(["cylinder_count", "horse_power"])) >= 3
    assert of("Honda", "CR-V").query("model_year == 2025")["power_train_type"].nunique() == 2


def test_prices_agree_with_published_ones():
    """Base MSRP of 2025 models in dollars, by maker's price lists."""
    for make, model, low, high in (
        ("Ford", "F-150", 37_000, 112_000),
        ("Toyota", "Camry", 28_000, 36_500),
        ("Honda", "Civic", 24_000, 32_500),
        ("Chevrolet", "Tahoe", 59_500, 90_000),
        ("Cadillac", "Escalade", 86_500, 165_000),
        ("Nissan", "Versa", 17_000, 21_500),
        ("Jeep", "Wrangler", 36_500, 93_000),
        ("Porsche", "911", 119_000, 225_000),
    ):
        prices = of(make, model).query("model_year == 2025")["base_msrp"]
        assert low <= prices.min() <= prices.max() <= high, (make, model)


@pytest.mark.parametrize("year", [2012, 2019, 2025])
def test_an_escalade_is_dearer_than_a_tahoe_of_like_trim(year):
    tahoe, escalade = (
        found.loc[found["model_year"] == year, "base_msrp"]
        for found in (of("Chevrolet", "Tahoe"), of("Cadillac", "Escalade"))
    )
    assert escalade.min() > tahoe.min() * 1.2
    assert escalade.max() > tahoe.max()


def test_prices_rise_with_trim_engine_drive_cab_and_year():
    keys = [
        "make",
        "model",
        "model_year",
        "trim",
        "transmission",
        "horse_power",
        "power_train_type",
    ]
    for column, more in (("drive_train", ("AWD", "4WD")), ("cab_type", ("CREW",))):
        others = [*keys, *({"drive_train", "cab_type"} - {column})]
        dear = cars()[column].isin(more)
        plain = ~dear & (cars()["cab_type"] != "MEGA")
        both = cars()[dear].merge(cars()[plain], on=others, suffixes=("", "_less"))
        assert len(both) > 50
        assert (both["base_msrp"] > both["base_msrp_less"]).all()
    by_year = of("Toyota", "RAV4").groupby("model_year")["base_msrp"].min()
    assert by_year.loc[2025] > by_year.loc[2015] > by_year.loc[2006]


def test_the_catalogue_has_all_kinds_of_body():
    assert {"SEDAN", "COUPE", "CONVERTIBLE", "HATCHBACK", "WAGON", "SUV", "CROSSOVER"} <= set(
        cars()["vehicle_body_style_type"]
    )
    assert {"PICKUP", "HEAVY_DUTY_TRUCK", "MINIVAN", "VAN"} <= set(cars()["vehicle_category_type"])
    assert (cars()["cab_type"].isin(["REGULAR", "EXTENDED", "CREW", "MEGA"])).sum() == (
        cars()["vehicle_category_type"].isin(["PICKUP", "HEAVY_DUTY_TRUCK"]).sum()
    )


def test_first_characters_of_vins_tell_the_continent():
    """Of assembly: 1 to 5 and 7 North America, J Japan, K Korea, W Germany, S United Kingdom."""
    for make, model, first in (
        ("Jeep", "Wrangler", "1"),
        ("Toyota", "4Runner", "J"),
        ("Hyundai", "Palisade", "K"),
        ("Porsche", "911", "W"),
        ("Land Rover", "Defender", "S"),
        ("Ford", "Maverick", "3"),
        ("Honda", "Ridgeline", "5"),
        ("Subaru", "Outback", "4"),
        ("Volvo", "XC90", "Y"),
        ("Buick", "Envision", "L"),
    ):
        assert set(of(make, model)["vin_wmi"].str[0]) == {first}, (make, model)


def test_model_years_have_their_character():
    years = np.arange(2004, 2027)
    assert b"".join(year_letter(years)).decode() == "456789ABCDEFGHJKLMNPRST"
    ones = np.zeros(len(years), dtype=np.int64)
    vins = vin_of(
        np.full(len(years), b"1FA"), vds_of(ones, ones, ones, ones, years), years, ones
    ).astype("U17")
    assert [vin[9] for vin in vins] == list("456789ABCDEFGHJKLMNPRST")
    assert [vin[6].isdigit() for vin in vins] == [year < 2010 for year in years]


def test_new_cars_are_of_the_dealers_make_and_certified_ones_too():
    own = sales()["make"] == sales()["primary_make"]
    assert own[sales()["product_state_type"].isin(["NEW", "CERTIFIED"])].all()
    assert own[sales()["product_state_type"] == "USED"].mean() == pytest.approx(0.45, abs=0.04)


def test_certified_cars_are_young_and_driven_little():
    certified = sales().query("product_state_type == 'CERTIFIED'")
    assert len(certified) > 300
    assert certified["age"].between(0, figures()["certified"]["years"]).all()
    assert certified["odometer_at_stock"].max() <= figures()["certified"]["miles"]


def test_used_cars_are_as_old_as_published():
    used = sales().query("product_state_type != 'NEW'")
    share = used["age"].value_counts(normalize=True)
    assert share[9] == pytest.approx(0.053, abs=0.01)
    assert share[share.index >= 10].sum() == pytest.approx(0.177, abs=0.025)
    assert 17 <= used["age"].max() <= 20
    assert used["age"].mean() == pytest.approx(6.0, abs=0.3)


def test_what_is_sold_new_is_as_published():
    new = sales().query("product_state_type == 'NEW'")
    price = new["msrp_price"]
    assert price.mean() == pytest.approx(52_627, rel=0.03)
    assert price.median() == pytest.approx(49_100, rel=0.05)
    assert (price < 30_000).mean() == pytest.approx(0.075, abs=0.03)
    assert (price > 75_000).mean() == pytest.approx(0.108, abs=0.03)
    body = new["vehicle_category_type"].replace({"HEAVY_DUTY_TRUCK": "PICKUP", "MINIVAN": "VAN"})
    share = body.value_counts(normalize=True)
    assert share["PICKUP"] == pytest.approx(0.185, abs=0.03)
    assert share["VAN"] == pytest.approx(0.055, abs=0.025)
    assert 0.001 < share["CONVERTIBLE"] < 0.012
    assert new["make"].isin(figures()["luxury_makes"]).mean() == pytest.approx(0.195, abs=0.08)
    assert new["model"].str.startswith("Corvette").mean() < 0.006
    assert (new["transmission"].str.contains("manual")).mean() < 0.05


def test_dearer_cars_have_more_options_and_used_ones_cost_less_than_new():
    new = sales().query("product_state_type == 'NEW'")
    assert new["options_msrp"].corr(new["base_msrp"], method="spearman") > 0.3
    used = sales().query("product_state_type != 'NEW'")
    assert (used["list_price"] <= 0.97 * used["total_msrp"] + 1).mean() > 0.98


PUBLISHED_UNITS = {  # thousand sold in 2024, JATO Dynamics; lines of one published model together
    "Toyota RAV4": 475.2,
    "Honda CR-V": 402.8,
    "Tesla Model Y": 372.6,
    "Chevrolet Silverado 1500": 344,
    "Toyota Camry": 309.9,
    "Nissan Rogue": 245.7,
    "Honda Civic + Honda Civic Hatchback": 242,
    "GMC Sierra 1500 + GMC Sierra 2500HD": 322.9,
    "Ram 1500 + Ram 2500": 373.1,
    "Toyota Corolla + Toyota Corolla Hatchback": 232.9,
    "Jeep Grand Cherokee + Jeep Grand Cherokee L": 216.1,
    "Chevrolet Equinox": 207.7,
    "Hyundai Tucson": 206.1,
    "Chevrolet Trax": 200.7,
    "Ford Explorer": 194.1,
    "Toyota Tacoma": 192.8,
    "Tesla Model 3": 189.9,
    "Subaru Crosstrek": 181.8,
    "Subaru Forester": 175.5,
    "Subaru Outback": 168.8,
    "Honda Accord": 162.7,
    "Kia Sportage": 161.9,
    "Toyota Tundra": 159.5,
    "Nissan Sentra": 152.7,
    "Honda HR-V": 151.5,
    "Jeep Wrangler + Jeep Wrangler 2-Door": 151.2,
    "Ford Escape": 146.9,
    "Honda Pilot": 141.2,
    "Hyundai Elantra": 136.7,
    "Mazda CX-5": 134.1,
    "Ford Maverick": 131.1,
    "Ford Bronco Sport": 124.7,
    "Hyundai Santa Fe": 119,
    "Kia Telluride": 115.5,
    "Nissan Altima": 113.9,
}


def test_published_units_are_those_of_the_line_up():
    sold: dict[str, float] = {}
    for line in lines():
        sold[f"{line.make} {line.model}"] = line.units
    for model, units in PUBLISHED_UNITS.items():
        assert sum(sold[name] for name in model.split(" + ")) == pytest.approx(units, rel=0.02)
