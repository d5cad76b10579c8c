"""What the provider can do, for clients that read it (OpenID Connect Discovery 1.0, RFC 8414)."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from verification.policy import CHANGE_NUMBER, NEW_NUMBER

from ..context import app_context

#: Seconds that it may be cached.
MAX_AGE = 3600
#: The URN of an action, for applications that want an `acr` that is one everywhere.
ACTION_URN = "urn:saycode:action:"
#: The type of `authorization_details` of RFC 9396's own examples.
PAYMENT_TYPE = "payment_initiation"
#: The two proofs that change an account's number are for the API alone.
OWN_ACTIONS = (CHANGE_NUMBER, NEW_NUMBER)
CLIENT_METHODS = ["client_secret_basic", "client_secret_post", "none"]


async def configuration(request: Request) -> Response:
    """The provider's metadata."""
    ctx = app_context(request)
    urls = ctx.urls
    actions = [action.name for action in ctx.verifier.policy.actions if action.name not in OWN_ACTIONS]
    metadata = {
        "issuer": urls.public_url,
        "authorization_endpoint": urls.of("openid_authorize"),
        "pushed_authorization_request_endpoint": urls.of("openid_push"),
        "token_endpoint": urls.of("openid_token"),
        "userinfo_endpoint": urls.of("openid_userinfo"),
        "jwks_uri": urls.of("receipt_keys"),
        "scopes_supported": ["openid", "phone"],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "token_endpoint_auth_methods_supported": CLIENT_METHODS,
        "code_challenge_methods_supported": ["S256"],
        "acr_values_supported": [*actions, *(ACTION_URN + action for action in actions)],
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "authorization_details_types_supported": [PAYMENT_TYPE],
        "claims_supported": [
            *("iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "at_hash"),
            *("phone_number", "phone_number_verified", "payment"),
        ],
        "claims_parameter_supported": True,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "authorization_response_iss_parameter_supported": True,
    }
    return JSONResponse(metadata, headers={"Cache-Control": f"public, max-age={MAX_AGE}"})
