"""Benchmark: how many values a second and core get their tokens.

    python -m tests.benchmarks.anonymize [--rows 100000]

First each class with a column in which every value is another one, which is the hardest case:
tokens are made once for each distinct value.  Then a bundle of the built-in profile, where values
come as often as they do.  Texts have a figure of their own, in texts and letters a second.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet
from stdnum import luhn

import generator
from generator.anonymize import Key, anonymize
from generator.anonymize.vehicles import check_digit
from generator.infer.columns import column_of
from generator.personal import Finding, Findings, find
from generator.schema import Schema, Table

FIRSTS = ("Mary", "John", "Patricia", "Robert", "Linda", "David", "Zoë", "Иван", "Maria")
LASTS = ("Smith", "Johnson", "Williams", "Brown", "García", "Miller", "Petrov", "Lee", "Young")
LEAST = 200_000  # structured values a second and core


def vin(number: int) -> str:
    whole = f"1HGCM82603A{number:06}"
    return f"{whole[:8]}{check_digit(whole)}{whole[9:]}"


def card(number: int) -> str:
    body = f"4{number:014}"
    return body + luhn.calc_check_digit(body)


def columns(rows: int) -> dict[str, tuple[str, list[str]]]:
    """Of each class, as many values as rows; names and cities repeat as they do."""
    chance = random.Random(1)
    letters = "abcdefghij"
    middle = ["".join(letters[int(sign)] for sign in f"{n:06}") for n in range(rows)]
    return {
        "vin": ("vin", [vin(n) for n in range(rows)]),
        "ssn": (
            "ssn_tax_id",
            [f"{n % 600 + 100}-{n // 600 % 90 + 10}-{n % 9999:04}" for n in range(rows)],
        ),
        "card": ("card_number", [card(n) for n in range(rows)]),
        "mail": ("email", [f"{word}@mail.example" for word in middle]),
        "account": ("bank_account", [f"{chance.randrange(10**10):010}" for _ in range(rows)]),
        "plate": ("licence_plate", [f"AB{n:06}" for n in range(rows)]),
        "device": ("device_id", [f"TCU{n:012}" for n in range(rows)]),
        "first": ("name", [chance.choice(FIRSTS) for _ in range(rows)]),
        "full": ("name", [f"{chance.choice(FIRSTS)} {word.title()}" for word in middle]),
        "street": (
            "street_address",
            [f"{n % 9999} {word.title()} Lane" for n, word in enumerate(middle)],
        ),
        "phone": (
            "phone",
            [f"+1 {212 + n % 700}-{200 + n // 700 % 700}-{n % 9999:04}" for n in range(rows)],
        ),
        "born": ("dob", [f"19{50 + n % 50}-{1 + n % 12:02}-{1 + n % 28:02}" for n in range(rows)]),
    }


def text(number: int) -> str:
    return (
        f"{FIRSTS[number % 9]} {LASTS[number % 7]} called about {vin(number)} from +1 205-555-"
        f"{number % 9999:04}: the brakes squeal since the last service, wants a mail to "
        f"somebody{number}@mail.example before the weekend."
    )


def bundle(folder: Path) -> dict[str, pa.Table]:
    """Tables of the built-in profile, where values come as often as they do."""
    profile = generator.automotive()
    recipe = {"seed": 1, "rows": {"party": 20_000, "deal": 2_000}, "formats": ["parquet"]}
    generator.sample(profile, generator.plan(profile, generator.Recipe.from_dict(recipe)), folder)
    return {path.stem: parquet.read_table(path) for path in folder.glob("*.parquet")}


def as_they_come(tables: dict[str, pa.Table]) -> None:
    schema = Schema(
        tuple(
            Table(name, tuple(column_of(one, table.column(one)) for one in table.column_names))
            for name, table in tables.items()
            if table.num_rows
        )
    )
    found = find({table.name: tables[table.name] for table in schema}, schema)
    structured = Findings(tuple(one for one in found if one.word != "free_text"))
    rows = sum(
        tables[one.table].num_rows - tables[one.table].column(one.column).null_count
        for one in structured
        if one.personal or one.word == "postal_code"
    )
    start = time.process_time()
    anonymize(tables, schema, structured, Key("bench", b"k" * 32))
    took = time.process_time() - start
    print(
        f"a bundle of the built-in profile: {rows:,} structured values, {rows / took:,.0f} a "
        f"second and core (at least {LEAST:,})"
    )


def measured(name: str, word: str, values: list[str]) -> float:
    table = {"t": pa.table({name: values})}
    schema = Schema((Table("t", (column_of(name, table["t"].column(name)),)),))
    findings = Findings((Finding("t", name, word, 1.0, "said"),))
    start = time.process_time()
    anonymize(table, schema, findings, Key("bench", b"k" * 32))
    return time.process_time() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rows", type=int, default=100_000)
    rows = parser.parse_args().rows
    measured("warm", "name", list(FIRSTS))
    spent = 0.0
    all_columns = columns(rows)
    for name, (word, values) in all_columns.items():
        took = measured(name, word, values)
        spent += took
        print(f"{name:<10}{word:<16}{len(values) / took:>12,.0f} values a second")
    total = rows * len(all_columns) / spent
    print(f"every value another one: {total:,.0f} values a second and core")
    with tempfile.TemporaryDirectory() as folder:
        as_they_come(bundle(Path(folder) / "bundle"))
    texts = [text(number) for number in range(rows // 10)]
    took = measured("note", "free_text", texts)
    letters = sum(map(len, texts))
    print(f"texts: {len(texts) / took:,.0f} a second, {letters / took / 1e6:.2f} million letters")


if __name__ == "__main__":
    main()
