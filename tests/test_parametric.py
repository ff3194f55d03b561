import numpy as np
import pytest

from generator.errors import ProfileError
from generator.leaves import Choice, leaf_from

U = (np.arange(20_000) + 0.5) / 20_000


@pytest.mark.parametrize(
    ("entry", "mean"),
    [
        ({"leaf": "normal", "mean": 10, "sd": 2}, 10),
        ({"leaf": "lognormal", "mu": 0, "sigma": 0.5}, np.exp(0.125)),
        ({"leaf": "gamma", "shape": 2, "scale": 3}, 6),
        ({"leaf": "uniform", "low": 2, "high": 4}, 3),
        ({"leaf": "bands", "edges": [0, 10, 20], "shares": [0.5, 0.5]}, 10),
        ({"leaf": "quantiles", "at": [0, 0.5, 1], "values": [0, 1, 2]}, 1),
        ({"leaf": "constant", "value": 7}, 7),
    ],
)
def test_a_leaf_has_its_mean(entry, mean):
    assert leaf_from(entry, where="x").draw(U).mean() == pytest.approx(mean, rel=1e-3)


def test_choice_keeps_its_shares_and_its_labels():
    codes = Choice(("a", "b", "c"), (1, 2, 1)).draw(U)
    assert np.bincount(codes).tolist() == [5000, 10_000, 5000]
    assert Choice(("a",), (1.0,)).draw(np.array([0.0, np.nextafter(1, 0)])).tolist() == [0, 0]


@pytest.mark.parametrize("entry", [{"leaf": "zeta"}, {"leaf": "normal", "mean": 1}, {}])
def test_a_malformed_entry_names_itself(entry):
    with pytest.raises(ProfileError, match=r"deal\.price"):
        leaf_from(entry, where="deal.price")
