"""The money as a whole: exact counts, sums to the cent, figures met, the same again."""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pytest
from scipy.stats import spearmanr

from generator.domains import automotive
from generator.domains.finance.bounds import ITEMS_PER_INVOICE, PAYMENTS_PER_INVOICE
from generator.domains.groups import evened, in_turn, leaning, parted, place_in_group
from generator.domains.party_identity.org_profile import organisations
from generator.domains.payment.instruments import luhn_valid
from generator.domains.payment.rates import annuity, lease_payment
from generator.leaves.figures import figures
from generator.plan import plan
from generator.recipe import Recipe
from generator.tables import Tables
from tests.money_world import AS_OF, DAY, MONEY, RULES, TARGETS, made, tables

TIERS = ("SUPERPRIME", "PRIME", "NEAR_PRIME", "SUBPRIME", "DEEP_SUB")


@pytest.fixture(scope="module")
def large():
    return made(5_000, dealers=12)


@pytest.fixture(scope="module")
def middle():
    return made(500)


def broken_rules(frames) -> list[str]:
    read = tables(frames)
    return [rule.id for rule in (*RULES, *TARGETS) if rule.verdict(read).broken]


def per_invoice(frames, table: str) -> np.ndarray:
    invoice = frames["invoice"]
    rows = frames[table]["_invoice_key"] - invoice.start
    return np.bincount(rows, minlength=invoice.rows)


def loans(deal):
    return deal["_financed"] & (deal.text("payment_type") == "FINANCED_PURCHASE")


def rate(deal):
    return deal["interest_rate"] / 10_000


# --- sizes and counts ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("deals", "dealers", "kinds"),
    [
        (0, 2, (0.55, 0.2, 0.25)),
        (1, 1, (1.0, 0.0, 0.0)),
        (1, 1, (0.0, 0.0, 1.0)),
        (2, 3, (0.55, 0.2, 0.25)),
        (40, 2, (0.0, 1.0, 0.0)),
        (40, 2, (0.0, 0.0, 1.0)),
        (500, 3, (0.55, 0.2, 0.25)),
    ],
)
def test_every_rule_holds_at_every_size(deals, dealers, kinds):
    assert broken_rules(made(deals, dealers=dealers, kinds=kinds)) == []


def test_every_rule_holds_on_many_deals(large):
    assert broken_rules(large) == []


@pytest.mark.parametrize("payments", [1.0, 1.3, 2.5, 6.0])
@pytest.mark.parametrize("items", [2.0, 2.6, 8.0])
def test_any_total_within_the_bounds_is_met(payments, items):
    frames = made(120, rates={"payment": payments, "invoice_item": items})
    invoices = frames["invoice"].rows
    assert frames["payment"].rows == pytest.approx(payments * invoices, abs=3)
    assert frames["invoice_item"].rows == pytest.approx(items * invoices, abs=3)
    for table, (low, high) in (
        ("payment", PAYMENTS_PER_INVOICE),
        ("invoice_item", ITEMS_PER_INVOICE),
    ):
        assert per_invoice(frames, table).min() >= low
        assert per_invoice(frames, table).max() <= high
    assert broken_rules(frames) == []


@pytest.mark.parametrize("payments", [0.9, 6.2])
def test_a_total_outside_the_bounds_is_refused(payments):
    with pytest.raises(ValueError, match="does not lie within"):
        made(60, rates={"payment": payments})


def test_fewer_applications_than_financed_deals_are_refused():
    with pytest.raises(ValueError, match="every financed deal needs"):
        made(60, counts={"credit_application": np.zeros(3, dtype=np.int64)})


