"""A Django project that signs people in with mozilla-django-oidc; the wallet part stands in docs/vendors.md as well."""

import json
import os
from urllib.request import urlopen

with urlopen(os.environ["SHOP_DISCOVERY_URL"]) as answer:  # noqa: S310 - the operator's own setting
    provider = json.load(answer)

OIDC_RP_CLIENT_ID = os.environ["SHOP_CLIENT_ID"]
OIDC_RP_CLIENT_SECRET = os.environ["SHOP_CLIENT_SECRET"]
OIDC_RP_SIGN_ALGO = "RS256"
OIDC_RP_SCOPES = "openid profile email"
OIDC_USE_PKCE = True
OIDC_TOKEN_USE_BASIC_AUTH = True
OIDC_STORE_ID_TOKEN = True
OIDC_OP_AUTHORIZATION_ENDPOINT = provider["authorization_endpoint"]
OIDC_OP_TOKEN_ENDPOINT = provider["token_endpoint"]
OIDC_OP_USER_ENDPOINT = provider["userinfo_endpoint"]
OIDC_OP_JWKS_ENDPOINT = provider["jwks_uri"]
OIDC_OP_END_SESSION_ENDPOINT = provider["end_session_endpoint"]
OIDC_OP_LOGOUT_URL_METHOD = "accounts.sign_out_at_the_wallet"
AUTHENTICATION_BACKENDS = ["accounts.WalletBackend"]
LOGIN_URL = "oidc_authentication_init"
LOGIN_REDIRECT_URL = LOGOUT_REDIRECT_URL = "/"
LOGIN_REDIRECT_URL_FAILURE = "/?refused"

SECRET_KEY = os.environ["SHOP_SECRET_KEY"]
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "pages"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.environ["SHOP_DATABASE"]}}
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "mozilla_django_oidc",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "mozilla_django_oidc.middleware.SessionRefresh",
]
OIDC_RENEW_ID_TOKEN_EXPIRY_SECONDS = 2  # 15 minutes if nothing is said
