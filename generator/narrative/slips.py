"""The slips people make: letters swapped, dropped or doubled, whole notes in capitals."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from generator.narrative.grammar import Seeds, Text, uniforms

FIRST, LAST = 4, 60  # letters among which a slip is made
FORMS = 3  # two letters swapped, one dropped, one doubled


class Slips(NamedTuple):
    """Shares of texts: with a slip of the keys, in capitals, with abbreviations."""

    typos: float
    capitals: float
    abbreviations: float

    def hurried(self, seeds: Seeds) -> NDArray[np.bool_]:
        """Who abbreviates."""
        return np.asarray(uniforms(seeds, 5) < self.abbreviations)


def slipped(texts: Text, seeds: Seeds, slips: Slips) -> Text:
    """Texts with their slips, at the stated shares, by their seeds alone."""
    out = texts.copy()
    rows = np.flatnonzero(uniforms(seeds, 7) < slips.typos)
    length = np.asarray(pc.utf8_length(pa.array(out[rows], pa.string())))
    room = np.clip(length - 2, FIRST, LAST) - FIRST
    at = FIRST + np.floor(uniforms(seeds[rows], 11) * (room + 1)).astype(np.int64)
    form = np.floor(uniforms(seeds[rows], 13) * FORMS).astype(np.int64)
    for place in np.unique(at):
        own = np.flatnonzero((at == place) & (length > place + 2))
        if len(own):
            out[rows[own]] = _mistyped(out[rows[own]], int(place), form[own])
    loud = np.flatnonzero(uniforms(seeds, 17) < slips.capitals)
    out[loud] = pc.utf8_upper(pa.array(out[loud], pa.string())).to_numpy(zero_copy_only=False)
    return out


def _mistyped(texts: Text, place: int, form: NDArray[np.int64]) -> Text:
    """A slip after ``place`` letters, where two small letters follow."""
    whole = pa.array(texts, pa.string())
    head, rest = (pc.utf8_slice_codeunits(whole, *ends) for ends in ((0, place), (place + 2,)))
    one = pc.utf8_slice_codeunits(whole, place, place + 1)
    two = pc.utf8_slice_codeunits(whole, place + 1, place + 2)
    letters = np.asarray(pc.and_(pc.utf8_is_lower(one), pc.utf8_is_lower(two)))
    head, rest, one, two = (part.to_numpy(zero_copy_only=False) for part in (head, rest, one, two))
    wrong = np.where(form == 0, two + one, np.where(form == 1, two, one + one + two))
    return np.asarray(np.where(letters, head + wrong + rest, texts))
