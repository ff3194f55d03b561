"""What is withheld: federal, state and local income tax, social security, Medicare.

Federal tax is worked out by the percentage method for automated payroll: wages of the period times
the periods of the year, less the standard deduction, through the year's brackets.  Years that the
figures do not know take the nearest they know.
"""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from generator.domains.groups import round_half_up
from generator.leaves.figures import Figures

Cents = NDArray[np.int64]
Brackets = tuple[NDArray[np.float64], NDArray[np.float64]]
"""Where brackets begin, in dollars a year, and their rates."""

SCHEDULES = {
    "INDIVIDUAL": "single",
    "MARRIED_SEPARATE": "single",
    "MARRIED_JOINT": "joint",
    "HEAD_OF_HOUSEHOLD": "head",
}
JOINT = "MARRIED_JOINT"


class State(NamedTuple):
    """Income tax of a state: its deduction and brackets for a single person, how much wider both
    are for a couple, and the usual rate of cities and counties."""

    deduction: float
    joint: float
    brackets: Brackets
    local: float


@cache
def states() -> dict[str, State]:
    """By the two letters of the state, from the file."""
    file = resources.files("generator") / "profiles" / "automotive" / "state_income_tax.csv"
    found = {}
    for row in csv.DictReader(file.read_text(encoding="utf-8").splitlines()):
        steps = [step.split(":") for step in row["brackets"].split()]
        starts, rates = np.array(steps, dtype=np.float64).T
        found[row["state"]] = State(
            float(row["deduction"]), float(row["joint"]), (starts, rates), float(row["local"])
        )
    return found


def through(income: NDArray[np.float64], brackets: Brackets) -> NDArray[np.float64]:
    """The tax on incomes (n,) by brackets."""
    starts, rates = brackets
    steps = np.diff(rates, prepend=0.0)
    over = np.maximum(income[:, None] - starts[None, :], 0.0)
    tax: NDArray[np.float64] = over @ steps
    return tax


def of_year(values: dict[str, Any], year: int) -> Any:
    """The value of a year, or of the nearest year there is one of."""
    known = np.array([int(one) for one in values])
    return values[str(known[np.argmin(np.abs(known - year))])]


def federal_tax(
    figures: Figures,
    wages: Cents,
    periods: Cents,
    status: NDArray[np.object_],
    year: Cents,
) -> Cents:
    """Cents a period on taxable wages a period."""
    rates = np.array(figures["federal_tax_rates"], dtype=np.float64)
    tax = np.zeros(len(wages))
    for one in np.unique(year):
        brackets = of_year(figures["federal_brackets"], int(one))
        deductions = of_year(figures["standard_deduction"], int(one))
        for filed, schedule in SCHEDULES.items():
            rows = np.flatnonzero((year == one) & (status == filed))
            income = wages[rows] / 100 * periods[rows] - deductions[schedule]
            starts = np.array([0.0, *brackets[schedule]])
            tax[rows] = through(income, (starts, rates)) / periods[rows]
    return round_half_up(tax * 100)


def state_taxes(
    wages: Cents, periods: Cents, status: NDArray[np.object_], state: NDArray[np.object_]
) -> tuple[Cents, Cents]:
    """Cents a period for the state, and for the city or county."""
    tax, local = np.zeros(len(wages)), np.zeros(len(wages))
    wide = status == JOINT
    for name in np.unique(state.astype(str)):
        rows = np.flatnonzero(state == name)
        rule = states()[str(name)]
        factor = np.where(wide[rows], rule.joint, 1.0)
        income = (wages[rows] / 100 * periods[rows] / factor) - rule.deduction
        tax[rows] = through(income, rule.brackets) * factor / periods[rows]
        local[rows] = wages[rows] / 100 * rule.local
    return round_half_up(tax * 100), round_half_up(local * 100)


def within(limit: Cents, before: Cents, amount: Cents) -> Cents:
    """The part of an amount that lies below a yearly limit, after what came before in the year."""
    return np.asarray(np.clip(limit - before, 0, amount))
