"""The three statements of the platform, on bundles of 20,000 leads and on small ones.

    python -m tests.benchmarks.statements

75 % of leads convert within 90 days; 80 % of cars sold are light trucks; the better the score,
the lower the rate.  Ends with 1 when a bundle of 20,000 leads misses one of them: shares by more
than two points, Spearman's correlation above -0.7, or mean rates of two tiers out of order.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from generator.sketch import rank_correlation
from tests.world import as_tables, drawn, frame, planned

SEEDS = (1, 2, 3, 4, 5, 6)
SMALL = (50, 200, 1_000)
POINTS = 0.02
TRUCKS = ("PICKUP", "SUV", "CROSSOVER", "VAN", "MINIVAN")
CATEGORY = "inventory_vehicle_key.vehicle_key.vehicle_specification_key.vehicle_category_type"
SOLD = ("ACCEPTED", "POSTED", "FUNDED")
TIERS = ("SUPERPRIME", "PRIME", "NEAR_PRIME", "SUBPRIME", "DEEP_SUB")


def main() -> int:
    sys.stdout.write("  leads seed  in 90 d  trucks    rank  mean APR from superprime down\n")
    for leads in SMALL:
        for seed in SEEDS[:3]:
            statements(leads, seed)
    met = [statements(20_000, seed) for seed in SEEDS]
    return 0 if all(met) else 1


def statements(leads: int, seed: int) -> bool:
    """Print what one bundle reaches; whether that is within the limits."""
    rows = drawn(planned({"sales_lead": leads, "vehicle_telemetry_event": 0}, seed=seed))
    lead, deal = frame(rows, "sales_lead"), frame(rows, "deal")
    soon = float((lead["converted_indicator"] & (lead["days_to_close"] <= 90)).mean())
    trucks = trucks_of(rows)
    loans = deal.dropna(subset=["interest_rate"]).merge(
        frame(rows, "credit_application"), on="credit_application_key"
    )
    score, rate = (loans[name].to_numpy(float) for name in ("score_value", "interest_rate"))
    rank = rank_correlation(score, rate) or 0.0
    means = loans.groupby(loans["credit_tier"].astype(str))["interest_rate"].mean().reindex(TIERS)
    apr = " ".join("-" if np.isnan(mean) else f"{mean:.2%}" for mean in means)
    sys.stdout.write(f"{leads:>7,} {seed:>4} {soon:>8.2%} {trucks:>7.2%} {rank:>7.3f}  {apr}\n")
    shares = abs(soon - 0.75) <= POINTS and abs(trucks - 0.80) <= POINTS
    return shares and rank <= -0.7 and bool((np.diff(means) > 0).all())


def trucks_of(rows: dict[str, Any]) -> float:
    """The share of light trucks among the cars sold."""
    tables = as_tables(rows)
    sold = np.isin(tables.values("deal", "deal_status").astype(str), SOLD)
    return float(np.isin(tables.values("deal", CATEGORY).astype(str), TRUCKS)[sold].mean())


if __name__ == "__main__":
    sys.exit(main())
