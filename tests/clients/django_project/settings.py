"""The settings that the documents of django-two-factor-auth and django-twilio-2fa ask for."""

import os

SECRET_KEY = os.environ["DJANGO_SECRET_KEY"]
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "django_project.urls"
USE_TZ = True
SITE_ID = 1
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.environ["DJANGO_DATABASE"]}}
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.sites",
    "django.contrib.messages",
    "django_otp",
    "django_otp.plugins.otp_static",
    "django_otp.plugins.otp_totp",
    "two_factor",
    "two_factor.plugins.phonenumber",
    "rest_framework",
    "django_twilio_2fa",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "two_factor.middleware.threadlocals.ThreadLocals",
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
            ]
        },
    }
]

# django-two-factor-auth.
LOGIN_URL = "two_factor:login"
LOGIN_REDIRECT_URL = "two_factor:profile"
PHONENUMBER_DEFAULT_REGION = "US"
# Twilio, or Saycode.
TWO_FACTOR_CALL_GATEWAY = TWO_FACTOR_SMS_GATEWAY = os.environ.get("GATEWAY", "django_project.addresses.Gateway")
TWILIO_ACCOUNT_SID = os.environ["TWILIO_ACCOUNT_SID"]
TWILIO_AUTH_TOKEN = os.environ["TWILIO_AUTH_TOKEN"]
TWILIO_CALLER_ID = os.environ["TWILIO_CALLER_ID"]

# django-twilio-2fa.
TWILIO_2FA_ACCOUNT_SID = os.environ["VERIFY_KEY"]
TWILIO_2FA_AUTH_TOKEN = os.environ["VERIFY_SECRET"]
TWILIO_2FA_SERVICE_ID = os.environ["VERIFY_SERVICE"]
TWILIO_2FA_SERVICE_NAME = "Leaf and Kettle"
TWILIO_2FA_ALLOWED_METHODS = ["sms", "call"]


def TWILIO_2FA_USER_PHONE_NUMBER_CB(user):
    """The number of a user, whose name it is here."""
    from django_twilio_2fa.options import PhoneNumber

    return PhoneNumber(user.username, "US", verified=True, carrier_type="mobile")


def TWILIO_2FA_USER_EMAIL_CB(user):
    """No mail here."""


TWILIO_2FA_SUCCESS_REDIRECT_URL = "/account/two_factor/"
