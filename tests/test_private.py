"""A private fit: what it spends, what it may see, and what its profile can do."""

import ast
import io
import json
import sys
import zipfile
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

import generator
from generator.errors import ProfileError, RequestError
from generator.fitted import load_profile, save_profile
from generator.private import Budget, declared_from, fit_private
from generator.private.eye import Eye, Query
from generator.private.ledger import Ledger
from generator.private.levels import levels_between
from generator.private.noise import OpenDP, epsilon_of, opendp, rho_of
from generator.schema import Column, Kind
from tests.private_audit import audited, audited_fit, epsilon_of_mu, eye_on, of_levels
from tests.private_tables import MAKES, Deaf, Seeded, declared, document, people

PACKAGE = Path(generator.__file__).parent / "private"
BUDGET = Budget(3.0, 1e-9)
ROWS = 4000


def fitted(table, *, noise, said=None, budget=BUDGET):
    return fit_private({"people": table}, said or declared(), budget, name="people", noise=noise)


PLANTED = {"make": "CanaryMake", "town": "CanaryTown", "mail": "canary@company.test"}


@pytest.fixture(scope="module")
def profile():
    """Of people among whom some have what nobody declared, however many share it."""
    table = people(ROWS).to_pydict()
    for at in range(40):
        for name, value in PLANTED.items():
            table[name][at] = value
        table["pay"][at], table["day"][at] = "98765431", "1901-03-07"
    return fitted(pa.table(table), noise=Seeded(1))


@pytest.fixture(scope="module")
def rows(profile):
    recipe = generator.Recipe.from_dict({"rows": {"people": 3000}, "seed": 7})
    plan = generator.plan(profile, recipe)
    drawing = profile.world.open(plan)
    return pa.concat_tables(t for shard in plan.shards for _, t in drawing.draw(shard))


# What is spent


def test_rho_is_the_one_that_was_published():
    """Canonne, Kamath, Steinke 2020, as other libraries work it out."""
    assert rho_of(1.0, 1e-9) == pytest.approx(0.0149731, abs=1e-7)
    assert epsilon_of(rho_of(0.5, 1e-9), 1e-9) <= 0.5


def test_the_noise_is_opendp_s_and_all_of_it_is_in_the_ledger():
    table = people(300).select(["make", "town", "member"])
    kept = [
        f for f in document()["resources"][0]["schema"]["fields"] if f["name"] in table.column_names
    ]
    said = declared_from({"resources": [{"name": "people", "schema": {"fields": kept}}]})
    ledger = fitted(table, noise=None, said=said).ledger
    assert ledger["spent"]["epsilon"] == pytest.approx(3.0, rel=1e-6)
    assert ledger["spent"]["epsilon"] <= 3.0
    assert sum(look["rho"] for look in ledger["looks"]) == pytest.approx(ledger["rho"])
    for look in ledger["looks"]:
        if look["way"] == "counts":
            assert look["rho"] == pytest.approx(look["mu"] ** 2 / 2, rel=1e-6)
    assert ledger["neighbours"] == "add or remove one row"
    assert ledger["declared"]["people.make"] == {"categories": 4, "paid": False}


def test_without_opendp_a_budget_is_refused(monkeypatch):
    monkeypatch.setitem(sys.modules, "opendp.prelude", None)
    opendp.cache_clear()
    with pytest.raises(RequestError, match="needs OpenDP, which is not installed"):
        fitted(people(50), noise=None)
    opendp.cache_clear()


def test_nothing_is_asked_beyond_the_budget():
    eye = eye_on([3, 4], Seeded(1), Ledger(0.1))
    with pytest.raises(OverflowError):
        eye.counts(of_levels(eye), 0.1)


@pytest.mark.parametrize(
    ("budget", "said"),
    [
        (Budget(0.0, 1e-9), "Epsilon is 0; it must lie between 0.01 and 20."),
        (Budget(float("nan"), 1e-9), "Epsilon is nan"),
        (Budget(1.0, 0.5), "Delta is 0.5"),
        (Budget(1.0, 1e-9, "people.nothing"), "The unit people.nothing is no primary key"),
    ],
)
def test_a_budget_that_promises_nothing_is_refused(budget, said):
    with pytest.raises(RequestError) as refused:
        fitted(people(50), noise=Seeded(1), budget=budget)
    assert said in refused.value.sentence


# What may be seen


