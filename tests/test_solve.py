"""Counts are solved exactly: what can be met is met, what cannot be is refused, with what fits."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from scipy import optimize

from generator.domains import PLATFORM
from generator.domains.counts import Bound, Count, Floor, Needs, Noun, Span, each, free, one
from generator.domains.layout import lay_out
from generator.domains.solve import Counts
from generator.errors import PlanError
from generator.leaves.figures import figures

COUNTS = PLATFORM.counts
TABLES = sorted(name for name, count in COUNTS.tables.items() if not count.follows)
START, STOP = date(2025, 1, 1), date(2025, 12, 31)
FIGURES = figures()
RELATIONS = COUNTS.within(Span(START, STOP, FIGURES))
# What one dealer of a pair sends the other gets: true of the two together.
BOTH_OF_A_PAIR = ({"sent", "vehicle_transfer_order"}, {"moved_away", "moved"})
FEW = (0, 1, 2, 3, 4, 7, 12, 30, 55, 120, 400)


def wish(number: int) -> dict[str, int]:
    rng = np.random.Generator(np.random.Philox(number))
    chosen = rng.choice(len(TABLES), int(rng.choice([2, 2, 3, 4, 6])), replace=False)
    return {TABLES[at]: int(rng.choice(FEW)) for at in chosen}


def solved(asked):
    return COUNTS.solve(asked, start=START, stop=STOP, figures=FIGURES).rows


def bounds(asked: dict[str, int]) -> tuple[list[int], list[int]]:
    """The least and the most of every number, in the order of ``COUNTS.numbers``."""
    low, high = [], []
    none = {other for name in asked for other in COUNTS.tables[name].without}
    for name, count in COUNTS.numbers.items():
        least, most = count.limits(START, STOP) if count.limits is not None else (0, 1_000_000)
        if name in asked:  # an asked number is itself; some stand with none beside it
            least, most = max(least, asked[name]), min(most, asked[name])
        low.append(least)
        high.append(0 if name in none else most)
    return low, high


def met(rows: dict[str, int], asked: dict[str, int]) -> bool:
    """Whether numbers keep every relation, by putting them in."""
    low, high = bounds(asked)
    for name, least, most in zip(COUNTS.numbers, low, high, strict=True):
        if not least <= rows[name] <= max(most, rows[name] if name not in asked else 0):
            return False
    for relation in RELATIONS:
        match relation:
            case Bound(terms, most):
                held = sum(factor * rows[name] for name, factor in terms) <= most
            case Floor(name, of):
                held = rows[name] == int(relation.share(FIGURES) * rows[of] + 1e-9)
            case Needs(name, parent):
                held = rows[name] == 0 or rows[parent] > 0
        if not held:
            return False
    return True


def possible(asked: dict[str, int], seconds: float = 3.0) -> bool | None:
    """What a general solver of integer programs says; None if it has not found out in time."""
    low, high = bounds(asked)
    if any(least > most for least, most in zip(low, high, strict=True)):
        return False
    at = {name: place for place, name in enumerate(COUNTS.numbers)}
    rows, upper = [], []

    def below(terms, most):
        row = np.zeros(len(at))
        for name, factor in terms:
            row[at[name]] += factor
        rows.append(row)
        upper.append(most)

    for relation in RELATIONS:
        match relation:
            case Bound(terms, most):
                below(terms, most)
            case Floor(name, of):
                share = relation.share(FIGURES)
                below(((name, 1), (of, -share)), 1e-6)
                below(((of, share), (name, -1)), 1 - 1e-6)
            case Needs(name, parent):
                below(((name, 1), (parent, -1e6)), 0)
    found = optimize.milp(
        np.zeros(len(at)),
        constraints=optimize.LinearConstraint(np.array(rows), -np.inf, upper),
        integrality=np.ones(len(at)),
        bounds=optimize.Bounds(low, high),
        options={"time_limit": seconds},
    )
    return {0: True, 2: False}.get(found.status)


@pytest.mark.parametrize("block", range(4))
def test_what_is_refused_is_what_an_integer_program_finds_impossible(block):
    decided = refused = 0
    for number in range(block * 40, block * 40 + 40):
        asked = wish(number)
        try:
            rows = solved(asked)
        except PlanError:
            refused += 1
            there_are = possible(asked)
            assert not there_are, asked
            decided += there_are is False
        else:
            assert {name: rows[name] for name in asked} == asked
            assert met(rows, asked), asked
    assert decided > 0.9 * refused > 0


@pytest.mark.parametrize("number", range(60))
def test_every_relation_holds_over_all_and_under_each_dealer(number):
    try:
        rows = solved(wish(number))
    except PlanError:
        return
    under = lay_out(COUNTS.numbers, rows, seed=number)
    dealers = rows["dealer"]
    for name, count in COUNTS.numbers.items():
        shared = rows[name] if count.shared else rows.get(str(count.shared_with), 0)
        assert int(under[name].sum()) == rows[name] - shared, name
        assert len(under[name]) == dealers
        for relation in count.relations(name):
            if isinstance(relation, Bound):
                assert sum(f * rows[other] for other, f in relation.terms) <= relation.most
                if not count.shared and not relation.most:  # else said of the whole world only
                    below = sum(f * under[other] for other, f in relation.terms)
                    if {other for other, _ in relation.terms} in BOTH_OF_A_PAIR:
                        below = np.add.reduceat(below, range(0, dealers, 2))
                    assert (np.asarray(below) <= relation.most).all(), relation.rule


def ranges(asked, of=None):
    return COUNTS.ranges(asked, start=START, stop=STOP, figures=FIGURES, of=of)


def refusal(asked, of=None) -> PlanError | None:
    try:
        ranges(asked, of)
        solved(asked)
    except PlanError as refused:
        return refused
    return None


@pytest.mark.parametrize("block", range(5))
def test_what_is_said_to_fit_does_fit(block):
    """The end of the range that each named count would have, were it left open."""
    for number in range(block * 40, block * 40 + 40):
        asked = wish(number)
        refused = refusal(asked)
        if refused is None:
            continue
        assert refused.field.removeprefix("rows.") in asked
        for name in asked:
            others = {other: asked[other] for other in asked if other != name}
            if refusal(others, of=name) is None:
                left = ranges(others, of=name)[name]
                fits = left.low if asked[name] < left.low else left.high
                if fits is not None and not left.low <= asked[name] <= fits:
                    assert COUNTS.numbers[name].noun.of(fits) in refused.sentence or fits == 0
                    assert refusal({**others, name: fits}) is None, (asked, name, fits)


def test_the_root_is_never_nothing_while_it_may_be_something():
    for asked in ({"sales_lead": 0}, {"payment": 0}, {"invoice": 0}, {"dealer": 7}):
        assert solved(asked)["deal"] > 0
    assert solved({"vehicle": 0})["deal"] == 0


def test_a_count_that_others_moved_says_by_which_rule():
    asked = {"deal": 10, "warehouse": 55}
    why = COUNTS.solve(asked, start=START, stop=STOP, figures=FIGURES).why
    assert why["dealer"] == (
        "A dealer has a vehicle lot and at most one parts store beside it, so 55 warehouses need "
        "at least 28 dealers"
    )
    assert why["inventory_vehicle"] == "10 deals, 4 cars taken in, and unsold stock"


def test_a_capacity_is_not_turned_round():
    assert solved({"dealer": 2_000})["deal"] < 200_000


def thing(name: str) -> Noun:
    return Noun(name, f"{name}s")


def test_a_number_that_must_exceed_itself_is_refused_when_the_platform_is_loaded():
    def usual(given):
        return 1.0

    counts = {
        "a": each("b", thing("a"), least=2, rule="a needs b", typical=usual, why=""),
        "b": each("a", thing("b"), least=1, rule="b needs a", typical=usual, why=""),
    }
    with pytest.raises(ValueError, match="larger than itself"):
        Counts(counts)


def test_a_relation_about_a_number_that_nobody_counts_is_refused():
    with pytest.raises(ValueError, match="about nowhere, which nobody counts"):
        Counts({"a": one("nowhere", thing("a"), why="", rule="a is of nowhere")})


def test_typical_counts_that_wait_for_each_other_are_an_error_with_their_chain():
    def of(name):
        return lambda given: given[name]

    def evenly(lay):
        return np.ones(len(lay.size))

    counts: dict[str, Count] = {
        "a": free(thing("a"), typical=of("b"), why="", weight=evenly),
        "b": free(thing("b"), typical=of("a"), why="", weight=evenly),
    }
    with pytest.raises(ValueError, match="a needs b needs a"):
        Counts(counts).solve({}, start=START, stop=STOP, figures=FIGURES)


def test_dealers_are_of_other_sizes_by_another_seed():
    rows = solved({"dealer": 6, "deal": 2_000})
    one, twin, other = (lay_out(COUNTS.numbers, rows, seed=seed)["deal"] for seed in (1, 1, 2))
    assert np.array_equal(one, twin)
    assert not np.array_equal(one, other)
    assert one.max() > 1.2 * one.min()
