"""Text that says numbers or days is compared as numbers and days."""

import json

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pytest

import generator
from generator.compare import certify, compare
from generator.compare.progress import BEGUN
from generator.errors import Cancelled
from generator.fitted.checks import check_summary
from generator.forms import form_of
from generator.infer import infer, typed
from generator.schema import Kind
from generator.summary import as_said, forms_of, summarize, tables_of
from generator.summary.said import said
from tests.extracts import random

ROWS = 400
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def orders(*, scale=1.0, seed=1, odd=()):
    """Money, per cent, days as people write them, and a plain label that follows the money."""
    rng = random(seed)
    cents = np.rint(np.exp(rng.normal(11, 0.8, ROWS)) * scale).astype(int)
    days = np.datetime64("2023-01-01") + rng.integers(0, 700, ROWS)
    told = [day.item() for day in days]
    price = [f"${c / 100:,.2f}" for c in cents]
    price[: len(odd)] = odd
    return pa.table(
        {
            "price": price,
            "rate": [f"{p / 10:.1f}%" for p in rng.integers(10, 90, ROWS)],
            "day": [f"{d.day}-{MONTHS[d.month - 1]}-{d.year % 100:02}" for d in told],
            "month": [f"{d.year}-{d.month:02}" for d in told],
            "class": np.where(cents > 60_000, "high", "low").tolist(),
        }
    )


def opened(table, like=None):
    raw = {"orders": table}
    schema = infer(raw) if like is None else like
    return tables_of(schema, typed(raw, schema))


def test_columns_become_what_they_say():
    tables = opened(orders())
    forms = forms_of(tables)
    read = as_said(tables, forms)
    kinds = {c.name: c.kind for c in read.schema["orders"].columns}
    assert kinds == {
        "price": Kind.FLOAT,
        "rate": Kind.FLOAT,
        "day": Kind.DATE,
        "month": Kind.DATE,
        "class": Kind.ENUM,
    }
    table = orders().to_pydict()
    assert read.arrow("orders", "price")[0].as_py() == pytest.approx(
        float(table["price"][0].strip("$").replace(",", ""))
    )
    assert [f"{d:%Y-%m}" for d in read.arrow("orders", "month").to_pylist()] == table["month"]
    days = read.arrow("orders", "day").to_pylist()
    assert [f"{d.day}-{MONTHS[d.month - 1]}-{d:%y}" for d in days] == table["day"]
    roles = {name: c.role for name, c in summarize(read).tables["orders"].columns.items()}
    assert roles == {
        "price": "number",
        "rate": "number",
        "day": "moment",
        "month": "moment",
        "class": "category",
    }


def test_what_is_of_no_form_is_missing():
    texts = [f"${n}.00" for n in range(100, 400)]
    form = form_of(texts).form
    read = said(pa.chunked_array([[*texts[:2], None], ["call us"]]), form)
    assert read.to_pylist() == [100.0, 101.0, None, None]


def test_the_same_texts_score_as_numbers_and_another_scale_is_seen():
    real = opened(orders(seed=1))
    like = compare(real, opened(orders(seed=2), real.schema), opened(orders(seed=3), real.schema))
    twice = compare(real, opened(orders(scale=2.0, seed=2), real.schema))
    charted = {(entry["column"], entry["kind"]) for entry in like["columns"]}
    assert {("price", "number"), ("rate", "number"), ("day", "moment")} <= charted
    assert like["scores"]["univariate"]["accuracy"] > twice["scores"]["univariate"]["accuracy"]
    missed = [one for one in twice["scores"]["figures"] if not one["met"]]
    assert {one["column"] for one in missed} == {"price"}
    assert not like["not_understood"]
    assert twice["scores"]["detection"]["auc"] > like["scores"]["detection"]["auc"]


def test_a_certificate_reads_forms_too():
    sides = [orders(seed=seed) for seed in (1, 2, 3)]
    real = opened(sides[0])
    scores = certify(real, *(opened(side, real.schema) for side in sides[1:]))
    assert {one["column"] for one in scores["figures"]} == {"price", "rate"}
    assert scores["sdmetrics"]["column_shapes"] > 0.9


def test_a_bundle_is_compared_by_what_its_columns_say(tmp_path):
    """Also after its profile was written to a file and read again, whose checks know forms."""
    raw = {"orders": orders(odd=["ask", "ask", "ask"])}
    schema = infer(raw)
    profile = generator.fit(typed(raw, schema), schema, name="orders")
    generator.save_profile(profile, tmp_path / "orders.profile")
    read = generator.load_profile(tmp_path / "orders.profile")
    plan = generator.plan(read, generator.Recipe.from_dict({"rows": {"orders": 3000}}))
    generator.sample(read, plan, tmp_path / "out")
    found = json.loads((tmp_path / "out" / "comparison.json").read_text())
    kinds = {entry["column"]: entry["kind"] for entry in found["columns"]}
    assert kinds["price"] == kinds["rate"] == "number"
    assert kinds["day"] == "moment"
    assert all(entry["accuracy"] > 0.9 for entry in found["columns"])


def test_a_summary_of_another_kind_than_the_form_is_refused():
    raw = {"orders": orders()}
    schema = infer(raw)
    tables = tables_of(schema, typed(raw, schema))
    forms = forms_of(tables)
    summary = summarize(as_said(tables, forms), k=10)
    check_summary(schema, summary, forms)
    with pytest.raises(ValueError, match="summary of the column price"):
        check_summary(schema, summary, {})
    swapped = {("orders", "price"): forms["orders", "day"]}
    with pytest.raises(ValueError, match="summary of the column price"):
        check_summary(schema, summary, forms | swapped)


def test_a_comparison_can_be_cancelled_at_every_stage(tmp_path):
    """Asked hundreds of times on the way, it stops at whichever question is answered with yes."""
    pyarrow.csv.write_csv(orders(), tmp_path / "orders.csv")
    for stop in (1, 40, 100):
        left = iter(range(stop))
        with pytest.raises(Cancelled, match="comparison was cancelled"):
            generator.compare_paths(
                tmp_path / "orders.csv",
                tmp_path / "orders.csv",
                cancelled=lambda left=left: next(left, None) is None,
            )


def test_a_comparison_says_how_far_it_has_come(tmp_path):
    pyarrow.csv.write_csv(orders(), tmp_path / "orders.csv")
    told = []
    generator.compare_paths(
        tmp_path / "orders.csv",
        tmp_path / "orders.csv",
        holdout=tmp_path / "orders.csv",
        progress=lambda what, share: told.append((what, share)),
    )
    assert told == list(BEGUN.items())
    assert [share for _, share in told] == sorted({share for _, share in told})
