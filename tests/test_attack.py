"""Attacks: each finds what was copied, and finds nothing in rows that are merely alike."""

import numpy as np
import pyarrow as pa
import pytest

from generator.attack import (
    LIMITS,
    Attack,
    Near,
    Shadow,
    attack_from,
    by_density,
    by_distance,
    by_shadows,
    inferred,
    linked,
    outliers,
    replayed,
    sharing_of,
    singled_out,
)
from generator.attack.attack import by_auc, by_shares, wilson
from tests.extracts import random

N, WIDTH = 400, 6
COLUMNS = {f"c{at}": slice(at, at + 1) for at in range(WIDTH)}


def rows(seed, n=N):
    return random(seed).normal(size=(n, WIDTH)).astype(np.float32)


LEARNT, UNSEEN, REFERENCE, OTHER = rows(1), rows(2), rows(3), rows(4)
COPIED = LEARNT + random(5).normal(scale=0.05, size=LEARNT.shape).astype(np.float32)


def near(made):
    return [Near.of(side, made, REFERENCE) for side in (LEARNT, UNSEEN)]


def shadows(made_of):
    for seed in (10, 20):
        learnt = rows(seed)
        yield Shadow(learnt, rows(seed + 1), made_of(learnt, seed))


def copying(learnt, seed):
    return learnt + random(seed).normal(scale=0.05, size=learnt.shape).astype(np.float32)


@pytest.mark.parametrize(
    "attack",
    [
        lambda made, _: by_distance("t", *near(made)),
        lambda made, _: by_density("t", *near(made)),
        lambda made, of: by_shadows("t", *near(made), REFERENCE, list(shadows(of))),
    ],
)
def test_membership_tells_copies_from_rows_of_the_same_kind(attack):
    found = attack(COPIED, copying)
    assert found.score > 0.9
    assert found.low > 0.3
    alike = attack(OTHER, lambda _, seed: rows(seed + 2))
    assert alike.low < 0 < alike.high
    assert abs(alike.gain) < 0.08


def test_inference_tells_more_of_persons_that_were_copied():
    codes = [(side[:, 0] > 0).astype(np.int64) for side in (LEARNT, UNSEEN, COPIED, OTHER)]
    copied = inferred("t", "c0", (LEARNT, UNSEEN, COPIED), tuple(codes[:3]), COLUMNS)
    assert copied.gain > 0.3
    alike = inferred("t", "c0", (LEARNT, UNSEEN, OTHER), (*codes[:2], codes[3]), COLUMNS)
    assert alike.low < 0 < alike.high
    assert alike.about == "c0"


def test_linkage_links_what_was_copied():
    columns = list(COLUMNS.values())
    assert linked("t", LEARNT, UNSEEN, COPIED, columns).low > 0.5
    assert linked("t", LEARNT, UNSEEN, OTHER, columns).high < 0.1


def test_singling_out_finds_persons_that_were_copied():
    labels = np.floor(LEARNT * 3).astype(np.float64), np.floor(UNSEEN * 3).astype(np.float64)
    ordered = np.zeros(WIDTH, dtype=bool)
    copied = singled_out("t", *labels, labels[0], ordered, seed=1)
    assert copied.score == 1.0
    assert copied.low > 0.5
    alike = singled_out("t", *labels, np.floor(OTHER * 3).astype(np.float64), ordered, seed=1)
    assert alike.low < 0.02
    assert singled_out("t", *labels, np.zeros((N, WIDTH)), ordered, seed=1) is None


