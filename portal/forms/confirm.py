"""What an extract seems to be, as an administrator confirms or changes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, cast

from django import forms
from django.http import QueryDict

import generator
from portal.forms.line import NameField
from portal.templatetags.say import words

# What a column may be read as instead of what was inferred: only wider kinds, which always work.
KINDS = {
    "integer": ("integer", "float", "text"),
    "decimal": ("decimal", "float", "text"),
    "float": ("float", "text"),
    "boolean": ("boolean", "text"),
    "date": ("date", "text"),
    "timestamp": ("timestamp", "text"),
    "enum": ("enum", "text"),
    "text": ("text", "enum"),
}
LEFT_OUT = "left out"
BUILT_IN = "automotive"
OF_A_KIND = (
    "precision",
    "scale",
    "length",
    "values",
    "enum",
    "form",
    "doubt",
)  # facts another kind does not have

Document = dict[str, Any]  # a table or column as Schema.to_dict writes it


class ColumnForm(forms.Form):
    """One column of a table: what it is read as, and whether it is personal."""

    kind = forms.ChoiceField()
    personal = forms.BooleanField(required=False)

    def __init__(self, *args: Any, table: str, column: Document, **options: Any) -> None:
        kinds = (*KINDS.get(column["kind"], (column["kind"],)), LEFT_OUT)
        self.column = column
        options["initial"] = {"kind": column["kind"], "personal": bool(column.get("personal"))}
        super().__init__(*args, **options)
        kind, personal = self.fields["kind"], self.fields["personal"]
        assert isinstance(kind, forms.ChoiceField)
        kind.choices = [(name, name) for name in kinds]
        kind.error_messages["invalid_choice"] = kind.error_messages["required"] = (
            f"{table}.{column['name']} was found to be {column['kind']}; it can be read as "
            f"{' or '.join(kinds)}."
        )
        kind.widget.attrs["aria-label"] = f"kind of {column['name']}"
        personal.widget.attrs["aria-label"] = f"{column['name']} is personal"

    @property
    def name(self) -> str:
        return str(self.column["name"])

    def facts(self) -> str:
        """What was inferred about the column, without any value of it."""
        column = self.column
        said = ["may be missing" if column.get("nullable") else "always filled"]
        said += ["every value once"] if column.get("unique") else []
        said += [f"{len(column['values'])} categories"] if column.get("values") else []
        if column.get("scale") is not None and column["kind"] == "decimal":
            places = column["scale"]
            said.append(f"{places} decimal place{'s' * (places != 1)}")
        said += [f"up to {column['length']} characters"] if column.get("length") else []
        said += [f"written as {column['form']}"] if column.get("form") else []
        said += (
            [f"looks like {words(column['personal']).lower()}"] if column.get("personal") else []
        )
        return ", ".join(said)

    def doubt(self) -> str:
        """Shapes of texts that were not understood: digits and letters of nobody."""
        return str(self.column.get("doubt", ""))

    @property
    def left_out(self) -> bool:
        return bool(self.cleaned_data.get("kind") == LEFT_OUT)

    def confirmed(self) -> Document:
        """The column's document with what was chosen."""
        column, kind = dict(self.column), self.cleaned_data["kind"]
        if kind != column["kind"]:
            column = {name: fact for name, fact in column.items() if name not in OF_A_KIND}
        column["kind"] = kind
        personal = column.pop("personal", None)
        return column | (
            {"personal": personal or "personal"} if self.cleaned_data["personal"] else {}
        )


LOST = "Some columns did not arrive; load the page again and confirm it once more."


class BaseColumns(forms.BaseFormSet):  # type: ignore[type-arg]  # generic in the stubs only
    """The columns of one table, all of them: one that got lost would no longer be personal."""

    default_error_messages: ClassVar = {
        "missing_management_form": LOST,
        "too_few_forms": LOST,
        "too_many_forms": LOST,
    }

    def __init__(self, *args: Any, table: Document, **options: Any) -> None:
        self.table = table
        self.min_num = self.max_num = self.absolute_max = len(table["columns"])
        # Initial ones: an unchanged form of another kind would count as one that did not arrive.
        super().__init__(*args, **{**options, "initial": [{}] * self.min_num})

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        return {"table": self.table["name"], "column": self.table["columns"][index or 0]}


