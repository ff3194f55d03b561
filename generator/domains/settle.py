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
from generator.domains.party_identity.org_profile import organisations
from generator.domains.party_identity.party_address import ADDRESSES_PER_PARTY
from generator.domains.vehicle_asset_mgt.vehicle_specification import bounds as catalogue_bounds
from generator.errors import PlanError
from generator.leaves import Choice
from generator.leaves.figures import Figures
from generator.streams import Stream, apportion, apportion_within

Ints = NDArray[np.int64]
MINIMUM_STAFF = 4  # a general manager, a sales manager, an F&I manager, somebody who sells
SMALLEST_STAFF = 8  # of a dealer, unless a count is named
RATINGS_PER_CUSTOMER = 3
SANDBOX_DEALS = 200
MOST_DEALERS = 500_000  # a country has some 60,000; laying out millions took minutes
LEAST_UNSOLD = 5  # cars a dealer has on the lot at least, unless a count is named
DAYS_A_MONTH = 365.25 / 12
LATE_NEEDS_DAYS = 150  # a span in which a lead can be won after its 90th day
ADDRESSES_EACH = 1.2


@dataclass
class Counts:
    """Totals by table with their reasons, and the parts of the funnel nobody asks for by name."""

    asked: dict[str, int]
    rows: dict[str, int] = field(default_factory=dict)
    why: dict[str, str] = field(default_factory=dict)
    parts: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    implied: dict[str, int] = field(default_factory=dict)

    def set(self, table: str, follows: float, why: str, *, least: int = 0) -> int:
        """The asked count, or the one that follows."""
        count = self.asked.get(table)
        if count is None:
            count = max(int(round(follows)), least)
            self.why[table] = why
        self.rows[table] = count
        return count


