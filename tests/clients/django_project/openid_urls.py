"""The addresses of the package, a page for those who are logged in, and one that needs a step-up."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import include, path
from mozilla_django_oidc.views import OIDCAuthenticationRequestView

ACTION = "change-billing"


class StepUp(OIDCAuthenticationRequestView):
    """The login again, for an action."""

    def get_extra_params(self, request):
        return {"acr_values": ACTION}


@login_required
def account(request):
    return HttpResponse(f"Hello {request.user.username}")


@login_required
def billing(request):
    if request.session.get("proven") != ACTION:
        return redirect("/step-up/?next=/billing/")
    return HttpResponse("Billing details")


urlpatterns = [
    path("oidc/", include("mozilla_django_oidc.urls")),
    path("account/", account),
    path("billing/", billing),
    path("step-up/", StepUp.as_view()),
    path("ready/", lambda request: HttpResponse("ready")),
    path("refused/", lambda request: HttpResponse("Refused")),
]
