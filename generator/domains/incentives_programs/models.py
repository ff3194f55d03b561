"""The models of each make that have programmes of their own, and what makers spend on them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from generator.domains.groups import place_in_group
from generator.domains.incentives_programs.offers import makes
from generator.frame import Frame
from generator.leaves.figures import Figures

Rows = NDArray[np.int64]


class Models(NamedTuple):
    """``of`` (catalogue rows,) is the slot of each row's model, -1 for none; the others are
    (makes, slots): the model's code and name ("" for none), its price new in cents, the share of
    it that makers give away."""

    of: Rows
    code: NDArray[np.object_]
    name: NDArray[np.object_]
    price: NDArray[np.float64]
    level: NDArray[np.float64]


def models_of(catalogue: Frame, numbers: Figures) -> Models:
    """Electric models first, which are sold with most; then those that sell best."""
    wide = int(numbers["incentive_models"])
    weight = np.maximum(catalogue["_weight_new"], 1e-12)
    place = {make: at for at, make in enumerate(makes())}
    make = np.array([place.get(str(name), -1) for name in catalogue.text("make")])
    names = catalogue.text("model_code").astype(str)
    models, first, code = np.unique(names, return_index=True, return_inverse=True)
    sold = np.bincount(code, weights=weight)
    price = np.bincount(code, weights=weight * catalogue["base_msrp"]) / sold
    electric = catalogue.text("power_train_type").astype(str) == "BEV"
    mostly = np.bincount(code, weights=weight * electric) > sold / 2
    order = np.lexsort((-sold, ~mostly, make[first]))
    slot = np.empty(len(models), dtype=np.int64)
    slot[order] = place_in_group(make[first][order])
    known = (slot < wide) & (make[first] >= 0)
    at = (make[first][known], slot[known])
    shape = (len(makes()), wide)
    found = Models(
        np.where(known, slot, -1)[code],
        np.full(shape, "", dtype=object),
        np.full(shape, "", dtype=object),
        np.zeros(shape),
        np.zeros(shape),
    )
    found.code[at] = models[known]
    found.name[at] = catalogue.text("model")[first][known]
    found.price[at] = price[known]
    found.level[at] = _levels(catalogue, numbers, first, mostly)[known]
    return found


def _levels(
    catalogue: Frame, numbers: Figures, first: Rows, electric: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """More than the mean of all cars of a segment, as some of them are sold without."""
    share, factor = numbers["incentive_share_of_price"], numbers["incentive_model_factor"]
    levels = {name: float(share[name]) * float(factor[name]) for name in share}
    segment = catalogue.text("_segment")[first]
    level = np.array([levels.get(str(name), levels["other"]) for name in segment])
    return np.where(electric, levels["electric_vehicle"], level)
