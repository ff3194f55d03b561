"""Incentives of deals: which programmes a deal has, and how the dealer gets the money back."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from generator.domains.calendar import DAY
from generator.domains.columns import day, decimal, enum, moment, text
from generator.domains.counts import Given, Noun, each, limits, some_of
from generator.domains.courses import Stage, Steps
from generator.domains.graph import Declaration, Draw, Made, derived, drawn, keyed, link
from generator.domains.groups import ranks, round_half_up
from generator.domains.incentives_programs.deal_incentive_postings import journals
from generator.domains.incentives_programs.deal_incentive_rules import RULES
from generator.domains.incentives_programs.matches import matches
from generator.domains.incentives_programs.offers import kinds
from generator.frame import Coded
from generator.leaves import Choice
from generator.leaves.figures import Figures
from generator.schema import Link, Table

TABLE = Table(
    "deal_incentive",
    domain="incentives_programs",
    meaning="Programme applied to a deal and the claim back to the OEM",
    key="deal_incentive_key",
    columns=(
        text("deal_incentive_key", 50, unique=True),
        text("deal_key", 50),
        text("incentive_program_key", 50),
        decimal("rebate_amount", 10, 2),
        moment("applied_date_time"),
        enum(
            "reimbursement_status",
            "LifecycleStatusTypes",
            "PENDING -> ACTIVE(submitted) -> COMPLETED(paid)",
        ),
        day("submitted_date", nullable=True),
        day("reimbursed_date", nullable=True),
        decimal("reimbursed_amount", 10, 2, nullable=True),
    ),
    links=(
        Link("deal_key", "deal", "deal_key", "parent"),
        Link("incentive_program_key", "incentive_program", "incentive_program_key", "lookup"),
    ),
)


MOST = 3
ENDS = ("COMPLETED", "CANCELLED")
NEVER = 1e9


class Chosen(NamedTuple):
    """Local deals and rows of the catalogue, deal by deal."""

    deal: NDArray[np.int64]
    program: NDArray[np.int64]


@link("deal_key", "incentive_program_key", "_deal", "_program", "_dealer")
def _links(draw: Draw) -> Made:
    chosen, deals = _chosen(draw), draw.frames["deal"]
    return {
        "deal_key": draw.key("deal", chosen.deal + deals.start),
        "incentive_program_key": draw.key("incentive_program", chosen.program),
        "_deal": chosen.deal,
        "_program": chosen.program,
        "_dealer": deals["_dealer"][chosen.deal],
    }


def _chosen(draw: Draw) -> Chosen:
    """As many of each deal as the plan has for the dealer; by the weight of their kinds, those
    that bear no other only where they are alone."""
    numbers, found = _numbers(draw), matches(draw)
    deals, wide = draw.frames["deal"], len(kinds())
    weight = np.array([kind.weight for kind in kinds()])
    alone = np.array([not kind.stackable for kind in kinds()])
    u = draw.stream("program").uniform(deals.start * wide, (deals.start + deals.rows) * wide)
    wait = -np.log1p(-u.reshape(deals.rows, wide)) / weight
    shut = ~found.open | (alone[None, :] & (numbers > 1)[:, None])
    wait = np.where(shut, NEVER, wait)
    order = np.argsort(wait, axis=1, kind="stable")[:, :MOST]
    deal, place = np.nonzero(np.arange(MOST)[None, :] < numbers[:, None])
    kind = order[deal, place]
    if (wait[deal, kind] == NEVER).any():
        raise ValueError("A deal has more incentives than there are programmes for it")
    return Chosen(deal, found.row[deal, kind])


def _numbers(draw: Draw) -> NDArray[np.int64]:
    """Incentives of each deal: the dealer's exact totals, new cars before others."""
    deals = draw.frames["deal"]
    local = deals["_dealer"] - draw.frames["dealer"].start
    first, last = deals.start, deals.start + deals.rows
    u, *more = (draw.stream(name).uniform(first, last) for name in ("has", "second", "third"))
    used = float(draw.figures["used_incentive_weight"])
    wait = -np.log1p(-u) / np.where(deals["_new"], 1.0, used)
    wait = np.where(deals["_fate"] == 0, wait, NEVER)  # signed
    has = ranks(local, wait) < draw.counts["rebated"][local]
    extra = draw.counts[TABLE.name] - draw.counts["rebated"]
    second, third = np.minimum(*more), np.maximum(*more)
    wanted = np.where(has, second, NEVER), np.where(has, third, NEVER)
    rank = ranks(np.tile(local, 2), np.concatenate(wanted)).reshape(2, -1)
    return np.asarray(has + (rank < extra[local][None, :]).sum(axis=0))


