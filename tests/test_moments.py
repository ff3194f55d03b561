"""Models learn from what is known at a moment, and from nothing that tells what came of it."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest

from tests.moments.learn import Learnt, by_rank, learn
from tests.moments.margins import KEYS, margins
from tests.moments.questions import QUESTIONS, Question
from tests.moments.worlds import World

DEALS, START, STOP, CUT = 1_500, "2024-01-01", "2025-12-31", "2025-06-15"


@cache
def world(as_of: str | None = None) -> World:
    return World.drawn(DEALS, start=START, stop=STOP, seed=11, as_of=as_of)


@cache
def learnt(name: str) -> Learnt:
    return learn(world().asked(name))


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_is_answered_better_than_by_guessing_and_not_too_well(name):
    assert not margins()[name].broken(learnt(name))


@pytest.mark.parametrize("name", QUESTIONS)
def test_more_than_one_feature_is_needed(name):
    assert (learnt(name).importance > 0.002).sum() >= 3


@pytest.mark.parametrize("name", QUESTIONS)
def test_features_are_the_same_in_a_world_that_is_known_until_the_moment_only(name):
    """What is learnt of later would be missing, or another, in a world that is cut before."""
    cut, whole = world(CUT), world()
    now, then = _rows(cut.told(name)), _rows(whole.told(name))
    then = then[then["moment"] <= cut.until]
    assert len(now) > 200
    pd.testing.assert_frame_equal(now.reset_index(drop=True), then.reset_index(drop=True))


def _rows(question: Question) -> pd.DataFrame:
    rows = question.known.astype(dict.fromkeys(question.known.select_dtypes("category"), str))
    return rows.assign(key=question.key.astype(str), moment=question.at)


def test_a_feature_of_later_is_found_out():
    """The state a lead ends in, as it stands in the bundle, would pass for one otherwise."""
    states = [
        one("sales_lead").set_index("lead_key").lead_status_type.astype(str)
        for one in (world(CUT), world())
    ]
    shared = states[0].index.intersection(states[1].index)
    assert (states[0][shared] != states[1][shared]).any()


def test_what_gives_the_answer_away_is_said():
    asked = world().asked("conversion")
    told = asked.known.assign(told=asked.answer.astype(float))
    said = margins()["conversion"].broken(learn(asked._replace(known=told)))
    assert any("something leaks" in one for one in said)
    assert any("told alone answers" in one for one in said)


def test_keys_in_the_order_of_the_answer_are_found_out():
    asked = world().asked("conversion")
    key = asked.answer * 100_000 + np.arange(len(asked.answer))
    assert by_rank(key, asked) > 0.9 > 0.5 + KEYS


def test_every_question_has_its_margins():
    assert set(margins()) == set(QUESTIONS)
    assert all(one.least < one.most and one.because for one in margins().values())
