"""Rules of an extract on the page where it is confirmed: kept unless the tick is taken away."""

import pytest
from django.http import QueryDict

from portal.certificate_page import lines
from portal.confirmed import no_rules
from portal.forms.confirm import ConfirmForm
from tests.extracts import ready
from tests.ruled import orders

pytestmark = pytest.mark.django_db  # a confirmation looks for the sources that are charged
RULES = ["orders: gross = net + tax", "orders: begun <= ended"]


def form_of(rules=RULES, asked=None):
    _, schema = ready(orders(60), "orders")
    inferred = {**schema.to_dict(), **({"rules": rules} if rules else {})}
    data = None
    if asked is not None:
        data = QueryDict(mutable=True)
        data["title"] = "Orders"
        for name, values in asked.items():
            data.setlist(name, values)
    return ConfirmForm(inferred, title="Orders", data=data)


def test_all_rules_are_ticked_first():
    field = form_of()["rules"]
    assert [rule.choice_label for rule in field] == RULES
    assert field.initial == RULES
    assert "rules" not in form_of(rules=[]).fields


def test_a_rule_without_its_tick_is_not_kept():
    form = form_of(asked={"rules": RULES[1:], "rules_shown": ["True"]})
    form.full_clean()
    assert form._no_rules() == RULES[:1]
    form = form_of(asked={"rules_shown": ["True"]})
    form.full_clean()
    assert form._no_rules() == RULES
    form = form_of(asked={})  # a page that did not show them
    form.full_clean()
    assert form._no_rules() == []


def test_a_rule_follows_the_new_name_of_its_table():
    confirmed = {"tables": [{"name": "sales", "was": "orders"}], "no_rules": RULES[:1]}
    assert "sales: gross = net + tax" in no_rules(confirmed)


def test_the_certificate_shows_the_rules():
    (line,) = lines({"rules": RULES})
    assert (line.title, line.value) == ("Rules", "2")
    assert RULES[0] in line.beside
