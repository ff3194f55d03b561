"""Every setting is one row: name, default, help.  ``docs/settings.md`` says the same in prose,
and a test holds the two together."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import secrets
import tempfile
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import dj_database_url
from django.core.exceptions import ImproperlyConfigured
from redis.connection import parse_url


class Setting(NamedTuple):
    """A number may be from ``least`` to ``most``."""

    name: str
    default: Any
    help: str
    least: int = 1
    most: int = 1_000_000


SETTINGS = (
    Setting("PORT", 8000, "Port the web server listens on.", most=65_535),
    Setting("HOST", "127.0.0.1", "Address the web server listens on; 0.0.0.0 for every one."),
    Setting("PORTAL_DATA", "var", "Folder for everything the portal keeps."),
    Setting("DATABASE_URL", "", "PostgreSQL address; empty for SQLite in the data folder."),
    Setting("REDIS_URL", "", "Redis or Valkey address; empty for the embedded broker."),
    Setting("SECRET_KEY", "", "Signs sessions; empty for one made and kept in the data folder."),
    Setting(
        "TOKEN_KEY_FILE", "", "File of the key of tokens; empty for one made and kept at home."
    ),
    Setting(
        "TOKEN_REGISTER_FILE",
        "",
        "File of the telephone numbers given as tokens; empty: beside the key of tokens.",
    ),
    Setting(
        "EXTRACT_KEY",
        "",
        "Encrypts extracts: 64 hexadecimal digits; empty for a key made and kept at home.",
    ),
    Setting("EXTRACT_DAYS", 7, "Days after which an extract is deleted at the latest."),
    Setting("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]", "Host names the portal answers to."),
    Setting("TRUSTED_ORIGINS", "", "Origins (https://name) forms may be sent from behind a proxy."),
    Setting("HTTPS", False, "Whether people reach the portal over HTTPS only."),
    Setting("DEBUG", False, "Show tracebacks in the browser; for development."),
    Setting(
        "PROXIES", 0, "Proxies of yours before the portal that add to X-Forwarded-For.", least=0
    ),
    Setting("DOWNLOADS", 6, "Files one person may be sent at the same time."),
    Setting("NGINX", False, "Let nginx send the files, by X-Accel-Redirect below /private/."),
    Setting("WEB_WORKERS", 2, "Processes of the web server, with 16 threads each."),
    Setting("BUNDLE_WORKERS", 1, "Workers that make bundles.", least=0),
    Setting("FIT_WORKERS", 1, "Workers that inspect extracts and fit profiles.", least=0),
    Setting("SAMPLE_PROCESSES", 2, "Processes that one run spreads its shards over."),
    Setting("RUN_HOURS", 6, "Longest a single run may take, in hours."),
    Setting("STALE_SECONDS", 30, "A run without a sign of life for so long is taken up again."),
    Setting("REAP_SECONDS", 5, "How often lost runs are looked for."),
    Setting("UPLOAD_LIMIT_MB", 2048, "Largest extract that may be uploaded, in MB."),
    Setting(
        "REVIEW_BY_OTHER",
        "",
        "Whether somebody else reviews a profile; empty: no on the embedded default, else yes.",
    ),
    Setting("EPSILON_LIMIT", 10, "Epsilon that all private fits of one source may spend together."),
    Setting(
        "LOGIN_TRIES", 10, "Wrong passwords for a name from one address in a quarter of an hour."
    ),
    Setting("DEMO", True, "Make the demo logins and the example bundle on the embedded default."),
)


def setting(name: str) -> Any:
    """The value from the environment, read like the default."""
    row = next(row for row in SETTINGS if row.name == name)
    text = os.environ.get(name, "").strip()
    if not text:
        return row.default
    if isinstance(row.default, bool):
        return _yes_no(name, text)
    if isinstance(row.default, int):
        return _number(row, text)
    return text


def _yes_no(name: str, text: str) -> bool:
    answers = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
    if text.lower() not in answers:
        raise ImproperlyConfigured(f"{name} is “{text}”; it must be yes or no.")
    return answers[text.lower()]


def _review_by_other(*, embedded: bool) -> bool:
    """On the embedded default there is one administrator, who would wait for ever."""
    text = str(setting("REVIEW_BY_OTHER"))
    return _yes_no("REVIEW_BY_OTHER", text) if text else not embedded


def _number(row: Setting, text: str) -> int:
    if len(text) > 18 or not text.isdecimal() or not row.least <= int(text) <= row.most:
        raise ImproperlyConfigured(
            f"{row.name} is “{text[:40]}”; it must be a whole number from {row.least} to "
            f"{row.most}."
        )
    return int(text)


# Seconds until a database whose host does not answer at all counts as away; otherwise a page, or
# the end of a run, waits for a quarter of an hour and more.
_AWAY = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 2,
    "tcp_user_timeout": 20_000,  # milliseconds
}


def _database(address: str) -> dict[str, Any]:
    """The address is never repeated in a sentence: there may be a password in it."""
    try:
        if urlsplit(address).scheme not in ("postgres", "postgresql"):
            raise ValueError(address)
        parsed: dict[str, Any] = {
            **dj_database_url.parse(address, conn_max_age=60, conn_health_checks=True)
        }
    except ValueError:
        raise ImproperlyConfigured(
            "DATABASE_URL is not an address of PostgreSQL; it must look like "
            "postgres://user:password@host:5432/name, or be empty for SQLite in the data folder."
        ) from None
    parsed["OPTIONS"] = _AWAY | parsed.get("OPTIONS", {})
    return parsed


def _broker(address: str) -> str:
    try:
        parse_url(address)
    except ValueError:
        raise ImproperlyConfigured(
            "REDIS_URL is not an address of Redis or Valkey; it must look like "
            "redis://host:6379/0, rediss://… or unix://…, or be empty for the embedded broker."
        ) from None
    return address


def _list(name: str) -> list[str]:
    return [item.strip() for item in setting(name).split(",") if item.strip()]


def _private(folder: Path) -> Path:
    """``folder``, made if need be, for this user only."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        facts = folder.stat()
        if facts.st_uid != os.geteuid():
            raise ImproperlyConfigured(
                f"The data folder {folder} belongs to somebody else (user {facts.st_uid}), who "
                "could read all that is kept there; give it to the user the portal runs as, or "
                "set PORTAL_DATA to another one."
            )
        if facts.st_mode & 0o077:
            _close(folder)
    except OSError as error:
        raise ImproperlyConfigured(
            f"The data folder {folder} cannot be used ({error.strerror}); set PORTAL_DATA to "
            "another one."
        ) from None
    return folder


