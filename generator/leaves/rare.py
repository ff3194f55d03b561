"""Labels in the place of those that too few persons share.

Rows of rare labels are many together, and to deal them out among the common ones would bend every
share.  They are learnt as rows of labels that no extract needs to have: invented codes where labels
are codes, "other" where they are words.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

CODE_SIGNS = 4  # labels of one length up to this are codes, though they hold no digit
MOST_INVENTED = 200


def instead_of(
    labels: Sequence[str], rare: Sequence[str], most: int, invented: Callable[[int], list[str]]
) -> list[str]:
    """Labels for the rows that have ``rare`` ones, ``most`` at most; none where there is no good
    one.  ``labels`` are the common ones, ``invented`` makes so many codes in the shapes of the rare
    ones."""
    if not _codes(labels):
        return [_other(labels)]
    taken = {*labels, *rare}
    made = dict.fromkeys(invented(min(most, len(rare), MOST_INVENTED)))
    return [code for code in made if code not in taken]


def _codes(labels: Sequence[str]) -> bool:
    """Whether labels are codes rather than words: most hold a digit, or all are short alike."""
    digits = sum(any(sign.isdigit() for sign in label) for label in labels)
    lengths = {len(label) for label in labels}
    return 2 * digits > len(labels) or (len(lengths) == 1 and max(lengths) <= CODE_SIGNS)


def _other(labels: Sequence[str]) -> str:
    """The word for all others, as the labels have it or in their case."""
    said = next((label for label in labels if label.strip().lower() in ("other", "others")), None)
    if said is not None:
        return said
    upper = sum(label.isupper() for label in labels)
    title = sum(label[:1].isupper() for label in labels)
    if 2 * upper > len(labels):
        return "OTHER"
    return "Other" if 2 * title > len(labels) else "other"
