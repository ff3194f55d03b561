"""The platform's OpenAPI schemas, held tightly against a line of api-json.

``tests/openapi/`` has the schemas of the platform's own OpenAPI files (repository
ai-sage-software/automotive at bea9018b, read on 2026-11) that their aggregate reaches, without
prose.  Tight, as domain-model.md 4.5 says it: no property they do not name, ``Object`` an open
object, and a list of what every aggregate must have.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "openapi"
NAMES = tuple(sorted(path.stem for path in FOLDER.glob("*.json")))

REQUIRED = {  # key, status, main dates, whom and what it is about
    "customer": "customer_id customer_key party_references document_date_time",
    "inventory_vehicle": "inventory_vehicle_id inventory_vehicle_key inventory_status_types"
    " product_state_type vehicle_reference dealer_code",
    "invoice": "invoice_id invoice_key invoice_number invoice_types invoice_date_time"
    " invoice_status_types payment_status_type invoice_items totals",
    "journal_entry_transaction": "journal_entry_transaction_id journal_entry_transaction_key"
    " entry_date total_debit_amount total_credit_amount is_balanced financial_flow_status_type"
    " journal_entries source_key",
    "party": "party_id party_key full_name org_indicator party_status_type party_types",
    "payment": "payment_id payment_key payment_status_type target_amount occurrence_date_time"
    " payment_transactions context",
    "payment_event": "payment_event_id payment_event_key payment_key new_payment_status_type"
    " occurrence_date_time",
    "payroll_stub": "pay_stub_id pay_stub_key payroll_run_id pay_period pay_date_time"
    " party_reference identifiers payroll_cycle_frequency_type",
    "repair_order": "repair_order_id repair_order_key vehicle_reference repair_status_summary"
    " dealer_references repair_order_initiation_types",
    "retail_delivery_report": "retail_delivery_report_id retail_delivery_report_key"
    " oem_rdr_status_type purchase_type product_state_type sale_date occurrence_date_time vehicle"
    " party_references",
    "service_appointment": "service_appointment_id service_appointment_key occurrence_date_time"
    " appointment_status_type appointment_types appointment_period customers vehicle_asset"
    " dealer_references",
    "staff_member": "staff_member_id staff_member_key party_key role_types active_indicator person",
    "vehicle": "vehicle_id vehicle_key vin model_year make model odometer vehicle_specification",
    "vehicle_invoice": "vehicle_invoice_id vehicle_invoice_key invoice_number invoice_type"
    " invoice_date_time invoice_status_type payment_status_type currency_code vehicle_references"
    " customer_reference vehicle_invoice_items totals",
    "vehicle_telemetry_event": "vehicle_telemetry_event_id vehicle_telemetry_event_key"
    " telemetry_event_type occurrence_date_time recorded_date_time vehicle_reference",
}

_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_TYPES = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
}
_KNOWN = {
    *("type", "properties", "items", "enum", "format", "pattern", "minLength", "maxLength"),
    *("minimum", "maximum", "minItems", "maxItems", "uniqueItems", "required", "allOf"),
}


@cache
def document(name: str) -> dict[str, Any]:
    return json.loads((FOLDER / f"{name}.json").read_text("utf-8"))


def faults(name: str, line: Any) -> list[str]:
    """What is wrong with an aggregate, a sentence each: where, and what."""
    schemas = document(name)["components"]["schemas"]
    root = schemas[document(name)["root"]]
    keys = line if isinstance(line, dict) else {}
    missing = [f"{name}.{key} is missing" for key in REQUIRED[name].split() if key not in keys]
    return [*missing, *_faults(root, line, name, schemas)]


def property_at(name: str, path: str) -> dict[str, Any] | None:
    """The schema of a property (``persons.person_name.given_name``), arrays looked through."""
    schemas = document(name)["components"]["schemas"]
    schema: dict[str, Any] | None = schemas[document(name)["root"]]
    for step in path.split("."):
        schema = _inner(schema, schemas)["properties"].get(step)
        if schema is None:
            return None
    return _inner(schema, schemas)


def _inner(schema: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema or schema.get("type") == "array":
        schema = schemas[schema["$ref"].rsplit("/", 1)[1]] if "$ref" in schema else schema["items"]
    return schema


def _faults(schema: dict[str, Any], value: Any, at: str, schemas: dict[str, Any]) -> Iterator[str]:
    if "$ref" in schema:
        schema = schemas[schema["$ref"].rsplit("/", 1)[1]]
        yield from _faults(schema, value, at, schemas)
        return
    assert schema.keys() <= _KNOWN, schema.keys() - _KNOWN
    for part in schema.get("allOf", ()):
        yield from _faults(part, value, at, schemas)
    kind = schema.get("type")
    wrong = kind and not isinstance(value, _TYPES[kind])
    if value is None or wrong or (isinstance(value, bool) and kind in ("integer", "number")):
        yield f"{at} is {json.dumps(value)[:60]}, not a {kind or 'value'}"
        return
    if isinstance(value, dict):
        yield from _object_faults(schema, value, at, schemas)
    elif isinstance(value, list):
        if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
            yield f"{at} has {len(value)} items"
        if schema.get("uniqueItems") and len({json.dumps(item) for item in value}) < len(value):
            yield f"{at} has equal items"
        for number, item in enumerate(value):
            yield from _faults(schema["items"], item, f"{at}[{number}]", schemas)
    else:
        yield from _value_faults(schema, value, at)


def _object_faults(
    schema: dict[str, Any], value: dict[str, Any], at: str, schemas: dict[str, Any]
) -> Iterator[str]:
    if "properties" not in schema:
        return
    for key in schema.get("required", ()):
        if key not in value:
            yield f"{at}.{key} is missing"
    for key, inner in value.items():
        if key in schema["properties"]:
            yield from _faults(schema["properties"][key], inner, f"{at}.{key}", schemas)
        else:
            yield f"{at}.{key} is no property"


def _value_faults(schema: dict[str, Any], value: Any, at: str) -> Iterator[str]:
    if "enum" in schema and value not in schema["enum"]:
        yield f"{at} is {value!r}, none of its words"
    if isinstance(value, str):
        if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
            yield f"{at} is {len(value)} letters long"
        if "pattern" in schema and not re.search(schema["pattern"], value):
            yield f"{at} is {value!r}, not {schema['pattern']}"
        if not _of_format(schema.get("format"), value):
            yield f"{at} is {value!r}, no {schema['format']}"
    elif not isinstance(value, bool) and not (
        schema.get("minimum", value) <= value <= schema.get("maximum", value)
    ):
        yield f"{at} is {value}"


def _of_format(name: str | None, value: str) -> bool:
    try:
        if name == "date":
            return date.fromisoformat(value).isoformat() == value
        if name == "date-time":
            return bool(_DATE_TIME.fullmatch(value)) and bool(datetime.fromisoformat(value))
    except ValueError:
        return False
    return True
