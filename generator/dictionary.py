"""A data dictionary as Markdown: what each table and column is, for those who have only files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from generator.schema import Column, Kind, Table

_OPENING = """\
# Data dictionary

*Personal* is the platform's class of personal data; all values are made up, whatever their class.
Moments are UTC. A column that *may be missing* is empty where there is nothing to say.
`diagram.svg` shows how the tables belong together.
"""


def dictionary(tables: Sequence[Table], titles: Mapping[str, str] | None = None) -> str:
    """The tables by domain, in their order; ``titles`` says what domains are called."""
    domains = [
        (_plain((titles or {}).get(domain) or domain), some)
        for domain, some in by_domain(tables).items()
    ]
    return "\n".join([_OPENING, *_contents(domains), *_chapters(domains)])


def by_domain(tables: Sequence[Table]) -> dict[str, list[Table]]:
    """The tables of each domain, domains in the order of their first table."""
    found: dict[str, list[Table]] = {}
    for table in tables:
        found.setdefault(table.domain, []).append(table)
    return found


def kind_in_words(column: Column) -> str:
    """``decimal(12,2)``, ``text(50)``, ``timestamp``"""
    if column.kind is Kind.DECIMAL:
        return f"decimal({column.precision or 18},{column.scale or 0})"
    if column.kind is Kind.TEXT and column.length:
        return f"text({column.length})"
    return str(column.kind)


def _contents(domains: Sequence[tuple[str, list[Table]]]) -> Iterator[str]:
    for domain, some in domains:
        names = ", ".join(f"[{table.name}](#{table.name})" for table in some)
        yield f"- **{domain or 'tables'}**: {names}"
    yield ""


def _chapters(domains: Sequence[tuple[str, list[Table]]]) -> Iterator[str]:
    for domain, some in domains:
        if domain:
            yield f"## {domain}\n"
        for table in some:
            yield from _chapter(table)


def _chapter(table: Table) -> Iterator[str]:
    yield f"### {table.name}\n"
    if table.meaning:
        yield f"{_plain(table.meaning)}.\n"
    yield "| Column | Type | May be missing | Meaning | Values | Personal | Points at |"
    yield "|---|---|---|---|---|---|---|"
    for column in table.columns:
        links = [link for link in table.links if column.name in link.columns]
        cells = (
            f"`{_plain(column.name)}`" + (" (key)" if column.name in table.key_columns else ""),
            kind_in_words(column),
            "yes" if column.nullable else "",
            _plain(column.meaning),
            ", ".join(f"`{_plain(value)}`" for value in column.values),
            _plain(column.personal or ""),
            ", ".join(f"[{link.parent}](#{link.parent})" for link in links),
        )
        yield f"| {' | '.join(cells)} |"
    yield ""


def _plain(text: str) -> str:
    """Text that stays in its cell."""
    return " ".join(text.replace("|", "\\|").split())
