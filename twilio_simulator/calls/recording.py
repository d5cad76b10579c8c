"""`<Record>`, and the recording of a whole call (`Record=true`).

| what ends a `<Record>` | result |
|---|---|
| a finish key | `action`, with the key as `Digits` |
| `timeout` seconds of silence, or `maxLength` | `action` without `Digits` |
| the caller hangs up | `action` with `Digits=hangup`; its document is ignored |
| nothing was recorded | the next verb; no `action` |

A person at the phone is heard as long as no silence of `timeout` seconds comes; `Phone.speak` says words.
"""

from __future__ import annotations

from ..core.account import new_sid
from ..core.events import PhoneQuiet
from ..core.request_log import Pairs
from ..http.callbacks import Callback
from ..network.call import Call
from ..network.exchange import Exchange
from ..network.recording import Recording, RecordingPlan
from ..twiml.parser import absolute
from ..twiml.speech import speaking_seconds
from ..twiml.verbs import Record
from .speaking import Speaker


def start_recording(exchange: Exchange, call: Call, plan: RecordingPlan) -> Recording:
    recording = Recording(new_sid("RE"), call.sid, call.account_sid, plan, exchange.url, exchange.now())
    exchange.recordings[recording.sid] = recording
    _report(call, recording, "in-progress")
    return recording


def finish_recording(exchange: Exchange, call: Call, recording: Recording, *, silence: float = 0.0) -> None:
    """End a recording. `silence`: seconds at its end that are trimmed. A part of a second counts as a second."""
    seconds = exchange.now() - recording.started - silence
    recording.seconds = max(1, round(seconds)) if seconds > 0 else 0
    if not recording.seconds:
        del exchange.recordings[recording.sid]
    _report(call, recording, "completed" if recording.seconds else "absent")


def _report(call: Call, recording: Recording, status: str) -> None:
    plan = recording.plan
    if plan.callback is None or status not in plan.events:
        return
    fields = tuple(recording.callback_fields(status))
    is_final = status != "in-progress"
    callback = Callback(plan.callback, plan.callback_method, fields, status, is_final, purpose="recording-callback")
    call.callback_queue.add(callback)


class RecordRun:
    """One execution of a `<Record>` verb."""

    def __init__(self, exchange: Exchange, call: Call, speaker: Speaker, base: str | None) -> None:
        self._exchange = exchange
        self._call = call
        self._speaker = speaker
        self._base = base
        self._recording: Recording | None = None

    async def run(self, verb: Record) -> Pairs | None:
        """Run the verb. Returns the fields for `action`, or None when nothing was recorded."""
        call = self._call
        if verb.play_beep:
            await self._speaker.beep()
        call.keys.clear()
        call.speech = None
        callback = absolute(verb.callback, self._base) if verb.callback else None
        plan = RecordingPlan("RecordVerb", 1, callback, verb.callback_method.value, verb.callback_events)
        self._recording = call.verb_recording = recording = start_recording(self._exchange, call, plan)
        call.listening = call.listening_for_speech = call.quiet = True
        self._exchange.stream.publish(PhoneQuiet(call.phone_number, call.sid, "speech, to record it"))
        silence = 0.0
        key = ""
        try:
            key, silence = await self._record(verb, recording)
        finally:
            call.listening = call.listening_for_speech = call.quiet = False
            call.verb_recording = None
            finish_recording(self._exchange, call, recording, silence=silence)
        return self._fields(key)

    def fields_at_end(self) -> Pairs | None:
        """The fields for `action` after the caller hung up."""
        return self._fields("hangup")

    def _fields(self, key: str) -> Pairs | None:
        if self._recording is None or not self._recording.seconds:
            return None
        return (*self._recording.fields(), *([("Digits", key)] if key else []))

    async def _record(self, verb: Record, recording: Recording) -> tuple[str, float]:
        """Wait for the end. Returns the key that ended it, or else the seconds of silence."""
        call, now = self._call, self._exchange.now
        end = recording.started + verb.max_length
        while (left := end - now()) > 0:
            waited = min(verb.timeout, left)
            if not await call.until(lambda: bool(call.keys) or call.speech is not None, seconds=waited):
                return "", waited if waited == verb.timeout else 0.0
            if call.speech is not None:
                recording.words.append(call.speech)
                await call.until(lambda: bool(call.keys), seconds=min(speaking_seconds(call.speech), left))
                call.speech = None
            while call.keys:
                key = call.keys.popleft()
                if key in verb.finish_on_key:
                    return key, 0.0
        return "", 0.0
