"""What the dealers of a bundle sell new: their makes, and which of a make's cars, so that few
dealers together come as near to the published market as their makes allow."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from generator.frame import Frame
from generator.leaves.figures import Figures
from generator.profile import Plan
from generator.streams import Stream

Floats = NDArray[np.float64]
INSIDE = (0.25, 0.75)  # from where in a dealer's part of the market its make is taken
ROUNDS = 60  # enough for shares to settle to a thousandth
STEP = 0.7  # of a correction, as shares and price move each other
LEAST, MOST = 0.1, 10.0  # how far the weight of a powertrain may be moved
STEEPEST = 2.5  # power of the price that weights may be moved by
NEXT_YEAR = 0.24  # of a year's new cars are of the next model year
PUBLISHED = ("HEV", "PHEV", "BEV")  # the others burn fuel only, or are mild hybrids


class Cells(NamedTuple):
    """Catalogue rows that are sold new, in cells of make, body and model year."""

    rows: NDArray[np.int64]
    cell: NDArray[np.int64]  # of each row
    make: NDArray[np.str_]  # of each cell
    share: Floats  # of the make's sales, of each cell
    year: NDArray[np.int64]  # of each cell


def makes_of(plan: Plan, catalogue: Frame, numbers: Figures) -> NDArray[np.str_]:
    """The make each dealer of the whole bundle sells new, shape (dealers,).

    Makes lie in a row by price, each as wide as its share of the market; dealers in a random
    order, each as wide as its share of the deals.  A dealer sells the make that lies somewhere in
    the middle of its part; in the upper half mirrored, so that what one dealer is too cheap
    another is too dear.
    """
    deals = _deals(plan)
    makes, width = _market(plan, catalogue, numbers)
    u = Stream(plan.recipe.seed, "dealer", "primary_make").uniform(0, len(deals) + 1)
    order = np.argsort(u[:-1], kind="stable")
    wide = deals[order] / deals.sum()
    left = np.cumsum(wide) - wide
    inside = INSIDE[0] + (INSIDE[1] - INSIDE[0]) * u[-1]
    at = left + wide * np.where(left + wide / 2 > 0.5, 1 - inside, inside)
    chosen = np.searchsorted(np.cumsum(width) / width.sum(), at, side="right")
    found = np.empty(len(deals), dtype=makes.dtype)
    found[order] = makes[np.minimum(chosen, len(makes) - 1)]
    return found


def tilted(plan: Plan, catalogue: Frame, numbers: Figures) -> Floats:
    """How often each catalogue row is sold new, shape (rows,).

    The units sold, times a factor for the powertrain and a power of the price that bring the cars
    of the bundle's dealers to the published powertrains and mean MSRP, as near as the bounds
    allow: raking (Deming and Stephan 1940), the price by a Newton step a round.
    """
    sold = catalogue["_units"]
    cells, part = _parts(plan, catalogue, numbers)
    kind, wanted = _kinds(catalogue), _wanted(numbers)
    price = np.log(catalogue["base_msrp"].astype(np.float64))
    price -= price.mean()
    spread = max(float((price[cells.rows] ** 2).mean()), 0.01)
    msrp, goal = _total_msrp(catalogue, numbers)[cells.rows], _level(plan, cells, part, numbers)
    factor, power = np.ones(len(wanted)), 0.0
    for _ in range(ROUNDS):
        shares = _shares(cells, part, sold * factor[kind] * np.exp(power * price))
        reached = np.bincount(kind[cells.rows], weights=shares, minlength=len(wanted))
        factor *= np.where(reached > 0, wanted / np.maximum(reached, 1e-9), 1.0) ** STEP
        factor = np.clip(factor / factor[-1], LEAST, MOST)
        power += STEP * (goal / float((shares * msrp).sum()) - 1) / spread
        power = float(np.clip(power, -STEEPEST, STEEPEST))
    found: Floats = sold * factor[kind] * np.exp(power * price)
    return found


def expected(plan: Plan, catalogue: Frame, numbers: Figures) -> Floats:
    """The share of the bundle's new cars that each catalogue row is likely to have."""
    cells, part = _parts(plan, catalogue, numbers)
    found = np.zeros(catalogue.rows)
    found[cells.rows] = _shares(cells, part, catalogue["_weight_new"])
    return found


def usual_extras(category: NDArray[np.str_], truck: NDArray[np.bool_], numbers: Figures) -> Floats:
    """Mean options and the destination charge, in dollars."""
    options = numbers.entry("vehicle.options_msrp").draw((np.arange(200) + 0.5) / 200, ())
    charge = numbers["destination_charge"]
    kind = np.where(truck, charge["suv"], charge["car"])
    found: Floats = np.where(category == "PICKUP", charge["truck"], kind) + float(options.mean())
    return found


