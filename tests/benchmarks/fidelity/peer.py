"""Draws as many rows with a peer: ``python peer.py NAME LEARNT.csv MADE.csv SEED``.

Runs in an environment of the peers' own (``make bench-peers``) and imports nothing of this project.
SDV is under the Business Source License: it is measured here and used nowhere.
"""

import sys
import tempfile

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


name, learnt, made, seed = sys.argv[1:]
rows = pd.read_csv(learnt, low_memory=False)
{"copula": copula, "mostly": mostly}[name](rows, int(seed))[list(rows.columns)].to_csv(
    made, index=False
)
