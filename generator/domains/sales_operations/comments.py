"""What is noted on a lead: what was asked for, by its source, and how it ended once it has."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generator.domains.graph import Draw, Made, drawn
from generator.domains.service.words import miles
from generator.frame import Coded
from generator.narrative import Grammar, Slips, slipped

KNOWN = ("car", "new", "used")


@drawn("lead_comments", "_asked")
def comments(draw: Draw) -> Made:
    """Nothing for some; ``_asked`` is what is noted until the lead is over."""
    specs, staff = draw.frames["vehicle_specification"], draw.frames["staff_member"]
    row = draw["_interest_specification_key"]
    there = np.maximum(row, 0)
    model, make = specs.text("model"), _makes(draw)
    whole = specs["model_year"].astype(str).astype(object) + " " + specs.text("make") + " " + model
    party = draw.frames["party"]
    seller = staff["_party_key"][draw["_assigned_staff_member_key"] - staff.start] - party.start
    dollars = np.rint(specs["base_msrp"][there] / 10_000).astype(np.int64) * 100
    fields = {
        "car": np.where(row >= 0, whole[there], make).astype(object),
        "model": np.where(row >= 0, model[there], make).astype(object),
        "make": make,
        "price": "$" + miles(dollars),
        "me": party.text("given_name")[seller],
    }
    state = draw["interest_product_state_type"]
    new = np.array([label == "NEW" for label in state.labels])[state.codes]
    known = np.where(row >= 0, 0, np.where(new, 1, 2)).astype(np.int32)
    labels = {
        "known": Coded(known, KNOWN),
        "source": draw["lead_source_type"],
        "status": draw["lead_status_type"],
    }
    seeds = draw.stream("comment").bits(draw.frame.start, draw.frame.start + draw.n)
    slips, grammar = Slips(**draw.figures["contact_slips"]), Grammar.named("contacts")
    hurried = slips.hurried(seeds)
    asked = grammar.written("comment", seeds, fields=fields, labels=labels, hurried=hurried)
    asked = slipped(asked, seeds, slips)
    ended = grammar.written("ending", seeds, fields=fields, labels=labels, hurried=hurried)
    tells = ~draw.frame.missing("close_date_time") & (draw.u("ended") < draw.figures["ended_share"])
    silent = draw.u("lead_comments") >= draw.figures["commented_share"]
    return {
        "lead_comments": (np.where(tells, asked + ended, asked).astype(object), silent),
        "_asked": asked,
    }


def _makes(draw: Draw) -> NDArray[np.object_]:
    dealers = draw.frames["dealer"]
    return np.asarray(dealers.text("primary_make")[draw["_dealer"] - dealers.start])
