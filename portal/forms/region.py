"""Whose the telephone numbers of an extract are that have no code of a country."""

from __future__ import annotations

from typing import Any

from django import forms

import generator


class RegionField(forms.CharField):
    """Two letters of a country; empty for the United States."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.widget.attrs |= {"size": 4, "maxlength": 2, "placeholder": "US"}

    def clean(self, value: Any) -> str:
        region = str(super().clean(value)).upper()
        if region:
            try:
                generator.check_region(region)
            except generator.RequestError as problem:
                raise forms.ValidationError(problem.sentence) from problem
        return region
