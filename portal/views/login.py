"""Signing in, with a limit on wrong passwords for one name."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.core.exceptions import ValidationError

from portal.models import Tries

WINDOW = timedelta(minutes=15)


class LimitedTries(AuthenticationForm):
    """A name with too many wrong passwords has to wait, whether somebody has it or not.

    A try is counted before its password is looked at, so that many at once are not more.
    """

    def clean(self) -> dict[str, Any]:
        name = _digest(self.cleaned_data.get("username", ""))
        if not Tries.take(name, limit=settings.LOGIN_TRIES, window=WINDOW):
            raise ValidationError(
                "Too many wrong passwords for this name; wait a quarter of an hour and try again.",
                code="wait",
            )
        cleaned = super().clean()
        Tries.forget(name)
        return dict(cleaned)


class LoginForm(LimitedTries):
    """Of the portal."""


class AdminLoginForm(LimitedTries, AdminAuthenticationForm):
    """Of the administration, with the same count."""


class Login(LoginView):
    form_class = LoginForm
    redirect_authenticated_user = True


def _digest(name: str) -> str:
    return hashlib.blake2b(name.strip().lower().encode(), digest_size=16).hexdigest()
