"""Services: what an agreement has switched on in the car, and when."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generator.domains.columns import moment, text
from generator.domains.consequences import Caused
from generator.domains.counts import Noun, consequence
from generator.domains.graph import (
    Declaration,
    Draw,
    Frames,
    Made,
    derived,
    drawn,
    keyed_by_cause,
    link,
)
from generator.domains.payment.dates import later
from generator.domains.subscriptions.subscription_plan import plans
from generator.domains.subscriptions.subscription_service_rules import RULES
from generator.frame import Coded
from generator.schema import Link, Table

TABLE = Table(
    "subscription_service",
    domain="subscriptions",
    meaning="Activation state of the delivered service",
    key="subscription_service_key",
    columns=(
        text("subscription_service_key", 50, unique=True),
        text("subscription_agreement_key", 50),
        text("service_name", 60),
        text("service_status", 20, "prose: ACTIVE | PAUSED | SUSPENDED"),
        moment("activated_date_time"),
        moment("deactivated_date_time", nullable=True),
    ),
    links=(
        Link(
            "subscription_agreement_key",
            "subscription_agreement",
            "subscription_agreement_key",
            "parent",
        ),
    ),
)


def _each() -> NDArray[np.int64]:
    return np.array([len(plan.services) for plan in plans()])


def _follows(frames: Frames) -> tuple[Caused, ...]:
    plan = frames["subscription_agreement"]["_plan"]
    return (Caused.several_of("subscription_agreement", _each()[plan]),)


@link("subscription_agreement_key", "_plan")
def _agreement(draw: Draw) -> Made:
    agreements, at = draw.frames["subscription_agreement"], draw["_cause"]
    return {
        "subscription_agreement_key": draw.key("subscription_agreement", at + agreements.start),
        "_plan": agreements["_plan"][at],
    }


@derived("service_name")
def _name(draw: Draw) -> Made:
    names = [name for plan in plans() for name in plan.services]
    labels = tuple(dict.fromkeys(names))
    code = np.array([labels.index(name) for name in names], dtype=np.int32)
    first = np.cumsum(_each()) - _each()
    return {"service_name": Coded(code[first[draw["_plan"]] + draw["_line"] - 1], labels)}


@drawn("service_status", "activated_date_time", "deactivated_date_time")
def _course(draw: Draw) -> Made:
    """Switched on within the day after delivery, off when the agreement is over."""
    agreements, at = draw.frames["subscription_agreement"], draw["_cause"]
    on = later(
        agreements["_begun"][at], draw.u("activated") * float(draw.figures["days_to_activate"])
    )
    off = np.maximum(agreements["_over"][at], on)
    none = np.zeros(draw.n, dtype=bool)
    return {
        "service_status": Coded(np.zeros(draw.n, dtype=np.int32), ("ACTIVE", "DEACTIVATED")),
        "activated_date_time": on,
        "deactivated_date_time": (off, none),
    }


def _known(draw: Draw, at: np.datetime64) -> Made:
    off = draw["deactivated_date_time"] <= at
    return {"service_status": Coded(off.astype(np.int32), ("ACTIVE", "DEACTIVATED"))}


COUNT = consequence(
    Noun("subscription service", "subscription services"),
    "subscription_agreement",
    typical=lambda given: given["subscription_agreement"] * float(_each().mean()),
    why="what the plans of the agreements switch on",
    instead="subscription_agreement",
)


SUBSCRIPTION_SERVICE = Declaration(
    TABLE,
    prefix="SS",
    count=COUNT,
    makers=(keyed_by_cause(TABLE), _agreement, _name, _course),
    rules=RULES,
    follows=_follows,
    born="activated_date_time",
    reveals={"deactivated_date_time": "deactivated_date_time"},
    known=_known,
)
