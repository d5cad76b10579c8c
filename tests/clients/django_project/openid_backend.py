"""Users are found by `sub`. The session keeps the action that was proven, for what needs one."""

from mozilla_django_oidc.auth import OIDCAuthenticationBackend


class Backend(OIDCAuthenticationBackend):
    """The package's own backend finds users by their mail address, which Saycode does not know."""

    def verify_claims(self, claims):
        return bool(claims.get("phone_number_verified"))

    def filter_users_by_claims(self, claims):
        return self.UserModel.objects.filter(username=claims["sub"])

    def create_user(self, claims):
        return self.UserModel.objects.create_user(claims["sub"])

    def verify_token(self, token, **kwargs):
        payload = super().verify_token(token, **kwargs)
        self.request.session["proven"] = payload["acr"]
        return payload
