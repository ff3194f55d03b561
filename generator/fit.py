"""Learn a profile from an extract: one column after the other, each from the earlier ones.

1. Give every column a codec; find columns that another determines exactly.
2. Order: labels with few values first, then numbers, the most predictable last.
3. Grow a tree on the earlier columns; count or cut quantiles in its leaves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from generator.cells import Tree, single_cell, tree_from
from generator.errors import ExtractError
from generator.fitted import (
    ColumnLeaves,
    FittedWorld,
    Predictor,
    TableLeaves,
    features_of,
    hash_of,
)
from generator.leaves.choice import Choices, choices_of
from generator.leaves.codec import Codec, Encoded
from generator.leaves.curves import curves_of
from generator.leaves.encode import FEW_VALUES, encode
from generator.leaves.guide import UNIT
from generator.leaves.quantiles import Curves
from generator.profile import Profile
from generator.schema import Column, Schema, Table
from generator.stop import ask, asking, meanwhile, stoppable
from generator.streams import Stream
from generator.summary import summarize, tables_of

K = 10  # rows a label or an atom rests on, or that the knots of a cell span, at least
STRETCH_ROWS = 3  # rows between two knots of a cell, at least: tails are skewed within a cell too
LEAF_ROWS = 15  # rows of a cell, at least
MOST_PREDICTORS = 12
MOST_CLASSES = 256  # of a target, the rarer ones being one
MOST_CELLS = 3000  # of a column
TREE_ROWS = 200_000  # of a longer table trees are grown on an even sample; leaves count all rows
MOST_STRETCHES = 20_000  # of a column's cells together, not counting atoms
FEW_CLASSES = 8  # numbers with more values than this are split as numbers, not as classes
SPLIT_GAIN = 2.5  # a split must explain so many rows' worth of what stays unexplained
MOST_ORDERED = 40  # numeric columns whose place is worth measuring
TRIAL_ROWS = 8000
ATOM_ROWS = 3  # rows of a cell that share an atom for it to stand there by itself
FEW_PAIRS = 4000  # rows a dependency is tried on before all are looked at


@dataclass(frozen=True)
class _Column:
    """A column while it is learnt."""

    codec: Codec
    coded: Encoded

    @property
    def labels(self) -> int:
        return len(self.codec.labels)

    @property
    def missing(self) -> NDArray[np.bool_]:
        return self.coded.missing

    @property
    def numbers(self) -> NDArray[np.float64]:
        return self.coded.numbers

    @cached_property
    def places(self) -> NDArray[np.int64]:
        """Codes, what is missing or rare after the last of them."""
        codes = self.coded.codes
        return np.where(self.missing | (codes < 0), self.labels, codes)


_Columns = Mapping[str, _Column]
Target = NDArray[np.float64] | NDArray[np.int64]
"""What a tree is grown on: (n,) or (n, outputs) numbers, or (n,) classes."""


def fit(
    tables: Mapping[str, pa.Table],
    schema: Schema,
    *,
    name: str,
    version: str = "1",
    title: str = "",
    seed: int = 0,
    progress: Callable[[str, float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Profile:
    """Learn a profile from typed tables.

    Of a personal column only a shape is kept: no value in leaves, schema or summary.

    ``progress(what, share)`` is told the column at work and the share done, 0 to 1.  The same
    tables, schema and seed give the same profile.  Raises ExtractError for a table without rows
    or columns, Cancelled when ``cancelled()`` says so.
    """
    with stoppable(cancelled, "The fit was cancelled; nothing was kept."):
        return _learnt(
            tables, _without_values(schema), name, version, title or name, seed, progress
        )


def _learnt(
    tables: Mapping[str, pa.Table],
    schema: Schema,
    name: str,
    version: str,
    title: str,
    seed: int,
    progress: Callable[[str, float], None] | None,
) -> Profile:
    total = max(1, sum(len(table.columns) for table in schema))
    done = 0

    def tell(what: str) -> None:
        nonlocal done
        ask()
        if progress is not None:
            progress(what, min(done / total, 1.0))
        done += 1

    learnt = {table.name: _fit_table(table, tables[table.name], seed, tell) for table in schema}
    profile = Profile(
        name=name,
        version=version,
        title=title,
        kind="fitted",
        schema=schema,
        world=FittedWorld(schema, learnt),
        summary=summarize(tables_of(_unsummarised(schema), tables), k=K),
    )
    return replace(profile, hash=hash_of(profile))


def _without_values(schema: Schema) -> Schema:
    """A closed list of personal values would be a list of them."""
    return _personal(schema, lambda column: replace(column, values=(), enum=None))


def _unsummarised(schema: Schema) -> Schema:
    """Personal columns of every class as ones nothing is counted of."""
    return _personal(schema, lambda column: replace(column, personal="personal"))


def _personal(schema: Schema, change: Callable[[Column], Column]) -> Schema:
    tables = (
        replace(table, columns=tuple(change(c) if c.personal else c for c in table.columns))
        for table in schema
    )
    return replace(schema, tables=tuple(tables))


def _fit_table(table: Table, rows: pa.Table, seed: int, tell: Callable[[str], None]) -> TableLeaves:
    if not rows.num_rows or not table.columns:
        raise ExtractError(f"The table “{table.name}” has no rows to learn from.")
    columns = {}
    for column in asking(table.columns, every=1):
        stream = Stream(seed, table.name, f"{column.name}\x1ffit")
        codec, coded = encode(column, rows.column(column.name), k=K, stream=stream)
        columns[column.name] = _Column(codec, coded)
    maps = _exact_maps(columns)
    leaves: dict[str, ColumnLeaves] = {}
    earlier: list[str] = []
    for name in _order(columns, maps, seed):
        tell(f"{table.name}.{name}")
        leaves[name] = _fit_column(columns, name, earlier, maps, seed)
        if columns[name].codec.form in ("labels", "number"):
            earlier.append(name)
    return TableLeaves(rows.num_rows, leaves)


def _exact_maps(columns: _Columns) -> dict[str, str]:
    """Columns whose label is determined by another column's: dependent -> determinant.

    The determinant has as many labels or more, and comes later in one order of all columns, so
    that the relation has no circle; of several the one with the fewest labels is taken.
    """
    names = [n for n, c in columns.items() if c.codec.form == "labels" and c.labels > 1]
    names.sort(key=lambda n: (columns[n].labels, n))
    maps: dict[str, str] = {}
    for at, name in enumerate(names):
        for other in asking(names[at + 1 :], every=1):
            if _determines(columns[other], columns[name]):
                maps[name] = other
                break
    return maps


def _determines(first: _Column, second: _Column) -> bool:
    a, b = _filled(first), _filled(second)
    for rows in (slice(0, FEW_PAIRS), slice(None)):
        pairs = np.unique(a[rows] * (second.labels + 2) + b[rows])
        if len(pairs) > len(np.unique(a[rows])):
            return False
    return True


def _filled(column: _Column) -> NDArray[np.int64]:
    """Codes with missing as the last one and rare labels as one more."""
    codes = np.where(column.coded.codes < 0, column.labels + 1, column.coded.codes)
    return np.where(column.missing, column.labels, codes)


def _order(columns: _Columns, maps: Mapping[str, str], seed: int) -> list[str]:
    """Few labels first, numbers last, the most predictable of them at the very end; what a map
    gives stands right behind what it is given by."""
    labels = [n for n, c in columns.items() if c.codec.form == "labels"]
    numbers = [n for n, c in columns.items() if c.codec.form == "number" or _ordinal(c)]
    other = [n for n, c in columns.items() if c.codec.form not in ("labels", "number")]
    labels = [n for n in labels if n not in numbers]
    labels.sort(key=lambda n: (columns[n].labels, n))
    if 1 < len(numbers) <= MOST_ORDERED:
        told = {
            n: _predictability(columns, n, [*labels, *numbers], seed)
            for n in asking(numbers, every=1)
        }
        numbers.sort(key=lambda n: (round(told[n], 3), n))
    order: list[str] = []

    def place(name: str) -> None:
        if name in order:
            return
        if name in maps:
            place(maps[name])
        order.append(name)

    for name in (*labels, *numbers, *other):
        place(name)
    return order


def _predictability(columns: _Columns, name: str, others: list[str], seed: int) -> float:
    """Share of the variance of the ranks that a tree explains on rows it has not seen."""
    target = _ranks(_plain_numbers(columns[name]))
    step = max(1, len(target) // TRIAL_ROWS)
    rows = np.arange(0, len(target), step)
    learn, test = rows[::2], rows[1::2]
    if len(test) < 4 * LEAF_ROWS:
        return 0.0
    predictors = tuple(
        _predictor(columns, other, target, learn)
        for other in asking(others, every=1)
        if other != name
    )
    features = features_of(predictors, columns, len(target))
    tree = _planted(features[learn], target[learn], classes=False, seed=seed)
    return float(tree.score(features[test], target[test]))


def _tree(*, classes: bool):  # type: ignore[no-untyped-def]  # scikit-learn has no types
    """scikit-learn's tree of labels or of numbers, imported when one is grown: that takes two
    seconds, which a web server that only plans and previews need not wait."""
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    return DecisionTreeClassifier if classes else DecisionTreeRegressor


def _planted(  # type: ignore[no-untyped-def]  # scikit-learn has no types
    features: NDArray[np.float32],
    target: Target,
    *,
    classes: bool,
    seed: int,
    leaf: int = LEAF_ROWS,
    gain: float = 0.0,
):
    """A tree of scikit-learn's, grown while somebody may ask to stop: of 200,000 rows it takes
    half a minute."""

    def grow():  # type: ignore[no-untyped-def]
        kind = _tree(classes=classes)
        tree = kind(min_samples_leaf=leaf, min_impurity_decrease=gain, random_state=seed)
        return tree.fit(features, target)

    return meanwhile(grow)


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    middle = np.cumsum(counts) - counts / 2
    ranks: NDArray[np.float64] = middle[inverse] / len(values)
    return ranks


def _predictor(
    columns: _Columns,
    name: str,
    target: Target,
    rows: NDArray[np.int64] | slice = slice(None),
) -> Predictor:
    """Features of an earlier column for a target (n,) or (n, outputs): numbers scaled, numeric
    labels at their values, other labels where the target is like theirs."""
    column = columns[name]
    if column.codec.form == "number":
        values = column.coded.numbers
        spread = float(values.std()) or 1.0
        return Predictor(name, None, float(values.mean()), spread)
    labels = column.codec.labels
    if labels and not isinstance(labels[0], str):
        values = np.array([*labels, min(labels) - 1], dtype=np.float64)
        scaled = (values - values.mean()) / (values.std() or 1.0)
        return Predictor(name, scaled.astype(np.float32)[:, None])
    return Predictor(name, _coordinates(column, target[rows], _filled(column)[rows]))


def _coordinates(
    column: _Column,
    target: Target,
    codes: NDArray[np.int64],
) -> NDArray[np.float32]:
    """Labels placed by the target: its mean for one or two outputs; for more classes the first two
    principal components of the class shares, so that like labels lie together."""
    size = column.labels + 1
    kept = codes < size
    counts = np.bincount(codes[kept], minlength=size)
    sums = _sums(codes[kept], target[kept], size)
    mean = sums.sum(axis=0) / max(counts.sum(), 1)
    means: NDArray[np.float64] = (sums + 2 * mean) / (counts[:, None] + 2)
    if means.shape[1] <= 2:
        return means.astype(np.float32)
    centred = (means - mean) * np.sqrt(counts / max(counts.sum(), 1))[:, None]
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    axes = axes[:2] * np.where(axes[:2, :1].sum(axis=1, keepdims=True) < 0, -1, 1)
    placed: NDArray[np.float32] = ((means - mean) @ axes.T).astype(np.float32)
    return placed


def _sums(codes: NDArray[np.int64], target: Target, size: int) -> NDArray[np.float64]:
    """Sums of the target by code, (size, outputs): of classes, rows by code and class."""
    if target.dtype.kind == "i":
        classes = int(target.max(initial=0)) + 1
        rows = np.bincount(codes * classes + target, minlength=size * classes)
        return rows.reshape(size, classes).astype(np.float64)
    outputs = target if target.ndim == 2 else target[:, None]
    return np.stack([np.bincount(codes, one, minlength=size) for one in outputs.T], axis=1)


def _fit_column(
    columns: _Columns, name: str, earlier: list[str], maps: Mapping[str, str], seed: int
) -> ColumnLeaves:
    column = columns[name]
    if column.codec.form == "missing":
        return ColumnLeaves(column.codec)
    if name in maps and column.codec.form == "labels":
        return _mapped(columns, name, maps[name])
    if column.codec.form == "pattern":
        return _with_absence(columns, column, ColumnLeaves(column.codec), earlier, seed)
    chosen = _chosen(columns, column, earlier, seed)
    predictors, tree, cells = _grow(columns, column, chosen, seed)
    leaves: Choices | Curves
    present = ~column.missing
    ranked = column.coded.ranked
    if ranked is None:
        leaves = choices_of(cells[present], column.coded.codes[present], tree.cells)
    else:
        segment = max(STRETCH_ROWS, len(ranked.ranks) // MOST_STRETCHES)
        leaves = curves_of(
            cells[present],
            ranked.ranks,
            ranked.atom,
            np.column_stack([ranked.low, ranked.high]),
            tree.cells,
            segment=segment,
            least=UNIT * K / len(ranked.ranks),
            atom_rows=1 if _few(column) else max(ATOM_ROWS, segment // 3),
        )
    made = ColumnLeaves(column.codec, predictors, tree, leaves)
    return _with_absence(columns, column, made, chosen, seed)


def _mapped(columns: _Columns, name: str, by: str) -> ColumnLeaves:
    """The exact map; a determinant's label without any row (only rare ones) gives the mode."""
    column, of = columns[name], columns[by]
    codes, given = column.coded.codes, _filled(of)
    target = np.full(of.labels + 2, int(np.bincount(codes[codes >= 0]).argmax()), dtype=np.int32)
    target[given] = np.where(column.missing, -1, np.maximum(codes, 0))
    return ColumnLeaves(column.codec, map_of=by, map_to=target[: of.labels + 1])


