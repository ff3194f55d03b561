"""Which acts of the audit trail somebody wants to see."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.db.models import Q, QuerySet

from portal.forms.line import LineField
from portal.models import Act

KINDS = ("bundle", "extract", "profile", "trail", "user")


class TrailForm(forms.Form):
    """Every field narrows; what is wrong is said and does not narrow."""

    who = LineField(required=False, max_length=150)
    verb = forms.ChoiceField(required=False, choices=[("", "anything"), *Act.Verb.choices])
    kind = forms.ChoiceField(
        required=False, choices=[("", "anything"), *((kind, kind) for kind in KINDS)]
    )
    thing = LineField(required=False, max_length=300)
    since = forms.DateField(required=False, widget=forms.DateInput({"type": "date"}))
    until = forms.DateField(required=False, widget=forms.DateInput({"type": "date"}))

    def __init__(self, data: Mapping[str, Any]) -> None:
        super().__init__(data, auto_id="%s")
        for name, field in self.fields.items():
            field.widget.attrs.setdefault("aria-describedby", f"{name}-says")
            field.error_messages["invalid"] = "A day is written 2025-12-31."
            field.error_messages["invalid_choice"] = "“%(value).40s” is none of these; choose one."

    def acts(self) -> QuerySet[Act]:
        """The acts asked for, the last first."""
        self.full_clean()
        asked, acts = self.cleaned_data, Act.objects.all()
        if asked.get("who"):
            acts = acts.filter(who__icontains=asked["who"])
        if asked.get("verb"):
            acts = acts.filter(verb=asked["verb"])
        if asked.get("kind"):
            acts = acts.filter(kind=asked["kind"])
        if thing := asked.get("thing"):
            acts = acts.filter(Q(title__icontains=thing) | Q(thing=thing))
        if asked.get("since"):
            acts = acts.filter(at__date__gte=asked["since"])
        if asked.get("until"):
            acts = acts.filter(at__date__lt=asked["until"] + timedelta(days=1))
        return acts

    @property
    def narrows(self) -> bool:
        return bool(self.query)

    @property
    def query(self) -> str:
        """What narrows, as the end of an address."""
        self.full_clean()
        asked = {name: self.data.get(name, "") for name in self.fields}
        return urlencode({name: typed for name, typed in asked.items() if typed})
