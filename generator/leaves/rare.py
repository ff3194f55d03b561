"""Labels in the place of those that too few persons share.

Rows of rare labels are many together, and to deal them out among the common ones would bend every
share.  Where labels are codes they are learnt as rows of invented ones; where they are words, as
rows of the column's own word for others.  A column of words without one has no label to spare: a
word it never had would tell drawn rows from real ones, and no enumeration of its readers holds it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

CODE_SIGNS = 4  # labels of one length up to this are codes, though they hold no digit
MOST_INVENTED = 200
OTHERS = ("other", "others")


def instead_of(
    labels: Sequence[str], rare: Sequence[str], most: int, invented: Callable[[int], list[str]]
) -> list[str]:
    """Labels for the rows that have ``rare`` ones, ``most`` at most; none where there is no good
    one.  ``labels`` are the common ones, ``invented`` makes so many codes in the shapes of the rare
    ones."""
    if not _codes(labels):
        return [one for one in labels if one.strip().lower() in OTHERS][:1]
    taken = {*labels, *rare}
    made = dict.fromkeys(invented(min(most, len(rare), MOST_INVENTED)))
    return [code for code in made if code not in taken]


def _codes(labels: Sequence[str]) -> bool:
    """Whether labels are codes rather than words: most hold a digit, or all are short alike."""
    digits = sum(any(sign.isdigit() for sign in label) for label in labels)
    lengths = {len(label) for label in labels}
    return 2 * digits > len(labels) or (len(lengths) == 1 and max(lengths) <= CODE_SIGNS)
