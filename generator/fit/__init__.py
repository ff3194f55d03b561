"""Learn a profile from an extract; see ``generator.fit.whole``."""

from generator.fit.choosing import rows_tried
from generator.fit.imitate import imitated
from generator.fit.linked import linked_halves, links_not_learnt
from generator.fit.way import LEAF_ROWS, K, Way
from generator.fit.whole import fit, found_rules
from generator.fit.whose import holders_of, unit_of

__all__ = [
    "LEAF_ROWS",
    "K",
    "Way",
    "fit",
    "found_rules",
    "holders_of",
    "imitated",
    "linked_halves",
    "links_not_learnt",
    "rows_tried",
    "unit_of",
]