def test_figures_name_every_lender_of_the_catalogue():
    kinds = {"bank": set(), "credit_union": set(), "other": set(), "captive": set(), "": set()}
    for name, _, kind, _ in organisations():
        kinds[kind].add(name)
    entries = {e["id"]: e for e in figures().documents["payment"]["reference"]}
    for state in ("new", "used"):
        for kind in ("bank", "credit_union"):
            listed = entries[f"lender_{kind}_{state}"]["column"]
            assert set(re.findall(r"'([^']*)'", listed)) == kinds[kind]
        listed = entries[f"lender_captive_{state}"]["column"]
        others = kinds["bank"] | kinds["credit_union"] | kinds["other"]
        assert set(re.findall(r"'([^']*)'", listed)) == others


def test_usual_counts_leave_deposits_and_trade_ins_alone(large):
    deal = large["deal"]
    new = deal.text("product_state_type") == "NEW"
    assert (deal["trade_in_allowance"] > 0)[new].mean() == pytest.approx(0.446, abs=0.005)
    assert (deal["trade_in_allowance"] > 0)[~new].mean() == pytest.approx(0.31, abs=0.005)


def test_the_money_of_the_whole_world_obeys():
    profile = automotive()
    recipe = Recipe(seed=5, rows={"deal": 250, "payment": 500, "vehicle_telemetry_event": 0})
    found = plan(profile, recipe)
    drawn: dict[str, list[pa.Table]] = {}
    drawing = profile.world.open(found)
    for shard in found.shards:
        for name, rows in drawing.draw(shard):
            drawn.setdefault(name, []).append(rows)
    whole = {name: pa.concat_tables(parts) for name, parts in drawn.items()}
    read = Tables(
        profile.schema,
        {name: whole[name].select for name in whole},
        {name: rows.num_rows for name, rows in whole.items()},
    )
    assert read.rows("payment") == 500
    broken = [rule.id for rule in (*RULES, *TARGETS) if rule.verdict(read).broken]
    assert broken == []
    score, apr = read.values("deal", "credit_application_key.score_value"), "interest_rate"
    loan = ~read.missing("deal", apr)
    assert spearmanr(score[loan], read.values("deal", apr)[loan])[0] < -0.75


# --- the same again --------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_rows():
    first, second = made(80), made(80)
    for table in MONEY:
        if table == "deal":
            continue  # the stand-in makes only some of its columns
        assert first[table].to_arrow().equals(second[table].to_arrow()), table


def test_shards_share_no_key():
    first, second = made(30), made(30, start=5)
    for table in ("invoice", "payment", "credit_application", "payment_method"):
        key = first[table].table.key
        assert not set(first[table][key]) & set(second[table][key]), table
    numbers = (frame["invoice"]["invoice_number"] for frame in (first, second))
    assert not set.intersection(*(set(found) for found in numbers))


# --- money -----------------------------------------------------------------------------------


def test_header_and_deal_agree_part_by_part(middle):
    invoice, deal = middle["invoice"], middle["deal"]
    at = invoice["_deal_key"] - deal.start
    sold = deal["sale_price"][at] + deal["product_price_total"][at]
    assert (invoice["subtotal_amount"] - invoice["discount_amount"] == sold).all()
    assert (invoice["fee_amount"] == deal["fee_price_total"][at]).all()
    assert (invoice["tax_amount"] == deal["tax_price_total"][at]).all()
    assert (invoice["discount_amount"] == deal["discount_price_total"][at]).all()


def test_taxes_are_whole_cents_before_rounding(middle):
    deal = middle["deal"]
    assert (deal["taxable_amount"] * deal["tax_rate"] % 100_000 == 0).all()
    assert (deal["sale_price"] % 100 == 0).all()


def test_states_without_trade_credit_tax_the_whole_price(large):
    deal, dealer = large["deal"], large["dealer"]
    state = dealer.text("state")[deal["_dealer"] - dealer.start]
    whole = deal["sale_price"] + deal["product_price_total"]
    traded = deal["trade_in_allowance"] > 0
    no_credit = np.isin(state.astype(str), figures()["no_trade_credit_states"])
    assert (deal["taxable_amount"] == whole)[traded & no_credit].all()
    assert (deal["taxable_amount"] < whole)[traded & ~no_credit].all()
    assert (traded & no_credit).any()


