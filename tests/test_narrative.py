"""Sentences of grammars: the same whatever stands around them, different, with their slips."""

from __future__ import annotations

import numpy as np
import pytest

from generator.errors import ProfileError
from generator.frame import Coded
from generator.narrative import Grammar, Slips, slipped
from tests.benchmarks.narratives import NAMES, different, rows

DOCUMENT = {
    "abbreviations": {"customer": ["cust"]},
    "rules": {
        "note": ["{who} {wish/topic}{when}."],
        "who": ["3 | customer {=name}", "{=name}"],
        "wish": ["calls"],
        "wish.price": ["asks for the price"],
        "when": ["", " today"],
    },
}
GRAMMAR = Grammar.read("test", DOCUMENT)


def notes(n, hurried=None):
    names = np.array([f"N{row}" for row in range(n)], dtype=object)
    topics = Coded((np.arange(n) % 2).astype(np.int32), ("price", "other"))
    seeds = np.arange(n).astype(np.uint64)
    return GRAMMAR.written(
        "note", seeds, fields={"name": names}, labels={"topic": topics}, hurried=hurried
    )


def test_a_text_agrees_with_its_row():
    texts = notes(400)
    for row, text in enumerate(texts):
        assert f"N{row} " in text
        assert ("asks for the price" in text) == (row % 2 == 0)


def test_alternatives_come_by_their_weights():
    texts = notes(8_000)
    share = np.mean([text.startswith("customer") for text in texts])
    assert share == pytest.approx(0.75, abs=0.02)
    assert np.mean([text.endswith("today.") for text in texts]) == pytest.approx(0.5, abs=0.02)


def test_a_text_is_the_same_whatever_stands_around_it():
    assert notes(500)[:40].tolist() == notes(40).tolist()


def test_hurried_people_abbreviate():
    texts = notes(300, hurried=np.ones(300, dtype=bool))
    assert any(text.startswith("cust ") for text in texts)
    assert not any("customer" in text for text in texts)


def test_a_symbol_without_a_rule_is_refused():
    with pytest.raises(ProfileError, match="names “nowhere”, which no rule explains"):
        Grammar.read("test", {"rules": {"note": ["{nowhere}"]}})


def test_slips_come_at_their_rates():
    texts = np.full(10_000, "customer states noise from brakes", dtype=object)
    seeds = np.arange(10_000).astype(np.uint64) * np.uint64(77)
    wrong = slipped(texts, seeds, Slips(0.1, 0.2, 0.0))
    loud = np.array([text.isupper() for text in wrong])
    assert loud.mean() == pytest.approx(0.2, abs=0.02)
    odd = np.array([text.lower() != texts[0] for text in wrong])
    assert 0.06 < odd.mean() < 0.11  # a slip between words is none
    assert slipped(texts, seeds, Slips(0.0, 0.0, 0.0)).tolist() == texts.tolist()


@pytest.mark.parametrize("kind", NAMES, ids=lambda kind: kind[1])
def test_most_texts_are_different(kind):
    found = different(8_000, kind)
    assert found["as written"] >= 0.97
    assert found["masked"] >= 0.8


def test_the_grammar_of_the_workshop_knows_its_fields_and_labels():
    seeds, (fields, labels) = rows(("service", "narrative"), 3_000)
    for symbol in ("complaint", "cause", "correction"):
        texts = Grammar.named("service").written(symbol, seeds, fields=fields, labels=labels)
        assert all(text and "{" not in text for text in texts)
