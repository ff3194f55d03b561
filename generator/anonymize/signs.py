"""Many texts at once, as matrices of their signs: one row a text, one column a place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from generator.anonymize.layout import bare, poured

Words = NDArray[np.uint64]  # shape (n, 2): 128 bits of chance for each value
Signs = NDArray[np.uint32]  # shape (n, places): code points

_DROP = {code: None for code in range(128) if not chr(code).isalnum() and chr(code) != "\n"}
_PLACES = {code: "X" for code in range(128) if chr(code).isalnum()}
_PLACES |= dict.fromkeys(range(ord("a"), ord("z") + 1), "x")
_FEW = 32  # texts of one layout, below which a matrix is not worth it


def bares(texts: Sequence[str]) -> list[str]:
    """``layout.bare`` of each."""
    whole = "\n".join(texts)
    if not whole.isascii() or whole.count("\n") != len(texts) - 1:
        return [bare(text) for text in texts]
    return whole.translate(_DROP).upper().split("\n")


def poured_all(tokens: Sequence[str], texts: Sequence[str]) -> list[str]:
    """``layout.poured`` of each token into its text."""
    whole = "\n".join(texts)
    if not whole.isascii() or whole.count("\n") != len(texts) - 1:
        return [poured(token, text) for token, text in zip(tokens, texts, strict=True)]
    layouts = whole.translate(_PLACES).split("\n")
    made = list(tokens)
    for layout, rows in groups(layouts):
        mine = [tokens[at] for at in rows]
        if layout.count("X") == len(layout) and all(len(one) == len(layout) for one in mine):
            continue
        for at, text in zip(rows, _into(layout, mine, [texts[at] for at in rows]), strict=True):
            made[at] = text
    return made


def _into(layout: str, tokens: list[str], texts: list[str]) -> list[str]:
    places = [at for at, sign in enumerate(layout) if sign in "Xx"]
    if len(tokens) < _FEW or any(len(token) != len(places) for token in tokens):
        return [poured(token, text) for token, text in zip(tokens, texts, strict=True)]
    made = matrix(texts)
    small = np.array([sign == "x" for sign in layout])
    lowered = small | (small.any() & ~_capital(made).any(axis=1, keepdims=True))
    made[:, places] = matrix(tokens)
    return texts_of(np.where(lowered & _capital(made), made + 32, made))


def _capital(signs: Signs) -> NDArray[np.bool_]:
    return (signs >= ord("A")) & (signs <= ord("Z"))


def groups(keys: Sequence[object]) -> Iterator[tuple[str, list[int]]]:
    """Each different key with its places, in the order they come first."""
    found: dict[object, list[int]] = {}
    for at, key in enumerate(keys):
        found.setdefault(key, []).append(at)
    for key, rows in found.items():
        yield str(key), rows


def matrix(texts: Sequence[str]) -> Signs:
    """The signs of texts of one length."""
    size = len(texts[0])
    return np.array(texts, dtype=f"U{size}").view(np.uint32).reshape(len(texts), size)


def texts_of(signs: Signs) -> list[str]:
    plain = np.ascontiguousarray(signs, np.uint32)
    found: list[str] = plain.view(f"U{signs.shape[1]}").ravel().tolist()
    return found


def rest(words: Words, by: NDArray[np.int64] | int) -> NDArray[np.int64]:
    """The remainder of each 128-bit number by a number below 2**31, its own or that of all."""
    part = np.asarray(by, np.uint64)
    high = words[:, 0] % part * ((np.uint64(2**64 - 1) % part + np.uint64(1)) % part)
    return np.asarray((high + words[:, 1] % part) % part, np.int64)


def constant(text: str, rows: int) -> Signs:
    return np.tile(np.array([*map(ord, text)], np.uint32), (rows, 1))


def digits(numbers: NDArray[np.uint64], count: int) -> Signs:
    """The last ``count`` decimal digits of each number, at most 19."""
    powers = np.array([10**at for at in range(count - 1, -1, -1)], np.uint64)
    return (numbers[:, None] // powers % np.uint64(10)).astype(np.uint32) + ord("0")


def picked(numbers: NDArray[np.uint64], signs: str, count: int) -> Signs:
    """``count`` of the signs, by the digits of each number in as many signs as there are."""
    table = np.array([*map(ord, signs)], np.uint32)
    base = np.uint64(len(signs))
    made = np.empty((len(numbers), count), np.uint32)
    rest = numbers.copy()
    for at in range(count):
        made[:, at] = table[(rest % base).astype(np.int64)]
        rest //= base
    return made


def mixed(words: Words, at: int) -> NDArray[np.uint64]:
    """Further 64 bits for the place ``at``: SplitMix64 (Steele, Lea and Flood 2014)."""
    with np.errstate(over="ignore"):
        z = words[:, at % 2] + np.uint64(0x9E3779B97F4A7C15) * np.uint64(at + 1)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return np.asarray(z ^ (z >> np.uint64(31)))
