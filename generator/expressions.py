"""Python's own expression syntax over the columns of a table, evaluated on arrays.

Allowed: comparisons (chained too), ``and or not``, ``in`` and ``not in`` with a list, ``+ - * /``
and unary minus, numbers, strings, True and False, ``x is None``, and the names of columns, with
dots to follow links: ``deal_key.product_state_type == 'NEW' and score_value >= 661``.

Decimals are in units (dollars, not cents).  Dates and moments compare with ISO text and subtract
to days; ``.in_year`` and ``.in_month`` behind one are numbers (in UTC).  A comparison with a
missing value is False, whichever it is; ``not`` turns that to True.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterator
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from generator.errors import RequestError
from generator.frame import Coded
from generator.schema import Kind
from generator.tables import Tables

LENGTH_LIMIT = 2000
DEPTH_LIMIT = 40
_NUMBER_LIMIT = 1e18
_DAY = 86_400_000.0
PARTS = (".in_year", ".in_month")

Sort = Literal["truth", "number", "moment", "text"]


class Term(NamedTuple):
    """Values of one part of an expression: arrays of the rows, or one value for all of them.
    Moments are float milliseconds since 1970, text of columns is coded; ``missing`` is False where
    nothing is."""

    sort: Sort
    values: Any
    missing: NDArray[np.bool_] | bool


_COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: np.divide,
}
_REFUSED: dict[type[ast.AST], str] = {
    ast.Call: "calls a function",
    ast.Subscript: "takes an element with square brackets",
    ast.Lambda: "defines a function",
    ast.IfExp: "chooses with if and else",
    ast.ListComp: "loops over a list",
    ast.SetComp: "loops over a set",
    ast.DictComp: "loops over a mapping",
    ast.GeneratorExp: "loops over values",
    ast.Dict: "holds a mapping",
    ast.Set: "holds a set",
    ast.List: "holds a list outside “in”",
    ast.Tuple: "holds a list outside “in”",
    ast.JoinedStr: "puts text together",
    ast.NamedExpr: "gives a name to a value",
    ast.Starred: "unpacks a list",
    ast.Await: "waits",
    ast.Yield: "yields",
    ast.Slice: "takes a slice",
}
ALLOWED = (
    "allowed are comparisons, and, or, not, in [..], + - * /, numbers, text in quotes, True, "
    "False, “is None” and column names"
)


class Expression:
    """A checked expression.  Raises RequestError for everything that is not allowed."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._tree = _parse(text)
        _check(self._tree, text, depth=0)
        self.paths = tuple(dict.fromkeys(_paths(self._tree)))

    def __repr__(self) -> str:
        return f"Expression({self.text!r})"

    def evaluate(self, tables: Tables, table: str) -> NDArray[Any]:
        """Values for each row of ``table``, shape (rows,): bool for statements, float64 (NaN
        where missing) for numbers, datetime64[ms] (NaT) for moments, objects (None) for text.

        Raises RequestError for columns the table does not have and for operands that do not go
        together.
        """
        term = _Evaluation(self.text, tables, table).term(self._tree)
        return _finished(term, tables.rows(table))


def _parse(text: str) -> ast.expr:
    if not text.strip():
        raise RequestError("The expression is empty; write a statement about columns.")
    if len(text) > LENGTH_LIMIT:
        raise RequestError(
            f"The expression has {len(text):,} characters; at most {LENGTH_LIMIT:,} are read."
        )
    try:
        return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise RequestError(
            f"“{_short(text)}” cannot be read as an expression; {ALLOWED}."
        ) from None


def _check(node: ast.AST, text: str, *, depth: int) -> None:
    """Refuse every node that is not on the list."""
    if depth > DEPTH_LIMIT:
        raise RequestError(
            f"“{_short(text)}” is nested more than {DEPTH_LIMIT} deep; write it more simply."
        )
    match node:
        case ast.Constant():
            _check_constant(node, text)
        case ast.Name():
            pass
        case ast.Attribute():
            _path(node, text)
        case ast.BoolOp() | ast.BinOp() | ast.UnaryOp() | ast.Compare():
            for part in _operands(node, text):
                _check(part, text, depth=depth + 1)
        case _:
            raise _refusal(text, _REFUSED.get(type(node), "holds something else"))


