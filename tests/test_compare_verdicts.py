"""Verdicts by the thresholds that are written down."""

from pathlib import Path

import pytest

from generator.compare.judge import _of_auc, judged
from generator.compare.thresholds import BY_NAME, LOOSE, THRESHOLDS, Threshold

DOCUMENT = (Path(__file__).parents[1] / "docs" / "comparison.md").read_text()


@pytest.mark.parametrize("threshold", THRESHOLDS, ids=lambda one: one.name)
def test_the_documentation_shows_every_threshold(threshold):
    assert f"| {' | '.join(threshold.lines)} |" in DOCUMENT


def test_the_documentation_says_how_far_figures_may_be_away():
    said = " / ".join(f"{LOOSE[name] * 100:g}" for name in list(LOOSE)[:4])
    assert f"{said} %" in DOCUMENT


@pytest.mark.parametrize("threshold", THRESHOLDS, ids=lambda one: one.name)
def test_worse_is_never_better(threshold):
    levels = [threshold.level(at / 100) for at in range(101)]
    if threshold.more_is_better:
        levels.reverse()
    order = ["good", "fair", "poor"]
    assert levels == sorted(levels, key=order.index)
    assert {"good", "poor"} <= set(levels)


def test_what_is_judged_by_hand():
    share = Threshold("x", "X", "ceiling", 0.9, 0.8, ())
    assert share.judged(0.45, 0.5) == pytest.approx(0.9)
    assert share.judged(0.9, 0.5) == 1
    assert share.judged(0.9, None) is None
    assert Threshold("x", "X", "loss", 0.1, 0.2, ()).judged(0.6, 0.9) == pytest.approx(0.3)
    assert Threshold("x", "X", "excess", 0.1, 0.2, ()).judged(0.6, 0.9) == 0
    assert share.severity(0.9) == pytest.approx(0)
    assert share.severity(0.8) == pytest.approx(1)


def useful(measure, real, synthetic):
    entry = {
        "table": "t",
        "target": "y",
        "measure": measure,
        "real": real,
        "synthetic": synthetic,
    }
    return {"usefulness": {**entry, "all": [entry]}}


@pytest.mark.parametrize(
    ("scores", "level"),
    [
        (useful("R²", 0.9, 0.88), "good"),
        (useful("R²", 0.9, 0.75), "fair"),
        (useful("R²", 0.9, 0.71), "poor"),  # a fifth and more is lost
        (useful("AUC", 0.9, 0.895), "good"),
        (useful("AUC", 0.9, 0.84), "poor"),
        ({"detection": {"tables": {"t": {"auc": 0.8, "real": 0.5}}}}, "poor"),
        ({"detection": {"tables": {"t": {"auc": 0.55, "real": 0.5}}}}, "good"),
        ({"copies": {"t": {"ims": 0.03, "ims_holdout": 0.029, "dcr_share": None}}}, "good"),
        ({"copies": {"t": {"ims": 0.03, "ims_holdout": 0.0, "dcr_share": None}}}, "poor"),
    ],
)
def test_a_score_has_its_level(scores, level):
    (verdict,) = judged(scores, rows={"t": 1000})
    assert verdict["level"] == level


def test_worst_comes_first_and_little_is_said_of_few_rows():
    scores = {
        "detection": {"tables": {"t": {"auc": 0.62, "real": 0.5}, "few": {"auc": 0.9, "real": 0.5}}}
    }
    found = judged(scores, rows={"t": 1000, "few": 99}, strange=["t.blob"], orphans=7)
    told = [(one["level"], one["measure"], one["about"]) for one in found]
    assert told == [
        ("poor", "understood", "t.blob"),
        ("poor", "orphans", ""),
        ("fair", "detection", "t"),
        ("unsaid", "rows", "few"),
    ]
    assert found[0]["uses"] == ["analytics", "machine learning"]


def test_missed_figures_are_named():
    figures = [
        {
            "table": "t",
            "column": f"c{at}",
            "figure": "mean",
            "target": 10.0,
            "reached": 12.0,
            "met": at > 2,
        }
        for at in range(10)
    ]
    (verdict,) = judged({"figures": figures}, rows={"t": 1000})
    assert verdict["level"] == "poor"
    assert "mean of t.c0 (12 for 10)" in verdict["why"]


def test_every_threshold_is_used_somewhere():
    judge = Path(__file__).parents[1] / "generator" / "compare" / "judge.py"
    text = judge.read_text()
    assert [name for name in BY_NAME if f'"{name}"' not in text] == []


@pytest.mark.parametrize(("rows", "level"), [(100, "good"), (5000, "poor")])
def test_attacks_on_few_rows_are_forgiven_what_chance_does(rows, level):
    attacks = {"membership": {"t": {"auc": 0.62, "rows": rows}}}
    (verdict,) = judged(attacks, rows={"t": rows})
    assert verdict["level"] == level
    copied = {"t": {"ims": 0.03, "ims_holdout": 0.0, "dcr_share": None, "rows": rows}}
    copies = judged({"copies": copied}, rows={"t": rows})
    assert copies[0]["level"] == ("poor" if rows == 5000 else "fair")


def test_the_error_of_an_auc_by_hand():
    assert _of_auc(100) == pytest.approx(2 * 0.0409, abs=2e-4)
