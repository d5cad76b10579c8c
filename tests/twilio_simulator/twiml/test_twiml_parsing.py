"""Parsing TwiML: the document, and `<Say>` with its voices and SSML."""

from __future__ import annotations

import pytest

from tests.support.simulator import twiml
from twilio_simulator.twiml.parser import InvalidDocument
from twilio_simulator.twiml.speech import speaking_seconds
from twilio_simulator.twiml.verbs import Hangup, Say, VoiceVerb
from twilio_simulator.twiml.voice import read_voice


def codes(*verbs: str) -> list[int | None]:
    return [problem.code for problem in read_voice(twiml(*verbs)).problems]


def only(*verbs: str) -> VoiceVerb:
    """The only verb of a document without problems."""
    document = read_voice(twiml(*verbs))
    assert document.problems == ()
    (verb,) = document.verbs
    return verb


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("", 12100),
        ("Hello", 12100),
        ("<Response>", 12100),
        ("<Response><Say>a & b</Say></Response>", 12100),
        ("<Response><Say>\x0b</Say></Response>", 12100),
        ("<Response><Say>\x00</Say></Response>", 12100),
        (b'<?xml version="1.0" encoding="nonsense"?><Response/>', 12100),
        ("<response/>", 12102),
        ("<html/>", 12102),
        ('<Response xmlns="urn:x"/>', 12102),
        ('<!DOCTYPE Response [<!ENTITY a "b">]><Response><Say>&a;</Say></Response>', 12100),
        ('<!DOCTYPE Response SYSTEM "http://x.example/d"><Response/>', 12100),
    ],
)
def test_a_document_that_cannot_be_run_is_refused(body: str | bytes, code: int) -> None:
    with pytest.raises(InvalidDocument) as refused:
        read_voice(body)
    assert refused.value.code == code


def test_comments_are_allowed() -> None:
    verb = only("<!-- here --><Say>Hel<!-- there -->lo</Say>")
    assert isinstance(verb, Say)
    assert verb.text == "Hello"


@pytest.mark.parametrize("verb", ["say", "SAY", "Speak", "hangup", "Foo"])
def test_an_unknown_verb_is_ignored_with_a_warning(verb: str) -> None:
    document = read_voice(twiml(f"<{verb}>x</{verb}>", "<Hangup/>"))
    assert [problem.code for problem in document.problems] == [12200]
    assert document.verbs == (Hangup(),)


@pytest.mark.parametrize(
    "verb",
    [
        '<Say Voice="man">x</Say>',
        '<Say voise="man">x</Say>',
        '<Gather numdigits="1"/>',
        '<Gather finish_on_key="1"/>',
        '<Pause seconds="1"/>',
        '<Redirect Method="GET">/x</Redirect>',
        '<Hangup reason="x"/>',
        '<Reject why="busy"/>',
        '<Play count="2">/x</Play>',
    ],
)
def test_an_unknown_or_miswritten_attribute_is_ignored_with_a_warning(verb: str) -> None:
    assert codes(verb) == [12200]


def test_text_between_verbs_is_ignored_with_a_warning() -> None:
    assert codes("Hello", "<Hangup/>") == [12200]


def test_a_version_attribute_gets_a_warning() -> None:
    assert [problem.code for problem in read_voice('<Response version="2"/>').problems] == [12101]


def test_an_unsupported_verb_gives_a_notice() -> None:
    assert codes("<Connect/>") == [None]


@pytest.mark.parametrize("verb", ["<Redirect>/x</Redirect>", "<Hangup/>", "<Reject/>"])
def test_verbs_that_never_run_are_noticed_and_dropped(verb: str) -> None:
    document = read_voice(twiml(verb, "<Say>x</Say>"))
    assert len(document.verbs) == 1
    assert [problem.code for problem in document.problems] == [None]


def test_say_has_its_defaults() -> None:
    assert only("<Say> Hello  there </Say>") == Say("Hello there", speaking_seconds("Hello there"), "en-US", "man")


@pytest.mark.parametrize(
    ("attributes", "language", "voice"),
    [
        ('voice="woman"', "en-US", "woman"),
        ('voice="Polly.Joanna-Neural" language="en-US"', "en-US", "Polly.Joanna-Neural"),
        ('voice="Polly.Vicki-Neural"', "de-DE", "Polly.Vicki-Neural"),
        ('voice="Google.pt-BR-Standard-A" language="pt-BR"', "pt-BR", "Google.pt-BR-Standard-A"),
        ('voice="Google.en-US-Chirp3-HD-Aoede"', "en-US", "Google.en-US-Chirp3-HD-Aoede"),
        ('voice="Polly.Kajal-Neural" language="hi-IN"', "hi-IN", "Polly.Kajal-Neural"),
        ('voice="Polly.Zhiyu-Neural" language="zh-CN"', "zh-CN", "Polly.Zhiyu-Neural"),
        ('language="fr-FR"', "fr-FR", "man"),
    ],
)
def test_say_takes_a_voice_and_its_language(attributes: str, language: str, voice: str) -> None:
    verb = only(f"<Say {attributes}>x</Say>")
    assert isinstance(verb, Say)
    assert (verb.language, verb.voice) == (language, voice)


