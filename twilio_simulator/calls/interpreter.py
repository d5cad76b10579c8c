"""Running TwiML in a call: documents are fetched and checked, and their verbs run from top to bottom.

The end of a document hangs up. When a document cannot be fetched or parsed, the fallback URL is tried once; without one
the caller hears an apology.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from ..core.events import DocumentStarted
from ..core.request_log import Pairs
from ..http.client import FetchCanceled, FetchFailed
from ..network.call import Call, CallEnded, Direction, DocumentReplaced, FetchStep, InlineStep, Step
from ..network.exchange import Exchange
from ..network.voice_fields import call_fields
from ..twiml.parser import InvalidDocument, absolute
from ..twiml.verbs import (
    Dial,
    Enqueue,
    Gather,
    Hangup,
    Leave,
    Method,
    Pause,
    Play,
    PlayKeys,
    Record,
    Redirect,
    Reject,
    RejectReason,
    Say,
    VoiceDocument,
)
from ..twiml.voice import read_voice
from .dialing import DialRun
from .gather import GatherRun
from .queueing import EnqueueRun, QueueLeft
from .recording import RecordRun
from .speaking import Speaker
from .webhook_response import APOLOGY, document_from_response

RunVerb = Redirect | Gather | Say | Play | PlayKeys | Pause | Dial | Record | Enqueue
V = TypeVar("V", bound="ActionVerb", contravariant=True)

MAX_SILENT_DOCUMENTS = 50
"""Consecutive documents without sound, pause or wait. Twilio documents this limit only for messaging."""


class CallRejected(Exception):
    """`<Reject>` before the call was answered."""

    def __init__(self, reason: RejectReason) -> None:
        self.reason = reason
        super().__init__(reason.value)


class HungUp(Exception):
    """A verb, or a failed document, hung up."""


class ActionRun(Protocol[V]):
    """One execution of a verb that ends with a request to its `action`. None: no request, the next verb follows."""

    async def run(self, verb: V) -> Pairs | None: ...

    def fields_at_end(self) -> Pairs | None: ...


class ActionVerb(Protocol):
    @property
    def action(self) -> str | None: ...

    @property
    def method(self) -> Method: ...


class Interpreter:
    """Runs the documents of one call. It calls `pick_up` before the first verb that needs an answered call."""

    def __init__(self, exchange: Exchange, call: Call, *, pick_up: Callable[[], None]) -> None:
        self._exchange = exchange
        self._call = call
        self._pick_up = pick_up
        self._speaker = Speaker(exchange, call)
        self._silent_documents = 0
        self._is_queued = False

    async def run(self, first: Step) -> bool:
        """Run until a document ends or hangs up. Returns whether it hung up. Raises `CallRejected`, and `CallEnded`
        for any other end.
        """
        step: Step | None = first
        hung_up = False
        while step is not None:
            try:
                step = await self._run_step(step)
            except DocumentReplaced as replaced:
                step = replaced.step
            except HungUp:
                step, hung_up = None, True
        self._answer()
        return hung_up

    async def _run_waiting_document(self, first: FetchStep) -> None:
        """Run the document of a queue to its end."""
        step: Step | None = first
        self._is_queued = True
        try:
            while step is not None:
                step = await self._run_step(step)
        finally:
            self._is_queued = False

    async def _run_step(self, step: Step) -> Step | None:
        base = step.url if isinstance(step, FetchStep) else None
        try:
            if self._silent_documents >= MAX_SILENT_DOCUMENTS:
                raise InvalidDocument(12400, f"{MAX_SILENT_DOCUMENTS} documents in a row did nothing: an endless loop")
            self._silent_documents += 1
            document, base = await self._load(step)
            return await self._run_document(document, base)
        except (FetchFailed, InvalidDocument) as fault:
            self._exchange.debugger.record(fault.code, fault.detail, sid=self._call.sid, url=base)
            return await self._fallback_step(fault, step, base)

    async def _fallback_step(self, fault: FetchFailed | InvalidDocument, step: Step, base: str | None) -> Step | None:
        """The step that replaces a failed document."""
        plan = self._call.plan
        if plan.fallback_url and not (isinstance(step, FetchStep) and step.is_fallback) and fault.code != 12400:
            fields: Pairs = (("ErrorCode", str(fault.code)), ("ErrorUrl", base or ""))
            return FetchStep(plan.fallback_url, plan.fallback_method, fields, is_fallback=True)
        self._answer()
        await self._speaker.say(APOLOGY)
        raise HungUp

    async def _load(self, step: Step) -> tuple[VoiceDocument, str | None]:
        """The document and its URL."""
        call = self._call
        if isinstance(step, InlineStep):
            self._record_document(None, step.document)
            document = read_voice(step.document)
            self._exchange.debugger.record_problems(document.problems, sid=call.sid, url=None)
            return document, None
        fields = (*call_fields(call), *step.fields)
        try:
            response = await self._exchange.webhooks.fetch(
                step.url, method=step.method, fields=fields, context=call.context, purpose="twiml"
            )
        except FetchCanceled:
            call.check()
            raise
        call.check()
        self._record_document(response.url, response.body.decode("utf-8", "replace"))
        document = document_from_response(response)
        self._exchange.debugger.record_problems(document.problems, sid=call.sid, url=response.url)
        return document, response.url

    def _record_document(self, url: str | None, text: str) -> None:
        self._call.documents += 1
        self._call.document_url = url
        self._exchange.stream.publish(DocumentStarted(self._call.sid, url or "", text))

    async def _run_document(self, document: VoiceDocument, base: str | None) -> Step | None:
        for verb in document.verbs:
            if isinstance(verb, Hangup):
                raise HungUp
            if isinstance(verb, Reject):
                self._reject(verb)
                raise HungUp
            if isinstance(verb, Leave):
                self._leave()
                continue
            step = await self._run_verb(verb, base)
            if step is not None:
                return step
        return None

    async def _run_verb(self, verb: RunVerb, base: str | None) -> Step | None:
        if isinstance(verb, Redirect):
            return FetchStep(absolute(verb.url, base), verb.method.value)
        if not isinstance(verb, Pause) and not (isinstance(verb, Dial) and verb.answer_on_bridge):
            self._answer()  # a <Pause> at the start of an inbound call delays the pick-up
        self._silent_documents = 0
        match verb:
            case Gather():
                return await self._gather(verb, base)
            case Dial():
                return await self._dial(verb, base)
            case Record():
                run = RecordRun(self._exchange, self._call, self._speaker, base)
                return await self._with_action(run, verb, base, default=base)
            case Enqueue():
                waiting = EnqueueRun(self._exchange, self._call, base, self._run_waiting_document)
                return await self._with_action(waiting, verb, base, default=None)
            case Say():
                await self._speaker.say(verb)
            case Play():
                await self._speaker.play(verb, absolute(verb.url, base))
            case PlayKeys():
                await self._speaker.play_keys(verb.digits)
            case Pause():
                await self._call.sleep(verb.seconds)
        return None

    async def _gather(self, verb: Gather, base: str | None) -> Step | None:
        fields = await GatherRun(self._exchange, self._call, self._speaker, base).run(verb)
        if fields is None:
            return None
        if verb.action is None:
            if base is None:
                raise InvalidDocument(15004, "a Gather without action in an inline document")
            return FetchStep(base, verb.method.value, fields)
        return FetchStep(absolute(verb.action, base), verb.method.value, fields)

    async def _dial(self, verb: Dial, base: str | None) -> Step | None:
        if self._call.direction is Direction.OUTBOUND_DIAL:
            self._exchange.debugger.record(13201, sid=self._call.sid, url=base)
            return None
        run = DialRun(self._exchange, self._call, base, pick_up=self._answer, whisper=self._whisper)
        return await self._with_action(run, verb, base, default=None)

    async def _whisper(self, leg: Call, step: FetchStep) -> bool:
        return await Interpreter(self._exchange, leg, pick_up=lambda: None).run(step)

    async def _with_action(self, run: ActionRun[V], verb: V, base: str | None, *, default: str | None) -> Step | None:
        """Run a verb and request its `action`, also when the caller hangs up. `default`: the URL without `action`."""

        def action(fields: Pairs | None) -> FetchStep | None:
            url = default if verb.action is None else absolute(verb.action, base)
            return None if url is None or fields is None else FetchStep(url, verb.method.value, fields)

        try:
            return action(await run.run(verb))
        except CallEnded:
            self._call.request_after_end = action(run.fields_at_end())
            raise

    def _leave(self) -> None:
        if self._is_queued:
            raise QueueLeft
        self._exchange.debugger.notice("<Leave> has no effect outside a queue", sid=self._call.sid)

    def _reject(self, verb: Reject) -> None:
        if self._call.answered is None:
            raise CallRejected(verb.reason)
        self._exchange.debugger.notice("<Reject> in an answered call hangs up", sid=self._call.sid)

    def _answer(self) -> None:
        if self._call.answered is None:
            self._pick_up()