def _target(column: _Column) -> Target:
    """Ranks and values of a number; classes of labels."""
    if column.codec.form == "number" or _ordinal(column):
        values = _plain_numbers(column)
        low, high = np.quantile(values, [0.002, 0.998])
        clipped = np.clip(values, low, high)
        return np.stack([_ranks(values), clipped / (clipped.std() or 1.0) * 0.29], axis=1)
    codes = column.coded.codes
    rows = np.bincount(codes[codes >= 0], minlength=column.labels)
    place = np.empty(column.labels + 1, dtype=np.int64)
    place[np.argsort(-rows, kind="stable")] = np.arange(column.labels)
    place[-1] = -1
    pooled: NDArray[np.int64] = np.minimum(place, MOST_CLASSES - 1)[codes]
    return pooled


def _plain_numbers(column: _Column) -> NDArray[np.float64]:
    if column.codec.form == "number":
        return column.coded.numbers
    labels = np.array(column.codec.labels, dtype=np.float64)
    numbers: NDArray[np.float64] = labels[np.maximum(column.coded.codes, 0)]
    return numbers


def _chosen(columns: _Columns, column: _Column, earlier: list[str], seed: int) -> list[str]:
    """At most twelve predictors: those a first tree over all of them splits on most."""
    if len(earlier) <= MOST_PREDICTORS:
        return earlier
    predictors, grown, _ = _grown(columns, column, earlier, seed, leaf=4 * LEAF_ROWS)
    gain = grown.feature_importances_
    owner = np.repeat(np.arange(len(predictors)), [p.width for p in predictors])
    weight = np.bincount(owner, gain, minlength=len(predictors))
    best = np.argsort(-weight, kind="stable")[:MOST_PREDICTORS]
    return [earlier[at] for at in sorted(best.tolist())]


