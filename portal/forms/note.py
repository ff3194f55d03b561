"""What an administrator says about a decision."""

from __future__ import annotations

from django import forms

from portal.forms.line import LineField

NOTE_LIMIT = 500


class NoteForm(forms.Form):
    """A note is kept as far as it fits; no decision fails for its note."""

    note = LineField(required=False)

    def text(self) -> str:
        self.full_clean()
        return str(self.cleaned_data["note"])[:NOTE_LIMIT]
