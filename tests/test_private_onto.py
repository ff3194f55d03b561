"""A private fit onto the platform: its figures are counted on rows that a private fit draws."""

import json

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pytest

import generator
from generator.__main__ import main
from generator.commands.private import fit_private_onto
from generator.errors import ExtractError
from generator.private import Budget, declared_from
from tests.extracts import random

ROWS = 3000
PLATFORM = generator.automotive().schema["sales_lead"]
KEYS = ("lead_key", "customer_key", "dealer_key", "assigned_staff_member_key")
MOST = {
    "lead_source_type": "WALK_IN",
    "lead_status_type": "LOST",
    "interest_product_state_type": "USED",
}


def leads():
    """Of each closed list nine tenths have one word; keys are their row's own."""
    rng = random(3)
    made = {name: [f"canary-{name}-{at}" for at in range(ROWS)] for name in KEYS}
    for name, most in MOST.items():
        words = rng.choice(PLATFORM.column(name).values, ROWS)
        made[name] = np.where(rng.random(ROWS) < 0.9, most, words).tolist()
    made["lead_priority_ranking"] = rng.integers(1, 5, ROWS).astype(str).tolist()
    made["converted_indicator"] = np.where(rng.random(ROWS) < 0.7, "true", "false").tolist()
    return pa.table(made)


def document(name="sales_lead"):
    unique, needed = {"unique": True, "required": True}, {"required": True}
    ranks = {"minimum": 1, "maximum": 9, "required": True}
    fields = [
        *({"name": one, "type": "string", "constraints": unique} for one in KEYS),
        *(
            {
                "name": one,
                "type": "string",
                "constraints": {"enum": list(PLATFORM.column(one).values), "required": True},
            }
            for one in MOST
        ),
        {"name": "lead_priority_ranking", "type": "integer", "constraints": ranks},
        {"name": "converted_indicator", "type": "boolean", "constraints": needed},
    ]
    return {"resources": [{"name": name, "schema": {"fields": fields}}]}


def test_the_platform_is_brought_to_the_extract_and_keeps_the_ledger(tmp_path, capsys):
    pyarrow.csv.write_csv(leads(), tmp_path / "sales_lead.csv")
    (tmp_path / "declared.json").write_text(json.dumps(document()))
    out = tmp_path / "leads.profile"
    asked = ["fit", str(tmp_path / "sales_lead.csv"), "--epsilon", "10", "--onto", "automotive"]
    assert main([*asked, "--declared", str(tmp_path / "declared.json"), "--out", str(out)]) == 0
    told = "".join(capsys.readouterr())
    assert "neighbours: add or remove one row" in told
    assert "The extract has no marketing_campaign_key" in told
    profile = generator.load_profile(out)
    assert profile.calibration.base == "automotive"
    assert profile.calibration.rows["sales_lead"] == pytest.approx(ROWS, abs=60)
    assert profile.ledger["spent"]["epsilon"] == pytest.approx(10, rel=1e-6)
    assert "never on the extract's own" in profile.certificate["note"]
    assert profile.certificate["scores"] == {}
    entries = profile.calibration.overlay["leaves"]
    walked_in = entries["sales_lead.lead_source_type"]["shares"]["WALK_IN"]
    assert walked_in == pytest.approx(0.97, abs=0.03)  # of the words that the platform draws
    assert b"canary" not in out.read_bytes()


def test_what_is_none_of_the_platform_s_is_said_before_anything_is_spent():
    said = document("strange")
    schema = said["resources"][0]["schema"]
    schema["fields"] = schema["fields"][:2]
    with pytest.raises(ExtractError, match="has the name and half of the"):
        fit_private_onto({}, declared_from(said), Budget(3.0, 1e-9), onto="automotive", name="x")
