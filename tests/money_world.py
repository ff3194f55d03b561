"""A small stand-in for the frames the money is made from, so that its tests stand alone."""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa

from generator.domains import PLATFORM, headings
from generator.domains.graph import DrawnFrame, Frames
from generator.domains.keys import key_of
from generator.domains.payment.deal_money import DEAL_MONEY
from generator.frame import Coded, Frame, arrow_column
from generator.leaves.figures import figures
from generator.profile import Plan
from generator.recipe import Recipe
from generator.schema import Schema
from generator.streams import apportion
from generator.tables import Tables

HEADINGS = (headings.INVOICES, headings.BALANCE, headings.DEAL_MONEY, headings.CREDIT)
TARGETS = tuple(r for r in PLATFORM.rules if r.id.startswith(("R046", "R052", "R110")))
STATES = ("TX", "CA", "MO", "FL", "OR", "MN", "VA", "UT", "NJ", "LA")
MAKES = ("Toyota", "Ford", "Tesla")
AS_OF = np.datetime64("2025-12-31T23:59:59.000", "ms")
DAY = np.timedelta64(86_400_000, "ms")
GIVEN = (
    "org_profile",
    "party",
    "dealer",
    "staff_member",
    "personnel_record",
    "customer",
    "vehicle_specification",
    "vehicle",
    "inventory_vehicle",
    "deal_incentive",
)
MONEY = (
    "credit_rating",
    "credit_application",
    "deal",
    "invoice",
    "invoice_item",
    "payment_method",
    "payment",
)
RULES = tuple(
    rule
    for rule in PLATFORM.rules
    if rule.group in (*HEADINGS, headings.PAYMENTS)
    and {rule.table, *rule.needs} <= {*GIVEN, *MONEY}
)
SCHEMA = Schema(tuple(PLATFORM[name].table for name in (*GIVEN, *MONEY)))


def made(
    deals: int,
    *,
    dealers: int = 3,
    seed: int = 7,
    start: int = 0,
    rates: dict[str, float] | None = None,
    kinds: tuple[float, float, float] = (0.55, 0.2, 0.25),
    counts: dict[str, np.ndarray] | None = None,
) -> Frames:
    """All frames of a shard with so many deals; ``rates`` are rows of a table per invoice (or
    per customer for ratings and methods, per financed deal for applications), ``kinds`` the
    shares of loans, leases and cash, ``start`` the first dealer's number."""
    rng = np.random.Generator(np.random.Philox(seed))
    given = _given(rng, deals=deals, dealers=dealers, start=start, kinds=kinds)
    counts = {**_counts(given, rates or {}), **(counts or {})}
    room = (rates or {}).get("payment", 2.7) >= 2  # a rebate is a payment of its own
    given["deal_incentive"] = _incentives(given["deal"], every=3 if room else deals + 1)
    given["trade_in_vehicle"] = _no_cars_known()
    counts |= _cars_offered(given, counts)
    days = {"start": date(2025, 1, 1), "stop": date(2025, 12, 31), "as_of": date(2025, 12, 31)}
    frames = Frames(
        PLATFORM,
        Plan(Recipe(seed=seed, **days), (), ()),
        figures(),
        counts=counts,
        starts=dict.fromkeys(MONEY, start * 100_000),
        first=start,
        shared=None,
    )
    for name, frame in given.items():
        mine = DrawnFrame(PLATFORM[name], frames, figures(), start=frame.start, rows=frame.rows)
        for column in frame._values:
            mine.set(column, frame[column], frame._missing.get(column))
        frames._frames[name] = mine
    for name in MONEY:
        for column in SCHEMA[name].column_names:
            if name != "deal" or PLATFORM[name].maker_of(column) in DEAL_MONEY:
                assert len(frames[name][column]) == frames[name].rows
    return frames


