"""What the first tables were laughed at for, and how strongly things depend, by a bundle."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds

SIGNED = ("ACCEPTED", "POSTED", "FUNDED")


class Bundle:
    """Tables of a folder as pandas has them, decimals as floats."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, name: str, *columns: str) -> pd.DataFrame:
        path = self.folder / f"{name}.parquet"
        if not path.exists():
            return pd.DataFrame(columns=list(columns))
        table = ds.dataset(path).to_table(columns=list(columns))
        kinds = [
            pa.field(f.name, pa.float64() if pa.types.is_decimal(f.type) else f.type)
            for f in table.schema
        ]
        return table.cast(pa.schema(kinds)).to_pandas()


def _line(what: str, wanted: object, reached: object) -> str:
    shown = f"{reached:.3f}" if isinstance(reached, float) else reached
    return f"{what:<64} wanted {wanted:<18} reached {shown}"


def dependences(folder: Path) -> Iterator[str]:
    of = Bundle(folder)
    deals = _deals(of)
    new, lent = deals[deals.new], deals[deals.payment_type == "FINANCED_PURCHASE"]
    yield _line(
        "income and price, new (rank correlation)", ".3 to .5", _rank(new, "income", "price")
    )
    for name, part in (("new", lent[lent.new]), ("used", lent[~lent.new])):
        r = part[["score", "interest_rate"]].corr(method="spearman").iloc[0, 1]
        rate = part.interest_rate
        fitted = _smooth(part.score, rate)
        explained = 1 - float(((rate - fitted) ** 2).mean() / rate.var())
        yield _line(f"score explains of APR, {name} (variance)", ".60 to .75", explained)
        yield _line(f"score and APR, {name} (rank correlation)", "at most -.7", float(r))
        yield _line(
            f"score and term, {name} (rank correlation)",
            "below 0",
            _rank(part, "score", "term_months"),
        )
        yield _line(
            f"score and money down, {name} (rank correlation)",
            "above 0",
            _rank(part, "score", "down_share"),
        )
    yield _line("age and body (Cramér's V)", "above .05", _cramer(deals.band, deals.body))
    leads = _won(of)
    yield _line(
        "won leads that end with another car than asked for",
        ".30 to .50",
        float(leads.other.mean()),
    )
    yield _line("sold by the person assigned", ".80 to .95", float(leads.same.mean()))
    all_ = of(
        "sales_lead",
        "lead_source_type",
        "converted_indicator",
        "create_date_time",
        "first_contact_date_time",
    )
    by = all_.groupby("lead_source_type").converted_indicator.mean()
    yield _line(
        "conversion by source, least and most", "apart", f"{by.min():.3f} to {by.max():.3f}"
    )
    wait = (all_.first_contact_date_time - all_.create_date_time).dt.total_seconds()
    fast = (
        all_[wait <= 300].converted_indicator.mean()
        - all_[wait > 86_400].converted_indicator.mean()
    )
    yield _line("conversion, answered in 5 minutes less after a day", "above 0", float(fast))


