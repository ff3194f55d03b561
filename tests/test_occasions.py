"""Things happen in exact numbers, each from a cause, most where they are most likely."""

from __future__ import annotations

import numpy as np
import pytest

from generator.domains.graph import Draw
from generator.domains.occasions import occasions, take
from generator.leaves.figures import figures
from tests.test_graph import frames_of
from tests.world import planned


@pytest.fixture(scope="module")
def frames():
    return frames_of(planned({"deal": 20}))


@pytest.fixture
def draw(frames):
    """A table's streams serve once, so each test has its own."""
    return Draw(frames.plan, figures(), frames["credit_rating"], frames)


DEALER = np.repeat(np.arange(3), [400, 50, 5])


@pytest.mark.parametrize("counts", [(0, 0, 0), (10, 50, 5), (400, 50, 5), (7, 0, 1)])
def test_exactly_so_many_happen_each_once(draw, counts):
    counts = np.array(counts)
    wanted = occasions(DEALER, np.ones(len(DEALER)), counts)
    taken = take(draw, wanted, counts, start=0)
    assert np.bincount(wanted.dealer[taken], minlength=3).tolist() == counts.tolist()
    assert len(set(zip(wanted.cause[taken], wanted.turn[taken], strict=True))) == counts.sum()
    assert (DEALER[wanted.cause[taken]] == wanted.dealer[taken]).all()


def test_causes_bring_more_where_more_are_asked_than_there_are_causes(draw):
    counts = np.array([401, 0, 23])
    wanted = occasions(DEALER, np.ones(len(DEALER)), counts)
    taken = take(draw, wanted, counts, start=0)
    each = np.bincount(wanted.cause[taken], minlength=len(DEALER))
    assert each[DEALER == 0].min() == 1
    assert sorted(each[DEALER == 2]) == [4, 4, 5, 5, 5]


def test_too_few_causes_are_an_error(draw):
    counts = np.array([0, 0, 11])
    wanted = occasions(DEALER, np.ones(len(DEALER)), counts, most=2)
    with pytest.raises(ValueError, match="11 rows of credit_rating have 10 occasions"):
        take(draw, wanted, counts, start=0)


def test_the_likelier_happens_more_often(frames):
    weight = np.where(np.arange(400) % 2 == 0, 3.0, 1.0)
    counts = np.array([40])
    heavy = []
    for start in range(0, 40_000, 400):
        draw = Draw(frames.plan, figures(), frames["credit_rating"], frames)
        wanted = occasions(np.zeros(400, dtype=np.int64), weight, counts)
        taken = take(draw, wanted, counts, start=start)
        heavy.append((wanted.cause[taken] % 2 == 0).mean())
    assert np.mean(heavy) == pytest.approx(0.735, abs=0.02)  # by simulation without replacement


def test_a_cause_happens_alike_wherever_its_shard_begins(draw, frames):
    """Numbers belong to the cause's row, so a dealer draws the same alone and among others."""
    counts = np.array([100, 20, 2])
    wanted = occasions(DEALER, np.ones(len(DEALER)), counts)
    whole = wanted.cause[take(draw, wanted, counts, start=0)]
    alone = occasions(np.zeros(50, dtype=np.int64), np.ones(50), np.array([20]))
    other = Draw(frames.plan, figures(), frames["credit_rating"], frames)
    taken = take(other, alone, np.array([20]), start=400)
    assert np.array_equal(alone.cause[taken] + 400, whole[100:120])