def test_replay_counts_values_that_come_again_beyond_chance():
    def values(first):
        return pa.chunked_array([[f"person-{n}" for n in range(first, first + N)] + ["Al"]])

    again = replayed("t", "name", values(0), values(N), values(N // 2))
    assert (again.score, again.baseline) == (0.5, 0.5)  # as many of nobody who was learnt
    assert replayed("t", "name", values(0), values(N), values(0)).low > 0.9
    assert replayed("t", "name", values(0), values(N), pa.chunked_array([["Al", None]])) is None


def test_intervals_hold_what_they_say():
    low, high = wilson(0, 100)
    assert low == 0
    assert high == pytest.approx(0.037, abs=0.001)
    shares = by_shares("inference", "t", "c", (56, 70), (48, 80))
    assert (shares.low, shares.high) == pytest.approx((0.0524, 0.3339), abs=1e-4)  # Newcombe 1998
    inside = 0
    for seed in range(200):
        learnt, unseen = random(seed).normal(size=(2, 60))
        found = by_auc("distance", "t", learnt, unseen)
        inside += found.low <= 0 <= found.high
    assert 0.91 <= inside / 200 <= 0.99


def test_outliers_lie_furthest_from_all_others():
    far = LEARNT.copy()
    far[7] += 50
    assert outliers(Near.of(far, OTHER, REFERENCE).usual, 1 / N).tolist() == [7]


def attack(kind, high, low=-0.1):
    return Attack(kind, "", "t", "", 0.5, 0.5, low, high, 2_000)


KINDS = [limit.kind for limit in LIMITS]


def test_the_widest_circle_follows_the_rule():
    safe = [attack(kind, 0.004) for kind in KINDS]
    assert sharing_of(safe, k=20, unit="a.b").scope == "partner"
    assert sharing_of(safe, k=20).scope == "company"  # whose the rows are was not said
    assert sharing_of(safe, k=10, unit="a.b").scope == "company"
    for limit in LIMITS:
        others = [one for one in safe if one.kind != limit.kind]
        for high, scope in ((limit.partner + 0.001, "company"), (limit.company + 0.001, "team")):
            told = sharing_of([*others, attack(limit.kind, high)], k=20, unit="a.b")
            assert told.scope == scope
            assert limit.kind in told.why
        sure = attack(limit.kind, 0.9, low=limit.never + 0.001)
        assert sharing_of([*others, sure], k=20, unit="a.b", epsilon=1.0).scope == "nobody"
    assert sharing_of([]).scope == "team"
    assert sharing_of([], real=False).scope == "public"
    assert sharing_of(safe, epsilon=1.0).scope == "public"
    assert sharing_of(safe, epsilon=8.0).scope == "company"
    unmeasured = sharing_of([], epsilon=4.0)
    assert unmeasured.scope == "team"
    assert "a factor of e^4 at most" in unmeasured.sentence
    assert unmeasured.why == "differential privacy, epsilon 4; anyone up to 3"


def test_what_keeps_it_from_a_wider_circle_is_named():
    near, beyond = attack("replay", 0.019), attack("inference", 0.12)
    told = sharing_of([near, beyond], k=20, unit="a.b")
    assert (told.scope, told.why.partition(" ")[0]) == ("team", "inference")
    surely = attack("replay", 0.05, low=0.021)
    assert sharing_of([surely, attack("inference", 0.9)]).why.startswith("replay")


def test_the_sentence_says_what_it_means():
    said = sharing_of([attack("membership", 0.03), attack("replay", 0.001)]).sentence
    assert "50 times in 100, at most 53" in said
    assert "No personal value comes again" in said
    assert said.endswith("It may go to everybody in the company.")


def test_the_rule_is_written_down():
    from pathlib import Path

    lines = (Path(__file__).parent.parent / "docs" / "privacy.md").read_text().splitlines()
    for limit in LIMITS:
        cells = (limit.partner, limit.company, limit.never)
        assert f"| {limit.kind} | {' | '.join(f'{cell:g}' for cell in cells)} |" in lines


def test_an_attack_of_a_foreign_certificate_is_read_with_care():
    document = attack("membership", 0.03).document()
    assert attack_from(document) == attack("membership", 0.03)
    for wrong in (
        {"kind": "other"},
        {"score": "0.5"},
        {"score": 7},
        {"low": float("nan")},
        {"rows": -1},
        {"table": "x" * 1000},
        {"way": "<b>"},
    ):
        assert attack_from({**document, **wrong}) is None
    assert attack_from(["membership"]) is None
