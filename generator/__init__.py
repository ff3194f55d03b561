"""The engine of Proving Ground: plan, sample, read, infer, fit, validate, compare.

Everything a caller needs is named here, in reading order; `portal/` and the command line import
nothing else.
"""

from generator.bundle import Bundle, open_bundle
from generator.calibrate import Match
from generator.commands import (
    compare_paths,
    fit,
    load_profile,
    open_profile,
    sample,
    validate_folder,
)
from generator.compare import to_html, to_text
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
from generator.fitted import save_profile
from generator.infer import infer, typed
from generator.onto import matched
from generator.onto import matching_tables as calibratable
from generator.plan import plan
from generator.preview import preview
from generator.profile import Plan, Profile, Reference, Source, TableCount
from generator.read import Limits, read
from generator.recipe import Recipe
from generator.sample import ENGINE_VERSION, Progress
from generator.schema import Column, Kind, Link, Schema, Table
from generator.tables import Tables
from generator.write import FORMATS

__all__ = [
    "ENGINE_VERSION",
    "FORMATS",
    "Bundle",
    "BundleError",
    "Cancelled",
    "Column",
    "ExtractError",
    "GeneratorError",
    "Kind",
    "Limits",
    "Link",
    "Match",
    "Plan",
    "PlanError",
    "ProcessDied",
    "Profile",
    "ProfileError",
    "Progress",
    "Recipe",
    "RecipeError",
    "Reference",
    "RequestError",
    "RunError",
    "Schema",
    "Source",
    "StorageError",
    "Table",
    "TableCount",
    "Tables",
    "automotive",
    "calibratable",
    "compare_paths",
    "fit",
    "infer",
    "load_profile",
    "matched",
    "open_bundle",
    "open_profile",
    "plan",
    "preview",
    "read",
    "sample",
    "save_profile",
    "to_html",
    "to_text",
    "typed",
    "validate_folder",
]
