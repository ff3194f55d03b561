"""How many rows a table has: what bounds them, and what they follow from when nobody names them.

Beside each table stands a ``Count``.  Its relations decide what can be met; its typical figure
only chooses within them.  ``solve`` finds the counts of all tables together.

    root(…)          the number everything else follows from
    each(parent, …)  between ``least`` and ``most`` rows for each row of the parent
    one(parent, …)   exactly one for each row of the parent
    happens(…)       things that have causes: at most so many for each cause
    free(…)          any number, or no fewer than of some others
    sum_of(…)        everybody with one of several roles, and others
    catalogue(…)     what all dealers share: between the fewest and the most there are
    consequence(…)   follows wholly from rows of other tables: estimated, never asked for

and as parts, numbers beside a table that nobody names: ``share_of`` (a share, rounded down),
``rest_of`` (what is left), ``some_of`` (as many as typical, within what others leave).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from generator.leaves.figures import Figures

Ints = NDArray[np.int64]
SLACK = 1e-9  # what products of floats may be off


class Noun(NamedTuple):
    """What the rows are called: one of them, several of them."""

    one: str
    many: str

    def of(self, count: int) -> str:
        """``1 deal``, ``2,000 deals``."""
        return f"{count:,} {self.one if count == 1 else self.many}"


class Given(Protocol):
    """What a typical figure may read."""

    @property
    def asked(self) -> Mapping[str, int]: ...

    @property
    def figures(self) -> Figures: ...

    @property
    def start(self) -> date: ...

    @property
    def stop(self) -> date: ...

    @property
    def days(self) -> int: ...

    @property
    def months(self) -> float: ...

    def __getitem__(self, name: str) -> int:
        """The number of a table or part; chosen first if it is not yet."""
        ...

    def about(self, name: str) -> float:
        """The number of a table with what stands beside it, which is an estimate."""
        ...

    def fixed(self, name: str) -> int | None:
        """The number that the named counts leave no choice about."""
        ...

    def backed(self) -> Backed | None:
        """What the named counts mean for the root: the count that sets it, else the one that
        limits it most, else the one that asks for most."""
        ...


class Layout(Protocol):
    """How totals lie under the dealers, as far as others ask for it."""

    @property
    def size(self) -> NDArray[np.float64]:
        """How large each dealer is, by the seed; shape (dealers,), around 1."""
        ...

    def __getitem__(self, name: str) -> Ints:
        """Rows under each dealer, shape (dealers,); laid out first if they are not yet."""
        ...


Typical = Callable[[Given], float]
Why = str | Callable[[Given], str]
Weight = Callable[[Layout], NDArray[Any]]


class Bound(NamedTuple):
    """``sum(coefficient × number) <= most``, with the rule in words."""

    terms: tuple[tuple[str, int], ...]
    most: int
    rule: str


class Floor(NamedTuple):
    """``name`` is ``share`` of ``of``, rounded down."""

    name: str
    of: str
    share: Callable[[Figures], float]
    rule: str


class Needs(NamedTuple):
    """Any row of ``name`` needs a row of ``parent``."""

    name: str
    parent: str
    rule: str


Relation = Bound | Floor | Needs


class Span(NamedTuple):
    """What capacities follow from: the days of a span, and figures."""

    start: date
    stop: date
    figures: Figures

    @property
    def days(self) -> int:
        return (self.stop - self.start).days + 1


class Back(NamedTuple):
    """What a typed count means for the root: it ``sets`` it, ``limits`` it, or ``asks`` for as
    many.  ``root`` gives the root's number for so many rows."""

    kind: Literal["sets", "limits", "asks"]
    root: Callable[[int, Given], float]


class Backed(NamedTuple):
    """The root's number that a typed count comes to."""

    kind: Literal["sets", "limits", "asks"]
    table: str
    root: float


@dataclass(frozen=True)
class Part:
    """A number beside a table that nobody names."""

    name: str
    count: Count


def _nothing(name: str) -> tuple[Relation, ...]:
    del name
    return ()


def _no_capacity(name: str, span: Span) -> tuple[Bound, ...]:
    del name, span
    return ()


def _evenly(lay: Layout) -> NDArray[np.float64]:
    return np.ones(len(lay.size))


def _silent(given: Given) -> None:
    del given


