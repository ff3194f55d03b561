"""Signing in, with a limit on wrong passwords for one name."""

from __future__ import annotations

import hashlib
from typing import Any

from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.core.cache import cache
from django.core.exceptions import ValidationError

WINDOW = 15 * 60


class LoginForm(AuthenticationForm):
    """As Django's, but a name with too many wrong passwords has to wait, known or not."""

    def clean(self) -> dict[str, Any]:
        key = _key(self.cleaned_data.get("username", ""))
        if cache.get(key, 0) >= settings.LOGIN_TRIES:
            raise ValidationError(
                "Too many wrong passwords for this name; wait a quarter of an hour and try again.",
                code="wait",
            )
        try:
            cleaned = super().clean()
        except ValidationError:
            cache.set(key, cache.get(key, 0) + 1, WINDOW)
            raise
        cache.delete(key)
        return dict(cleaned)


class Login(LoginView):
    form_class = LoginForm
    redirect_authenticated_user = True


def _key(name: str) -> str:
    digest = hashlib.blake2b(name.strip().lower().encode(), digest_size=16).hexdigest()
    return f"wrong-passwords-{digest}"
