"""``payment_method``: cards and accounts the customers keep on file."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.domains.columns import day, enum, flag, text
from generator.domains.counts import Noun, each, limits
from generator.domains.finance.bounds import METHODS_PER_PARTY
from generator.domains.graph import Declaration, Draw, Frames, Made, derived, drawn, keyed, link
from generator.domains.groups import evened, place_in_group
from generator.domains.payment.dates import span_of
from generator.domains.payment.instruments import card_numbers, digits_of, routing_number
from generator.domains.payment.payment_method_rules import RULES
from generator.frame import Coded
from generator.schema import Link, Table

TABLE = Table(
    "payment_method",
    domain="payment",
    meaning="Stored instrument (tokenised)",
    key="payment_method_key",
    columns=(
        text("payment_method_key", 50, unique=True),
        text("party_key", 50),
        enum("payment_method_type", "PaymentMethodTypes"),
        enum("credit_card_type", "CreditCardTypes", nullable=True),
        text("card_number", 19, "Luhn-valid test BINs only", nullable=True, personal="card_number"),
        text("last_four", 4, "= right(card_number,4)", nullable=True, personal="card_number"),
        day("expiration_date", nullable=True, planned=True),
        enum("credit_card_status_type", "CreditCardStatusTypes", nullable=True),
        enum("bank_account_type", "BankAccountTypes", nullable=True),
        text("routing_number", 9, nullable=True, personal="bank_account"),
        text("account_number", 17, nullable=True, personal="bank_account"),
        flag("default_indicator"),
    ),
    links=(Link("party_key", "party", "party_key", "parent"),),
)


CARDS = ("CREDIT_CARD", "DEBIT_CARD")
ACCOUNTS = ("ACH", "EFT")


@link("party_key", "_party_key", "_dealer", "_nth")
def holder(draw: Draw) -> Made:
    """A dealer's methods go round its invoiced customers, its other customers, then its staff."""
    dealers = draw.frames["dealer"]
    dealer = np.repeat(np.arange(dealers.rows), draw.counts["payment_method"])
    party, home, rank = _holders(draw)
    order = np.lexsort((np.arange(len(party)), rank, home))
    size = np.bincount(home, minlength=dealers.rows)
    if draw.n and (size[dealer] == 0).any():
        raise ValueError("a payment method needs a customer or a member of staff to hold it")
    first = np.concatenate([[0], np.cumsum(size)[:-1]])
    place = place_in_group(dealer)
    chosen = party[order[first[dealer] + place % np.maximum(size[dealer], 1)]]
    return {
        "party_key": draw.key("party", chosen),
        "_party_key": chosen,
        "_dealer": dealer + dealers.start,
        "_nth": place // np.maximum(size[dealer], 1),
    }


@derived("_since")
def since(draw: Draw) -> Made:
    """On file from the day on which its holder is known."""
    parties = draw.frames["party"]
    at = draw["_party_key"] - parties.start
    return {"_since": parties["occurrence_date_time"][at].astype("datetime64[ms]")}


