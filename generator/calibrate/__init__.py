"""Bringing a platform's profile to an extract: its entries counted anew on the extract's rows.

``match`` finds the platform's tables and columns in the extract and casts its values; ``count``
evaluates what each entry and figure says it is counted from.
"""

from generator.calibrate.count import calibrate
from generator.calibrate.match import Match, calibratable, match, onto_platform

__all__ = ["Match", "calibratable", "calibrate", "match", "onto_platform"]
