"""One column of an extract, as an administrator confirms or changes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, cast

from django import forms

import generator

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
AS_FOUND = "="  # no table has such a name
NESTED = generator.NESTED
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
    """One column of a table: what it is read as, where it leads, and whether it is personal.

    ``link`` is the link that was found of it alone; ``tables`` are the names of all tables;
    ``finding`` says why it looks personal.  Who says otherwise says why.
    """

    kind = forms.ChoiceField()
    leads = forms.ChoiceField(required=False)
    personal = forms.BooleanField(required=False)
    why = forms.CharField(required=False, max_length=200)

    def __init__(
        self,
        *args: Any,
        table: str,
        column: Document,
        link: Document | None,
        tables: Sequence[str],
        finding: Document | None = None,
        **options: Any,
    ) -> None:
        self.finding, self.named = finding, f"{table}.{column['name']}"
        kinds = (*KINDS.get(column["kind"], (column["kind"],)), LEFT_OUT)
        self.column, self.link = column, link
        if self.nested:
            kinds = (LEFT_OUT,)
        options["initial"] = {
            "kind": LEFT_OUT if self.nested else column["kind"],
            "personal": bool(column.get("personal")),
            "leads": "" if link is None else AS_FOUND,
        }
        super().__init__(*args, **options)
        self._offer_tables(table, tables)
        kind, personal = self.fields["kind"], self.fields["personal"]
        assert isinstance(kind, forms.ChoiceField)
        kind.choices = [(name, name) for name in kinds]
        kind.error_messages["invalid_choice"] = kind.error_messages["required"] = (
            f"{table}.{column['name']} was found to be {column['kind']}; it can be read as "
            f"{' or '.join(kinds)}."
        )
        kind.widget.attrs["aria-label"] = f"kind of {column['name']}"
        personal.widget.attrs["aria-label"] = f"{column['name']} is personal"
        why = self.fields["why"].widget.attrs
        why.update(
            {"aria-label": f"why {column['name']} is not personal", "placeholder": "why not"}
        )

    def clean(self) -> None:
        """A column that looks personal is, until somebody says otherwise and why."""
        if self.disputed and not self.left_out and not self.cleaned_data.get("why"):
            looks = generator.personal_in_words(self.column["personal"])
            self.add_error(
                "why",
                f"{self.named} looks like {looks}; leave it personal, or say why it is not.",
            )

    @property
    def disputed(self) -> bool:
        """Whether it was found to be personal, and somebody says that it is not."""
        found = self.finding is not None and bool(self.column.get("personal"))
        return found and not self.cleaned_data.get("personal")

    @property
    def settled(self) -> Document | None:
        """What somebody said against the finding, with the reason."""
        if not self.disputed or self.left_out:
            return None
        return {"column": self.name, "personal": False, "why": self.cleaned_data["why"]}

    def sure(self) -> int:
        """How sure the finding is, in per cent."""
        return round(100 * float((self.finding or {}).get("confidence", 0)))

    def _offer_tables(self, table: str, tables: Sequence[str]) -> None:
        leads = self.fields["leads"]
        assert isinstance(leads, forms.ChoiceField)
        found = [] if self.link is None else [(AS_FOUND, said_link(self.link, table))]
        others = [(name, "itself" if name == table else name) for name in tables]
        leads.choices = [("", "nothing"), *found, *others]
        leads.error_messages["invalid_choice"] = (
            f"{table}.{self.column['name']} cannot lead to “%(value).100s”; choose a table."
        )
        leads.widget.attrs["aria-label"] = f"where {self.column['name']} leads"

    @property
    def name(self) -> str:
        return str(self.column["name"])

    @property
    def parent(self) -> str:
        """The table it leads to; empty where it leads nowhere, or is left out."""
        chosen = "" if self.left_out else str(self.cleaned_data.get("leads", ""))
        return str(self.link["parent"]) if chosen == AS_FOUND and self.link else chosen

    @property
    def as_found(self) -> Document | None:
        """The link as it was found, where nobody changed it."""
        unchanged = self.cleaned_data.get("leads") == AS_FOUND and not self.left_out
        return self.link if unchanged else None

    def reason(self) -> str:
        """Why the link was inferred."""
        return "" if self.link is None else str(self.link.get("reason", ""))

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
            [f"looks like {generator.personal_in_words(column['personal'])}"]
            if column.get("personal")
            else []
        )
        return ", ".join(said)

    def doubt(self) -> str:
        """Shapes of texts that were not understood: digits and letters of nobody."""
        return str(self.column.get("doubt", ""))

    @property
    def nested(self) -> bool:
        """Whether nothing can be learnt of it."""
        return bool(self.column.get("doubt") == NESTED)

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

    def __init__(
        self,
        *args: Any,
        table: Document,
        tables: Sequence[str],
        found: Mapping[str, Document],
        **options: Any,
    ) -> None:
        self.table, self.tables, self.found = table, tables, found
        self.min_num = self.max_num = self.absolute_max = len(table["columns"])
        # Initial ones: an unchanged form of another kind would count as one that did not arrive.
        super().__init__(*args, **{**options, "initial": [{}] * self.min_num})

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        column = self.table["columns"][index or 0]
        found = (
            link
            for link in self.table.get("links", ())
            if link["column"] == column["name"] and not link.get("further")
        )
        return {
            "table": self.table["name"],
            "column": column,
            "link": next(found, None),
            "tables": self.tables,
            "finding": self.found.get(column["name"]),
        }


Columns = cast(
    type[BaseColumns],
    forms.formset_factory(ColumnForm, formset=BaseColumns, extra=0, validate_min=True),
)


def said_link(link: Document, table: str) -> str:
    """Where a link leads, in words."""
    keys = ", ".join((link["parent_column"], *(there for _, there in link.get("further", ()))))
    return f"{'itself' if link['parent'] == table else link['parent']} ({keys})"
