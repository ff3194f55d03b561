"""The platform's own profile, built in."""

from __future__ import annotations

import hashlib
import json
from functools import cache

from generator.domains.finance.domain import DOMAIN as FINANCE
from generator.domains.graph import Platform
from generator.domains.human_resources.domain import DOMAIN as HUMAN_RESOURCES
from generator.domains.marketing_loyalty.domain import DOMAIN as MARKETING_LOYALTY
from generator.domains.party_identity.domain import DOMAIN as PARTY_IDENTITY
from generator.domains.payment.domain import DOMAIN as PAYMENT
from generator.domains.sales_operations.domain import DOMAIN as SALES_OPERATIONS
from generator.domains.telematics_vehicle_events.domain import DOMAIN as TELEMATICS_VEHICLE_EVENTS
from generator.domains.vehicle_asset_mgt.domain import DOMAIN as VEHICLE_ASSET_MGT
from generator.domains.world import PlatformWorld
from generator.leaves.figures import figures
from generator.profile import Profile, Reference, Source

VERSION = "1"
PLATFORM = Platform(
    (
        PARTY_IDENTITY,
        HUMAN_RESOURCES,
        VEHICLE_ASSET_MGT,
        MARKETING_LOYALTY,
        SALES_OPERATIONS,
        FINANCE,
        PAYMENT,
        TELEMATICS_VEHICLE_EVENTS,
    )
)


@cache
def automotive() -> Profile:
    return profile_of(PLATFORM)


def profile_of(platform: Platform) -> Profile:
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
    content = json.dumps(documents, sort_keys=True, default=str) + json.dumps(
        platform.schema.to_dict()
    )
    return Profile(
        name="automotive",
        version=VERSION,
        title="Automotive retail, United States",
        kind="builtin",
        schema=platform.schema,
        world=PlatformWorld(platform, figures()),
        rules=platform.rules,
        references=references,
        sources=tuple(sources.values()),
        hash=hashlib.sha256(content.encode()).hexdigest(),
        meaning={domain.name: domain.meaning for domain in platform.domains},
    )
