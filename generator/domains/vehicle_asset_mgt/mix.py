"""What the dealers of a bundle sell new: their makes, and which of a make's cars, so that few
dealers together come as near to the published market as their makes allow."""

from __future__ import annotations

from collections.abc import Mapping
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
BODY_LIMITS = (1 / 3, 3.0)  # and that of a kind of body
SEGMENT_LIMITS = (0.5, 2.0)  # of a size of SUVs and pickups
PRICE_LIMITS = (0.3, 3.0)  # of cheap and of dear cars
MODEL_LIMITS = (0.5, 2.0)  # of one of the models that sell best
ALIKE = {  # kinds of body that are published as one
    "CROSSOVER": "SUV",
    "HEAVY_DUTY_TRUCK": "PICKUP",
    "MINIVAN": "VAN",
    "WAGON": "HATCHBACK",
}
STEEP_ODDS = 12.0  # steps of the odds of light trucks
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
    order, those that trade cars side by side, each as wide as its share of the deals.  A dealer
    sells the make that lies somewhere in the middle of its part; in the upper half mirrored, so
    that what one dealer is too cheap another is too dear.
    """
    deals = _deals(plan)
    makes, width = market(plan, catalogue, numbers)
    u = Stream(plan.recipe.seed, "dealer", "primary_make").uniform(0, len(deals) + 1)
    pairs = np.array(plan.world["pairs"], dtype=np.int64)
    u[pairs + 1] = u[pairs]
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

    The units sold, times factors for the powertrain, the kind of body, its size, the models that
    sell best, cheap and dear cars, and a power of the price that bring the cars of the bundle's
    dealers to the published shares and mean MSRP, as near as the bounds allow: raking (Deming and
    Stephan 1940), the price by a Newton step a round.
    """
    sold = catalogue["_units"]
    cells, part = _parts(plan, catalogue, numbers)
    if not len(cells.rows):
        return np.asarray(sold)
    natural = _shares(cells, part, sold)
    margins = (
        Margin(_kinds(catalogue), _wanted(numbers), len(PUBLISHED), LEAST, MOST),
        *_bodies(catalogue, numbers, cells, natural),
        _segments(catalogue, numbers, cells, natural),
        _models(catalogue, numbers, cells, natural),
        _prices(catalogue, numbers, cells),
    )
    price = np.log(catalogue["base_msrp"].astype(np.float64))
    price -= price.mean()
    spread = max(float((price[cells.rows] ** 2).mean()), 0.01)
    msrp, goal = _total_msrp(catalogue, numbers, cells.rows), _level(plan, cells, part, numbers)
    weight, power = sold, 0.0
    factors = [np.ones(len(margin.wanted)) for margin in margins]
    for _ in range(ROUNDS):
        shares = _shares(cells, part, weight)
        for margin, factor in zip(margins, factors, strict=True):
            margin.move(factor, cells, shares)
        power += STEP * (goal / float((shares * msrp).sum()) - 1) / spread
        power = float(np.clip(power, -STEEPEST, STEEPEST))
        weight = sold * np.exp(power * price)
        for margin, factor in zip(margins, factors, strict=True):
            weight = weight * np.append(factor, 1.0)[margin.kind]
    found: Floats = weight
    return found


class Margin(NamedTuple):
    """Kinds of row whose shares are published, and how far they may be moved from the base."""

    kind: NDArray[np.int64]  # of each row of the catalogue; as many as there are kinds: none
    wanted: Floats
    base: int
    least: float
    most: float

    def move(self, factor: Floats, cells: Cells, shares: Floats) -> None:
        """A step of ``factor``, in place, towards what is wanted."""
        reached = np.bincount(
            self.kind[cells.rows], weights=shares, minlength=len(self.wanted) + 1
        )[:-1]
        step = np.where(reached > 0, self.wanted / np.maximum(reached, 1e-9), 1.0) ** STEP
        factor *= step
        factor[:] = np.clip(factor / factor[self.base], self.least, self.most)


def _bodies(
    catalogue: Frame, numbers: Figures, cells: Cells, shares: Floats
) -> tuple[Margin, Margin]:
    """Kinds of body among light trucks and among cars; how many of either there are is settled."""
    category = catalogue.text("vehicle_category_type").astype(str)
    names = np.array([ALIKE.get(name, name) for name in category])
    light = catalogue["_light_truck"][cells.rows]
    found = []
    for name, of in (("light", shares[light].sum()), ("car", shares[~light].sum())):
        published = numbers["body_share"][name]
        kind = np.full(len(names), len(published), dtype=np.int64)
        for at, label in enumerate(published):
            kind[names == label] = at
        wanted = np.array(list(published.values())) * of
        found.append(Margin(kind, wanted, int(np.argmax(wanted)), *BODY_LIMITS))
    return found[0], found[1]