def _operands(
    node: ast.BoolOp | ast.BinOp | ast.UnaryOp | ast.Compare, text: str
) -> Iterator[ast.expr]:
    match node:
        case ast.BoolOp():
            yield from node.values
        case ast.BinOp():
            if type(node.op) not in _ARITHMETIC:
                raise _refusal(text, "calculates with something other than + - * /")
            yield from (node.left, node.right)
        case ast.UnaryOp():
            if not isinstance(node.op, ast.Not | ast.USub):
                raise _refusal(text, "uses a sign other than minus or not")
            yield node.operand
        case ast.Compare():
            yield node.left
            yield from _compared(node, text)


def _compared(node: ast.Compare, text: str) -> Iterator[ast.expr]:
    """The right-hand sides of a comparison, lists and None checked on the way."""
    for op, right in zip(node.ops, node.comparators, strict=True):
        if isinstance(op, ast.In | ast.NotIn):
            if not isinstance(right, ast.List | ast.Tuple):
                raise _refusal(text, "uses “in” with something other than a list in brackets")
            for item in right.elts:
                if not isinstance(item, ast.Constant | ast.UnaryOp):
                    raise _refusal(text, "has a list of something other than plain values")
                yield item
        elif isinstance(op, ast.Is | ast.IsNot):
            if not (isinstance(right, ast.Constant) and right.value is None):
                raise _refusal(text, "uses “is” with something other than None")
        else:
            yield right


def _check_constant(node: ast.Constant, text: str) -> None:
    value = node.value
    if value is None:
        raise _refusal(text, "uses None outside “is None” and “is not None”")
    if not isinstance(value, bool | int | float | str):
        raise _refusal(text, f"holds a {type(value).__name__}")
    if not isinstance(value, str) and not abs(value) <= _NUMBER_LIMIT:
        raise _refusal(text, "holds a number beyond 1e18")


def _path(node: ast.expr, text: str) -> str:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        raise _refusal(text, "has a dot after something other than a column")
    return ".".join([node.id, *reversed(parts)])


def _paths(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Name | ast.Attribute):
        yield _whole(_path(node, ""))[0]
        return
    for part in ast.iter_child_nodes(node):
        yield from _paths(part)


def _whole(path: str) -> tuple[str, str]:
    """The column of a path, and which part of its moments is meant, if not all."""
    for part in PARTS:
        if path.endswith(part):
            return path.removesuffix(part), part
    return path, ""


def _refusal(text: str, what: str) -> RequestError:
    return RequestError(f"“{_short(text)}” {what}; {ALLOWED}.")


def _short(text: str) -> str:
    return text if len(text) <= 80 else text[:79] + "…"


