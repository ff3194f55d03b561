"""Who may receive what was drawn from a profile: the rule, and one plain sentence.

The rule is docs/privacy.md's; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from generator.attack.attack import Attack

SCOPES = ("nobody", "team", "company", "partner", "public")
WHO = {
    "nobody": "nobody: fit it again with a larger k, or leave the column out",
    "team": "the team that works with it",
    "company": "everybody in the company",
    "partner": "partners under contract",
    "public": "anyone",
}
EPSILON = 3.0  # of a profile with differential privacy, up to which anyone may have what it draws
LEAST_K = 20


@dataclass(frozen=True)
class Limit:
    """By how much an attack of a ``kind`` may do better than its baseline, at the upper end of its
    95 % interval, for partners and for the company; where even the lower end is above ``never``
    nobody may have it."""

    kind: str
    partner: float
    company: float
    never: float


LIMITS = (
    Limit("membership", 0.05, 0.10, 0.15),
    Limit("inference", 0.05, 0.10, 0.20),
    Limit("singling", 0.05, 0.10, 0.20),
    Limit("linkage", 0.05, 0.10, 0.20),
    Limit("replay", 0.005, 0.02, 0.02),
)
_LIMIT = {limit.kind: limit for limit in LIMITS}


@dataclass(frozen=True)
class Sharing:
    """``scope`` is the widest of ``SCOPES`` that may receive it; ``sentence`` says so and what it
    means, ``why`` what the scope rests on."""

    scope: str
    sentence: str
    why: str

    def document(self) -> dict[str, Any]:
        return dict(vars(self))


def sharing_of(
    attacks: Sequence[Attack],
    *,
    real: bool = True,
    k: int = 0,
    unit: str = "",
    epsilon: float | None = None,
) -> Sharing:
    """The scope: of a profile that learnt nothing ``real`` everybody; with differential privacy of
    at most ``EPSILON`` everybody; else by what attacks gained, and for partners only where at least
    ``LEAST_K`` persons of a named ``unit`` share what is kept."""
    if not real:
        return _said("public", "No production data was used.", "every figure is a published one")
    worst, scope = _worst(attacks, "company"), "team"
    if worst is None and epsilon is None:
        return _said("team", "No attack was measured: there were too few rows.", "nothing measured")
    if worst is not None and any(one.low > _LIMIT[one.kind].never for one in attacks):
        surest = max(attacks, key=lambda one: one.low / _LIMIT[one.kind].never)
        return _said("nobody", _meaning(attacks), _because(surest))
    if epsilon is not None and (worst is None or epsilon <= EPSILON):
        said = f"Whoever is in the data changes every chance by a factor of e^{epsilon:g} at most."
        why = f"differential privacy, epsilon {epsilon:g}; anyone up to {EPSILON:g}"
        return _said("public" if epsilon <= EPSILON else "team", said, why)
    if worst is not None and all(one.high <= _LIMIT[one.kind].company for one in attacks):
        worst, scope = _worst(attacks, "partner"), "company"
    if worst is not None and all(one.high <= _LIMIT[one.kind].partner for one in attacks):
        if unit and k >= LEAST_K:
            scope = "partner"
        else:
            why = f"for partners at least {LEAST_K} persons of a named unit must share what is kept"
            return _said(scope, _meaning(attacks), why)
    return _said(scope, _meaning(attacks), _because(worst) if worst else "nothing was measured")


def _said(scope: str, meaning: str, why: str) -> Sharing:
    return Sharing(scope, f"{meaning} It may go to {WHO[scope]}.", why)


def _worst(attacks: Sequence[Attack], wider: str) -> Attack | None:
    """The attack that comes nearest to its limit for the ``wider`` scope, or furthest beyond."""
    return max(attacks, key=lambda one: one.high / getattr(_LIMIT[one.kind], wider), default=None)


def _meaning(attacks: Sequence[Attack]) -> str:
    """What the strongest guess at members, and repeated values, come to."""
    guesses = [one for one in attacks if one.kind == "membership"]
    parts = []
    if guesses:
        best = max(guesses, key=lambda one: one.score)
        most = min(0.5 + best.high, 1.0)
        parts.append(
            "Of a learnt row and an unseen one, whoever holds the synthetic rows tells which was "
            f"learnt {100 * best.score:.0f} times in 100, at most {100 * most:.0f}; tossing a coin "
            "does it 50 times."
        )
    again = [one for one in attacks if one.kind == "replay"]
    if again:
        repeated = max(one.gain for one in again)
        parts.append(
            "No personal value comes again more often than by chance."
            if repeated <= _LIMIT["replay"].partner
            else f"{repeated:.1%} of the personal values of a column come again."
        )
    return " ".join(parts) or "Who was learnt was not measured."


def _because(worst: Attack) -> str:
    limit = _LIMIT[worst.kind]
    about = f" {worst.about}" if worst.about else ""
    return (
        f"{worst.kind} of {worst.table}{about}: {worst.gain:+.3f} beyond its baseline, at most "
        f"{worst.high:+.3f}; partners up to {limit.partner:g}, the company up to {limit.company:g}"
    )
