"""A table of many columns: each gets less room in the profile, and all still say what they said."""

import zipfile
from importlib import import_module

import numpy as np
import pyarrow as pa
import pytest

from generator.fit import fit
from generator.fit.way import Way
from generator.fitted import load_profile, save_profile
from generator.leaves.coarse import FINER, STEP, coarsened, plainer, rounded, step_of
from generator.leaves.guide import UNIT
from generator.leaves.quantiles import Curves
from tests.extracts import ready

ROWS, COLUMNS = 4_000, 8


@pytest.fixture(scope="module")
def fitted(tmp_path_factory):
    """A profile with all the room there is, one of a table that counts as wide, and their files."""
    rng = np.random.default_rng(3)
    lean = rng.normal(size=ROWS)
    made = {f"c{at}": np.exp(5 + lean + rng.normal(size=ROWS)).round(2) for at in range(COLUMNS)}
    made["side"] = np.where(lean > 0, "high", "low")
    tables, schema = ready(pa.table(made), "t")
    found, folder = {}, tmp_path_factory.mktemp("wide")
    for narrow in (50, 2):
        with pytest.MonkeyPatch.context() as patch:
            for module, name, most in (
                ("column", "NARROW", narrow),
                ("growing", "MOST_CELLS", 400),
                ("one", "MOST_STRETCHES", 2_000),
            ):
                patch.setattr(import_module(f"generator.fit.{module}"), name, most)
            found[narrow] = fit(tables, schema, name="t", way=Way())
        save_profile(found[narrow], folder / f"{narrow}.profile")
    return found, folder


def test_columns_of_a_wide_table_have_fewer_cells_and_knots(fitted):
    (narrow, wide), share = fitted[0].values(), 2 / (COLUMNS + 1)
    for profile, most in ((narrow, 1.0), (wide, share)):
        for column in profile.world.tables["t"].columns.values():
            assert column.tree.cells <= 400 * most
            if isinstance(column.leaves, Curves):  # a run has a knot more than it has pieces
                assert len(column.leaves.at) <= 2_000 * most + 2 * column.tree.cells


def test_a_wide_table_takes_less_room_and_comes_back(fitted):
    profiles, folder = fitted
    sizes = {}
    for narrow, profile in profiles.items():
        path = folder / f"{narrow}.profile"
        with zipfile.ZipFile(path) as packed:
            sizes[narrow] = sum(
                one.compress_size for one in packed.infolist() if one.filename.endswith(".npy")
            )
        assert load_profile(path).hash == profile.hash
    assert sizes[2] < 0.6 * sizes[50]


def test_ranks_of_a_wide_table_stand_at_rows_and_shares_at_parts_of_rows(fitted):
    leaves = fitted[0][2].world.tables["t"].columns["c3"].leaves
    assert not (leaves.value[leaves.value < UNIT] % step_of(ROWS)).any()
    assert not (leaves.at % STEP).any()
    assert leaves.ok(len(leaves.first) - 1)


@pytest.mark.parametrize("rows", [1, 30, 5_000, 1 << 20, 1 << 25])
def test_no_step_is_wider_than_a_row(rows):
    assert step_of(rows) >= STEP
    assert step_of(rows) == STEP or UNIT / rows / 2 < step_of(rows) <= UNIT / rows


def test_shares_move_by_less_than_a_part_of_a_row():
    rng = np.random.default_rng(1)
    cells = [np.sort(np.r_[0, rng.integers(0, UNIT, 9), UNIT]) for _ in range(3)]
    rows = np.array([25, 700, 40_000])
    at = np.concatenate(cells)
    curves = Curves(np.array([0, 11, 22, 33]), at, np.tile(np.arange(11.0), 3))
    moved = np.abs(plainer(curves, rows).at - at) / UNIT
    assert (moved <= np.repeat(1 / FINER / rows, 11) / 2 + STEP / UNIT / 2).all()
    assert plainer(curves, rows).ok(3)


def test_rounded_values_keep_atoms_ends_and_order():
    rng = np.random.default_rng(2)
    value = np.sort(np.r_[np.exp(rng.normal(8, 2, 500)), [777.7, 777.7, 1e6, 1e6]])
    at = np.linspace(0, UNIT, len(value)).astype(np.int64)
    curves = Curves(np.array([0, len(value)]), at, value)
    after = rounded(curves).value
    gap = np.diff(value)
    assert (np.diff(after) >= 0).all()
    assert (np.abs(after - value)[1:-1] <= np.minimum(gap[1:], gap[:-1]) / 128).all()
    assert (np.count_nonzero(after == 777.7), np.count_nonzero(after == 1e6)) == (2, 2)
    assert (after[0], after[-1]) == (value[0], value[-1])
    assert np.count_nonzero(after != value) > 400


def test_coarse_ranks_do_not_leave_their_side_of_an_atom():
    stretches = np.array([[0.30, 0.42]]) * UNIT
    value = np.rint(np.array([0, 0.2999, 0.30, 0.42, 0.4201, 1]) * UNIT)
    curves = Curves(np.array([0, 6]), np.linspace(0, UNIT, 6).astype(np.int64), value)
    after = coarsened(curves, stretches, UNIT >> 3).value
    assert (after[2:4] == np.rint(stretches[0])).all()
    assert after[1] <= after[2]
    assert after[4] >= after[3]