def _grow(
    columns: _Columns, column: _Column, chosen: list[str], seed: int
) -> tuple[tuple[Predictor, ...], Tree, NDArray[np.int32]]:
    n = len(column.missing)
    rows = np.flatnonzero(_learnable(column))
    few = len(rows) < 2 * LEAF_ROWS
    if few or not chosen or (column.codec.form == "labels" and column.labels < 2):
        return (), single_cell(), np.zeros(n, dtype=np.int32)
    predictors, grown, features = _grown(columns, column, chosen, seed, leaf=LEAF_ROWS)
    tree = tree_from(grown.tree_)
    return predictors, tree, tree.apply(features)


def _learnable(column: _Column) -> NDArray[np.bool_]:
    """Rows with a value that may be learnt: present, and no rare label."""
    if column.codec.form == "labels":
        return column.coded.codes >= 0
    return ~column.missing


def _grown(  # type: ignore[no-untyped-def]  # scikit-learn has no types
    columns: _Columns, column: _Column, chosen: list[str], seed: int, *, leaf: int
):
    rows = np.flatnonzero(_learnable(column))
    rows = rows[:: max(1, -(-len(rows) // TREE_ROWS))]
    leaf = max(leaf, len(rows) // MOST_CELLS)
    target = _target(column)
    predictors = tuple(
        _predictor(columns, other, target, rows) for other in asking(chosen, every=1)
    )
    features = features_of(predictors, columns, len(column.missing))
    seen, learnt, classes = features[rows], target[rows], target.dtype.kind == "i"
    free = _planted(seen, learnt, classes=classes, seed=seed, leaf=leaf)
    # rounding leaves less than nothing open where values hardly differ for their size
    gain = max(0.0, SPLIT_GAIN * _unexplained(free.tree_) / len(rows))
    grown = _planted(seen, learnt, classes=classes, seed=seed, leaf=leaf, gain=gain)
    return predictors, grown, features


def _ordinal(column: _Column) -> bool:
    """Numbers learnt value by value, with enough values for their order to matter."""
    labels = column.codec.labels
    return len(labels) > FEW_CLASSES and not isinstance(labels[0], str)


def _few(column: _Column) -> bool:
    """A number whose atoms tell nearly every row: cells count them one by one."""
    ranked = column.coded.ranked
    return ranked is not None and len(ranked.low) <= FEW_VALUES and (ranked.atom >= 0).mean() > 0.9


def _unexplained(tree: Any) -> float:
    """Mean impurity that a full-grown tree leaves in its leaves."""
    leaf = tree.children_left < 0
    weight = tree.n_node_samples[leaf]
    return float((tree.impurity[leaf] * weight).sum() / weight.sum())


def _with_absence(
    columns: _Columns, column: _Column, made: ColumnLeaves, chosen: list[str], seed: int
) -> ColumnLeaves:
    """Learn when the value is missing, or a word, from the same predictors."""
    if not column.missing.any():
        return made
    absent = column.coded.absent
    gone = np.count_nonzero(absent)
    enough = min(gone, len(absent) - gone) >= LEAF_ROWS
    predictors = made.predictors
    if not predictors and enough:
        predictors = tuple(
            _predictor(columns, other, column.missing.astype(np.float64))
            for other in chosen[:MOST_PREDICTORS]
        )
    if not enough or not predictors:
        tree, cells = single_cell(), np.zeros(len(absent), dtype=np.int32)
    else:
        features = features_of(predictors, columns, len(absent))
        grown = _planted(features, absent, classes=True, seed=seed)
        tree = tree_from(grown.tree_)
        cells = tree.apply(features)
    return replace(
        made,
        predictors=predictors,
        absent_tree=tree,
        absent=choices_of(cells, absent, tree.cells),
    )
