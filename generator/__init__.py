"""The engine of Proving Ground: plan, sample, read, infer, fit, validate, compare.

Everything a caller needs is named here, in reading order; `portal/` and the command line import
nothing else.  A name is imported when it is first asked for: who only plans does not wait for what
fits and compares.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from generator.anonymize import (
        Key,
        Range,
        Register,
        check_region,
        keys_from,
        register_from,
    )
    from generator.bundle import Bundle, open_bundle
    from generator.calibrate import Match
    from generator.commands.anonymize import anonymize, find_personal, ranges_for, tokenised
    from generator.commands.certificate import not_learnt
    from generator.commands.compare import compare_paths
    from generator.commands.fit import LEAST_K, MOST_K, fit
    from generator.commands.lives import kinds_of_lives, life, search_lives, suggested_lives
    from generator.commands.masked import masked_bundle
    from generator.commands.private import fit_private_onto
    from generator.commands.profiles import load_profile, open_profile
    from generator.commands.sample import sample
    from generator.commands.validate import validate_folder
    from generator.compare import (
        Difference,
        Drift,
        Learnt,
        certified,
        difference,
        learnt,
        privacy_of_profile,
        to_html,
        to_text,
    )
    from generator.diagram import diagram
    from generator.dictionary import by_domain, dictionary, kind_in_words
    from generator.domains import automotive
    from generator.errors import (
        BundleError,
        Cancelled,
        ExtractError,
        GeneratorError,
        PlanError,
        ProcessDied,
        ProfileError,
        RecipeError,
        RequestError,
        RunError,
        StorageError,
    )
    from generator.extent import rows_of
    from generator.fit import K, found_rules
    from generator.fitted import save_profile
    from generator.infer import infer, settled, sole_columns, typed, with_kinds
    from generator.life import Entry, Found, Life
    from generator.life import document as life_document
    from generator.machine import free_memory
    from generator.masked import masked_profile
    from generator.names import first_clash, table_fault
    from generator.onto import matched
    from generator.onto import matching_tables as calibratable
    from generator.personal import Finding, Findings, Unit, likely_units
    from generator.personal.finding import in_words as personal_in_words
    from generator.plan import plan
    from generator.preview import preview
    from generator.private import (
        Budget,
        Declared,
        check_budget,
        check_unit,
        declared_from,
        fit_private,
        read_declared,
    )
    from generator.profile import Plan, Profile, Reference, Source, TableCount
    from generator.read import Limits, is_database, read, read_database
    from generator.recipe import Recipe
    from generator.sample import ENGINE_VERSION, Progress
    from generator.schema import NESTED, Column, Kind, Link, Schema, Table
    from generator.staging import Mess, Scenario
    from generator.tables import Tables
    from generator.targets import Target
    from generator.write import FORMATS

__all__ = [
    "ENGINE_VERSION",
    "FORMATS",
    "LEAST_K",
    "MOST_K",
    "NESTED",
    "Budget",
    "Bundle",
    "BundleError",
    "Cancelled",
    "Column",
    "Declared",
    "Difference",
    "Drift",
    "Entry",
    "ExtractError",
    "Finding",
    "Findings",
    "Found",
    "GeneratorError",
    "K",
    "Key",
    "Kind",
    "Learnt",
    "Life",
    "Limits",
    "Link",
    "Match",
    "Mess",
    "Plan",
    "PlanError",
    "ProcessDied",
    "Profile",
    "ProfileError",
    "Progress",
    "Range",
    "Recipe",
    "RecipeError",
    "Reference",
    "Register",
    "RequestError",
    "RunError",
    "Scenario",
    "Schema",
    "Source",
    "StorageError",
    "Table",
    "TableCount",
    "Tables",
    "Target",
    "Unit",
    "anonymize",
    "automotive",
    "by_domain",
    "calibratable",
    "certified",
    "check_budget",
    "check_region",
    "check_unit",
    "compare_paths",
    "declared_from",
    "diagram",
    "dictionary",
    "difference",
    "find_personal",
    "first_clash",
    "fit",
    "fit_private",
    "fit_private_onto",
    "found_rules",
    "free_memory",
    "infer",
    "is_database",
    "keys_from",
    "kind_in_words",
    "kinds_of_lives",
    "learnt",
    "life",
    "life_document",
    "likely_units",
    "load_profile",
    "masked_bundle",
    "masked_profile",
    "matched",
    "not_learnt",
    "open_bundle",
    "open_profile",
    "personal_in_words",
    "plan",
    "preview",
    "privacy_of_profile",
    "ranges_for",
    "read",
    "read_database",
    "read_declared",
    "register_from",
    "rows_of",
    "sample",
    "save_profile",
    "search_lives",
    "settled",
    "sole_columns",
    "suggested_lives",
    "table_fault",
    "to_html",
    "to_text",
    "tokenised",
    "typed",
    "validate_folder",
    "with_kinds",
]

# The module of each name; “public=own” where it is called otherwise there.
_MODULES = {
    "anonymize": "Key Range Register check_region keys_from register_from",
    "bundle": "Bundle open_bundle",
    "calibrate": "Match",
    "commands.anonymize": "anonymize find_personal ranges_for tokenised",
    "commands.certificate": "not_learnt",
    "commands.compare": "compare_paths",
    "commands.fit": "LEAST_K MOST_K fit",
    "commands.lives": "kinds_of_lives life search_lives suggested_lives",
    "commands.masked": "masked_bundle",
    "commands.private": "fit_private_onto",
    "commands.profiles": "load_profile open_profile",
    "commands.sample": "sample",
    "commands.validate": "validate_folder",
    "compare": "Difference Drift Learnt certified difference learnt privacy_of_profile to_html "
    "to_text",
    "diagram": "diagram",
    "dictionary": "by_domain dictionary kind_in_words",
    "domains": "automotive",
    "errors": "BundleError Cancelled ExtractError GeneratorError PlanError "
    "ProcessDied ProfileError RecipeError RequestError RunError StorageError",
    "fit": "K found_rules",
    "extent": "rows_of",
    "fitted": "save_profile",
    "infer": "infer settled sole_columns typed with_kinds",
    "life": "Entry Found Life life_document=document",
    "machine": "free_memory",
    "personal": "Finding Findings Unit likely_units",
    "personal.finding": "personal_in_words=in_words",
    "masked": "masked_profile",
    "names": "first_clash table_fault",
    "onto": "matched calibratable=matching_tables",
    "plan": "plan",
    "preview": "preview",
    "private": "Budget Declared check_budget check_unit declared_from fit_private read_declared",
    "profile": "Plan Profile Reference Source TableCount",
    "read": "Limits is_database read read_database",
    "recipe": "Recipe",
    "sample": "ENGINE_VERSION Progress",
    "schema": "NESTED Column Kind Link Schema Table",
    "staging": "Mess Scenario",
    "tables": "Tables",
    "targets": "Target",
    "write": "FORMATS",
}
_PLACES = {
    public: (module, own or public)
    for module, names in _MODULES.items()
    for public, _, own in (name.partition("=") for name in names.split())
}


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__} has no attribute {name}")
    module, own = _PLACES[name]
    value = getattr(import_module(f"{__name__}.{module}"), own)
    setattr(sys.modules[__name__], name, value)
    return value


def __dir__() -> list[str]:
    return __all__


class _FrontDoor(ModuleType):
    """A verb and its module have one name; importing `generator.plan` somewhere must not put the
    module in the verb's place."""

    def __setattr__(self, name: str, value: Any) -> None:
        if not (name in _PLACES and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _FrontDoor
