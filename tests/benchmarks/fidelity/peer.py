"""Draws as many rows with a peer: ``python peer.py NAME LEARNT MADE SEED``.

LEARNT and MADE are CSV files, of ``hma`` folders of them, the learnt ones with ``links.json``.

Runs in an environment of the peers' own (``make bench-peers``) and imports nothing of this project.
SDV is under the Business Source License: it is measured here and used nowhere.
"""

import json
import sys
import tempfile
from pathlib import Path

import pandas as pd

MOST_MINUTES = 8.0  # of a training; unbounded it may take hours on two cores


def copula(rows, seed):
    from sdv.metadata import Metadata
    from sdv.single_table import GaussianCopulaSynthesizer

    metadata = Metadata.detect_from_dataframes({"rows": rows})
    synthesizer = GaussianCopulaSynthesizer(metadata)
    synthesizer.fit({"rows": rows})
    made = synthesizer.sample(len(rows))
    return made["rows"] if isinstance(made, dict) else made


def mostly(rows, seed):
    from mostlyai import engine

    engine.set_random_state(seed)
    with tempfile.TemporaryDirectory() as folder:
        engine.split(tgt_data=rows, workspace_dir=folder, model_type="TABULAR")
        engine.analyze(workspace_dir=folder)
        engine.encode(workspace_dir=folder)
        engine.train(workspace_dir=folder, max_training_time=MOST_MINUTES)
        engine.generate(workspace_dir=folder, sample_size=len(rows))
        return pd.read_parquet(f"{folder}/SyntheticData")


def hma(tables, told):
    from sdv.metadata import Metadata
    from sdv.multi_table import HMASynthesizer

    metadata = Metadata.detect_from_dataframes(tables, infer_keys=None)
    for name, key in told["keys"].items():
        metadata.update_column(column_name=key, table_name=name, sdtype="id")
        metadata.set_primary_key(table_name=name, column_name=key)
    for child, column, parent in told["links"]:
        metadata.update_column(column_name=column, table_name=child, sdtype="id")
        metadata.add_relationship(parent, child, told["keys"][parent], column)
    synthesizer = HMASynthesizer(metadata)
    synthesizer.fit(tables)
    children = {child for child, _, _ in told["links"]}
    main = max(
        (name for name in tables if name not in children), key=lambda name: len(tables[name])
    )
    return synthesizer.sample(len(tables[main]), main_table_name=main)


name, learnt, made, seed = sys.argv[1:]
if name == "hma":
    folder = Path(learnt)
    tables = {one.stem: pd.read_csv(one, low_memory=False) for one in folder.glob("*.csv")}
    drawn = hma(tables, json.loads((folder / "links.json").read_text()))
    Path(made).mkdir()
    for one, rows in drawn.items():
        rows[list(tables[one].columns)].to_csv(Path(made) / f"{one}.csv", index=False)
    sys.exit()
rows = pd.read_csv(learnt, low_memory=False)
{"copula": copula, "mostly": mostly}[name](rows, int(seed))[list(rows.columns)].to_csv(
    made, index=False
)
