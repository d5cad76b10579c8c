"""An listener on every line, for the model of the call.

It knows nothing of the rules: it hears documents, and sees which keys Twilio sent to get them. No code is said before
the pair of that call was pressed, after the end of the call or of its verification, or where it is to be typed; and a
verification has one code.
"""

import re
from dataclasses import dataclass, field

from tests.support.call_setup import CallSetup
from tests.support.call_transcript import Transcript
from twilio_simulator.core.events import CallStatusChanged, DocumentStarted, PublishedEvent, WebhookSent
from twilio_simulator.network.call import CallStatus
from twilio_simulator.network.message import Message
from twiml.words import words
from verification.ports import ByDelivery

ENDINGS = words("en-US").call.endings
FATAL = (ENDINGS.reported, ENDINGS.suppressed, ENDINGS.typed_approved, ENDINGS.typed_wrong)


@dataclass(slots=True)
class CallListener:
    """Hears all calls. A verification is known by its deliveries, a delivery by the URL of its documents."""

    setup: CallSetup
    verification_of: dict[str, str] = field(default_factory=dict)
    typed: set[str] = field(default_factory=set)
    ended: set[str] = field(default_factory=set)
    expires: dict[str, float] = field(default_factory=dict)
    code: dict[str, str] = field(default_factory=dict)
    last: dict[str, Transcript] = field(default_factory=dict)
    digits: dict[str, str] = field(default_factory=dict)
    delivery_of: dict[str, str] = field(default_factory=dict)
    open: set[str] = field(default_factory=set)
    over: set[str] = field(default_factory=set)
    dead: set[str] = field(default_factory=set)

    def record(self, published: PublishedEvent) -> None:
        """An event of the simulator."""
        event = published.event
        if isinstance(event, WebhookSent) and event.purpose == "twiml":
            self.digits[event.sid] = dict(event.parameters).get("Digits", "")
        if isinstance(event, CallStatusChanged) and CallStatus(event.status).is_final:
            self.over.add(event.call_sid)
        if isinstance(event, DocumentStarted):
            delivery = event.url.split("/")[-2]
            self.hear(event.call_sid, delivery, Transcript(event.document), pressed=self.digits[event.call_sid])

    async def read(self, text: Message) -> None:
        """A text message, with the verification that it belongs to."""
        assert text.status_callback is not None
        delivery = text.status_callback.split("/")[-2]
        verification = (await self.setup.store.read(ByDelivery(delivery))).verification
        assert verification is not None
        sid = verification.sid
        assert sid not in self.typed, "texted where it was to be typed"
        (code,) = re.findall(r"is ([0-9]{6})\b", text.body)
        self._same(sid, code)

    def hear(self, call: str, delivery: str, transcript: Transcript, *, pressed: str) -> None:
        """A document, and the keys that led to it."""
        before, sid = self.last.get(call), self.verification_of[delivery]
        if before is not None and pressed == before.asked_for:
            self.open.add(call)
        self.last[call], self.delivery_of[call] = transcript, delivery
        assert transcript.sentences[0] != ENDINGS.typed_approved or call not in self.over, "taken after the goodbye"
        if transcript.sentences[0] in FATAL:
            self.ended.add(sid)
        if transcript.sentences[0] in (ENDINGS.reported, ENDINGS.suppressed):
            self.dead.add(sid)
        if not (transcript.codes or transcript.alone):
            self.over |= {call} if "<Hangup" in transcript.text else set()
            return
        assert call not in self.over, "said after the goodbye, or after the call"
        assert sid not in self.typed, "said where it was to be typed"
        assert call in self.open, "said before the gate"
        assert sid not in self.ended, "said after the end"
        assert self.setup.clock.now() < self.expires[sid], "said after its time"
        for code in transcript.codes:
            self._same(sid, code)
        if position := re.search(r"Digit ([0-9]) of", transcript.sentences[0]):
            assert transcript.alone == self.code[sid][int(position[1]) - 1], "another character"
        elif transcript.alone:
            self._same(sid, transcript.alone)

    def _same(self, sid: str, code: str) -> None:
        assert self.code.setdefault(sid, code) == code, "another code"
