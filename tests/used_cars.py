"""A small extract with the traits of a real one."""

from __future__ import annotations

import csv
import io
import random

MODELS = {
    "Ford": {"Fiesta": 10_000, "Focus": 13_000, "Kuga": 17_000},
    "Audi": {"A1": 15_000, "A3": 18_000, "Q5": 27_000},
    "Toyota": {"Yaris": 11_000, "Aygo": 8_500, "C-HR": 20_000},
}


def used_cars(rows):
    """A CSV like the listings of used cars: price falls with age and distance, a model belongs
    to one make, and some distances are missing."""
    dice = random.Random(3)
    makes = dice.choices(list(MODELS), weights=[5, 3, 2], k=rows)
    lines = [("brand", "model", "year", "price", "transmission", "mileage", "fuel")]
    for make in makes:
        model = dice.choice(list(MODELS[make]))
        age = min(int(dice.expovariate(0.35)), 18)
        miles = int(max(10, dice.gauss(8_500, 2_500) * (age + 0.3)))
        price = round(MODELS[make][model] * 0.87**age * dice.uniform(0.9, 1.1), -1)
        gear = "Automatic" if dice.random() < (0.5 if make == "Audi" else 0.2) else "Manual"
        fuel = "Hybrid" if make == "Toyota" and dice.random() < 0.5 else "Petrol"
        shown = "" if dice.random() < 0.03 else miles
        lines.append((make, model, 2024 - age, int(price), gear, shown, fuel))
    text = io.StringIO()
    csv.writer(text).writerows(lines)
    return text.getvalue()
