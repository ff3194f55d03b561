"""Forms: how the text of a column says exact numbers and moments, and how they are written again.

A family of forms is one file, which finds its forms in a sample of a column's distinct texts;
``FAMILIES`` names them all.  The form that takes most of the sample is held against all texts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from generator.forms import amount, duration, templates, whole
from generator.forms.amount import Amount
from generator.forms.duration import Duration
from generator.forms.form import Form
from generator.forms.missing import MISSING, public_word
from generator.forms.mixed import MOST, Mixed, alike
from generator.forms.moment import Moment
from generator.forms.whole import Whole
from generator.stop import asking

__all__ = [
    "FAMILIES",
    "MISSING",
    "Amount",
    "Duration",
    "Form",
    "Mixed",
    "Moment",
    "Reading",
    "Whole",
    "form_from",
    "form_of",
    "public_word",
]

FAMILIES = (templates.candidates, duration.candidates, amount.candidates, whole.candidates)
_KINDS: tuple[type[Form], ...] = (Moment, Duration, Amount, Whole)
_SAMPLE = 300  # distinct texts that forms are tried on
_MOST_ODD = 0.05  # of the distinct texts may be of another form …
_FEW_ODD = 3  # … or so many, if more than ten times as many are of the form
_LEAST_SHARE = 0.02  # of the sample, that a form must have for itself among several


@dataclass(frozen=True)
class Reading:
    """A form, what each text of it says, and the ``odd`` texts that are not of it."""

    form: Form
    said: Mapping[str, int]
    odd: tuple[str, ...] = ()


def form_of(texts: Sequence[str]) -> Reading | None:
    """The form of distinct ``texts`` (none missing); None where too many are of none."""
    if not texts:
        return None
    sample = list(texts[:: max(1, len(texts) // _SAMPLE)])
    if sum(any(sign.isdigit() for sign in text[:64]) for text in sample) < 0.5 * len(sample):
        return None
    form = _best(sample)
    return None if form is None else _read(texts, form)


def form_from(document: Mapping[str, Any]) -> Form:
    """The form a document describes.  Raises KeyError, TypeError or ValueError where it is none."""
    named = {name: value for name, value in document.items() if name != "family"}
    if document["family"] == Mixed.family:
        return Mixed(tuple(form_from(one) for one in named["forms"][: MOST + 1]))
    for kind in _KINDS:
        if kind.family == document["family"]:
            return kind(**named)
    raise ValueError("family of a form")


def _best(sample: list[str]) -> Form | None:
    """The form of the sample, or several that share it."""
    chosen: list[Form] = []
    rest = sample
    while rest and len(chosen) < MOST:
        form, taken = _first(rest, chosen)
        least = max(2, _LEAST_SHARE * len(sample)) if chosen else 1
        if form is None or len(taken) < least:
            break
        chosen.append(form)
        rest = [text for text in rest if text not in taken]
    if len(rest) > _odd(sample) or not chosen:
        return None
    return chosen[0] if len(chosen) == 1 else Mixed(tuple(chosen))


def _odd(sample: Sequence[str]) -> float:
    """How many of the distinct texts may be of no form."""
    return max(_MOST_ODD * len(sample), min(_FEW_ODD, len(sample) / 10))


def _first(texts: list[str], chosen: list[Form]) -> tuple[Form | None, set[str]]:
    """The form that most of the texts have, the earlier of two; like those chosen before."""
    best: tuple[Form | None, set[str]] = (None, set())
    for form in _candidates(texts):
        if chosen and not alike((*chosen, form)):
            continue
        taken = {text for text in texts if form.read(text) is not None}
        if len(taken) > len(best[1]) and form.likely(sorted(taken)):
            best = form, taken
        if len(taken) == len(texts):
            break
    return best


def _candidates(texts: list[str]) -> Iterator[Form]:
    for family in FAMILIES:
        yield from family(texts)


def _read(texts: Sequence[str], form: Form) -> Reading | None:
    said: dict[str, int] = {}
    odd: list[str] = []
    for text in asking(texts):
        number = form.read(text)
        if number is None:
            odd.append(text)
            if len(odd) > _odd(texts):
                return None
        else:
            said[text] = number
    return Reading(form, said, tuple(odd))
