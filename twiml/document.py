"""TwiML documents, built with Twilio's classes and checked for what those let through.

The library escapes markup, but neither it nor ElementTree refuses characters that XML does not allow, and Twilio drops
the call over one (error 12100). So every text and address passes `xml_text`. Addresses are fetched by POST, because
proxies cache and log a GET.
"""

import re
from collections.abc import Iterator, Mapping

from twilio.twiml import TwiML
from twilio.twiml.messaging_response import MessagingResponse
from twilio.twiml.voice_response import Gather, Hangup, Pause, Redirect, Say, SsmlSub, VoiceResponse

from .words import Words

# Anything outside XML 1.0's `Char`.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Not part of a name, a longer number or a decimal.
_LONE_DIGIT = re.compile(r"(?<![A-Za-z0-9.,])[0-9](?![A-Za-z0-9]|[.,][0-9])")
# Twilio's smallest limit for one <Say> with a Polly voice.
SAY_LIMIT = 3000


def xml_text(text: str) -> str:
    """The text itself. ValueError when it is empty or contains a character that XML does not allow."""
    if not text.strip():
        raise ValueError("an empty text or address")
    if match := _NOT_XML.search(text):
        raise ValueError(f"U+{ord(match[0]):04X} is not allowed in XML")
    return text


def spell_out(characters: str) -> str:
    """A code or keys as they are said: `4, 7, 1`. ValueError for characters other than the digits 0 to 9."""
    if not (characters.isascii() and characters.isdigit()):
        raise ValueError("a code and keys are digits")
    return ", ".join(characters)


def say(words: Words, sentence: str, *, rate: str = "") -> Say:
    """One sentence in the voice of the language, without one in Twilio's default voice for it. ValueError when it
    exceeds `SAY_LIMIT`, or as `xml_text`.

    `rate`: how fast, as a share such as `85%`, where the voice can change it. Digits that the language says in its own
    way (`Words.digits`) are marked with it, where the voice reads tags.
    """
    if len(sentence) > SAY_LIMIT:
        raise ValueError(f"{len(sentence)} characters exceed the limit of one <Say>")
    verb, text, tags = (
        Say(voice=words.voice or None, language=words.language),
        xml_text(sentence),
        reads_tags(words.voice),
    )
    spoken = verb.prosody(rate=rate) if rate and tags else verb
    for part in _with_digits(text, words.digits) if tags else (text,):
        spoken.nest(part)
    return verb


def _with_digits(text: str, digits: Mapping[str, str]) -> Iterator[str | SsmlSub]:
    end = 0
    for match in _LONE_DIGIT.finditer(text):
        if match[0] in digits:
            yield text[end : match.start()]
            yield SsmlSub(match[0], alias=digits[match[0]])
            end = match.end()
    yield text[end:]


def reads_tags(voice: str) -> bool:
    """Whether Twilio's table of SSML has `<prosody rate>` and `<sub alias>` for the voice.

    All of Amazon's and Google's do, except generative ones, which read or refuse the tags.
    """
    return voice.startswith(("Polly.", "Google.")) and not any(kind in voice for kind in ("Generative", "Chirp"))


def pause(seconds: int) -> Pause:
    """Silence, in whole seconds."""
    return Pause(length=seconds)


def gather(*nested: Say | Pause, on_keys: str, digits: int, timeout: int, finish_on_key: str = "") -> Gather:
    """Collect `digits` keys during the nested verbs and for `timeout` seconds after them.

    Without a finish key, `*` and `#` are ordinary keys and arrive in `Digits`. When nothing is pressed, Twilio
    continues with the verb after the Gather.
    """
    verb = Gather(
        input="dtmf",
        action=xml_text(on_keys),
        method="POST",
        num_digits=digits,
        timeout=timeout,
        finish_on_key=finish_on_key,
    )
    for inner in nested:
        verb.append(inner)
    return verb


def redirect(address: str) -> Redirect:
    """Continue with the document at the address."""
    return Redirect(xml_text(address), method="POST")


def hang_up() -> Hangup:
    """End the call."""
    return Hangup()


def voice_response(*verbs: Say | Pause | Gather | Redirect | Hangup) -> str:
    """A whole voice document. ValueError unless its last verb is a hang-up or a redirect."""
    if not verbs or not isinstance(verbs[-1], Hangup | Redirect):
        raise ValueError("a call document ends with a hang-up or a redirect")
    return _to_xml(VoiceResponse(), verbs)


def messaging_response(body: str | None) -> str:
    """The answer to a text message: one reply, or none."""
    response = MessagingResponse()
    if body is not None:
        response.message(xml_text(body))
    return _to_xml(response, ())


def _to_xml(response: TwiML, verbs: tuple[TwiML, ...]) -> str:
    for verb in verbs:
        response.append(verb)
    return str(response.to_xml())
