"""A shop's webhooks in Flask, checked with Twilio's validator as in its tutorial; and events, with standardwebhooks."""

import os
from functools import wraps

from flask import Flask, abort, request
from standardwebhooks import Webhook, WebhookVerificationError
from twilio.request_validator import RequestValidator
from twilio.twiml.messaging_response import MessagingResponse
from twilio.twiml.voice_response import Gather, VoiceResponse

app = Flask(__name__)
seen: list[str] = []


def validate_twilio_request(handler):
    """Only for requests that Twilio signed."""

    @wraps(handler)
    def checked(*args, **kwargs):
        validator = RequestValidator(os.environ["TWILIO_AUTH_TOKEN"])
        if not validator.validate(request.url, request.form, request.headers.get("X-Twilio-Signature", "")):
            abort(403)
        return handler(*args, **kwargs)

    return checked


def twiml(response):
    return str(response), 200, {"Content-Type": "text/xml"}


@app.post("/voice")
@validate_twilio_request
def voice():
    response = VoiceResponse()
    gather = Gather(num_digits=1, action="/choice")
    gather.say(f"Welcome to {request.args['shop']}. For our opening hours, press 1.")
    response.append(gather)
    response.say("Goodbye.")
    return twiml(response)


@app.post("/choice")
@validate_twilio_request
def choice():
    response = VoiceResponse()
    response.say("We open at nine." if request.form["Digits"] == "1" else "Goodbye.")
    return twiml(response)


@app.post("/sms")
@validate_twilio_request
def sms():
    response = MessagingResponse()
    response.message(f"You wrote: {request.form['Body']}")
    return twiml(response)


@app.post("/status")
@validate_twilio_request
def status():
    seen.append(request.form["CallStatus"])
    return "", 204


@app.post("/events")
def events():
    try:
        event = Webhook(os.environ["EVENTS_SECRET"]).verify(request.get_data(as_text=True), dict(request.headers))
    except WebhookVerificationError:
        abort(400)
    seen.append(event["type"])
    return "", 204


@app.get("/seen")
def everything():
    return seen