def points(folder: Path, stores: Path | None = None) -> Iterator[str]:
    """``stores``: the bundle that is asked about staff."""
    of = Bundle(folder)
    staffed = Bundle(stores or folder)
    deals = _deals(of)
    said = "{:<64} before {:<22} published {:<12} now {}".format
    for name, part in (("new", deals[deals.new]), ("used", deals[~deals.new])):
        was = {"new": (".56", ".70", ".56", ".62"), "used": (".56", ".55", ".55", ".48")}[name]
        yield said(
            f"1 buyers of {name} cars with 75 k and more",
            was[0],
            was[1],
            f"{(part.income >= 75_000).mean():.3f}",
        )
        yield said(
            f"1 men among buyers of {name} cars",
            was[2],
            was[3],
            f"{(part.gender_type == 'MALE').mean():.3f}",
        )
    yield said("1 age of buyers of used cars", "55.6", "49", f"{deals[~deals.new].age.mean():.1f}")
    poor = deals[(deals.payment_type == "CASH") & (deals.price > 2.5 * deals.income)]
    yield said(
        "1 cash sales above 2.5 incomes",
        "102,512 of 18,100",
        "none",
        f"{len(poor)} of {len(deals)}",
    )
    new = deals[deals.new]
    yield said(
        "2 trims of a model",
        "1",
        "several",
        f"{deals.groupby('model').trim.nunique().median():.0f}",
    )
    yield said(
        "2 convertibles among cars",
        "0",
        ".03",
        f"{(new.body == 'CONVERTIBLE').sum() / max((~new.light).sum(), 1):.3f}",
    )
    yield said(
        "2 Corvettes among new cars",
        ".054",
        "rare",
        f"{new.model.str.startswith('Corvette').mean():.4f}",
    )
    yield said("2 median MSRP of new cars", "45,360", "49,100", f"{new.msrp_price.median():,.0f}")
    yield from _driven(of, said)
    pay = of("payment", "occurrence_date_time", "payment_method_type", "amount")
    cash = pay[(pay.payment_method_type == "CASH") & (pay.amount > 0)]
    yield said("4 largest payment in cash", "111,298", "small", f"{cash.amount.max():,.0f}")
    stock = of(
        "inventory_vehicle",
        "vehicle_key",
        "source_trade_in_vehicle_key",
        "product_state_type",
        "odometer_at_stock",
        "inventory_status_type",
    )
    yield said(
        "5 cars with two stays in stock",
        "0",
        "some",
        f"{(stock.groupby('vehicle_key').size() > 1).sum()}",
    )
    yield said(
        "5 units in stock that were trade-ins, linked",
        "0",
        "most",
        f"{stock.source_trade_in_vehicle_key.notna().sum()}",
    )
    used = deals[~deals.new]
    certified = used[used.product_state_type == "CERTIFIED"]
    yield said(
        "6 certified cars of another make",
        ".91",
        "0",
        f"{(certified.make != certified.primary_make).mean():.3f}",
    )
    yield said(
        "6 used cars of the own make",
        ".02 to .14",
        "much",
        f"{(used.make == used.primary_make).mean():.3f}",
    )
    yield said(
        "6 most miles of a certified car",
        "124,549",
        "80,000",
        f"{stock[stock.product_state_type == 'CERTIFIED'].odometer_at_stock.max():,.0f}",
    )
    when = deals.contract_date_time.dropna()
    yield said(
        "6 deals on 25 December",
        "some",
        "0",
        f"{((when.dt.month == 12) & (when.dt.day == 25)).sum()}",
    )
    last = when.dt.day > when.dt.days_in_month - 3
    yield said(
        "6 deals on the last three days of a month", ".10", "above .13", f"{last.mean():.3f}"
    )
    yield from _staff(staffed, _deals(staffed), said)
    channel = of("communication_channel", "communication_channel_type", "value")
    phones = channel[
        channel.communication_channel_type.str.contains("PHONE|MOBILE|SMS|TEXT", na=False)
    ].value
    yield said(
        "8 telephone numbers, different of all",
        "600 of 23,394",
        "most",
        f"{phones.nunique():,} of {len(phones):,}",
    )
    leads = of("sales_lead", "lead_comments")
    notes = leads.lead_comments.dropna()
    yield said(
        "8 comments of leads, different of all",
        "24 of 20,000",
        ".95",
        f"{notes.nunique():,} of {len(notes):,}",
    )
    old = used.year - used.model_year
    yield said("9 used cars nine years old", ".23", ".053", f"{(old == 9).mean():.3f}")
    yield said("9 used cars ten years old and older", "0", ".177", f"{(old >= 10).mean():.3f}")
    lent = deals[deals.new & (deals.payment_type == "FINANCED_PURCHASE")]
    yield said("9 APR under 4 %", ".015", ".183", f"{(lent.interest_rate < 0.04).mean():.3f}")
    gone = used[used.inventory_days > 45].front_gross_profit.mean()
    quick = used[used.inventory_days <= 10].front_gross_profit.mean()
    yield said(
        "9 gross of used cars, first 10 days and after 45",
        "· and +456",
        "2,400, -75",
        f"{quick:,.0f}, {gone:,.0f}",
    )