def said(count: int, noun: str) -> str:
    """``1 deal``, ``2,000 deals``."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def were_asked(count: int) -> str:
    """``1 was asked``, ``2,000 were asked``."""
    return f"{count:,} {'was' if count == 1 else 'were'} asked"


def need(count: int, verb: str = "need") -> str:
    """The verb of ``count`` things: ``needs``, ``need``."""
    if count != 1:
        return verb
    return "has" if verb == "have" else f"{verb}s"


def refuse(table: str, sentence: str) -> PlanError:
    return PlanError(sentence, field=f"rows.{table}")


def totals(asked: dict[str, int], *, start: date, stop: date, figures: Figures) -> Counts:
    """Exact totals of all tables.  Raises PlanError for counts that contradict each other."""
    counts = Counts(dict(asked))
    days = (stop - start).days + 1
    _imply(counts)
    _sales(counts, days, figures)
    _people(counts, days / DAYS_A_MONTH, figures)
    _stock(counts, days, figures)
    _money(counts)
    _marketing(counts)
    _connected(counts, figures)
    _catalogue(counts, start, stop)
    _parties(counts)
    return counts


def _imply(counts: Counts) -> None:
    """A count of one side of a one-to-one pair, or of the addresses, settles the other one."""
    asked = counts.asked
    for one, other in (("personnel_record", "staff_member"), ("vehicle", "inventory_vehicle")):
        if one in asked and other not in asked:
            counts.implied[other] = asked[one]
    if "party" in asked:
        counts.implied["party"] = asked["party"]
    elif "party_address" in asked:
        counts.implied["party"] = int(round(asked["party_address"] / ADDRESSES_EACH))


def _sales(counts: Counts, days: int, figures: Figures) -> None:
    """Deals and leads: the platform wants 75 % of leads to convert within 90 days."""
    target = figures["lead_conversion_90d"]
    late = figures["late_conversion_share"] if days >= LATE_NEEDS_DAYS else 0.0
    won_share = target / (1 - late)
    walk_in, lost = figures["walk_in_share"], figures["abandoned_share"]
    pending = figures["in_progress_share"]
    deals = counts.asked.get("deal")
    if deals is None:
        deals = _deals_from_others(counts, won_share, walk_in, lost + pending)
    counts.rows["deal"] = deals
    abandoned, progress = int(deals * lost), int(deals * pending)
    contracts = deals - abandoned - progress
    linked = contracts - int(contracts * walk_in)
    leads = counts.set(
        "sales_lead",
        linked / won_share,
        f"{said(deals, 'deal')}, {target:.0%} of leads won within 90 days",
        least=min(linked, 1),
    )
    soon = min(int(round(leads * target)), contracts)
    slow = min(int(round(leads * (won_share - target))), contracts - soon, leads - soon)
    counts.parts |= {"won": soon + slow, "late": slow, "contracts": contracts}
    counts.parts |= {"abandoned": abandoned, "in_progress": progress}
    if leads * target - soon >= 1:
        counts.notes.append(
            f"Only {soon / leads:.0%} of {said(leads, 'lead')} can be won with "
            f"{said(deals, 'deal')}, so the platform's {target:.0%} within 90 days is not "
            f"reached; {said(_deals_for(leads * won_share, walk_in, lost + pending), 'deal')} "
            f"would reach it, or {said(int(linked / won_share), 'lead')}."
        )
    _invoices(counts, figures)


def _invoices(counts: Counts, figures: Figures) -> None:
    deals, contracts = counts.rows["deal"], counts.parts["contracts"]
    undone = int(contracts * figures["reversed_share"])
    invoices = contracts - undone - int(contracts * figures["accepted_share"])
    invoices = counts.set("invoice", invoices, "one for every posted or funded deal")
    if invoices > contracts:
        raise refuse(
            "invoice",
            f"{said(invoices, 'invoice')} {need(invoices)} as many posted deals, and "
            f"{said(deals, 'deal')} {need(deals, 'give')} at most {contracts:,}; "
            f"ask for at most {said(contracts, 'invoice')} or for "
            "more deals.",
        )
    counts.parts["reversed"] = min(undone, contracts - invoices)
    counts.parts["financed"] = int(round(deals * _financed_share(figures)))


def _financed_share(figures: Figures) -> float:
    """Of all deals, from the shares of new and of used cars."""
    state = figures.entry("deal.product_state_type").cells[()]
    if not isinstance(state, Choice):
        raise ValueError("deal.product_state_type is a choice")
    new = state.shares[state.labels.index("NEW")] / sum(state.shares)
    share: float = new * figures["new_financed_share"] + (1 - new) * figures["used_financed_share"]
    return share


# Deals for each row of a table that limits them: the least of what was named counts.
_DEALS_PER_ROW = {
    "invoice": 1.055,
    "inventory_vehicle": 0.75,
    "vehicle": 0.75,
    "customer": 0.6,
    "credit_application": 1 / TYPICAL_APPLICATIONS_PER_FINANCED_DEAL,
    "payment": 1 / TYPICAL_PAYMENTS,
    "invoice_item": 1 / TYPICAL_ITEMS,
    "connected_vehicle": 1.25,
    "credit_rating": 1 / TYPICAL_RATINGS_PER_FINANCED_DEAL,
    "payment_method": 1.0,
    "party": 0.45,
    "party_address": 0.38,
}
# The same for tables that leave the deals free: the most of what was named counts.
_FREE_DEALS_PER_ROW = {
    "dealer": 60.0,
    "staff_member": 2.5,
    "personnel_record": 2.5,
    "vehicle_telemetry_event": 1.25 / 3000,
}


def _deals_for(won: float, walk_in: float, lost: float) -> int:
    return int(np.ceil(round(won / (1 - walk_in) / (1 - lost), 6)))


def _deals_from_others(counts: Counts, won_share: float, walk_in: float, lost: float) -> int:
    """How many deals the named counts come to."""
    asked = counts.asked
    if "sales_lead" in asked:
        leads = asked["sales_lead"]
        counts.why["deal"] = f"{said(leads, 'lead')}, {won_share:.0%} won, and walk-ins"
        return _deals_for(leads * won_share, walk_in, lost)
    limits = {name: asked[name] * share for name, share in _DEALS_PER_ROW.items() if name in asked}
    if limits:
        name = min(limits, key=lambda table: limits[table])
        counts.why["deal"] = f"as many as go with {asked[name]:,} rows of {name}"
        return max(int(limits[name]), min(asked[name], 1))
    free = {name: asked[name] * n for name, n in _FREE_DEALS_PER_ROW.items() if name in asked}
    if free and max(free.values()) > SANDBOX_DEALS:
        name = max(free, key=lambda table: free[table])
        counts.why["deal"] = f"enough for {asked[name]:,} rows of {name}"
        return int(free[name])
    counts.why["deal"] = "a small sandbox, as no count was named"
    return SANDBOX_DEALS


def _people(counts: Counts, months: float, figures: Figures) -> None:
    deals, capacity = counts.rows["deal"], figures["deals_per_dealer_month"]
    dealers = counts.set(
        "dealer",
        _dealers(counts, months, figures),
        f"at most {capacity} deals a month each",
        least=1,
    )
    if dealers < 1:
        raise refuse("dealer", "Everything happens at a dealer; ask for at least 1.")
    if dealers > MOST_DEALERS:
        raise _too_many_dealers(counts, dealers)
    share = min(deals / months / dealers / capacity, 1.0)
    present = max(figures["headcount_per_dealer"] * np.sqrt(share), SMALLEST_STAFF)
    turnover = figures["turnover_annual"]
    each = present * (1 + turnover * months / 12)
    if "party" in counts.implied:
        room = counts.implied["party"] - _organisations(counts) - dealers
        each = max(min(each, room / 4 / dealers), MINIMUM_STAFF)
    staff = counts.set(
        "staff_member",
        counts.implied.get("staff_member", dealers * each),
        f"about {present:.0f} at a time a dealer, {turnover:.0%} leave a year",
    )
    if staff < dealers * MINIMUM_STAFF:
        raise refuse(
            "staff_member" if "staff_member" in counts.asked else "personnel_record",
            f"A dealer needs at least {MINIMUM_STAFF} staff (who manages, who finances, who "
            f"sells), so {said(dealers, 'dealer')} {need(dealers)} "
            f"{dealers * MINIMUM_STAFF:,}; {were_asked(staff)}"
            ". Ask for more staff or fewer dealers.",
        )
    records = counts.set("personnel_record", staff, "one for every staff member")
    if records != staff:
        raise refuse(
            "personnel_record",
            f"Every staff member has exactly one personnel record: {staff:,} staff, {records:,} "
            "records asked. Leave one of the two empty.",
        )
    _customers(counts, figures)


def _too_many_dealers(counts: Counts, dealers: int) -> PlanError:
    if "dealer" in counts.asked:
        return refuse(
            "dealer",
            f"{dealers:,} dealers were asked; a world has {MOST_DEALERS:,} at most. Ask for fewer.",
        )
    return refuse(
        "deal",
        f"So many deals in this span need {dealers:,} dealers; a world has {MOST_DEALERS:,} at "
        "most. Ask for fewer deals or a longer span.",
    )


def _dealers(counts: Counts, months: float, figures: Figures) -> float:
    """Dealers by the deals, or by the staff; no more than the asked people can fill."""
    deals = counts.rows["deal"]
    busy = np.ceil(deals / months / figures["deals_per_dealer_month"])
    wanted = max(busy, 2 if deals >= 50 else 1)
    staff = counts.asked.get("staff_member", counts.implied.get("staff_member"))
    if staff is not None:
        wanted = min(max(wanted, staff // figures["headcount_per_dealer"]), staff // MINIMUM_STAFF)
    if "customer" in counts.asked:
        wanted = min(wanted, counts.asked["customer"])
    if "party" in counts.implied:
        people = counts.implied["party"] - _organisations(counts)
        wanted = min(wanted, people // (2 + MINIMUM_STAFF))
    return float(wanted)


def _customers(counts: Counts, figures: Figures) -> None:
    dealers, staff = counts.rows["dealer"], counts.rows["staff_member"]
    requests = counts.rows["sales_lead"] + counts.rows["deal"] - counts.parts["won"]
    wanted = figures["customers_per_request"] * requests
    if "party" in counts.implied:
        wanted = counts.implied["party"] - dealers - staff - _organisations(counts)
    customers = counts.set("customer", wanted, "buyers, and others who asked", least=dealers)
    if customers < dealers:
        raise refuse(
            "customer",
            f"Each dealer needs a customer; ask for at least {said(dealers, 'customer')}.",
        )
    financed = counts.parts["financed"]
    ratings = counts.set(
        "credit_rating",
        min(TYPICAL_RATINGS_PER_FINANCED_DEAL * financed, RATINGS_PER_CUSTOMER * customers),
        "most who finance have one or two",
    )
    if ratings > RATINGS_PER_CUSTOMER * customers:
        raise refuse(
            "credit_rating",
            f"A customer has at most {RATINGS_PER_CUSTOMER} ratings, so "
            f"{said(customers, 'customer')} {need(customers, 'have')} at most "
            f"{RATINGS_PER_CUSTOMER * customers:,}; {were_asked(ratings)}.",
        )


def _stock(counts: Counts, days: int, figures: Figures) -> None:
    deals, dealers = counts.rows["deal"], counts.rows["dealer"]
    supply = figures["days_supply"]
    usual = deals + max(deals * min(supply / days, 1.0), LEAST_UNSOLD * dealers)
    usual = max(usual, counts.asked.get("connected_vehicle", 0))
    stints = counts.set(
        "inventory_vehicle",
        counts.implied.get("inventory_vehicle", usual),
        f"{said(deals, 'deal')} and {supply} days of unsold stock",
    )
    if stints < deals:
        raise refuse(
            "inventory_vehicle" if "inventory_vehicle" in counts.asked else "vehicle",
            f"{said(deals, 'deal')} {need(deals)} as many cars in stock, "
            f"{were_asked(stints)}; ask for "
            f"at least {deals:,} or for fewer deals.",
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
            f"A customer stores at most {METHODS_PER_PARTY[1]} payment methods, so "
            f"{said(customers, 'customer')} {need(customers, 'have')} at most "
            f"{most:,}; {were_asked(methods)}.",
        )


def _bounded(
    counts: Counts, table: str, usual: float, each: tuple[int, int], invoices: int, what: str
) -> None:
    rows = counts.set(table, usual * invoices, f"{usual:g} an invoice")
    low, high = each[0] * invoices, each[1] * invoices
    if low <= rows <= high:
        return
    if not invoices:
        raise refuse(table, f"There are no invoices, so there can be no {what}; ask for deals.")
    raise refuse(
        table,
        f"An invoice has {each[0]} to {each[1]} {what}, so {said(invoices, 'invoice')} "
        f"{need(invoices, 'have')} {low:,} to {high:,}; {were_asked(rows)}.",
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
        usual, most = figures["events_per_connected_car"], figures["most_events_unasked"]
        events = min(cars * usual, most)
        counts.why["vehicle_telemetry_event"] = (
            f"{usual} events a connected car, at most {most:,} unless more are asked"
        )
    counts.rows["vehicle_telemetry_event"] = int(events)
    if events and not cars:
        raise refuse(
            "vehicle_telemetry_event",
            f"{said(events, 'event')} {need(events)} connected cars, and there are none; "
            "ask for at least one connected_vehicle, or for no events.",
        )


def _catalogue(counts: Counts, start: date, stop: date) -> None:
    fewest, usual, most = catalogue_bounds(start.year, stop.year)
    rows = counts.set("vehicle_specification", usual, "models, powertrains and model years")
    if not fewest <= rows <= most:
        raise refuse(
            "vehicle_specification",
            f"The catalogue of these years has {fewest:,} to {most:,} rows; {were_asked(rows)}.",
        )
    companies = counts.set("org_profile", _organisations(counts), "lenders and manufacturers")
    if not 1 <= companies <= len(organisations()):
        raise refuse(
            "org_profile",
            f"There are 1 to {len(organisations())} companies; {were_asked(companies)}.",
        )


def _organisations(counts: Counts) -> int:
    """Companies: everyone known, or a sixth of the parties when few are asked."""
    everyone = len(organisations())
    if "org_profile" in counts.asked:
        return counts.asked["org_profile"]
    party = counts.implied.get("party")
    return everyone if party is None else max(1, min(everyone, party // 6))


def _parties(counts: Counts) -> None:
    roles = sum(counts.rows[name] for name in ("org_profile", "dealer", "staff_member", "customer"))
    wanted = max(counts.implied.get("party", roles), roles)
    parties = counts.set("party", wanted, "everybody with a role")
    if parties < roles:
        raise refuse(
            "party",
            f"The companies, dealers, staff and customers of this bundle are {roles:,} parties; "
            f"{were_asked(parties)}. Ask for at least {roles:,}, or for fewer customers.",
        )
    counts.parts["prospects"] = parties - roles
    companies = counts.rows["org_profile"]  # one address each
    low, high = ADDRESSES_PER_PARTY
    most = companies + high * (parties - companies)
    addresses = counts.set(
        "party_address",
        min(ADDRESSES_EACH * parties, most),
        "one each, a second for some",
        least=low * parties,
    )
    if not low * parties <= addresses <= most:
        raise refuse(
            "party_address",
            f"A company has one address and everybody else {low} to {high}, so "
            f"{parties:,} parties have {low * parties:,} to {most:,}; {were_asked(addresses)}.",
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
    within("abandoned", parts["abandoned"], none, deal, deal)
    within("in_progress", parts["in_progress"], none, deal - per["abandoned"], deal)
    contracts = per["contracts"] = deal - per["abandoned"] - per["in_progress"]
    within("won", parts["won"], none, contracts, contracts)
    within("late", parts["late"], none, per["won"], per["won"])
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
    within("party_address", rest, low * party, high * party, party)
    return per
