"""A person, a browser and a Twilio that do anything at any time, with a listener on every call."""

import asyncio
import re
import tempfile
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.support.app import PHONE, open_page, path_of
from tests.support.call_listener import Ear
from tests.support.call_setup import open_village
from tests.support.call_transcript import Script
from twilio_simulator.network.call import Call, CallStatus
from twilio_simulator.phone import Phone
from verification.policy import DEFAULT_POLICY
from verification.types import CallStyle
from webhooks.page import session

T = TypeVar("T")
TIME_LIMIT = 32015
#: Seconds; shorter than a call may be, so that codes end while calls go on.
LIFETIME = 60


#: What can happen next, and how often it does beside the rest.
STEPS = {
    "hear": 10,
    "mishear": 4,
    "answer": 2,
    "linger": 3,
    **{f"press {key}": 1 for key in "1234567890*#"},
    **{f"press {key}": 3 for key in ("1", "2", "3", "0", "early", "code", "wrong", "1111111")},
    "hang_up": 3,
    **{f"wait {seconds}": 1 for seconds in (1, 10, 20, 40, LIFETIME)},
    **{f"button {button}": 2 for button in ("repeat", "begin-again", "change")},
    "start": 1,
    "decline": 1,
    "restart": 1,
    "sweep": 1,
    "check right": 2,
    "check wrong": 1,
    **{f"replay {door} {digits}": 1 for door in ("keys", "answered", "silence") for digits in ("1", "3", "pair")},
    "replay keys more": 2,
}


class Life(RuleBasedStateMachine):
    """Random steps of everybody who has a hand in it, the person on the phone most of all."""

    style = CallStyle.SAY

    @initialize(checks=st.integers(1, 2))
    def begin(self, checks: int) -> None:
        self.runner, self.open = asyncio.Runner(), AsyncExitStack()
        folder = Path(self.open.enter_context(tempfile.TemporaryDirectory()))
        policy = replace(DEFAULT_POLICY, max_checks=checks, code_lifetime=LIFETIME, repeat_spacing=(5,))
        self.village = self.runner.run(self.open.enter_async_context(open_village(folder, policy=policy)))
        self.browser, self.ear = self.village.browser(), Ear(self.village)
        self.open.enter_context(self.village.twilio.events.subscribed(self.ear.note))
        self.run(self.start())

    @rule(step=st.sampled_from([step for step, times in STEPS.items() for _ in range(times)]))
    def go_on(self, step: str) -> None:
        name, *how = step.split()
        self.run(getattr(self, name)(*how))

    @invariant()
    def what_is_over_stays_over(self) -> None:
        """The keys that say or take the code are pressed once more, wherever there must be none."""
        call = self.phone.calls[-1].sid if self.phone.calls else ""
        sid = self.ear.verification_of.get(self.ear.delivery_of.get(call, ""))
        if call in self.ear.last and (call in self.ear.over or sid in self.ear.ended):
            self.run(self.replay("keys", "1" if self.style is CallStyle.SAY else "code"))

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
        call = self.phone.current_call
        return call if call is not None and call.status is CallStatus.IN_PROGRESS else None

    # The person on the phone.

    async def answer(self) -> None:
        """Pick up; when nothing rings, ask for a call first."""
        for button in ("repeat", "begin-again"):
            if self.phone.current_call is None:
                await self.village.clock.advance(5)
                await self.button(button)
                await self.village.clock.settle()
        if self.phone.current_call is not None and self.talk is None:
            await self.phone.answer()

    async def hear(self) -> None:
        """Listen until keys are asked for, and press them, or those that the page shows."""
        await self._listen()
        await self.press("early" if self.style is CallStyle.SAY else "code")

    async def mishear(self) -> None:
        """Listen as well, and press something near."""
        await self._listen()
        pair = (self.talk and self.village.document(self.talk).asked_for) or "47"
        await self.press(pair[1] + pair)

    async def linger(self) -> None:
        """Pick up and press nothing for a while."""
        await self.answer()
        await self.wait("22")

    async def _listen(self) -> None:
        await self.answer()
        if self.talk is not None:
            await self.phone.listen(limit=20)

    async def press(self, keys: str) -> None:
        """Keys as they stand; those that are asked for, also too early; or the code that the page shows."""
        if keys == "early":
            keys = (self.talk and self.village.document(self.talk).asked_for) or "1"
        if keys in ("code", "wrong"):
            code = await self._shown()
            keys = code if keys == "code" else code[::-1]
        for key in keys:
            if self.talk is not None:
                await self.phone.press(key)

    async def _shown(self) -> str:
        found = re.search(r'dir="ltr">([0-9]{6})<', (await self.browser.get(path_of("page"))).text)
        return found[1] if found else "471902"

    async def hang_up(self) -> None:
        if self.talk is not None:
            await self.phone.hang_up()

    async def decline(self) -> None:
        if self.phone.current_call is not None and self.talk is None:
            await self.phone.decline()

    # Everybody and everything else.

    async def wait(self, seconds: str) -> None:
        await self.village.clock.advance(int(seconds))

    async def start(self) -> None:
        fields = {"username": "ada", "phone": PHONE, "channel": "call", "style": self.style.value}
        await self._page("start", **fields)

    async def restart(self) -> None:
        await self.village.restart()

    async def sweep(self) -> None:
        await self.village.verifier.sweep()
        await self.village.verifier.settle()

    async def check(self, how: str) -> None:
        """A code into the page: the one that was heard last, or another one."""
        if self.ear.code:
            code = list(self.ear.code.values())[-1]
            await self._page("code", code=code if how == "right" else code[::-1])

    async def button(self, name: str) -> None:
        await self._page("next", next=name)

    async def replay(self, door: str, digits: str) -> None:
        """A webhook of any time once more, for the newest call."""
        call = self.phone.calls[-1] if self.phone.calls else None
        if call is None or call.sid not in self.ear.last:
            return
        delivery = self.ear.delivery_of[call.sid]
        pair = self.ear.last[call.sid].asked_for or "47"
        pressed = {"pair": pair, "more": pair + "1", "code": await self._shown()}.get(digits, digits)
        fields = {"CallSid": call.sid, "Digits": pressed}
        answer = await self.village.hooks.post(path_of(door, delivery=delivery), fields)
        assert answer.status == 200
        self.ear.hear(call.sid, delivery, Script(answer.text), pressed=pressed if door == "keys" else "")

    async def _page(self, door: str, **fields: str) -> None:
        await self.browser.post(path_of(door), fields)
        await self._look()

    async def _look(self) -> None:
        """The browser looks at the page, and the ear learns which deliveries are whose."""
        page = await open_page(self.browser)
        state = await self.village.verifier.get_for_session(
            session.session_id(next(iter(self.browser.cookies.values())))
        )
        if state.verification is not None:
            sid = state.verification.sid
            assert page.state != "welcome" or sid not in self.ear.dead, "approved after it was reported"
            self.ear.ended |= self.ear.expires.keys() - {sid}
            self.ear.expires[sid] = state.verification.expires_at
            self.ear.verification_of |= {delivery.sid: sid for delivery in state.deliveries}
            if state.verification.style is CallStyle.KEY:
                self.ear.typed.add(sid)
            if state.verification.status.final:
                self.ear.ended.add(sid)

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


SETTINGS = settings(max_examples=40, stateful_step_count=20, deadline=None, derandomize=True, database=None)
Life.TestCase.settings = TypedLife.TestCase.settings = SETTINGS
TestLife, TestTypedLife = Life.TestCase, TypedLife.TestCase
