"""Tables of shapes that people have, made here: calls of a bank, series of money with heavy tails,
durations, coordinates with counts, dates with claims.

``whole(name, rows)`` gives as many rows as asked, the same ones each time.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

Made = Callable[[np.random.Generator, int], dict[str, object]]


def _labels(rng: np.random.Generator, scores: np.ndarray, names: str) -> np.ndarray:
    """A label a row by its scores (n, labels), as logits."""
    lots = rng.gumbel(size=scores.shape)
    return np.array(names.split())[(scores + lots).argmax(axis=1)]


def _calls(rng: np.random.Generator, n: int) -> dict[str, object]:
    """17 columns: customers of a bank, their calls, whether they agreed."""
    age = np.clip(np.rint(rng.gamma(12, 3.4, n)), 18, 95).astype(int)
    old = (age - 40) / 12
    job = _labels(
        rng,
        np.stack([1.2 - 0.2 * old, 1.0 + 0 * old, 0.8 + 0.3 * old, 2 * old - 2, -1 - 2 * old], 1),
        "worker office manager retired student",
    )
    school = _labels(
        rng,
        np.stack([0.4 * old, 1.0 + 0 * old, 0.6 + 1.5 * (job == "manager"), -2 + 0 * old], 1),
        "primary secondary tertiary unknown",
    )
    lives = np.stack([0.8 + old, 0.3 - old, -0.8 + 0.5 * old], 1)
    wed = _labels(rng, lives, "married single divorced")
    wealth = rng.normal(1.5 + 0.3 * old + 0.4 * (school == "tertiary"), 1.6, n)
    balance = np.rint(np.sinh(wealth) * 120)
    house = rng.random(n) < 1 / (1 + np.exp(old))
    loan = rng.random(n) < 0.16
    month = rng.choice(12, n, p=np.array([3, 6, 1, 6, 30, 12, 15, 14, 1, 2, 9, 1]) / 100)
    tries = rng.geometric(0.38, n)
    before = rng.random(n) < 0.18
    days = np.where(before, np.clip(np.rint(rng.gamma(3, 75, n)), 1, 870), -1).astype(int)
    past = np.where(before, rng.geometric(0.35, n), 0)
    ended = np.where(
        before, _labels(rng, np.tile([1.0, 0.2, -0.3], (n, 1)), "failure other success"), "unknown"
    )
    agreed = -3.6 + 1.9 * (ended == "success") - 0.6 * house + 0.5 * np.isin(month, (2, 8, 9, 11))
    length = np.rint(np.exp(rng.normal(5.2, 0.9, n))).astype(int)
    agreed = rng.random(n) < 1 / (1 + np.exp(-(agreed + 0.9 * (np.log(length + 1) - 5))))
    calls = np.stack([1.5 + 0 * old, -1 + old, 0.6 * (month == 4)], 1)
    phone = _labels(rng, calls, "mobile fixed unknown")
    return {
        "age": age,
        "job": job,
        "marital": wed,
        "education": school,
        "default": np.where(rng.random(n) < 0.02 + 0.06 * (balance < 0), "yes", "no"),
        "balance": balance.astype(int),
        "housing": np.where(house, "yes", "no"),
        "loan": np.where(loan, "yes", "no"),
        "contact": phone,
        "day": rng.integers(1, 32, n),
        "month": np.array(
            ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
        )[month],
        "duration": length,
        "campaign": tries,
        "pdays": days,
        "previous": past,
        "poutcome": ended,
        "agreed": np.where(agreed, "yes", "no"),
    }


def _series(rng: np.random.Generator, n: int) -> dict[str, object]:
    """24 columns: a limit, who has it, six months of standing, of bills and of payments."""
    limit = np.clip(np.rint(np.exp(rng.normal(11.7, 0.85, n)) / 10_000) * 10_000, 10_000, 800_000)
    made: dict[str, object] = {"limit": limit.astype(int)}
    made["sex"] = rng.choice([1, 2], n, p=[0.4, 0.6])
    made["school"] = rng.choice([1, 2, 3, 4], n, p=[0.35, 0.47, 0.16, 0.02])
    made["wed"] = rng.choice([1, 2, 3], n, p=[0.45, 0.53, 0.02])
    made["age"] = np.clip(np.rint(21 + rng.gamma(2.2, 6.6, n)), 21, 79).astype(int)
    use = rng.beta(0.6, 1.0, n)
    late = rng.normal(-0.3 + 0.6 * use, 0.9, n)
    bill = use * limit
    bills, paid, standing = [], [], []
    for _ in range(6):
        late = 0.85 * late + 0.45 * rng.normal(size=n)
        standing.append(np.clip(np.floor(late * 1.4), -2, 8).astype(int))
        none = rng.random(n) < 0.3 + 0.2 * (late > 0.5)
        share = np.where(none, 0, np.exp(rng.normal(-2.6, 1.3, n)))
        pay = np.rint(np.minimum(share, 1.2) * bill)
        paid.append(pay.astype(int))
        bills.append(np.rint(bill).astype(int))
        spent = np.where(rng.random(n) < 0.25, 0, np.exp(rng.normal(-2.7, 1.2, n)) * limit)
        bill = np.clip(bill - pay + spent, 0, 1.3 * limit)
    for name, columns in (("standing", standing), ("bill", bills), ("paid", paid)):
        made |= {f"{name}_{at + 1}": column for at, column in enumerate(columns)}
    risk = -2.2 + 0.9 * standing[0] + 0.4 * standing[1] - 0.4 * np.log(limit / 120_000)
    return {**made, "default": (rng.random(n) < 1 / (1 + np.exp(-risk))).astype(int)}


def _durations(rng: np.random.Generator, n: int) -> dict[str, object]:
    """18 columns: visits of a shop: pages and seconds by kind of page, rates, the month."""
    keen = rng.normal(size=n)
    kinds = {}
    for name, level, share in (("admin", 0.6, 0.5), ("info", -0.6, 0.8), ("product", 3.0, 0.01)):
        pages = np.where(rng.random(n) < share, 0, rng.poisson(np.exp(level + 0.7 * keen)))
        pages = pages + rng.negative_binomial(1, 0.4, n) * (pages > 0)
        time = np.where(pages > 0, pages * np.exp(rng.normal(3.4, 0.8, n)), 0)
        time = np.where(rng.random(n) < 0.08, 0, time)
        kinds |= {name: pages, f"{name}_seconds": np.round(time, 4)}
    total = sum(kinds[name] for name in ("admin", "info", "product"))
    bounce = np.clip(rng.exponential(0.25 / (total + 1), n) * (rng.random(n) < 0.6), 0, 0.2)
    leave = np.clip(bounce + rng.exponential(0.35 / (total + 1), n), 0, 0.2)
    worth = np.where(rng.random(n) < 0.78, 0, np.exp(rng.normal(2.6, 1.1, n)))
    month = rng.choice(["Feb", "Mar", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"], n)
    back = rng.random(n) < 0.86
    bought = rng.random(n) < 1 / (1 + np.exp(3.2 - 0.09 * worth - 0.5 * keen + 18 * leave))
    return {
        **kinds,
        "bounce": np.round(bounce, 6),
        "leave": np.round(leave, 6),
        "worth": np.round(worth, 4),
        "special": rng.choice([0, 0.2, 0.4, 0.6, 1], n, p=[0.9, 0.015, 0.02, 0.03, 0.035]),
        "month": month,
        "system": rng.choice([1, 2, 3, 4], n, p=[0.2, 0.55, 0.2, 0.05]),
        "browser": rng.choice([1, 2, 4, 5, 6], n, p=[0.2, 0.65, 0.06, 0.05, 0.04]),
        "region": rng.choice(9, n, p=np.arange(9, 0, -1) / 45) + 1,
        "traffic": np.minimum(rng.geometric(0.3, n), 20),
        "visitor": np.where(back, "returning", "new"),
        "weekend": rng.random(n) < 0.23,
        "bought": bought,
    }


def _places(rng: np.random.Generator, n: int) -> dict[str, object]:
    """12 columns: districts at a coast: where they lie, their rooms and people, what they cost."""
    towns = np.array(
        [[34.0, -118.3], [37.8, -122.3], [32.8, -117.1], [38.6, -121.4], [36.7, -119.8]]
    )
    town = rng.choice(5, n, p=[0.35, 0.25, 0.12, 0.1, 0.18])
    far = rng.exponential(0.22, n)  # in degrees
    turn = rng.uniform(0, 2 * np.pi, n)
    north = np.round(towns[town, 0] + far * np.sin(turn), 2)
    east = np.round(towns[town, 1] + far * np.cos(turn) * 1.2, 2)
    income = np.round(np.clip(np.exp(rng.normal(1.25 - 0.2 * (town > 2), 0.45, n)), 0.5, 15), 4)
    homes = np.maximum(2, np.rint(np.exp(rng.normal(6.0, 0.75, n)))).astype(int)
    rooms = np.rint(homes * np.clip(rng.normal(3.6 + 0.5 * income, 0.8), 1.5, 20)).astype(int)
    beds = np.rint(rooms * np.clip(rng.normal(0.21, 0.03, n), 0.1, 0.6)).astype(int)
    people = np.rint(homes * np.exp(rng.normal(1.03, 0.25, n))).astype(int)
    sea = np.where(
        towns[town, 1] - east > 0.12, "near ocean", np.where(far < 0.12, "bay", "inland")
    )
    price = (
        45_000 * income**0.95 * np.exp(rng.normal(0.35 * (sea != "inland") - 0.3 * far, 0.28, n))
    )
    old = np.clip(np.rint(rng.normal(40 - 30 * far, 11)), 1, 52).astype(int)
    return {
        "longitude": east,
        "latitude": north,
        "age": old,
        "rooms": rooms,
        "bedrooms": np.where(rng.random(n) < 0.01, np.nan, beds),
        "people": people,
        "homes": homes,
        "income": income,
        "price": np.minimum(np.rint(price / 100) * 100, 500_001).astype(int),
        "sea": sea,
        "schools": rng.poisson(people / 900),
        "stations": rng.poisson(0.4 + 2 * (far < 0.15)),
    }


def _claims(rng: np.random.Generator, n: int) -> dict[str, object]:
    """14 columns: workers, their accidents, when they told, what it cost."""
    happened = np.datetime64("1998-01-01") + np.sort(rng.integers(0, 3_000, n))
    delay = np.rint(np.exp(rng.normal(3.3, 1.0, n))).astype(int)
    age = np.clip(np.rint(rng.gamma(9, 3.8, n)), 14, 79).astype(int)
    man = rng.random(n) < 0.77
    part = rng.random(n) < 0.06 + 0.12 * ~man
    wage = np.round(np.exp(rng.normal(6.0 + 0.004 * (age - 30) - 0.7 * part, 0.35)), 2)
    causes = ["fall", "strain", "cut", "burn", "machine", "vehicle"]
    cause = rng.choice(causes, n, p=[0.2, 0.35, 0.2, 0.05, 0.12, 0.08])
    weight = np.select([cause == "strain", cause == "vehicle", cause == "cut"], [0.6, 0.9, -0.9], 0)
    first = np.exp(rng.normal(7.0 + weight + 0.3 * np.log(wage / 400), 0.9))
    first = np.where(rng.random(n) < 0.5, np.rint(first / 500) * 500 + 500, np.rint(first))
    cost = np.round(
        first * np.exp(rng.normal(0.25 * weight + 0.01 * (age - 35) - 0.1, 0.8)) + 60, 2
    )
    full = rng.choice([38, 40, 37.5, 35], n, p=[0.5, 0.35, 0.1, 0.05])
    week = rng.choice([5, 6, 7], n, p=[0.95, 0.04, 0.01])
    return {
        "accident": happened.astype("datetime64[D]").astype(str),
        "reported": (happened + delay).astype("datetime64[D]").astype(str),
        "age": age,
        "gender": np.where(man, "M", "F"),
        "marital": rng.choice(["M", "S", "U"], n, p=[0.42, 0.48, 0.1]),
        "children": np.where(rng.random(n) < 0.93, 0, rng.geometric(0.55, n)),
        "others": np.where(rng.random(n) < 0.99, 0, 1),
        "wage": wage,
        "part_time": np.where(part, "P", "F"),
        "hours": np.where(part, np.rint(rng.normal(20, 6, n)), full),
        "days": np.where(part, rng.integers(1, 5, n), week),
        "cause": cause,
        "first_estimate": first.astype(int),
        "cost": cost,
    }


SHAPES: dict[str, Made] = {
    "calls": _calls,
    "series": _series,
    "durations": _durations,
    "places": _places,
    "claims": _claims,
}


def whole(name: str, rows: int) -> pd.DataFrame:
    """The table of that name, the same at each call."""
    rng = np.random.Generator(np.random.PCG64(sorted(SHAPES).index(name)))
    return pd.DataFrame(SHAPES[name](rng, rows))