class _Evaluation:
    """One walk through a tree over one table."""

    def __init__(self, text: str, tables: Tables, table: str) -> None:
        self.text = text
        self.tables = tables
        self.table = table

    def term(self, node: ast.expr) -> Term:
        match node:
            case ast.Constant():
                return _constant(node.value)
            case ast.Name() | ast.Attribute():
                path, part = _whole(_path(node, self.text))
                return _part(self._column(path), part, self.text)
            case ast.BoolOp():
                return self._joined(node)
            case ast.UnaryOp(op=ast.Not()):
                return Term("truth", ~np.asarray(self._truth(node.operand)), False)
            case ast.UnaryOp():
                term = self._expect(self.term(node.operand), "number", "a minus sign")
                return Term("number", -term.values, term.missing)
            case ast.BinOp():
                return self._calculated(node)
            case ast.Compare():
                return self._chain(node)
        raise _refusal(self.text, "holds something else")

    def _column(self, path: str) -> Term:
        try:
            column = self.tables.column(self.table, path)
            missing: NDArray[np.bool_] = np.asarray(self.tables.missing(self.table, path))
            if column.kind in (Kind.TEXT, Kind.ENUM):
                return Term("text", self.tables.codes(self.table, path), missing)
            values = self.tables.values(self.table, path)
        except KeyError:
            names = ", ".join(self.tables.schema[self.table].column_names)
            raise RequestError(
                f"“{_short(self.text)}” names {path}, which table {self.table} of this data does "
                f"not have; its columns are {names}."
            ) from None
        match column.kind:
            case Kind.BOOLEAN:
                return Term("truth", values, missing)
            case Kind.DATE | Kind.TIMESTAMP:
                moments = values.astype("datetime64[ms]").astype(np.int64)
                return Term("moment", moments.astype(np.float64), missing)
            case Kind.DECIMAL:
                return Term("number", values / 10.0 ** (column.scale or 0), missing)
            case _:
                return Term("number", values.astype(np.float64), missing)

    def _truth(self, node: ast.expr) -> Any:
        """A statement as bool; a missing truth value is False."""
        term = self._expect(self.term(node), "truth", "and, or, not")
        return term.values & ~np.asarray(term.missing)

    def _joined(self, node: ast.BoolOp) -> Term:
        together = operator.and_ if isinstance(node.op, ast.And) else operator.or_
        truth = self._truth(node.values[0])
        for part in node.values[1:]:
            truth = together(truth, self._truth(part))
        return Term("truth", truth, False)

    def _calculated(self, node: ast.BinOp) -> Term:
        left, right = self.term(node.left), self.term(node.right)
        missing = np.asarray(left.missing) | np.asarray(right.missing)
        apply = _ARITHMETIC[type(node.op)]
        if "moment" in (left.sort, right.sort):
            if isinstance(left.values, str):
                left, right = self._alike(left, right)
            return self._moved(node.op, left, right, missing)
        self._expect(left, "number", "+ - * /")
        self._expect(right, "number", "+ - * /")
        if isinstance(node.op, ast.Div):
            missing = missing | (np.asarray(right.values) == 0)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            return Term("number", apply(left.values, right.values), missing)

    def _moved(self, op: ast.operator, left: Term, right: Term, missing: Any) -> Term:
        """Moment − moment is days; moment ± number is that many days away."""
        if isinstance(op, ast.Sub) and left.sort == right.sort == "moment":
            return Term("number", (left.values - right.values) / _DAY, missing)
        if isinstance(op, ast.Add | ast.Sub) and left.sort == "moment" and right.sort == "number":
            way = 1 if isinstance(op, ast.Add) else -1
            return Term("moment", left.values + way * right.values * _DAY, missing)
        raise _refusal(self.text, "calculates with dates other than by difference or days")

    def _chain(self, node: ast.Compare) -> Term:
        left: Any = node.left
        truth: Any = True
        for op, right in zip(node.ops, node.comparators, strict=True):
            truth = truth & np.asarray(self._compare(op, left, right))
            left = right
        return Term("truth", truth, False)

    def _compare(self, op: ast.cmpop, left: ast.expr, right: ast.expr) -> Any:
        match op:
            case ast.Is():
                return np.asarray(self.term(left).missing)
            case ast.IsNot():
                return ~np.asarray(self.term(left).missing)
            case ast.In() | ast.NotIn():
                return self._among(op, left, right)
        first, second = self._alike(self.term(left), self.term(right))
        there = ~(np.asarray(first.missing) | np.asarray(second.missing))
        return np.asarray(_compared_values(op, first.values, second.values), dtype=bool) & there

    def _among(self, op: ast.cmpop, left: ast.expr, right: ast.expr) -> Any:
        term = self.term(left)
        among: Any = False
        for item in right.elts if isinstance(right, ast.List | ast.Tuple) else ():
            one, other = self._alike(term, self.term(item))
            among = among | _compared_values(ast.Eq(), one.values, other.values)
        among = np.asarray(among) if isinstance(op, ast.In) else ~np.asarray(among)
        return among & ~np.asarray(term.missing)

    def _alike(self, left: Term, right: Term) -> tuple[Term, Term]:
        """Two sides of one sort; ISO text beside a moment becomes one."""
        if left.sort == "moment" and isinstance(right.values, str):
            right = self._moment(right.values)
        if right.sort == "moment" and isinstance(left.values, str):
            left = self._moment(left.values)
        if left.sort != right.sort:
            raise _refusal(self.text, f"compares {_said(left)} with {_said(right)}")
        return left, right

    def _moment(self, text: str) -> Term:
        try:
            moment = np.datetime64(text.removesuffix("Z"), "ms")
            if np.isnat(moment):
                raise ValueError(text)
        except ValueError:
            raise RequestError(
                f"“{_short(self.text)}” compares a date with “{_short(text)}”; write dates as "
                "'2025-01-31' or '2025-01-31T12:00:00'."
            ) from None
        return Term("moment", float(moment.astype(np.int64)), False)

    def _expect(self, term: Term, sort: Sort, where: str) -> Term:
        if term.sort != sort:
            raise _refusal(self.text, f"uses {_said(term)} with {where}")
        return term


