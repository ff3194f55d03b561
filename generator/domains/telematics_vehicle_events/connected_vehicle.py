"""Connected cars: which cars report, with whose consent, over which time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generator.domains.calendar import clocks_of, horizon, span
from generator.domains.columns import decimal, enum, flag, integer, moment, text
from generator.domains.counts import Given, Noun, each, limits
from generator.domains.graph import Declaration, Draw, Made, derived, drawn, keyed, link
from generator.domains.groups import evened
from generator.domains.keys import numbered
from generator.domains.lives import Track
from generator.domains.subscriptions.subscription_plan import FIRST
from generator.domains.telematics_vehicle_events.connected_vehicle_state import known, left_at
from generator.domains.telematics_vehicle_events.haunts import haunts_of, miles_between
from generator.domains.telematics_vehicle_events.levels import Levels, levels_of
from generator.domains.telematics_vehicle_events.trips import trips_of
from generator.frame import Coded, Frame
from generator.schema import Link, Table
from generator.streams import apportion

TABLE = Table(
    "connected_vehicle",
    domain="telematics_vehicle_events",
    meaning="Connected state (vehicle_state) of a VIN",
    key="connected_vehicle_key",
    columns=(
        text("connected_vehicle_key", 50, unique=True),
        text("vehicle_key", 50, "unique"),
        text("device_identifier", 40, unique=True, personal="device_id"),
        enum("connected_status_type", "ConnectedVehicleStatusTypes"),
        enum("ignition_status_type", "IgnitionStatusTypes"),
        integer("current_odometer"),
        decimal("fuel_level_pct", 5, 2, nullable=True),
        decimal("battery_state_of_charge_pct", 5, 2, nullable=True),
        decimal("current_latitude", 9, 6, personal="geolocation"),
        decimal("current_longitude", 9, 6, personal="geolocation"),
        flag("data_sharing_consent_indicator"),
        text("software_version", 20),
        moment("last_heartbeat_date_time"),
    ),
    links=(Link("vehicle_key", "vehicle", "vehicle_key", "parent", unique=True),),
)


DAY = np.timedelta64(1, "D")
HOUR = np.timedelta64(1, "h")
NEVER = np.datetime64("2199-01-01", "ms")


@link("vehicle_key", "_vehicle_key", "_local", "_dealer")
def _vehicle(draw: Draw) -> Made:
    """Cars that have been delivered come first, then cars in stock; the other way round where no
    owner has an agreement to send anything."""
    vehicles, start = draw.frames["vehicle"], draw.frames["dealer"].start
    agreed = draw.counts["subscription_agreement"] > 0
    local = _chosen(vehicles, draw.counts[TABLE.name], start, agreed)
    rows = local + vehicles.start
    return {
        "vehicle_key": draw.key("vehicle", rows),
        "_vehicle_key": rows,
        "_local": local,
        "_dealer": vehicles["_dealer"][local],
    }


def _chosen(
    vehicles: Frame, counts: NDArray[np.int64], start: int, agreed: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """Local vehicle rows, ``counts`` of each dealer from the dealer ``start`` on: those of
    customers before those in stock, before those gone to auction, in row order."""
    dealer, status = vehicles["_dealer"], vehicles.text("vehicle_status_type")
    of_customer = status == "SOLD"
    later = np.where(agreed[dealer - start], ~of_customer, of_customer)
    later = np.where(status == "DISPOSED", 2, later)
    order = np.lexsort((np.arange(len(dealer)), later, dealer))
    first = np.searchsorted(dealer[order], np.unique(dealer))
    rank = np.arange(len(dealer)) - np.repeat(first, np.diff(np.append(first, len(dealer))))
    wanted = counts[dealer[order] - start]
    kept: NDArray[np.int64] = np.sort(order[rank < wanted])
    return kept


@derived("device_identifier")
def _device(draw: Draw) -> Made:
    return {"device_identifier": numbered("TCU", draw["_vehicle_key"] * 7 + 10_000_019, 12)}


@drawn("data_sharing_consent_indicator", "software_version", "_location_consent")
def _consent(draw: Draw) -> Made:
    consent = draw.u("consent") < draw.figures["data_sharing_consent_share"]
    # one car of each dealer always shares, so that a dealer's events have somewhere to go
    consent |= np.append(True, draw["_dealer"][1:] != draw["_dealer"][:-1])[: draw.n]
    return {
        "data_sharing_consent_indicator": consent,
        "software_version": draw.leaf("connected_vehicle.software_version"),
        "_location_consent": draw.u("location") < draw.figures["location_consent_share"],
    }


@derived("_entitled", "_until")
def _entitled(draw: Draw) -> Made:
    """Who may send: cars in stock, and those whose owners have an agreement about connected data,
    until that is over (R097)."""
    vehicles, agreements = draw.frames["vehicle"], draw.frames["subscription_agreement"]
    until = np.full(vehicles.rows, NEVER)
    agreed = np.zeros(vehicles.rows, dtype=bool)
    mine = np.flatnonzero(agreements["_plan"] == FIRST)
    at = agreements["_vehicle_key"][mine] - vehicles.start
    agreed[at] = True
    until[at] = agreements["_over"][mine]
    own = draw["_local"]
    return {
        "_entitled": agreed[own] | ~vehicles["_sold"][own],
        "_until": np.where(agreed[own], until[own], NEVER),
    }


@derived("_window_start", "_window_stop", "_since")
def _window(draw: Draw) -> Made:
    """From the later of the span's start and the moment since which the car is where it is, as
    long as its agreement lasts."""
    first, last = (day.astype("datetime64[ms]") for day in span(draw))
    since = draw.frames["vehicle"]["_stay"].since(draw["_local"], np.full(draw.n, horizon(draw)))
    stop = last + DAY - 2 * HOUR
    # a car delivered on the last day still has some hours to report from
    start = np.minimum(np.maximum(since + HOUR, first), stop - 6 * HOUR)
    return {
        "_window_start": start.astype("datetime64[ms]"),
        "_window_stop": np.maximum(np.minimum(stop, draw["_until"] - 2 * HOUR), start + 6 * HOUR),
        "_since": since,
    }


@derived("current_odometer", "_odometer_start", "_odometer_stop")
def _odometer(draw: Draw) -> Made:
    """The car's latest reading, and those when its window opened and closed; of cars without
    consent the platform knows the reading from when they came to be where they are."""
    vehicles, car = draw.frames["vehicle"], draw["_local"]
    reading = vehicles["_odometer_of_stays"]
    known = np.floor(reading.line(car, draw["_since"])).astype(np.int64)
    shares = draw["data_sharing_consent_indicator"]
    return {
        "current_odometer": np.where(shares, vehicles["odometer"][car], known),
        "_odometer_start": reading.line(car, draw["_window_start"]),
        "_odometer_stop": reading.line(car, draw["_window_stop"]),
    }


@derived("_electric", "_plugin", "_thirst", "_drain")
def _engine(draw: Draw) -> Made:
    """What a mile takes of tank and battery, in per cent, by what the car is."""
    specification = draw.frames["vehicle"]["_specification"][draw["_local"]]
    train = draw.frames["vehicle_specification"].text("power_train_type")[specification]
    train = train.astype(str)
    truck, figures = _light_truck(draw), draw.figures
    electric, plugin = np.isin(train, ["BEV", "FCEV"]), np.isin(train, ["BEV", "PHEV"])
    kind = np.where(np.isin(train, ["HEV", "PHEV", "MHEV"]), train, "ICE")
    body = np.where(truck, "truck", "car")
    mpg = np.array([figures["mpg"][b][k] for b, k in zip(body, kind, strict=True)])
    gallons = np.where(truck, figures["tank_gallons"]["truck"], figures["tank_gallons"]["car"])
    reach = np.where(electric, figures["battery_miles"]["BEV"], figures["battery_miles"]["PHEV"])
    return {
        "_electric": electric,
        "_plugin": plugin,
        "_thirst": 100 / (mpg * gallons),
        "_drain": 100 / reach,
    }


@derived("fuel_level_pct", "battery_state_of_charge_pct")
def _levels(draw: Draw) -> Made:
    return left_at(draw, horizon(draw))


@derived("current_latitude", "current_longitude", "_latitude", "_longitude", "_clock")
def _position(draw: Draw) -> Made:
    """A car sleeps at its owner's address; where owners do not say where they are, it was seen at
    the dealer last."""
    vehicles, dealers = draw.frames["vehicle"], draw.frames["dealer"]
    moment = np.full(draw.n, horizon(draw))
    owner = vehicles["_owner"].step(draw["_local"], moment)
    dealer = dealers["_party_key"][draw["_dealer"] - dealers.start]
    seen = draw["data_sharing_consent_indicator"] & draw["_location_consent"] & (owner >= 0)
    parties, addresses = draw.frames["party"], draw.frames["party_address"]
    home = parties["_address"].step(np.where(seen, owner, dealer) - parties.start, moment)
    at = home - addresses.start
    latitude, longitude = (addresses[name][at] for name in ("latitude", "longitude"))
    return {
        "current_latitude": latitude,
        "current_longitude": longitude,
        "_latitude": latitude / 1e6,
        "_longitude": longitude / 1e6,
        "_clock": clocks_of(draw, draw["_dealer"]),
    }


@drawn("_haunts_north", "_haunts_east", "_dealer_north", "_dealer_east")
def _haunts(draw: Draw) -> Made:
    """Where the car comes back to, and its dealer where that is near enough."""
    dealers = draw.frames["dealer"]
    addresses, parties = draw.frames["party_address"], draw.frames["party"]
    moment = np.full(draw.n, horizon(draw))
    party = dealers["_party_key"][draw["_dealer"] - dealers.start]
    at = parties["_address"].step(party - parties.start, moment) - addresses.start
    north, east = miles_between(
        draw["_latitude"],
        draw["_longitude"],
        addresses["latitude"][at] / 1e6,
        addresses["longitude"][at] / 1e6,
    )
    miles = draw["_odometer_stop"] - draw["_odometer_start"]
    reach = draw.figures["dealer_reach"]
    far = np.hypot(north, east)
    there = (far >= reach["least_miles"]) & (far <= reach["most_miles"])
    there &= miles > far * reach["miles_driven"]
    up, right = haunts_of(draw, there)
    return {
        "_haunts_north": up,
        "_haunts_east": right,
        "_dealer_north": np.where(there, north, 0.0),
        "_dealer_east": np.where(there, east, 0.0),
    }


@drawn("_commuter", "_active", "_habit", "_phases", "_temper")
def _habits(draw: Draw) -> Made:
    """Some drive to work every weekday, some not even every week day; ``_phases`` say how full
    the car's stores are when its window opens."""
    share, u = draw.figures["irregular_share"], draw.u("regular")
    low, high = draw.figures["irregular_days_share"]
    irregular = u < share
    sold = draw.frames["vehicle"]["_sold"][draw["_local"]]
    commutes = draw.u("commutes") < draw.figures["commuter_share"]
    return {
        "_commuter": commutes & ~irregular & sold,
        "_active": np.where(irregular, low + (high - low) * u / share, 1.0),
        "_habit": draw.u("habit"),
        "_phases": draw.u("phases", each=4).reshape(-1, 4),
        "_temper": draw.leaf("driver_temper"),
    }