def test_nothing_of_the_rows_is_in_a_profile_but_through_noise():
    """Noise that is deaf to the rows gives the same profile for extracts that have nothing in
    common: no count, bound, label, share of missing values or order comes by another way."""
    one = fitted(people(ROWS, seed=1), noise=Deaf(0))
    other = fitted(people(700, seed=2).slice(3).replace_schema_metadata(), noise=Deaf(0))
    strange = pa.table({name: ["what?"] for name in people(1).column_names})
    third = fitted(strange, noise=Deaf(0))
    nothing = fitted(people(1).slice(1), noise=Deaf(0))
    assert one.hash == other.hash == third.hash == nothing.hash
    assert one.ledger == other.ledger == third.ledger == nothing.ledger


def test_who_learns_gets_an_eye_and_never_a_table():
    """From ``learn`` on no module of the package knows of tables, and an eye holds no rows."""
    seen, open_ = set(), ["learn"]
    while open_:
        module = open_.pop()
        seen.add(module)
        tree = ast.parse((PACKAGE / f"{module}.py").read_text("utf-8"))
        for node in ast.walk(tree):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            for name in names:
                assert name.split(".")[0] not in ("pyarrow", "pandas"), f"{module} imports {name}"
                assert name not in ("generator.read", "generator.tables", "generator.frame")
                if name.startswith("generator.private.") and name.split(".")[2] not in seen:
                    open_.append(name.split(".")[2])
    assert {"rounds", "model", "leaves", "told", "eye"} <= seen
    assert not {"fit", "sight"} & seen
    eye = eye_on([2, 0], Seeded(1), Ledger(1.0))
    arrays = [f.name for f in fields(Eye) if isinstance(getattr(eye, f.name), np.ndarray)]
    assert not arrays


def test_planted_values_are_in_no_byte_of_the_file(profile, tmp_path):
    path = tmp_path / "people.profile"
    save_profile(profile, path)
    with zipfile.ZipFile(path) as packed:
        content = {name: packed.read(name) for name in packed.namelist()}
    told = b"".join(content.values())
    for value in (*PLANTED.values(), "98765431", "1901-03-07", "somebody"):
        assert value.encode() not in told
    for name, part in content.items():
        if name.endswith(".npy"):
            assert not np.isin(np.load(io.BytesIO(part)), [98_765_431, -25_137]).any()


def test_one_row_moves_counts_and_scores_by_one():
    codes = np.array([0, 1, 1, 2, 3, 3, 3])
    heard = []

    class Listening(Seeded):
        def counts(self, counts, sigma):
            heard.append(counts.astype(float))
            return counts

        def highest(self, scores, scale):
            heard.append(scores)
            return 0

    for some in (codes, codes[1:], codes[:-1]):
        eye = eye_on(some, Listening(1), Ledger(1e9))
        query = of_levels(eye)
        eye.counts(query, 1.0)
        pairs = Query(("x",), (np.array([0, 0, 1, 1, 1]),), (2,))
        eye.farthest([query, pairs], [np.full(5, 1.7), np.full(2, 3.2)], np.zeros(2), 1.0)
    counts, scores = heard[0::2], heard[1::2]
    for other in (1, 2):
        assert np.linalg.norm(counts[0] - counts[other]) <= 1.0
        assert np.abs(scores[0] - scores[other]).max() <= 1.0 + 1e-9


class Halved(OpenDP):
    """Noise half as wide as is paid for."""

    def counts(self, counts, sigma):
        return super().counts(counts, sigma / 2)


@pytest.mark.parametrize("noise", [OpenDP, Halved])
def test_an_audit_finds_no_more_than_is_claimed_and_finds_halved_noise(noise):
    """Runs on neighbouring extracts, told apart by a threshold: mu that the error rates prove, at
    a confidence of one in a million (Nasr and others, *Tight auditing of differentially private
    machine learning*, 2023), beside the mu of the ledger."""
    claimed, found = audited(noise(), runs=400)
    assert claimed == pytest.approx(2.0)
    assert (found > claimed) is (noise is Halved), f"{found:.2f} where {claimed:.2f} is claimed"


@pytest.mark.parametrize("times", [1.0, 0.0])
def test_an_audit_of_whole_fits_finds_no_more_than_is_claimed_and_finds_missing_noise(times):
    """A coarse audit: few runs prove little, yet more than is claimed where noise is left out."""
    claimed, found = audited_fit(lambda seed: Seeded(seed, times), runs=28, epsilon=1.0, sure=1e-3)
    assert (found > claimed) is (times == 0), f"{found:.2f} where {claimed:.2f} is claimed"
    assert 0.8 < epsilon_of_mu(claimed, 1e-9) <= 1


def test_epsilon_of_a_mu_is_that_of_the_gaussian_mechanism():
    assert epsilon_of_mu(1.0, 0.12693673750664397) == pytest.approx(1.0, abs=1e-6)


# What the profile can do