def test_payments_sum_to_the_total_and_lenders_pay_once(middle):
    invoice, payment, deal = middle["invoice"], middle["payment"], middle["deal"]
    paid = np.zeros(invoice.rows, dtype=np.int64)
    np.add.at(paid, payment["_invoice_key"] - invoice.start, payment["amount"])
    assert (paid == invoice["total_amount"]).all()
    lent = payment.text("payment_amount_type") == "TOTAL_FINANCED"
    assert (payment["amount"][lent] == deal["amount_financed"][payment["_deal"][lent]]).all()


def test_negative_equity_is_financed(large):
    deal = large["deal"]
    under = deal["trade_in_equity"] < 0
    assert under.any()
    assert deal["_financed"][under].all()
    part = large["payment"].text("payment_amount_type") == "TRADE_IN_ALLOWANCE"
    assert (large["payment"]["amount"][part] < 0).any()


def test_refunds_are_few_and_follow_what_they_send_back(large):
    payment = large["payment"]
    refund = np.flatnonzero(payment.text("payment_amount_type") == "PARTIAL_REFUND")
    assert 0 < len(refund) < payment.rows * 0.01
    origin = payment["_origin"][refund]
    assert (payment["occurrence_date_time"][refund] >= payment["settled_date_time"][origin]).all()
    assert (payment["amount"][refund] < 0).all()


def test_nothing_happens_after_the_reporting_day(large):
    for table, column in (
        ("credit_rating", "occurrence_date_time"),
        ("credit_application", "application_date_time"),
        ("credit_application", "decision_date_time"),
        ("invoice", "invoice_date_time"),
        ("invoice", "post_date_time"),
        ("payment", "occurrence_date_time"),
        ("payment", "settled_date_time"),
    ):
        known = ~large[table].missing(column)
        assert (large[table][column][known] <= AS_OF).all(), (table, column)


def test_statuses_of_open_invoices_agree_with_their_dates(large):
    invoice = large["invoice"]
    status = invoice.text("payment_status_type")
    late = status == "OVERDUE"
    assert (invoice["due_date_time"][late] < AS_OF).all()
    partly = status == "PARTIALLY_PAID"
    assert (invoice["due_date_time"][partly] > AS_OF).all()
    assert late.any()
    assert partly.any()


def test_annuity_of_a_textbook_loan():
    # 20,000 at 6 percent over 60 months: 386.66
    assert annuity(np.array([2_000_000]), np.array([600]), np.array([60])).tolist() == [38_666]
    assert annuity(np.array([1_200_000]), np.array([0]), np.array([12])).tolist() == [100_000]


def test_lease_payment_of_a_textbook_lease():
    # (30,000 - 18,000) / 36 + (30,000 + 18,000) * 0.00125 = 393.33
    amount, residual = np.array([3_000_000]), np.array([1_800_000])
    assert lease_payment(amount, residual, np.array([125]), np.array([36])).tolist() == [39_333]


def test_lines_say_what_they_are_and_no_label_comes_twice(middle):
    said = middle["invoice_item"]["description"]
    assert len(set(said.labels)) == len(said.labels)
    first = middle["invoice_item"]["line_number"] == 1
    assert {text[:5] for text in said.text()[first]} == {"2025 "}
    assert "Vehicle service contract" in said.text()[~first]


# --- credit ----------------------------------------------------------------------------------


@pytest.mark.parametrize("deals", [40, 500, 5_000])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_rates_fall_with_scores(deals, seed):
    deal = made(deals, seed=seed, dealers=4)["deal"]
    rows = loans(deal)
    assert spearmanr(deal["_score"][rows], rate(deal)[rows])[0] < -0.75


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_tier_means_are_ordered_in_500_deals(seed):
    frames = made(500, seed=seed)
    deal, application = frames["deal"], frames["credit_application"]
    tier = np.full(deal.rows, "", dtype=object)
    tier[loans(deal)] = application.text("credit_tier")[
        deal["_credit_application_key"][loans(deal)] - application.start
    ]
    means = [rate(deal)[tier == name].mean() for name in TIERS if (tier == name).sum() >= 5]
    assert len(means) >= 4
    assert means == sorted(means)