@drawn("_trips")
def _trips(draw: Draw) -> Made:
    return {"_trips": trips_of(draw)}


@derived("_road")
def _road(draw: Draw) -> Made:
    """A track of the odometer within the window: on while a trip lasts, evenly between them."""
    trips = draw["_trips"]
    own = 2 * np.diff(trips.first_trip) + 2
    first = np.concatenate([[0], np.cumsum(own)])
    at, value = np.empty(first[-1], dtype=np.int64), np.empty(first[-1])
    begin = first[trips.car] + 1 + 2 * trips.number
    ends = (first[:-1], first[1:] - 1)
    for places, moments, miles in (
        (ends[0], draw["_window_start"].astype("i8"), draw["_odometer_start"]),
        (begin, trips.start, trips.odometer),
        (begin + 1, trips.stop, trips.odometer + trips.miles),
        (ends[1], draw["_window_stop"].astype("i8"), draw["_odometer_stop"]),
    ):
        at[places], value[places] = moments, miles
    return {"_road": Track(first, at, value)}


@derived("_levels")
def _levels_of_trips(draw: Draw) -> Made:
    levels: Levels = levels_of(draw)
    return {"_levels": levels}


@drawn(
    "connected_status_type",
    "ignition_status_type",
    "_tyre_psi",
    "_weight",
)
def _states(draw: Draw) -> Made:
    """Cars on line may be on the road; those out of reach were heard of days ago, those without
    consent when they were handed over."""
    status = draw.leaf("connected_vehicle.connected_status_type")
    labels = (*status.labels, *(["OPTED_OUT"] if "OPTED_OUT" not in status.labels else []))
    shares = draw["data_sharing_consent_indicator"]
    codes = np.where(shares, status.codes, labels.index("OPTED_OUT")).astype(np.int32)
    online = codes == labels.index("ONLINE")
    driven = online & (draw.u("ignition") < draw.figures["driving_share_online"])
    light = draw.figures["light_truck_placard_psi"]
    base = np.where(_light_truck(draw), light, draw.figures["car_placard_psi"])
    activity = draw.leaf("activity") * (shares & draw["_entitled"])
    miles = draw["_odometer_stop"] - draw["_odometer_start"]
    weight = activity * np.maximum(miles, draw.figures["least_window_miles"])
    # by weight, so that the readings have the share of the cars, however few cars there are
    place = evened(draw.u("tyre_slack"), shares, weight=1 + weight.astype(np.int64))
    slack = place < draw.figures["tyre_underinflated_share"]
    low, high = draw.figures["tyre_slack"]
    lost = low + (high - low) * draw.u("tyre_lost")
    apart = draw.figures["tyre_spread_psi"] * (draw.u("tyre_psi") - 0.5)
    psi = base + apart - np.where(slack, lost * base, 0)
    return {
        "connected_status_type": Coded(codes, labels),
        "ignition_status_type": Coded(driven.astype(np.int32), ("OFF", "ON")),
        "_tyre_psi": psi,
        "_weight": weight,
    }


