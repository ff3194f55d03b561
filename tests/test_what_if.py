"""What-if: named targets of the profile that a recipe gives other values, and what follows."""

import json
from functools import cache

import pytest

import generator
from generator.__main__ import main
from generator.compare.bundle import compare_profile
from generator.errors import GeneratorError
from tests.world import as_tables, broken, drawn, frame, planned

ASKED = {
    "lead_conversion_90d": 0.3,
    "light_truck_share": 0.6,
    "electric_share": 0.25,
    "used_share": 0.6,
    "certified_share": 0.3,
    "lease_share": 0.1,
    "trade_in_share_new": 0.7,
    "no_show_share": 0.3,
}
ROWS = {"deal": 800}


@cache
def world():
    plan = planned(ROWS, asked=ASKED)
    return plan, drawn(plan)


@cache
def document():
    plan, rows = world()
    profile = generator.automotive().under(plan.recipe.set)
    return compare_profile(profile, as_tables(rows), plan)


def share(truth):
    return float(truth.mean())


def test_every_target_says_what_it_is_and_lies_within_its_bounds():
    profile = generator.automotive()
    known = {reference.id for reference in profile.references}
    assert len(profile.targets) >= 14
    for target in profile.targets:
        assert all([target.title, target.meaning]), target.name
        assert target.least <= target.present <= target.most, target.name
        assert {*target.moves, *filter(None, [target.shown_by])} <= known, target.name
        if target.published is not None:
            assert target.least <= target.published <= target.most
            assert target.source in {source.id for source in profile.sources}


def test_what_depends_on_a_target_follows():
    _, rows = world()
    deals, leads = frame(rows, "deal"), frame(rows, "sales_lead")
    sold = deals[deals.deal_status.isin(["ACCEPTED", "POSTED", "FUNDED"])]
    used = deals.product_state_type != "NEW"
    new = deals[~used]
    soon = leads.converted_indicator & (leads.days_to_close <= 90)
    assert share(soon) == pytest.approx(0.3, abs=0.02)
    assert share(used) == pytest.approx(0.6, abs=0.02)
    assert share(deals[used].product_state_type == "CERTIFIED") == pytest.approx(0.3, abs=0.05)
    assert share(new.payment_type == "LEASE") == pytest.approx(0.1, abs=0.03)
    assert share(new.trade_in_allowance > 0) == pytest.approx(0.7, abs=0.06)
    states = frame(rows, "service_appointment").appointment_status_type
    missed = states.isin(["NO_SHOW_CONFIRMED", "CANCELLED"])
    assert share(missed) == pytest.approx(0.3, abs=0.05)
    assert len(leads) > 2 * len(sold)


@pytest.mark.parametrize("rate", [0.06, 0.3])
def test_work_that_makers_pay_for_follows_the_claim_rate(rate):
    plan = planned({"deal": 60}, asked={"claim_rate": rate})
    rows = drawn(plan)
    assert not broken(plan, rows)
    lines = frame(rows, "repair_order_line")
    first = lines[lines.sequential_line_number == 1]
    paid = first.pay_type.isin(["WARRANTY", "MANUFACTURER"])
    assert share(paid) == pytest.approx(rate, abs=0.025)  # recalls are work they pay for anyway
    assert share(first.pay_type == "INTERNAL") == pytest.approx(0.366, abs=0.01)
    claims = frame(rows, "warranty_claim")
    claimed = lines[lines.pay_type == "WARRANTY"]
    assert len(claims) == pytest.approx(len(claimed), rel=0.1)  # the last ones are not sent in yet
    estimate = {count.table: count.rows for count in plan.counts}["warranty_claim"]
    assert estimate == pytest.approx(len(claims), rel=0.35)
    profile = generator.automotive().under(plan.recipe.set)
    moved = {reference.id for reference in profile.references if reference.overridden}
    assert {"warranty_orders", "customer_orders", "dollars_by_payer"} <= moved


def test_rules_and_figures_are_held_against_what_was_asked():
    plan, rows = world()
    assert not broken(plan, rows)
    profile = generator.automotive().under(plan.recipe.set)
    texts = {rule.id: rule.text for rule in profile.rules}
    assert "asked for here: 30 %" in texts["R044.1"]
    assert "asked for here: 60 %" in texts["R045.1"]
    tables = as_tables(rows)
    held = {r.id: r.verdict(tables).broken for r in profile.rules if r.id in ("R044.1", "R045.1")}
    assert held == {"R044.1": 0, "R045.1": 0}
    plain = {rule.id: rule for rule in generator.automotive().rules}
    assert plain["R044.1"].verdict(tables).broken > 0


def test_a_figure_that_was_overridden_is_shown_so_and_not_scored():
    by_id = {entry["id"]: entry for entry in document()["references"]}
    won = by_id["leads_won_90d"]
    assert (won["target"], won["published"], won["met"]) == (0.3, 0.75, True)
    assert won["overridden"] == "Leads won within 90 days"
    moved = by_id["product_state"]
    assert moved["met"] is None
    assert moved["overridden"]
    assert by_id["buyers_men_new"]["overridden"] == ""


def test_at_the_published_value_the_figures_it_overruled_are_scored():
    profile = generator.automotive()
    at_published = profile.under({"lead_conversion_90d": 0.167})
    for found, overridden in ((profile, True), (at_published, False)):
        one = next(r for r in found.references if r.id == "leads_won_30d")
        assert bool(one.overridden) is overridden


def test_the_rest_of_the_world_is_as_it_was():
    """Nothing that a target does not move changes: the same streams are drawn."""
    plain = drawn(planned({"deal": 60}))
    moved = drawn(planned({"deal": 60}, asked={"no_show_share": 0.3}))
    assert plain["deal"].equals(moved["deal"])
    assert not plain["service_appointment"].equals(moved["service_appointment"])


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"electric": 0.2}, "did you mean electric_share"),
        ({"nothing": 0.2}, "it may be lead_conversion_90d"),
        ({"electric_share": 2}, "must lie between 0 and 0.5"),
        ({"electric_share": "much"}, "it must be a number"),
        ({"electric_share": float("nan")}, "it must be a number"),
        ({"electric_share": True}, "it must be a number"),
        ("electric_share=1", "must map names of targets"),
    ],
)
def test_what_cannot_be_set_is_refused_in_a_sentence(asked, said):
    with pytest.raises(GeneratorError) as refused:
        generator.plan(generator.automotive(), generator.Recipe.from_dict({"set": asked}))
    assert said in refused.value.sentence


def test_percentages_are_read():
    recipe = generator.Recipe.from_dict({"set": {"electric_share": "16 %", "lease_share": ".2"}})
    assert recipe.set == {"electric_share": 0.16, "lease_share": 0.2}
    assert generator.Recipe.from_dict(recipe.to_dict()) == recipe


def test_the_command_line_sets_targets_and_the_manifest_says_so(tmp_path, capsys):
    out = tmp_path / "b"
    options = ["--rows", "sales_lead=40", "--domains", "sales_operations", "--out", str(out)]
    asked = ["--set", "lead_conversion_90d=25%", "--progress", "none"]
    assert main(["sample", *options, *asked]) == 0
    recipe = json.loads((out / "manifest.json").read_text("utf-8"))["recipe"]
    assert recipe["set"] == {"lead_conversion_90d": 0.25}
    assert main(["validate", str(out)]) == 0
    assert main(["plan", "--set", "lead_conversion_90d"]) == 2
    assert "write TARGET=VALUE" in capsys.readouterr().err
