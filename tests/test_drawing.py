"""Shards drawn in any order, by several at once, from one world that keeps nothing."""

import gc
import threading
import weakref
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa

import generator
from generator.domains.world import DEALERS
from tests.world import drawn, planned


def test_two_threads_draw_their_own_recipes():
    """The world keeps nothing between calls, so neither thread can get the other's rows."""
    plans = [planned({"deal": 40, "vehicle_telemetry_event": 0}, seed=seed) for seed in (3, 4)]
    alone = [drawn(plan)["deal"] for plan in plans]
    world = generator.automotive().world
    begun = threading.Barrier(2)

    def deals(plan):
        drawing = world.open(plan)
        begun.wait()
        parts = [
            rows for shard in plan.shards for name, rows in drawing.draw(shard) if name == "deal"
        ]
        return pa.concat_tables(parts).cast(alone[0].schema)

    with ThreadPoolExecutor(2) as threads:
        for _ in range(3):
            assert list(threads.map(deals, plans)) == alone


def test_what_rows_point_at_is_in_their_shard_or_its_context():
    """For every link of every shard; what leads to a long table, in the pieces of its dealers."""
    plan = planned({"deal": 60, "vehicle_telemetry_event": 120_000})
    profile = generator.automotive()
    drawing = profile.world.open(plan)
    long = {shard.stage for shard in plan.shards} - {DEALERS}
    assert sum(shard.stage in long for shard in plan.shards) > 1
    wanted, there = defaultdict(set), defaultdict(set)
    for shard in plan.shards:
        own = {}
        for name, rows in drawing.draw(shard):
            own.setdefault(name, []).append(rows)
        around = drawing.context(shard)
        for name, parts in own.items():
            for link in profile.schema[name].links:
                keys = set()
                for rows in own.get(link.parent, []):
                    keys.update(rows.column(link.parent_column).to_pylist())
                if link.parent in around:
                    loaded = around[link.parent]([link.parent_column])
                    keys.update(loaded.column(0).to_pylist())
                for rows in parts:
                    found = set(rows.column(link.column).to_pylist()) - {None}
                    if link.parent in long:
                        wanted[shard.group, link.parent, link.parent_column] |= found
                    else:
                        assert found <= keys, link
        for group, name, column in wanted:
            if group == shard.group and name in own:
                for rows in own[name]:
                    there[group, name, column].update(rows.column(column).to_pylist())
    assert wanted
    assert all(found <= there[at] for at, found in wanted.items())


def test_a_piece_is_gone_as_soon_as_nobody_holds_it():
    """Not when Python next looks for circles: memory would grow with the rows until then."""
    plan = planned({"deal": 10, "vehicle_telemetry_event": 2_000})
    drawing = generator.automotive().world.open(plan)
    gc.disable()
    try:
        piece = drawing.piece(plan.shards[-1])
        assert piece.to_arrow().num_rows == 2_000
        gone = weakref.ref(piece)
        del piece
        assert gone() is None
    finally:
        gc.enable()
