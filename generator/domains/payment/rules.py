"""Rules of deal money, credit and payments (R046–R052, R054 and R055 their parts, R068, R069)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from generator.domains.payment.instruments import aba_valid, luhn_valid
from generator.domains.payment.rates import FACTOR, annuity, lease_payment
from generator.rules import Rule, Scope, Whole
from generator.sketch import Cells, Moments, Sample, Verdict, rank_correlation
from generator.tables import Tables

DEAL_GROUP = "Deal money adds up"
CREDIT_GROUP = "Credit is decided before it is used"
PAYMENT_GROUP = "Payments settle deals"
TARGET_GROUP = "Targets of the platform"
LOWEST, HIGHEST = 300, 850  # of a score
APPROVED = ("APPROVED", "COMPLETE")
CARDS = ("CREDIT_CARD", "DEBIT_CARD")
LENDING = ("FINANCE", "FINANCING")
Truth = NDArray[np.bool_]
Cents = NDArray[np.int64]


def _deal(tables: Tables, *columns: str) -> list[Any]:
    return [tables.values("deal", column) for column in columns]


def _is(tables: Tables, table: str, path: str, *labels: str) -> Truth:
    return tables.is_one_of(table, path, *labels)


def _rounded(product: Cents, unit: int) -> Cents:
    """Cents from a product scaled by ``unit``, halves upwards."""
    return (product + unit // 2) // unit


# --- deals -----------------------------------------------------------------------------------


def _total(tables: Tables) -> Truth:
    total, sale, product, fee, tax = _deal(
        tables,
        "total_amount",
        "sale_price",
        "product_price_total",
        "fee_price_total",
        "tax_price_total",
    )
    return np.asarray(total == sale + product + fee + tax)


def _equity(tables: Tables) -> Truth:
    equity, allowance, payoff = _deal(
        tables, "trade_in_equity", "trade_in_allowance", "trade_payoff"
    )
    return np.asarray(equity == allowance - payoff)


def _financed(tables: Tables) -> Truth:
    amount, total, rebate, equity, down = _deal(
        tables,
        "amount_financed",
        "total_amount",
        "rebate_price_total",
        "trade_in_equity",
        "down_payment",
    )
    cash = _is(tables, "deal", "payment_type", "CASH", "OUTRIGHT_PURCHASE")
    return np.asarray(amount == np.where(cash, 0, total - rebate - equity - down))


def _taxable(tables: Tables) -> Truth:
    taxable, sale, product, allowance = _deal(
        tables, "taxable_amount", "sale_price", "product_price_total", "trade_in_allowance"
    )
    whole = sale + product
    return np.asarray((taxable == whole - allowance) | (taxable == whole))


def _ways_of_taxing(tables: Tables) -> Cells:
    """Deals with a trade-in by state and whether it is credited."""
    own = tables.own("deal")
    taxable, sale, product, allowance = _deal(
        tables, "taxable_amount", "sale_price", "product_price_total", "trade_in_allowance"
    )
    state = tables.codes("deal", "dealer_key.state")
    place = np.where(state.codes < 0, len(state.labels), state.codes) * 2
    way = np.where(taxable < sale + product, 0, np.where(taxable == sale + product, 1, -1))
    counted = (way >= 0) & (allowance > 0)
    names = (*state.labels, "")
    return Cells.of(
        np.where(counted, place + way, -1)[own],
        lambda code: (names[code // 2], ("credited", "whole")[code % 2]),
    )


def _one_way_of_taxing(deals: Cells) -> Verdict:
    """A state either credits every trade-in or none."""
    return deals.verdict(
        lambda label: label[1] == "whole" and deals.count((label[0], "credited")) > 0
    )


def _tax(tables: Tables) -> Truth:
    tax, taxable, rate = _deal(tables, "tax_price_total", "taxable_amount", "tax_rate")
    return np.asarray(tax == _rounded(taxable * rate, 100_000))


def _front_gross(tables: Tables) -> Truth:
    gross, sale, cost, work = _deal(
        tables,
        "front_gross_profit",
        "sale_price",
        "inventory_vehicle_key.cost_amount",
        "inventory_vehicle_key.reconditioning_cost",
    )
    return np.asarray(gross == sale - cost - work)


def _msrp(tables: Tables) -> Truth:
    msrp, of_vehicle = _deal(tables, "msrp_price", "inventory_vehicle_key.vehicle_key.total_msrp")
    return np.asarray(msrp == of_vehicle)


def _discount(tables: Tables) -> Truth:
    discount, msrp, sale = _deal(tables, "discount_price_total", "msrp_price", "sale_price")
    new = _is(tables, "deal", "product_state_type", "NEW")
    return np.asarray(discount == np.where(new, np.maximum(msrp - sale, 0), 0))


def _markup(tables: Tables) -> Truth:
    interest, buy = _deal(tables, "interest_rate", "buy_rate")
    missing = tables.missing("deal", "interest_rate"), tables.missing("deal", "buy_rate")
    within = (buy <= interest) & (interest <= buy + 250)
    return np.where(missing[0] | missing[1], missing[0] & missing[1], within)


def _settlement(tables: Tables) -> Truth:
    """Every part of an invoiced deal is paid (or on its way) to the cent."""
    deals = tables.rows("deal")
    of_payment = _deal_of_payment(tables)
    amount = tables.values("payment", "amount")
    billed = np.zeros(deals, dtype=bool)
    with_deal = tables.row_of("invoice", "deal_key")
    billed[with_deal[with_deal >= 0]] = True

    def paid(kind: str, *methods: str) -> Cents:
        rows = (of_payment >= 0) & _is(tables, "payment", "payment_amount_type", kind)
        if methods:
            rows &= _is(tables, "payment", "payment_method_type", *methods)
        return _sums(of_payment[rows], amount[rows], deals)

    total, down, equity, rebate, lent = _deal(
        tables,
        "total_amount",
        "down_payment",
        "trade_in_equity",
        "rebate_price_total",
        "amount_financed",
    )
    holds = (
        (paid("DOWN_PAYMENT") == down)
        & (paid("TRADE_IN_ALLOWANCE", "TRADE_IN") == equity)
        & (paid("OTHER", "INTERNAL_CREDIT") == rebate)
        & (paid("TOTAL_FINANCED", *LENDING) == lent)
        & (_sums(of_payment[of_payment >= 0], amount[of_payment >= 0], deals) == total)
    )
    return np.asarray(holds | ~billed)


def _sums(rows: NDArray[np.int64], amounts: Cents, number: int) -> Cents:
    """Amounts summed by row, shape (number,)."""
    total = np.zeros(number, dtype=np.int64)
    np.add.at(total, rows, amounts)
    return total


def _deal_of_payment(tables: Tables) -> NDArray[np.int64]:
    """Row of the deal each payment belongs to, -1 for none."""
    return tables.row_of("payment", "invoice_key.deal_key")


def _monthly(tables: Tables) -> Truth:
    """Loans by the annuity, leases by the money factor, nothing for cash; one cent of rounding."""
    amount, rate, months, payment, factor, residual = _deal(
        tables,
        "amount_financed",
        "interest_rate",
        "term_months",
        "monthly_payment",
        "money_factor",
        "residual_value",
    )
    loan = ~tables.missing("deal", "interest_rate") & ~tables.missing("deal", "term_months")
    lease = ~tables.missing("deal", "money_factor") & ~tables.missing("deal", "term_months")
    months = np.maximum(months, 1)
    expected = np.where(
        loan, annuity(amount, rate, months), lease_payment(amount, residual, factor, months)
    )
    paid = ~tables.missing("deal", "monthly_payment")
    near = np.abs(payment - expected) <= 1
    return np.where(loan | lease, paid & near, ~paid)


def _payment_type(tables: Tables) -> Truth:
    has = {
        name: ~tables.missing("deal", name)
        for name in (
            "credit_application_key",
            "term_months",
            "interest_rate",
            "money_factor",
            "residual_value",
        )
    }
    months = tables.values("deal", "term_months")
    cash = _is(tables, "deal", "payment_type", "CASH", "OUTRIGHT_PURCHASE")
    loan = _is(tables, "deal", "payment_type", "FINANCED_PURCHASE")
    lease = _is(tables, "deal", "payment_type", "LEASE", "LEASE_NO_BUYOUT", "LEASE_BUYOUT")
    applied, term = has["credit_application_key"], has["term_months"]
    good_cash = ~applied & ~term & ~has["interest_rate"] & ~has["money_factor"]
    good_loan = applied & term & has["interest_rate"] & (months >= 24) & (months <= 84)
    good_lease = applied & term & has["money_factor"] & has["residual_value"]
    good_lease &= (months >= 24) & (months <= 48)
    good_lease &= _is(tables, "deal", "purchase_type", "LEASE")
    return (~cash | good_cash) & (~loan | good_loan) & (~lease | good_lease)


def _money_factor(tables: Tables) -> Truth:
    factor = tables.values("deal", "money_factor")
    return tables.missing("deal", "money_factor") | ((factor > 0) & (factor < FACTOR))


def _application(tables: Tables) -> Truth:
    link = "credit_application_key"
    applied = ~tables.missing("deal", link)
    approved = _is(tables, "deal", f"{link}.application_status_type", *APPROVED)
    amount, granted = _deal(tables, "amount_financed", f"{link}.approved_amount")
    own = tables.same("deal", "customer_key", f"{link}.customer_key")
    signed, decided = _deal(tables, "contract_date_time", f"{link}.decision_date_time")
    in_time = tables.missing("deal", "contract_date_time") | (decided <= signed)
    known = ~tables.missing("deal", f"{link}.decision_date_time")
    return np.asarray(~applied | (approved & (granted >= amount) & own & known & in_time))


def _desk(tables: Tables) -> Truth:
    """A dealer's flagged deals all have a smaller margin than its other deals."""
    gross, sale, flagged = _deal(
        tables, "front_gross_profit", "sale_price", "desk_approval_required_indicator"
    )
    margin = gross / np.maximum(sale, 1)
    dealer = tables.row_of("deal", "dealer_key")
    least = np.full(tables.rows("dealer") + 1, np.inf)
    others = ~flagged & (dealer >= 0)
    np.minimum.at(least, dealer[others], margin[others])
    return np.where(flagged, margin < least[dealer], True)