def test_rows_follow_what_was_counted(rows):
    real = people(ROWS)
    for name in ("make", "town"):
        there = pc.value_counts(rows[name].cast(pa.string())).to_pylist()
        shares = {one["values"] or "": one["counts"] / len(rows) for one in there}
        for one in pc.value_counts(real[name]).to_pylist():
            assert shares[one["values"]] == pytest.approx(one["counts"] / ROWS, abs=0.04)
    age, pay = (np.asarray(rows[name].fill_null(0)) for name in ("age", "pay"))
    older = age[np.asarray(rows["make"].cast(pa.string())) == "skoda"].mean()
    younger = age[np.asarray(rows["make"].cast(pa.string())) == "audi"].mean()
    assert older - younger == pytest.approx(15, abs=5)
    assert (pay == 0).mean() == pytest.approx(0.3, abs=0.05)
    assert np.corrcoef(age[pay > 0], pay[pay > 0])[0, 1] > 0.5


def test_rows_keep_to_what_is_declared(rows):
    assert rows["member"].null_count == rows["key"].null_count == 0
    assert set(rows["make"].cast(pa.string()).to_pylist()) <= {*MAKES, None}
    assert 18 <= pc.min(rows["age"]).as_py() <= pc.max(rows["age"]).as_py() <= 90
    assert 0 <= pc.min(rows["pay"]).as_py() <= pc.max(rows["pay"]).as_py() <= 120_000
    assert str(pc.min(rows["day"])) >= "2024-01-01"
    assert str(pc.max(rows["day"])) <= "2024-12-31"
    assert all(mail is None or mail.endswith("@example.com") for mail in rows["mail"].to_pylist())
    assert len(set(rows["key"].to_pylist())) == len(rows)


def test_the_file_keeps_ledger_and_summary(profile, tmp_path):
    path = tmp_path / "people.profile"
    save_profile(profile, path)
    read = load_profile(path)
    assert read.hash == profile.hash
    assert read.ledger == json.loads(json.dumps(profile.ledger))
    assert read.summary.tables["people"].columns["make"].counts == (
        profile.summary.tables["people"].columns["make"].counts
    )
    assert "no figure of this profile was held against real rows" in read.certificate["note"]


def test_charts_show_the_noisy_counts_and_pairs_that_were_asked(profile):
    table = profile.summary.tables["people"]
    assert table.rows == pytest.approx(ROWS, abs=200)
    assert set(table.columns) == {"make", "age", "pay", "town", "day", "member"}
    assert table.pairs
    for (a, b), counts in table.pairs.items():
        assert counts.shape == (table.columns[a].bins.levels, table.columns[b].bins.levels)
        assert counts.sum() == pytest.approx(ROWS, rel=0.15)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("unit", 7),
        ("epsilon", float("inf")),
        ("rho", -1),
        ("looks", "many"),
        ("looks", [{"way": "exact"}]),
        ("declared", {"people.make": {"categories": ["Canary"]}}),
    ],
)
def test_a_ledger_that_says_nothing_is_refused(profile, tmp_path, name, value):
    path = tmp_path / "people.profile"
    save_profile(replace(profile, ledger={**profile.ledger, "rho": 1e12}), path)
    load_profile(path)
    text = json.dumps({**profile.ledger, name: value})
    bad = replace(profile, ledger=json.loads(text.replace("Infinity", "1e300")))
    save_profile(bad, path)
    with pytest.raises(ProfileError):
        load_profile(path)


# What is declared


def test_bounds_that_nobody_declared_are_bought(profile):
    said = document()
    schema = said["resources"][0]["schema"]
    schema["fields"] = [f for f in schema["fields"] if f["name"] in ("pay", "day")]
    for field in schema["fields"]:
        del field["constraints"]
    del schema["primaryKey"]
    table = people(ROWS).select(["pay", "day"])
    bought = fitted(table, noise=Seeded(2), said=declared_from(said))
    assert bought.ledger["declared"]["people.pay"]["paid"] is True
    assert profile.ledger["declared"]["people.pay"]["paid"] is False
    chart = bought.summary.tables["people"].columns["pay"].chart
    assert chart.edges[0] <= 0
    assert 60_000 <= chart.edges[-1] <= 200_000


