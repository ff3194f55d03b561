"""The platform's own profile, built in."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from functools import cache

from generator.calibrated import Calibration
from generator.domains.core.domain import DOMAIN as CORE
from generator.domains.finance.domain import DOMAIN as FINANCE
from generator.domains.graph import Platform
from generator.domains.human_resources.domain import DOMAIN as HUMAN_RESOURCES
from generator.domains.incentives_programs.domain import DOMAIN as INCENTIVES_PROGRAMS
from generator.domains.logistics_fulfillment.domain import DOMAIN as LOGISTICS_FULFILLMENT
from generator.domains.marketing_loyalty.domain import DOMAIN as MARKETING_LOYALTY
from generator.domains.parts.domain import DOMAIN as PARTS
from generator.domains.party_identity.domain import DOMAIN as PARTY_IDENTITY
from generator.domains.payment.domain import DOMAIN as PAYMENT
from generator.domains.sales_operations.domain import DOMAIN as SALES_OPERATIONS
from generator.domains.service.domain import DOMAIN as SERVICE
from generator.domains.subscriptions.domain import DOMAIN as SUBSCRIPTIONS
from generator.domains.telematics_vehicle_events.domain import DOMAIN as TELEMATICS_VEHICLE_EVENTS
from generator.domains.vehicle_asset_mgt.domain import DOMAIN as VEHICLE_ASSET_MGT
from generator.domains.warranty_insurance.domain import DOMAIN as WARRANTY_INSURANCE
from generator.domains.world import PlatformWorld
from generator.leaves.figures import Figures, figures
from generator.messes import MESSES
from generator.profile import Profile, Reference, Source
from generator.scenarios import SCENARIOS
from generator.targets import targets_of

VERSION = "1"
PLATFORM = Platform(
    (
        CORE,
        PARTY_IDENTITY,
        HUMAN_RESOURCES,
        VEHICLE_ASSET_MGT,
        MARKETING_LOYALTY,
        SALES_OPERATIONS,
        INCENTIVES_PROGRAMS,
        FINANCE,
        PAYMENT,
        PARTS,
        WARRANTY_INSURANCE,
        SERVICE,
        TELEMATICS_VEHICLE_EVENTS,
        LOGISTICS_FULFILLMENT,
        SUBSCRIPTIONS,
    )
)


@cache
def automotive() -> Profile:
    return profile_of(PLATFORM)


def calibrated(calibration: Calibration) -> Profile:
    """The built-in profile with the entries that were counted from an extract in the place of its
    own.  Figures published about a table that the extract holds are no reference any more, but for
    the targets that the platform states.  Raises ProfileError for entries that do not fit."""
    profile = profile_of(PLATFORM, figures().over(calibration.overlay))
    held = calibration.rows
    kept = (r for r in profile.references if r.table not in held or r.confidence == "rule")
    return replace(profile, kind="calibrated", references=tuple(kept), calibration=calibration)


def profile_of(platform: Platform, numbers: Figures | None = None) -> Profile:
    """The built-in profile: structure in Python, numbers in TOML, every figure with its source."""
    numbers = numbers or figures()
    documents = numbers.documents
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
    if numbers.overlay:
        content += json.dumps(numbers.overlay, sort_keys=True)
    profile = Profile(
        name="automotive",
        version=VERSION,
        title="Automotive retail, United States",
        kind="builtin",
        schema=platform.schema,
        world=PlatformWorld(platform, numbers),
        rules=platform.rules,
        references=references,
        sources=tuple(sources.values()),
        hash=hashlib.sha256(content.encode()).hexdigest(),
        targets=targets_of(numbers),
        titles={domain.name: domain.title for domain in platform.domains},
        meaning={domain.name: domain.meaning for domain in platform.domains},
        scenarios=SCENARIOS,
        messes=MESSES,
    )
    return profile.under({})


def drawn_columns(table: str) -> frozenset[str]:
    """Columns of a platform table that are drawn from leaves; the others follow from them."""
    makers = (maker for maker in PLATFORM[table].makers if maker.kind == "drawn")
    return frozenset(column for maker in makers for column in maker.columns if column[0] != "_")