def _holders(draw: Draw) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Parties that may hold a method, their local dealers, and their rank there."""
    customers, invoices = draw.frames["customer"], draw.frames["invoice"]
    start = draw.frames["dealer"].start
    rank = np.ones(customers.rows, dtype=np.int64)
    rank[invoices["_customer_key"] - customers.start] = 0
    rank[customers["_house"]] = len(("invoiced", "other customer", "staff"))
    party, home = customers["_party_key"], customers["_dealer"] - start
    staff = draw.frames["staff_member"]
    party = np.concatenate([party, staff["_party_key"]])
    home = np.concatenate([home, staff["_dealer"] - start])
    rank = np.concatenate([rank, np.full(staff.rows, 2)])
    return party, home, rank


@drawn("payment_method_type", "default_indicator")
def kind(draw: Draw) -> Made:
    every = np.zeros(draw.n)
    return {
        "payment_method_type": draw.leaf(
            "payment_method.payment_method_type", u=evened(draw.u("kind"), every)
        ),
        "default_indicator": draw["_nth"] == 0,
    }


def _is(draw: Draw, kinds: tuple[str, ...]) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = np.isin(draw.frame.text("payment_method_type").astype(str), kinds)
    return found


@drawn(
    "credit_card_type",
    "card_number",
    "last_four",
    "expiration_date",
    "credit_card_status_type",
    "_usable",
)
def card(draw: Draw) -> Made:
    """Test prefixes of the networks; a card past its last day at the reporting day is expired."""
    missing = ~_is(draw, CARDS)
    brand = draw.leaf("payment_method.credit_card_type")
    prefixes: dict[str, list[str]] = draw.figures["card_test_prefixes"]
    listed = [prefix for label in brand.labels for prefix in prefixes[label]]
    size = np.array([len(prefixes[label]) for label in brand.labels])
    first = np.concatenate([[0], np.cumsum(size)[:-1]])[brand.codes]
    which = first + (draw.u("prefix") * size[brand.codes]).astype(np.int64)
    number = card_numbers(listed, which, draw.u("card_number"))
    horizon = span_of(draw.plan).horizon.astype("datetime64[M]")
    months = np.floor(draw.leaf("payment_method.months_to_expiration")).astype(np.int64)
    last_day = (horizon + months + 1).astype("datetime64[D]") - np.timedelta64(1, "D")
    status = Coded((months < 0).astype(np.int32), ("ACTIVE", "EXPIRED"))
    status = Coded(np.where(missing, -1, status.codes).astype(np.int32), status.labels)
    return {
        "credit_card_type": Coded(
            np.where(missing, -1, brand.codes).astype(np.int32), brand.labels
        ),
        "card_number": (number, missing),
        "last_four": (_last_four(number), missing),
        "expiration_date": (last_day, missing),
        "credit_card_status_type": status,
        "_usable": missing | (months >= 0),
    }


def _last_four(number: NDArray[Any]) -> NDArray[Any]:
    signs = number.view(np.uint8).reshape(-1, 16)
    short = signs[:, 15] == 0
    four = np.where(short[:, None], signs[:, 11:15], signs[:, 12:16])
    return np.ascontiguousarray(four).view("S4").reshape(-1)


@drawn("bank_account_type", "routing_number", "account_number")
def account(draw: Draw) -> Made:
    missing = ~_is(draw, ACCOUNTS)
    found = draw.leaf("payment_method.bank_account_type")
    digits = digits_of(draw.u("account_number"), 10)
    digits[:, 0] = digits[:, 0] % 9 + 1
    numbers = np.ascontiguousarray(digits + np.uint8(ord("0"))).view("S10").reshape(-1)
    return {
        "bank_account_type": Coded(
            np.where(missing, -1, found.codes).astype(np.int32), found.labels
        ),
        "routing_number": (routing_number(draw.u("routing_number")), missing),
        "account_number": (numbers, missing),
    }


def preferred_of(
    frames: Frames, party: NDArray[np.int64], kinds: tuple[str, ...]
) -> tuple[NDArray[np.int64], NDArray[np.object_]]:
    """The usable method of these kinds that each party (n,) stored first: its row in the whole
    table, -1 for none, and its kind."""
    methods = frames["payment_method"]
    kind = methods.text("payment_method_type")
    rows = np.flatnonzero(np.isin(kind.astype(str), kinds) & methods["_usable"])
    if not len(rows):
        return np.full(len(party), -1), np.full(len(party), "", dtype=object)
    order = rows[np.argsort(methods["_party_key"][rows], kind="stable")]
    holder = methods["_party_key"][order]
    at = np.minimum(np.searchsorted(holder, party), len(order) - 1)
    has = holder[at] == party
    return np.where(has, order[at] + methods.start, -1), np.where(has, kind[order[at]], "")


COUNT = each(
    "customer",
    Noun("payment method", "payment methods"),
    most=METHODS_PER_PARTY[1],
    rule=f"A customer stores at most {METHODS_PER_PARTY[1]} payment methods",
    typical=lambda given: given.figures["methods_per_customer"] * given["customer"],
    why="six of ten customers",
    back=limits(1.0),
)


PAYMENT_METHOD = Declaration(
    TABLE,
    prefix="PM",
    count=COUNT,
    makers=(keyed(TABLE), holder, kind, card, account, since),
    rules=RULES,
    born="_since",
)
