"""How much a column's values look like names of people, or of places."""

from __future__ import annotations

import re

from generator.personal.words import HONORIFICS, areas, cities, folded, names, parts, script_of

_NAME = re.compile(r"[^\W\d_][^\d_@/:;()\"+=<>]{0,59}")
_COLOURS = {"black", "white", "grey", "gray", "silver", "brown", "green", "blue", "red", "gold"}
_MOST_WORDS = 5
_HAN_PLACE = re.compile(r".*[省市区區县縣町村路街道州府県都郡]")


def is_name(text: str) -> bool:
    """Whether first names and last names of the text's script make it up."""
    if not _NAME.fullmatch(text):
        return False
    script = script_of(text)
    if script in ("han", "hangul", "kana"):
        return _eastern(text, script)
    words, known = parts(text), names(script)
    if not words or len(words) > _MOST_WORDS:
        return False
    if len(words) == 1:
        if words[0] in _COLOURS:
            return False
        return words[0] in known.first or words[0] in known.last
    first, last = words[0] in known.first, words[-1] in known.last
    return first or (last and (words[0] in known.last or len(words[0]) == 1))


def whole_name(text: str) -> bool:
    """A first and a last name that both are known."""
    words, known = parts(text), names(script_of(text))
    return 2 <= len(words) <= _MOST_WORDS and words[0] in known.first and words[-1] in known.last


def _eastern(text: str, script: str) -> bool:
    """A known last name first, and one or two signs or a known name behind it; or one of them."""
    plain = text.replace(" ", "").replace("・", "")
    known = names(script)
    if not 1 <= len(plain) <= 12 or _HAN_PLACE.fullmatch(plain):
        return False
    if folded(plain) in known.first or folded(plain) in known.last:
        return True
    most = 2 if script != "kana" else 6
    heads = (plain[:at] for at in (1, 2, 3, 4) if 0 < len(plain) - at <= most)
    return any(folded(head) in known.last for head in heads)


def is_honorific(text: str) -> bool:
    return folded(text.strip().rstrip(".")) in HONORIFICS


def is_city(text: str) -> bool:
    return folded(text) in cities(script_of(text))


def is_area(text: str) -> bool:
    """A state, a county or a country."""
    plain = folded(text).removesuffix(" county").removesuffix(" parish")
    return plain in areas()


def share(texts: list[str], looks: object) -> float:
    assert callable(looks)
    return sum(map(looks, texts)) / len(texts) if texts else 0.0
