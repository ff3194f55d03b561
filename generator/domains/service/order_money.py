"""What a repair order comes to: the sums of its lines, shop supplies, tax, and the estimate."""

from __future__ import annotations

import numpy as np

from generator.domains.graph import Draw, Made, derived, drawn
from generator.domains.groups import round_half_up


@derived(
    "actual_labor_amount",
    "actual_parts_amount",
    "actual_misc_amount",
    "actual_tax_amount",
    "actual_grand_total_amount",
    "_sublet_amount",
    "_deductible",
    "_customer_part",
)
def money(draw: Draw) -> Made:
    """Supplies are a share of what the customer pays for labour, up to a limit; the state taxes
    the customer's parts and supplies.  Of what a service contract pays the customer pays the
    deductible."""
    rows, dealers = draw.frames["repair_order_line"], draw.frames["dealer"]
    figures, own = draw.figures, rows["_order"]
    paid = rows["_pay"] == "CUSTOMER_PAY"

    def total(column: str, where: object = True) -> np.ndarray:
        values = rows[column] * np.asarray(where)
        return np.bincount(own, weights=values, minlength=draw.n).astype(np.int64)

    labor, parts, sublet = (total(f"{name}_amount") for name in ("labor", "parts", "sublet"))
    owed = total("labor_amount", paid) + total("parts_amount", paid)
    share, most = figures["shop_supplies"]
    misc = np.minimum(round_half_up(total("labor_amount", paid) * share), int(most * 100))
    state = dealers.text("state")[draw["_dealer"] - dealers.start]
    rates = figures["vehicle_sales_tax_rate"]
    rate = np.array([float(rates[name]) for name in state.tolist()])
    tax = round_half_up((total("parts_amount", paid) + misc) * rate)
    claims = draw.frames["warranty_claim"]
    shared = np.bincount(claims["_order"], weights=claims["_deductible"], minlength=draw.n)
    shared = shared.astype(np.int64)
    return {
        "actual_labor_amount": labor,
        "actual_parts_amount": parts,
        "actual_misc_amount": misc,
        "actual_tax_amount": tax,
        "actual_grand_total_amount": labor + parts + sublet + misc + tax,
        "_sublet_amount": sublet,
        "_deductible": shared,
        "_customer_part": owed + total("sublet_amount", paid) + misc + tax + shared,
    }


@drawn("estimated_grand_total_amount")
def estimate(draw: Draw) -> Made:
    """A little off, in whole dollars, and never by a quarter."""
    low, high = draw.figures["estimate_over_actual"]
    actual = draw["actual_grand_total_amount"]
    wanted = actual * (low + (high - low) * draw.u("estimate"))
    dollars = round_half_up(wanted / 100) * 100
    near = np.abs(dollars - actual) * 5 <= actual
    return {"estimated_grand_total_amount": np.where(near, dollars, actual)}
