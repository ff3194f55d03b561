"""A small shop whose tables hang together in every way tables do, drawn by a fixed seed."""

import numpy as np
import pyarrow as pa

from generator.schema import Column, Kind, Link, Schema, Table

SHOPS, CUSTOMERS, PRODUCTS = 300, 1200, 96
FIRST_DAY = np.datetime64("2021-01-01")


def _key(name, kind=Kind.TEXT):
    return Column(name, kind, unique=True)


def shop_schema():
    """region <- shop <- customer <- (account, one-to-one) <- movement; customer x product; shops
    lead to shops; customers know customers."""
    text, whole, day = Kind.TEXT, Kind.INTEGER, Kind.DATE
    return Schema(
        (
            Table(
                "shop",
                (
                    _key("shop"),
                    Column("size", text),
                    Column("head", text, nullable=True),
                ),
                "shop",
                (Link("head", "shop", "shop", "parent"),),
            ),
            Table(
                "customer",
                (
                    _key("customer", whole),
                    Column("shop", text),
                    Column("group", text),
                    Column("since", day),
                ),
                "customer",
                (Link("shop", "shop", "shop", "parent"),),
            ),
            Table("product", (_key("product"), Column("sort", text)), "product"),
            Table(
                "account",
                (
                    Column("customer", whole, unique=True),
                    Column("limit", whole),
                ),
                "customer",
                (Link("customer", "customer", "customer", "parent", unique=True),),
            ),
            Table(
                "movement",
                (
                    _key("movement"),
                    Column("customer", whole),
                    Column("day", day),
                    Column("sort", text),
                    Column("amount", whole),
                    Column("balance", whole),
                    Column("line", whole),
                    Column("via", text, nullable=True),
                ),
                "movement",
                (
                    Link("customer", "customer", "customer", "parent"),
                    Link("via", "product", "product", "parent"),
                ),
            ),
            Table(
                "wish",
                (Column("customer", whole), Column("product", text), Column("stars", whole)),
                None,
                (
                    Link("customer", "customer", "customer", "parent"),
                    Link("product", "product", "product", "parent"),
                ),
                together=("customer", "product"),
            ),
        )
    )


def shop_tables(seed=5):
    draw = np.random.default_rng(seed)
    shops = [f"S{at:05d}" for at in range(SHOPS)]
    size = draw.choice(["big", "small"], SHOPS, p=[0.3, 0.7])
    heads = [None if at < 30 else shops[draw.integers(0, at)] for at in range(SHOPS)]
    weight = np.where(size == "big", 4.0, 1.0)
    at = draw.choice(SHOPS, CUSTOMERS, p=weight / weight.sum())
    big = size[at] == "big"
    group = np.where(draw.random(CUSTOMERS) < np.where(big, 0.9, 0.2), "trade", "private")
    since = FIRST_DAY + draw.integers(0, 200, CUSTOMERS)
    sort = draw.choice(["tool", "toy"], PRODUCTS)
    products = [f"P-{number:03d}" for number in draw.permutation(PRODUCTS)]
    popular = np.where(np.arange(PRODUCTS) % 4 == 0, 8.0, 1.0)
    held = np.flatnonzero(draw.random(CUSTOMERS) < np.where(group == "trade", 0.9, 0.4))
    limit = np.where(group[held] == "trade", 5000, 500) + draw.integers(0, 10, len(held)) * 10
    columns = {name: [] for name in ("customer", "day", "sort", "amount", "balance", "line", "via")}
    number = np.where(draw.random(CUSTOMERS) < 0.3, 0, draw.poisson(np.where(big, 14, 6)))
    for one in range(CUSTOMERS):
        now, when = 0, since[one]
        for line in range(number[one]):
            when = when + int(draw.choice([1, 7, 30], p=[0.2, 0.5, 0.3]))
            into = now < 400 or draw.random() < 0.5
            amount = int(draw.integers(100, 300 if group[one] == "private" else 2000))
            now += amount if into else -min(amount, now)
            amount = amount if into else min(amount, columns["balance"][-1])
            bought = products[draw.choice(PRODUCTS, p=popular / popular.sum())]
            via = None if into else bought
            for name, value in zip(
                columns,
                (one + 1, when, "in" if into else "out", amount, now, line + 1, via),
                strict=True,
            ):
                columns[name].append(value)
    movements = pa.table(
        {
            "movement": [f"M{row:07d}" for row in range(len(columns["day"]))],
            **{
                name: pa.array(np.array(values)) if name == "day" else pa.array(values)
                for name, values in columns.items()
            },
        }
    )
    mine, theirs = [], []
    for one in range(CUSTOMERS):
        chosen = draw.choice(
            PRODUCTS, draw.integers(0, 5), replace=False, p=popular / popular.sum()
        )
        mine += [one + 1] * len(chosen)
        theirs += [products[product] for product in chosen]
    kinds = dict(zip(products, sort, strict=True))
    stars = [4 if kinds[name] == "toy" else int(draw.integers(1, 4)) for name in theirs]
    return {
        "shop": pa.table({"shop": shops, "size": size, "head": pa.array(heads, pa.string())}),
        "customer": pa.table(
            {
                "customer": np.arange(CUSTOMERS) + 1,
                "shop": [shops[one] for one in at],
                "group": group,
                "since": since,
            }
        ),
        "product": pa.table({"product": products, "sort": sort}),
        "account": pa.table({"customer": held + 1, "limit": limit}),
        "movement": movements,
        "wish": pa.table({"customer": mine, "product": theirs, "stars": stars}),
    }