Columns = cast(
    type[BaseColumns],
    forms.formset_factory(ColumnForm, formset=BaseColumns, extra=0, validate_min=True),
)


class TableForm(forms.Form):
    """One table: its key, and its columns."""

    key = forms.ChoiceField(required=False)

    def __init__(self, data: QueryDict | None, table: Document, *, prefix: str) -> None:
        self.table = table
        super().__init__(data, prefix=prefix, initial={"key": table.get("key") or ""})
        self.columns = Columns(data, table=table, prefix=f"{prefix}-columns")
        key = self.fields["key"]
        assert isinstance(key, forms.ChoiceField)
        names = [column["name"] for column in table["columns"] if not column.get("doubt")]
        key.choices = [("", "none"), *((name, name) for name in names)]
        key.error_messages["invalid_choice"] = (
            f"{table['name']} has no column “%(value).100s”; choose another."
        )

    @property
    def name(self) -> str:
        return str(self.table["name"])

    def is_valid(self) -> bool:
        filled = all([super().is_valid(), self.columns.is_valid()])
        if filled and all(column.left_out for column in self.columns.forms):
            self.add_error(None, f"Nothing of {self.name} is left; keep one of its columns.")
        return filled and not self.errors

    def sentences(self) -> list[str]:
        return [
            *_said(self),
            *map(str, self.columns.non_form_errors()),
            *_said(*self.columns.forms),
        ]

    def left_out(self) -> set[str]:
        return {column.name for column in self.columns.forms if column.left_out}

    def confirmed(self, left_out: Mapping[str, set[str]]) -> Document:
        """The table's document; ``left_out`` are columns of all tables."""
        mine = left_out[self.name]
        columns = [column.confirmed() for column in self.columns.forms if column.name not in mine]
        links = [
            link
            for link in self.table.get("links", ())
            if link["column"] not in mine
            and link["parent_column"] not in left_out.get(link["parent"], ())
        ]
        key = self.cleaned_data["key"]
        key = None if not key or key in mine else key
        told = {**self.table, "key": key, "columns": columns}
        return told | ({"links": links} if "links" in self.table else {})


class ConfirmForm(forms.Form):
    """The inferred schema with a name for its profile.  ``confirmed`` is the document that goes
    into the fit; its ``onto`` names the built-in profile to calibrate, if that is what was chosen.

    ``matching`` are the built-in profile's tables that the extract has rows of, ``unused`` says
    what else the extract has."""

    title = NameField(
        error_messages={"required": "Give the profile a name; people will choose it by that."}
    )
    onto = forms.ChoiceField(required=False, widget=forms.RadioSelect)

    def __init__(
        self, inferred: Mapping[str, Any], *, title: str, data: QueryDict | None = None
    ) -> None:
        self.inferred = inferred
        schema = generator.Schema.from_dict(inferred)
        self.matching = generator.calibratable(schema)
        self.unused = generator.matched(schema, BUILT_IN).said if self.matching else ()
        super().__init__(
            data, auto_id="%s", initial={"title": title, "onto": inferred.get("onto", "")}
        )
        self.tables = [
            TableForm(data, table, prefix=str(number))
            for number, table in enumerate(inferred["tables"])
        ]
        self._offer_calibration()

    def _offer_calibration(self) -> None:
        """Only where there is a table to calibrate."""
        if not self.matching:
            del self.fields["onto"]
            return
        field = self.fields["onto"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            ("", "A profile of its own"),
            (BUILT_IN, f"Calibrate the built-in profile {BUILT_IN}"),
        ]

    def is_valid(self) -> bool:
        return all([super().is_valid(), *(table.is_valid() for table in self.tables)])

    def sentences(self) -> list[str]:
        """Everything that is wrong."""
        return [*_said(self), *(said for table in self.tables for said in table.sentences())]

    def confirmed(self) -> Document:
        left_out = {table.name: table.left_out() for table in self.tables}
        return {
            **self.inferred,
            "tables": [table.confirmed(left_out) for table in self.tables],
            "onto": self.cleaned_data.get("onto", ""),
        }


def _said(*filled: forms.Form) -> list[str]:
    return [str(said) for form in filled for errors in form.errors.values() for said in errors]
