"""The platform's tables of the domain party_identity."""

from generator.domains.columns import (
    day,
    decimal,
    enum,
    flag,
    integer,
    moment,
    text,
)
from generator.schema import Link, Table

PARTY = Table(
    "party",
    domain="party_identity",
    meaning="Identity anchor: one row per human or organisation, roles hang off party_key",
    key="party_key",
    columns=(
        text("party_key", 50, unique=True),
        flag("org_indicator", "false=individual, true=organisation"),
        enum(
            "party_type", "PartyTypes", "platform field is an array party_types; primary role here"
        ),
        enum("party_status_type", "PartyStatusTypes"),
        text("salutation", 10, nullable=True, personal="name"),
        text("given_name", 60, nullable=True, personal="name"),
        text("middle_name", 60, nullable=True, personal="name"),
        text("family_name", 60, nullable=True, personal="name"),
        text(
            "full_name",
            150,
            "= given_name||' '||family_name (individual) or organisation name",
            personal="name",
        ),
        day("birth_date", "individuals only", nullable=True, personal="dob"),
        integer("age", "schema range 0..130; = floor(years(as_of - birth_date))", nullable=True),
        enum("gender_type", "GenderTypes", nullable=True, personal="demographic"),
        enum("marital_status_type", "MaritalStatusTypes", nullable=True, personal="demographic"),
        text(
            "ssn",
            11,
            "never-issued ranges only (area 900-999)",
            nullable=True,
            personal="ssn_tax_id",
        ),
        text("driver_license_number", 20, nullable=True, personal="licence_number"),
        text("driver_license_state", 2, nullable=True),
        text("tax_id", 10, "organisations: EIN", nullable=True, personal="ssn_tax_id"),
        text(
            "email_address",
            120,
            "denormalised preferred EMAIL channel; example.* domains",
            nullable=True,
            personal="email",
        ),
        text(
            "phone_number",
            20,
            "denormalised preferred PHONE/CELL channel; 555-01xx",
            nullable=True,
            personal="phone",
        ),
        text("preferred_language_code", 5, "BCP-47"),
        text("country_code", 2),
        moment("occurrence_date_time", "first seen"),
        text("merged_into_party_key", 50, "only when status MERGED", nullable=True),
    ),
    links=(Link("merged_into_party_key", "party", "party_key", "lookup"),),
)

PARTY_ADDRESS = Table(
    "party_address",
    domain="party_identity",
    meaning="Postal address with type, effective dated",
    key="address_key",
    columns=(
        text("address_key", 50, unique=True),
        text("party_key", 50),
        enum("address_type", "AddressTypes"),
        text("address_line1", 100, personal="street_address"),
        text("address_line2", 100, nullable=True, personal="street_address"),
        text("city", 100, personal="locality"),
        text("county", 100, nullable=True),
        text("state", 2),
        text("postal_code", 10, "state/postal/phone-area coherent", personal="locality"),
        text("country_code", 2),
        decimal("latitude", 9, 6, nullable=True, personal="geolocation"),
        decimal("longitude", 9, 6, nullable=True, personal="geolocation"),
        flag("preferred_indicator"),
        moment("start_date_time"),
        moment("complete_date_time", nullable=True),
    ),
    links=(Link("party_key", "party", "party_key", "parent"),),
)

ORG_PROFILE = Table(
    "org_profile",
    domain="party_identity",
    meaning="Non-dealer organisation: OEM, lender, vendor, carrier, insurer, warranty provider",
    key="org_profile_key",
    columns=(
        text("org_profile_key", 50, unique=True),
        text("party_key", 50),
        enum("org_role", "PartyServiceTypes"),
        text("legal_name", 150),
        text("dba", 150, nullable=True),
        enum("business_type", "BusinessTypes"),
        text("national_tax_identifier", 12, personal="ssn_tax_id"),
        enum("operating_status_type", "OperatingStatusTypes"),
        day("date_established"),
        integer("payment_terms_days", "0,15,30,45,60", nullable=True),
    ),
    links=(Link("party_key", "party", "party_key", "parent", unique=True),),
)

DEALER = Table(
    "dealer",
    domain="party_identity",
    meaning="Franchise rooftop",
    key="dealer_key",
    columns=(
        text("dealer_key", 50, unique=True),
        text("party_key", 50),
        text("dealer_name", 150),
        text("dealer_bac", 10, "OEM business associate code, unique", unique=True),
        text("business_code", 20),
        text("primary_make", 40, "brand sold new"),
        enum("primary_dealer_service_type", "DealerServiceTypes"),
        text("state", 2),
        day("open_date"),
        flag("active_indicator"),
    ),
    links=(Link("party_key", "party", "party_key", "parent", unique=True),),
)

CUSTOMER = Table(
    "customer",
    domain="party_identity",
    meaning="Retail role of a party",
    key="customer_key",
    columns=(
        text("customer_key", 50, unique=True),
        text("party_key", 50),
        text("home_dealer_key", 50),
        enum("customer_status_type", "CustomerStatusTypes"),
        flag("first_time_buyer_indicator"),
        text("occupation_code", 40, nullable=True, personal="demographic"),
        decimal(
            "annual_income",
            12,
            2,
            "USD; drives credit and price",
            nullable=True,
            personal="financial",
        ),
        flag("marketing_consent_indicator", "PrivacyConsent.marketing_consent_indicator"),
        flag("third_party_sharing_consent_indicator"),
        enum("consent_status_type", "ConsentStatusTypes"),
        text("loyalty_segment", 30, "prose only: FIRST_TIME_BUYER | RETURNING | TIER_1..TIER_3"),
        moment("document_date_time", "role created"),
    ),
    links=(
        Link("party_key", "party", "party_key", "parent", unique=True),
        Link("home_dealer_key", "dealer", "dealer_key", "lookup"),
    ),
)
