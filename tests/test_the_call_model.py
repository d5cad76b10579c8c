"""A person, a browser and a Twilio that do anything at any time, and an ear on every line.

The ear knows nothing of the rules: it hears documents, and sees which keys Twilio sent to get them. No code is said
before the pair of that call was pressed, after the end of its verification, or in a call where it is to be typed; and a
verification has one code.
"""

import asyncio
import re
import tempfile
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from simulator.call import Call, CallStatus
from simulator.events import DocumentStarted, Noted, WebhookSent
from simulator.message import Message
from simulator.phone import Phone
from tests.door_fakes import PHONE, path_of
from tests.the_call_support import Script, Village, open_village
from twiml.words import words
from verification.policy import SEED
from verification.ports import OfDelivery
from verification.records import CallStyle
from webhooks import cookies

T = TypeVar("T")
ENDINGS = words("en-US").call.endings
FATAL = (ENDINGS.reported, ENDINGS.suppressed, ENDINGS.typed_approved, ENDINGS.typed_wrong)
TIME_LIMIT = 32015


@dataclass(slots=True)
class Ear:
    """On every line at once. A verification is known by its deliveries, a delivery by the address of its documents."""

    village: Village
    verification_of: dict[str, str] = field(default_factory=dict)
    typed: set[str] = field(default_factory=set)
    ended: set[str] = field(default_factory=set)
    expires: dict[str, float] = field(default_factory=dict)
    code: dict[str, str] = field(default_factory=dict)
    last: dict[str, Script] = field(default_factory=dict)
    digits: dict[str, str] = field(default_factory=dict)
    delivery_of: dict[str, str] = field(default_factory=dict)
    open: set[str] = field(default_factory=set)

    def note(self, noted: Noted) -> None:
        """What Twilio does."""
        event = noted.event
        if isinstance(event, WebhookSent) and event.purpose == "twiml":
            self.digits[event.sid] = dict(event.parameters).get("Digits", "")
        if isinstance(event, DocumentStarted):
            delivery = event.url.split("/")[-2]
            self.hear(event.call_sid, delivery, Script(event.document), pressed=self.digits[event.call_sid])

    async def read(self, text: Message) -> None:
        """A text, and whose it is."""
        assert text.status_callback is not None
        delivery = text.status_callback.split("/")[-2]
        verification = (await self.village.table.read(OfDelivery(delivery))).verification
        assert verification is not None
        sid = verification.sid
        assert sid not in self.typed, "texted where it was to be typed"
        (code,) = re.findall(r"is ([0-9]{6})\b", text.body)
        self._same(sid, code)

    def hear(self, call: str, delivery: str, script: Script, *, pressed: str) -> None:
        """A document, and which keys led to it."""
        before, sid = self.last.get(call), self.verification_of[delivery]
        if before is not None and pressed == before.asked_for:
            self.open.add(call)
        self.last[call], self.delivery_of[call] = script, delivery
        if script.said[0] in FATAL:
            self.ended.add(sid)
        if not (script.codes or script.alone):
            return
        assert sid not in self.typed, "said where it was to be typed"
        assert call in self.open, "said before the gate"
        assert sid not in self.ended, "said after the end"
        assert self.village.clock.now() < self.expires[sid], "said after its time"
        for code in script.codes:
            self._same(sid, code)
        if position := re.search(r"Character ([0-9]) of", script.said[0]):
            assert script.alone == self.code[sid][int(position[1]) - 1], "another character"
        elif script.alone:
            self._same(sid, script.alone)

    def _same(self, sid: str, code: str) -> None:
        assert self.code.setdefault(sid, code) == code, "another code"