def _driven(of: Bundle, said) -> Iterator[str]:  # type: ignore[no-untyped-def]
    events = of(
        "vehicle_telemetry_event",
        "vehicle_key",
        "trip_key",
        "occurrence_date_time",
        "odometer",
        "latitude",
        "longitude",
        "engine_temperature_c",
    )
    if events.empty:
        return
    trips = (
        events.dropna(subset=["trip_key"])
        .groupby("trip_key")
        .agg(
            car=("vehicle_key", "first"),
            begin=("odometer", "min"),
            end=("odometer", "max"),
            start=("occurrence_date_time", "min"),
            stop=("occurrence_date_time", "max"),
        )
    )
    miles = trips.end - trips.begin
    minutes = (trips.stop - trips.start).dt.total_seconds() / 60
    trips = trips.sort_values(["car", "start"])
    jump = (trips.begin - trips.groupby("car").end.shift()).dropna()
    yield said(
        "3 odometer between two trips jumps by, mean",
        "9.8 miles",
        "what is unseen",
        f"{jump.mean():.2f}",
    )
    yield said("3 miles of a trip", "·", "12.0", f"{miles[miles > 0].mean():.1f}")
    yield said("3 minutes of a trip", "·", "25", f"{minutes[miles > 0].mean():.1f}")
    cold = events.assign(month=events.occurrence_date_time.dt.month)
    low = cold.groupby("month").engine_temperature_c.min()
    yield said(
        "3 coldest engine by month, least and most",
        "7 in every month",
        "by season",
        f"{low.min():.0f} to {low.max():.0f}",
    )


def _staff(of: Bundle, deals: pd.DataFrame, said) -> Iterator[str]:  # type: ignore[no-untyped-def]
    staff = of(
        "staff_member",
        "staff_member_key",
        "party_key",
        "role_type",
        "hire_date",
        "termination_date",
        "active_indicator",
    )
    people = of("party", "party_key", "gender_type")
    staff = staff.merge(people, on="party_key")
    sold = deals.merge(
        staff,
        left_on="salesperson_staff_member_key",
        right_on="staff_member_key",
        suffixes=("", "_s"),
    )
    early = (
        pd.to_datetime(sold.contract_date_time).dt.tz_localize(None)
        < pd.to_datetime(sold.hire_date) - pd.Timedelta(days=1)
    ).sum()
    yield said("7 deals sold before the seller was hired", "10", "0", f"{early}")
    there = staff[staff.active_indicator]
    years = (pd.Timestamp("2025-12-31") - pd.to_datetime(there.hire_date)).dt.days / 365.25
    yield said("7 median years of service", "1.2", "6.2", f"{years.median():.1f}")
    yield said(
        "7 women among staff", ".467", ".185", f"{(there.gender_type == 'FEMALE').mean():.3f}"
    )
    sells = (
        sold[sold.role_type.isin(["SALES_ASSOC"])].groupby("salesperson_staff_member_key").size()
    )
    seats = ((there.role_type == "SALES_ASSOC").sum()) * 12
    yield said("7 cars a seller sells a month", "5.4", "10.2", f"{sells.sum() / max(seats, 1):.1f}")