def test_a_value_that_many_rows_share_is_told_and_one_of_few_rows_is_not():
    """Pay of exactly 43,210 is usual; 77,777 is what three have."""
    table = people(ROWS).select(["pay", "member"])
    pay = np.array(table["pay"].to_pylist(), dtype=object)
    pay[::8], pay[1::1999] = "43210", "77777"
    said = document()
    schema = said["resources"][0]["schema"]
    schema["fields"] = [f for f in schema["fields"] if f["name"] in table.column_names]
    del schema["primaryKey"]
    table = table.set_column(0, "pay", pa.array(pay.tolist()))
    told = fitted(table, noise=Seeded(4), said=declared_from(said), budget=Budget(10.0, 1e-9))
    recipe = generator.Recipe.from_dict({"rows": {"people": ROWS}, "seed": 7})
    plan = generator.plan(told, recipe)
    drawing = told.world.open(plan)
    made = pa.concat_tables(t for shard in plan.shards for _, t in drawing.draw(shard))["pay"]
    assert pc.mean(pc.equal(made, 43_210)).as_py() == pytest.approx(1 / 8, abs=0.03)
    assert pc.sum(pc.equal(made, 77_777)).as_py() <= 1
    (look,) = (one for one in told.ledger["looks"] if one["cells"] == 120_002)
    assert look["rho"] == pytest.approx(0.02 * told.ledger["rho"], rel=1e-6)


@pytest.mark.parametrize("noise", [Seeded(3), None])
def test_labels_that_nobody_declared_are_bought_and_rare_ones_stay_unknown(noise):
    said = document()
    schema = said["resources"][0]["schema"]
    schema["fields"] = [{"name": "make", "type": "string"}]
    del schema["primaryKey"]
    table = {"make": [*people(ROWS)["make"].to_pylist(), *["CanaryMake"] * 5]}
    bought = fitted(pa.table(table), noise=noise, said=declared_from(said))
    assert bought.world.tables["people"].columns["make"].codec.labels == MAKES
    (look,) = (one for one in bought.ledger["looks"] if one["way"] == "labels")
    assert 0 < look["delta"] <= 0.5e-9
    assert bought.ledger["spent"]["epsilon"] <= 3
    assert bought.ledger["declared"]["people.make"] == {"categories": None, "paid": True}


@pytest.mark.parametrize(("epsilon", "more"), [(1.0, False), (20.0, True)])
def test_where_noise_is_narrow_a_column_is_told_in_more_groups(epsilon, more):
    profile = fitted(people(ROWS), noise=Seeded(1), budget=Budget(epsilon, 1e-9))
    groups = profile.summary.tables["people"].columns["age"].chart.labels
    assert (len(groups) > 32) is more
    assert len(groups) <= 64


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda f: f.pop("type"), "its type must be one of string, integer"),
        (lambda f: f["constraints"].update(minimum=90, maximum=18), "below its maximum"),
        (lambda f: f["constraints"].update(minimum="low"), "its bounds must be numbers"),
        (lambda f: f.update(step=-1), "its step must be a number above 0"),
        (lambda f: f.update(name="aged"), "age is not declared"),
    ],
)
def test_a_declaration_that_cannot_be_used_is_refused(change, said):
    bad = document()
    change(next(f for f in bad["resources"][0]["schema"]["fields"] if f["name"] == "age"))
    with pytest.raises(RequestError) as refused:
        fitted(people(50), noise=Seeded(1), said=declared_from(bad))
    assert said in refused.value.sentence


def test_levels_cover_what_is_declared_and_zero_stands_alone():
    levels = levels_between(Column("pay", Kind.INTEGER), -500, 99_999, 1.0, required=False)
    assert levels.low[0] == -500
    assert levels.ends[-1] == 99_999
    assert (levels.low[1:] == levels.ends[:-1] + 1).all()
    zero = levels.code(np.array([0.0]))[0]
    assert levels.low[zero] == levels.ends[zero] == 0
    codes = levels.code(np.array([-1e9, 1e9, np.nan, 1.0]))
    assert codes.tolist() == [0, levels.size - 1, levels.size, zero + 1]


def test_the_command_line_fits_and_refuses(tmp_path, capsys):
    import pyarrow.csv

    from generator.__main__ import main

    table = people(300).select(["make", "member"])
    pyarrow.csv.write_csv(table, tmp_path / "people.csv")
    said = document()
    schema = said["resources"][0]["schema"]
    schema["fields"] = [f for f in schema["fields"] if f["name"] in table.column_names]
    del schema["primaryKey"]
    (tmp_path / "declared.json").write_text(json.dumps(said))
    asked = ["fit", str(tmp_path / "people.csv"), "--epsilon", "3", "--out"]
    out = tmp_path / "people.profile"
    assert main([*asked, str(out)]) == 2
    assert "declare types, categories and bounds" in capsys.readouterr().err
    assert main([*asked, str(out), "--declared", str(tmp_path / "declared.json")]) == 0
    assert "neighbours: add or remove one row" in "".join(capsys.readouterr())
    assert load_profile(out).ledger["epsilon"] == 3
