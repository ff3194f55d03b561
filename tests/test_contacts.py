"""Contacts: exact, in order, allowed, by those who do it, in the words of their row."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

import generator
from generator.errors import PlanError
from generator.narrative import Grammar
from generator.validate import validate
from tests.world import AS_OF, as_tables, broken, drawn, frame, planned

ROWS = {"deal": 150, "vehicle_telemetry_event": 0}
TABLE = "customer_interaction"
FORMS = ("call", "mail", "text")


@pytest.fixture(scope="module")
def rows():
    return drawn(planned(ROWS))


@pytest.fixture(scope="module")
def said(rows):
    return frame(rows, TABLE)


def failing(rows):
    profile = generator.automotive()
    rules = [rule for rule in profile.rules if rule.table == TABLE]
    report = validate(profile.schema, rules, as_tables(rows), as_of=AS_OF)
    return {rule["id"] for rule in report["rules"] if rule["broken"]}


def changed(rows, column, values):
    table = rows[TABLE]
    at = table.column_names.index(column)
    field = table.schema.field(column)
    return {**rows, TABLE: table.set_column(at, field, pa.array(values, field.type))}


@pytest.mark.parametrize("number", [0, 1, 40, 20_000])
def test_there_are_as_many_as_asked(number):
    plan = planned({**ROWS, "deal": 40, TABLE: number})
    found = drawn(plan)
    assert found[TABLE].num_rows == number
    assert broken(plan, found) == {}


def test_more_than_customers_can_have_are_refused():
    with pytest.raises(PlanError, match="at most 60 contacts"):
        planned({**ROWS, "customer": 100, TABLE: 10_000})


@pytest.mark.parametrize("as_of", ["2025-02-10", "2025-09-30"])
def test_a_cut_is_whole(as_of):
    plan = planned(ROWS, as_of=as_of)
    assert broken(plan, drawn(plan)) == {}


def test_every_lead_that_was_contacted_has_a_first_contact(rows, said):
    leads = frame(rows, "sales_lead").dropna(subset="first_contact_date_time")
    first = said[said.lead_key.notna()].groupby("lead_key").start_date_time.min()
    has = leads.lead_key.isin(first.index)
    assert has.mean() > 0.9
    told = leads[has].set_index("lead_key").first_contact_date_time
    assert (first[told.index] == told).all()


def test_who_waits_and_whose_car_is_late_is_less_happy(rows, said):
    leads = frame(rows, "sales_lead").set_index("lead_key")
    own = said[said.lead_key.notna() & said.deal_key.isna()]
    lead = leads.loc[own.lead_key]
    wait = (lead.first_contact_date_time - lead.create_date_time).dt.total_seconds().to_numpy()
    sad = (own.sentiment_type == "NEGATIVE").to_numpy()
    slow = wait > 24 * 3600
    assert sad[slow].mean() > sad[~slow].mean()
    upset = said[said.purpose_type == "COMPLAINT"]
    assert (upset.sentiment_type == "NEGATIVE").mean() > 0.5


def test_words_agree_with_what_they_are_about(rows, said):
    quotes = said[(said.purpose_type == "QUOTE") & said.lead_key.notna()]
    leads = frame(rows, "sales_lead").set_index("lead_key")
    cars = frame(rows, "vehicle_specification").set_index("vehicle_specification_key")
    key = leads.loc[quotes.lead_key].interest_specification_key
    model = [cars.model.get(k) if isinstance(k, str) else None for k in key]
    heard = [m in text for m, text in zip(model, quotes.body_text, strict=True) if m]
    assert np.mean(heard) > 0.8  # some slip, some say "the white one"
    mails = said[said.channel_type == "EMAIL"]
    assert mails.subject.notna().all()
    assert not said[said.channel_type != "EMAIL"].subject.notna().any()
    assert not said.body_text.str.contains(r"[{}]|\bnan\b|\bNone\b").any()


def test_who_signs_speaks_of_the_car_that_is_sold(rows, said):
    """Whatever the lead had asked for."""
    cars = frame(rows, "vehicle").set_index("vehicle_key").vehicle_specification_key
    stays = frame(rows, "inventory_vehicle").set_index("inventory_vehicle_key").vehicle_key
    models = frame(rows, "vehicle_specification").set_index("vehicle_specification_key").model
    sold = frame(rows, "deal").set_index("deal_key").inventory_vehicle_key
    of_deal = sold.map(stays).map(cars).map(models)
    signed = said[(said.outcome_type == "SOLD") & said.deal_key.notna()]
    own = signed.deal_key.map(of_deal)
    names = sorted(set(models), key=len, reverse=True)
    for text, model in zip(signed.body_text, own, strict=True):
        named = next((name for name in names if f" {name}" in text and len(name) > 4), None)
        assert named is None or named == model or model in text, (text, model)


def test_texts_name_nobody_but_the_customer_and_the_staff(rows, said):
    people = frame(rows, "party").dropna(subset="family_name")
    names = set(people.family_name) | set(people.email_address.dropna())
    names -= {name.split()[0] for name in frame(rows, "dealer").dealer_name}
    names |= set(people.phone_number.dropna())
    words = {word.strip(",.!?:") for text in said.body_text for word in text.split()}
    capital = {word for word in words & names if len(word) > 5}
    known = set(frame(rows, "vehicle_specification").model) | set(people.given_name)
    assert len(capital - {w for name in known for w in name.split()}) < 12  # words like Walker


def test_grammar_has_words_for_every_scene_and_form():
    from generator.domains.sales_operations.contacts import SCENES

    symbols = Grammar.named("contacts").symbols
    missing = {f"say.{scene.name}_{form}" for scene in SCENES for form in FORMS} - set(symbols)
    assert missing <= {"say.rated_mail", "say.rated_text"}  # those say how happy they are
    assert {f"sub.{scene.name}" for scene in SCENES} <= set(symbols)


def test_who_wants_no_more_offers_has_opted_out(rows, said):
    left = said[said.outcome_type == "UNSUBSCRIBED"]
    assert len(left) > 0
    people = frame(rows, "customer").set_index("customer_key").party_key
    channels = frame(rows, "communication_channel")
    out = channels[channels.last_communication_status_type == "OPTED_OUT"]
    moments = set(zip(out.party_key, out.authorization_update_date_time, strict=True))
    asked = set(zip(left.customer_key.map(people), left.start_date_time, strict=True))
    assert asked <= moments
    assert not out.marketing_authorized_indicator.any()
    stays = rows["communication_channel"]
    at = stays.column_names.index("last_communication_status_type")
    field = stays.schema.field(at)
    read = pa.array(["READ"] * stays.num_rows, field.type)
    assert "R017.left" in failing(
        {**rows, "communication_channel": stays.set_column(at, field, read)}
    )


def test_rules_can_fail(rows, said):
    start = rows[TABLE]["start_date_time"]
    assert failing(rows) == set()
    number = said.sequence_num + 1
    assert "R042.talk" in failing(changed(rows, "sequence_num", number))
    late = [at.as_py().replace(year=2026) for at in start]
    assert "R042.contact" in failing(changed(rows, "start_date_time", late))
    night = [at.as_py().replace(hour=9) for at in start]
    assert "R107.contact" in failing(changed(rows, "start_date_time", night))
    early = [at.as_py().replace(year=2000) for at in start]
    assert {"R020.contact", "R017.contact"} <= failing(changed(rows, "start_date_time", early))
    everyone = ["MARKETING"] * len(said)
    assert "R017.contact" in failing(changed(rows, "purpose_type", everyone))
    left = ["UNSUBSCRIBED"] * len(said)
    marketing = changed(rows, "purpose_type", everyone)
    assert "R017.contact" in failing({**marketing, **changed(marketing, "outcome_type", left)})
    other = [said.staff_member_key.dropna().iloc[-1]] * len(said)
    assert "R021.contact" in failing(changed(rows, "staff_member_key", other))
    turned = said.customer_key.to_numpy()[::-1]
    assert "R042.people" in failing(changed(rows, "customer_key", turned))
    assert "R042.lasts" in failing(changed(rows, "duration_seconds", said.sequence_num))


def test_notes_on_leads_tell_the_end_only_once_it_has_come(rows):
    whole = frame(rows, "sales_lead").set_index("lead_key").lead_comments.dropna()
    assert whole.nunique() > 0.95 * len(whole)
    early = drawn(planned(ROWS, as_of="2025-06-30"))
    then = frame(early, "sales_lead").set_index("lead_key")
    said = then.lead_comments.dropna()
    assert all(whole[key].startswith(note) for key, note in said.items())
    open_ = then.close_date_time[said.index].isna()
    longer = np.array([len(whole[key]) > len(note) for key, note in said.items()])
    assert longer[open_].any()
    assert not longer[~open_].any()


def test_claims_repeat_what_the_workshop_wrote(rows):
    claims = frame(rows, "warranty_claim")
    lines = frame(rows, "repair_order_line").set_index("repair_order_line_key")
    of = lines.loc[claims.repair_order_line_key]
    for text, correction in zip(claims.claim_description, of.correction_text, strict=True):
        assert not isinstance(correction, str) or correction in text