def _part(term: Term, part: str, text: str) -> Term:
    """The year, or the month from 1 on, of a moment."""
    if not part:
        return term
    if term.sort != "moment":
        raise _refusal(text, f"asks for the {part.removeprefix('.in_')} of {_said(term)}")
    moments = np.where(np.isfinite(term.values), term.values, 0.0).astype("datetime64[ms]")
    months = moments.astype("datetime64[M]").astype(np.int64)
    found = months // 12 + 1970 if part == ".in_year" else months % 12 + 1
    return Term("number", found.astype(np.float64), term.missing)


_NAMES = {"truth": "a yes/no value", "number": "a number", "moment": "a date", "text": "text"}


def _said(term: Term) -> str:
    return _NAMES[term.sort]


def _constant(value: object) -> Term:
    match value:
        case bool():
            return Term("truth", np.bool_(value), False)
        case int() | float():
            return Term("number", float(value), False)
        case _:
            return Term("text", value, False)


def _compared_values(op: ast.cmpop, first: Any, second: Any) -> Any:
    """Values compared one by one, coded text label by label; a missing text is as if empty."""
    compare = _COMPARISONS[type(op)]
    match first, second:
        case Coded(), Coded():
            return compare(_text(first), _text(second))
        case Coded(), str():
            if compare is operator.eq:  # the commonest, without a call for every label
                return np.array([*(label == second for label in first.labels), not second])[
                    first.codes
                ]
            return _by_label(first, lambda label: compare(label, second))
        case str(), Coded():
            return _by_label(second, lambda label: compare(first, label))
    return np.asarray(compare(first, second), dtype=bool)


def _by_label(text: Coded, said: Callable[[str], bool]) -> NDArray[np.bool_]:
    return np.array([*map(said, text.labels), said("")], dtype=bool)[text.codes]


def _text(coded: Coded) -> NDArray[np.object_]:
    return np.array([*coded.labels, ""], dtype=object)[coded.codes]


def _finished(term: Term, rows: int) -> NDArray[Any]:
    """The term spread over the rows, its missing values written into it."""
    missing = np.broadcast_to(np.asarray(term.missing), (rows,))
    match term.sort:
        case "truth":
            return np.asarray(np.broadcast_to(term.values, (rows,)) & ~missing, dtype=bool)
        case "text":
            text = np.empty(rows, dtype=object)
            text[:] = term.values.text() if isinstance(term.values, Coded) else term.values
            text[missing] = None
            return text
        case "moment":
            moments: NDArray[Any] = np.broadcast_to(np.asarray(term.values), (rows,)).astype(
                "datetime64[ms]"
            )
            moments[missing] = np.datetime64("NaT")
            return moments
    spread = np.broadcast_to(np.asarray(term.values, dtype=np.float64), (rows,))
    numbers: NDArray[np.float64] = np.where(missing, np.nan, spread)
    return numbers
