"""Rows of one time keep the order of the file, and the level they move follows along it."""

import numpy as np
import pyarrow as pa

from generator.fit import fit
from generator.fit.linked.order import chained, unchained
from generator.plan import plan
from generator.recipe import Recipe
from generator.schema import Column, Kind, Link, Schema, Table

PARENTS = np.array([0, 0, 0, 1, 1])
TIMES = np.array([1.0, 2.0, 2.0, 1.0, 1.0])
# of the first parent's second day the file has the fee before the interest that came first
LEVEL = np.array([100.0, 115.0, 120.0, 30.0, 50.0])
AMOUNT = np.array([100.0, 5.0, 20.0, 20.0, 50.0])


def test_a_level_moves_by_as_much_in_the_order_of_the_file():
    chain = chained(PARENTS, TIMES, LEVEL, AMOUNT, 0.01)
    assert chain.tolist() == [0, 2, 1, 4, 3]
    assert unchained(PARENTS, chain, LEVEL).tolist() == [100, 95, 115, -20, 30]


def test_neighbours_of_one_day_come_as_the_file_has_them():
    """The file has a fee before the interest of its day, though it was taken after."""
    people, weeks = 60, 8  # three days of one payment each, then a day of a fee and interest
    what = np.tile(["pay", "pay", "pay", "fee", "interest"], people * weeks)
    first = 5 * np.arange(people)[:, None, None]
    day = (first + np.arange(weeks)[:, None] * 4 + [0, 1, 2, 3, 3]).ravel()
    amount = np.round(20 + np.linspace(0, 3, len(what)), 2)
    amount[what == "fee"] = 5.0
    signed = np.where(what == "fee", -amount, amount).reshape(people, weeks, 5)
    followed = signed[:, :, [0, 1, 2, 4, 3]].reshape(people, -1)  # the fee was taken last
    balance = np.cumsum(followed, axis=1).reshape(people, weeks, 5)[:, :, [0, 1, 2, 4, 3]].ravel()
    rows = {
        "account": pa.table({"id": np.arange(people)}),
        "movement": pa.table(
            {
                "id": np.arange(len(what)),
                "account_id": np.repeat(np.arange(people), 5 * weeks),
                "day": pa.array(day.astype("datetime64[D]")),
                "what": what,
                "amount": np.round(amount, 2),
                "balance": np.round(balance, 2),
            }
        ),
    }
    key = Column("id", Kind.INTEGER, unique=True)
    schema = Schema(
        (
            Table("account", (key,), "id"),
            Table(
                "movement",
                (
                    key,
                    Column("account_id", Kind.INTEGER),
                    Column("day", Kind.DATE),
                    Column("what", Kind.TEXT),
                    Column("amount", Kind.FLOAT),
                    Column("balance", Kind.FLOAT),
                ),
                "id",
                (Link("account_id", "account", "id", kind="parent"),),
            ),
        )
    )
    profile = fit(rows, schema, name="days", seed=1)
    planned = plan(profile, Recipe.from_dict({"seed": 3}))
    drawing = profile.world.open(planned)
    made = {name: part for shard in planned.shards for name, part in drawing.draw(shard)}
    drawn = made["movement"].to_pandas()
    same = (drawn["account_id"].diff() == 0) & (drawn["day"].diff() == np.timedelta64(0))
    assert same.sum() > 100
    assert (drawn["what"].shift()[same] == "fee").mean() > 0.9
    sign = np.where(drawn["what"] == "fee", -1, 1)
    before = drawn.groupby("account_id")["balance"].shift(fill_value=0.0)
    assert np.allclose(before + sign * drawn["amount"], drawn["balance"])
