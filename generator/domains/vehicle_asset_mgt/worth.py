"""What is left of a car's price when it was new, by published curves."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generator.domains.vehicle_asset_mgt.miles import beyond
from generator.frame import Frame
from generator.leaves.figures import Figures

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
CENTS = 100
OLDEST = 25  # years, of cars whose worth is asked for


def left(figures: Figures, catalogue: Frame, specification: Rows, years: Floats) -> Floats:
    """Share of the price new that is left: the published curve, bent to what is published for
    pickups, SUVs, hybrids and electric cars after five years."""
    curve, five = figures["retention_curve"], figures["retention_five_years"]
    share = np.interp(years, [0.0, *(float(k) for k in curve)], [1.0, *curve.values()])
    category = catalogue.text("vehicle_category_type")[specification].astype(str)
    powertrain = catalogue.text("power_train_type")[specification].astype(str)
    after = np.full(len(specification), float(five["all"]))
    after[np.isin(category, ["SUV", "CROSSOVER"])] = five["suv"]
    after[np.isin(category, ["PICKUP", "HEAVY_DUTY_TRUCK"])] = five["pickup"]
    after[powertrain == "HEV"] = five["hybrid"]
    after[powertrain == "BEV"] = five["electric"]
    bent: Floats = share * (after / float(five["all"])) ** (years / 5)
    return bent


def offered_share(figures: Figures, years: Floats) -> Floats:
    """What dealers ask over what the curve leaves."""
    offered = figures["offered_price_share"]
    return np.asarray(offered["young"] * np.exp(offered["a_year"] * beyond(years)))


def listed(figures: Figures, catalogue: Frame, specification: Rows, years: Floats) -> Floats:
    """What a used car is usually offered for, in cents."""
    new = catalogue["base_msrp"][specification].astype(np.float64)
    share = left(figures, catalogue, specification, years)
    return np.asarray(new * share * offered_share(figures, years))


def cost_of(figures: Figures, price: Floats, work: Floats) -> Floats:
    """What a used car that is offered for ``price`` may cost, so that the dealer keeps its
    margin, in cents."""
    margin = figures["used_margin"]
    cost = price * margin["share_of_list"] - work - margin["dollars"] * CENTS
    return np.asarray(np.maximum(cost, price * margin["least_share"]))


def price_of(figures: Figures, cost: Floats, work: Floats) -> Floats:
    """The price at which ``cost`` leaves the margin; the other way round than ``cost_of``."""
    margin = figures["used_margin"]
    return np.asarray((cost + work + margin["dollars"] * CENTS) / margin["share_of_list"])


def age_for(figures: Figures, share: Floats) -> Floats:
    """Years after which a car is offered for so much of its price new."""
    curve, years = figures["retention_curve"], np.linspace(0, OLDEST, OLDEST * 4 + 1)
    left_then = np.interp(years, [0.0, *(float(k) for k in curve)], [1.0, *curve.values()])
    asked = np.minimum.accumulate(left_then * offered_share(figures, years))
    return np.asarray(np.interp(-share, -asked, years))
