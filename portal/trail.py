"""Writes the audit trail, and looks whether it is whole.

An act is noted in the very transaction that does it: both are there, or neither.  It is noted
last, because whoever notes holds the head of the chain until the transaction ends.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from django.contrib.auth.models import AnonymousUser, User
from django.db import transaction
from django.db.transaction import TransactionManagementError
from django.utils import timezone

from portal.models import Act, Profile, TrailHead, Work
from portal.models.act import BEGINNING, fault_of

Verb = Act.Verb
Who = User | AnonymousUser | None
Thing = Work | User | str


def note(who: Who, verb: Verb, thing: Thing, **details: Any) -> Act:
    """One act more.  Must be called within the transaction of what it tells; ``who`` is nobody
    where the portal does it by itself."""
    if not transaction.get_connection().in_atomic_block:
        raise TransactionManagementError("An act is noted in the transaction that does it.")
    head, _ = TrailHead.objects.select_for_update().get_or_create(pk=TrailHead.ONLY)
    kind, key, title = _named(thing)
    act = Act(
        number=head.number + 1,
        at=timezone.now(),
        who=who.get_username() if who else "",
        verb=verb,
        kind=kind,
        thing=key,
        title=title[:300],
        details=_plain(details),
        before=head.hash,
    )
    act.hash = act.hashed()
    act.save(force_insert=True)
    head.number, head.hash = act.number, act.hash
    head.save()
    return act


def _named(thing: Thing) -> tuple[str, str, str]:
    """The kind of a thing, its key, and what it is called."""
    if isinstance(thing, str):
        return thing, "", ""
    if isinstance(thing, Profile):
        return "profile", str(thing.pk), f"{thing.title} version {thing.version}"
    if isinstance(thing, User):
        return "user", str(thing.pk or ""), thing.get_username()
    return type(thing).__name__.lower(), str(thing.pk), str(thing)


def _plain(details: dict[str, Any]) -> dict[str, Any]:
    """Without what is not said.  No fractions: databases do not spell them alike."""
    for name, value in details.items():
        if isinstance(value, float):
            raise TypeError(f"The detail {name} is a fraction; say it as a text.")
    return {name: value for name, value in details.items() if value is not None}


def noted(do: Callable[[], bool], who: Who, verb: Verb, thing: Thing, **details: Any) -> bool:
    """Do it and note it, both or neither.  False, and nothing noted, if there was nothing to do."""
    with transaction.atomic():
        done = do()
        if done:
            note(who, verb, thing, **details)
    return done


def ended(do: Callable[[], bool], row: Work) -> bool:
    """Do what may end a row's work, and note it where the work failed by it."""
    with transaction.atomic():
        done = do()
        if done and row.state == row.FAILED:
            note(None, Verb.FAILED, row)
    return done


class Look(NamedTuple):
    """What a look at the chain found: so many acts, the last one's hash, and what is wrong."""

    acts: int
    head: str
    fault: str
    looked_at: int

    @property
    def sentence(self) -> str:
        if self.fault:
            return f"The chain is broken. {self.fault}"
        every = self.looked_at == self.acts
        which = "all" if every else f"the last {self.looked_at:,}"
        said = f"Chain whole, {self.acts:,} act{'s' * (self.acts != 1)}"
        return f"{said}." if every else f"{said}; {which} of them were looked at."


def look(*, last: int | None = None) -> Look:
    """Whether the chain is whole, all of it or its ``last`` acts.

    Acts up to the head never change, so nobody has to wait while they are looked at.
    """
    head = _head()
    first = 0 if last is None else max(head.number - last, 0)
    fault = _fault_from(first, head) or _fault_beyond()
    return Look(head.number, head.hash, fault, head.number - first)


def _head() -> TrailHead:
    return TrailHead.objects.filter(pk=TrailHead.ONLY).first() or TrailHead()


def _fault_from(first: int, head: TrailHead) -> str:
    """What is wrong from the act after ``first`` on."""
    acts = Act.objects.filter(number__lte=head.number).order_by("number")
    start = acts.filter(number=first).first() if first else None
    if first and start is None:
        return f"Act {first} is missing."
    before = start.hash if start else BEGINNING
    later = acts.filter(number__gt=first).iterator(chunk_size=2000)
    if fault := fault_of(later, number=first, before=before):
        return fault
    end = acts.last()
    number, last = (end.number, end.hash) if end else (0, BEGINNING)
    if number != head.number:
        return f"Act {number + 1} is missing."
    return "" if last == head.hash else f"Act {number} is not the one that the head names."


def _fault_beyond() -> str:
    """The head is read after the acts: whoever adds one moves the head with it."""
    last = Act.objects.first()
    head = _head()
    if last is None or last.number <= head.number:
        return ""
    return f"Act {last.number} lies beyond the head of the chain, which ends at {head.number}."
