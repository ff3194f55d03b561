"""What must hold for the incentives of deals (R047, R059-R061)."""

from __future__ import annotations

import numpy as np

from generator.domains.headings import DEAL_MONEY, INCENTIVES
from generator.rules import Rule, Truth
from generator.tables import Tables

CAR = "deal_key.inventory_vehicle_key.vehicle_key.vehicle_specification_key"


def _in_force(tables: Tables) -> Truth:
    """The programme runs on the day of the contract, once there is one."""
    start, end, signed = (
        tables.values("deal_incentive", path)
        for path in (
            "incentive_program_key.start_date",
            "incentive_program_key.end_date",
            "deal_key.contract_date_time",
        )
    )
    on = signed.astype("datetime64[D]")
    none = tables.missing("deal_incentive", "deal_key.contract_date_time")
    return np.asarray(none | ((start <= on) & (on <= end)))


def _gates(tables: Tables) -> Truth:
    """Make, model, condition, state and way of paying are the programme's, where it names one."""

    def fits(gate: str, path: str) -> Truth:
        column = f"incentive_program_key.{gate}"
        open_ = tables.missing("deal_incentive", column)
        return np.asarray(open_ | tables.same("deal_incentive", column, path))

    cash = tables.is_one_of("deal_incentive", "deal_key.payment_type", "CASH", "OUTRIGHT_PURCHASE")
    financed = tables.values("deal_incentive", "incentive_program_key.finance_required_indicator")
    return np.asarray(
        fits("eligible_make", f"{CAR}.make")
        & fits("eligible_model_code", f"{CAR}.model_code")
        & fits("eligible_product_state_type", "deal_key.product_state_type")
        & fits("eligible_state", "deal_key.dealer_key.state")
        & ~(financed.astype(bool) & cash)
    )


def _amount(tables: Tables) -> Truth:
    """The programme's flat sum, or its share of the sticker."""
    amount, flat, share, sticker = (
        tables.values("deal_incentive", path)
        for path in (
            "rebate_amount",
            "incentive_program_key.rebate_amount",
            "incentive_program_key.rebate_percent",
            "deal_key.msrp_price",
        )
    )
    part = (sticker * share + 5_000) // 10_000
    none = tables.missing("deal_incentive", "incentive_program_key.rebate_amount")
    return np.asarray(amount == np.where(none, part, flat))


def _alone(tables: Tables) -> Truth:
    deal = tables.row_of("deal_incentive", "deal_key")
    rows = tables.rows("deal")
    mates = np.bincount(deal[deal >= 0], minlength=rows + 1)[deal]
    stacks = tables.values("deal_incentive", "incentive_program_key.stackable_indicator")
    return np.asarray(stacks.astype(bool) | (mates == 1))


def _sums(tables: Tables) -> np.ndarray:
    """Rebates of each deal, in cents."""
    deal = tables.row_of("deal_incentive", "deal_key")
    total = np.zeros(tables.rows("deal"), dtype=np.int64)
    np.add.at(total, deal[deal >= 0], tables.values("deal_incentive", "rebate_amount")[deal >= 0])
    return total


def _below_the_price(tables: Tables) -> Truth:
    total, price = _sums(tables), tables.values("deal", "sale_price")
    return np.asarray((total < price) | (total == 0))


def _total(tables: Tables) -> Truth:
    return np.asarray(_sums(tables) == tables.values("deal", "rebate_price_total"))


def _once(tables: Tables) -> Truth:
    """No programme twice on a deal."""
    deal = tables.row_of("deal_incentive", "deal_key").astype(np.int64)
    program = tables.row_of("deal_incentive", "incentive_program_key")
    pair = deal * (tables.rows("incentive_program") + 1) + program
    seen, code, count = np.unique(pair, return_inverse=True, return_counts=True)
    del seen
    return np.asarray((count[code] == 1) | (deal < 0) | (program < 0))


def _dates(tables: Tables) -> Truth:
    applied = tables.values("deal_incentive", "applied_date_time").astype("datetime64[D]")
    sent, back = (
        tables.values("deal_incentive", name) for name in ("submitted_date", "reimbursed_date")
    )
    not_sent, not_back = (
        tables.missing("deal_incentive", name) for name in ("submitted_date", "reimbursed_date")
    )
    return np.asarray((not_sent | (applied <= sent)) & (not_back | (~not_sent & (sent <= back))))


def _money_back(tables: Tables) -> Truth:
    """Something comes back exactly when it has a day, and never more than was given."""
    paid, given = (
        tables.values("deal_incentive", name) for name in ("reimbursed_amount", "rebate_amount")
    )
    none = tables.missing("deal_incentive", "reimbursed_amount")
    never = tables.missing("deal_incentive", "reimbursed_date")
    return np.asarray((none == never) & (none | ((paid >= 0) & (paid <= given))))


def _status(tables: Tables) -> Truth:
    """PENDING until it is claimed, ACTIVE until it is paid, COMPLETED then."""

    def is_(*labels: str) -> Truth:
        return tables.is_one_of("deal_incentive", "reimbursement_status", *labels)

    sent = ~tables.missing("deal_incentive", "submitted_date")
    back = ~tables.missing("deal_incentive", "reimbursed_date")
    open_ = is_("PENDING", "CANCELLED") & ~sent
    return np.asarray((is_("COMPLETED") & back) | (is_("ACTIVE") & sent & ~back) | open_)


RULES = (
    Rule(
        "R047.rebates",
        "deal",
        "rebate_price_total = the sum of the deal's incentives",
        _total,
        needs=("deal_incentive",),
        group=DEAL_MONEY,
        scope="shard",
    ),
    Rule(
        "R059.window",
        "deal_incentive",
        "The programme is in force on the day of the contract",
        _in_force,
        needs=("deal", "incentive_program"),
        group=INCENTIVES,
    ),
    Rule(
        "R059.gates",
        "deal_incentive",
        "Make, model, condition, state and way of paying are those the programme names",
        _gates,
        needs=(
            "deal",
            "incentive_program",
            "inventory_vehicle",
            "vehicle",
            "vehicle_specification",
            "dealer",
        ),
        group=INCENTIVES,
    ),
    Rule(
        "R059.value",
        "deal_incentive",
        "A deal gets the programme's sum, or its share of the MSRP",
        _amount,
        needs=("deal", "incentive_program"),
        group=INCENTIVES,
    ),
    Rule(
        "R060.alone",
        "deal_incentive",
        "A programme that does not stack is the only one on its deal",
        _alone,
        needs=("deal", "incentive_program"),
        group=INCENTIVES,
        scope="shard",
    ),
    Rule(
        "R060.once",
        "deal_incentive",
        "A deal has a programme once",
        _once,
        needs=("deal", "incentive_program"),
        group=INCENTIVES,
        scope="shard",
    ),
    Rule(
        "R060.sum",
        "deal",
        "A deal's rebates come to less than its price",
        _below_the_price,
        needs=("deal_incentive",),
        group=INCENTIVES,
        scope="shard",
    ),
    Rule(
        "R061.dates",
        "deal_incentive",
        "applied <= submitted <= reimbursed",
        _dates,
        group=INCENTIVES,
    ),
    Rule(
        "R061.amount",
        "deal_incentive",
        "reimbursed_amount <= rebate_amount, known exactly when reimbursed",
        _money_back,
        group=INCENTIVES,
    ),
    Rule(
        "R061.status",
        "deal_incentive",
        "PENDING until submitted, ACTIVE until reimbursed, COMPLETED then",
        _status,
        group=INCENTIVES,
    ),
)
