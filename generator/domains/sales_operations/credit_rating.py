"""``credit_rating``: what a bureau said about a customer, and when."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generator.domains.columns import integer, moment, text
from generator.domains.counts import Noun, happens, limits
from generator.domains.graph import Declaration, Draw, Made, derived, drawn, keyed, link
from generator.domains.groups import evened
from generator.domains.occasions import occasions, take
from generator.domains.party_identity.customer import NEVER
from generator.domains.payment.dates import DAY, between, span_of
from generator.domains.payment.score import drifted, tier_of
from generator.domains.sales_operations.credit_rating_rules import RULES
from generator.schema import Link, Table

TABLE = Table(
    "credit_rating",
    domain="sales_operations",
    meaning="Bureau score snapshot",
    key="credit_rating_key",
    columns=(
        text("credit_rating_key", 50, unique=True),
        text("customer_key", 50),
        integer("score_value", "300..850", personal="financial"),
        text("credit_tier", 10, personal="financial"),
        text("credit_rating_source_name", 40),
        moment("occurrence_date_time"),
    ),
    links=(Link("customer_key", "customer", "customer_key", "parent"),),
)


@link("customer_key", "_customer_key", "_dealer", "_place")
def customer_key(draw: Draw) -> Made:
    """A customer is an occasion to ask a bureau, up to three times; most of all who finances."""
    dealers, customers = draw.frames["dealer"], draw.frames["customer"]
    counts = draw.counts[TABLE.name]
    lean = float(draw.figures["rating_financed_lean"])
    idle = float(draw.figures["rating_idle_lean"])
    asked = occasions(
        customers["_dealer"] - dealers.start,
        np.where(_finances(draw), lean, np.where(_asks(draw), 1.0, idle)),
        counts,
        most=MOST_RATINGS,
    )
    taken = take(draw, asked, counts, start=customers.start)
    owner = asked.cause[taken] + customers.start
    return {
        "customer_key": draw.key("customer", owner),
        "_customer_key": owner,
        "_dealer": asked.dealer[taken] + dealers.start,
        "_place": asked.turn[taken],
    }


def _asks(draw: Draw) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = draw.frames["customer"]["_first_asked"] < NEVER
    return found


def _finances(draw: Draw) -> NDArray[np.bool_]:
    deal, customers = draw.frames["deal"], draw.frames["customer"]
    found = np.zeros(customers.rows, dtype=bool)
    found[deal["_customer_key"][deal["_financed"]] - customers.start] = True
    return found


@drawn("score_value", "credit_tier", "credit_rating_source_name")
def score(draw: Draw) -> Made:
    local = draw["_customer_key"] - draw.frames["customer"].start
    spread = float(draw.figures["rating_drift_points"])
    value = drifted(draw.frames["customer"]["_score"][local], draw.u("drift"), spread=spread)
    return {
        "score_value": value,
        "credit_tier": tier_of(value, draw.figures),
        "credit_rating_source_name": draw.leaf("credit_rating.credit_rating_source_name"),
    }


@derived("occurrence_date_time")
def occurrence(draw: Draw) -> Made:
    """The first rating of a customer with a deal is at most three weeks before the deal opens;
    the others are spread over the span.  None comes before the customer first asked."""
    span, deal, customers = span_of(draw.plan), draw.frames["deal"], draw.frames["customer"]
    local = draw["_customer_key"] - customers.start
    never = NEVER
    opened = np.full(customers.rows, never)
    np.minimum.at(opened, deal["_customer_key"] - customers.start, deal["occurrence_date_time"])
    role, asked = customers["document_date_time"][local], customers["_first_asked"][local]
    role = np.minimum(np.where(asked < never, np.maximum(asked, role), role), span.horizon)
    last = np.minimum(span.stop, span.horizon)
    low = np.maximum(role, span.start)
    anytime = between(low, np.full(draw.n, last), evened(draw.u("moment"), np.zeros(draw.n)))
    before = opened[local] - (draw.leaf("rated_days_before", stream="days_before") * DAY).astype(
        "timedelta64[ms]"
    )
    wanted = (draw["_place"] == 0) & (opened[local] < never)
    moment = np.where(wanted, np.maximum(before, np.minimum(role, opened[local])), anytime)
    return {"occurrence_date_time": moment.astype("datetime64[s]").astype("datetime64[ms]")}


MOST_RATINGS = 3  # of a customer
COUNT = happens(
    Noun("rating", "ratings"),
    ("customer", MOST_RATINGS),
    rule=f"A customer has at most {MOST_RATINGS} ratings",
    typical=lambda given: given["financed"] * given.figures["ratings_per_financed_deal"],
    why="most who finance have one or two",
    back=limits(1 / 1.4),
)


CREDIT_RATING = Declaration(
    TABLE,
    prefix="CR",
    count=COUNT,
    makers=(keyed(TABLE), customer_key, score, occurrence),
    rules=RULES,
    born="occurrence_date_time",
)
