"""Private fits of linked tables: the unit is a row of the root with all rows beneath it."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

import generator
from generator.errors import RequestError
from generator.fitted import load_profile, save_profile
from generator.private import Budget, declared_from, fit_private
from generator.private.units import units_of
from tests.extracts import random
from tests.private_tables import Deaf, Seeded

MOST = {"payment": 12, "note": 12}
BUDGET = Budget(10.0, 1e-9, "account.id")


def tables(accounts, *, seed=1):
    """Accounts of two kinds; gold ones have more payments, and larger; each payment has a note or
    none.  Payments come in no order of accounts."""
    rng = random(seed)
    gold = rng.random(accounts) < 0.4
    had = rng.poisson(np.where(gold, 8, 3))
    owner = rng.permutation(np.repeat(np.arange(accounts), had))
    amount = np.rint(rng.normal(np.where(gold[owner], 700, 200), 60)).astype(int)
    noted = np.flatnonzero(rng.random(len(owner)) < 0.3)
    return {
        "account": pa.table(
            {
                "id": [f"A{at}" for at in range(accounts)],
                "kind": np.where(gold, "gold", "plain").tolist(),
            }
        ),
        "payment": pa.table(
            {
                "id": [f"P{at}" for at in range(len(owner))],
                "account": [f"A{at}" for at in owner],
                "amount": amount.astype(str).tolist(),
            }
        ),
        "note": pa.table(
            {
                "payment": [f"P{at}" for at in noted],
                "mood": np.where(amount[noted] > 450, "glad", "sad").tolist(),
            }
        ),
    }


def text(name, *labels):
    return {
        "name": name,
        "type": "string",
        **({"constraints": {"enum": list(labels)}} if labels else {}),
    }


def declared(**changes):
    amount = {
        "name": "amount",
        "type": "integer",
        "constraints": {"minimum": 0, "maximum": 999, "required": True},
    }
    lead = {"reference": {"resource": "account", "fields": "id"}, "fields": "account"}
    lead_on = {"reference": {"resource": "payment", "fields": "id"}, "fields": "payment"}
    fields = {
        "account": ([text("id"), text("kind", "gold", "plain")], "id", []),
        "payment": ([text("id"), text("account"), amount], "id", [lead]),
        "note": ([text("payment"), text("mood", "glad", "sad")], None, [lead_on]),
    }
    resources = [
        {
            "name": name,
            **({"most": MOST[name]} if name in MOST else {}),
            "schema": {
                "fields": [*columns],
                **({"primaryKey": key} if key else {}),
                "foreignKeys": links,
            },
        }
        for name, (columns, key, links) in fields.items()
    ]
    return declared_from({"resources": [{**one, **changes} for one in resources]})


def fitted(held, noise, budget=BUDGET):
    return fit_private(held, declared(), budget, name="shop", noise=noise)


@pytest.fixture(scope="module")
def real():
    return tables(1500)


@pytest.fixture(scope="module")
def profile(real):
    return fitted(real, Seeded(1))


@pytest.fixture(scope="module")
def drawn(profile, tmp_path_factory):
    path = tmp_path_factory.mktemp("profile") / "shop.profile"
    save_profile(profile, path)
    profile = load_profile(path)
    plan = generator.plan(profile, generator.Recipe.from_dict({"seed": 5}))
    drawing, parts = profile.world.open(plan), {}
    for shard in plan.shards:
        for name, rows in drawing.draw(shard):
            parts.setdefault(name, []).append(rows)
    return {name: pa.concat_tables(rows) for name, rows in parts.items()}


def test_children_belong_to_parents_that_exist(drawn):
    for child, column, parent in (
        ("payment", "account", "account"),
        ("note", "payment", "payment"),
    ):
        assert set(drawn[child][column].to_pylist()) <= set(drawn[parent]["id"].to_pylist())
        assert len(set(drawn[parent]["id"].to_pylist())) == len(drawn[parent])


def test_rows_follow_their_parents(real, drawn):
    assert len(drawn["payment"]) == pytest.approx(len(real["payment"]), rel=0.05)
    kinds = dict(
        zip(drawn["account"]["id"].to_pylist(), drawn["account"]["kind"].to_pylist(), strict=True)
    )
    gold = np.array([kinds[one] == "gold" for one in drawn["payment"]["account"].to_pylist()])
    share = pc.mean(pc.equal(drawn["account"]["kind"].cast(pa.string()), "gold")).as_py()
    assert gold.sum() / (share * len(drawn["account"])) == pytest.approx(8, abs=1.5)
    amount = np.asarray(drawn["payment"]["amount"])
    assert amount[gold].mean() - amount[~gold].mean() == pytest.approx(500, abs=120)


def test_the_ledger_says_how_many_rows_of_a_unit_were_looked_at(profile):
    ledger = profile.ledger
    assert ledger["rows_of_a_unit"] == {"account": 1, **MOST}
    assert ledger["neighbours"] == "add or remove one account.id with all rows beneath it"
    assert ledger["spent"]["epsilon"] <= 10
    of = {look["about"].split(":")[0]: look["sensitivity"] for look in ledger["looks"]}
    assert of == {"account": 1.0, "payment": 12.0, "note": 12.0}


def test_one_unit_moves_counts_by_no_more_than_its_rows(real):
    """An account that has more rows than are declared is taken away; nobody else's rows move."""
    held = dict(real)
    many = {"id": [f"X{at}" for at in range(40)], "account": ["A3"] * 40, "amount": ["500"] * 40}
    order = random(2).permutation(len(real["payment"]) + 40)
    held["payment"] = pa.concat_tables([real["payment"], pa.table(many)]).take(order)
    said = declared()
    whole = units_of(held, said, BUDGET.unit)
    without = dict(held)
    without["account"] = held["account"].filter(pc.not_equal(held["account"]["id"], "A3"))
    less = units_of(without, said, BUDGET.unit)
    for name, most in MOST.items():
        key = held[name].column_names[0]
        before = set(held[name][key].take(whole[name].at).to_pylist())
        after = set(without[name][key].take(less[name].at).to_pylist())
        assert after <= before
        assert len(before - after) <= most
    assert len(less["payment"].at) < len(whole["payment"].at) < len(held["payment"])


