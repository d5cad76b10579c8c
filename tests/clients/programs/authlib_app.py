"""A shop that logs people in with Authlib, and asks for more before a change of billing."""

import os

from authlib.integrations.base_client import OAuthError
from authlib.integrations.flask_client import OAuth
from flask import Flask, session, url_for

app = Flask(__name__)
app.secret_key = os.environ["FLASK_SECRET"]
oauth = OAuth(app)
oauth.register(
    "saycode",
    client_id=os.environ["CLIENT_ID"],
    client_secret=os.environ["CLIENT_SECRET"],
    server_metadata_url=os.environ["ISSUER"] + "/.well-known/openid-configuration",
    client_kwargs={"scope": "openid phone", "code_challenge_method": "S256"},
)


@app.get("/ready")
def ready():
    return "ready"


@app.get("/login")
def login():
    return oauth.saycode.authorize_redirect(url_for("callback", _external=True))


@app.get("/billing")
def billing():
    session["wanted"] = "change-billing"
    return oauth.saycode.authorize_redirect(url_for("callback", _external=True), acr_values="change-billing")


@app.get("/callback")
def callback():
    try:
        claims = oauth.saycode.authorize_access_token()["userinfo"]
    except OAuthError as refused:
        return f"refused: {refused.error}", 403
    wanted = session.pop("wanted", "sign-in")
    if claims["acr"] != wanted:
        return "another action", 403
    return f"{claims['acr']} {'+'.join(claims['amr'])} {claims['phone_number']}"
