"""An extract that is brought: its file, and a name for the profile fitted from it."""

from __future__ import annotations

import re
import unicodedata

from django import forms
from django.conf import settings
from django.core.files import File

from portal.forms.line import NameField
from portal.templatetags.say import size

UPLOAD_ENDINGS = (".csv", ".csv.gz", ".tsv", ".parquet", ".jsonl", ".ndjson", ".xlsx", ".zip")


class ExtractForm(forms.Form):
    name = NameField(required=False)
    file = forms.FileField(
        error_messages={
            "required": "Choose a file to upload.",
            "empty": "The file is empty; choose one with a header line and rows.",
            "invalid": "The file did not arrive whole; choose it again.",
        },
    )

    def clean_file(self) -> File[bytes]:
        file: File[bytes] = self.cleaned_data["file"]
        name = str(file.name)
        if not name.lower().endswith(UPLOAD_ENDINGS):
            raise forms.ValidationError(
                f"“{safe_file_name(name)}” is not a file this portal reads; choose one that "
                f"ends in {', '.join(UPLOAD_ENDINGS)}."
            )
        if (file.size or 0) > settings.UPLOAD_LIMIT:
            raise forms.ValidationError(too_large(file.size or 0))
        return file


def too_large(claimed: int) -> str:
    return (
        f"The file has {size(claimed)}; this portal takes up to {size(settings.UPLOAD_LIMIT)}. "
        "Upload a sample of its rows."
    )


def safe_file_name(name: str) -> str:
    """The last part of a name in letters and digits of any script, dot, dash and underscore."""
    last = unicodedata.normalize("NFC", re.split(r"[\\/]", name)[-1])
    ending = next((end for end in UPLOAD_ENDINGS if last.lower().endswith(end)), "")
    stem = last[: len(last) - len(ending)]
    clean = re.sub(r"[^\w.\-]+", "_", stem).lstrip("._")[:80]
    clean = clean.encode()[:200].decode(errors="ignore")  # a name may have 255 bytes
    return f"{clean or 'extract'}{last[len(stem) :]}"
