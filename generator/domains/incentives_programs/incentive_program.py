"""Rebate programmes: what makers, their banks and dealers give, to whom, and when."""

from __future__ import annotations

from calendar import month_name
from datetime import date

import numpy as np
from numpy.typing import NDArray

from generator.domains.calendar import span
from generator.domains.columns import day, decimal, enum, flag, text
from generator.domains.counts import Given, Noun, catalogue
from generator.domains.graph import Declaration, Draw, Made, derived, drawn, keyed, link
from generator.domains.groups import round_half_up
from generator.domains.incentives_programs.incentive_program_rules import RULES
from generator.domains.incentives_programs.models import models_of
from generator.domains.incentives_programs.offers import (
    ALL_MAKES,
    YEAR_CODE,
    in_order,
    kinds,
    makes,
    offers,
)
from generator.domains.vehicle_asset_mgt.mix import makes_of
from generator.schema import Link, Table

TABLE = Table(
    "incentive_program",
    domain="incentives_programs",
    meaning="OEM/dealer rebate programme and its gates",
    key="incentive_program_key",
    columns=(
        text("incentive_program_key", 50, unique=True),
        text("rebate_code", 30, unique=True),
        text("program_name", 120),
        enum("incentive_type", "IncentiveTypes"),
        text("provider_org_profile_key", 50, nullable=True),
        decimal("rebate_amount", 10, 2, "flat; exclusive with rebate_percent", nullable=True),
        decimal("rebate_percent", 5, 4, nullable=True),
        text("eligible_make", 40, nullable=True),
        text("eligible_model_code", 30, nullable=True),
        enum("eligible_product_state_type", "ProductStateTypes"),
        enum(
            "eligible_affiliate_type",
            "MarketingAffiliateTypes",
            "MILITARY, STUDENT, ...",
            nullable=True,
        ),
        text("eligible_state", 2, "geo fence", nullable=True),
        flag("finance_required_indicator"),
        flag("stackable_indicator", "false = exclusive of every other programme"),
        day("start_date"),
        day("end_date", planned=True),
    ),
    links=(Link("provider_org_profile_key", "org_profile", "org_profile_key", "lookup"),),
)


@derived("start_date", "end_date", "_kind", "_make", "_slot", "_period")
def _what(draw: Draw) -> Made:
    """As many as the plan has, those that the bundle's dealers can use first."""
    first, last = (moment.astype(date) for moment in span(draw))
    sold = makes_of(draw.plan, draw.frames["vehicle_specification"], draw.figures)
    some = offers(first, last, in_order(sold.tolist())).first(draw.n)
    return {
        "start_date": some.start,
        "end_date": some.end,
        "_kind": some.kind,
        "_make": some.make,
        "_slot": some.slot,
        "_period": some.period,
    }


def _of_kind(draw: Draw, field: str) -> NDArray[np.object_]:
    """A field of each programme's kind."""
    values = np.empty(len(kinds()), dtype=object)
    values[:] = [getattr(kind, field) for kind in kinds()]
    found: NDArray[np.object_] = values[draw["_kind"]]
    return found


@derived(
    "incentive_type",
    "eligible_make",
    "eligible_model_code",
    "eligible_product_state_type",
    "eligible_affiliate_type",
    "eligible_state",
    "finance_required_indicator",
    "stackable_indicator",
    "_model",
)
def _gates(draw: Draw) -> Made:
    models = models_of(draw.frames["vehicle_specification"], draw.figures)
    scope, make = _of_kind(draw, "scope"), draw["_make"]
    general = make == ALL_MAKES
    of_model = scope == "model"
    slot = np.where(of_model, draw["_slot"], 0)
    code = np.where(of_model, models.code[make, slot], "").astype(object)
    affiliate = _of_kind(draw, "affiliate")
    states = np.array(draw.figures["incentive_states"], dtype=object)
    of_state = scope == "state"
    type_ = _of_kind(draw, "who")
    return {
        "incentive_type": type_,
        "eligible_make": (np.array(makes(), dtype=object)[make], general),
        "eligible_model_code": (code, code == ""),
        "eligible_product_state_type": _of_kind(draw, "product"),
        "eligible_affiliate_type": (affiliate, affiliate == ""),
        "eligible_state": (states[np.where(of_state, draw["_slot"], 0)], ~of_state),
        "finance_required_indicator": _of_kind(draw, "pay") != "",
        "stackable_indicator": _of_kind(draw, "stackable").astype(bool),
        "_model": np.where(code == "", "", models.name[make, slot]).astype(object),
    }


