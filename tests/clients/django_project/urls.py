"""The addresses of both packages, as their documents include them."""

from django.urls import include, path
from two_factor.gateways.twilio.urls import urlpatterns as twilio_urls
from two_factor.urls import urlpatterns as two_factor_urls

from . import addresses  # noqa: F401

urlpatterns = [
    path("", include(two_factor_urls)),
    path("", include(twilio_urls)),
    path("2fa/", include("django_twilio_2fa.api.urls")),
]
