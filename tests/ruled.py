"""An extract whose rows keep a rule of every kind, in the forms people write numbers and days."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from tests.extracts import random

RULES = {
    "part": "paid_on = day(ended)",
    "year": "year = year(begun)",
    "equal": "copy = fee",
    "constant": "due = begun_on + 30 days",
    "elapsed": "minutes = minutes from begun to ended",
    "ratio": "tax = net * 0.19",
    "product": "net = quantity * price",
    "sum": "gross = net + tax",
    "more": "total = net + tax + fee + shipping",
    "order": "begun <= ended",
    "days": "ended <= shipped",
    "text": "opened <= closed",
    "together": "closed_by and closed are missing together",
    "within": "refunded is missing where shipped is",
}


def orders(rows: int = 1500, *, seed: int = 4) -> pa.Table:
    """Strings, as read from a CSV."""
    rng = random(seed)
    begun = np.datetime64("2023-01-01T00:00:00") + rng.integers(0, 500 * 1440, rows) * 60
    length = np.ceil(rng.exponential(3000, rows)).astype(int)
    ended = begun + length * 60
    sent = rng.random(rows) < 0.7
    shipped = ended.astype("datetime64[D]") + rng.integers(0, 6, rows)
    back = sent & (rng.random(rows) < 0.5)
    opened = begun.astype("datetime64[D]")
    asked = opened - rng.integers(1, 40, rows)
    shut = rng.random(rows) < 0.6
    closed = asked + rng.integers(0, 90, rows)
    quantity = rng.integers(1, 9, rows)
    price = np.round(np.exp(rng.normal(4.5, 0.8, rows)), 2)
    cents = np.rint(quantity * price * 100).astype(int)
    tax = np.floor(cents * 0.19 + 0.5).astype(int)
    fee = rng.integers(100, 900, rows)
    shipping = rng.choice([0, 495, 990], rows) + rng.integers(0, 50, rows)
    return pa.table(
        {
            "begun": [str(one).replace("T", " ") for one in begun],
            "ended": [str(one).replace("T", " ") for one in ended],
            "paid_on": [str(one) for one in ended.astype("datetime64[D]")],
            "year": [str(one) for one in begun.astype("datetime64[Y]")],
            "begun_on": [str(one) for one in opened],
            "due": [str(one) for one in opened + 30],
            "minutes": length.astype(str).tolist(),
            "shipped": [str(one) if on else "" for one, on in zip(shipped, sent, strict=True)],
            "refunded": [f"{a:.2f}" if on else "" for a, on in zip(price / 2, back, strict=True)],
            "opened": [_german(one) for one in asked],
            "closed": [_german(one) if on else "" for one, on in zip(closed, shut, strict=True)],
            "closed_by": [f"agent {at % 7}" if on else "" for at, on in enumerate(shut)],
            "quantity": quantity.astype(str).tolist(),
            "price": [f"{one:.2f}" for one in price],
            "net": [f"{one / 100:.2f}" for one in cents],
            "tax": [f"{one / 100:.2f}" for one in tax],
            "gross": [f"${one / 100:,.2f}" for one in cents + tax],
            "fee": [f"{one / 100:.2f}" for one in fee],
            "copy": [f"{one / 100:.2f}" for one in fee],
            "shipping": [f"{one / 100:.2f}" for one in shipping],
            "total": [f"{one / 100:.2f}" for one in cents + tax + fee + shipping],
        }
    )


def _german(day: np.datetime64) -> str:
    year, month, date = str(day).split("-")
    return f"{date}.{month}.{year}"
