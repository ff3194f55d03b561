"""Grammars: symbols, their alternatives, and the texts that come of them, many rows at a time.

A grammar is a file of ``profiles/automotive/grammars``: ``[rules]`` maps a symbol to its
alternatives, ``[abbreviations]`` a word to what hurried people write for it.  In an alternative
``{name}`` is another symbol, ``{=name}`` a field of the row, ``{name/label}`` the symbol
``name.value`` for the row's value of a label, or ``name`` where there is none of it.  An
alternative that begins with ``3 | `` is as likely as three others.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from generator.errors import ProfileError
from generator.frame import Coded

Text = NDArray[np.object_]
Rows = NDArray[np.int64]
Seeds = NDArray[np.uint64]
PLACE = re.compile(r"\{(=?)(\w+)(?:/(\w+))?\}")
WEIGHT = re.compile(r"(\d+) \| ")
PLAIN, HURRIED = range(2)  # styles: words in full, words abbreviated
GOLDEN = 0x9E3779B97F4A7C15
MASK = (1 << 64) - 1


class Place(NamedTuple):
    """A field of the row, a symbol, or a symbol by a label of the row."""

    name: str
    field: bool = False
    label: str = ""


Piece = str | Place


@dataclass(frozen=True)
class Symbol:
    """Its alternatives in each style, and their shares summed up.  ``plain`` (styles,
    alternatives) holds those that are text alone, None for others."""

    upto: NDArray[np.float64]
    alternatives: tuple[tuple[tuple[Piece, ...], ...], ...]
    number: int
    plain: Text
    mixed: NDArray[np.bool_]


@dataclass(frozen=True)
class Grammar:
    """``symbols`` by name; ``named`` reads the file of a name, ``read`` a document."""

    name: str
    symbols: Mapping[str, Symbol]

    @classmethod
    def named(cls, name: str) -> Grammar:
        return _named(name)

    @classmethod
    def read(cls, name: str, document: Mapping[str, Any]) -> Grammar:
        """Raises ProfileError for a symbol that no rule explains."""
        short = {word: tuple(forms) for word, forms in document.get("abbreviations", {}).items()}
        rules: Mapping[str, list[str]] = document["rules"]
        grammar = cls(
            name,
            {
                symbol: _symbol(alternatives, short, number)
                for number, (symbol, alternatives) in enumerate(rules.items(), start=1)
            },
        )
        for symbol, rule in grammar.symbols.items():
            for piece in (p for style in rule.alternatives for one in style for p in one):
                if isinstance(piece, Place) and not piece.field and not grammar._has(piece):
                    raise ProfileError(
                        f"{name}: “{symbol}” names “{piece.name}”, which no rule explains."
                    )
        return grammar

    def _has(self, place: Place) -> bool:
        head = f"{place.name}."
        return place.name in self.symbols or bool(
            place.label and any(one.startswith(head) for one in self.symbols)
        )

    def written(
        self,
        symbol: str,
        seeds: Seeds,
        *,
        fields: Mapping[str, Text],
        labels: Mapping[str, Coded],
        hurried: NDArray[np.bool_] | None = None,
    ) -> Text:
        """A text for each row (n,), by its seed alone; rows that are ``hurried`` abbreviate."""
        out = np.empty(len(seeds), dtype=object)
        style = np.zeros(len(seeds), dtype=bool) if hurried is None else hurried
        for code in (PLAIN, HURRIED):
            rows = np.flatnonzero(style == (code == HURRIED))
            if len(rows):
                task = _Task(self.symbols, seeds, fields, labels, code)
                out[rows] = task.expand(symbol, rows, 1)
        return out


@cache
def _named(name: str) -> Grammar:
    folder = resources.files("generator") / "profiles" / "automotive" / "grammars"
    return Grammar.read(name, tomllib.loads((folder / f"{name}.toml").read_text(encoding="utf-8")))


@dataclass(frozen=True)
class _Task:
    symbols: Mapping[str, Symbol]
    seeds: Seeds
    fields: Mapping[str, Text]
    labels: Mapping[str, Coded]
    style: int

    def expand(self, name: str, rows: Rows, path: int) -> Text:
        """Texts of a symbol for these rows; ``path`` is where in the sentence it stands."""
        symbol = self.symbols[name]
        path = (path * 31 + symbol.number) & MASK
        some = symbol.alternatives[self.style]
        if len(some) == 1:
            return self._joined(some[0], rows, path)
        at = np.searchsorted(symbol.upto, uniforms(self.seeds[rows], path), side="right")
        at = np.minimum(at, len(some) - 1)
        out: Text = symbol.plain[self.style][at]
        open_ = np.flatnonzero(symbol.mixed[at])
        for chosen, place in _grouped(at[open_]):
            own = open_[place]
            out[own] = self._joined(some[chosen], rows[own], path * 37 + chosen)
        return out

    def _joined(self, pieces: tuple[Piece, ...], rows: Rows, path: int) -> Text:
        text: Any = ""
        for place, piece in enumerate(pieces):
            if isinstance(piece, str):
                text = text + piece
            elif piece.field:
                text = text + self.fields[piece.name][rows]
            elif piece.label:
                text = text + self._by_label(piece, rows, (path * 41 + place) & MASK)
            else:
                text = text + self.expand(piece.name, rows, (path * 41 + place) & MASK)
        return np.full(len(rows), text, dtype=object) if isinstance(text, str) else text

    def _by_label(self, piece: Place, rows: Rows, path: int) -> Text:
        """As ``expand`` of the symbol of each row's label, of all labels at once."""
        label = self.labels[piece.label]
        codes, which = np.unique(label.codes[rows], return_inverse=True)
        symbols = [self._of_label(piece.name, label, code) for code in codes.tolist()]
        numbers = np.array([symbol.number for symbol in symbols], dtype=np.uint64)
        paths = numbers + np.uint64(path * 31 & MASK)
        stops = np.cumsum([len(symbol.upto) for symbol in symbols])
        upto = np.concatenate([symbol.upto + at for at, symbol in enumerate(symbols)])
        at = np.searchsorted(upto, uniforms(self.seeds[rows], paths[which]) + which, side="right")
        at = np.minimum(at, stops[which] - 1)
        out: Text = np.concatenate([symbol.plain[self.style] for symbol in symbols])[at]
        open_ = np.flatnonzero(np.concatenate([symbol.mixed for symbol in symbols])[at])
        for chosen, place in _grouped(at[open_]):
            own = open_[place]
            of = int(np.searchsorted(stops, chosen, side="right"))
            some = symbols[of].alternatives[self.style]
            local = chosen - int(stops[of]) + len(some)
            deeper = int(paths[of]) if len(some) == 1 else int(paths[of]) * 37 + local
            out[own] = self._joined(some[local], rows[own], deeper)
        return out

    def _of_label(self, name: str, label: Coded, code: int) -> Symbol:
        value = label.labels[code].replace(" ", "_") if code >= 0 else ""
        return self.symbols.get(f"{name}.{value}") or self.symbols[name]