def _counts(frames: dict[str, Frame], rates: dict[str, float]) -> dict[str, np.ndarray]:
    deal, dealer = frames["deal"], frames["dealer"]
    local = deal["_dealer"] - dealer.start
    billed = np.isin(deal.text("deal_status").astype(str), ("POSTED", "FUNDED"))
    invoices = np.bincount(local[billed], minlength=dealer.rows)
    financed = np.bincount(local[deal["_financed"]], minlength=dealer.rows)
    customers = np.bincount(frames["customer"]["_dealer"] - dealer.start, minlength=dealer.rows)
    spread = {
        "credit_rating": (customers, 0.8),
        "credit_application": (financed, 1.4),
        "invoice_item": (invoices, 3.4),
        "payment_method": (customers, 0.6),
        "payment": (invoices, 2.7),
    }
    counts = {
        table: np.floor(base * rates.get(table, usual)).astype(np.int64)
        for table, (base, usual) in spread.items()
    }
    counts["credit_application"] = np.maximum(counts["credit_application"], financed)
    return {**counts, "invoice": invoices}


def _cars_offered(frames: dict[str, Frame], counts) -> dict[str, np.ndarray]:
    """By the published shares, as far as there are payments for them beside the rebates."""
    deal, dealer = frames["deal"], frames["dealer"]
    local, status = deal["_dealer"] - dealer.start, deal.text("deal_status").astype(str)
    live = np.isin(status, ("ACCEPTED", "POSTED", "FUNDED"))
    billed = np.isin(status, ("POSTED", "FUNDED"))
    rate = figures()["trade_in_rate"]
    wish = np.where(deal.text("product_state_type") == "NEW", rate["NEW"], rate["USED"])
    offered = np.rint(np.bincount(local, wish, dealer.rows)).astype(np.int64)
    taken = np.rint(np.bincount(local[live], wish[live], dealer.rows)).astype(np.int64)
    rebated = np.zeros(deal.rows, dtype=bool)
    rebated[frames["deal_incentive"]["_deal"]] = True
    rebates = np.bincount(local[rebated & billed], minlength=dealer.rows)
    room = counts["payment"] - counts["invoice"] - rebates
    room = np.maximum(room, 0) + np.bincount(local[live & ~billed], minlength=dealer.rows)
    taken = np.minimum(np.minimum(taken, offered), room)
    offered = np.minimum(offered, taken + np.bincount(local[~live], minlength=dealer.rows))
    return {"trade_in_vehicle": offered, "taken": taken, "rebated": rebates}


def _given(rng, *, deals, dealers, start, kinds) -> dict[str, Frame]:
    frames: dict[str, Frame] = {}
    local = np.repeat(np.arange(dealers), apportion(np.ones(dealers), deals))
    frames["vehicle_specification"] = spec = Frame(SCHEMA["vehicle_specification"], start=0, rows=6)
    spec.set("make", Coded((np.arange(6) % 3).astype(np.int32), MAKES))
    spec.set("model", Coded((np.arange(6) % 3).astype(np.int32), tuple("ABC")))
    spec.set("trim", Coded(np.zeros(6, dtype=np.int32), ("Base",)))
    spec.set("model_year", np.full(6, 2025))
    spec.set("vehicle_specification_key", key_of("VS", np.arange(6)))
    frames["org_profile"] = orgs = Frame(SCHEMA["org_profile"], start=0, rows=8)
    kind = ("captive", "captive", "bank", "bank", "credit_union", "credit_union", "other", "")
    orgs.set("_lender_kind", np.array(kind, dtype=object))
    orgs.set("_make", np.array(["Toyota", "Ford", "", "", "", "", "", "Tesla"], dtype=object))
    lenders = ("Toyota Captive", "Ford Captive", "Harbor Bank, N.A.", "Summit Bank, N.A.")
    lenders += ("Riverbend Credit Union", "Seaside Credit Union", "Mesa Motor Lending", "Maker")
    orgs.set("legal_name", np.array(lenders, dtype=object))
    orgs.set("_party_key", np.arange(8))
    orgs.set("org_profile_key", key_of("OP", np.arange(8)))
    orgs.set("party_key", key_of("PA", np.arange(8)))

    frames["dealer"] = dealer = Frame(SCHEMA["dealer"], start=start, rows=dealers)
    dealer.set("state", np.array([STATES[(start + i) % 10] for i in range(dealers)], dtype=object))
    dealer.set("_place", np.zeros(dealers, dtype=np.int64))
    dealer.set("primary_make", np.array([MAKES[i % 2] for i in range(dealers)], dtype=object))
    dealer.set("_party_key", np.arange(dealers) + 8)
    dealer.set("dealer_key", key_of("DR", np.arange(dealers) + start))
    _people(frames, rng, dealers=dealers, deals=deals, local=local, start=start)
    _stock_and_deals(frames, rng, local=local, kinds=kinds, start=start)
    return frames