def _deals(of: Bundle) -> pd.DataFrame:
    deals = of(
        "deal",
        "deal_key",
        "customer_key",
        "dealer_key",
        "inventory_vehicle_key",
        "lead_key",
        "deal_status",
        "salesperson_staff_member_key",
        "payment_type",
        "product_state_type",
        "contract_date_time",
        "msrp_price",
        "sale_price",
        "down_payment",
        "interest_rate",
        "term_months",
        "credit_application_key",
        "front_gross_profit",
    )
    deals = deals[deals.deal_status.isin(SIGNED)]
    who = of("customer", "customer_key", "party_key", "annual_income").merge(
        of("party", "party_key", "age", "gender_type"), on="party_key"
    )
    stock = of("inventory_vehicle", "inventory_vehicle_key", "vehicle_key", "inventory_days")
    cars = of("vehicle", "vehicle_key", "vehicle_specification_key")
    kinds = of(
        "vehicle_specification",
        "vehicle_specification_key",
        "make",
        "model",
        "trim",
        "model_year",
        "vehicle_category_type",
    )
    score = of("credit_application", "credit_application_key", "score_value")
    found = (
        deals.merge(who, on="customer_key")
        .merge(stock, on="inventory_vehicle_key")
        .merge(cars, on="vehicle_key")
        .merge(kinds, on="vehicle_specification_key")
        .merge(score, on="credit_application_key", how="left")
        .merge(of("dealer", "dealer_key", "primary_make"), on="dealer_key")
    )
    return found.assign(
        new=found.product_state_type == "NEW",
        income=found.annual_income,
        price=found.sale_price,
        score=found.score_value,
        down_share=found.down_payment / found.sale_price,
        body=found.vehicle_category_type,
        year=found.contract_date_time.dt.year,
        light=found.vehicle_category_type.isin(
            ["SUV", "CROSSOVER", "PICKUP", "HEAVY_DUTY_TRUCK", "VAN", "MINIVAN"]
        ),
        band=pd.cut(found.age, [0, 34, 44, 54, 64, 200]).astype(str),
    )


def _won(of: Bundle) -> pd.DataFrame:
    leads = of("sales_lead", "lead_key", "assigned_staff_member_key", "interest_specification_key")
    deals = of(
        "deal", "lead_key", "inventory_vehicle_key", "salesperson_staff_member_key", "deal_status"
    )
    deals = deals[deals.deal_status.isin(SIGNED)]
    stock = of("inventory_vehicle", "inventory_vehicle_key", "vehicle_key")
    cars = of("vehicle", "vehicle_key", "vehicle_specification_key")
    kinds = of("vehicle_specification", "vehicle_specification_key", "make", "model")
    won = (
        deals.dropna(subset=["lead_key"])
        .merge(leads, on="lead_key")
        .merge(stock, on="inventory_vehicle_key")
        .merge(cars, on="vehicle_key")
    )
    named = won.dropna(subset=["interest_specification_key"]).merge(
        kinds, on="vehicle_specification_key"
    )
    named = named.merge(
        kinds,
        left_on="interest_specification_key",
        right_on="vehicle_specification_key",
        suffixes=("", "_asked"),
    )
    won = won.assign(same=won.assigned_staff_member_key == won.salesperson_staff_member_key)
    other = (named.make != named.make_asked) | (named.model != named.model_asked)
    return pd.DataFrame({"same": won.same, "other": other.reindex(won.index)})


def _rank(part: pd.DataFrame, first: str, second: str) -> float:
    return float(part[[first, second]].corr(method="spearman").iloc[0, 1])


def _smooth(by: pd.Series, of: pd.Series) -> pd.Series:
    """Means of narrow bands of the first."""
    bands = pd.qcut(by, min(40, max(len(by) // 25, 2)), duplicates="drop")
    return of.groupby(bands, observed=True).transform("mean")


def _cramer(first: pd.Series, second: pd.Series) -> float:
    table = pd.crosstab(first, second).to_numpy().astype(float)
    total = table.sum()
    expected = table.sum(1, keepdims=True) @ table.sum(0, keepdims=True) / total
    squared = ((table - expected) ** 2 / expected).sum() / total
    return float(np.sqrt(squared / (min(table.shape) - 1)))
