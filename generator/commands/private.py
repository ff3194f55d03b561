"""``fit`` with a budget onto a built-in profile."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import pyarrow as pa

from generator.fitted import hash_of
from generator.onto import fit_onto, matched
from generator.plan import plan
from generator.private import Budget, Declared, Noise, fit_private
from generator.profile import Profile
from generator.recipe import Recipe

LEARNT = 0.9  # of the work, that learning the extract privately takes
ONTO_NOTE = (
    "The platform's figures were counted on rows drawn from a fit with differential privacy, never "
    "on the extract's own; nothing was held against real rows, as that would have to be paid for "
    "as well. The ledger says what was asked."
)


def fit_private_onto(
    tables: Mapping[str, pa.Table],
    declared: Declared,
    budget: Budget,
    *,
    onto: str,
    name: str,
    version: str = "1",
    title: str = "",
    seed: int = 0,
    noise: Noise | None = None,
    progress: Callable[[str, float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Profile:
    """The built-in profile ``onto`` brought to rows that a private fit of the extract draws, as
    many as it says there are.  Whatever is made of these costs no privacy: the promise and the
    ledger are the private fit's.  See ``fit_private`` and ``fit_onto`` for the rest and what they
    raise; that no table is one of the platform's is said before anything is spent.
    """
    matched(declared.schema, onto)

    def part(start: float, stop: float) -> Callable[[str, float], None]:
        def tell(what: str, share: float) -> None:
            if progress is not None:
                progress(what, start + share * (stop - start))

        return tell

    own = fit_private(
        tables,
        declared,
        budget,
        name=name,
        seed=seed,
        noise=noise,
        progress=part(0.0, LEARNT),
        cancelled=cancelled,
    )
    profile = fit_onto(
        drawn(own, seed),
        own.schema,
        onto=onto,
        name=name,
        version=version,
        title=title,
        seed=seed,
        trial=False,
        progress=part(LEARNT, 1.0),
        cancelled=cancelled,
    )
    certificate = {**(own.certificate or {}), "note": ONTO_NOTE}
    profile = replace(profile, certificate=certificate, ledger=own.ledger)
    return replace(profile, hash=hash_of(profile))


def drawn(profile: Profile, seed: int) -> dict[str, pa.Table]:
    """All tables of a profile, each with as many rows as it has learnt."""
    drawing = plan(profile, Recipe.from_dict({"seed": seed}))
    world = profile.world.open(drawing)
    parts: dict[str, list[pa.Table]] = {name: [] for name in profile.schema.names}
    for shard in drawing.shards:
        for name, rows in world.draw(shard):
            parts[name].append(rows)
    return {
        name: pa.concat_tables(made) if made else profile.schema[name].arrow_schema().empty_table()
        for name, made in parts.items()
    }
