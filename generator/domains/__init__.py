"""The platform's own profile, built in."""

from __future__ import annotations

import hashlib
import json
from functools import cache

from generator.domains.table import figures
from generator.domains.world import DECLARATIONS, AutomotiveWorld, schema
from generator.profile import Profile, Reference, Source

VERSION = "1"
MEANING = {
    "party_identity": "People and companies behind every role",
    "vehicle_asset_mgt": "Every VIN, and its stay in stock",
    "sales_operations": "Leads worked into deals",
    "payment": "Credit applications, payment methods, money in",
    "finance": "Invoices that add up and balance with their payments",
    "human_resources": "Who works where, since when, for what pay",
    "marketing_loyalty": "Campaigns and what came back",
    "telematics_vehicle_events": "What connected cars report, trip by trip",
}


@cache
def automotive() -> Profile:
    """The built-in profile: structure in Python, numbers in TOML, every figure with its source."""
    documents = figures().documents
    sources = {
        name: Source(id=name, **entry) for name, entry in documents["sources"]["sources"].items()
    }
    references = tuple(
        Reference(**entry)
        for document in documents.values()
        for entry in document.get("reference", ())
    )
    content = json.dumps(documents, sort_keys=True, default=str) + json.dumps(schema().to_dict())
    return Profile(
        name="automotive",
        version=VERSION,
        title="Automotive retail, United States",
        kind="builtin",
        schema=schema(),
        world=AutomotiveWorld(),
        rules=tuple(rule for declaration in DECLARATIONS for rule in declaration.rules),
        references=references,
        sources=tuple(sources.values()),
        hash=hashlib.sha256(content.encode()).hexdigest(),
        meaning=MEANING,
    )