def _funded(tables: Tables) -> Truth:
    """A funded deal with a lender has the lender's settled money."""
    of_payment = _deal_of_payment(tables)
    lent = _is(tables, "payment", "payment_amount_type", "TOTAL_FINANCED")
    lent &= ~tables.missing("payment", "settled_date_time") & (of_payment >= 0)
    paid = np.zeros(tables.rows("deal"), dtype=bool)
    paid[of_payment[lent]] = True
    needs = _is(tables, "deal", "deal_status", "FUNDED")
    needs &= tables.values("deal", "amount_financed") > 0
    return paid | ~needs


# --- credit ----------------------------------------------------------------------------------


def _debt_to_income(tables: Tables) -> Truth:
    approved = _is(tables, "credit_application", "application_status_type", *APPROVED)
    return ~approved | (tables.values("credit_application", "debt_to_income") <= 600)


def _decision(tables: Tables) -> Truth:
    asked = tables.values("credit_application", "application_date_time")
    decided = tables.values("credit_application", "decision_date_time")
    return tables.missing("credit_application", "decision_date_time") | (decided >= asked)


def _approval(tables: Tables) -> Truth:
    approved = _is(tables, "credit_application", "application_status_type", *APPROVED)
    granted = ~tables.missing("credit_application", "approved_amount")
    return np.asarray(approved == granted)


