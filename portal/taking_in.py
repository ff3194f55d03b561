"""Profiles that were fitted elsewhere, inside the production network say, and are uploaded ready.

The file is read without belief (generator/fitted/checks.py), a few rows are drawn from it, and what
is kept is written anew from what was understood.  Then it waits for the same review.
"""

from __future__ import annotations

from dataclasses import replace

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

import generator
from portal import budget, trail
from portal.claims import nonce
from portal.extract_files import opened
from portal.models import Extract, Profile
from portal.private_files import private_files
from portal.profiles import facts
from portal.run import Run
from portal.told_certificate import told
from portal.trail import Verb

ENDING = ".profile"
ROWS = 20  # drawn of each table


def is_profile(extract: Extract) -> bool:
    return [file["name"].lower().endswith(ENDING) for file in extract.files] == [True]


def take_in(extract: Extract, run: Run) -> None:
    """From the file to a fitted profile.  Raises ProfileError for one that is none, or from which
    nothing can be drawn."""
    if extract.profiles.exists():
        return  # done before, by a process that was killed before it deleted the file
    with opened(extract, run.folder, cancelled=run.cancelled) as path:
        known = generator.load_profile(path)
    _draw(known)
    known = replace(known, certificate=told(known.certificate))
    written = run.folder / "taken.profile"
    generator.save_profile(known, written)
    key = f"profiles/{_name(known)}-{nonce(run.claim)}.profile"
    private_files().adopt(written, key)
    try:
        mine = _row(extract, known, run, key=key)
    except budget.Spent as said:
        private_files().delete(key)
        raise generator.ProfileError(str(said)) from said
    if not mine:
        private_files().delete(key)
        raise generator.Cancelled("The upload was discarded.")


def _draw(known: generator.Profile) -> None:
    try:
        plan = generator.plan(known, generator.Recipe.from_dict({"seed": 1}))
        generator.preview(known, plan, rows=ROWS)
    except generator.RequestError as problem:
        if isinstance(problem, generator.ProfileError):
            raise
        raise generator.ProfileError(
            f"Nothing can be drawn from this profile: {problem.sentence}"
        ) from problem


@transaction.atomic
def _row(extract: Extract, known: generator.Profile, run: Run, *, key: str) -> bool:
    """False if the upload is no longer this run's."""
    held = Extract.held().select_for_update().filter(pk=extract.pk, claim=run.claim)
    if not held.exists():
        return False
    name = _name(known)
    profile = Profile.objects.create(
        name=name,
        version=Profile.next_version(name),
        title=known.title[:200] or extract.name,
        state=Profile.State.FITTED,
        path=key,
        hash=known.hash,
        extract=extract,
        certificate=dict(known.certificate or {}),
        facts={**facts(known), **budget.facts(known), "elsewhere": True},
        created_by=extract.owner,
        finished_at=timezone.now(),
    )
    if known.ledger is not None:
        budget.charge_ledger(extract.owner, profile, known.ledger)
    trail.note(extract.owner, Verb.FITTED, profile, elsewhere=True, sha256=known.hash)
    return True


def _name(known: generator.Profile) -> str:
    return slugify(known.name)[:90] or "profile"
