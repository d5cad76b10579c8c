"""The acceptance of the call: every key, everywhere, in both styles and all languages, on phones of the simulator."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from saycode.twilio.client import CALL_SECONDS
from tests.support.app import SENDER
from tests.support.call_model import KEY, KEYS, PAIR, RIGHT, SAY, SILENCE, WRONG, At, Standing, walks
from tests.support.call_setup import Village, open_village
from tests.support.call_transcript import Script
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
TABLES = {CallStyle.SAY: (SAY, At.GATE), CallStyle.KEY: (KEY, At.ASKED)}
WALKS = {style: walks(*store) for style, store in TABLES.items()}


@dataclass(slots=True, repr=False)
class Walker:
    """Somebody who presses what the walk says, and remembers every document."""

    village: Village
    phone: Phone
    verification: Verification
    walk: list[str]
    pressed: int = 0
    trail: list[Script] = field(default_factory=list)

    @property
    def call(self) -> Call:
        (call,) = self.phone.calls
        return call

    def press(self) -> None:
        """Answer a document that listens with the next keys, or with silence."""
        documents = self.village.documents[self.call.sid]
        if len(documents) == len(self.trail) or not self.call.listening or self.pressed == len(self.walk):
            return
        self.trail = [Script(document) for document in documents]
        self.pressed += 1
        # Phone.press waits after every key until all is settled, which is one call at a time.
        self.call.keys.extend(self._keys(self.walk[self.pressed - 1]))
        self.call.changed.fire()

    def _keys(self, pressed: str) -> str:
        if pressed == PAIR:
            return self.trail[-1].pair
        if pressed in (RIGHT, WRONG):
            code = self.village.verifier.shown_code(self.verification)
            assert code is not None
            return code if pressed == RIGHT else code[:-1] + str((int(code[-1]) + 1) % 10)
        return pressed if pressed != SILENCE else ""


def _begin(village: Village, style: CallStyle, language: str, index: int) -> tuple[Verification, Delivery]:
    verifier = village.verifier
    wanted = StartRequest(
        username=f"{language} {index}",
        number=PhoneNumber(f"+1415{200 + LANGUAGES.index(language)}{index:04}", "US"),
        channel=Channel.CALL,
        action=SIGN_IN,
        language=language,
        service=BUILT_IN_SERVICE,
        style=style,
    )
    now, randomness = village.clock.now(), verifier.randomness
    verification = new_verification(wanted, now=now, policy=verifier.policy, keys=verifier.keys, randomness=randomness)
    return verification, new_delivery(verification.sid, Channel.CALL, now=now, randomness=randomness)


async def _ring(village: Village, style: CallStyle) -> list[Walker]:
    """Everybody is called at once. Asking the carrier for so many calls would take longer than the calls."""
    everybody = [(language, index) for language in LANGUAGES for index in range(len(WALKS[style]))]
    begun = [_begin(village, style, *who) for who in everybody]
    verifications, deliveries = zip(*begun, strict=True)
    all_of_them: Changes[None] = Changes(result=None, verifications=verifications, deliveries=deliveries)
    await village.store.apply(ByVerification(""), lambda _: all_of_them)
    walkers = []
    for (verification, delivery), (_, index) in zip(begun, everybody, strict=True):
        phone = village.twilio.phone(verification.number.e164)
        phone.set_behaviour(on_call=OnCall.ANSWER)
        document = FetchStep(village.context.addresses.of("answered", delivery=delivery.sid))
        plan = CallPlan(first=document, time_limit=CALL_SECONDS)
        village.twilio.create_call(to=phone.number, sender=SENDER, url=document.url, plan=plan)
        walkers.append(Walker(village, phone, verification, WALKS[style][index]))
    return walkers


async def _walk(folder: Path, style: CallStyle) -> tuple[list[Walker], list[DebuggerEntry]]:
    """Everybody goes their walk to its end."""
    async with open_village(folder, policy=replace(DEFAULT_POLICY, repeat_spacing=()), brand=BRAND) as village:
        walkers = await _ring(village, style)
        await village.clock.settle()
        while any(walker.call.is_live for walker in walkers):
            for walker in walkers:
                walker.press()
            await village.clock.advance(1)
        for walker in walkers:
            walker.trail = [Script(document) for document in village.documents[walker.call.sid]]
        return walkers, list(village.twilio.debugger)


@dataclass(frozen=True, slots=True, repr=False)
class Walked:
    """What came of all walks of one style."""

    style: CallStyle
    walkers: list[Walker]
    debugger: list[DebuggerEntry]

    def of(self, language: str) -> Iterator[Walker]:
        return (walker for walker in self.walkers if walker.verification.language == language)


@pytest.fixture(scope="module", params=CallStyle)
def walked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Walked:
    return Walked(request.param, *asyncio.run(_walk(tmp_path_factory.mktemp("calls"), request.param)))


def standings(walker: Walker, style: CallStyle) -> Iterator[Standing]:
    """Where the table says that the call was during each document."""
    store, first = TABLES[style]
    yield (here := Standing(first))
    for pressed in walker.walk:
        yield (here := here.after(pressed, store))


@pytest.mark.parametrize("style", CallStyle)
def test_the_walks_go_every_way_in_the_table(style: CallStyle) -> None:
    store, first = TABLES[style]
    gone = set()
    for walk in WALKS[style]:
        here = Standing(first)
        for pressed in walk:
            gone.add((here.at, pressed))
            here = here.after(pressed, store)
    assert gone == {(at, pressed) for at, row in store.items() for pressed in row}
    every_key = {at for at, row in store.items() if {*KEYS, SILENCE} <= row.keys()}
    assert set(store) - every_key <= {At.ONE_AGAIN, At.LAST}, "the table does not say where each key leads"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_key_everywhere_leads_where_the_table_says(walked: Walked, language: str) -> None:
    spoken = words(language)
    purpose = spoken.purpose(SIGN_IN)
    for walker in walked.of(language):
        for here, script in zip(standings(walker, walked.style), walker.trail, strict=True):
            opening = here.opening(spoken, BRAND, purpose)
            assert script.said[0].startswith(opening), (here, walker.walk)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_path_ends_in_a_hang_up(walked: Walked, language: str) -> None:
    for walker in walked.of(language):
        assert (walker.call.status, walker.call.ending) == (CallStatus.COMPLETED, None), walker.walk
        assert "<Hangup" in walker.trail[-1].text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_code_is_one_and_never_said_before_the_gate_or_where_it_is_typed(walked: Walked, language: str) -> None:
    for walker in walked.of(language):
        code = "".join(set[str]().union(*(script.codes for script in walker.trail)))
        for here, script in zip(standings(walker, walked.style), walker.trail, strict=True):
            assert script.codes == ({code} if here.at is At.READING else set()), (here, walker.walk)
            assert script.alone == (code if here.at is At.SLOWLY else here.character_of(code)), (here, walker.walk)


def test_a_text_comes_where_it_was_asked_for_and_holds_the_same_code(walked: Walked) -> None:
    for walker in walked.walkers:
        wanted = [here.at for here in standings(walker, walked.style)][-1] is At.TEXT_SENT
        (code,) = set[str]().union(*(script.codes for script in walker.trail)) or {"none"}
        assert [code in text.body for text in walker.phone.texts] == [True] * wanted, walker.walk


def test_nothing_is_ever_wrong_in_the_debugger(walked: Walked) -> None:
    assert walked.debugger == []