def _same_tier(table: str) -> Whole:
    """Tiers are bands of the score: no score of one tier lies between scores of another."""

    def sketch(tables: Tables) -> Cells:
        own = tables.own(table)
        scores, place = np.unique(tables.values(table, "score_value")[own], return_inverse=True)
        tier = tables.codes(table, "credit_tier")
        names, values = (*tier.labels, ""), scores.tolist()
        code = np.where(tier.codes < 0, len(tier.labels), tier.codes)[own]
        return Cells.of(
            code * len(values) + place,
            lambda code: (names[code // len(values)], values[code % len(values)]),
        )

    def verdict(rows: Cells) -> Verdict:
        low: dict[str, int] = {}
        for name, score in sorted(rows.cells, key=lambda label: label[1]):
            low.setdefault(name, score)
        names = sorted(low, key=lambda name: low[name])
        edges = [low[name] for name in names]

        def broken(label: tuple[str, int]) -> bool:
            name, score = label
            expected = names[bisect_right(edges, score) - 1]
            return name != expected or not LOWEST <= score <= HIGHEST

        return rows.verdict(broken)

    return Whole(sketch, verdict)


# --- payments and instruments ----------------------------------------------------------------


def _refunds(tables: Tables) -> Truth:
    """Refunds are negative and send back at most an earlier, settled payment of the invoice."""
    amount = tables.values("payment", "amount")
    refund = _is(tables, "payment", "payment_amount_type", "PARTIAL_REFUND", "TOTAL_REFUND")
    origin = tables.row_of("payment", "refund_of_payment_key")
    at = np.maximum(origin, 0)
    if not len(amount):
        return np.zeros(0, dtype=bool)
    invoice = tables.row_of("payment", "invoice_key")
    moment = tables.values("payment", "occurrence_date_time")
    settled = tables.values("payment", "settled_date_time")
    sent = np.zeros(len(amount), dtype=np.int64)
    np.add.at(sent, at[refund], -amount[refund])
    good = (
        (amount < 0)
        & (origin >= 0)
        & (invoice == invoice[at])
        & ~tables.missing("payment", "settled_date_time")[at]
        & (settled[at] <= moment)
        & (sent[at] <= amount[at])
    )
    return np.where(refund, good, origin < 0)


def _not_too_much(tables: Tables) -> Truth:
    """What is paid on an invoice is at most its total."""
    invoice = tables.row_of("payment", "invoice_key")
    paid = np.zeros(tables.rows("invoice"), dtype=np.int64)
    np.add.at(paid, invoice[invoice >= 0], tables.values("payment", "amount")[invoice >= 0])
    within = paid <= tables.values("invoice", "total_amount")
    if not len(within):
        return np.zeros(len(invoice), dtype=bool)
    return within[np.maximum(invoice, 0)] | (invoice < 0)


def _settles_later(tables: Tables) -> Truth:
    made = tables.values("payment", "occurrence_date_time")
    settled = tables.values("payment", "settled_date_time")
    open_ = tables.missing("payment", "settled_date_time")
    said = _is(tables, "payment", "payment_status_type", "SETTLED")
    return np.where(open_, ~said, said & (settled >= made))


def _instrument(tables: Tables) -> Truth:
    """A lender pays what a deal finances, out of the application's lender; nobody else does so;
    a method on file belongs to the payer and is of the kind used."""
    lending = _is(tables, "payment", "payment_method_type", *LENDING)
    financed = _is(tables, "payment", "payment_amount_type", "TOTAL_FINANCED")
    lender = "invoice_key.deal_key.credit_application_key.lender_org_profile_key.party_key"
    from_lender = tables.same("payment", "payer_party_key", lender)
    on_file = ~tables.missing("payment", "payment_method_key")
    own = tables.same("payment", "payer_party_key", "payment_method_key.party_key")
    own &= tables.same("payment", "payment_method_type", "payment_method_key.payment_method_type")
    return np.asarray(
        np.where(lending, financed & from_lender & ~on_file, ~financed & (own | ~on_file))
    )


def _card(tables: Tables) -> Truth:
    """Cards and only cards have a number, which passes the Luhn check; the last four agree."""
    card = _is(tables, "payment_method", "payment_method_type", *CARDS)
    number = tables.values("payment_method", "card_number")
    has = ~tables.missing("payment_method", "card_number")
    valid = luhn_valid(np.where(has, number, ""))
    last = tables.values("payment_method", "last_four")
    agrees = np.array([str(a)[-4:] == b for a, b in zip(number, last, strict=True)], dtype=bool)
    return np.where(card, has & valid & agrees, ~has)


def _account(tables: Tables) -> Truth:
    """Routing numbers pass the ABA check and begin with digits no bank has."""
    number = tables.values("payment_method", "routing_number")
    has = ~tables.missing("payment_method", "routing_number")
    valid = aba_valid(np.where(has, number, ""))
    free = np.array([str(text)[:2] >= "81" for text in number], dtype=bool)
    return np.asarray(~has | (valid & free))


# --- targets of the platform -----------------------------------------------------------------

RANKED_ROWS = 5_000  # loans that a rank correlation rests on
FEW = 30  # rows under which a correlation says nothing
TIERS = ("SUPERPRIME", "PRIME", "NEAR_PRIME", "SUBPRIME", "DEEP_SUB")  # best first
RARE = 0.05  # of payments of one kind lie beyond two standard deviations (R110)


def _loans(tables: Tables) -> Truth:
    """Deals with a rate and an application."""
    return ~tables.missing("deal", "interest_rate") & ~tables.missing(
        "deal", "credit_application_key"
    )


def _scores_and_rates(tables: Tables) -> tuple[Cells, Sample]:
    own = tables.own("deal")
    loan = _loans(tables)[own]
    score = tables.values("deal", "credit_application_key.score_value")[own][loan]
    rate = tables.values("deal", "interest_rate")[own][loan]
    pairs = (score.astype(np.float64), rate.astype(np.float64))
    return Cells.of(loan), Sample.of(tables.lots("deal")[loan], pairs, most=RANKED_ROWS)


def _both(total: tuple[Cells, Sample] | None, part: tuple[Cells, Sample]) -> tuple[Cells, Sample]:
    return part if total is None else (total[0] + part[0], total[1] + part[1])


def _rank(total: tuple[Cells, Sample]) -> Verdict:
    loans, ranked = total
    if loans.count(True) < FEW:
        return Verdict(0)
    reached = rank_correlation(*ranked.columns)
    return Verdict(0) if reached is not None and reached <= -0.7 else loans.verdict(bool)


def _rates_by_tier(tables: Tables) -> Cells:
    """Loans by tier, new and used cars apart, with their rates summed."""
    own = tables.own("deal")
    new = _is(tables, "deal", "product_state_type", "NEW")
    tier = tables.codes("deal", "credit_application_key.credit_tier")
    code = np.where(_loans(tables) & (tier.codes >= 0), tier.codes * 2 + new, -1)
    return Cells.of(
        code[own],
        lambda code: (tier.labels[code // 2], ("used", "new")[code % 2]),
        amount=tables.values("deal", "interest_rate")[own],
    )


def _tiers_apart(loans: Cells) -> Verdict:
    """The better the tier, the lower the mean rate."""
    broken = set()
    for state in ("new", "used"):
        worse = Fraction(10**9)
        for tier in reversed(TIERS):
            if loans.count((tier, state)) >= FEW:
                cell = loans.cells[tier, state]
                mean = Fraction(cell.amount, cell.rows)
                if mean >= worse:
                    broken.add((tier, state))
                worse = mean
    return loans.verdict(broken.__contains__)


def _decided(tables: Tables) -> Cells:
    """Applications of the best and the worst tier, by whether they were declined."""
    declined = _is(tables, "credit_application", "application_status_type", "DECLINED")
    best, worst = (_is(tables, "credit_application", "credit_tier", TIERS[at]) for at in (0, -1))
    code = np.where(best, 0, np.where(worst, 2, -3)) + declined
    return Cells.of(
        code[tables.own("credit_application")],
        lambda code: (("best", "worst")[code // 2], ("granted", "declined")[code % 2]),
    )


def _declined(applications: Cells) -> Verdict:
    """Deep subprime applications are declined more often than superprime ones."""
    rows = {
        tier: sum(applications.count((tier, decided)) for decided in ("granted", "declined"))
        for tier in ("best", "worst")
    }
    if min(rows.values()) < FEW:
        return Verdict(0)
    best, worst = (Fraction(applications.count((t, "declined")), n) for t, n in rows.items())
    return applications.verdict(lambda label: label == ("best", "declined") and worst <= best)


class Amounts(NamedTuple):
    """Payments by kind and size (to one part in 64), and the moments of each kind."""

    cells: Cells
    moments: Mapping[str, Moments]

    def __add__(self, other: Any) -> Amounts:
        moments = dict(self.moments)
        for kind, part in other.moments.items():
            moments[kind] = moments.get(kind, Moments()) + part
        return Amounts(self.cells + other.cells, moments)


def _amounts(tables: Tables) -> Amounts:
    own = tables.own("payment")
    amount = tables.values("payment", "amount")[own].astype(np.float64)
    kind = tables.codes("payment", "payment_amount_type")
    codes = kind.codes[own]
    sizes, place = np.unique(_size(amount), return_inverse=True)
    values = sizes.tolist()
    moments = {
        name: Moments.of(amount[codes == code])
        for code, name in enumerate(kind.labels)
        if (codes == code).any()
    }
    cells = Cells.of(
        np.where(codes < 0, -1, codes * len(values) + place),
        lambda code: (kind.labels[code // len(values)], values[code % len(values)]),
    )
    return Amounts(cells, moments)


def _size(amount: NDArray[np.float64]) -> NDArray[np.float64]:
    """The number rounded to seven binary digits."""
    mantissa, exponent = np.frexp(amount)
    return np.ldexp(np.round(mantissa * 128) / 128, exponent)


def _unusual(amounts: Amounts) -> Verdict:
    broken: set[tuple[str, float]] = set()
    for name, moments in amounts.moments.items():
        if moments.rows < FEW:
            continue
        mean, reach = moments.mean, 2 * moments.deviation
        far = {
            label: cell.rows
            for label, cell in amounts.cells.cells.items()
            if label[0] == name and abs(label[1] - mean) > reach
        }
        chance = 3 * float(np.sqrt(RARE * (1 - RARE) / moments.rows))
        if sum(far.values()) > moments.rows * (RARE + max(0.03, chance)):
            broken |= far.keys()
    return amounts.cells.verdict(broken.__contains__)


def _rule(
    number: str,
    table: str,
    text: str,
    check: Any,
    *,
    needs: tuple[str, ...] = (),
    group: str,
    level: str = "error",
    scope: Scope = "row",
) -> Rule:
    needs = (table, *needs)
    return Rule(number, table, text, check, needs, group=group, level=level, scope=scope)


_TARGETS = (
    _rule(
        "R046.rank",
        "deal",
        "The better the score, the lower the rate: Spearman's correlation is -0.7 or lower",
        Whole(_scores_and_rates, _rank, _both),
        scope="whole",
        needs=("credit_application",),
        group=TARGET_GROUP,
        level="warning",
    ),
    _rule(
        "R046.tiers",
        "deal",
        "The better the tier of credit, the lower the mean rate, new and used cars apart",
        Whole(_rates_by_tier, _tiers_apart),
        scope="whole",
        needs=("credit_application",),
        group=TARGET_GROUP,
        level="warning",
    ),
    _rule(
        "R052.declined",
        "credit_application",
        "The worst scores are declined more often than the best",
        Whole(_decided, _declined),
        scope="whole",
        group=TARGET_GROUP,
        level="warning",
    ),
    _rule(
        "R110.unusual",
        "payment",
        "Amounts far from those of their kind are rare",
        Whole(_amounts, _unusual),
        scope="whole",
        group=TARGET_GROUP,
        level="warning",
    ),
)


_STOCK = ("inventory_vehicle",)

RULES: tuple[Rule, ...] = (
    *_TARGETS,
    _rule(
        "R046.markup",
        "deal",
        "buy_rate <= interest_rate <= buy_rate + 0.025",
        _markup,
        group=CREDIT_GROUP,
    ),
    _rule(
        "R047.total",
        "deal",
        "total_amount = sale_price + product_price_total + fee_price_total + tax_price_total",
        _total,
        group=DEAL_GROUP,
    ),
    _rule(
        "R047.equity",
        "deal",
        "trade_in_equity = trade_in_allowance - trade_payoff",
        _equity,
        group=DEAL_GROUP,
    ),
    _rule(
        "R047.financed",
        "deal",
        "amount_financed = total_amount - rebates - trade_in_equity - down_payment; 0 for cash",
        _financed,
        group=DEAL_GROUP,
    ),
    _rule(
        "R047.taxable",
        "deal",
        "taxable_amount = sale_price + product_price_total - trade_in_allowance where the state "
        "credits trade-ins, else without the last part",
        _taxable,
        group=DEAL_GROUP,
    ),
    _rule(
        "R047.state",
        "deal",
        "A state credits every trade-in or none",
        Whole(_ways_of_taxing, _one_way_of_taxing),
        scope="whole",
        needs=("dealer",),
        group=DEAL_GROUP,
    ),
    _rule(
        "R047.tax",
        "deal",
        "tax_price_total = round(taxable_amount * tax_rate, 2)",
        _tax,
        group=DEAL_GROUP,
    ),
    _rule(
        "R047.gross",
        "deal",
        "front_gross_profit = sale_price - cost_amount - reconditioning_cost",
        _front_gross,
        needs=_STOCK,
        group=DEAL_GROUP,
    ),
    _rule(
        "R047.msrp",
        "deal",
        "msrp_price = vehicle.total_msrp",
        _msrp,
        needs=("inventory_vehicle", "vehicle"),
        group=DEAL_GROUP,
    ),
    _rule(
        "R047.discount",
        "deal",
        "discount_price_total = max(msrp_price - sale_price, 0) for new cars, else 0",
        _discount,
        group=DEAL_GROUP,
    ),
    _rule(
        "R048",
        "deal",
        "total_amount = down payment + trade-in equity + rebates + amount financed + cash, each "
        "part a payment of its kind",
        _settlement,
        scope="shard",
        needs=("payment", "invoice"),
        group=PAYMENT_GROUP,
    ),
    _rule(
        "R049",
        "deal",
        "monthly_payment is the annuity of the amount financed (leases: by money factor and "
        "residual) within a cent; none for cash",
        _monthly,
        group=DEAL_GROUP,
    ),
    _rule(
        "R050",
        "deal",
        "payment_type agrees with application, rate, term, money factor and residual",
        _payment_type,
        group=CREDIT_GROUP,
    ),
    _rule(
        "R050.factor",
        "deal",
        "A money factor lies between 0 and 1",
        _money_factor,
        group=CREDIT_GROUP,
    ),
    _rule(
        "R051",
        "deal",
        "A financed deal has its customer's approved application, for at least the amount, "
        "decided before the contract",
        _application,
        needs=("credit_application",),
        group=CREDIT_GROUP,
    ),
    _rule(
        "R052.debt",
        "credit_application",
        "debt_to_income <= 0.60 for approvals",
        _debt_to_income,
        group=CREDIT_GROUP,
    ),
    _rule(
        "R052.decision",
        "credit_application",
        "decision_date_time >= application_date_time",
        _decision,
        group=CREDIT_GROUP,
    ),
    _rule(
        "R052.approval",
        "credit_application",
        "Approvals and only approvals have an approved amount",
        _approval,
        group=CREDIT_GROUP,
    ),
    _rule(
        "R052.tier",
        "credit_application",
        "credit_tier is the band of score_value, 300 to 850",
        _same_tier("credit_application"),
        scope="whole",
        group=CREDIT_GROUP,
    ),
    _rule(
        "R052.rating",
        "credit_rating",
        "credit_tier is the band of score_value, 300 to 850",
        _same_tier("credit_rating"),
        scope="whole",
        group=CREDIT_GROUP,
    ),
    _rule(
        "R054.funded",
        "deal",
        "A funded deal with a lender has the lender's settled payment",
        _funded,
        scope="shard",
        needs=("payment", "invoice"),
        group=PAYMENT_GROUP,
    ),
    _rule(
        "R055",
        "deal",
        "A manager approves exactly the deals with a front margin under the dealer's threshold",
        _desk,
        scope="shard",
        needs=("dealer",),
        group=DEAL_GROUP,
    ),
    _rule(
        "R068.refund",
        "payment",
        "Refunds are negative and send back at most an earlier, settled payment",
        _refunds,
        scope="shard",
        group=PAYMENT_GROUP,
    ),
    _rule(
        "R068.sum",
        "payment",
        "The payments of an invoice sum to at most its total",
        _not_too_much,
        scope="shard",
        needs=("invoice",),
        group=PAYMENT_GROUP,
    ),
    _rule(
        "R068.settled",
        "payment",
        "A payment is settled exactly when it has a moment of settlement, which is not earlier",
        _settles_later,
        group=PAYMENT_GROUP,
    ),
    _rule(
        "R069",
        "payment",
        "Lenders pay what deals finance; a method on file is the payer's and of the kind used",
        _instrument,
        needs=("invoice", "deal", "credit_application", "org_profile", "payment_method"),
        group=PAYMENT_GROUP,
    ),
    _rule(
        "R069.card",
        "payment_method",
        "Cards have a Luhn-valid number whose last four digits agree",
        _card,
        group=PAYMENT_GROUP,
    ),
    _rule(
        "R069.account",
        "payment_method",
        "Routing numbers pass the ABA check and have an unassigned prefix",
        _account,
        group=PAYMENT_GROUP,
    ),
)
