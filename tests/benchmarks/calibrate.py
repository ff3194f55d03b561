"""How near tables of a platform with other figures are reached by fitting them onto ours.

    python -m tests.benchmarks.calibrate [TABLE ...]

Rows of each table are made by the built-in profile with other figures (tests/other_figures.py),
written to CSV, fitted with ``--onto``, and drawn again.  Accuracies of the columns the table draws,
alone, in pairs and triples, beside the ceiling: the same figures with another seed.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import pyarrow.csv

import generator
from tests.other_figures import accuracy, drawn, drawn_columns, other_profile

ROWS = {
    "deal": 6_000,
    "sales_lead": 6_000,
    "customer": 6_000,
    "vehicle": 6_000,
    "staff_member": 2_000,
    "vehicle_telemetry_event": 40_000,
}
WAYS = ("univariate", "bivariate", "trivariate")


def measured(table: str, rows: int) -> list[str]:
    """Lines of the report about one table."""
    production, asked = other_profile(), {table: rows}
    real = drawn(production, asked, seed=1, table=table)
    again = drawn(production, asked, seed=2, table=table)
    before = drawn(generator.automotive(), asked, seed=3, table=table)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{table}.csv"
        pyarrow.csv.write_csv(real, path)
        raw = generator.read(path)
        schema = generator.infer(raw)
        begun = time.process_time()
        profile = generator.fit(generator.typed(raw, schema), schema, name=table, onto="automotive")
        spent = time.process_time() - begun
        generator.save_profile(profile, path.with_suffix(".profile"))
        profile = generator.load_profile(path.with_suffix(".profile"))
        bytes_ = path.with_suffix(".profile").stat().st_size
    made = drawn(profile, asked, seed=3, table=table)
    columns = drawn_columns(table)
    scores = {
        name: accuracy(table, real, rows, columns)
        for name, rows in (("reached", made), ("ceiling", again), ("built-in", before))
    }
    counted = profile.calibration.overlay if profile.calibration else {}
    said = f"{len(counted['leaves'])} entries, {len(counted['figures'])} figures"
    lines = [f"{table}: {real.num_rows:,} rows, {said}, {spent:.1f} CPU-s, {bytes_:,} bytes"]
    lines.append(f"  {checked(profile, {table: rows // 10})}")
    for name, found in scores.items():
        lines.append(f"  {name:<9}" + "".join(f"  {found.get(way, 1):.4f}" for way in WAYS))
    return lines


def checked(profile: generator.Profile, rows: dict[str, int]) -> str:
    """Rules and counts of a whole world of so many rows."""
    with tempfile.TemporaryDirectory() as folder:
        plan = generator.plan(profile, generator.Recipe.from_dict({"rows": rows, "seed": 4}))
        manifest = generator.sample(profile, plan, Path(folder) / "bundle")
        found = generator.validate_folder(Path(folder) / "bundle")
    made = {file["table"]: file["rows"] for file in manifest["files"] if file.get("table")}
    exact = all(made.get(count.table, 0) == count.rows for count in plan.counts)
    return (
        f"{found['passed']} of {found['total']} rules hold over {len(made)} tables, counts "
        f"{'exact' if exact else 'wrong'}"
    )


def main() -> None:
    for table in sys.argv[1:] or ROWS:
        sys.stdout.write("\n".join(measured(table, ROWS[table])) + "\n")


if __name__ == "__main__":
    main()