def _close(folder: Path) -> None:
    """Keep others out of a folder that is ours; one with other things in it may be a home, or the
    folder for everybody's temporary files, and is left as it is."""
    there = {path.name for path in folder.iterdir()} - {"lost+found"}
    if there and not there & {"portal.sqlite3", "secret.key", "setup-of", "up.lock", "work"}:
        raise ImproperlyConfigured(
            f"The data folder {folder} can be read by others and holds things that are not the "
            f"portal's; close it (chmod 700 {folder}), or set PORTAL_DATA to another one."
        )
    folder.chmod(0o700)


def _kept_secret(folder: Path, *, embedded: bool) -> str:
    """The signing key: from the environment, or (embedded default only) made once and kept.

    Written to a private file first and then linked into place, so that two processes starting
    together read the same key.
    """
    given = str(setting("SECRET_KEY"))
    if given:
        return _long_enough(given)
    if not embedded:
        raise ImproperlyConfigured(
            "SECRET_KEY is not set. With a DATABASE_URL or REDIS_URL of your own, set it to a "
            "long random text and keep it the same on every machine."
        )
    kept = folder / "secret.key"
    if not kept.exists():
        fresh = folder / f"secret.key.{os.getpid()}"
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(48))
        try:
            os.link(fresh, kept)
        except FileExistsError:
            pass  # another process was first; its key counts
        finally:
            fresh.unlink()
    return kept.read_text()