def _grouped(codes: NDArray[Any]) -> list[tuple[int, Rows]]:
    """Places of the rows of each code."""
    if not len(codes):
        return []
    order = codes.argsort(kind="stable")
    ordered = codes[order]
    edges = (np.flatnonzero(ordered[1:] != ordered[:-1]) + 1).tolist()
    bounds = zip([0, *edges], [*edges, len(codes)], strict=True)
    return [(int(ordered[first]), order[first:last]) for first, last in bounds]


def uniforms(seeds: Seeds, path: int | Seeds) -> NDArray[np.float64]:
    """Numbers in [0, 1) of each seed for a place in the sentence, or for a place of each
    (splitmix64, Steele 2014)."""
    if isinstance(path, int):
        z = seeds + np.uint64((path * GOLDEN) & MASK)
    else:
        z = seeds + path * np.uint64(GOLDEN)
    z ^= z >> np.uint64(30)
    z *= np.uint64(0xBF58476D1CE4E5B9)
    z ^= z >> np.uint64(27)
    z *= np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
    return (z >> np.uint64(11)).astype(np.float64) * 2.0**-53


def _symbol(written: list[str], short: Mapping[str, tuple[str, ...]], number: int) -> Symbol:
    weights, texts = [], []
    for text in written:
        found = WEIGHT.match(text)
        weights.append(float(found[1]) if found else 1.0)
        texts.append(text[found.end() :] if found else text)
    upto = np.cumsum(weights) / np.sum(weights)
    plain = tuple(_pieces(text) for text in texts)
    hurried = tuple(
        tuple(_shortened(p, short, at) if isinstance(p, str) else p for p in pieces)
        for at, pieces in enumerate(plain)
    )
    alone = np.empty((2, len(plain)), dtype=object)
    for style, alternatives in enumerate((plain, hurried)):
        for at, pieces in enumerate(alternatives):
            if all(isinstance(piece, str) for piece in pieces):
                alone[style, at] = "".join(map(str, pieces))
    mixed = np.array([any(isinstance(p, Place) for p in pieces) for pieces in plain])
    return Symbol(upto, (plain, hurried), number, alone, mixed)


def _pieces(text: str) -> tuple[Piece, ...]:
    pieces: list[Piece] = []
    end = 0
    for found in PLACE.finditer(text):
        if found.start() > end:
            pieces.append(text[end : found.start()])
        pieces.append(Place(found[2], field=bool(found[1]), label=found[3] or ""))
        end = found.end()
    if end < len(text) or not pieces:
        pieces.append(text[end:])
    return tuple(pieces)


def _shortened(text: str, short: Mapping[str, tuple[str, ...]], at: int) -> str:
    def form(found: re.Match[str]) -> str:
        forms = short.get(found[0]) or short.get(found[0].lower())
        return forms[at % len(forms)] if forms else found[0]

    return re.sub(r"[A-Za-z]+", form, text)
