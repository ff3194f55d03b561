"""What a first look finds on the embedded default: two logins and one finished bundle."""

from __future__ import annotations

import json
import secrets
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model

from portal.models import Bundle, Profile
from portal.plans import plan_document
from portal.presets import PRESETS

EXAMPLE = {
    "profile": "automotive",
    "seed": 7,
    "rows": PRESETS[0].rows,
    "from": "2025-01-01",
    "to": "2025-12-31",
    "formats": ["csv", "parquet", "sqlite"],
}


def ensure_logins() -> list[tuple[str, str]]:
    """(name, password) of the developer and the administrator.

    Passwords are made once for a data folder and kept there, readable by its owner only, so that
    every start can print them.  A password that somebody changed is not printed or set back.
    """
    kept = _kept_passwords(Path(settings.PORTAL_DATA) / "demo-logins.json")
    return [
        (name, _ensure_login(name, kept[name], staff=name == "administrator"))
        for name in ("developer", "administrator")
    ]


def _kept_passwords(file: Path) -> dict[str, str]:
    if not file.exists():
        fresh = file.with_suffix(".new")
        fresh.touch(mode=0o600)
        made = {name: secrets.token_urlsafe(9) for name in ("developer", "administrator")}
        fresh.write_text(json.dumps(made))
        fresh.replace(file)  # whole or not at all
    return dict(json.loads(file.read_text()))


def _ensure_login(name: str, password: str, *, staff: bool) -> str:
    users = get_user_model().objects
    user = users.filter(username=name).first()
    if user is None:
        make = users.create_superuser if staff else users.create_user
        make(name, f"{name}@example.com", password)
        return password
    return password if user.check_password(password) else "(changed)"


def ensure_example() -> Bundle | None:
    """The example's row, which the reaper will push to the queue; None after the first look.

    The rows say whether it is over, so that it is over in a restored portal too: there is a
    bundle, or the developer was here (and deleted the example, perhaps).
    """
    owner = get_user_model().objects.get(username="developer")
    if owner.last_login is not None or Bundle.objects.exists():
        return None
    # The engine takes seconds to import; every later start does without it here.
    import generator
    from portal.profiles import document

    profile = Profile.objects.get(name=EXAMPLE["profile"], kind=Profile.Kind.BUILTIN)
    recipe = generator.Recipe.from_dict(EXAMPLE)
    plan = generator.plan(document(profile), recipe)
    return Bundle.objects.create(
        owner=owner,
        name="Example: 200 deals of 2025",
        profile=profile,
        recipe=recipe.to_dict(),
        plan=plan_document(plan),
        is_example=True,
    )
