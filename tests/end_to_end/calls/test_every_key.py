"""The acceptance test of the call: every key in every stage, in both styles and all languages, on simulated phones.

Where a key leads does not depend on the language. So each language takes every way from stage to stage once, with one
of the keys that lead there, and the next language with the next one. All together press every key in every stage, in
three languages or more.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from msgspec.structs import replace

from saycode.twilio.provider import CALL_SECONDS
from tests.support.app import SENDER
from tests.support.call_model import (
    BAD,
    KEY,
    KEYS,
    PAIR,
    RIGHT,
    SAY,
    SILENCE,
    TYPED,
    WRONG,
    ZEROS,
    ModelState,
    Stage,
    alike,
    one_of_alike,
    walks,
)
from tests.support.call_setup import CallSetup, open_call_setup
from tests.support.call_transcript import Transcript
from tests.support.records import context
from twilio_simulator.http.debugger import DebuggerEntry
from twilio_simulator.network.call import Call, CallPlan, CallStatus, FetchStep
from twilio_simulator.network.handset import OnCall
from twilio_simulator.phone import Phone
from twiml.words import LANGUAGES, words
from verification.flow.start import StartRequest, new_delivery, new_verification
from verification.models import BUILT_IN_SERVICE, Delivery, Verification
from verification.policy import DEFAULT_POLICY, SIGN_IN
from verification.ports import ByVerification, Changes
from verification.types import CallStyle, Channel
from verification.values.phone_numbers import PhoneNumber

BRAND = "Acme"
TABLES = {CallStyle.SAY: (SAY, Stage.GATE), CallStyle.KEY: (KEY, Stage.GATE)}
PARTS = {
    (style, tag): one_of_alike(TABLES[style][0], turn) for style in CallStyle for turn, tag in enumerate(LANGUAGES)
}
WALKS = {(style, tag): walks(part, TABLES[style][1]) for (style, tag), part in PARTS.items()}


@dataclass(slots=True, repr=False)
class ScriptedCaller:
    """A person who presses the keys of a walk. `trail` has every document."""

    setup: CallSetup
    phone: Phone
    verification: Verification
    walk: list[str]
    pressed: int = 0
    trail: list[Transcript] = field(default_factory=list)

    @property
    def call(self) -> Call:
        (call,) = self.phone.calls
        return call

    def press(self) -> None:
        """Answer a document that listens with the next keys, or with silence."""
        documents = self.setup.documents[self.call.sid]
        if len(documents) == len(self.trail) or not self.call.listening or self.pressed == len(self.walk):
            return
        self.trail = [Transcript(document) for document in documents]
        self.pressed += 1
        # Phone.press waits after every key until all is settled, which is one call at a time.
        self.call.keys.extend(self._keys(self.walk[self.pressed - 1]))
        self.call.changed.fire()

    def _keys(self, pressed: str) -> str:
        if pressed == PAIR:
            return self.trail[-1].keys
        if pressed in (BAD, ZEROS):
            return ("1" if pressed == BAD else "0") * len(self.trail[-1].keys)
        if pressed == TYPED:
            return "135792"
        if pressed in (RIGHT, WRONG):
            code = self.setup.verifier.shown_code(self.verification)
            assert code is not None
            return code if pressed == RIGHT else code[:-1] + str((int(code[-1]) + 1) % 10)
        return pressed if pressed != SILENCE else ""


def _begin(setup: CallSetup, style: CallStyle, language: str, index: int) -> tuple[Verification, Delivery]:
    verifier = setup.verifier
    request = StartRequest(
        username=f"{language} {index}",
        number=PhoneNumber(f"+1415{200 + LANGUAGES.index(language)}{index:04}", "US"),
        channel=Channel.CALL,
        action=SIGN_IN,
        language=language,
        service=BUILT_IN_SERVICE,
        style=style,
    )
    now, randomness = setup.clock.now(), verifier.randomness
    verification = new_verification(request, context(now, verifier.policy, keys=verifier.keys), randomness=randomness)
    return verification, new_delivery(verification.sid, Channel.CALL, now=now, randomness=randomness)


async def _ring(setup: CallSetup, style: CallStyle, language: str) -> list[ScriptedCaller]:
    """Place all calls of a language at once. So many requests to the provider would take longer than the calls."""
    callees = [(language, index) for index in range(len(WALKS[style, language]))]
    begun = [_begin(setup, style, *callee) for callee in callees]
    verifications, deliveries = zip(*begun, strict=True)
    changes: Changes[None] = Changes(result=None, verifications=verifications, deliveries=deliveries)
    await setup.store.apply(ByVerification(""), lambda _: changes)
    callers = []
    for (verification, delivery), (_, index) in zip(begun, callees, strict=True):
        phone = setup.twilio.phone(verification.number.e164)
        phone.set_behaviour(on_call=OnCall.ANSWER)
        document = FetchStep(setup.context.urls.of("call_answered", delivery=delivery.sid))
        plan = CallPlan(first=document, time_limit=CALL_SECONDS)
        setup.twilio.create_call(to=phone.number, sender=SENDER, url=document.url, plan=plan)
        callers.append(ScriptedCaller(setup, phone, verification, WALKS[style, language][index]))
    return callers


async def _walk(folder: Path, style: CallStyle) -> tuple[list[ScriptedCaller], list[DebuggerEntry]]:
    """Play every walk to its end, a language after the other: all at once, the first would wait for too long."""
    all_callers = []
    async with open_call_setup(folder, policy=replace(DEFAULT_POLICY, repeat_spacing=()), brand=BRAND) as setup:
        for language in LANGUAGES:
            callers = await _ring(setup, style, language)
            await setup.clock.settle()
            while any(caller.call.is_live for caller in callers):
                for caller in callers:
                    caller.press()
                await setup.clock.advance(1)
            for caller in callers:
                caller.trail = [Transcript(document) for document in setup.documents[caller.call.sid]]
            all_callers += callers
        return all_callers, list(setup.twilio.debugger)


@dataclass(frozen=True, slots=True, repr=False)
class Outcome:
    """All played walks of one style."""

    style: CallStyle
    callers: list[ScriptedCaller]
    debugger: list[DebuggerEntry]

    def of(self, language: str) -> Iterator[ScriptedCaller]:
        return (caller for caller in self.callers if caller.verification.language == language)


@pytest.fixture(scope="module", params=CallStyle)
def outcome(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    return Outcome(request.param, *asyncio.run(_walk(tmp_path_factory.mktemp("calls"), request.param)))


def model_states(caller: ScriptedCaller, style: CallStyle) -> Iterator[ModelState]:
    """The states of the table, one for each document of the call."""
    table, first = TABLES[style]
    yield (state := ModelState(first, typed=style is CallStyle.KEY))
    for pressed in caller.walk:
        yield (state := state.after(pressed, table))


def _transitions(style: CallStyle, language: str) -> set[tuple[Stage, str]]:
    """The stages and inputs of the walks of a language."""
    table, first = TABLES[style]
    taken = set()
    for walk in WALKS[style, language]:
        state = ModelState(first)
        for pressed in walk:
            taken.add((state.stage, pressed))
            state = state.after(pressed, table)
    return taken


@pytest.mark.parametrize("style", CallStyle)
def test_the_walks_take_every_transition_of_the_table_and_each_language_every_way(style: CallStyle) -> None:
    table = TABLES[style][0]
    taken = Counter(transition for language in LANGUAGES for transition in _transitions(style, language))
    assert set(taken) == {(stage, pressed) for stage, row in table.items() for pressed in row}
    assert min(taken.values()) >= 3
    for language in LANGUAGES:
        ways = {(stage, *alike(stage, pressed, table)) for stage, pressed in _transitions(style, language)}
        assert ways == {(stage, *alike(stage, pressed, table)) for stage, row in table.items() for pressed in row}
    every_key = {stage for stage, row in table.items() if {*KEYS, SILENCE} <= row.keys()}
    assert set(table) - every_key <= {Stage.ONE_AGAIN, Stage.LAST}, "the table does not say where each key leads"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_key_in_every_stage_leads_where_the_table_says(outcome: Outcome, language: str) -> None:
    spoken = words(language)
    purpose = spoken.purpose(SIGN_IN)
    for caller in outcome.of(language):
        for state, transcript in zip(model_states(caller, outcome.style), caller.trail, strict=True):
            opening = state.opening(spoken, BRAND, purpose)
            assert transcript.sentences[0].startswith(opening), (state, caller.walk)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_path_ends_in_a_hang_up(outcome: Outcome, language: str) -> None:
    for caller in outcome.of(language):
        assert (caller.call.status, caller.call.end_reason) == (CallStatus.COMPLETED, None), caller.walk
        assert "<Hangup" in caller.trail[-1].text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_call_has_one_code_and_never_says_it_before_the_gate_or_where_it_is_typed(
    outcome: Outcome, language: str
) -> None:
    for caller in outcome.of(language):
        code = "".join(set[str]().union(*(transcript.codes for transcript in caller.trail)))
        for state, transcript in zip(model_states(caller, outcome.style), caller.trail, strict=True):
            assert transcript.codes == ({code} if state.stage in (Stage.READING, Stage.READING_AGAIN) else set()), (
                state,
                caller.walk,
            )
            assert transcript.alone == (code if state.stage is Stage.SLOWLY else state.character_of(code)), (
                state,
                caller.walk,
            )


def test_a_text_comes_only_where_it_was_asked_for_and_contains_the_same_code(outcome: Outcome) -> None:
    for caller in outcome.callers:
        texted = [state.stage for state in model_states(caller, outcome.style)][-1] is Stage.TEXT_SENT
        (code,) = set[str]().union(*(transcript.codes for transcript in caller.trail)) or {"none"}
        assert [code in text.body for text in caller.phone.texts] == [True] * texted, caller.walk


def test_the_debugger_of_the_simulator_stays_empty(outcome: Outcome) -> None:
    assert outcome.debugger == []