def _people(frames, rng, *, dealers, deals, local, start) -> None:
    n_staff = dealers * 2
    frames["staff_member"] = staff = Frame(SCHEMA["staff_member"], start=start * 50, rows=n_staff)
    staff.set("_dealer", np.repeat(np.arange(dealers), 2) + start)
    staff.set("_party_key", np.arange(n_staff) + 500_000)
    frames["personnel_record"] = record = Frame(
        SCHEMA["personnel_record"], start=start * 50, rows=n_staff
    )
    record.set("_staff_member_key", np.arange(n_staff) + staff.start)
    record.set("commission_rate", np.full(n_staff, 2_000), np.arange(n_staff) % 2 == 1)
    per = np.bincount(local, minlength=dealers) + np.maximum(
        (np.bincount(local, minlength=dealers) * 0.7).astype(int), 2
    )
    n = int(per.sum())
    frames["customer"] = customer = Frame(SCHEMA["customer"], start=start * 1000, rows=n)
    customer.set("_dealer", np.repeat(np.arange(dealers), per) + start)
    customer.set("_party_key", np.arange(n) + 1_000)
    customer.set("_house", np.zeros(n, dtype=bool))
    income = (np.exp(rng.random(n) * 2 + 10.3) * 100).astype(np.int64)
    customer.set("annual_income", income, rng.random(n) < 0.1)
    for number, score in enumerate(("_rich", "_old", "_thrift", "_taste", "_male", "_family")):
        customer.set(score, np.sin(np.arange(n) * (number + 1.7)))
    customer.set("_works", np.arange(n) % 5 > 0)
    customer.set("document_date_time", np.full(n, np.datetime64("2024-06-01", "ms")))
    customer.set("_first_asked", customer["document_date_time"])
    customer.set("customer_key", key_of("CU", np.arange(n) + customer.start))
    customer.set("party_key", key_of("PA", np.arange(n) + 1_000))


def _stock_and_deals(frames, rng, *, local, kinds, start) -> None:
    n = len(local)
    new = rng.random(n) < 0.55
    specification = rng.integers(0, 6, n)
    msrp = (np.exp(rng.random(n) * 1.1 + 10.3) * 100).astype(np.int64) // 100 * 100
    first = start * 1000
    frames["vehicle"] = vehicle = Frame(SCHEMA["vehicle"], start=first, rows=n)
    vehicle.set("total_msrp", msrp)
    vehicle.set("vehicle_key", key_of("VE", np.arange(n) + first))
    frames["inventory_vehicle"] = stock = Frame(SCHEMA["inventory_vehicle"], start=first, rows=n)
    worth = np.where(new, msrp, (msrp * 0.5).astype(np.int64))
    stock.set("list_price", worth)
    stock.set("cost_amount", (worth * np.where(new, 0.93, 0.9)).astype(np.int64))
    stock.set("reconditioning_cost", np.where(new, 0, 80_000))
    opened = np.datetime64("2025-01-01", "ms") + (rng.random(n) * 360 * 86_400_000).astype(
        "timedelta64[ms]"
    )
    stock.set(
        "stock_date_time", opened - (rng.random(n) * 70 * 86_400_000).astype("timedelta64[ms]")
    )
    stock.set("inventory_vehicle_key", key_of("IV", np.arange(n) + first))

    frames["deal"] = deal = Frame(SCHEMA["deal"], start=first, rows=n)
    code = np.searchsorted(np.cumsum(kinds), rng.random(n)).astype(np.int32)
    code = np.where((code == 1) & ~new, 0, np.minimum(code, 2)).astype(np.int32)
    deal.set("payment_type", Coded(code, ("FINANCED_PURCHASE", "LEASE", "CASH")))
    deal.set("purchase_type", Coded((code == 1).astype(np.int32), ("RETAIL", "LEASE")))
    state = np.where(new, 0, 1 + (np.arange(n) % 6 == 5))
    deal.set("product_state_type", Coded(state.astype(np.int32), ("NEW", "USED", "CERTIFIED")))
    deal.set("_financed", code < 2)
    deal.set("_dealer", local + start)
    deal.set("_inventory_vehicle_key", np.arange(n) + first)
    deal.set("_vehicle_key", np.arange(n) + first)
    deal.set("_specification", specification)
    deal.set("_expected_price", worth)
    deal.set("_returned", np.full(n, -1))
    deal.set("_returned_worth", np.zeros(n))
    deal.set("_salesperson_staff_member_key", local * 2 + start * 50)
    customer = frames["customer"]
    home = customer["_dealer"] - start
    begins = np.searchsorted(home, local)
    place = np.arange(n) - np.searchsorted(local, local)
    repeat = np.where(place % 9 == 8, place - 1, place)  # some customers buy twice
    deal.set("_customer_key", begins + repeat + customer.start)
    _dates(deal, rng, opened)
    for name in ("deal", "customer", "dealer", "inventory_vehicle"):
        column = f"{name}_key"
        rows = {
            "deal": np.arange(n) + first,
            "customer": deal["_customer_key"],
            "dealer": deal["_dealer"],
            "inventory_vehicle": deal["_inventory_vehicle_key"],
        }[name]
        deal.set(column, key_of(PLATFORM[name].prefix, rows))
    stock.set("vehicle_key", key_of("VE", np.arange(n) + first))


