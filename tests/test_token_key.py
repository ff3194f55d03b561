"""The portal's key of tokens: made once, for nobody else, and used before anything is learnt."""

import stat

import pyarrow as pa
import pytest
from django.core.exceptions import ImproperlyConfigured

import generator
from portal.settings import _outside
from portal.token_key import token_key

SECRET = "Bartholomew.Quackenbush{}@canary.example"


def test_the_key_is_made_once_for_nobody_else(settings, tmp_path):
    settings.TOKEN_KEY_FILE, settings.TOKEN_KEY_MADE = tmp_path / "home" / "token.key", True
    first = token_key()
    assert token_key().mark == first.mark
    assert stat.S_IMODE(settings.TOKEN_KEY_FILE.stat().st_mode) == 0o600
    assert [path.name for path in settings.TOKEN_KEY_FILE.parent.iterdir()] == ["token.key"]


def test_a_key_that_is_named_is_never_made_and_must_be_private(settings, tmp_path):
    settings.TOKEN_KEY_FILE, settings.TOKEN_KEY_MADE = tmp_path / "token.key", False
    with pytest.raises(generator.StorageError, match="cannot be read or made"):
        token_key()
    settings.TOKEN_KEY_FILE.write_text(f"one {'ab' * 32}")
    settings.TOKEN_KEY_FILE.chmod(0o644)
    with pytest.raises(generator.StorageError, match="can be read by others"):
        token_key()


def test_the_key_may_not_lie_with_the_data(tmp_path):
    with pytest.raises(ImproperlyConfigured, match="lies in the data folder"):
        _outside(tmp_path, str(tmp_path / "keys" / "token.key"))
    assert _outside(tmp_path, "").name == "token.key"
    assert tmp_path not in _outside(tmp_path, "").parents


def test_what_is_confirmed_as_personal_becomes_tokens_and_the_rest_stays():
    rows = 60
    table = pa.table(
        {
            "mail": [SECRET.format(n) for n in range(rows)],
            "owner_no": [f"Z{n:05}" for n in range(rows)],
            "born": [f"19{40 + n % 60}-02-03" for n in range(rows)],
            "birthday": [f"{1 + n % 28}.2.{1940 + n}" for n in range(rows)],
            "answer": ["yes", "n/a"] * (rows // 2),
            "income": [f"{n}.50" for n in range(rows)],
            "brand": ["Kia", "Ford"] * (rows // 2),
        }
    )
    schema = generator.infer({"t": table})
    document = schema.to_dict()
    for column in document["tables"][0]["columns"]:
        if column["name"] in ("owner_no", "income", "answer"):
            column["personal"] = "personal"
        if column["name"] == "birthday":
            assert column["form"]
            column["personal"] = "dob"
    schema = generator.Schema.from_dict(document)
    key = generator.Key("one", b"k" * 32)
    made = generator.tokenised({"t": table}, schema, key)
    assert "Quackenbush" not in str(made["t"].to_pydict())
    assert {*made["t"].column("owner_no").to_pylist()}.isdisjoint(table["owner_no"].to_pylist())
    assert made["t"].column("brand").equals(table.column("brand"))
    assert made["t"].column("answer").to_pylist()[1] == "n/a"
    incomes = zip(made["t"].column("income").to_pylist(), table["income"].to_pylist(), strict=True)
    assert all(new != old and len(new) == len(old) for new, old in incomes)
    assert made["t"].column("born") != table.column("born")
    moved = made["t"].column("birthday").to_pylist()
    assert {*moved}.isdisjoint(table["birthday"].to_pylist())
    assert all(one.count(".") == 2 for one in moved)
    assert generator.typed(made, schema)["t"].num_rows == rows