def _segments(catalogue: Frame, numbers: Figures, cells: Cells, shares: Floats) -> Margin:
    """Sizes of SUVs and pickups that are published, among the light trucks there are."""
    published = numbers["segment_share"]
    names = catalogue.text("_segment").astype(str)
    others = len(published)
    kind = np.where(catalogue["_light_truck"], others, others + 1)
    for at, label in enumerate(published):
        kind[names == label] = at
    known = np.array(list(published.values()), dtype=np.float64)
    rest = float(shares[catalogue["_light_truck"][cells.rows]].sum()) - known.sum()
    return Margin(kind, np.append(known, max(rest, 1e-9)), others, *SEGMENT_LIMITS)


def _models(catalogue: Frame, numbers: Figures, cells: Cells, shares: Floats) -> Margin:
    """The models that sell best, as they do among the cars of their makes."""
    published, market = numbers["model_share"], numbers["make_share"]
    names = catalogue.text("model").astype(str)
    of_row = catalogue.text("make")[cells.rows].astype(str)
    kind = np.full(len(names), len(published), dtype=np.int64)
    wanted = np.zeros(len(published) + 1)
    for at, (name, one) in enumerate(published.items()):
        kind[names == name] = at
        mine = float(shares[of_row == one["make"]].sum())
        wanted[at] = one["share"] / market[one["make"]] * mine
    wanted[-1] = 1 - wanted.sum()
    return Margin(kind, np.maximum(wanted, 1e-9), len(published), *MODEL_LIMITS)


def _prices(catalogue: Frame, numbers: Figures, cells: Cells) -> Margin:
    """Cheap cars and dear ones, beside the mean of all."""
    ends = numbers["msrp_ends"]
    msrp = _total_msrp(catalogue, numbers, cells.rows) / 100
    kind = np.full(catalogue.rows, 2, dtype=np.int64)
    kind[cells.rows] = np.where(msrp < ends["below"], 0, np.where(msrp > ends["above"], 1, 2))
    wanted = np.array([ends["share_below"], ends["share_above"], 0.0], dtype=np.float64)
    wanted[-1] = 1 - wanted.sum()
    return Margin(kind, wanted, 2, *PRICE_LIMITS)


def expected(plan: Plan, catalogue: Frame, numbers: Figures) -> Floats:
    """The share of the bundle's new cars that each catalogue row is likely to have."""
    cells, part = _parts(plan, catalogue, numbers)
    found = np.zeros(catalogue.rows)
    found[cells.rows] = _shares(cells, part, catalogue["_weight_new"])
    return found


def _deals(plan: Plan) -> Floats:
    """Deals of each dealer of the bundle, at least one each."""
    deals: Floats = np.maximum(np.array(plan.world["per_dealer"]["deal"], dtype=np.float64), 1.0)
    return deals


def market(plan: Plan, catalogue: Frame, numbers: Figures) -> tuple[NDArray[np.str_], Floats]:
    """The makes dealers can have, cheapest first, and their shares of the market, luxury ones
    their published share together; makes that leave selling to dealers."""
    cells = _cells(plan, catalogue)
    shares = _shares(cells, cells.share, catalogue["_units"])
    msrp = _total_msrp(catalogue, numbers, cells.rows)
    of_row = catalogue.text("make")[cells.rows].astype(str)
    found = []
    for make, share in numbers["make_share"].items():
        mine = of_row == make
        if mine.any() and make not in numbers["direct_makes"]:
            found.append((float(np.average(msrp[mine], weights=shares[mine])), make, share))
    found.sort()
    makes = np.array([make for _, make, _ in found])
    width = np.array([share for *_, share in found])
    luxury, wanted = np.isin(makes, numbers["luxury_makes"]), float(numbers["luxury_share_new"])
    if luxury.any() and not luxury.all():
        width[luxury] *= wanted / width[luxury].sum()
        width[~luxury] *= (1 - wanted) / width[~luxury].sum()
    return makes, width


def _parts(plan: Plan, catalogue: Frame, numbers: Figures) -> tuple[Cells, Floats]:
    """The cells, and the share of each among the new cars of the bundle's dealers."""
    deals, makes = _deals(plan), makes_of(plan, catalogue, numbers)
    cells = _cells(plan, catalogue, light_trucks(plan, catalogue, numbers).new)
    part = cells.share * np.array([deals[makes == make].sum() for make in cells.make])
    return cells, part / max(float(part.sum()), 1e-12)


class LightTrucks(NamedTuple):
    """The share of light trucks among a dealer's new cars, and its used ones of its own make, by
    make; and among the other used cars of all dealers."""

    new: dict[str, float]
    own: dict[str, float]
    other: float