def _long_enough(key: str) -> str:
    """Whoever guesses the key can sign in as anybody."""
    if len(key) < 32 or len(set(key)) < 8:
        raise ImproperlyConfigured(
            f"SECRET_KEY has {len(key)} characters, {len(set(key))} of them different; it must "
            "have at least 32, 8 of them different. Make one with: python -c "
            "'import secrets; print(secrets.token_urlsafe(48))'"
        )
    return key


def _outside(folder: Path, named: str, *, setting: str = "TOKEN_KEY_FILE") -> Path:
    """A file of the token key, which may not lie with the data that it protects."""
    path = Path(named) if named else Path.home() / ".proving-ground" / "token.key"
    path = path.absolute()
    if folder in path.resolve().parents:
        raise ImproperlyConfigured(
            f"{setting} lies in the data folder; whoever gets the data must not get the key. "
            "Name a file outside it."
        )
    return path


def _extract_key(text: str) -> str:
    """One key or several; never repeated in a sentence."""
    for key in text.split(",") if text else ():
        if not re.fullmatch(r"[0-9a-fA-F]{64}", key.strip()):
            raise ImproperlyConfigured(
                "EXTRACT_KEY is not a key; it must be 64 hexadecimal digits, several with commas "
                "between them, the one to encrypt with first. Make one with: python -c "
                "'import secrets; print(secrets.token_hex(32))'"
            )
    return text


def _package(name: str) -> Path:
    """The folder of an installed package, without the time it takes to import it."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise ImproperlyConfigured(f"The package {name} is not installed; run make again.")
    return Path(spec.origin).parent


def _socket(wanted: Path) -> Path:
    """Where a server of our own listens.  A socket's path may have some 100 bytes only."""
    if len(os.fsencode(wanted)) <= 100:
        return wanted
    name = hashlib.blake2b(os.fsencode(wanted), digest_size=8).hexdigest()
    return Path(tempfile.gettempdir()) / f"proving-ground-{os.getuid()}-{name}.sock"


BASE_DIR = Path(__file__).resolve().parent.parent
PORTAL_DATA = _private((BASE_DIR / setting("PORTAL_DATA")).resolve())
EMBEDDED_DATABASE = not setting("DATABASE_URL")
EMBEDDED_BROKER = not setting("REDIS_URL")
EMBEDDED = EMBEDDED_DATABASE and EMBEDDED_BROKER

SECRET_KEY = _kept_secret(PORTAL_DATA, embedded=EMBEDDED)
TOKEN_KEY_FILE = _outside(PORTAL_DATA, str(setting("TOKEN_KEY_FILE")))
TOKEN_REGISTER_FILE = _outside(
    PORTAL_DATA,
    str(setting("TOKEN_REGISTER_FILE")) or f"{TOKEN_KEY_FILE}.register",
    setting="TOKEN_REGISTER_FILE",
)
EXTRACT_KEY = _extract_key(str(setting("EXTRACT_KEY")))
EXTRACT_KEY_FILE = _outside(PORTAL_DATA, "").with_name("extract.key")
EXTRACT_DAYS = setting("EXTRACT_DAYS")
TOKEN_KEY_MADE = not setting("TOKEN_KEY_FILE")
DEBUG = setting("DEBUG")
ALLOWED_HOSTS = _list("ALLOWED_HOSTS")
CSRF_TRUSTED_ORIGINS = _list("TRUSTED_ORIGINS")
DEMO = EMBEDDED and setting("DEMO")
REVIEW_BY_OTHER = _review_by_other(embedded=EMBEDDED)

INSTALLED_APPS = [
    "portal",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "django_rq",
]

