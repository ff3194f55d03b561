"""A card payment that was settled is charged back; the invoice still says it is paid."""

from __future__ import annotations

import numpy as np

from generator.staging import Scenario, Scene

WAIT = (5, 45)  # days from settlement to chargeback, at least and at most


def stage(scene: Scene, n: int) -> None:
    rows = scene.chosen("payment", _eligible(scene), n)
    settled = scene.values("payment", "settled_date_time")[rows]
    lots = scene.lots("payment", "wait")[rows]
    days = WAIT[0] + (WAIT[1] - WAIT[0]) * lots
    at = settled + np.round(days * 86_400).astype("timedelta64[s]").astype("timedelta64[ms]")
    scene.set("payment", "payment_status_type", rows, ["CHARGEBACK"] * n)
    keys = scene.list(
        "payment",
        rows,
        [f"charged back on {str(day)[:10]}" for day in at],
    )
    _tell(scene, rows, at, keys)
    invoices = scene.row_of("payment", "invoice_key")[rows]
    scene.list("invoice", invoices, "still counts the payment", of=keys, breaks=["R063.paid"])
    if "deal" in scene.rows:
        deals = scene.row_of("invoice", "deal_key")[invoices]
        scene.take("deal", deals)


def _eligible(scene: Scene) -> np.ndarray:
    """Settled card payments, the only one of their invoice, none of it sent back."""
    card = scene.is_one_of("payment", "payment_method_type", "CREDIT_CARD", "DEBIT_CARD")
    card &= scene.is_one_of("payment", "payment_status_type", "SETTLED")
    card &= scene.values("payment", "amount") > 0
    latest = scene.end - np.timedelta64(WAIT[1] + 1, "D")
    card &= scene.values("payment", "settled_date_time") < latest
    back = scene.row_of("payment", "refund_of_payment_key")
    card[back[back >= 0]] = False
    invoice = scene.row_of("payment", "invoice_key")
    order = np.lexsort((scene.lots("payment", "one"), ~card, invoice))
    first = np.ones(len(card), dtype=bool)
    first[order[1:]] = invoice[order][1:] != invoice[order][:-1]
    free = scene.free("invoice")[np.maximum(invoice, 0)]
    return card & first & (invoice >= 0) & free


def _tell(scene: Scene, rows: np.ndarray, at: np.ndarray, keys: list[str]) -> None:
    """One more step of each payment."""
    if "payment_event" in scene.rows:
        events = scene.last_of("payment_event", "payment_key", rows)
        new = scene.follow("payment_event", events)
        scene.set("payment_event", "old_payment_status_type", new, ["SETTLED"] * len(new))
        scene.set("payment_event", "new_payment_status_type", new, ["CHARGEBACK"] * len(new))
        scene.set("payment_event", "occurrence_date_time", new, at)
        scene.set("payment_event", "context", new, ["Charged back by the issuer"] * len(new))
        scene.list("payment_event", new, "added", of=keys)
    if "lifecycle_status_event" in scene.rows:
        steps = scene.last_named("lifecycle_status_event", "resource_key", "payment", rows)
        new = scene.follow("lifecycle_status_event", steps)
        scene.set(
            "lifecycle_status_event",
            "lifecycle_status_event_type",
            new,
            ["STATUS_CHANGE"] * len(new),
        )
        scene.set("lifecycle_status_event", "transition_from", new, ["SETTLED"] * len(new))
        scene.set("lifecycle_status_event", "transition_to", new, ["CHARGEBACK"] * len(new))
        scene.set("lifecycle_status_event", "transition_date_time", new, at)
        scene.list("lifecycle_status_event", new, "added", of=keys)


SCENARIO = Scenario(
    name="charged_back_payment",
    title="Charged-back payment",
    meaning="A settled card payment is charged back, and its invoice still says it is paid.",
    table="payment",
    stage=stage,
    needs=("invoice",),
    breaks=("R063.paid",),
    share=0.01,
)
