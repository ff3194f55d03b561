"""Short words for declaring the platform's columns."""

from __future__ import annotations

from generator.domains.enums import ENUMS
from generator.schema import Column, Kind


def text(
    name: str,
    length: int,
    meaning: str = "",
    *,
    nullable: bool = False,
    unique: bool = False,
    personal: str | None = None,
) -> Column:
    return Column(
        name, Kind.TEXT, nullable, length=length, unique=unique, personal=personal, meaning=meaning
    )


def enum(
    name: str,
    enum: str | None = None,
    meaning: str = "",
    *,
    nullable: bool = False,
    personal: str | None = None,
    values: tuple[str, ...] = (),
) -> Column:
    """One of a closed list: the platform's of that name, or ``values`` of the column's own."""
    if enum is not None:
        values = ENUMS[enum]
    return Column(
        name, Kind.ENUM, nullable, values=values, enum=enum, personal=personal, meaning=meaning
    )


def decimal(
    name: str,
    precision: int,
    scale: int,
    meaning: str = "",
    *,
    nullable: bool = False,
    personal: str | None = None,
) -> Column:
    return Column(
        name, Kind.DECIMAL, nullable, precision, scale, personal=personal, meaning=meaning
    )


def integer(
    name: str, meaning: str = "", *, nullable: bool = False, personal: str | None = None
) -> Column:
    return Column(name, Kind.INTEGER, nullable, personal=personal, meaning=meaning)


def flag(name: str, meaning: str = "", *, nullable: bool = False) -> Column:
    return Column(name, Kind.BOOLEAN, nullable, meaning=meaning)


def day(
    name: str,
    meaning: str = "",
    *,
    nullable: bool = False,
    personal: str | None = None,
    planned: bool = False,
) -> Column:
    return Column(name, Kind.DATE, nullable, personal=personal, meaning=meaning, planned=planned)


def moment(
    name: str, meaning: str = "", *, nullable: bool = False, planned: bool = False
) -> Column:
    return Column(name, Kind.TIMESTAMP, nullable, meaning=meaning, planned=planned)