def light_trucks(plan: Plan, catalogue: Frame, numbers: Figures) -> LightTrucks:
    """Each make sells its own mix of bodies, moved by one step of the odds for all of them so that
    the dealers of the bundle together come to the share that is asked for."""
    deals, makes = _deals(plan), makes_of(plan, catalogue, numbers)
    names, at = np.unique(makes, return_inverse=True)
    part = np.bincount(at, weights=deals) / deals.sum()
    start, stop = _years(plan)
    year, light = catalogue["model_year"], catalogue["_light_truck"].astype(np.float64)
    new, old = (year >= start) & (year <= stop + 1), year < start
    make = catalogue.text("make").astype(str)

    def natural(name: str, rows: NDArray[np.bool_], units: Floats) -> float:
        rows = rows & (make == name) if name else rows
        total = float(units[rows].sum())
        return float((units * light)[rows].sum()) / total if total else 0.5

    of_new = np.array([natural(name, new, catalogue["_units"]) for name in names])
    of_own = np.array([natural(name, old, catalogue["_units_used"]) for name in names])
    of_other = np.array([natural("", old, catalogue["_units_used"])])
    fresh, certified = state_shares(numbers)
    own = certified + (1 - fresh - certified) * float(numbers["own_make_used_share"])
    wanted = float(numbers["light_truck_share"])
    low, high = -STEEP_ODDS, STEEP_ODDS
    for _ in range(ROUNDS):
        step = (low + high) / 2
        reached = fresh * part @ moved(of_new, step) + own * part @ moved(of_own, step)
        reached += (1 - fresh - own) * float(moved(of_other, step)[0])
        low, high = (step, high) if reached < wanted else (low, step)
    return LightTrucks(
        dict(zip(names.tolist(), moved(of_new, low).tolist(), strict=True)),
        dict(zip(names.tolist(), moved(of_own, low).tolist(), strict=True)),
        float(moved(of_other, low)[0]),
    )


def state_shares(numbers: Figures) -> tuple[float, float]:
    """Of the deals, those of new cars and of certified ones."""
    state = numbers.entry("deal.product_state_type").draw((np.arange(1000) + 0.5) / 1000)
    new, certified = (
        float(np.mean(state.codes == state.labels.index(label))) for label in ("NEW", "CERTIFIED")
    )
    return new, certified


def moved(share: Floats, step: float | Floats) -> Floats:
    """Shares with their odds times e to the ``step``; none and all stay."""
    odds = share * np.exp(step)
    found: Floats = odds / (odds + 1 - share)
    return found


def _cells(plan: Plan, catalogue: Frame, light: Mapping[str, float] | None = None) -> Cells:
    """The cells of the makes; ``light`` is each one's share of light trucks, else as sold."""
    start, stop = _years(plan)
    rows = np.flatnonzero(
        (catalogue["model_year"] >= start) & (catalogue["model_year"] <= stop + 1)
    )
    makes, code = np.unique(catalogue.text("make")[rows].astype(str), return_inverse=True)
    truck = catalogue["_light_truck"][rows].astype(np.int64)
    width = stop + 2 - start
    place = (code * 2 + truck) * width + catalogue["model_year"][rows] - start
    found, cell = np.unique(place, return_inverse=True)
    year, body, make = found % width, found // width % 2, found // width // 2
    units = catalogue["_units"][rows]
    trucks = np.bincount(code, weights=units * truck) / np.maximum(
        np.bincount(code, weights=units), 1e-9
    )
    if light is not None:
        trucks = np.array(
            [light.get(name, own) for name, own in zip(makes, trucks, strict=True)], dtype=float
        )
    when = (1 - NEXT_YEAR) * (year < width - 1) + NEXT_YEAR * (year > 0)
    share = np.where(body == 1, trucks[make], 1 - trucks[make]) * when
    return Cells(rows, cell, makes[make], share, start + year)


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


def _total_msrp(catalogue: Frame, numbers: Figures, rows: NDArray[np.int64]) -> Floats:
    """Base, expected options and destination of each of the rows that are sold new, in cents: more
    options on dearer cars."""
    base = catalogue["base_msrp"][rows]
    grid = (np.arange(100) + 0.5) / 100
    key = grid[:, None] + float(numbers["options_price_lean"]) * grid[None, :]
    place = (np.argsort(np.argsort(key, axis=None)) + 0.5).reshape(key.shape) / key.size
    dollars = numbers.entry("vehicle.options_msrp").draw(place.ravel(), ())
    usual = np.asarray(dollars, dtype=np.float64).reshape(key.shape).mean(axis=0) * 100
    order = np.argsort(base, kind="stable")
    sold = np.cumsum(catalogue["_units"][rows][order])
    where = np.empty(len(rows))
    where[order] = sold / max(float(sold.max(initial=0.0)), 1e-12)
    total: Floats = base + catalogue["_destination"][rows] + np.interp(where, grid, usual)
    return total


def _years(plan: Plan) -> tuple[int, int]:
    recipe = plan.recipe
    if recipe.start is None or recipe.stop is None:
        raise ValueError("the recipe of a plan has its span")
    return recipe.start.year, recipe.stop.year