class Life(RuleBasedStateMachine):
    """Random steps of everybody who has a hand in it, the person on the phone most of all."""

    style = CallStyle.SAY

    @initialize(checks=st.integers(1, 2), talking=st.sampled_from([True, True, False]))
    def begin(self, checks: int, talking: bool) -> None:
        self.runner, self.open = asyncio.Runner(), AsyncExitStack()
        folder = Path(self.open.enter_context(tempfile.TemporaryDirectory()))
        policy = replace(SEED, max_checks=checks, repeat_spacing=(5,))
        self.village = self.runner.run(self.open.enter_async_context(open_village(folder, policy=policy)))
        self.browser, self.ear = self.village.browser(), Ear(self.village)
        self.open.enter_context(self.village.twilio.events.subscribed(self.ear.note))
        self.run(self._start())
        if talking:
            self.do("answer")
        if talking and self.style is CallStyle.SAY:
            self.do("the keys")

    def run(self, step: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(self._settled(step))

    async def _settled(self, step: Coroutine[Any, Any, T]) -> T:
        done = await step
        await self.village.clock.settle()
        return done

    @property
    def phone(self) -> Phone:
        return self.village.phone

    @property
    def talk(self) -> Call | None:
        """The call that is up."""
        call = self.phone.call_now
        return call if call is not None and call.status is CallStatus.IN_PROGRESS else None

    # The person on the phone.

    @rule(what=st.sampled_from(["answer", "hang up", "the keys", "the keys, early", "the code", "another code"]))
    def do(self, what: str) -> None:
        self.run(self._do(what))

    @rule(key=st.sampled_from("1234567890*#"), times=st.sampled_from([1, 1, 1, 2, 7]))
    def press(self, key: str, times: int) -> None:
        self.run(self._press(key * times))

    async def _do(self, what: str) -> None:
        if self.talk is None:
            await self._answer()
        elif what == "hang up":
            await self.phone.hang_up()
        elif what.startswith("the keys"):
            if what == "the keys":
                await self.phone.listen(limit=20)
            await self._press(self.village.document(self.phone.calls[-1]).asked_for or "1")
        elif what.endswith("code"):
            await self.phone.listen(limit=20)
            shown = re.search(r'dir="ltr">([0-9]{6})<', (await self.browser.get(path_of("page"))).text)
            code = shown[1] if shown else "471902"
            await self._press(code if what == "the code" else code[::-1])

    async def _answer(self) -> None:
        if self.phone.call_now is None:
            await self.village.clock.advance(5)
            await self._press_button("begin-again" if self.ear.expires.keys() <= self.ear.ended else "repeat")
            await self.village.clock.settle()
        if self.phone.call_now is not None:
            await self.phone.answer()

    async def _press(self, keys: str) -> None:
        for key in keys:
            if self.talk is not None:
                await self.phone.press(key)

    # Everybody and everything else.

    @rule(seconds=st.sampled_from([1, 3, 10, 20, 40]))
    def wait(self, seconds: int) -> None:
        self.run(self.village.clock.advance(seconds))

    @rule(what=st.sampled_from(["_start", "_expire", "_decline", "_restart", "_sweep", "_type_right", "_type_wrong"]))
    def meanwhile(self, what: str) -> None:
        self.run(getattr(self, what)())

    @rule(button=st.sampled_from(["repeat", "begin-again", "change"]))
    def press_a_button(self, button: str) -> None:
        self.run(self._press_button(button))

    @rule(door=st.sampled_from(["answered", "keys", "silence"]), digits=st.sampled_from(["1", "2", "3", "pair"]))
    def replay(self, door: str, digits: str) -> None:
        """A webhook of any time once more, for the newest call."""
        self.run(self._replay(door, digits))

    async def _start(self) -> None:
        fields = {"username": "ada", "phone": PHONE, "channel": "call", "style": self.style.value}
        await self._page("start", **fields)

    async def _expire(self) -> None:
        await self.village.clock.advance(SEED.code_lifetime)

    async def _decline(self) -> None:
        if self.phone.call_now is not None and self.talk is None:
            await self.phone.decline()

    async def _restart(self) -> None:
        await self.village.restart()

    async def _sweep(self) -> None:
        await self.village.service.sweep()

    async def _type_right(self) -> None:
        if self.ear.code:
            await self._page("code", code=list(self.ear.code.values())[-1])

    async def _type_wrong(self) -> None:
        if self.ear.code:
            await self._page("code", code=list(self.ear.code.values())[-1][::-1])

    async def _press_button(self, button: str) -> None:
        await self._page("next", next=button)

    async def _page(self, door: str, **fields: str) -> None:
        await self.browser.post(path_of(door), fields)
        await self._look()

    async def _look(self) -> None:
        """The browser looks at the page, and the ear learns which deliveries are whose."""
        await self.browser.get(path_of("page"))
        case = await self.village.service.view(cookies.session(next(iter(self.browser.cookies.values()))))
        if case.verification is not None:
            sid = case.verification.sid
            self.ear.ended |= self.ear.expires.keys() - {sid}
            self.ear.expires[sid] = case.verification.expires_at
            self.ear.verification_of |= {delivery.sid: sid for delivery in case.deliveries}
            if case.verification.style is CallStyle.KEY:
                self.ear.typed.add(sid)
            if case.verification.status.final:
                self.ear.ended.add(sid)

    async def _replay(self, door: str, digits: str) -> None:
        call = self.phone.calls[-1] if self.phone.calls else None
        if call is None or call.sid not in self.ear.last:
            return
        delivery = self.ear.delivery_of[call.sid]
        pressed = (self.ear.last[call.sid].asked_for or "47") if digits == "pair" else digits
        fields = {"CallSid": call.sid, "Digits": pressed}
        answer = await self.village.hooks.post(path_of(door, delivery=delivery), fields)
        assert answer.status == 200
        self.ear.hear(call.sid, delivery, Script(answer.text), pressed=pressed if door == "keys" else "")

    async def _finish(self) -> None:
        await self.village.clock.run()
        assert not any(call.is_live for call in self.phone.calls)
        for text in self.village.twilio.messages.values():
            await self.ear.read(text)
        assert set(self.village.twilio.debugger.codes) <= {TIME_LIMIT}

    def teardown(self) -> None:
        """Nobody does anything more: every call ends, and Twilio has nothing to complain about."""
        try:
            self.run(self._finish())
        finally:
            self.runner.run(self.open.aclose())
            self.runner.close()


class TypedLife(Life):
    """The same where the page shows the code."""

    style = CallStyle.KEY


SETTINGS = settings(max_examples=50, stateful_step_count=20, deadline=None, derandomize=True, database=None)
Life.TestCase.settings = TypedLife.TestCase.settings = SETTINGS
TestLife, TestTypedLife = Life.TestCase, TypedLife.TestCase
