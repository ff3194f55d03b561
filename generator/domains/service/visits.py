"""Who comes to the workshop, when they wish to, and how often: exactly as many as were planned.

A *window* is a time through which a car may come: while it stands in stock, and while somebody
owns it.  Visits are shared over the windows of a dealer by their weights, and spread over each.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from generator.domains.calendar import DAY, MINUTE, span
from generator.domains.closing import next_open
from generator.domains.graph import Draw, Made, drawn
from generator.domains.groups import place_in_group
from generator.domains.leanings import leaned, uniform
from generator.domains.service.alerted import Coming, alerted
from generator.domains.service.bench import bench

Rows = NDArray[np.int64]
Floats = NDArray[np.float64]
Moments = NDArray[Any]
Visits = tuple[Rows, Rows, Rows, Moments, Rows, Moments]


class Windows(NamedTuple):
    """One entry a window: local dealer, car and stay (-1 for an owner's), from when to when, its
    weight beside others of its kind."""

    dealer: Rows
    car: Rows
    stay: Rows
    begin: Moments
    end: Moments
    weight: Floats

    def taken(self, rows: Rows) -> Windows:
        return Windows(
            self.dealer[rows],
            self.car[rows],
            self.stay[rows],
            self.begin[rows],
            self.end[rows],
            self.weight[rows],
        )


@drawn("_car", "_stay", "_internal", "_wished", "_nth", "_window_ends", "_alert")
def visits(draw: Draw) -> Made:
    """Each visit's car (a local row), its stay in stock or -1 if an owner brings it, when it is
    wished, which one of its window it is, and the alert (a local row, -1 of none) that brings it;
    dealer by dealer in the order of the wishes."""
    counts = draw.counts["repair_order"]
    stock, owned = _in_stock(draw), _owned(draw)
    inside = _internal(draw, counts, stock, owned)
    first, u = np.cumsum(counts) - counts, draw.u("wish")
    parts = [
        _placed(draw, stock, inside, u=u, first=first, inside=True),
        _placed(draw, owned, counts - inside, u=u, first=first + inside, inside=False),
    ]
    parts[1], alert = _because_of_alerts(draw, parts[1], owned, first + inside)
    dealer, car, stay, wished, nth, ends = (
        np.concatenate([part[at] for part in parts]) for at in range(len(parts[0]))
    )
    alert = np.concatenate([np.full(len(parts[0][0]), -1), alert])
    order = np.lexsort((car, wished, dealer))
    return {
        "_car": car[order],
        "_stay": stay[order],
        "_internal": stay[order] >= 0,
        "_wished": wished[order],
        "_nth": nth[order],
        "_window_ends": ends[order],
        "_alert": alert[order],
    }


def _because_of_alerts(
    draw: Draw, usual: Visits, owned: Windows, first: Rows
) -> tuple[Visits, Rows]:
    """Owners' visits, some of which alerts bring, and the alerts; ``first`` (dealers,) are the
    rows of the dealers' first ones."""
    dealer, car, stay, wished, nth, ends = usual
    none = np.full(len(car), -1, dtype=np.int64)
    luck = draw.u("gives_way")[first[dealer] + place_in_group(dealer)]
    windows = Coming(owned.dealer, owned.car, owned.begin, owned.end, none)
    found = alerted(
        draw, Coming(dealer, car, wished, ends, none), windows, last=_last_open(draw), luck=luck
    )
    return (dealer, found.car, stay, found.wished, nth, found.ends), found.alert


def _internal(draw: Draw, counts: Rows, stock: Windows, owned: Windows) -> Rows:
    """How many of each dealer's orders are for its own stock."""
    cars = np.bincount(stock.dealer, minlength=len(counts))
    others = np.bincount(owned.dealer, minlength=len(counts))
    share = float(draw.figures["ro_count_mix"]["internal"])
    wanted = np.rint(counts * share).astype(np.int64)
    wanted = np.minimum(wanted, cars * int(draw.figures["internal_orders_most"]))
    wanted = np.where(others == 0, counts, wanted)
    return np.asarray(np.where(cars == 0, 0, wanted))


def _in_stock(draw: Draw) -> Windows:
    """From when a car comes into stock, within the span, until it is handed over or auctioned."""
    stays, dealers = draw.frames["inventory_vehicle"], draw.frames["dealer"]
    cars = draw.frames["vehicle"]
    first, last = (day.astype("datetime64[ms]") for day in span(draw))
    begin = np.maximum(
        stays["_stocked"] + int(draw.figures["hours_until_looked_at"]) * 60 * MINUTE, first
    )
    end = np.where(stays["_sold"], stays["delivered_date_time"], last + DAY)
    auctioned = stays["_left"] - int(draw.figures["days_idle_before_auction"]) * DAY
    end = np.where(stays["_gone"], auctioned, end)
    end = np.minimum(end, last + DAY)
    some = (end - begin > 2 * 60 * MINUTE) & ~stays["_away"]
    some &= ~stays["_gone"] | (end - begin > int(draw.figures["days_worth_working"]) * DAY)
    some &= begin < _last_open(draw)[stays["_dealer"] - dealers.start]
    rows = np.flatnonzero(some)
    weight = np.where(stays["_new"], *draw.figures["internal_weight_new_used"])
    left, had = draw.figures["internal_at_ends"]
    part = np.where(stays["_stocked"] < first, left, 1.0)
    part = part * np.where(stays["_sold"] | stays["_gone"], 1.0, had)
    weight = (
        weight * part * np.minimum((end - begin) / DAY / draw.figures["internal_full_days"], 1.0)
    )
    return Windows(
        (stays["_dealer"] - dealers.start)[rows],
        (stays["_vehicle_key"] - cars.start)[rows],
        rows,
        begin[rows],
        end[rows],
        weight[rows].astype(np.float64),
    )


def _last_open(draw: Draw) -> Moments:
    """The beginning of the last day on which each dealer's workshop works."""
    there = bench(draw).there.sum(axis=1)
    last = there.shape[1] - 1 - np.argmax(there[:, ::-1] > 0, axis=1)
    return np.asarray((span(draw)[0] + last * DAY).astype("datetime64[ms]"))


def _owned(draw: Draw) -> Windows:
    """Visitors since they first came, more of whom leave than come; cars that were sold here from
    some days after, if their owners come back, in the place of those who left."""
    cars, stays, dealers = (draw.frames[n] for n in ("vehicle", "inventory_vehicle", "dealer"))
    figures = draw.figures
    first, last = (day.astype("datetime64[ms]") for day in span(draw))
    end_of_span = last + DAY
    visitor = np.flatnonzero(cars["_visitor"])
    came = np.maximum(cars["_came"].astype("datetime64[ms]")[visitor], first)
    sold = np.flatnonzero(stays["_sold"])
    car = stays["_vehicle_key"][sold] - cars.start
    since = stays["delivered_date_time"][sold] + int(figures["days_to_first_visit"]) * DAY
    again = np.concatenate([stays["_stocked"], [end_of_span]])
    next_ = _next_stay(stays["_vehicle_key"] - cars.start, stays["_stocked"])[sold]
    # who brings a car back has left it some days before it is stocked
    until = np.minimum(again[next_] - int(figures["days_left_before_stock"]) * DAY, end_of_span)
    rows = np.concatenate([visitor, car])
    gone = _luck(draw, visitor, "goes") / float(figures["visitors_gone_share"])
    goes = came + ((end_of_span - came) * np.minimum(gone, 1.0)).astype("timedelta64[ms]")
    begin, end = np.concatenate([came, since]), np.concatenate([goes, until])
    back = np.concatenate([np.ones(len(visitor)), np.full(len(sold), figures["sold_cars_back"])])
    dealer = np.concatenate([cars["_dealer"][visitor], stays["_dealer"][sold]]) - dealers.start
    days = (end - begin) / DAY
    some = np.flatnonzero(days > np.where(np.arange(len(rows)) < len(visitor), 0, 3))
    made = cars["production_date"][rows].astype("datetime64[ms]")
    years = np.maximum((begin - made) / DAY / 365.25, 0)
    weight = days * back * (1 + float(figures["visits_more_a_year_of_age"]) * years)
    weight = weight * np.exp(
        float(figures["visits_spread"]) * (_keen(draw, rows, visitor, sold) - 0.5)
    )
    return Windows(
        dealer[some], rows[some], np.full(len(some), -1), begin[some], end[some], weight[some]
    )


def _keen(draw: Draw, rows: Rows, visitor: Rows, sold: Rows) -> Floats:
    """How keen the owners of these cars are, from 0 to 1: those of cars that only the workshop
    knows, then the buyers of stays that were sold."""
    customers, deals = draw.frames["customer"], draw.frames["deal"]
    buyer = draw.frames["inventory_vehicle"]["_deal"][sold]
    owner = draw.frames["vehicle"]["_visitor_customer"][visitor]
    if len(sold):
        owner = np.concatenate([owner, deals["_customer_key"][buyer]])
    own = owner - customers.start
    return uniform(
        leaned(
            _luck(draw, rows, "keen"),
            draw.figures["service_leaning"],
            age=customers["_old"][own],
            income=customers["_rich"][own],
            thrift=customers["_thrift"][own],
        )
    )


def _luck(draw: Draw, rows: Rows, name: str) -> Floats:
    """A number of the cars of these rows, the same wherever they are asked about."""
    cars = draw.frames["vehicle"]
    u = draw.stream(name).uniform(cars.start, cars.start + cars.rows)
    return u[rows]


def _next_stay(car: Rows, stocked: Moments) -> Rows:
    """The stay of the same car that follows each one; one past the last where there is none."""
    order = np.lexsort((stocked, car))
    found = np.full(len(car), len(car))
    same = car[order][1:] == car[order][:-1]
    found[order[:-1][same]] = order[1:][same]
    return found


def _placed(
    draw: Draw, windows: Windows, counts: Rows, *, u: Floats, first: Rows, inside: bool
) -> Visits:
    """Dealer, car, stay, wish, number and end of the window of each of ``counts`` visits; those of
    a dealer take the uniforms from ``first`` on."""
    order = np.lexsort((windows.car, windows.dealer))
    windows = windows.taken(order)
    each = shared(windows.dealer, windows.weight, counts)
    row = np.repeat(np.arange(len(each)), each)
    nth, many, dealer = place_in_group(row), each[row], windows.dealer[row]
    own = u[first[dealer] + place_in_group(dealer)]
    low, high = draw.figures["wish_place"]
    begin, end = windows.begin[row], windows.end[row]
    low, high = np.where(nth > 0, low, 0.0), np.where(nth < many - 1, high, 1.0)
    share = (nth + low + (high - low) * own) / many
    if inside:
        share = _around_stay(draw, windows.stay[row], begin, end, nth, many, share, own)
    wished = begin + ((end - begin).astype(np.int64) * share).astype("timedelta64[ms]")
    wished = _not_when_closed(draw, wished, end, own)
    return dealer, windows.car[row], windows.stay[row], wished, nth, end


def _not_when_closed(draw: Draw, wished: Moments, end: Moments, u: Floats) -> Moments:
    """Who thinks of it on a day that the workshop is closed comes on one of the next days: not all
    on Mondays."""
    day = wished.astype("datetime64[D]")
    closed = next_open(day, "workshop") > day
    days = 1 + np.floor((u * len(u)) % 1 * draw.figures["closed_day_spread"]).astype(np.int64)
    later = wished + days * DAY
    return np.where(closed & (later < end), later, wished)


def _around_stay(
    draw: Draw,
    stay: Rows,
    begin: Moments,
    end: Moments,
    nth: Rows,
    many: Rows,
    share: Floats,
    u: Floats,
) -> Floats:
    """Inspected in the first days, made ready in the first weeks, prepared when it is about to be
    handed over; what more there is lies between."""
    stays, figures = draw.frames["inventory_vehicle"], draw.figures
    days = np.maximum((end - begin) / DAY, 0.01)
    came = stays["_stocked"][stay] >= begin
    soon = figures["days_to_inspect"] * u / days
    later = (figures["days_to_inspect"] + figures["days_to_ready"] * u) / days
    share = np.where(came & (nth == 0), soon, np.where(came & (nth == 1), later, share))
    last = stays["_sold"][stay] & (nth == many - 1) & (nth > 0)
    return np.asarray(np.where(last, 1 - 1e-6, np.clip(share, 0.01, 1 - 0.01)))


def shared(group: Rows, weight: Floats, counts: Rows) -> Rows:
    """``counts`` (groups,) shared over the rows of each group by weight, exactly; rows lie group
    by group."""
    total = np.bincount(group, weights=weight, minlength=len(counts))
    upto = np.cumsum(weight)
    before = (np.cumsum(total) - total)[group]
    share = np.clip((upto - before) / np.maximum(total[group], 1e-12), 0.0, 1.0)
    last = np.append(group[1:] != group[:-1], True)[: len(group)]
    edges = np.where(last, counts[group], np.floor(share * counts[group] + 0.5)).astype(np.int64)
    edges = np.minimum(edges, counts[group])
    each = np.diff(edges, prepend=0)
    begins = np.append(True, group[1:] != group[:-1])[: len(group)]
    found: Rows = np.where(begins, edges, each)
    return found
