"""Random steps of a person, a browser and Twilio, with a listener on every call."""

import asyncio
import re
import tempfile
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from msgspec.structs import replace

from tests.support.app import PHONE, open_page, path_of
from tests.support.call_listener import CallListener
from tests.support.call_setup import open_call_setup
from tests.support.call_transcript import Transcript
from twilio_simulator.network.call import Call, CallStatus
from twilio_simulator.phone import Phone
from verification.policy import DEFAULT_POLICY
from verification.types import CallStyle
from webhooks.page import session

T = TypeVar("T")
TIME_LIMIT = 32015
#: Seconds; shorter than a call may be, so that codes end while calls go on.
LIFETIME = 60


#: The steps, and how often each is drawn.
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
    **{
        f"replay call_{event} {digits}": 1 for event in ("keys", "answered", "silence") for digits in ("1", "3", "pair")
    },
    "replay call_keys more": 2,
}


class RandomCalls(RuleBasedStateMachine):
    """Random steps, most of them of the person on the phone."""

    style = CallStyle.SAY

    @initialize(checks=st.integers(1, 2))
    def begin(self, checks: int) -> None:
        self.runner, self.open = asyncio.Runner(), AsyncExitStack()
        folder = Path(self.open.enter_context(tempfile.TemporaryDirectory()))
        policy = replace(DEFAULT_POLICY, max_checks=checks, code_lifetime=LIFETIME, repeat_spacing=(5,))
        self.setup = self.runner.run(
            self.open.enter_async_context(open_call_setup(folder, policy=policy, style=self.style))
        )
        self.browser, self.listener = self.setup.browser(), CallListener(self.setup)
        self.open.enter_context(self.setup.twilio.events.subscribed(self.listener.record))
        self.run(self.start())

    @rule(step=st.sampled_from([step for step, times in STEPS.items() for _ in range(times)]))
    def take_step(self, step: str) -> None:
        name, *arguments = step.split()
        self.run(getattr(self, name)(*arguments))

    @invariant()
    def an_ended_call_stays_ended(self) -> None:
        """After the end, the keys that say or take the code are pressed once more, without an effect."""
        call = self.phone.calls[-1].sid if self.phone.calls else ""
        sid = self.listener.verification_of.get(self.listener.delivery_of.get(call, ""))
        if call in self.listener.last and (call in self.listener.over or sid in self.listener.ended):
            self.run(self.replay("call_keys", "1" if self.style is CallStyle.SAY else "code"))

    def run(self, step: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(self._settled(step))

    async def _settled(self, step: Coroutine[Any, Any, T]) -> T:
        result = await step
        await self.setup.clock.settle()
        return result

    @property
    def phone(self) -> Phone:
        return self.setup.phone

    @property
    def live_call(self) -> Call | None:
        """The call that is in progress."""
        call = self.phone.current_call
        return call if call is not None and call.status is CallStatus.IN_PROGRESS else None

    # The person on the phone.

    async def answer(self) -> None:
        """Answer the phone. When it does not ring, ask for a call first."""
        for button in ("repeat", "begin-again"):
            if self.phone.current_call is None:
                await self.setup.clock.advance(5)
                await self.button(button)
                await self.setup.clock.settle()
        if self.phone.current_call is not None and self.live_call is None:
            await self.phone.answer()

    async def hear(self) -> None:
        """Listen until keys are asked for, and press those or the code that the page shows."""
        await self._listen()
        asked = self.live_call and self.setup.document(self.live_call).asked_for
        await self.press("early" if self.style is CallStyle.SAY or asked else "code")

    async def mishear(self) -> None:
        """Listen, and press almost the right keys."""
        await self._listen()
        pair = (self.live_call and self.setup.document(self.live_call).asked_for) or "47"
        await self.press(pair[1] + pair)

    async def linger(self) -> None:
        """Answer and press nothing for a while."""
        await self.answer()
        await self.wait("22")

    async def _listen(self) -> None:
        await self.answer()
        if self.live_call is not None:
            await self.phone.listen(limit=20)

    async def press(self, keys: str) -> None:
        """Press literal keys, the pair (possibly too early), or the code that the page shows, right or wrong."""
        if keys == "early":
            keys = (self.live_call and self.setup.document(self.live_call).asked_for) or "1"
        if keys in ("code", "wrong"):
            code = await self._shown()
            keys = code if keys == "code" else code[::-1]
        for key in keys:
            if self.live_call is not None:
                await self.phone.press(key)

    async def _shown(self) -> str:
        shown = re.search(r'dir="ltr">([0-9]{6})<', (await self.browser.get(path_of("page"))).text)
        return shown[1] if shown else "471902"

    async def hang_up(self) -> None:
        if self.live_call is not None:
            await self.phone.hang_up()

    async def decline(self) -> None:
        if self.phone.current_call is not None and self.live_call is None:
            await self.phone.decline()

    # The browser, the operator and Twilio.

    async def wait(self, seconds: str) -> None:
        await self.setup.clock.advance(int(seconds))

    async def start(self) -> None:
        fields = {"username": "ada", "phone": PHONE, "channel": "call", "style": self.style.value}
        await self._page("start", **fields)

    async def restart(self) -> None:
        await self.setup.restart()

    async def sweep(self) -> None:
        await self.setup.verifier.expire_overdue()
        await self.setup.verifier.reconcile()

    async def check(self, which: str) -> None:
        """Submit a code on the page: the one that was heard last, or a wrong one."""
        if self.listener.code:
            code = list(self.listener.code.values())[-1]
            await self._page("check_code", code=code if which == "right" else code[::-1])

    async def button(self, name: str) -> None:
        await self._page("next_step", next=name)

    async def replay(self, route: str, digits: str) -> None:
        """Send a webhook of the newest call once more."""
        call = self.phone.calls[-1] if self.phone.calls else None
        if call is None or call.sid not in self.listener.last:
            return
        delivery = self.listener.delivery_of[call.sid]
        pair = self.listener.last[call.sid].asked_for or "47"
        pressed = {"pair": pair, "more": pair + "1", "code": await self._shown()}.get(digits, digits)
        fields = {"CallSid": call.sid, "Digits": pressed}
        answer = await self.setup.hooks.post(path_of(route, delivery=delivery), fields)
        assert answer.status == 200
        self.listener.hear(call.sid, delivery, Transcript(answer.text), pressed=pressed if route == "call_keys" else "")

    async def _page(self, route: str, **fields: str) -> None:
        await self.browser.post(path_of(route), fields)
        await self._load_page()

    async def _load_page(self) -> None:
        """Load the page, and tell the listener which deliveries belong to which verification."""
        page = await open_page(self.browser)
        state = await self.setup.verifier.get_for_session(session.session_id(next(iter(self.browser.cookies.values()))))
        if state.verification is not None:
            sid = state.verification.sid
            assert page.state != "welcome" or sid not in self.listener.dead, "approved after it was reported"
            self.listener.ended |= self.listener.expires.keys() - {sid}
            self.listener.expires[sid] = state.verification.expires_at
            self.listener.verification_of |= {delivery.sid: sid for delivery in state.deliveries}
            if state.verification.style is CallStyle.KEY:
                self.listener.typed.add(sid)
            if state.verification.status.final:
                self.listener.ended.add(sid)

    async def _finish(self) -> None:
        await self.setup.clock.run()
        assert not any(call.is_live for call in self.phone.calls)
        for text in self.setup.twilio.messages.values():
            await self.listener.read(text)
        assert set(self.setup.twilio.debugger.codes) <= {TIME_LIMIT}

    def teardown(self) -> None:
        """No further step: every call ends, and Twilio's debugger has no entry."""
        try:
            self.run(self._finish())
        finally:
            self.runner.run(self.open.aclose())
            self.runner.close()


class RandomTypedCalls(RandomCalls):
    """The same for calls that take the code."""

    style = CallStyle.KEY


SETTINGS = settings(max_examples=40, stateful_step_count=20, derandomize=True, database=None)
RandomCalls.TestCase.settings = RandomTypedCalls.TestCase.settings = SETTINGS
TestRandomCalls, TestRandomTypedCalls = RandomCalls.TestCase, RandomTypedCalls.TestCase
