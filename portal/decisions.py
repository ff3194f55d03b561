"""What administrators may decide about a profile that was learned, in words and in deeds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from portal import access
from portal.models import Act, Profile

State, Verb = Profile.State, Act.Verb


@dataclass(frozen=True)
class Decision:
    """``word`` stands on the button, ``asks`` beneath it; ``done`` and ``then`` (or what it asks
    again) are said when it is done.  With ``why`` it is refused without a reason; ``review`` is
    for reviewers only."""

    name: str
    verb: Act.Verb
    before: Profile.State
    word: str
    asks: str
    done: str
    then: str = ""
    look: str = ""
    why: bool = False
    review: bool = False

    @property
    def meaning(self) -> str:
        return self.then or self.asks

    @property
    def address(self) -> str:
        """The end of its address, and of the address's name."""
        return self.name.replace("_", "-")


DECISIONS = (
    Decision(
        name="submit",
        verb=Verb.SUBMITTED,
        before=State.FITTED,
        word="Submit for review",
        asks="Somebody looks at its certificate, and publishes it or sends it back.",
        done="in review",
        then="Somebody looks at its certificate now.",
        look="go",
    ),
    Decision(
        name="publish",
        verb=Verb.PUBLISHED,
        before=State.REVIEW,
        word="Publish",
        asks="Everybody with a login can then compose bundles from it.",
        done="published",
        then="It is now offered when a bundle is composed.",
        look="go",
        review=True,
    ),
    Decision(
        name="send_back",
        verb=Verb.SENT_BACK,
        before=State.REVIEW,
        word="Send back",
        asks="It can be submitted again, or deleted.",
        done="sent back",
        why=True,
    ),
    Decision(
        name="retire",
        verb=Verb.RETIRED,
        before=State.PUBLISHED,
        word="Retire",
        asks="No new bundle can choose it; bundles made from it stay.",
        done="retired",
        look="danger",
    ),
    Decision(
        name="bring_back",
        verb=Verb.BROUGHT_BACK,
        before=State.RETIRED,
        word="Bring back",
        asks="It was reviewed before; bundles can be composed from it again.",
        done="published again",
        then="It is offered when a bundle is composed.",
        look="go",
    ),
)
BY_NAME = {decision.name: decision for decision in DECISIONS}


def open_to(user: access.Anybody, profile: Profile) -> Iterator[Decision]:
    """The decisions that somebody may take about a profile now."""
    if profile.kind != Profile.Kind.FITTED or not access.may_decide(user):
        return
    for decision in DECISIONS:
        may = not decision.review or access.may_review(user, profile)
        if may and profile.state == decision.before:
            yield decision