def test_tier_means_and_shares_are_the_published_ones(large):
    deal, application = large["deal"], large["credit_application"]
    new = deal.text("product_state_type") == "NEW"
    row = deal["_credit_application_key"] - application.start
    tier = np.where(row >= 0, application.text("credit_tier")[np.maximum(row, 0)], "")
    expected = {"NEW": (0.0488, 0.0651, 0.0977, 0.1334), "USED": (0.0743, 0.0965, 0.1411, 0.19)}
    for label, state in (("NEW", new), ("USED", ~new)):
        for name, mean in zip(TIERS, expected[label], strict=False):
            rows = loans(deal) & state & (tier == name)
            # used below prime the rates are approximate, and give way to the exact mean
            near = 0.06 if label == "USED" and mean > 0.1 else 0.025
            assert rate(deal)[rows].mean() == pytest.approx(mean, rel=near), (label, name)
    assert rate(deal)[loans(deal) & ~new].mean() == pytest.approx(0.114, rel=0.025)
    financed = deal["_financed"] & new
    assert (tier == "SUPERPRIME")[financed].mean() == pytest.approx(0.45, abs=0.015)
    assert deal["_score"][financed].mean() == pytest.approx(755, abs=4)


def test_markup_stays_within_the_limit(large):
    deal = large["deal"]
    markup = (deal["interest_rate"] - deal["buy_rate"])[loans(deal)]
    assert markup.min() >= 0
    assert markup.max() <= 250
    assert markup.std() > 0


def test_a_customer_has_one_score_give_or_take_little(large):
    score, customer = [], []
    for table in ("credit_rating", "credit_application"):
        score.append(large[table]["score_value"])
        customer.append(large[table]["_customer_key"])
    scores, customers = np.concatenate(score), np.concatenate(customer)
    low = np.full(customers.max() + 1, 900)
    high = np.zeros(customers.max() + 1, dtype=np.int64)
    np.minimum.at(low, customers, scores)
    np.maximum.at(high, customers, scores)
    spread = (high - low)[high > 0]
    assert spread.max() <= 60
    assert np.median(spread) <= 10


def test_low_scores_are_declined_more_often(large):
    application = large["credit_application"]
    other = application["_deal"] < 0
    status, score = application.text("application_status_type"), application["score_value"]
    declined = other & (status == "DECLINED")
    assert score[declined].mean() < score[other & (status == "APPROVED")].mean() - 60
    assert not np.isin(status[application["_deal"] >= 0], ("DECLINED", "ABANDON")).any()


def test_decisions_take_at_most_two_days(large):
    application = large["credit_application"]
    known = ~application.missing("decision_date_time")
    waited = application["decision_date_time"] - application["application_date_time"]
    assert (waited[known] <= 2 * DAY).all()
    assert (waited[known] >= 0 * DAY).all()


def test_captives_finance_only_their_make(large):
    application, deal = large["credit_application"], large["deal"]
    orgs, specs = large["org_profile"], large["vehicle_specification"]
    rows = np.flatnonzero(application["_deal"] >= 0)
    lender = application["_lender_org_profile_key"][rows]
    captive = orgs["_lender_kind"][lender] == "captive"
    make = specs.text("make")[deal["_specification"][application["_deal"][rows] - deal.start]]
    assert captive.any()
    assert (orgs["_make"][lender][captive] == make[captive]).all()
    assert (orgs["_lender_kind"][lender] != "").all()


# --- instruments -----------------------------------------------------------------------------


def test_cards_and_accounts_are_well_formed(large):
    method = large["payment_method"]
    card = ~method.missing("card_number")
    numbers = method.text("card_number")[card]
    assert luhn_valid(numbers).all()
    assert {len(number) for number in numbers} == {15, 16}
    routing = ~method.missing("routing_number")
    assert (card != routing).all()
    assert {text[:2] for text in method.text("routing_number")[routing]} == {"98"}


