"""The lender's letter says more is owed on a trade-in than it was taken in for, after signing."""

from __future__ import annotations

import numpy as np

from generator.staging import Scenario, Scene

MORE = (0.1, 0.35)  # owed beyond the allowance, as a share of it


def stage(scene: Scene, n: int) -> None:
    allowance = scene.values("trade_in_vehicle", "trade_allowance")
    deal = scene.row_of("trade_in_vehicle", "deal_key")
    eligible = (allowance > 0) & (deal >= 0) & scene.free("deal")[np.maximum(deal, 0)]
    rows = scene.chosen("trade_in_vehicle", eligible, n)
    lots = scene.lots("trade_in_vehicle", "owed")[rows]
    owed = np.round(allowance[rows] * (1 + MORE[0] + (MORE[1] - MORE[0]) * lots)).astype(np.int64)
    scene.set("trade_in_vehicle", "trade_payoff", rows, owed)
    scene.set("trade_in_vehicle", "trade_allowance_net", rows, allowance[rows] - owed)
    keys = scene.list(
        "trade_in_vehicle",
        rows,
        [f"{(more) / 100:,.2f} owed beyond the allowance" for more in owed - allowance[rows]],
    )
    scene.list("deal", deal[rows], "signed with the old payoff", of=keys, breaks=["R047.trades"])


SCENARIO = Scenario(
    name="negative_equity_trade",
    title="Negative equity found out late",
    meaning="More is owed on a car taken in than it is worth, and the deal says an older payoff.",
    table="trade_in_vehicle",
    stage=stage,
    needs=("deal",),
    breaks=("R047.trades",),
    share=0.1,
)
