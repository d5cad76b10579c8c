"""Parsing TwiML: the other voice verbs, `<Gather>`, and messaging, with every warning that Twilio gives."""

from __future__ import annotations

import pytest

from tests.support.simulator import twiml
from twilio_simulator.twiml.messaging import read_messaging
from twilio_simulator.twiml.verbs import (
    Gather,
    Hangup,
    Message,
    Method,
    Pause,
    Play,
    PlayKeys,
    Redirect,
    Reject,
    RejectReason,
    Say,
    VoiceVerb,
)
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
    ("xml", "verb"),
    [
        ("<Play>/hello.mp3</Play>", Play("/hello.mp3")),
        ('<Play loop="3">/hello.mp3</Play>', Play("/hello.mp3", 3)),
        ('<Play digits="ww12#"/>', PlayKeys("ww12#")),
        ("<Pause/>", Pause(1)),
        ('<Pause length="7"/>', Pause(7)),
        ("<Redirect>/next?a=1&amp;b=2</Redirect>", Redirect("/next?a=1&b=2")),
        ('<Redirect method="GET"> /next </Redirect>', Redirect("/next", Method.GET)),
        ("<Hangup/>", Hangup()),
        ("<Reject/>", Reject()),
        ('<Reject reason="busy"/>', Reject(RejectReason.BUSY)),
    ],
)
def test_a_verb_is_read_with_its_defaults(xml: str, verb: VoiceVerb) -> None:
    assert only(xml) == verb


@pytest.mark.parametrize(
    ("xml", "code", "verb"),
    [
        ('<Play loop="x">/a.mp3</Play>', 13410, Play("/a.mp3")),
        ('<Pause length="0"/>', 13910, Pause(1)),
        ('<Pause length="1.5"/>', 13910, Pause(1)),
        ('<Pause length="-1"/>', 13910, Pause(1)),
        ('<Redirect method="PUT">/x</Redirect>', 13710, Redirect("/x")),
        ('<Reject reason="tired"/>', 12200, Reject()),
    ],
)
def test_a_bad_value_gets_a_warning_and_the_default(xml: str, code: int, verb: VoiceVerb) -> None:
    document = read_voice(twiml(xml))
    assert [problem.code for problem in document.problems] == [code]
    assert document.verbs == (verb,)


@pytest.mark.parametrize("xml", ["<Play/>", '<Play digits="12x"/>', "<Play> </Play>"])
def test_a_play_with_nothing_to_play_is_dropped(xml: str) -> None:
    document = read_voice(twiml(xml))
    assert [problem.code for problem in document.problems] == [12200]
    assert document.verbs == ()


def test_gather_has_its_defaults() -> None:
    gather = Gather((), None, Method.POST, timeout=5, finish_on_key="#", num_digits=None, action_on_empty_result=False)
    assert only("<Gather/>") == gather


def test_gather_takes_its_attributes() -> None:
    verb = only(
        '<Gather action="/keys" method="GET" timeout="9" finishOnKey="" numDigits="2" actionOnEmptyResult="true"'
        ' input="dtmf speech"/>'
    )
    assert verb == Gather((), "/keys", Method.GET, 9, "", 2, action_on_empty_result=True, dtmf=True, speech=True)


@pytest.mark.parametrize(
    ("attributes", "code"),
    [
        ('finishOnKey="x"', 13310),
        ('finishOnKey="##"', 13311),
        ('method="PUT"', 13312),
        ('method="get"', 13312),
        ('timeout="0"', 13313),
        ('timeout="auto"', 13313),
        ('numDigits="0"', 13314),
        ('numDigits="two"', 13314),
        ('input="voice"', 13326),
        ('input=""', 13326),
        ('speechTimeout="soon"', 13327),
        ('maxSpeechTime="0"', 13328),
        ('partialResultCallbackMethod="PUT"', 13329),
        (f'hints="{"x" * 101}"', 13330),
        (f'hints="{"a," * 500}a"', 13330),
        ('language="en"', 13331),
        ('bargeIn="maybe"', 13332),
        ('profanityFilter="maybe"', 13333),
        ('speechModel="mine"', 13334),
        ('speechModel="phone_call" speechTimeout="auto"', 13335),
        ('actionOnEmptyResult="yes"', 13338),
    ],
)
def test_a_bad_attribute_of_gather_gets_its_warning_and_the_default(attributes: str, code: int) -> None:
    document = read_voice(twiml(f"<Gather {attributes}/>"))
    assert [problem.code for problem in document.problems] == [code]
    assert document.verbs == (Gather(),)


