"""A voice webhook's response as a document: TwiML, an audio file, or plain text to read aloud."""

from __future__ import annotations

from ..core.wordlist import word_set
from ..http.client import WebhookResponse
from ..twiml.parser import InvalidDocument
from ..twiml.speech import speaking_seconds
from ..twiml.verbs import Play, Problem, Say, VoiceDocument
from ..twiml.voice import DEFAULT_LANGUAGE, read_voice
from ..twiml.voices import BASIC_VOICE

MAX_DOCUMENT_BYTES = 65_536
XML_TYPES = frozenset({"text/xml", "application/xml", "text/html"})
AUDIO_TYPES = word_set(
    """
    audio/mpeg audio/wav audio/wave audio/x-wav audio/aiff audio/x-aiff audio/x-aifc audio/gsm audio/x-gsm
    audio/ulaw
    """
)


def plain_say(text: str) -> Say:
    return Say(text, speaking_seconds(text), DEFAULT_LANGUAGE, BASIC_VOICE.name)


APOLOGY = plain_say("We are sorry, an application error has occurred. Goodbye.")
"""What callers hear when a document fails without a fallback. The wording is the simulator's."""


def document_from_response(response: WebhookResponse) -> VoiceDocument:
    """Raises `InvalidDocument`."""
    if len(response.body) > MAX_DOCUMENT_BYTES:
        raise InvalidDocument(11750, f"{response.url} answered {len(response.body)} bytes or more")
    if not response.body.strip():
        if response.chunked:
            raise InvalidDocument(11770, response.url)
        return VoiceDocument((), (Problem(12100, "the response is empty: the call is hung up"),))
    kind = response.media_type
    if kind in XML_TYPES:
        return read_voice(response.body)
    if kind in AUDIO_TYPES:
        return VoiceDocument((Play(response.url),))
    if kind == "text/plain":
        return _plain(response.body)
    raise InvalidDocument(12300, f"{response.url} answered {kind or 'no content type'}")


def _plain(body: bytes) -> VoiceDocument:
    """Plain text that parses as TwiML is run; other text is read aloud."""
    try:
        return read_voice(body)
    except InvalidDocument:
        text = " ".join(body.decode("utf-8", "replace").split())
        return VoiceDocument((plain_say(text),), (Problem(None, "a plain text response is read aloud"),))