@drawn("last_heartbeat_date_time")
def _heartbeats(draw: Draw) -> Made:
    """Of the last hour, but for cars that are offline or do not share; after the last trip."""
    ends, begins, trips = draw["_window_stop"] + HOUR, draw["_since"], draw["_trips"]
    status, shares = draw["connected_status_type"], draw["data_sharing_consent_indicator"]
    offline = status.codes == status.labels.index("OFFLINE")
    u = draw.u("heartbeat")
    lately = ends + (u * 60).astype("timedelta64[m]")
    silent = float(draw.figures["silent_share"])
    gone = ends - (np.maximum((ends - begins) // HOUR, 0) * silent * u).astype("timedelta64[h]")
    if len(trips.car):
        last = trips.last(horizon(draw))
        drove = trips.stop[np.maximum(last, 0)].view("datetime64[ms]")
        gone = np.where(last >= 0, np.maximum(gone, drove + HOUR), gone)
    handed = np.minimum(begins + (u * 60).astype("timedelta64[m]"), ends)
    heard = np.where(~shares, handed, np.where(offline, np.minimum(gone, lately), lately))
    return {"last_heartbeat_date_time": heard}


def _light_truck(draw: Draw) -> NDArray[np.bool_]:
    specification = draw.frames["vehicle"]["_specification"][draw["_local"]]
    found: NDArray[np.bool_] = draw.frames["vehicle_specification"]["_light_truck"][specification]
    return found


@derived("_events", "_first_event")
def _events(draw: Draw) -> Made:
    """The exact events of a dealer over its cars, by activity; cars of weight 0 have none."""
    events = np.zeros(draw.n, dtype=np.int64)
    first = draw.frames["dealer"].start
    for dealer, total in enumerate(draw.counts["vehicle_telemetry_event"]):
        rows = draw["_dealer"] == dealer + first
        if rows.any():
            events[rows] = apportion(draw["_weight"][rows], int(total))
    begin = draw.starts["vehicle_telemetry_event"] + np.cumsum(events) - events
    return {"_events": events, "_first_event": begin}


def _connected(given: Given) -> float:
    vehicles = given["stay_cars"]
    return max(vehicles * float(given.figures["connected_share"]), min(1, vehicles))


COUNT = each(
    "vehicle",
    Noun("connected car", "connected cars"),
    most=1,
    rule="A connected car is a vehicle of its own",
    typical=_connected,
    why=lambda given: f"{given.figures['connected_share']:.0%} of the cars in stock or sold",
    back=limits(1.25),
)


CONNECTED_VEHICLE = Declaration(
    TABLE,
    prefix="CV",
    count=COUNT,
    makers=(
        keyed(TABLE),
        _vehicle,
        _device,
        _consent,
        _entitled,
        _window,
        _odometer,
        _engine,
        _levels,
        _position,
        _haunts,
        _habits,
        _trips,
        _road,
        _levels_of_trips,
        _states,
        _heartbeats,
        _events,
    ),
    born="_since",
    known=known,
)