@dataclass(frozen=True)
class Count:
    """How many rows a table has, or how large a part is.

    ``relations`` gives, for its own name, what must hold; it holds under each dealer too.
    ``typical`` is what it comes to when nobody names it, ``why`` says so in a few words.
    ``weight`` says how the total lies under the dealers, ``note`` what is worth reading before the
    run (a target that these counts miss, say).  ``limits`` are the fewest and the most
    there can be in a span, with ``limit_rule`` in words ({least}, {most}).

    ``capacity`` are bounds that follow from the span: what people can do in its days.  Under each
    dealer they hold as far as the other relations let them.

    Rows that belong to no dealer: all of them (``shared``), or one for each row of another shared
    table (``shared_with``).  Three numbers are worked out from others under each dealer: as many
    as of ``outright``; the sum of ``roles``; the first of ``rest`` without the others.

    ``follows`` where the rows follow wholly from those of other tables: the number is an estimate
    and nobody can ask for it; ``instead`` is the table to ask for, if it is one.

    ``more`` estimates rows beside the counted ones, which follow wholly from other tables.  A
    number that somebody asks for is exact all the same: then there are no rows of the numbers
    ``without``, for the reason ``without_rule``.

    Dealers trade cars in pairs (``pairs``): ``paired`` rows lie under dealers that have a partner
    only; of ``twin`` a dealer has as many as its partner has of that table.

    ``scaled``: multiplied when the whole is to be larger or smaller, as others follow from it.
    ``top``: everything lies beneath these rows, the dealers; a shard is a range of them.
    """

    noun: Noun
    typical: Typical
    why: Why
    relations: Callable[[str], tuple[Relation, ...]] = _nothing
    weight: Weight = _evenly
    back: Back | None = None
    parts: tuple[Part, ...] = ()
    note: Callable[[Given], str | None] = _silent
    limits: Callable[[date, date], tuple[int, int]] | None = None
    limit_rule: str = ""
    shared: bool = False
    shared_with: str | None = None
    outright: str | None = None
    roles: tuple[str, ...] = ()
    rest: tuple[str, ...] = ()
    follows: bool = False
    instead: str = ""
    more: Typical | None = None
    without: tuple[str, ...] = ()
    without_rule: str = ""
    scaled: bool = False
    top: bool = False
    paired: bool = False
    twin: str | None = None
    capacity: Callable[[str, Span], tuple[Bound, ...]] = _no_capacity


def sets(root: Callable[[int, Given], float]) -> Back:
    return Back("sets", root)


def limits(share: float) -> Back:
    """At most ``share`` of the root for each row."""
    return Back("limits", lambda rows, _: rows * share)


def asks(share: float) -> Back:
    """``share`` of the root for each row, where that is more than a sandbox."""
    return Back("asks", lambda rows, _: rows * share)


def root(noun: Noun, *, typical: Typical, why: Why, parts: tuple[Part, ...] = ()) -> Count:
    return Count(noun, typical, why, weight=lambda lay: lay.size, parts=parts, scaled=True)


def free(
    noun: Noun,
    *,
    typical: Typical,
    why: Why,
    weight: Weight,
    no_fewer_than: tuple[str, str] | None = None,
    back: Back | None = None,
    parts: tuple[Part, ...] = (),
    limits: Callable[[date, date], tuple[int, int]] | None = None,
    limit_rule: str = "",
    top: bool = False,
) -> Count:
    """Any number, or ``no_fewer_than`` of another: (name, rule)."""

    def relations(name: str) -> tuple[Relation, ...]:
        if no_fewer_than is None:
            return ()
        return (Bound(((no_fewer_than[0], 1), (name, -1)), 0, no_fewer_than[1]),)

    return Count(
        noun,
        typical,
        why,
        relations,
        weight,
        back,
        parts,
        limits=limits,
        limit_rule=limit_rule,
        top=top,
    )


def each(
    parent: str,
    noun: Noun,
    *,
    typical: Typical,
    why: Why,
    rule: str,
    least: int = 0,
    most: int | None = None,
    one_for: str | None = None,
    weight: Weight | None = None,
    back: Back | None = None,
    parts: tuple[Part, ...] = (),
    scaled: bool = False,
    capacity: Callable[[str, Span], tuple[Bound, ...]] = _no_capacity,
) -> Count:
    """Between ``least`` and ``most`` rows for each row of the parent; where neither is said, any
    row needs a parent.  The parents that are rows of the shared table ``one_for`` have one."""

    def relations(name: str) -> tuple[Relation, ...]:
        if not least and most is None:
            return (Needs(name, parent, rule),)
        bounds = [Bound(((parent, least), (name, -1)), 0, rule)] if least else []
        if most is not None:
            single = () if one_for is None else ((one_for, most - 1),)
            bounds.append(Bound(((name, 1), (parent, -most), *single), 0, rule))
        return tuple(bounds)

    weight = weight or (lambda lay: lay[parent])
    return Count(
        noun,
        typical,
        why,
        relations,
        weight,
        back,
        parts,
        shared_with=one_for,
        scaled=scaled,
        capacity=capacity,
    )