@pytest.mark.parametrize("key", list("0123456789#*"))
def test_every_key_can_finish_a_gather(key: str) -> None:
    verb = only(f'<Gather finishOnKey="{key}"/>')
    assert isinstance(verb, Gather)
    assert verb.finish_on_key == key


@pytest.mark.parametrize(
    ("nested", "code"),
    [
        ("<Redirect>/x</Redirect>", 13320),
        ("<Gather/>", 13320),
        ("<Hangup/>", 13320),
        ('<Say voice="alice">x</Say>', 13321),
        ('<Say loop="x">x</Say>', 13322),
        ('<Say language="english">x</Say>', 13512),
        ("<Say/>", 13520),
        ('<Play loop="x">/a.mp3</Play>', 13410),
        ('<Play digits="12"/>', 12200),
        ('<Pause length="0"/>', 13910),
        ("words", 12200),
    ],
)
def test_a_bad_nested_verb_of_gather_gets_its_warning(nested: str, code: int) -> None:
    assert codes(f"<Gather>{nested}</Gather>") == [code]


def test_gather_nests_say_play_and_pause() -> None:
    verb = only('<Gather><Say>x</Say><Play>/a.mp3</Play><Pause length="2"/></Gather>')
    assert isinstance(verb, Gather)
    assert [type(prompt) for prompt in verb.prompts] == [Say, Play, Pause]


def messaging_codes(*verbs: str) -> list[int | None]:
    return [problem.code for problem in read_messaging(twiml(*verbs)).problems]


@pytest.mark.parametrize(
    ("xml", "message"),
    [
        ("<Message> Hello </Message>", Message("Hello")),
        ("<Message><Body>Hello</Body></Message>", Message("Hello")),
        ("<Message><Body>One </Body><Body>Two</Body></Message>", Message("OneTwo")),
        (
            "<Message><Body>Hi</Body><Media>https://x.example/a.jpg</Media></Message>",
            Message("Hi", ("https://x.example/a.jpg",)),
        ),
        (
            '<Message to="+14155550101" from="+14155550199" action="/a" statusCallback="/s" method="GET">Hi</Message>',
            Message("Hi", (), "+14155550101", "+14155550199", "/a", "/s", Method.GET),
        ),
    ],
)
def test_a_message_is_read(xml: str, message: Message) -> None:
    document = read_messaging(twiml(xml))
    assert document.verbs == (message,)
    assert document.problems == ()


@pytest.mark.parametrize(
    ("xml", "code"),
    [
        ('<Message to="somebody">x</Message>', 14101),
        ('<Message to="whatsapp:+14155550101">x</Message>', None),
        ('<Message from="somebody">x</Message>', 14102),
        ("<Message/>", 14103),
        (f"<Message>{'x' * 1601}</Message>", 14103),
        (f"<Message>{'<Media>https://x.example/a</Media>' * 11}</Message>", 14103),
        ('<Message method="PUT">x</Message>', 14104),
        ('<Redirect method="PUT">/x</Redirect>', 14104),
        ("<Say>x</Say>", 14110),
        ("<Hangup/>", 14110),
        ('<Message To="+14155550101">x</Message>', 12200),
        ("<Message>x<Foo/></Message>", 12200),
        ("<Message>x<Body>y</Body></Message>", 12200),
    ],
)
def test_a_fault_of_messaging_twiml_gets_its_code(xml: str, code: int) -> None:
    assert messaging_codes(xml) == [code]