MIDDLEWARE = [
    "portal.headers.HeadOnly",
    "portal.handover.Handover",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "portal.headers.ContentSecurityPolicy",
    "portal.reserve.Reserve",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "portal.nul.NoNul",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "portal.limits.BodyLimit",
    "portal.unavailable.Unavailable",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# Several processes write: WAL alone gave 804 "database is locked" in a test, the defaults 93,
# WAL with IMMEDIATE transactions and a patient timeout none at 458 writes a second.
_SQLITE = {
    "ENGINE": "django.db.backends.sqlite3",
    "NAME": PORTAL_DATA / "portal.sqlite3",
    "OPTIONS": {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    },
}
DATABASES = {"default": _SQLITE if EMBEDDED_DATABASE else _database(setting("DATABASE_URL"))}

BROKER_FOLDER = PORTAL_DATA / "broker"
BROKER_SOCKET = _socket(BROKER_FOLDER / "broker.sock")
REDIS_URL = _broker(setting("REDIS_URL") or f"unix://{BROKER_SOCKET}")
RUN_SECONDS = setting("RUN_HOURS") * 3600
# JSON, never pickle: what lies in the broker is data, not code.
_QUEUE = {
    "URL": REDIS_URL,
    "SERIALIZER": "rq.serializers.JSONSerializer",
    "DEFAULT_TIMEOUT": RUN_SECONDS,
}
RQ_QUEUES = {"bundles": _QUEUE, "fits": _QUEUE}
RQ = {"COMMIT_MODE": "auto"}  # whoever pushes says when; a push tells whether it succeeded

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "login"

LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_I18N = False
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = PORTAL_DATA / "static"
STATICFILES_DIRS = [
    BASE_DIR / "static",
    # plotly.min.js, 4.8 MB, served from where the package keeps it.
    ("plotly", _package("plotly") / "package_data"),
]
WHITENOISE_MAX_AGE = 3600
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# Uploads are encrypted and written to disk as they come in, on the disk they will stay on.
UPLOAD_LIMIT = setting("UPLOAD_LIMIT_MB") * 1_000_000
FILE_UPLOAD_HANDLERS = ["portal.incoming.SealedUploads"]
FILE_UPLOAD_TEMP_DIR = _private(PORTAL_DATA / "work")
FILE_UPLOAD_PERMISSIONS = 0o600
BODY_LIMIT = 1_000_000  # of every form but an administrator's upload
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000  # the confirm page has some five fields a column

HTTPS = setting("HTTPS")
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 14 * 24 * 3600
X_FRAME_OPTIONS = "DENY"

# 'sha256-47DE…' is the hash of the empty text: plotly makes an empty style element and fills it
# through the style sheet's own interface, so nothing needs 'unsafe-inline'.
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; "
    "frame-ancestors 'none'; form-action 'self'; "
    "style-src 'self' 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
)

HOST = setting("HOST")
PORT = setting("PORT")
PROXIES = setting("PROXIES")
DOWNLOADS = setting("DOWNLOADS")
NGINX = setting("NGINX")
WEB_SOCKET = _socket(PORTAL_DATA / "web.sock")
WEB_WORKERS = setting("WEB_WORKERS")
WEB_THREADS = 16  # in each of them
BUNDLE_WORKERS = setting("BUNDLE_WORKERS")
FIT_WORKERS = setting("FIT_WORKERS")
SAMPLE_PROCESSES = setting("SAMPLE_PROCESSES")
STALE_SECONDS = setting("STALE_SECONDS")
REAP_SECONDS = setting("REAP_SECONDS")
EPSILON_LIMIT = setting("EPSILON_LIMIT")
LOGIN_TRIES = setting("LOGIN_TRIES")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "%(asctime)s %(levelname)s %(process)d %(name)s %(message)s"}
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "portal": {"level": "INFO"},
        # Nothing that a stranger can cause as often as he likes: not what is not found, not a
        # form without its token, not a request for another host.
        "django.request": {"level": "ERROR"},
        "django.security": {"level": "ERROR"},
        "django.security.DisallowedHost": {"level": "CRITICAL"},
    },
}