def test_nobody_holds_more_than_three_methods():
    frames = made(60, rates={"payment_method": 3.0})
    holders = np.unique(frames["payment_method"]["_party_key"], return_counts=True)[1]
    assert holders.max() <= 3


def test_methods_on_file_are_used_by_their_holder(large):
    payment, method = large["payment"], large["payment_method"]
    used = np.flatnonzero(~payment.missing("payment_method_key"))
    assert len(used) > 100
    expired = method.text("credit_card_status_type") == "EXPIRED"
    assert expired.any()
    keys = set(method["payment_method_key"][expired])
    assert not keys & set(payment["payment_method_key"][used])


# --- arithmetic over groups ------------------------------------------------------------------


def test_leaning_numbers_are_even_and_grow_with_the_other():
    rng = np.random.Generator(np.random.Philox(3))
    u, by, cell = rng.random(400), rng.random(400), np.arange(400) % 2
    for lean, least in ((0.0, -0.15), (1.0, 0.6), (9.0, 0.98)):
        found = leaning(u, cell, by, lean)
        places = np.sort(found[cell == 1]) * 200
        assert np.allclose(np.diff(places), 1)
        assert 0 < places[0] < 1
        assert np.corrcoef(found, by)[0, 1] > least


def test_money_down_and_terms_grow_with_the_car(large):
    deal = large["deal"]
    used = loans(deal) & (deal.text("product_state_type") != "NEW")
    paid = used & (deal["down_payment"] > 0)
    assert spearmanr(deal["sale_price"][paid], deal["down_payment"][paid])[0] > 0.4
    assert spearmanr(deal["amount_financed"][used], deal["term_months"][used])[0] > 0.4


def test_leases_cost_less_than_loans_of_the_same_amount(large):
    deal = large["deal"]
    lease = deal["_financed"] & (deal.text("payment_type") == "LEASE")
    share = deal["monthly_payment"] / np.maximum(deal["amount_financed"], 1)
    assert np.median(share[lease]) < np.median(share[loans(deal)])
    assert (deal["residual_value"][lease] < deal["amount_financed"][lease]).all()


def test_places_count_up_in_every_group():
    assert place_in_group(np.array([3, 1, 3, 3, 1])).tolist() == [0, 0, 1, 2, 1]
    assert place_in_group(np.zeros(0, dtype=np.int64)).tolist() == []


def test_evened_uniforms_fill_every_cell_alike():
    u = np.array([0.9, 0.1, 0.5, 0.2])
    found = evened(u, np.array(["a", "a", "a", "b"]))
    assert np.diff(found[[1, 2, 0]]).tolist() == pytest.approx([1 / 3, 1 / 3])
    assert 0 < found[1] < 1 / 3
    assert 0 < found[3] < 1


def test_small_cells_together_meet_rare_shares():
    """In each of them alone 1/2 of a row is far above a share of .08."""
    rng = np.random.Generator(np.random.Philox(5))
    found = evened(rng.random(8_000), np.arange(8_000) // 2)
    assert np.mean(found > 0.92) == pytest.approx(0.08, abs=0.015)
    assert evened(np.zeros(6), np.zeros(6)).mean() == pytest.approx(0.5, abs=0.1)


def test_parts_sum_to_the_total_in_whole_grains():
    total = np.array([10_050, 7])
    weights = np.array([[1.0, 2.0, 0.0], [1.0, 1.0, 1.0]])
    parts = parted(total, weights, np.array([1_000, 1]))
    assert parts.sum(axis=1).tolist() == [10_050, 7]
    assert parts[0, 0] % 1_000 == 0
    assert parts[0, 2] == 0


def test_children_go_round_the_parents_of_their_own_group():
    parents, children = np.array([2, 0, 3]), np.array([5, 0, 1])
    assert in_turn(parents, children).tolist() == [0, 1, 0, 1, 0, 2]