def test_noise_that_is_deaf_gives_one_profile_whatever_the_tables_hold(real):
    one = fitted(real, Deaf(0))
    other = fitted({name: rows.slice(0, 9) for name, rows in real.items()}, Deaf(0))
    assert one.hash == other.hash
    assert one.ledger == other.ledger


@pytest.mark.parametrize(
    ("unit", "said"),
    [
        ("row", "belong to rows of another table; name as the unit"),
        ("account.kind", "is no primary key of a declared table"),
        ("payment.id", "must belong to payment.id by exactly one foreign key"),
    ],
)
def test_a_unit_that_rows_do_not_belong_to_is_refused(real, unit, said):
    with pytest.raises(RequestError) as refused:
        fitted(real, Seeded(1), Budget(1.0, 1e-9, unit))
    assert said in refused.value.sentence


def test_rows_that_are_not_looked_at_are_counted_all_the_same(real):
    """Two of an account's payments are looked at; as many are drawn as there are."""
    said = declared()
    less = replace(said, looked={**said.looked, "payment": 2})
    profile = fit_private(real, less, BUDGET, name="shop", noise=Seeded(1))
    assert profile.ledger["rows_of_a_unit"]["payment"] == 2
    rows = profile.world.tables["payment"].rows
    assert rows == pytest.approx(len(real["payment"]), rel=0.1)


def test_rows_of_a_unit_must_be_bounded():
    with pytest.raises(RequestError, match="how many rows one unit has at most"):
        declared(most=0)
