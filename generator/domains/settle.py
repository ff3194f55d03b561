"""Exact counts of every table of the platform, and how they lie under the dealers.

Pure arithmetic in two levels: totals first (what was asked, then what follows from it), then each
total over the dealers.  What cannot be met is refused with the sentence that says why.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.domains.finance.bounds import (
    ITEMS_PER_INVOICE,
    METHODS_PER_PARTY,
    PAYMENTS_PER_INVOICE,
    TYPICAL_APPLICATIONS_PER_FINANCED_DEAL,
    TYPICAL_ITEMS,
    TYPICAL_METHODS_PER_CUSTOMER,
    TYPICAL_PAYMENTS,
    TYPICAL_RATINGS_PER_FINANCED_DEAL,
)
from generator.domains.party_identity.address import ADDRESSES_PER_PARTY
from generator.domains.party_identity.organisations import organisations
from generator.domains.table import Figures
from generator.domains.vehicle_asset_mgt.specification import bounds as catalogue_bounds
from generator.errors import PlanError
from generator.streams import Stream, apportion, apportion_within

Ints = NDArray[np.int64]
MINIMUM_STAFF = 4  # a general manager, a sales manager, an F&I manager, somebody who sells
RATINGS_PER_CUSTOMER = 3


@dataclass
class Counts:
    """Totals by table with their reasons, and the parts of the funnel nobody asks for by name."""

    asked: dict[str, int]
    rows: dict[str, int] = field(default_factory=dict)
    why: dict[str, str] = field(default_factory=dict)
    parts: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def set(self, table: str, follows: float, why: str, *, least: int = 0) -> int:
        """The asked count, or the one that follows."""
        count = self.asked.get(table)
        if count is None:
            count = max(int(round(follows)), least)
            self.why[table] = why
        self.rows[table] = count
        return count


def refuse(table: str, sentence: str) -> PlanError:
    return PlanError(sentence, field=f"rows.{table}")


def totals(asked: dict[str, int], *, start: date, stop: date, figures: Figures) -> Counts:
    """Exact totals of all tables.  Raises PlanError for counts that contradict each other."""
    counts = Counts(dict(asked))
    months = max(((stop - start).days + 1) / 30.44, 0.03)
    _sales(counts, figures)
    _people(counts, months, figures)
    _stock(counts, (stop - start).days + 1, figures)
    _money(counts)
    _marketing(counts)
    _connected(counts, figures)
    _catalogue(counts, start, stop)
    _parties(counts)
    return counts


def _sales(counts: Counts, figures: Figures) -> None:
    """Deals and leads: the platform wants 75 % of leads to convert within 90 days."""
    asked = counts.asked
    won_share = figures["lead_conversion_90d"] / (1 - figures["late_conversion_share"])
    walk_in, lost = figures["walk_in_share"], figures["abandoned_share"]
    pending = figures["in_progress_share"]
    deals = asked.get("deal")
    if deals is None:
        deals = _deals_from_others(counts, won_share, walk_in, lost + pending)
    counts.rows["deal"] = deals
    abandoned, progress = int(deals * lost), int(deals * pending)
    contracts = deals - abandoned - progress
    leads = asked.get("sales_lead")
    if leads is None:
        linked = contracts - int(contracts * walk_in)
        leads = int(np.ceil(linked / won_share)) if linked else 0
        counts.why["sales_lead"] = f"{deals:,} deals, {won_share:.0%} of leads become one"
    won = min(int(round(leads * won_share)), contracts, leads)
    counts.rows["sales_lead"] = leads
    counts.parts |= {"won": won, "abandoned": abandoned, "in_progress": progress}
    counts.parts["contracts"] = contracts
    if leads and won / leads < won_share - 0.015:
        counts.notes.append(
            f"Only {won / leads:.0%} of {leads:,} leads can be won with {deals:,} deals, so the "
            f"platform's 75 % within 90 days is not reached; about {round(leads * 0.81):,} deals "
            f"would reach it, or {max(1, int(contracts / won_share)):,} leads."
        )
    invoices = contracts - int(contracts * figures["reversed_share"])
    invoices -= int(contracts * figures["accepted_share"])
    invoices = counts.set("invoice", invoices, "one for every posted or funded deal")
    if invoices > contracts:
        raise refuse(
            "invoice",
            f"{invoices:,} invoices need as many posted deals, and {deals:,} deals give at most "
            f"{contracts:,}; ask for at most {contracts:,} invoices or for more deals.",
        )
    counts.parts["reversed"] = min(int(contracts * figures["reversed_share"]), contracts - invoices)
    counts.parts["financed"] = int(round(deals * figures["financed_share"]))


def _deals_from_others(counts: Counts, won_share: float, walk_in: float, lost: float) -> int:
    """How many deals the named counts come to."""
    asked = counts.asked
    if "sales_lead" in asked:
        counts.why["deal"] = f"{asked['sales_lead']:,} leads, {won_share:.0%} won, and walk-ins"
        return int(np.ceil(asked["sales_lead"] * won_share / (1 - walk_in) / (1 - lost)))
    for table, share in (
        ("invoice", 1.09),
        ("inventory_vehicle", 0.75),
        ("vehicle", 0.75),
        ("customer", 0.6),
        ("credit_application", 1.05),
        ("payment", 0.48),
        ("invoice_item", 0.32),
        ("party_address", 0.4),
        ("party", 0.45),
    ):
        if table in asked:
            counts.why["deal"] = f"{asked[table]:,} rows of {table}"
            return max(int(asked[table] * share), 1 if asked[table] else 0)
    counts.why["deal"] = "a small sandbox, as no count was named"
    return 200


def _people(counts: Counts, months: float, figures: Figures) -> None:
    asked, deals = counts.asked, counts.rows["deal"]
    busy = deals / months / figures["deals_per_dealer_month"]
    dealers = counts.set(
        "dealer",
        max(np.ceil(busy), 2 if deals >= 50 else 1),
        "at most 120 deals a month each",
    )
    if dealers < 1:
        raise refuse("dealer", "Everything happens at a dealer; ask for at least 1.")
    if "personnel_record" in asked and "staff_member" not in asked:
        asked["staff_member"] = asked["personnel_record"]
    each = figures["headcount_per_dealer"] * np.sqrt(min(deals / months / dealers / 120, 1.0))
    staff = counts.set("staff_member", dealers * max(each, 8), f"about {max(each, 8):.0f} a dealer")
    if staff < dealers * MINIMUM_STAFF:
        raise refuse(
            "staff_member",
            f"{dealers:,} dealers need at least {dealers * MINIMUM_STAFF:,} staff (who manages, "
            f"who finances, who sells); {staff:,} were asked. Ask for more staff or fewer dealers.",
        )
    records = counts.set("personnel_record", staff, "one for every staff member")
    if records != staff:
        raise refuse(
            "personnel_record",
            f"Every staff member has exactly one personnel record: {staff:,} staff, {records:,} "
            "records asked. Leave one of the two empty.",
        )
    busy_people = counts.rows["sales_lead"] + deals - counts.parts["won"]
    wanted = figures["customers_per_lead"] * busy_people
    if "party" in asked and "customer" not in asked:
        wanted = max(asked["party"] - dealers - staff - _organisations(counts), dealers)
    customers = counts.set("customer", wanted, "buyers, and others who asked", least=dealers)
    if customers < dealers:
        raise refuse(
            "customer",
            f"Each of {dealers:,} dealers needs a customer; ask for at least {dealers:,} customers.",
        )
    ratings = counts.set(
        "credit_rating",
        min(
            TYPICAL_RATINGS_PER_FINANCED_DEAL * counts.parts["financed"],
            RATINGS_PER_CUSTOMER * customers,
        ),
        "most who finance have one or two",
    )
    if ratings > RATINGS_PER_CUSTOMER * customers:
        raise refuse(
            "credit_rating",
            f"A customer has at most {RATINGS_PER_CUSTOMER} ratings, so {customers:,} customers have "
            f"at most {RATINGS_PER_CUSTOMER * customers:,}; {ratings:,} were asked.",
        )


def _stock(counts: Counts, days: int, figures: Figures) -> None:
    asked, deals = counts.asked, counts.rows["deal"]
    if "vehicle" in asked and "inventory_vehicle" not in asked:
        asked["inventory_vehicle"] = asked["vehicle"]
    unsold = deals * min(figures["days_supply"] / days, 1.0)
    stints = counts.set(
        "inventory_vehicle",
        deals + max(unsold, 5 * counts.rows["dealer"]),
        f"{deals:,} deals and {figures['days_supply']} days of unsold stock",
    )
    if stints < deals:
        raise refuse(
            "inventory_vehicle" if "inventory_vehicle" in counts.asked else "vehicle",
            f"{deals:,} deals need as many cars in stock, {stints:,} were asked; ask for at least "
            f"{deals:,} or for fewer deals.",
        )
    vehicles = counts.set("vehicle", stints, "one for every stay in stock")
    if vehicles != stints:
        raise refuse(
            "vehicle",
            f"Each stay in stock is of a car of its own: {stints:,} stays, {vehicles:,} vehicles "
            "asked. Leave one of the two empty.",
        )


def _money(counts: Counts) -> None:
    financed, invoices = counts.parts["financed"], counts.rows["invoice"]
    applications = counts.set(
        "credit_application",
        TYPICAL_APPLICATIONS_PER_FINANCED_DEAL * financed,
        "one for every financed deal, and those declined",
    )
    if applications < financed:
        counts.parts["financed"] = applications
        counts.notes.append(
            f"With {applications:,} credit applications only as many deals are financed; the "
            "others pay cash."
        )
    if applications and not counts.rows["customer"]:
        raise refuse("credit_application", "A credit application needs a customer.")
    _bounded(counts, "invoice_item", TYPICAL_ITEMS, ITEMS_PER_INVOICE, invoices, "lines")
    _bounded(counts, "payment", TYPICAL_PAYMENTS, PAYMENTS_PER_INVOICE, invoices, "payments")
    customers = counts.rows["customer"]
    methods = counts.set(
        "payment_method", TYPICAL_METHODS_PER_CUSTOMER * customers, "six of ten customers"
    )
    most = METHODS_PER_PARTY[1] * customers
    if methods > most:
        raise refuse(
            "payment_method",
            f"A customer stores at most {METHODS_PER_PARTY[1]} payment methods, so {customers:,} "
            f"customers have at most {most:,}; {methods:,} were asked.",
        )


def _bounded(
    counts: Counts, table: str, usual: float, each: tuple[int, int], invoices: int, what: str
) -> None:
    rows = counts.set(table, usual * invoices, f"{usual:g} an invoice")
    low, high = each[0] * invoices, each[1] * invoices
    if not low <= rows <= high:
        raise refuse(
            table,
            f"An invoice has {each[0]} to {each[1]} {what}, so {invoices:,} invoices have "
            f"{low:,} to {high:,}; {rows:,} were asked.",
        )


def _marketing(counts: Counts) -> None:
    counts.set("marketing_campaign", 5 * counts.rows["dealer"], "five a dealer")


def _connected(counts: Counts, figures: Figures) -> None:
    stints, asked = counts.rows["vehicle"], counts.asked
    events = asked.get("vehicle_telemetry_event")
    cars = counts.set(
        "connected_vehicle",
        stints * figures["connected_share"],
        f"{figures['connected_share']:.0%} of the cars",
        least=min(1, stints),
    )
    if cars > stints:
        raise refuse(
            "connected_vehicle",
            f"{cars:,} connected cars need as many vehicles, and there are {stints:,}; ask for at "
            f"most {stints:,} or for more vehicles.",
        )
    if events is None:
        events = cars * figures["events_per_connected_car"]
        counts.why["vehicle_telemetry_event"] = (
            f"{figures['events_per_connected_car']} events a connected car"
        )
    counts.rows["vehicle_telemetry_event"] = int(events)
    if events and not cars:
        raise refuse(
            "vehicle_telemetry_event",
            f"{events:,} events need connected cars, and there are none; ask for at least one.",
        )


def _catalogue(counts: Counts, start: date, stop: date) -> None:
    fewest, usual, most = catalogue_bounds(start.year, stop.year)
    rows = counts.set("vehicle_specification", usual, "models, powertrains and model years")
    if not fewest <= rows <= most:
        raise refuse(
            "vehicle_specification",
            f"The catalogue of these years has {fewest:,} to {most:,} rows; {rows:,} were asked.",
        )
    companies = counts.set("org_profile", _organisations(counts), "lenders and manufacturers")
    if not 1 <= companies <= len(organisations()):
        raise refuse(
            "org_profile",
            f"There are 1 to {len(organisations())} companies; {companies:,} were asked.",
        )


def _organisations(counts: Counts) -> int:
    everyone = len(organisations())
    if "org_profile" in counts.asked:
        return counts.asked["org_profile"]
    party = counts.asked.get("party")
    return everyone if party is None else max(1, min(everyone, party // 4))


def _parties(counts: Counts) -> None:
    roles = sum(counts.rows[name] for name in ("org_profile", "dealer", "staff_member", "customer"))
    parties = counts.set("party", roles, "everybody with a role")
    if parties < roles:
        raise refuse(
            "party",
            f"The companies, dealers, staff and customers of this bundle are {roles:,} parties; "
            f"{parties:,} were asked. Ask for at least {roles:,}, or for fewer customers.",
        )
    counts.parts["prospects"] = parties - roles
    low, high = ADDRESSES_PER_PARTY
    addresses = counts.set("party_address", 1.2 * parties, "one each, a second for some")
    if not low * parties <= addresses <= high * parties:
        raise refuse(
            "party_address",
            f"A party has {low} to {high} addresses, so {parties:,} parties have "
            f"{low * parties:,} to {high * parties:,}; {addresses:,} were asked.",
        )


def under_dealers(counts: Counts, *, seed: int) -> dict[str, Ints]:
    """Every total over the dealers, exact, each within what the dealer's other counts allow."""
    dealers = counts.rows["dealer"]
    size = 0.6 + 0.8 * Stream(seed, "dealer", "size").uniform(0, dealers)
    rows, parts = counts.rows, counts.parts
    ones = np.ones(dealers, dtype=np.int64)
    far = np.full(dealers, np.iinfo(np.int32).max, dtype=np.int64)
    per: dict[str, Ints] = {"dealer": ones}

    def within(name: str, total: int, low: Ints, high: Ints, weight: Any = size) -> Ints:
        per[name] = apportion_within(np.asarray(weight, float), total, low, high)
        return per[name]

    none = 0 * ones
    deal = per["deal"] = apportion(size, rows["deal"])
    within("abandoned", parts["abandoned"], none, deal // 2, deal)
    within("in_progress", parts["in_progress"], none, deal - per["abandoned"], deal)
    contracts = per["contracts"] = deal - per["abandoned"] - per["in_progress"]
    within("won", parts["won"], none, contracts, contracts)
    within("sales_lead", rows["sales_lead"], per["won"], far, per["won"] + 0.01)
    within("invoice", rows["invoice"], none, contracts, contracts)
    within("reversed", parts["reversed"], none, contracts - per["invoice"], contracts)
    within("financed", parts["financed"], none, deal, deal)
    within(
        "credit_application",
        rows["credit_application"],
        per["financed"],
        far,
        per["financed"] + 0.01,
    )
    within("staff_member", rows["staff_member"], MINIMUM_STAFF * ones, far)
    per["personnel_record"] = per["staff_member"]
    customer = within("customer", rows["customer"], ones, far, per["sales_lead"] + deal + 0.01)
    within("credit_rating", rows["credit_rating"], none, RATINGS_PER_CUSTOMER * customer, customer)
    within(
        "payment_method", rows["payment_method"], none, METHODS_PER_PARTY[1] * customer, customer
    )
    for name, (low, high) in (
        ("invoice_item", ITEMS_PER_INVOICE),
        ("payment", PAYMENTS_PER_INVOICE),
    ):
        within(name, rows[name], low * per["invoice"], high * per["invoice"], per["invoice"])
    within("inventory_vehicle", rows["inventory_vehicle"], deal, far, deal + 0.01)
    per["vehicle"] = per["inventory_vehicle"]
    within("marketing_campaign", rows["marketing_campaign"], none, far, ones)
    connected = within(
        "connected_vehicle", rows["connected_vehicle"], none, per["vehicle"], per["vehicle"]
    )
    if rows["vehicle_telemetry_event"]:
        per["vehicle_telemetry_event"] = apportion(
            connected * size, rows["vehicle_telemetry_event"]
        )
    else:
        per["vehicle_telemetry_event"] = none
    within("prospects", parts["prospects"], none, far)
    party = per["party"] = ones + per["staff_member"] + customer + per["prospects"]
    low, high = ADDRESSES_PER_PARTY
    rest = rows["party_address"] - rows["org_profile"]  # a company has one address
    if rest > high * int(party.sum()):
        raise refuse(
            "party_address",
            f"Companies have one address and others at most {high}; ask for at most "
            f"{rows['org_profile'] + high * int(party.sum()):,}.",
        )
    within("party_address", rest, low * party, high * party, party)
    return per
