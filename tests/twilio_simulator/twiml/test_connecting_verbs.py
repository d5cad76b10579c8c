"""Parsing TwiML that connects, queues or records a call: its values, its warnings, and what the simulator notes."""

from __future__ import annotations

import pytest

from tests.support.simulator import twiml
from twilio_simulator.http.debugger import ERRORS, WARNINGS
from twilio_simulator.twiml.connecting import OTHER_NOUNS
from twilio_simulator.twiml.verbs import Dial, DialedNumber, Enqueue, Leave, Method, Record, VoiceVerb
from twilio_simulator.twiml.voice import UNSUPPORTED_VERBS, read_voice

NUMBER = "+14155550101"
ALL = frozenset({"initiated", "ringing", "answered", "completed"})


@pytest.mark.parametrize(
    ("xml", "verb"),
    [
        (f"<Dial>{NUMBER}</Dial>", Dial((DialedNumber(NUMBER),))),
        ("<Dial>415-555-0101</Dial>", Dial((DialedNumber(NUMBER),))),
        ("<Dial> (415) 555-0101 </Dial>", Dial((DialedNumber(NUMBER),))),
        (
            f'<Dial action="/a" method="GET" timeout="9" timeLimit="60" callerId="{NUMBER}" hangupOnStar="true" '
            f'answerOnBridge="true"><Number>{NUMBER}</Number></Dial>',
            Dial((DialedNumber(NUMBER),), "/a", Method.GET, 9, 60, NUMBER, True, True),
        ),
        (
            f'<Dial><Number url="/w" method="GET" sendDigits="w1" statusCallback="/s" statusCallbackMethod="GET" '
            f'statusCallbackEvent="initiated ringing answered completed">{NUMBER}</Number></Dial>',
            Dial((DialedNumber(NUMBER, "/w", Method.GET, "w1", "/s", Method.GET, ALL),)),
        ),
        ("<Record/>", Record()),
        (
            '<Record action="/a" method="GET" timeout="9" finishOnKey="#" maxLength="30" playBeep="false" '
            'recordingStatusCallback="/r" recordingStatusCallbackMethod="GET" '
            'recordingStatusCallbackEvent="in-progress absent"/>',
            Record("/a", Method.GET, 9, "#", 30, False, "/r", Method.GET, frozenset({"in-progress", "absent"})),
        ),
        ('<Record finishOnKey=""/>', Record(finish_on_key="")),
        ("<Enqueue>support</Enqueue>", Enqueue("support")),
        (
            '<Enqueue action="/a" method="GET" waitUrl="/w" waitUrlMethod="GET">support</Enqueue>',
            Enqueue("support", "/a", Method.GET, "/w", Method.GET),
        ),
        ("<Leave/>", Leave()),
    ],
)
def test_a_verb_is_read_with_its_defaults(xml: str, verb: VoiceVerb) -> None:
    document = read_voice(twiml(xml))
    assert document.problems == ()
    assert document.verbs == (verb,)


@pytest.mark.parametrize(
    ("xml", "code"),
    [
        (f'<Dial method="PUT">{NUMBER}</Dial>', 13210),
        (f'<Dial timeout="0">{NUMBER}</Dial>', 13212),
        (f'<Dial hangupOnStar="yes">{NUMBER}</Dial>', 13213),
        (f"<Dial><Number>{NUMBER}</Number><Say>Hello.</Say></Dial>", 13215),
        (f'<Dial timeLimit="-1">{NUMBER}</Dial>', 13216),
        (f'<Dial><Number method="PUT">{NUMBER}</Number></Dial>', 13221),
        (f'<Dial><Number sendDigits="x">{NUMBER}</Number></Dial>', 13222),
        (f'<Dial><Number statusCallbackEvent="busy">{NUMBER}</Number></Dial>', 21626),
        (f'<Dial callerid="{NUMBER}">{NUMBER}</Dial>', 12200),
        ("<Dial>" + f"<Number>{NUMBER}</Number>" * 11 + "</Dial>", 12200),
        ("<Dial/>", 12200),
        ('<Record method="PUT"/>', 13610),
        ('<Record timeout="0"/>', 13611),
        ('<Record maxLength="0"/>', 13612),
        ('<Record finishOnKey="x"/>', 13613),
        ('<Record playBeep="yes"/>', 13616),
        ('<Enqueue method="PUT">support</Enqueue>', 14201),
        ("<Enqueue/>", 14204),
        (f"<Enqueue>{'x' * 65}</Enqueue>", 14205),
        ('<Enqueue waitUrlMethod="PUT">support</Enqueue>', 14206),
    ],
)
def test_a_bad_value_has_the_code_of_twilio(xml: str, code: int) -> None:
    assert [problem.code for problem in read_voice(twiml(xml)).problems] == [code]
    assert code in ERRORS | WARNINGS


@pytest.mark.parametrize("verb", sorted(UNSUPPORTED_VERBS))
def test_a_verb_that_the_simulator_does_not_play_is_noted_and_left_out(verb: str) -> None:
    document = read_voice(twiml(f"<{verb}/>", "<Hangup/>"))
    assert [problem.code for problem in document.problems] == [None]
    assert f"the simulator does not do <{verb}>" in document.problems[0].detail
    assert len(document.verbs) == 1


@pytest.mark.parametrize("noun", sorted(OTHER_NOUNS))
def test_what_is_no_phone_is_noted_and_not_dialed(noun: str) -> None:
    document = read_voice(twiml(f"<Dial><{noun}>ann</{noun}></Dial>"))
    assert [problem.code for problem in document.problems] == [None]
    assert f"<{noun}>: the simulator does not do this" in document.problems[0].detail
    assert document.verbs == ()


@pytest.mark.parametrize(
    "xml",
    [
        f'<Dial record="record-from-answer">{NUMBER}</Dial>',
        f'<Dial ringTone="us">{NUMBER}</Dial>',
        f'<Dial><Number machineDetection="Enable">{NUMBER}</Number></Dial>',
        '<Record transcribe="true"/>',
        '<Enqueue workflowSid="WW1"/>',
        '<Gather partialResultCallback="/p"/>',
    ],
)
def test_an_attribute_that_has_no_effect_is_noted(xml: str) -> None:
    (problem,) = read_voice(twiml(xml)).problems
    assert problem.code is None
    assert "the simulator does not do" in problem.detail
