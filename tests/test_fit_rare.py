"""Labels that too few rows share: many together, they keep their share under a label of no row."""

import pyarrow as pa

import generator
from generator.fit import fit
from generator.leaves.rare import instead_of
from tests.extracts import random, ready

WORDS = ["amber", "coral", "ivory", "olive"]
RARE = ["Anna Bell", "Carl Dorn", "Eve Frost", "Gus Holt"]


def shares_of(labels, rows=800):
    tables, schema = ready(pa.table({"label": labels, "n": list(range(rows))}), "things")
    profile = fit(tables, schema, name="things")
    recipe = generator.Recipe.from_dict({"rows": {"things": rows}, "seed": 3})
    planned = generator.plan(profile, recipe)
    drawing = profile.world.open(planned)
    (made,) = [part for shard in planned.shards for _, part in drawing.draw(shard)]
    found = made["label"].to_pylist()
    return {label: found.count(label) / rows for label in set(found)}


def labels(common, rare, rows=800):
    """Four common labels, and a tenth of rows of rare ones, eight rows each."""
    rng = random(2)
    some = [common[at] for at in rng.integers(0, len(common), rows)]
    return [rare[at // 10 % 10] if not at % 10 else one for at, one in enumerate(some)]


def test_rare_words_are_others():
    shares = shares_of(labels(WORDS, [f"{a} tint{b}" for a in "vwxyz" for b in "ab"]))
    assert set(shares) == {*WORDS, "other"}
    assert 0.09 < shares["other"] < 0.11


def test_rare_codes_are_codes_of_their_shape():
    common, rare = ["K100", "K200", "K300"], [f"R{at}7" for at in range(10, 20)]
    shares = shares_of(labels(common, rare))
    invented = set(shares) - {*common}
    assert invented
    assert not invented & {*rare}
    assert all(len(code) == 4 for code in invented)
    assert 0.09 < sum(shares[code] for code in invented) < 0.11


def test_the_word_for_others_is_the_columns_own():
    assert instead_of(["Petrol", "Others"], RARE, 3, list) == ["Others"]
    assert instead_of(["PETROL", "DIESEL OIL"], RARE, 3, list) == ["OTHER"]
    assert instead_of(["Petrol", "Diesel oil"], RARE, 3, list) == ["Other"]
