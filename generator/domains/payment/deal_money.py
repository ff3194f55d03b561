"""The second stage of ``deal``: its money, made when its credit application has a score."""

from __future__ import annotations

from generator.domains.graph import Maker
from generator.domains.payment.deal_finance import credit_application_key, rates, terms
from generator.domains.payment.deal_price import (
    fees,
    front_gross,
    msrp_price,
    products,
    rebates,
    sale_price,
    tax_rate,
)
from generator.domains.payment.deal_settlement import financing, tax_and_total, trade_in
from generator.domains.payment.deal_trade import allowance, owed_part, trades, under_water
from generator.domains.payment.promotions import promotions

DEAL_MONEY: tuple[Maker, ...] = (
    tax_rate,
    msrp_price,
    sale_price,
    front_gross,
    products,
    fees,
    rebates,
    trades,
    allowance,
    under_water,
    owed_part,
    trade_in,
    tax_and_total,
    financing,
    credit_application_key,
    terms,
    promotions,
    rates,
)