def _incentives(deal: Frame, *, every: int) -> Frame:
    """Two rebates for one deal in so many, each with a company of its own behind it."""
    at = np.repeat(np.arange(deal.rows)[every - 1 :: every], 2)
    frame = Frame(SCHEMA["deal_incentive"], start=0, rows=len(at))
    frame.set("_deal", at)
    frame.set("_payer", np.arange(len(at)) % 2)
    frame.set("rebate_amount", 100_000 + 25_000 * (np.arange(len(at)) % 7))
    frame.set("deal_incentive_key", key_of("DI", np.arange(len(at)) + deal.start * 2))
    frame.set("deal_key", key_of("DL", at + deal.start))
    return frame


def _no_cars_known() -> Frame:
    """What was taken in is worth nothing here: who values cars is not about the money."""
    frame = Frame(PLATFORM["trade_in_vehicle"].table, start=0, rows=0)
    frame.set("_deal", np.zeros(0, dtype=np.int64))
    frame.set("trade_wholesale_value", np.zeros(0, dtype=np.int64))
    return frame


def _dates(deal: Frame, rng, opened) -> None:
    n = deal.rows
    contract = opened + (rng.random(n) * 2 * 86_400_000).astype("timedelta64[ms]")
    posted = contract + (rng.random(n) * 86_400_000).astype("timedelta64[ms]")
    funded = posted + (rng.random(n) * 9 * 86_400_000).astype("timedelta64[ms]")
    fate = rng.random(n)
    code = np.where(fate < 0.04, 0, np.where(fate < 0.08, 1, np.where(funded > AS_OF, 2, 3)))
    code = np.where((fate > 0.9) & (code == 3), 2, code)  # lenders that are slow
    code = np.where((code == 3) & (fate > 0.86), np.where(fate > 0.88, 4, 5), code)
    code = np.where((posted > AS_OF) & (code > 1), 0, code)
    labels = ("IN_PROGRESS", "ABANDONED", "POSTED", "FUNDED", "ACCEPTED", "REVERSED")
    deal.set("deal_status", Coded(code.astype(np.int32), labels))
    deal.set("occurrence_date_time", opened)
    deal.set("contract_date_time", contract, code < 2)
    deal.set("post_date_time", posted, (code < 2) | (code == 4))
    deal.set("_signed", contract)
    deal.set("funded_date_time", funded, code != 3)
    deal.set("delivery_date_time", posted + DAY // 12, code < 2)


def tables(frames: Frames, changed: dict[tuple[str, str], np.ndarray] | None = None) -> Tables:
    """The frames as the rules read them; ``changed`` puts other values in single columns."""
    changed = changed or {}

    def loader(name: str):
        def load(columns):
            frame, arrays = frames[name], []
            for column in columns:
                spec = SCHEMA[name].column(column)
                if (name, column) in changed:
                    arrays.append(arrow_column(spec, changed[name, column], frame.missing(column)))
                else:
                    arrays.append(frame._arrow_column(spec))
            return pa.table(dict(zip(columns, arrays, strict=True)))

        return load

    return Tables(
        SCHEMA,
        {name: loader(name) for name in SCHEMA.names if name != "party"},
        {name: frames[name].rows for name in SCHEMA.names if name != "party"},
    )
