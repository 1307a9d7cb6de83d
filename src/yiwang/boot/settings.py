"""Settings: where things are and how to reach them. What a place is lies in its packs."""

import os
import secrets
from pathlib import Path

from yiwang.boot.database import database
from yiwang.boot.folder import packs_folder
from yiwang.boot.secret_files import kept_secret

HOME = Path(os.environ.get("YIWANG_HOME", "var/siyang")).absolute()
PACKS = packs_folder()
PLACE = os.environ.get("YIWANG_PLACE", "siyang")
WORKER = os.environ.get("YIWANG_WORKER", "1")  # its name among several that share device messages


def _kept_secret(name: str) -> str:
    """The secret ``name`` from the environment, else from a file made on first use (mode 600)."""
    if value := os.environ.get(f"YIWANG_{name.upper()}"):
        return value
    return kept_secret(HOME / "secrets" / name, make=lambda: secrets.token_urlsafe(48))


SECRET_KEY = _kept_secret("secret_key")
DEBUG = os.environ.get("YIWANG_DEBUG") == "1"
ALLOWED_HOSTS = os.environ.get("YIWANG_HOSTS", "localhost 127.0.0.1 [::1] testserver").split()

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "yiwang.apps.journal",
    "yiwang.apps.identity",
    "yiwang.apps.jobs",
    "yiwang.apps.casework",
    "yiwang.apps.catalog",
    "yiwang.apps.exchange",
    "yiwang.apps.subjects",
    "yiwang.apps.credentials",
    "yiwang.apps.forms",
    "yiwang.apps.services",
    "yiwang.apps.sensing",
    "yiwang.apps.boards",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "yiwang.web.middleware.storable_query",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "yiwang.web.middleware.content_policy",
    "yiwang.web.middleware.chosen_language",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "yiwang.boot.access.Access",
    "yiwang.web.problems.Problems",
]

ROOT_URLCONF = "yiwang.boot.urls"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [
            Path(__file__).parents[1] / "web" / "templates",
            *(Path(__file__).parents[1] / "faces").glob("*/templates"),
        ],
        "OPTIONS": {
            "environment": "yiwang.boot.pages.environment",
            "context_processors": ["yiwang.web.shell.shell"],
        },
    },
]

DATABASES = {"default": database(os.environ.get("YIWANG_DATABASE", ""), home=HOME)}
JOURNAL_ALGORITHM = os.environ.get("YIWANG_JOURNAL_ALGORITHM", "sha256")  # or sm3
JOURNAL_SIGNATURE = os.environ.get("YIWANG_JOURNAL_SIGNATURE", "ed25519")  # or sm2
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [Path(__file__).parents[1] / "web" / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True

STATIC_URL = "static/"
STATICFILES_DIRS = [Path(__file__).parents[1] / "web" / "static"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

IS_HTTPS = os.environ.get("YIWANG_HTTPS") == "1"
SESSION_COOKIE_NAME = "yiwang_session"
SESSION_COOKIE_AGE = 24 * 3600  # identity's own limits end a session earlier
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
CSRF_COOKIE_HTTPONLY = True
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if IS_HTTPS else 0
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "yiwang.web.problems.stale_form"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_REFERRER_POLICY = "same-origin"
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "yiwang.boot.log_lines.WithoutNumbers",
            "format": "{asctime} {levelname} {name} {message}",
            "style": "{",
        },
        "json": {"()": "yiwang.boot.log_lines.JsonLines"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": os.environ.get("YIWANG_LOG_FORMAT", "line"),
        }
    },
    "root": {"handlers": ["console"], "level": os.environ.get("YIWANG_LOG", "INFO")},
    "loggers": {
        # these write whole addresses, in which somebody's number may stand
        "django.request": {"level": "ERROR"},
        "django.security": {"level": "ERROR"},
        "uvicorn.access": {"level": "CRITICAL"},
        "pyiceberg": {"level": "WARNING"},  # one line per table opened
    },
}