@derived("rebate_amount", "_payer")
def _amount(draw: Draw) -> Made:
    """The programme's sum, or its share of the sticker; paid by the company behind it, else by
    the dealer (parties)."""
    programs, deals, at = draw.frames["incentive_program"], draw.frames["deal"], draw["_program"]
    sticker = deals["msrp_price"][draw["_deal"]]
    share = round_half_up(sticker * (programs["rebate_percent"][at] / 10_000))
    provider = programs["_provider"][at]
    dealers = draw.frames["dealer"]
    own = dealers["_party_key"][draw["_dealer"] - dealers.start]
    companies = draw.frames["org_profile"]["_party_key"]
    return {
        "rebate_amount": np.where(
            programs.missing("rebate_amount")[at], share, programs["rebate_amount"][at]
        ),
        "_payer": np.where(provider >= 0, companies[np.maximum(provider, 0)], own),
    }


@drawn(
    "applied_date_time",
    "reimbursement_status",
    "submitted_date",
    "reimbursed_date",
    "reimbursed_amount",
)
def _claim(draw: Draw) -> Made:
    """Applied when the deal is worked out, claimed some days after it is posted and paid within
    the month, a few cut; what the dealer gives itself is settled with the contract; a reversed
    deal is not claimed."""
    deals, at, figures = draw.frames["deal"], draw["_deal"], draw.figures
    undone, own = deals["_undone"][at], _own(draw)
    signed = deals["_signed"][at].astype("datetime64[D]")
    posted = np.maximum(deals["post_date_time"][at].astype("datetime64[D]"), signed)
    low, high = figures["days_to_claim"]
    claimed = posted + np.ceil(low + (high - low) * draw.u("submitted")).astype(np.int64) * DAY
    claimed = np.where(own, signed + DAY, claimed + DAY)
    days = np.ceil(draw.leaf("days_to_reimburse", stream="reimbursed")).astype(np.int64)
    cut = ~own & (draw.u("cut") < float(figures["rebate_cut_share"]))
    kept = round_half_up(draw["rebate_amount"] * draw.u("cut_to") / 100) * 100
    return {
        "applied_date_time": deals["occurrence_date_time"][at],
        "reimbursement_status": Coded(np.where(undone, 1, 0).astype(np.int32), ENDS),
        "submitted_date": (claimed, undone),
        "reimbursed_date": (claimed + np.where(own, 0, days) * DAY, undone),
        "reimbursed_amount": (np.where(cut, kept, draw["rebate_amount"]), undone),
    }


def _steps(draw: Draw) -> Steps:
    """PENDING until it is claimed, ACTIVE until it is paid, COMPLETED then; or CANCELLED with the
    deal."""
    undone = draw.frame.missing("submitted_date")
    claimed, paid = (
        draw[name].astype("datetime64[ms]") for name in ("submitted_date", "reimbursed_date")
    )
    gone = draw.frames["deal"]["_undone_on"][draw["_deal"]]
    return Steps.of(
        Stage("PENDING", draw["applied_date_time"]),
        Stage("ACTIVE", claimed, ~undone),
        Stage("COMPLETED", paid, ~undone),
        Stage("CANCELLED", gone, undone),
    )


def _own(draw: Draw) -> NDArray[np.bool_]:
    """True where the dealer itself gives the money."""
    own = np.array([kind.who == "DEALER" for kind in kinds()])
    return np.asarray(own[draw.frames["incentive_program"]["_kind"][draw["_program"]]])


def _new_share(figures: Figures) -> float:
    state = figures.entry("deal.product_state_type").leaf(())
    if not isinstance(state, Choice):
        raise ValueError("deal.product_state_type is a choice")
    return float(state.shares[state.labels.index("NEW")] / sum(state.shares))


def _rebated(given: Given) -> float:
    share = _new_share(given.figures) * float(given.figures["incentive_share_of_new"])
    return int(given["contracts"] * share)


COUNT = each(
    "rebated",
    Noun("incentive of a deal", "incentives of deals"),
    least=1,
    most=MOST,
    rule=f"A deal with an incentive has one to {MOST} of them",
    typical=lambda given: given["rebated"] * float(given.figures["incentives_per_deal"]),
    why=lambda given: f"{given.figures['incentives_per_deal']:g} for each deal that has any",
    back=limits(2.0),
    parts=(
        some_of(
            "rebated",
            Noun("deal with an incentive", "deals with an incentive"),
            within=((("invoice",), "A deal with an incentive is posted, so it has an invoice"),),
            typical=_rebated,
            weight=lambda lay: lay["contracts"],
        ),
    ),
)


DEAL_INCENTIVE = Declaration(
    TABLE,
    prefix="DI",
    count=COUNT,
    makers=(keyed(TABLE), _links, _amount, _claim),
    rules=RULES,
    born="applied_date_time",
    reveals={
        "submitted_date": "submitted_date",
        "reimbursed_date": "reimbursed_date",
        "reimbursed_amount": "reimbursed_date",
    },
    state="reimbursement_status",
    steps=_steps,
    resource="INCENTIVE",
    journals=journals,
)
