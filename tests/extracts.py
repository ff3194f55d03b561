"""Extracts for tests, made with NumPy: used cars as a site lists them, and planted secrets."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from generator.infer import infer, typed
from generator.schema import Schema

MODELS = {
    "ford": ("Fiesta", "Focus", "Kuga", "Puma"),
    "audi": ("A1", "A3", "Q5"),
    "skoda": ("Fabia", "Octavia"),
    "kia": ("Ceed", "Niro", "Rio"),
}
BASE = {model: 9000 + 2500 * at for at, model in enumerate(m for ms in MODELS.values() for m in ms)}


def random(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


def cars(rows: int, *, seed: int = 1) -> pa.Table:
    """Strings, as read from a CSV: model decides make; price follows model, year and miles and is
    written as sellers write prices; mpg has a few rare values; tax is missing now and then."""
    rng = random(seed)
    makes = {model: make for make, models in MODELS.items() for model in models}
    model = rng.choice(list(makes), rows, p=np.arange(len(makes), 0, -1) / 78)
    year = 2020 - np.minimum(rng.geometric(0.3, rows) - 1, 14)
    mileage = np.rint(np.exp(rng.normal(8.5, 0.6, rows)) * (2021 - year) ** 0.7)
    base = np.array([BASE[name] for name in model])
    price = base * 0.88 ** (2020 - year) * np.exp(rng.normal(0, 0.08, rows)) - 0.02 * mileage
    price = np.floor(np.maximum(price, 600) / 500) * 500 + rng.choice([0, 490, 495], rows)
    mpg = np.round(np.where(rng.random(rows) < 0.6, 52.3, rng.normal(48, 6, rows)), 1)
    tax = rng.choice([0, 20, 145, 150], rows)
    sold = np.datetime64("2024-01-01") + rng.integers(0, 365, rows)
    return pa.table(
        {
            "make": [makes[name] for name in model],
            "model": model.tolist(),
            "year": year.astype(str).tolist(),
            "price": price.astype(int).astype(str).tolist(),
            "mileage": mileage.astype(int).astype(str).tolist(),
            "mpg": [f"{value:.1f}" for value in mpg],
            "tax": ["" if value == 20 else str(value) for value in tax],
            "sold": sold.astype(str).tolist(),
        }
    )


def ready(table: pa.Table, name: str = "cars") -> tuple[dict[str, pa.Table], Schema]:
    """Typed tables and the schema they seem to have."""
    raw = {name: table}
    schema = infer(raw)
    return typed(raw, schema), schema