@pytest.mark.parametrize(
    ("verb", "code"),
    [
        ('<Say loop="-1">x</Say>', 13510),
        ('<Say loop="many">x</Say>', 13510),
        ('<Say voice="alice">x</Say>', 13511),
        ('<Say voice="Polly.Nobody">x</Say>', 13511),
        ('<Say voice="Google.xx-XX-Standard-A">x</Say>', 13511),
        ('<Say voice="Google.hu-HU-Wavenet-A">x</Say>', 13511),
        ('<Say language="english">x</Say>', 13512),
        ('<Say language="am-ET">x</Say>', 13512),
    ],
)
def test_a_bad_attribute_of_say_gets_a_warning_and_the_default(verb: str, code: int) -> None:
    document = read_voice(twiml(verb))
    assert [problem.code for problem in document.problems] == [code]
    (say,) = document.verbs
    assert isinstance(say, Say)
    assert (say.language, say.voice, say.loop) == ("en-US", "man", 1)


@pytest.mark.parametrize(
    ("language", "spoken"), [("en", "en-US"), ("en-gb", "en-GB"), ("es", "es-ES"), ("fr", "fr-FR"), ("it", "it-IT")]
)
def test_the_short_names_of_languages_are_for_the_basic_voices_only(language: str, spoken: str) -> None:
    for voice in ("", ' voice="man"', ' voice="woman"'):
        document = read_voice(twiml(f'<Say{voice} language="{language}">x</Say>'))
        (say,) = document.verbs
        assert isinstance(say, Say)
        assert (say.language, document.problems) == (spoken, ())
    document = read_voice(twiml(f'<Say voice="Polly.Joanna" language="{language}">x</Say>'))
    assert [problem.code for problem in document.problems] == [13512]


@pytest.mark.parametrize(
    ("verb", "code"),
    [
        ("<Say></Say>", 13520),
        ("<Say>  \n </Say>", 13520),
        (f"<Say>{'x' * 4001}</Say>", 13521),
        (f'<Say voice="Polly.Joanna">{"x" * 3001}</Say>', 13521),
        (f'<Say voice="Google.en-US-Standard-A">{"x" * 5001}</Say>', 13521),
        (f'<Say voice="Google.en-US-Standard-A">{"x" * 4995}<break/></Say>', 13521),
        ('<Say voice="Polly.Vicki-Neural" language="en-US">x</Say>', 13512),
        ('<Say voice="Polly.Joanna-Neural"><emphasis>x</emphasis></Say>', 13520),
        ('<Say voice="Google.en-US-Standard-A"><w role="amazon:VB">x</w></Say>', 13520),
    ],
)
def test_a_say_that_cannot_be_said_is_dropped_with_a_warning(verb: str, code: int) -> None:
    document = read_voice(twiml(verb))
    assert [problem.code for problem in document.problems] == [code]
    assert document.verbs == ()


@pytest.mark.parametrize(
    "verb",
    [
        f"<Say>{'x' * 4000}</Say>",
        f'<Say voice="Polly.Joanna">{"x" * 3000}<break time="1s"/></Say>',
        f'<Say voice="Google.en-US-Standard-A">{"x" * 5000}</Say>',
    ],
)
def test_a_say_at_its_limit_is_said(verb: str) -> None:
    assert codes(verb) == []


def test_a_loop_of_zero_means_a_thousand_times() -> None:
    verb = only('<Say loop="0">x</Say>')
    assert isinstance(verb, Say)
    assert verb.loop == 1000


@pytest.mark.parametrize(
    ("inner", "text"),
    [
        ('Your code is <say-as interpret-as="digits">4719</say-as>.', "Your code is 4 7 1 9."),
        ('<say-as interpret-as="characters">A1</say-as>', "A 1"),
        ('<say-as interpret-as="date" format="mdy">10/1/2026</say-as>', "10/1/2026"),
        ('one<break time="500ms"/>two', "one two"),
        ("<p>One.</p><p>Two.</p>", "One. Two."),
        ('<sub alias="kilogram">kg</sub>', "kilogram"),
        ('<prosody rate="slow">slowly</prosody> now', "slowly now"),
        ('<lang xml:lang="fr-FR">bonjour</lang>', "bonjour"),
        ('<phoneme alphabet="ipa" ph="x">pecan</phoneme>', "pecan"),
    ],
)
def test_ssml_is_flattened_to_readable_text(inner: str, text: str) -> None:
    verb = only(f'<Say voice="Polly.Joanna">{inner}</Say>')
    assert isinstance(verb, Say)
    assert verb.text == text


def test_a_break_takes_its_time() -> None:
    with_break = only('<Say voice="Polly.Joanna">x<break time="2s"/></Say>')
    without = only('<Say voice="Polly.Joanna">x</Say>')
    assert isinstance(with_break, Say)
    assert isinstance(without, Say)
    assert with_break.seconds - without.seconds == pytest.approx(2)


def test_slow_prosody_takes_longer() -> None:
    slow = only('<Say voice="Polly.Joanna"><prosody rate="50%">ten letters</prosody></Say>')
    fast = only('<Say voice="Polly.Joanna">ten letters</Say>')
    assert isinstance(slow, Say)
    assert isinstance(fast, Say)
    assert slow.seconds == pytest.approx(2 * fast.seconds)


def test_speaking_takes_about_a_second_for_fifteen_characters_and_more_with_commas() -> None:
    assert speaking_seconds("x" * 30) == pytest.approx(2)
    assert speaking_seconds("4, 7, 1") > speaking_seconds("4  7  1")


def test_basic_voices_read_no_tags() -> None:
    assert codes("<Say>a <break/> b</Say>") == [12200]


@pytest.mark.parametrize("inner", ["<amazon>x</amazon>", '<break length="1s"/>x'])
def test_unknown_ssml_gets_a_warning(inner: str) -> None:
    assert codes(f'<Say voice="Polly.Joanna">{inner}</Say>') == [12200]
