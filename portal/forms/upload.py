"""An extract that is brought: its file, and a name for the profile fitted from it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings

from portal.brought import Brought
from portal.forms.line import NameField
from portal.incoming import SealedFile
from portal.templatetags.say import size

UPLOAD_ENDINGS = (".csv", ".csv.gz", ".tsv", ".parquet", ".jsonl", ".ndjson", ".xlsx", ".zip")


MOST_FILES = 100


PROFILE = ".profile"
ALL_ENDINGS = (*UPLOAD_ENDINGS, PROFILE)


class ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One file or several: a list."""

    widget = ManyFiles

    def clean(self, data: Any, initial: Any = None) -> list[SealedFile]:
        given = data if isinstance(data, list) else [data]
        return [super(FilesField, self).clean(one, initial) for one in given or [None]]


class ExtractForm(forms.Form):
    name = NameField(required=False)
    file = FilesField(
        error_messages={
            "required": "Choose a file to upload.",
            "empty": "The file is empty; choose one with a header line and rows.",
            "invalid": "The file did not arrive whole; choose it again.",
        },
    )

    def clean_file(self) -> list[SealedFile]:
        files: list[SealedFile] = self.cleaned_data["file"]
        if len(files) > MOST_FILES:
            raise forms.ValidationError(
                f"{len(files)} files are too many; choose {MOST_FILES} at most, or a ZIP of them."
            )
        for file in files:
            if said := ending_fault(str(file.name)):
                raise forms.ValidationError(said)
        if said := mixture_fault([str(file.name) for file in files]):
            raise forms.ValidationError(said)
        size = sum(file.size or 0 for file in files)
        if size > settings.UPLOAD_LIMIT:
            raise forms.ValidationError(too_large(size))
        return files

    def brought(self) -> list[Brought]:
        """The files of a valid form."""
        return [
            Brought(file.path, str(file.name), file.size or 0, file.sha256)
            for file in self.cleaned_data["file"]
        ]


def ending_fault(name: str) -> str:
    """Why a file of that name is not taken; empty if it is."""
    if name.lower().endswith(ALL_ENDINGS):
        return ""
    return (
        f"“{safe_file_name(name)}” is not a file this portal reads; choose one that ends in "
        f"{', '.join(ALL_ENDINGS)}."
    )


def mixture_fault(names: Sequence[str]) -> str:
    """Why these files are not taken together; empty if they are."""
    if len(names) > 1 and any(name.lower().endswith(PROFILE) for name in names):
        return "A .profile file is a profile of its own; upload it alone."
    return ""


def too_large(claimed: int) -> str:
    return (
        f"The file has {size(claimed)}; this portal takes up to {size(settings.UPLOAD_LIMIT)}. "
        "Upload a sample of its rows."
    )


def safe_file_name(name: str) -> str:
    """The last part of a name in letters and digits of any script, dot, dash and underscore."""
    last = unicodedata.normalize("NFC", re.split(r"[\\/]", name)[-1])
    ending = next((end for end in ALL_ENDINGS if last.lower().endswith(end)), "")
    stem = last[: len(last) - len(ending)]
    clean = re.sub(r"[^\w.\-]+", "_", stem).lstrip("._")[:80]
    clean = clean.encode()[:200].decode(errors="ignore")  # a name may have 255 bytes
    return f"{clean or 'extract'}{last[len(stem) :]}"
