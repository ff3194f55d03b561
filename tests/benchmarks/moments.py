"""Can the questions of the trade be learnt, at the moments at which they are asked.

One world of three years is drawn; models learn from the earlier seven tenths of each question's
rows and are tried on the later ones, with features as they were known at the moment.  Beside each
score stands the margin that was asked for beforehand (``tests/moments/margins.toml``), with its
source or assumption, and the five features that are worth most: what is lost when they are
shuffled, and what each answers alone.
"""

from __future__ import annotations

import argparse

from tests.moments.learn import Learnt, learn
from tests.moments.margins import Margin, margins
from tests.moments.questions import QUESTIONS
from tests.moments.worlds import World

FEATURES = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--deals", type=int, default=3_000)
    parser.add_argument("--seed", type=int, default=11)
    options = parser.parse_args()
    world = World.drawn(options.deals, start="2023-01-01", stop="2025-12-31", seed=options.seed)
    print(f"{options.deals:,} deals, 2023 to 2025, seed {options.seed}\n")
    failed = [name for name in QUESTIONS if not _told(world, name, margins()[name])]
    print(f"Out of the margins: {', '.join(failed) or 'none'}")
    raise SystemExit(bool(failed))


def _told(world: World, name: str, margin: Margin) -> bool:
    found = learn(world.asked(name))
    wrong = margin.broken(found)
    print(f"## {name}: {margin.says}")
    print(f"rows {found.rows:,}  base {found.base:.3f}  {margin.measure} {found.score:.3f}")
    print(f"asked: {margin.least} to {margin.most}, at most {margin.alone} by one column")
    print(f"{margin.why}: {margin.because}")
    print(f"by the order of keys alone {found.key:.3f}, by time alone {found.time:.3f}")
    _table(found)
    for sentence in wrong:
        print(f"NOT MET: {sentence}")
    print()
    return not wrong


def _table(found: Learnt) -> None:
    print(f"  {'feature':<32} {'lost when shuffled':>20} {'alone':>8}")
    for feature, lost in found.importance.head(FEATURES).items():
        print(f"  {feature!s:<32} {lost:>20.3f} {found.single[feature]:>8.3f}")
    best = found.single.index[0]
    print(f"  best alone: {best} {found.single.iloc[0]:.3f}")


if __name__ == "__main__":
    main()