@link("provider_org_profile_key", "_provider")
def _provider(draw: Draw) -> Made:
    """The make's manufacturer or its bank; a dealer's own programmes have none."""
    companies = draw.frames["org_profile"]
    names = companies.text("legal_name").astype(str)
    vendor = companies.text("org_role").astype(str) == "PRODUCT_VENDOR"
    maker, bank = (np.full(len(makes()) + 1, -1, dtype=np.int64) for _ in range(2))
    for at, make in enumerate(makes()):
        owner = str(draw.figures["manufacturer"][make])
        for found, fits in (
            (maker, vendor & np.char.startswith(names, owner)),
            (bank, companies.text("_make").astype(str) == make),
        ):
            found[at] = np.flatnonzero(fits)[0] if fits.any() else -1
    who = _of_kind(draw, "who")
    row = np.where(who == "OEM", maker[draw["_make"]], -1)
    row = np.where(who == "VENDOR", bank[draw["_make"]], row)
    return {
        "provider_org_profile_key": (draw.key("org_profile", row), row < 0),
        "_provider": row,
    }


@drawn("rebate_amount", "rebate_percent")
def _worth(draw: Draw) -> Made:
    """Money on a model is a share of its price, more in the last quarter; other programmes have
    round sums; a sales event is a share of the sticker."""
    numbers, step = draw.figures, int(draw.figures["incentive_step"])
    models = models_of(draw.frames["vehicle_specification"], numbers)
    make, slot = draw["_make"], np.where(_of_kind(draw, "scope") == "model", draw["_slot"], 0)
    season = np.array(numbers["incentive_season"])[draw["_period"] % YEAR_CODE % 4]
    low, high = numbers["incentive_luck"]
    u = draw.u("rebate_amount")
    of_model = models.price[make, slot] / 100 * models.level[make, slot] * season
    of_model *= low + (high - low) * u
    least, most = (np.array(pair) for pair in zip(*_of_kind(draw, "dollars"), strict=True))
    dollars = np.where(draw["_model"] != "", of_model, least + (most - least) * u)
    cents = np.maximum(round_half_up(dollars / step), 1) * step * 100
    percent = _of_kind(draw, "percent").astype(np.float64)
    return {
        "rebate_amount": (cents, percent > 0),
        "rebate_percent": (round_half_up(percent * 10_000), percent == 0),
    }


@derived("rebate_code", "program_name")
def _names(draw: Draw) -> Made:
    """``2025 Q2 Toyota Camry customer cash``, ``CC-TOYOTA-202501-03``."""
    states = draw.figures["incentive_states"]
    names, codes = [], []
    for kind, make, model, slot, period in zip(
        draw["_kind"].tolist(),
        draw["_make"].tolist(),
        draw["_model"].tolist(),
        draw["_slot"].tolist(),
        draw["_period"].tolist(),
        strict=True,
    ):
        of, when = kinds()[kind], _said(kinds()[kind].window, period)
        who = "" if make == ALL_MAKES else makes()[make]
        where = f" ({states[slot]})" if of.scope == "state" else ""
        words = (when, who, model, of.name)
        names.append(" ".join(word for word in words if word) + where)
        short = "".join(letter for letter in who if letter.isalnum())[:8].upper() or "ALL"
        codes.append(f"{of.code}-{short}-{period or 'OPEN'}-{slot + 1:02}")
    return {
        "program_name": np.array(names, dtype=object),
        "rebate_code": np.array(codes, dtype=object),
    }


def _said(window: str, period: int) -> str:
    year, part = divmod(period, YEAR_CODE)
    match window:
        case "always":
            return ""
        case "quarter":
            return f"{year} Q{part + 1}"
        case "month_end":
            return f"{month_name[part + 1]} {year}"
    return str(year)


def _bounds(first: date, last: date) -> tuple[int, int]:
    """Those for every make, which any deal may have, are always there."""
    all_ = offers(first, last)
    return int((all_.make == ALL_MAKES).sum()), len(all_.make)


def _programs(given: Given) -> float:
    """Those for every make, and those of one make for each dealer."""
    least, most = _bounds(given.start, given.stop)
    return least + (most - least) * min(given["dealer"] / len(makes()), 1.0)


COUNT = catalogue(
    Noun("incentive programme", "incentive programmes"),
    bounds=_bounds,
    typical=_programs,
    why="those of the makes that the dealers sell",
    rule="There are {least} to {most} incentive programmes in a span",
)


INCENTIVE_PROGRAM = Declaration(
    TABLE,
    prefix="IP",
    count=COUNT,
    makers=(keyed(TABLE), _what, _gates, _provider, _worth, _names),
    rules=RULES,
    born="start_date",
)
