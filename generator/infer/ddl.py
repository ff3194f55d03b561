"""What the CREATE and ALTER statements of a database say: read as text, never executed.

A dump may hold much else, rows among it, which is passed over.  A statement is parsed as the
dialects write it, one after the other, until one can (sqlglot).
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator

from generator.errors import RequestError, shown
from generator.infer.told import Reference, Told
from generator.stop import ask

MOST_STATEMENTS = 5_000
_LONGEST = 256 << 10  # letters of a statement
_DEEPEST = 30  # brackets within brackets
_DIALECTS = ("postgres", "mysql", "sqlite", "tsql", "oracle")
_COPY = re.compile(r"^COPY [^;]*? FROM stdin;.*?(?:^\\\.$|\Z)", re.DOTALL | re.MULTILINE | re.I)
_TOKEN = re.compile(
    r"'(?:[^'\\]|''|\\.)*+(?:'|\Z)"  # texts
    r'|"(?:[^"]|"")*+(?:"|\Z)|`[^`]*+(?:`|\Z)|\[\w[^\]\n]*+\]'  # names
    r"|(?P<comment>--[^\n]*|/\*.*?(?:\*/|\Z))|\$(?P<tag>\w*)\$.*?(?:\$(?P=tag)\$|\Z)"
    r"|(?P<open>\()|(?P<close>\))|(?P<end>;)",
    re.DOTALL,
)
_SPACE = re.compile(r"\s*")
_WANTED = re.compile(
    r"CREATE\s+(?:GLOBAL\s+|LOCAL\s+|TEMP(?:ORARY)?\s+|UNLOGGED\s+)*TABLE\b|ALTER\s+TABLE\b",
    re.IGNORECASE,
)
_ADDED = re.compile(r"\bADD\b.*\b(PRIMARY|FOREIGN|UNIQUE)\b", re.IGNORECASE | re.DOTALL)


def tables_of(text: str, where: str) -> dict[str, Told]:
    """What is said of each table, by its name.  Raises RequestError in one sentence with the line
    of a statement that cannot be read."""
    logging.getLogger("sqlglot").setLevel(logging.CRITICAL)  # it would say the statement itself
    told: dict[str, Told] = {}
    for number, (line, statement) in enumerate(_statements(text, where), 1):
        ask()
        if number > MOST_STATEMENTS:
            raise RequestError(f"{where} has more than {MOST_STATEMENTS:,} statements on tables.")
        _tell(told, _parsed(statement, f"{where}, line {line:,}"))
    if not told:
        raise RequestError(f"{where} has no CREATE TABLE statement; export the schema again.")
    return told


def _statements(text: str, where: str) -> Iterator[tuple[int, str]]:
    """CREATE TABLE and ALTER TABLE statements without comments, each with its line.  Of a CREATE
    what stands behind its last bracket (engines, places) is left out."""
    text = _COPY.sub(lambda copied: "\n" * copied[0].count("\n"), text)
    pieces: list[str] = []
    begun = len(text) - len(text.lstrip())
    at, depth, line, counted, over = 0, 0, 1, 0, False
    for token in _TOKEN.finditer(text):
        pieces += [] if over else [text[at : token.start()]]
        at = token.end()
        if token["end"]:
            statement = "".join(pieces).strip()
            if _WANTED.match(statement):
                line += text.count("\n", counted, begun)
                counted = begun
                yield line, statement
            pieces, depth, over = [], 0, False
            begun = _SPACE.match(text, at).end()  # type: ignore[union-attr]  # it always matches
        elif not token["comment"] and not over:
            depth += bool(token["open"]) - bool(token["close"])
            pieces.append(token[0])
            over = depth == 0 and bool(token["close"]) and _is_create(pieces)
        if depth > _DEEPEST or at - begun > 64 * _LONGEST:
            line += text.count("\n", counted, begun)
            if _WANTED.match("".join(pieces).strip()):
                raise RequestError(f"{where}, line {line:,}: a statement that is too deep or long.")
            pieces, depth, counted = [], 0, begun
    statement = "".join([*pieces, "" if over else text[at:]]).strip()
    if _WANTED.match(statement):
        yield line + text.count("\n", counted, begun), statement


def _is_create(pieces: list[str]) -> bool:
    return "".join(pieces).lstrip()[:6].upper() == "CREATE"


def _parsed(statement: str, where: str) -> object:
    import sqlglot
    from sqlglot.errors import SqlglotError

    altered = statement[:6].upper() != "CREATE"
    if altered and not _ADDED.search(statement):
        return None  # owners, sequences, defaults
    if len(statement) <= _LONGEST:
        for dialect in _order(statement):
            try:
                found = sqlglot.parse_one(statement, dialect=dialect)
            except (SqlglotError, RecursionError, ValueError):
                continue
            if type(found).__name__ in ("Create", "Alter"):
                return found
    elif altered:
        return None
    begins = shown(" ".join(statement.split())[:60])
    raise RequestError(
        f"{where}: “{begins} …” cannot be read as SQL; leave it out, or export again."
    )


def _order(statement: str) -> tuple[str, ...]:
    """The dialects, the one whose quotes the statement has first."""
    first = "mysql" if "`" in statement else "tsql" if "[" in statement else "postgres"
    return (first, *(one for one in _DIALECTS if one != first))


def _tell(told: dict[str, Told], statement: object) -> None:
    from sqlglot import exp

    if isinstance(statement, exp.Create):
        schema = statement.this
        if isinstance(schema, exp.Schema) and isinstance(schema.this, exp.Table):
            table = told.setdefault(schema.this.name, Told())
            for part in schema.expressions:
                _tell_part(table, part)
    elif isinstance(statement, exp.Alter) and isinstance(statement.this, exp.Table):
        table = told.setdefault(statement.this.name, Told())
        for action in statement.args.get("actions") or ():
            for part in getattr(action, "expressions", ()):
                _tell_part(table, part)


def _tell_part(table: Told, part: object) -> None:
    """A column, or a constraint of several."""
    from sqlglot import exp

    match part:
        case exp.ColumnDef():
            for constraint in part.constraints:
                _tell_of_column(table, part.name, constraint.kind)
        case exp.Constraint():
            kinds = [type(one) for one in part.expressions]
            if exp.PrimaryKeyColumnConstraint in kinds:  # SQL Server: the columns stand beside it
                table.key = _names(part.find_all(exp.Column))
            for one in part.expressions:
                _tell_part(table, one)
        case exp.PrimaryKey():
            table.key = _names(part.expressions)
        case exp.ForeignKey():
            _refer(table, _names(part.expressions), part.args.get("reference"))
        case exp.UniqueColumnConstraint():
            names = _names(part.this.expressions if part.this is not None else ())
            table.unique += names if len(names) == 1 else ()


def _tell_of_column(table: Told, column: str, kind: object) -> None:
    from sqlglot import exp

    match kind:
        case exp.PrimaryKeyColumnConstraint():
            table.key = (column,)
        case exp.UniqueColumnConstraint():
            table.unique.append(column)
        case exp.Reference():
            _refer(table, (column,), kind)
        case exp.CommentColumnConstraint():
            table.meanings[column] = kind.this.name


def _refer(table: Told, columns: tuple[str, ...], reference: object) -> None:
    from sqlglot import exp

    if not isinstance(reference, exp.Reference):
        return
    there = reference.this
    keys = _names(there.expressions) if isinstance(there, exp.Schema) else ()
    parent = there.this.name if isinstance(there, exp.Schema) else there.name
    table.references.append(Reference(columns, parent, keys))


def _names(parts: object) -> tuple[str, ...]:
    from sqlglot import exp

    found = []
    for part in parts if isinstance(parts, list | tuple) else list(parts):  # type: ignore[call-overload]
        named = part if isinstance(part, exp.Identifier) else part.find(exp.Identifier)
        found.append(named.name if named is not None else part.name)
    return tuple(found)
