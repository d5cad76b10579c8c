"""Sound in a call: speech, audio files and tones. A key can cut each of them off."""

from __future__ import annotations

import io
import wave
from collections.abc import Callable

from ..core.events import PlayBegan, SayBegan, SayCutOff
from ..http.client import FetchCanceled, FetchFailed, WebhookResponse
from ..network.call import Call, CallEnded, DocumentReplaced, Playback
from ..network.exchange import Exchange
from ..twiml.parser import InvalidDocument
from ..twiml.verbs import Pause, Play, Say
from .webhook_response import AUDIO_TYPES

KEY_SECONDS = 0.2
BEEP_SECONDS = 0.5
BYTES_PER_SECOND = 8000
"""For audio files that do not state their length."""


class Speaker:
    def __init__(self, exchange: Exchange, call: Call) -> None:
        self._exchange = exchange
        self._call = call

    async def say(self, verb: Say, *, stop: Callable[[], bool] = lambda: False) -> bool:
        """Say a text, as often as its loop says. Returns whether `stop` cut it off. Raises `InvalidDocument`."""
        if verb.voice in self._exchange.failing_voices or not self._exchange.account.dialect.has_voice(verb.voice):
            raise InvalidDocument(13511, f"<Say> {verb.voice} does not speak now")
        for _ in range(verb.loop):
            heard = Playback("say", verb.text, verb.language, verb.voice, verb.seconds, self._exchange.now())
            self._exchange.stream.publish(
                SayBegan(self._call.phone_number, self._call.sid, verb.text, verb.language, verb.voice, verb.seconds)
            )
            if await self._sound(heard, stop):
                return True
        return False

    async def pause(self, verb: Pause, *, stop: Callable[[], bool]) -> bool:
        return await self._call.until(stop, seconds=verb.seconds)

    async def play(
        self, verb: Play, url: str, *, stop: Callable[[], bool] = lambda: False, wrong_type: int = 13420
    ) -> bool:
        """Fetch an audio file, without parameters, and play it. A file that cannot be played gives a warning."""
        try:
            sound = await self._exchange.webhooks.fetch(
                url, method="GET", fields=(), context=self._call.context, purpose="play"
            )
        except FetchFailed as failure:
            self._exchange.debugger.record(failure.code, failure.detail, sid=self._call.sid, url=url)
            return False
        except FetchCanceled:
            self._call.check()
            raise
        if sound.media_type not in AUDIO_TYPES:
            self._exchange.debugger.record(wrong_type, str(sound.content_type), sid=self._call.sid, url=url)
            return False
        seconds = _seconds_of(sound)
        for _ in range(verb.loop):
            self._began(url, seconds)
            if await self._sound(Playback("play", url, "", "", seconds, self._exchange.now()), stop):
                return True
        return False

    async def beep(self) -> None:
        """The tone before a recording."""
        self._began("a beep", BEEP_SECONDS)
        await self._sound(Playback("play", "a beep", "", "", BEEP_SECONDS, self._exchange.now()), lambda: False)

    async def play_keys(self, digits: str) -> None:
        seconds = tone_seconds(digits)
        self._began(digits, seconds)
        await self._sound(Playback("keys", digits, "", "", seconds, self._exchange.now()), lambda: False)

    def _began(self, what: str, seconds: float) -> None:
        self._exchange.stream.publish(PlayBegan(self._call.phone_number, self._call.sid, what, seconds))

    async def _sound(self, heard: Playback, stop: Callable[[], bool]) -> bool:
        self._call.heard.append(heard)
        try:
            cut = await self._call.until(stop, seconds=heard.seconds)
        except CallEnded as ended:
            self._cut(heard, ended.reason.value)
            raise
        except DocumentReplaced:
            self._cut(heard, "update")
            raise
        if cut:
            self._cut(heard, "key")
        else:
            heard.end(self._exchange.now())
        return cut

    def _cut(self, heard: Playback, cut_by: str) -> None:
        heard.end(self._exchange.now(), cut_by)
        self._exchange.stream.publish(
            SayCutOff(self._call.phone_number, self._call.sid, heard.text, cut_by, heard.spoken)
        )


def tone_seconds(digits: str) -> float:
    """How long DTMF digits take; `w` is a pause of half a second and `W` of a whole one."""
    return sum({"w": 0.5, "W": 1.0}.get(digit, KEY_SECONDS) for digit in digits)


def _seconds_of(sound: WebhookResponse) -> float:
    try:
        with wave.open(io.BytesIO(sound.body)) as file:
            return float(file.getnframes() / file.getframerate())
    except (wave.Error, EOFError, ZeroDivisionError):
        return len(sound.body) / BYTES_PER_SECOND
