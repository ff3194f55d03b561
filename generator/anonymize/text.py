"""Free text: the same text with every finding replaced."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

from generator.personal import Span, mentions
from generator.personal.words import folded

_WORDS = re.compile(r"[^\W\d_]+(?:[’'`\-‐][^\W\d_]+)*")
_LEAST = 3  # letters of a name that is looked for by itself


def spans_of(texts: Iterable[str]) -> dict[str, list[Span]]:
    """What each text mentions by its own form."""
    return {text: mentions(text) for text in texts}


def names_in(texts: Collection[str], names: Iterable[str]) -> frozenset[str]:
    """Words of the extract's own names that texts mention as such: with a capital, and not a word
    that is written small somewhere else in them (a price, Mrs. Price)."""
    known = {word for name in names for word in _WORDS.findall(name) if len(word) >= _LEAST}
    known = {word.casefold() for word in known}
    small: set[str] = set()
    for text in texts:
        small.update(word for word in _WORDS.findall(text) if word.islower())
    return frozenset(folded(word) for word in known - small)


def replaced(
    text: str,
    spans: list[Span],
    tokens: Mapping[tuple[str, str], str],
    names: Mapping[str, str],
) -> str:
    """The text with the token of each mention; ``names`` are tokens of single words, folded."""
    made, at = [], 0
    for span in spans:
        made.append(_renamed(text[at : span.start], names))
        found = text[span.start : span.stop]
        made.append(tokens[span.word, found])
        at = span.stop
    made.append(_renamed(text[at:], names))
    return "".join(made)


def _renamed(part: str, names: Mapping[str, str]) -> str:
    if not names:
        return part
    return _WORDS.sub(lambda match: _one(match.group(), names), part)


def _one(word: str, names: Mapping[str, str]) -> str:
    if not word[0].isupper():
        return word
    token = names.get(folded(word))
    if token is None and word.endswith(("'s", "’s")):
        token = names.get(folded(word[:-2]))
        return word if token is None else _cased(token, word) + word[-2:]
    return word if token is None else _cased(token, word)


def _cased(token: str, like: str) -> str:
    return token.upper() if like.isupper() and len(like) > 1 else token
