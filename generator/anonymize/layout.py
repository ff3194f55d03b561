"""How a value is written: what is told from it, and what is written into the same places."""

from __future__ import annotations

import re

_SIGNS = re.compile(r"[\W_]")
_ALPHABETS = (
    "abcdefghijklmnopqrstuvwxyz",
    "абвгдежзиклмнопрстуфхцчшэюя",
    "αβγδεζηθικλμνξοπρστυφχψω",
)


def bare(text: str) -> str:
    """Letters and digits alone, in capitals: the same for all ways of writing one number."""
    return _SIGNS.sub("", text).upper()


def digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def poured(token: str, text: str) -> str:
    """The signs of ``token`` in the places of letters and digits of ``text``, in its case: small
    where all its letters are, even for a digit, else as the letter in each place."""
    signs = iter(token.lower() if text.islower() else token)
    made = "".join(_in_case(next(signs, ""), old) if old.isalnum() else old for old in text)
    return made + "".join(signs)


def _in_case(new: str, old: str) -> str:
    return new.lower() if old.islower() else new


def cased(word: str, like: str) -> str:
    """The word in capitals, small, or as it is, as the other is written."""
    if like.isupper() and len(like) > 1:
        return word.upper()
    return word.lower() if like.islower() else word


def shaped(number: int, text: str, *, kept: int = 0) -> str:
    """Digits for digits and letters for letters, but for the first ``kept`` signs; no leading
    nought where there was none.  Letters of other scripts than Latin, Cyrillic and Greek become
    Latin ones."""
    if not kept and text.isdigit() and text.isascii():
        return _counted(number, text)
    made = [text[:kept]]
    for at, old in enumerate(text[kept:], kept):
        if old.isdigit():
            least = int(at == 0 and old != "0")
            number, rest = divmod(number, 10 - least)
            made.append(str(rest + least))
        elif old.isalnum():
            signs = next((one for one in _ALPHABETS if old.lower() in one), _ALPHABETS[0])
            number, rest = divmod(number, len(signs))
            made.append(signs[rest] if old.islower() else signs[rest].upper())
        else:
            made.append(old)
    return "".join(made)


def _counted(number: int, text: str) -> str:
    """``shaped`` of digits alone, at once: the last digits of the number, the lowest first."""
    least = int(text[0] != "0")
    number, first = divmod(number, 10 - least)
    rest = len(text) - 1
    return str(first + least) + (f"{number % 10**rest:0{rest}}"[::-1] if rest else "")
