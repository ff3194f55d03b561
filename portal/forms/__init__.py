"""What people fill in: kept as they typed it, checked field by field.

The sentences about a recipe are the engine's own; a form only says which field each belongs to.
"""

from __future__ import annotations

from portal.forms.begin import as_preset, as_recipe, new_seed
from portal.forms.command import command_line
from portal.forms.compose import ComposeForm
from portal.forms.confirm import ConfirmForm
from portal.forms.counts import Card, TableRow
from portal.forms.note import NoteForm
from portal.forms.trail import TrailForm
from portal.forms.upload import ALL_ENDINGS, ExtractForm, safe_file_name, too_large

__all__ = [
    "ALL_ENDINGS",
    "Card",
    "ComposeForm",
    "ConfirmForm",
    "ExtractForm",
    "NoteForm",
    "TableRow",
    "TrailForm",
    "as_preset",
    "as_recipe",
    "command_line",
    "new_seed",
    "safe_file_name",
    "too_large",
]
