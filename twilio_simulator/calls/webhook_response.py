"""What a voice webhook's answer means: a document, a sound, a text to read aloud, or a fault (facts 8.1)."""

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
"""The recorded message that callers hear when a document fails and there is no fallback; the wording is ours."""


def document_from_response(answer: WebhookResponse) -> VoiceDocument:
    """The document that an answer amounts to. Raises `Unreadable`."""
    if len(answer.body) > MAX_DOCUMENT_BYTES:
        raise InvalidDocument(11750, f"{answer.url} answered {len(answer.body)} bytes or more")
    if not answer.body.strip():
        if answer.chunked:
            raise InvalidDocument(11770, answer.url)
        return VoiceDocument((), (Problem(12100, "the answer is empty: the call is hung up"),))
    kind = answer.media_type
    if kind in XML_TYPES:
        return read_voice(answer.body)
    if kind in AUDIO_TYPES:
        return VoiceDocument((Play(answer.url),))
    if kind == "text/plain":
        return _plain(answer.body)
    raise InvalidDocument(12300, f"{answer.url} answered {kind or 'no content type'}")


def _plain(body: bytes) -> VoiceDocument:
    """Plain text is run when it happens to be TwiML, and read aloud otherwise."""
    try:
        return read_voice(body)
    except InvalidDocument:
        text = " ".join(body.decode("utf-8", "replace").split())
        return VoiceDocument((plain_say(text),), (Problem(None, "a plain text answer is read aloud"),))
