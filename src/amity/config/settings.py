"""Django's settings, all derived from Amity's own (`amity.kernel.settings`)."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urlsplit

from csp.constants import NONE, SELF

from amity.config.secrets import secret_key
from amity.engines.addresses import addresses
from amity.kernel.errors import NotRunning
from amity.kernel.mail import server_of
from amity.kernel.settings import settings

_amity = settings()


def _database() -> dict[str, Any]:
    try:
        url = urlsplit(addresses().present)
    except NotRunning:
        url = urlsplit("postgresql://nobody@127.0.0.1:1/none")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": url.hostname or "",
        "PORT": url.port or 5432,
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "NAME": url.path.lstrip("/"),
        "CONN_HEALTH_CHECKS": True,  # what the pool kept from before PostgreSQL was started again is dead
        # The pool waits twice as long after each failure; a short limit makes it begin anew once PostgreSQL is back.
        "OPTIONS": {"pool": {"min_size": 0, "max_size": 16, "timeout": 10, "reconnect_timeout": 5}},
    }


SECRET_KEY = secret_key(_amity)
DEBUG = False
ALLOWED_HOSTS = ["*"]  # the console answers on the address that the operator chose; nothing is built from the Host header
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
ROOT_URLCONF = "amity.config.urls"
ASGI_APPLICATION = "amity.config.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "trust.Person"
SILENCED_SYSTEM_CHECKS = ["auth.W004"]  # the e-mail is unique whatever its case, which a field can't say but a constraint can

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "csp",
    "amity.rooms.trust",  # before allauth: its pages are drawn here
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "amity.engines.present",
    "amity.shell",
    "amity.rooms.collection",
    "amity.rooms.customers",
    "amity.rooms.listening",
    "amity.rooms.metrics",
    "amity.rooms.journeys",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "amity.rooms.trust.console.headers.strict_headers",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "amity.shell.errors.ErrorPages",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "amity.shell.context.frame",
            ],
        },
    },
]

DATABASES = {"default": _database()}
STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True  # static files come straight from the package: nothing to collect first
WHITENOISE_MAX_AGE = 0  # asked for again on each page, answered 304: an update is never half there

PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]

# Who signs in: people who were invited, with e-mail and password or a passkey. Signing in sends no mail.
LOGIN_URL, LOGIN_REDIRECT_URL, LOGOUT_REDIRECT_URL = "account_login", "trust:home", "account_login"
ACCOUNT_ADAPTER = "amity.rooms.trust.console.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # an invitation goes to an address that a colleague chose
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
ACCOUNT_USER_DISPLAY = "amity.rooms.trust.models.display_name"
MFA_ADAPTER = "amity.rooms.trust.console.adapter.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_TOLERANCE = 1
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = _amity.public_console.startswith("http://localhost")
# Nobody is written to unless the operator says by which server; see `trust.actions.mailing`.
_mail = server_of(_amity.mail_url, _amity.mail_from)
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if _mail.host else 'console'}.EmailBackend"
EMAIL_HOST, EMAIL_PORT, EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail.host, _mail.port, _mail.user, _mail.password
EMAIL_USE_TLS, EMAIL_USE_SSL, EMAIL_TIMEOUT = _mail.starttls, _mail.tls, 10
DEFAULT_FROM_EMAIL = _amity.mail_from

# Counters of attempts, which all processes share. Far more entries than Django's 300, or a flood would wash limits away.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "trust_counter",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    },
}

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    },
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
_https = _amity.public_console.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
# Browsers share cookies between ports: two Amitys on one machine must not sign each other's people out.
_cookie = "__Host-amity" if _https else f"amity_{_amity.console_port}"
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"{_cookie}_session", f"{_cookie}_csrf"
SESSION_COOKIE_AGE = 14 * 86_400
SECURE_HSTS_SECONDS = 31_536_000 if _https else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _https and _amity.trusted_proxies else None
CSRF_TRUSTED_ORIGINS = [_amity.public_console]
LOGGING_CONFIG = None
