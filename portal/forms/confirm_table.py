"""One table of an extract, as an administrator confirms or changes it: its name, its key, its
columns, and where these lead."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from django import forms
from django.http import QueryDict

from generator import table_fault
from portal.forms.confirm_column import ColumnForm, Columns, Document, said_link
from portal.forms.line import LineField

KEY_PARTS = 3  # columns a key may be made of on the page; one that was found may have more
_NAMING = ("integer", "text", "enum")  # kinds that a key of one column may have


class TableForm(forms.Form):
    """One table: its name, its key, and its columns.

    ``sole`` are the columns of which every row has a value of its own; None: nobody has looked.
    ``found`` are findings of personal data by column.
    """

    name = LineField(required=False)
    kept = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(
        self,
        data: QueryDict | None,
        table: Document,
        *,
        prefix: str,
        tables: Sequence[str] = (),
        sole: Collection[str] | None = None,
        found: Mapping[str, Document] | None = None,
    ) -> None:
        self.table, self.sole = table, sole
        together = tuple(table.get("together", ()))
        self.parts = [f"key_{at}" if at > 1 else "key" for at in range(1, _parts(together) + 1)]
        key = together or ((table["key"],) if table.get("key") else ())
        links = [link for link in table.get("links", ()) if link.get("further")]
        self.several = {str(at): link for at, link in enumerate(links)}
        initial = {**dict(zip(self.parts, key, strict=False)), "name": table["name"]}
        super().__init__(data, prefix=prefix, initial={**initial, "kept": list(self.several)})
        self.columns = Columns(
            data, table=table, tables=tables, found=found or {}, prefix=f"{prefix}-columns"
        )
        for at, part in enumerate(self.parts, 1):
            self.fields[part] = self._key_field()
            if at > 1:
                label = f"column {at} of the key of {table['name']}"
                self.fields[part].widget.attrs["aria-label"] = label
        kept = self.fields["kept"]
        assert isinstance(kept, forms.MultipleChoiceField)
        kept.choices = [(at, said_links(link, table["name"])) for at, link in self.several.items()]

    def _key_field(self) -> forms.ChoiceField:
        columns = [column for column in self.table["columns"] if not column.get("doubt")]
        choices = [("", "none"), *((column["name"], column["name"]) for column in columns)]
        field = forms.ChoiceField(choices=choices, required=False)
        field.error_messages["invalid_choice"] = (
            f"{self.was} has no column “%(value).100s”; choose another."
        )
        return field

    def further_parts(self) -> list[forms.BoundField]:
        """The fields of a key of several columns, but for its first."""
        return [self[part] for part in self.parts[1:]]

    @property
    def together(self) -> bool:
        """Whether the key is of several columns."""
        return any(self[part].value() for part in self.parts[1:])

    @property
    def was(self) -> str:
        """What the table is called in the extract."""
        return str(self.table["name"])

    @property
    def called(self) -> str:
        """What it is called from now on."""
        return str(self.cleaned_data.get("name") or self.was)

    def reason(self) -> str:
        return str(self.table.get("reason", ""))

    def is_valid(self) -> bool:
        filled = all([super().is_valid(), self.columns.is_valid()])
        if filled:
            for said in self._faults():
                self.add_error(None, said)
        return filled and not self.errors

    def _faults(self) -> Iterator[str]:
        if all(column.left_out for column in self.columns.forms):
            yield f"Nothing of {self.was} is left; keep one of its columns."
        if fault := table_fault(self.called):
            yield f"{self.was} cannot be called “{self.called[:100]}”: {fault}."
        chosen = [self.cleaned_data[part] for part in self.parts if self.cleaned_data[part]]
        if len(set(chosen)) < len(chosen):
            yield f"The key of {self.was} names a column twice; name each once."
        for column in self.columns.forms:
            if column.name in self.key:
                yield from self._key_faults(column)

    def _key_faults(self, column: ColumnForm) -> Iterator[str]:
        alone, named = len(self.key) == 1, f"{self.was}.{column.name}"
        if column.column.get("nullable"):
            yield f"{named} may be missing, so it names no row; choose another key, or none."
        elif alone and column.cleaned_data["kind"] not in _NAMING:
            yield (
                f"{named} is {column.cleaned_data['kind']}, and a key is a whole number or a text; "
                "choose another key, or none."
            )
        elif alone and self.sole is not None and column.name not in self.sole:
            yield f"{named} has values that come twice, so it names no row; choose another key."

    def sentences(self) -> list[str]:
        return [
            *said_of(self),
            *map(str, self.columns.non_form_errors()),
            *said_of(*self.columns.forms),
        ]

    def left_out(self) -> set[str]:
        return {column.name for column in self.columns.forms if column.left_out}

    @property
    def key(self) -> tuple[str, ...]:
        """The columns of the key; none where one of them is left out."""
        chosen = [self.cleaned_data[part] for part in self.parts if self.cleaned_data[part]]
        return () if set(chosen) & self.left_out() else tuple(chosen)

    def kept_links(self) -> list[Document]:
        """Links of several columns that were found and that stay."""
        return [self.several[at] for at in self.cleaned_data["kept"]]

    def confirmed(self) -> Document:
        """The table's document, but for its links."""
        columns = [column.confirmed() for column in self.columns.forms if not column.left_out]
        key = self.key
        told = {**self.table, "name": self.called, "columns": columns}
        told["key"] = key[0] if len(key) == 1 else None
        told.pop("together", None)
        told |= {"together": list(key)} if len(key) > 1 else {}
        if key != _key_of(self.table):
            told.pop("reason", None)
        if self.called != self.was:
            told["was"] = self.table.get("was", self.was)
        return told


def _key_of(table: Document) -> tuple[str, ...]:
    return (table["key"],) if table.get("key") else tuple(table.get("together", ()))


def _parts(together: Sequence[str]) -> int:
    return max(KEY_PARTS, len(together))


def said_links(link: Document, table: str) -> str:
    """A link of several columns in words."""
    own = ", ".join((link["column"], *(mine for mine, _ in link["further"])))
    return f"{own} lead to {said_link(link, table)}"


def said_of(*filled: forms.Form) -> list[str]:
    return [str(said) for form in filled for errors in form.errors.values() for said in errors]