def _deals(plan: Plan) -> Floats:
    """Deals of each dealer of the bundle, at least one each."""
    deals: Floats = np.maximum(np.array(plan.world["per_dealer"]["deal"], dtype=np.float64), 1.0)
    return deals


def _market(plan: Plan, catalogue: Frame, numbers: Figures) -> tuple[NDArray[np.str_], Floats]:
    """The makes dealers can have, cheapest first, and their shares of the market: makes with both
    kinds of body, so that a dealer can sell 80 % light trucks, that leave selling to dealers."""
    cells = _cells(plan, catalogue, numbers)
    shares = _shares(cells, cells.share, catalogue["_units"])
    msrp = _total_msrp(catalogue, numbers)[cells.rows]
    own, truck = catalogue.text("make").astype(str), catalogue["_light_truck"]
    of_row = own[cells.rows]
    found = []
    for make, share in numbers["make_share"].items():
        mine, bodies = of_row == make, truck[own == make]
        if mine.any() and not bodies.all() and bodies.any() and make not in numbers["direct_makes"]:
            found.append((float(np.average(msrp[mine], weights=shares[mine])), make, share))
    found.sort()
    return np.array([make for _, make, _ in found]), np.array([share for *_, share in found])


def _parts(plan: Plan, catalogue: Frame, numbers: Figures) -> tuple[Cells, Floats]:
    """The cells, and the share of each among the new cars of the bundle's dealers."""
    cells = _cells(plan, catalogue, numbers)
    deals, makes = _deals(plan), makes_of(plan, catalogue, numbers)
    part = cells.share * np.array([deals[makes == make].sum() for make in cells.make])
    return cells, part / part.sum()


def _cells(plan: Plan, catalogue: Frame, numbers: Figures) -> Cells:
    start, stop = _years(plan)
    rows = np.flatnonzero(
        (catalogue["model_year"] >= start) & (catalogue["model_year"] <= stop + 1)
    )
    makes, code = np.unique(catalogue.text("make")[rows].astype(str), return_inverse=True)
    truck = catalogue["_light_truck"][rows].astype(np.int64)
    width = stop + 2 - start
    place = (code * 2 + truck) * width + catalogue["model_year"][rows] - start
    found, cell = np.unique(place, return_inverse=True)
    year, body = found % width, found // width % 2
    light = float(numbers["light_truck_share"])
    when = (1 - NEXT_YEAR) * (year < width - 1) + NEXT_YEAR * (year > 0)
    share = np.where(body == 1, light, 1 - light) * when
    return Cells(rows, cell, makes[found // width // 2], share, start + year)


def _shares(cells: Cells, part: Floats, weight: Floats) -> Floats:
    """The share of each row of the cells: its cell's ``part`` (cells,), by ``weight`` (the
    catalogue's rows,) within it."""
    own = weight[cells.rows]
    shares: Floats = own / np.bincount(cells.cell, weights=own)[cells.cell] * part[cells.cell]
    return shares


def _kinds(catalogue: Frame) -> NDArray[np.int64]:
    """Place of each row's powertrain in ``PUBLISHED``, behind them for all others."""
    names = catalogue.text("power_train_type").astype(str)
    kind = np.full(len(names), len(PUBLISHED), dtype=np.int64)
    for at, name in enumerate(PUBLISHED):
        kind[names == name] = at
    return kind


def _wanted(numbers: Figures) -> Floats:
    """Published shares of the powertrains in ``PUBLISHED``, and of all others."""
    shares = np.array([float(numbers["powertrain_weight"][name]) for name in PUBLISHED])
    return np.append(shares, 1 - shares.sum())


def _level(plan: Plan, cells: Cells, part: Floats, numbers: Figures) -> float:
    """The published mean MSRP, in cents, in the money of the span's model years."""
    ago = np.maximum(_years(plan)[1] - cells.year, 0)
    money = float((part * float(numbers["price_growth"]) ** ago).sum())
    return float(numbers["msrp_mean_new"]) * 100 * money


def _total_msrp(catalogue: Frame, numbers: Figures) -> Floats:
    """Base, usual options and destination of each row, in cents."""
    category = catalogue.text("vehicle_category_type").astype(str)
    extras = usual_extras(category, catalogue["_light_truck"], numbers)
    total: Floats = catalogue["base_msrp"] + extras * 100
    return total


def _years(plan: Plan) -> tuple[int, int]:
    recipe = plan.recipe
    if recipe.start is None or recipe.stop is None:
        raise ValueError("the recipe of a plan has its span")
    return recipe.start.year, recipe.stop.year
