"""The settings that the documents of mozilla-django-oidc ask for."""

import os

from .settings import DEFAULT_AUTO_FIELD, TEMPLATES, USE_TZ  # noqa: F401

SECRET_KEY = os.environ["DJANGO_SECRET_KEY"]
DEBUG = False
ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
ROOT_URLCONF = "django_project.openid_urls"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.environ["DJANGO_DATABASE"]}}
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "mozilla_django_oidc",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]

AUTHENTICATION_BACKENDS = ["django_project.openid_backend.Backend"]
OIDC_RP_CLIENT_ID = os.environ["CLIENT_ID"]
OIDC_RP_CLIENT_SECRET = os.environ["CLIENT_SECRET"]
OIDC_RP_SIGN_ALGO = "ES256"
OIDC_RP_SCOPES = "openid phone"
OIDC_USE_PKCE = True
OIDC_OP_JWKS_ENDPOINT = os.environ["ISSUER"] + "/.well-known/jwks.json"
OIDC_OP_AUTHORIZATION_ENDPOINT = os.environ["ISSUER"] + "/authorize"
OIDC_OP_TOKEN_ENDPOINT = os.environ["ISSUER"] + "/token"
OIDC_OP_USER_ENDPOINT = os.environ["ISSUER"] + "/userinfo"
LOGIN_URL = "oidc_authentication_init"
LOGIN_REDIRECT_URL = "/account/"
LOGIN_REDIRECT_URL_FAILURE = "/refused/"
