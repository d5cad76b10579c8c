"""Voice TwiML: the verbs, with the warnings that Twilio gives."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from ..core.wordlist import word_set
from .connecting import read_dial, read_enqueue, read_leave, read_record
from .parser import Attributes, read_root, text_of, warn_about_text
from .speech import SSML, flatten
from .verbs import (
    MAX_LOOPS,
    Gather,
    Hangup,
    Pause,
    Play,
    PlayKeys,
    Problem,
    Redirect,
    Reject,
    RejectReason,
    Say,
    VoiceDocument,
    VoiceVerb,
)
from .voices import BASIC_LANGUAGES, BASIC_VOICE, LANGUAGES, Voice, VoiceProvider, find_voice

DEFAULT_LANGUAGE = "en-US"
UNSUPPORTED_VERBS = word_set("Connect Start Stop Pay Refer Prompt Echo Queue Sms Siprec Stream")
"""Verbs of Twilio that the simulator does not support."""

_GATHER = word_set(
    """
    input action method timeout finishOnKey numDigits actionOnEmptyResult language speechTimeout speechModel
    hints profanityFilter partialResultCallback partialResultCallbackMethod enhanced maxSpeechTime bargeIn debug
    """
)
_GATHER_INEFFECTIVE = word_set("partialResultCallback debug")
_MODELS = re.compile(
    r"default|numbers_and_commands|phone_call|experimental_conversations|experimental_utterances|googlev2_\w+|deepgram_nova-[23]"
)


@dataclass(frozen=True, slots=True)
class SayCodes:
    """The codes of invalid attributes, which differ inside a `<Gather>`."""

    loop: int
    voice: int


TOP_LEVEL, NESTED = SayCodes(loop=13510, voice=13511), SayCodes(loop=13322, voice=13321)


def read_voice(body: bytes | str) -> VoiceDocument:
    """Parse and check a document. Raises `InvalidDocument`."""
    problems: list[Problem] = []
    root = read_root(body, problems)
    verbs: list[VoiceVerb] = []
    for index, element in enumerate(root):
        reader = _READERS.get(element.tag)
        if reader is None:
            problems.append(_unknown(element))
            continue
        verb = reader(element, problems)
        if verb is not None:
            verbs.append(verb)
        if isinstance(verb, Redirect | Hangup | Reject) and index + 1 < len(root):
            rest = ", ".join(f"<{other.tag}>" for other in root[index + 1 :])
            problems.append(Problem(None, f"{rest} after <{element.tag}> will never run"))
            break
    return VoiceDocument(tuple(verbs), tuple(problems))


def _unknown(element: Element) -> Problem:
    if element.tag in UNSUPPORTED_VERBS:
        return Problem(None, f"the simulator does not do <{element.tag}>: it is left out")
    return Problem(12200, f"<{element.tag}> is not a TwiML verb (names are case-sensitive)")


def _say(element: Element, problems: list[Problem], codes: SayCodes = TOP_LEVEL) -> Say | None:
    attributes = Attributes(element, ("voice", "language", "loop"), problems)
    loop = attributes.integer("loop", default=1, minimum=0, code=codes.loop) or MAX_LOOPS
    voice = _voice(attributes, codes)
    language = _language(attributes, voice)
    if not voice.speaks(language):
        # Twilio documents that a wrong pair "can fail" the Say. Here it always does.
        attributes.problem(13512, f"{voice.name} does not speak {language}: nothing is said")
        return None
    if not _check_ssml(element, voice, attributes):
        return None
    speech = flatten(element)
    if not speech.text:
        attributes.problem(13520, "has no text")
        return None
    if _length(element, voice) > voice.longest_text:
        attributes.problem(13521, f"has more than {voice.longest_text} characters: nothing is said")
        return None
    return Say(speech.text, speech.seconds, language, voice.name, loop)


def _voice(attributes: Attributes, codes: SayCodes) -> Voice:
    name = attributes.text("voice")
    if name is None:
        return BASIC_VOICE
    voice = find_voice(name)
    if voice is None:
        attributes.invalid_value(codes.voice, "voice")
    return voice or BASIC_VOICE


def _language(attributes: Attributes, voice: Voice) -> str:
    language = attributes.text("language")
    if language in LANGUAGES:
        return language
    if language in BASIC_LANGUAGES and voice.provider is VoiceProvider.BASIC:
        return BASIC_LANGUAGES[language]
    if language is not None:
        attributes.invalid_value(13512, "language")
    return voice.languages[0] if voice.languages else DEFAULT_LANGUAGE


def _check_ssml(element: Element, voice: Voice, attributes: Attributes) -> bool:
    """Whether the voice can say the SSML. Tags that a provider may not support fail too: the stricter reading."""
    tags = [child for child in element.iter() if child is not element]
    if tags and voice.provider is VoiceProvider.BASIC:
        attributes.problem(12200, "has SSML, but Basic voices read no tags")
    for tag in tags:
        if tag.tag not in SSML:
            attributes.problem(12200, f"has the unknown tag <{tag.tag}>")
            continue
        for name in sorted(set(tag.attrib) - SSML[tag.tag]):
            attributes.problem(12200, f"has <{tag.tag}> with the unknown attribute {name}")
        if voice.plain and (tag.tag == "emphasis" or tag.get("pitch") is not None):
            attributes.problem(13520, f"has <{tag.tag}>, which {voice.name} cannot do: nothing is said")
            return False
        if tag.tag == "w" and voice.provider is not VoiceProvider.POLLY:
            attributes.problem(13520, "has <w>, which only Polly knows: nothing is said")
            return False
    return True


def _length(element: Element, voice: Voice) -> int:
    """The length that counts for the limit. Google also counts tags and white space."""
    if voice.provider is not VoiceProvider.GOOGLE:
        return len("".join(element.itertext()).strip())
    inner = ElementTree.tostring(element, encoding="unicode")
    return len(inner) - len(inner.partition(">")[0]) - len(f"></{element.tag}>")


def _pause(element: Element, problems: list[Problem]) -> Pause:
    attributes = Attributes(element, ("length",), problems)
    return Pause(attributes.integer("length", default=1, minimum=1, code=13910))


def _play(element: Element, problems: list[Problem], *, nested: bool = False) -> Play | PlayKeys | None:
    attributes = Attributes(element, ("loop", "digits"), problems)
    loop = attributes.integer("loop", default=1, minimum=0, code=13410) or MAX_LOOPS
    digits = attributes.text("digits")
    if digits is not None:
        if nested:
            attributes.problem(12200, "with digits is not allowed inside Gather")
            return None
        if not re.fullmatch(r"[0-9A-D*#wW]+", digits):
            attributes.invalid_value(12200, "digits")
            return None
        return PlayKeys(digits * loop)
    if not text_of(element):
        attributes.problem(12200, "has neither a URL nor digits")
        return None
    return Play(text_of(element), loop)


def _redirect(element: Element, problems: list[Problem]) -> Redirect:
    attributes = Attributes(element, ("method",), problems)
    return Redirect(text_of(element), attributes.method("method", code=13710))


def _hangup(element: Element, problems: list[Problem]) -> Hangup:
    Attributes(element, (), problems)
    return Hangup()


def _reject(element: Element, problems: list[Problem]) -> Reject:
    attributes = Attributes(element, ("reason",), problems)
    return Reject(RejectReason(attributes.one_of("reason", list(RejectReason), default="rejected", code=12200)))


def _gather(element: Element, problems: list[Problem]) -> Gather:
    attributes = Attributes(element, _GATHER, problems)
    warn_about_text(element, problems)
    value = attributes.text("input")
    inputs = set(("dtmf" if value is None else value).split())
    if not inputs or inputs - {"dtmf", "speech"}:
        attributes.invalid_value(13326, "input")
        inputs = {"dtmf"}
    _check_speech(attributes)
    attributes.note_ineffective(_GATHER_INEFFECTIVE)
    return Gather(
        prompts=_prompts(element, problems),
        action=attributes.text("action"),
        method=attributes.method("method", code=13312),
        timeout=attributes.integer("timeout", default=5, minimum=1, code=13313),
        finish_on_key=_finish_on_key(attributes),
        num_digits=attributes.integer("numDigits", default=0, minimum=1, code=13314) or None,
        action_on_empty_result=attributes.boolean("actionOnEmptyResult", default=False, code=13338),
        dtmf="dtmf" in inputs,
        speech="speech" in inputs,
    )


def _finish_on_key(attributes: Attributes) -> str:
    key = attributes.text("finishOnKey")
    if key is None:
        return "#"
    if key == "" or re.fullmatch(r"[0-9#*]", key, re.ASCII):
        return key
    attributes.invalid_value(13310 if len(key) == 1 else 13311, "finishOnKey")
    return "#"


def _prompts(element: Element, problems: list[Problem]) -> tuple[Say | Play | Pause, ...]:
    prompts: list[Say | Play | Pause] = []
    for child in element:
        prompt: Say | Play | PlayKeys | Pause | None = None
        match child.tag:
            case "Say":
                prompt = _say(child, problems, NESTED)
            case "Play":
                prompt = _play(child, problems, nested=True)
            case "Pause":
                prompt = _pause(child, problems)
            case _:
                problems.append(Problem(13320, f"<{child.tag}>"))
        if prompt is not None and not isinstance(prompt, PlayKeys):
            prompts.append(prompt)
    return tuple(prompts)


def _check_speech(attributes: Attributes) -> None:
    """Check the speech attributes. They have no effect: the simulator receives speech as one complete text."""
    model = attributes.text("speechModel")
    if model is not None and not _MODELS.fullmatch(model):
        attributes.invalid_value(13334, "speechModel")
    wait = attributes.text("speechTimeout")
    if wait == "auto":
        if model is not None:
            attributes.invalid_value(13335, "speechTimeout")
    else:
        attributes.integer("speechTimeout", default=1, minimum=1, code=13327)
    attributes.integer("maxSpeechTime", default=1, minimum=1, code=13328)
    attributes.method("partialResultCallbackMethod", code=13329)
    hints = (attributes.text("hints") or "").split(",")
    if len(hints) > 500 or any(len(hint.strip()) > 100 for hint in hints):
        attributes.invalid_value(13330, "hints")
    language = attributes.text("language")
    if language is not None and not re.fullmatch(r"[a-z]{2,3}(-[A-Z][a-z]{3})?-[A-Z0-9]{2,3}", language):
        attributes.invalid_value(13331, "language")
    attributes.boolean("bargeIn", default=True, code=13332)
    attributes.boolean("profanityFilter", default=True, code=13333)


_Reader = Callable[[Element, list[Problem]], VoiceVerb | None]
_READERS: dict[str, _Reader] = {
    "Say": _say,
    "Pause": _pause,
    "Play": _play,
    "Gather": _gather,
    "Redirect": _redirect,
    "Hangup": _hangup,
    "Reject": _reject,
    "Dial": read_dial,
    "Record": read_record,
    "Enqueue": read_enqueue,
    "Leave": read_leave,
}
