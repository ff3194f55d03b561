"""``fit``: what is learnt of an extract, with a certificate."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from functools import partial

import pyarrow as pa

from generator.commands.certificate import certificate_of
from generator.errors import RequestError, shown
from generator.fit import K as SMALLEST
from generator.fit import Way, unit_of
from generator.fit import fit as learn
from generator.onto import fit_onto
from generator.profile import Profile
from generator.schema import Schema
from generator.stop import stoppable

LEAST_K, MOST_K = 10, 10_000  # persons who share what a profile holds


def fit(
    tables: Mapping[str, pa.Table],
    schema: Schema,
    *,
    name: str,
    version: str = "1",
    title: str = "",
    seed: int = 0,
    onto: str = "",
    no_rules: Collection[str] = (),
    k: int = SMALLEST,
    unit: str = "",
    progress: Callable[[str, float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Profile:
    """Learn a profile with its certificate; see ``generator.fit``.  ``onto`` names a built-in
    profile to bring to the extract instead; see ``generator.onto``.  ``no_rules`` are names of
    rules that are not to be kept, of those that ``found_rules`` lists.  Nothing is kept that fewer
    than ``k`` persons share, whom the column ``unit`` (TABLE.COLUMN, or a link) tells apart.

    The certificate rests on a trial: half of the rows (at most 50,000 a table, chosen by the
    seed) are learnt, as many are drawn and compared with the other half.  Then all rows are
    learnt.  Raises what ``generator.fit`` raises, RequestError for a ``k`` or unit that cannot be.
    """
    tell = progress or _unheard
    _check_floor(schema, k=k, unit=unit, onto=onto)
    with stoppable(cancelled, "The fit was cancelled; nothing was kept."):
        if not onto:
            return _fit(
                tables,
                schema,
                name=name,
                version=version,
                title=title,
                seed=seed,
                no_rules=no_rules,
                k=k,
                unit=unit,
                tell=tell,
            )
        return fit_onto(
            tables,
            schema,
            onto=onto,
            name=name,
            version=version,
            title=title,
            seed=seed,
            progress=tell,
            cancelled=cancelled,
        )


def _fit(
    tables: Mapping[str, pa.Table],
    schema: Schema,
    *,
    name: str,
    version: str,
    title: str,
    seed: int,
    no_rules: Collection[str],
    k: int,
    unit: str,
    tell: Callable[[str, float], None],
) -> Profile:
    def part(start: float, stop: float, what: str, share: float) -> None:
        tell(what, start + share * (stop - start))

    ways: dict[str, Way] = {}
    certificate = certificate_of(
        tables, schema, seed=seed, no_rules=no_rules, k=k, unit=unit, ways=ways, part=part
    )
    profile = learn(
        tables,
        schema,
        name=name,
        version=version,
        title=title,
        seed=seed,
        ways=ways,
        no_rules=no_rules,
        k=k,
        unit=unit,
        progress=partial(part, 0.6, 1.0),
    )
    kept = [f"{rule.table}: {rule.text.removesuffix('.')}" for rule in profile.rules]
    return replace(profile, certificate=certificate | {"rules": kept})


def _check_floor(schema: Schema, *, k: int, unit: str, onto: str) -> None:
    """What is asked of the floor can be done."""
    if not LEAST_K <= k <= MOST_K:
        raise RequestError(
            f"At least {k} persons cannot be asked for; give k from {LEAST_K} to {MOST_K:,}.",
            field="k",
        )
    if onto and (unit or k != SMALLEST):
        raise RequestError(
            f"What is fitted onto “{shown(onto)}” counts rows, {SMALLEST} at least; leave the "
            "unit and k out, or fit a profile of its own.",
            field="unit",
        )
    if unit:
        unit_of(schema, unit)


def _unheard(what: str, share: float) -> None:
    del what, share
