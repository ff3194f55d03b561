"""The tables of a live database, and what it says of their keys and links.

SQLAlchemy (extra ``sql``) reads them in one transaction that may not write, a block of rows at a
time.  The password of an address is never part of a message, a label or a profile.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pyarrow as pa

from generator.errors import ExtractError, RequestError, shown
from generator.names import first_clash, table_name
from generator.read.cells import text_of
from generator.read.limits import Budget, Limits
from generator.read.table import check_cells, check_columns, check_rows, labelled, without

_BLOCK = 10_000  # rows fetched at a time
_DRIVERS = {
    "postgresql": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mysql+pymysql",
    "sqlite": "sqlite",
}
_READ_ONLY = {
    "postgresql": "SET TRANSACTION READ ONLY",
    "mysql": "START TRANSACTION READ ONLY",
    "mariadb": "START TRANSACTION READ ONLY",
}  # SQLite's file is opened so
_NESTED = (bytes, bytearray, memoryview, dict, list, tuple, set)


def is_database(path: str) -> bool:
    """Whether somebody names a database instead of a file: postgresql://user@host/name."""
    return "://" in path


def read_database(
    address: str,
    *,
    limits: Limits | None = None,
    budget: int | None = None,
    left_out: Collection[str] = (),
    cancelled: Callable[[], bool] | None = None,
) -> dict[str, pa.Table]:
    """Tables by name, columns as texts.  The metadata of a table's schema holds what the database
    says of it as ``told`` (JSON: key, unique, references, meanings).

    Raises RequestError for an address that names no database, ExtractError for one that cannot be
    read; no sentence holds a password.
    """
    limits = limits or Limits()
    limits = limits if budget is None else replace(limits, memory=budget)
    left = Budget(limits, cancelled, left_out=left_out)
    tables: dict[str, pa.Table] = {}
    with _connected(address) as (connection, where):
        from sqlalchemy import inspect

        inspector = inspect(connection)
        names = [name for name in inspector.get_table_names() if not _inner(name)]
        if len(names) > limits.files:
            raise ExtractError(
                f"{where} holds {len(names):,} tables; at most {limits.files} are read."
            )
        for name in names:
            given = table_name(name)
            if given in tables or first_clash([*tables, given]):
                raise ExtractError(f"{where} has two tables that would be called “{given}”.")
            table = _table(connection, inspector, name, left, given)
            if table is not None:
                tables[given] = labelled(table, f"table {given} of the database")
                left.kept(table.nbytes)
    if not tables:
        raise ExtractError(f"{where} has no table with rows.")
    return tables


def _inner(name: str) -> bool:
    return name.startswith(("sqlite_", "alembic_"))


@contextmanager
def _connected(address: str) -> Iterator[tuple[Any, str]]:
    """A connection that may not write, and what messages call the database."""
    try:
        from sqlalchemy import create_engine, text
        from sqlalchemy.engine import make_url
        from sqlalchemy.exc import ArgumentError, SQLAlchemyError
    except ImportError as problem:
        raise RequestError(
            "Reading a database needs SQLAlchemy; install proving-ground[sql]."
        ) from problem
    try:
        url = make_url(address)
        backend = url.get_backend_name()
    except (ArgumentError, ValueError) as problem:
        raise RequestError(
            "The address of the database cannot be read; write postgresql://USER@HOST/DATABASE."
        ) from problem
    if backend not in _DRIVERS:
        raise RequestError(
            f"There is no way to read a database of “{shown(backend)}”; use postgresql, mysql, "
            "mariadb or sqlite."
        )
    where = f"The database “{shown(url.database or '')}”"
    where += f" at {shown(url.host)}" if url.host else ""
    if backend == "sqlite":
        file = quote(url.database or "")
        url = url.set(database=f"file:{file}", query={"mode": "ro", "uri": "true"})
    engine = create_engine(
        url.set(drivername=_DRIVERS[backend]), hide_parameters=True, poolclass=_no_pool()
    )
    try:
        with engine.connect() as connection:
            if backend in _READ_ONLY:
                connection.execute(text(_READ_ONLY[backend]))
            yield connection, where
    except SQLAlchemyError as problem:
        said = type(getattr(problem, "orig", problem)).__name__
        raise ExtractError(
            f"{where} cannot be read ({said}); check the address, the name and the password."
        ) from None  # what the driver says may hold the address
    finally:
        engine.dispose()


def _no_pool() -> Any:
    from sqlalchemy.pool import NullPool

    return NullPool


def _table(
    connection: Any, inspector: Any, name: str, budget: Budget, given: str
) -> pa.Table | None:
    """The rows of a table; None where it has none."""
    from sqlalchemy import MetaData, Table, func, select

    budget.ask()
    described = Table(name, MetaData(), autoload_with=connection, resolve_fks=False)
    said = f"table {given}"
    names = [column.name for column in described.columns]
    check_columns(said, names, budget.limits)
    rows = connection.execute(select(func.count()).select_from(described)).scalar_one()
    if not rows:
        return None
    check_rows(said, rows, budget.limits)
    chunks: list[list[pa.Array]] = [[] for _ in names]
    nested: set[str] = set()
    found = connection.execution_options(stream_results=True).execute(select(described))
    for block in found.partitions(_BLOCK):
        size = 0
        for at, values in enumerate(zip(*block, strict=True)):
            if any(isinstance(value, _NESTED) for value in values):
                nested.add(names[at])
                texts = pa.array([""] * len(values), pa.string())
            else:
                texts = pa.array([text_of(value) for value in values], pa.string())
            chunks[at].append(texts)
            size += texts.nbytes
        budget.take(said, size)
    table = pa.table([pa.chunked_array(one) for one in chunks], names=names)
    budget.hold(said, table.nbytes, of=max(table.nbytes, 1), what=f"{rows:,} rows")
    check_cells(said, table, budget.limits)
    left = [one for one in names if one not in budget.left_out]
    left = [one for one in left if f"{given}.{one}" not in budget.left_out]
    told = {"told": json.dumps(_told(inspector, name))}
    table = without(table, [one for one in names if one in nested], names).select(left)
    return table.replace_schema_metadata({**(table.schema.metadata or {}), **told})


def _told(inspector: Any, name: str) -> dict[str, Any]:
    key = inspector.get_pk_constraint(name).get("constrained_columns") or []
    unique = [one["column_names"] for one in inspector.get_unique_constraints(name)]
    return {
        "key": key,
        "unique": [names[0] for names in unique if len(names) == 1],
        "references": [
            {
                "columns": one["constrained_columns"],
                "parent": one["referred_table"],
                "keys": one["referred_columns"],
            }
            for one in inspector.get_foreign_keys(name)
        ],
        "meanings": {
            column["name"]: column["comment"]
            for column in inspector.get_columns(name)
            if column.get("comment")
        },
    }