def happens(
    noun: Noun,
    *causes: tuple[str, int],
    typical: Typical,
    why: Why,
    rule: str,
    back: Back | None = None,
    capacity: Callable[[str, Span], tuple[Bound, ...]] = _no_capacity,
) -> Count:
    """Things that have causes: at most so many for each row of some tables, (table, most) each;
    see ``occasions``.  They lie under the dealers as their causes do, within their ``capacity``."""

    def relations(name: str) -> tuple[Relation, ...]:
        return (Bound(((name, 1), *((cause, -most) for cause, most in causes)), 0, rule),)

    def weight(lay: Layout) -> NDArray[Any]:
        return np.asarray(sum(most * lay[cause] for cause, most in causes))

    return Count(noun, typical, why, relations, weight, back, capacity=capacity)


def one(parent: str, noun: Noun, *, why: Why, rule: str, back: Back | None = None) -> Count:
    """Exactly one for each row of the parent."""

    def relations(name: str) -> tuple[Relation, ...]:
        return (
            Bound(((parent, 1), (name, -1)), 0, rule),
            Bound(((name, 1), (parent, -1)), 0, rule),
        )

    return Count(noun, lambda given: given[parent], why, relations, back=back, outright=parent)


def sum_of(
    noun: Noun,
    *roles: str,
    rest: Part,
    typical: Typical,
    why: Why,
    rule: str,
    shared_with: str,
    back: Back | None = None,
    note: Callable[[Given], str | None] = _silent,
) -> Count:
    """One for each row of the ``roles``, and ``rest`` more."""

    def relations(name: str) -> tuple[Relation, ...]:
        everybody = tuple((role, 1) for role in (*roles, rest.name))
        return (
            Bound((*everybody, (name, -1)), 0, rule),
            Bound(((name, 1), *((role, -1) for role, _ in everybody)), 0, rule),
        )

    return Count(
        noun,
        typical,
        why,
        relations,
        back=back,
        parts=(rest,),
        shared_with=shared_with,
        roles=(*roles, rest.name),
        note=note,
    )


def catalogue(
    noun: Noun,
    *,
    typical: Typical,
    why: Why,
    bounds: Callable[[date, date], tuple[int, int]],
    rule: str,
) -> Count:
    """What all dealers share; ``bounds`` are the fewest and the most there are in a span."""
    return Count(noun, typical, why, limits=bounds, limit_rule=rule, shared=True)


def consequence(
    noun: Noun, *causes: str, typical: Typical, why: Why, instead: str | None = None
) -> Count:
    """Rows that follow wholly from those of the tables ``causes`` (of any, if none is named);
    ``typical`` estimates them."""

    def weight(lay: Layout) -> NDArray[Any]:
        return np.asarray(sum(lay[cause] for cause in causes)) + 1e-9 * lay.size

    instead = next(iter(causes), "") if instead is None else instead
    return Count(noun, typical, why, weight=weight, follows=True, instead=instead)


def share_of(
    of: str, name: str, noun: Noun, *, share: Callable[[Figures], float], rule: str
) -> Part:
    """``share`` of the rows of ``of``, rounded down."""

    def relations(name: str) -> tuple[Relation, ...]:
        return (Floor(name, of, share, rule), Bound(((name, 1), (of, -1)), 0, rule))

    def typical(given: Given) -> float:
        return part_of(given[of], share(given.figures))

    return Part(name, Count(noun, typical, "", relations, lambda lay: lay[of]))


def part_of(whole: int, share: float) -> int:
    """A share, rounded down; 2,500 times 0.0652 is 163, though floats say a little less."""
    return int(whole * share + SLACK)


def rest_of(of: str, name: str, noun: Noun, *, minus: tuple[str, ...], rule: str) -> Part:
    """The rows of ``of`` but for those of ``minus``."""

    def relations(name: str) -> tuple[Relation, ...]:
        terms = ((of, 1), *((other, -1) for other in minus), (name, -1))
        back = tuple((other, -factor) for other, factor in terms)
        return (Bound(terms, 0, rule), Bound(back, 0, rule))

    def typical(given: Given) -> float:
        return given[of] - sum(given[other] for other in minus)

    return Part(name, Count(noun, typical, "", relations, rest=(of, *minus)))


def some_of(
    name: str,
    noun: Noun,
    *,
    within: tuple[tuple[tuple[str, ...], str], ...] = (),
    typical: Typical,
    weight: Weight,
    note: Callable[[Given], str | None] = _silent,
) -> Part:
    """As many as typical, and together with the later names of each ``within`` no more than of
    its first name: (names, rule)."""

    def relations(name: str) -> tuple[Relation, ...]:
        return tuple(
            Bound(((name, 1), *((other, 1) for other in names[1:]), (names[0], -1)), 0, rule)
            for names, rule in within
        )

    return Part(name, Count(noun, typical, "", relations, weight, note=note))
