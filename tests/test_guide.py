import numpy as np
import pytest

from generator.leaves.guide import UNIT, guide_of


def some_cells(seed, *, crowded):
    """Cells of a few rungs; crowded ones have theirs at the very beginning."""
    dice = np.random.default_rng(seed)
    found = []
    for _ in range(30):
        rungs = np.sort(dice.integers(0, 50 if crowded else UNIT, dice.integers(1, 60)))
        rungs[-1] = UNIT
        found.append(rungs)
    first = np.concatenate([[0], np.cumsum([len(rungs) for rungs in found])])
    return first, np.concatenate(found)


@pytest.mark.parametrize("crowded", [False, True])
def test_a_guide_finds_what_a_search_finds(crowded):
    first, rungs = some_cells(1, crowded=crowded)
    dice = np.random.default_rng(2)
    cells = dice.integers(0, 30, 5_000).astype(np.int32)
    u = np.where(dice.random(5_000) < 0.5, dice.integers(0, UNIT, 5_000), dice.integers(0, 60))
    found = guide_of(first, rungs).above(cells, u)
    for row in range(5_000):
        cell = slice(first[cells[row]], first[cells[row] + 1])
        assert found[row] == cell.start + np.searchsorted(rungs[cell], u[row], side="right")


def test_one_cell_needs_no_cells():
    rungs = np.array([0, 7, 7, UNIT // 2, UNIT])
    u = np.array([0, 6, 7, 8, UNIT // 2, UNIT - 1])
    assert guide_of(np.array([0, 5]), rungs).above(None, u).tolist() == [1, 1, 3, 3, 4, 4]
