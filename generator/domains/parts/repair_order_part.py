"""``repair_order_part``: parts issued to lines of repair orders.

An operation takes certain parts; the number that fits depends on the make and model of the car.
Where more are to be issued than operations take, jobs take supplies too; where fewer, those with
most do without.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generator.domains.calendar import clocks_of, end_of, span
from generator.domains.columns import decimal, enum, integer, moment, text
from generator.domains.counts import Noun, asks, each
from generator.domains.graph import Declaration, Draw, Made, drawn, keyed, link
from generator.domains.groups import place_in_group, round_half_up
from generator.domains.parts.exact import settled
from generator.domains.parts.fitting import MOST_PARTS, Takes, any_job, fits
from generator.domains.parts.part_master import priced
from generator.domains.parts.repair_order_part_rules import RULES
from generator.domains.parts.special_order import in_hours
from generator.domains.payment.dates import between, later
from generator.frame import Coded
from generator.schema import Link, Table

TABLE = Table(
    "repair_order_part",
    domain="parts",
    meaning="Part issued to a job",
    key="repair_order_part_key",
    columns=(
        text("repair_order_part_key", 50, unique=True),
        text("repair_order_line_key", 50),
        text("part_master_key", 50),
        integer("quantity"),
        decimal("unit_cost", 10, 2),
        decimal("unit_price", 10, 2),
        decimal("extended_amount", 12, 2, "= quantity * unit_price"),
        enum("part_status_type", "PartStatusTypes", "ALLOCATE_TO_JOB .. INSTALLED"),
        moment("issued_date_time"),
    ),
    links=(
        Link("repair_order_line_key", "repair_order_line", "repair_order_line_key", "parent"),
        Link("part_master_key", "part_master", "part_master_key", "lookup"),
    ),
)

Integers = NDArray[np.int64]


@link("repair_order_line_key", "_line", "_dealer", "_family", "quantity")
def _lines(draw: Draw) -> Made:
    """The parts an operation takes, in its order; then what any job takes."""
    lines = draw.frames["repair_order_line"]
    operations = draw.frames["labor_operation"].text("operation_code")
    takes = Takes.of([str(code) for code in operations])
    operation = lines["_operation"]
    first = lines.start * MOST_PARTS
    u = draw.stream("taken").uniform(first, first + lines.rows * MOST_PARTS)
    taken = u.reshape(-1, MOST_PARTS) < takes.share[operation]
    local = lines["_dealer"] - draw.frames["dealer"].start
    counts = settled(taken.sum(axis=1), local, draw.counts[TABLE.name], least=0, most=MOST_PARTS)
    line = np.repeat(np.arange(lines.rows), counts)
    place = place_in_group(line)
    # The taken ones come first in each row, in their order; any others follow.
    turn = np.argsort(~taken, axis=1, kind="stable")[line, place]
    own = place < taken.sum(axis=1)[line]
    general = np.array(any_job())[place]
    return {
        "repair_order_line_key": draw.key("repair_order_line", line + lines.start),
        "_line": line,
        "_dealer": lines["_dealer"][line],
        "_family": np.where(own, takes.family[operation[line], turn], general),
        "quantity": np.where(own, takes.pieces[operation[line], turn], 1),
    }


@link("part_master_key", "_part")
def _parts(draw: Draw) -> Made:
    lines, orders = draw.frames["repair_order_line"], draw.frames["repair_order"]
    order = lines["_order"][draw["_line"]]
    car = draw.frames["vehicle"]["_specification"][orders["_car"][order]]
    cars = draw.frames["vehicle_specification"]
    part = fits(draw.frames["part_master"], draw["_family"], car, cars)
    return {"part_master_key": draw.key("part_master", part), "_part": part}


@drawn("issued_date_time", "part_status_type", "_installed", "_core_back")
def _issued(draw: Draw) -> Made:
    """While the job is worked on; at its end where it waited for parts.  What has a core is sent
    back some days later."""
    lines, orders = draw.frames["repair_order_line"], draw.frames["repair_order"]
    order = lines["_order"][draw["_line"]]
    opened, done = orders["opened_date_time"][order], orders["completed_date_time"][order]
    late, soon = draw.leaf("issue_share_held"), draw.leaf("issue_share")
    wished = between(opened, done, np.where(orders["_held"][order], late, soon))
    clocks = clocks_of(draw, draw["_dealer"])
    issued = in_hours(wished, done, clocks, draw.u("in_hours"))
    # What is begun in the span is picked in it, so that all parts that were asked for are there.
    issued = np.minimum(issued, end_of(span(draw)[1]))
    installed = between(issued, done, draw.u("installed"))
    core = ~draw.frames["part_master"].missing("core_charge_amount")[draw["_part"]]
    back = later(done, draw.leaf("core_days"))
    return {
        "issued_date_time": issued,
        "part_status_type": Coded(core.astype(np.int32), STATES),
        "_installed": installed,
        "_core_back": np.where(core, back, np.datetime64("NaT")),
    }


STATES = ("INSTALLED", "CORE_RECEIVED", "CORE_PENDING", "ISSUE_TO_TECH")


def known(draw: Draw, at: np.datetime64) -> Made:
    """Issued, then installed; a core is pending until it is back."""
    core = ~np.isnat(draw["_core_back"])
    code = np.select([draw["_installed"] > at, core & (draw["_core_back"] > at)], [3, 2], core)
    return {"part_status_type": Coded(code.astype(np.int32), STATES)}


@drawn("unit_cost", "unit_price", "extended_amount")
def _money(draw: Draw) -> Made:
    """At the price of the day: makers pay for warranty work what leaves the dealer the agreed
    gross, everybody else the list price."""
    pay = draw.frames["repair_order_line"].text("pay_type")[draw["_line"]]
    listed, cost = priced(draw.frames["part_master"], draw["_part"], draw["issued_date_time"])
    agreed = round_half_up(cost / (1 - draw.figures["warranty_parts_gross"]))
    maker = np.isin(pay.astype(str), MAKER_PAYS)
    price = np.where(maker, np.minimum(agreed, listed), listed)
    return {
        "unit_cost": cost,
        "unit_price": price,
        "extended_amount": draw["quantity"] * price,
    }


MAKER_PAYS = ("WARRANTY", "MANUFACTURER")


COUNT = each(
    "repair_order_line",
    Noun("part for a job", "parts for jobs"),
    most=MOST_PARTS,
    rule=f"A line of a repair order takes at most {MOST_PARTS} parts",
    typical=lambda given: given["repair_order_line"] * given.figures["parts_per_line"],
    why=lambda given: f"{given.figures['parts_per_line']:g} a line of a repair order",
    back=asks(1 / 18),
)


REPAIR_ORDER_PART = Declaration(
    TABLE,
    prefix="RP",
    count=COUNT,
    makers=(keyed(TABLE), _lines, _parts, _issued, _money),
    rules=RULES,
    born="issued_date_time",
    known=known,
)
