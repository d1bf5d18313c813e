"""Settings. None is needed to start: everything has a default below one data folder."""

import ipaddress
import os
import secrets
import socket
from pathlib import Path
from urllib.parse import unquote, urlsplit

DATA = Path(os.environ.get("RAPPORT_DATA") or Path.home() / ".local/share/rapport").expanduser()
URL = os.environ.get("RAPPORT_URL", "")
DEBUG = False
# Shows what developers need and nobody else: the gallery of components.
DEVELOPER = os.environ.get("RAPPORT_DEVELOPER", "") == "1"
ROOT_URLCONF = "rapport.config.urls"


def _secret() -> str:
    """The installation's secret: from the environment, else generated once into the data folder."""
    if given := os.environ.get("RAPPORT_SECRET"):
        return given
    path = DATA / "secret"
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        DATA.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(48))
        except FileExistsError:
            pass
        return path.read_text().strip()


def _database() -> dict[str, object]:
    """SQLite in the data folder, or what RAPPORT_DATABASE_URL names."""
    url = os.environ.get("RAPPORT_DATABASE_URL", "")
    if url.startswith(("postgresql://", "postgres://")):
        parts = urlsplit(url)
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": parts.path.lstrip("/"),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": parts.hostname or "",
            "PORT": str(parts.port or ""),
            "CONN_MAX_AGE": 0,
            # Parameters bound by the server, so that psycopg prepares what recurs: half the cost is planning.
            "OPTIONS": {
                "pool": {"min_size": 1, "max_size": 12, "timeout": 20},
                "server_side_binding": True,
                # Who it is, for whoever looks at the server, and for a restore that must be alone.
                "application_name": f"rapport {socket.gethostname()[:40]} {os.getpid()}",
            },
        }
    path = url.removeprefix("sqlite://") if url.startswith("sqlite://") else str(DATA / "rapport.sqlite3")
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-8000;"
            "PRAGMA mmap_size=268435456; PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY;",
        },
    }


SECRET_KEY = _secret()
DATABASES = {"default": _database()}
DATABASE_ROUTERS: list[str] = []
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "platform.User"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]

INSTALLED_APPS = [
    "django.contrib.staticfiles",
    "rapport.platform",
    "rapport.ui",
    "rapport.records",
    "rapport.automation",
    "rapport.parties",
    "rapport.interactions",
    "rapport.sales",
    "rapport.shell",
]
MIDDLEWARE = [
    "rapport.platform.web.middleware.Shield",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "rapport.platform.web.middleware.Entrance",
    "django.middleware.csrf.CsrfViewMiddleware",
    "rapport.shell.viewing.Viewing",
    "rapport.records.live.own.OwnOperations",
]
TEMPLATES = [
    {
        "BACKEND": "rapport.ui.engine.Engine",
        "APP_DIRS": True,
        "OPTIONS": {"environment": "rapport.ui.jinja.environment"},
    }
]

_hosts = {"localhost", "127.0.0.1", "[::1]", "testserver"}
if URL:
    _hosts.add(urlsplit(URL).hostname or "localhost")
ALLOWED_HOSTS = [*_hosts, *filter(None, os.environ.get("RAPPORT_HOSTS", "").split(","))]
# Machines whose word on where a request comes from (X-Forwarded-For) is taken: this one, and those named.
PROXIES = [
    ipaddress.ip_network(each.strip(), strict=False)
    for each in ["127.0.0.0/8", "::1", *os.environ.get("RAPPORT_PROXIES", "").split(",")]
    if each.strip()
]
# A provider that vouches for people (OpenID Connect); none without an issuer.
OIDC = {
    "issuer": os.environ.get("RAPPORT_OIDC_ISSUER", ""),
    "client": os.environ.get("RAPPORT_OIDC_CLIENT_ID", ""),
    "secret": os.environ.get("RAPPORT_OIDC_CLIENT_SECRET", ""),
    "name": os.environ.get("RAPPORT_OIDC_NAME", "") or "single sign-on",
    "role": os.environ.get("RAPPORT_OIDC_ROLE", ""),
}
SECURE = URL.startswith("https://")
CSRF_COOKIE_SECURE = SECURE
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "rapport.shell.views.errors.csrf_failure"
if SECURE:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    CSRF_TRUSTED_ORIGINS = [URL]
APPEND_SLASH = False
DATA_UPLOAD_MAX_MEMORY_SIZE = 16 * 1024 * 1024
# What a program may ask of the API: requests per minute in each web process (0: as many as it likes), bytes at once.
API_RATE_TOKEN = int(os.environ.get("RAPPORT_API_RATE_TOKEN", "60000"))
API_RATE_USER = int(os.environ.get("RAPPORT_API_RATE_USER", "120000"))
# The word by which a Prometheus server reads /metrics; without one there is nothing at that address.
METRICS = os.environ.get("RAPPORT_METRICS", "")
# Webhooks may call addresses of our own network only where somebody has said so.
OUTGOING_PRIVATE = os.environ.get("RAPPORT_OUTGOING_PRIVATE", "") == "1"
API_LARGEST = DATA_UPLOAD_MAX_MEMORY_SIZE

USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LANGUAGE_CODE = "en"

STATIC_URL = "/static/"
STATIC_ROOT = str(Path(__file__).resolve().parent.parent / "ui" / "static")
WHITENOISE_USE_FINDERS = False
WHITENOISE_AUTOREFRESH = False
WHITENOISE_IMMUTABLE_FILE_TEST = "rapport.platform.web.static.immutable"
STORAGES = {"staticfiles": {"BACKEND": "rapport.platform.web.static.HashedNames"}}

_level = os.environ.get("RAPPORT_LOG", "WARNING")
# Handlers hang on our own loggers: the server sets up the root logger for itself.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "loggers": {
        "django": {"handlers": ["stderr"], "level": _level, "propagate": False},
        # 4xx answers are no news for the log.
        "django.request": {"handlers": ["stderr"], "level": "ERROR", "propagate": False},
        "rapport": {"handlers": ["stderr"], "level": _level, "propagate": False},
    },
}
