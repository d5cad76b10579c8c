"""The voices of `<Say>` and their languages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from ..core.wordlist import word_set

LANGUAGES = word_set(
    """
    af-ZA ar-AE ar-XA arb bg-BG bn-IN ca-ES cmn-CN cmn-TW cs-CZ cy-GB da-DK de-AT de-DE de-CH el-GR en-AU en-GB
    en-GB-WLS en-IE en-IN en-NZ en-US en-ZA es-ES es-MX es-US eu-ES fi-FI fil-PH fr-BE fr-CA fr-FR gl-ES gu-IN
    he-IL hi-IN hu-HU id-ID is-IS it-IT ja-JP kn-IN ko-KR lt-LT lv-LV ml-IN mr-IN ms-MY nb-NO nl-BE nl-NL pa-IN
    pl-PL pt-BR pt-PT ro-RO ru-RU sk-SK sv-SE ta-IN te-IN th-TH tr-TR uk-UA vi-VN yue-CN yue-HK zh-CN zh-TW zh-HK
    """
)
"""Without `am-ET` and `sr-RS`: Twilio's libraries have them, its list of voices does not. `uk-UA` is in the libraries
only, too; it is here because Google still has the voice and applications use it."""

BASIC_LANGUAGES = {"en": "en-US", "en-gb": "en-GB", "es": "es-ES", "fr": "fr-FR", "de": "de-DE", "it": "it-IT"}
"""The short names that Twilio documents for `man` and `woman` only, and what they mean."""

_LANGUAGE_ALIASES = {"zh-CN": "cmn-CN", "zh-TW": "cmn-TW", "zh-HK": "yue-HK"}

_POLLY = {
    "arb": "Zeina",
    "ar-AE": "Hala Zayd",
    "ca-ES": "Arlet",
    "cmn-CN": "Zhiyu",
    "cs-CZ": "Jitka",
    "cy-GB": "Gwyneth",
    "da-DK": "Naja Mads Sofie",
    "de-AT": "Hannah",
    "de-CH": "Sabrina",
    "de-DE": "Marlene Vicki Hans Daniel",
    "en-AU": "Nicole Olivia Russell",
    "en-GB": "Amy Emma Brian Arthur",
    "en-GB-WLS": "Geraint",
    "en-IE": "Niamh",
    "en-IN": "Aditi Raveena Kajal",
    "en-NZ": "Aria",
    "en-ZA": "Ayanda",
    "en-US": "Danielle Gregory Ivy Joanna Joey Justin Kendra Kevin Kimberly Matthew Ruth Salli Stephen Patrick",
    "es-ES": "Conchita Lucia Enrique Sergio Alba Raul",
    "es-MX": "Mia Andres",
    "es-US": "Lupe Penelope Miguel Pedro",
    "fi-FI": "Suvi",
    "fr-BE": "Isabelle",
    "fr-CA": "Chantal Gabrielle Liam",
    "fr-FR": "Celine Lea Mathieu Remi",
    "hi-IN": "Aditi Kajal",
    "is-IS": "Dora Karl",
    "it-IT": "Carla Bianca Giorgio Adriano",
    "ja-JP": "Mizuki Takumi Kazuha Tomoko",
    "ko-KR": "Seoyeon Jihye",
    "nb-NO": "Liv Ida",
    "nl-BE": "Lisa",
    "nl-NL": "Laura Lotte Ruben",
    "pl-PL": "Ewa Maja Jacek Jan Ola",
    "pt-BR": "Camila Vitoria Ricardo Thiago",
    "pt-PT": "Ines Cristiano",
    "ro-RO": "Carmen",
    "ru-RU": "Tatyana Maxim",
    "sv-SE": "Astrid Elin",
    "tr-TR": "Filiz Burcu",
    "yue-CN": "Hiujin",
}

_RETIRED_GOOGLE_VOICES = re.compile(
    r"bg-BG-Standard-A|cs-CZ-\w+-A|hu-HU-Wavenet-A|ta-IN-\w+-[AB]|nb-NO-\w+-[A-E]|th-TH-Neural2-C|sr-RS-.*"
)
"""Names that Google has retired and Twilio's libraries still list."""

_POLLY_NAME = re.compile(r"Polly\.([A-Z][a-z]+)(?:-(Neural|Generative))?", re.ASCII)
_GOOGLE_NAME = re.compile(
    r"(?:Google|gcloud)\.([a-z]{2,3}-[A-Z]{2})-(?:(Standard|Wavenet|Neural2)-[A-Z]"
    r"|(Chirp3-HD)-(?:Aoede|Kore|Leda|Zephyr|Charon|Fenrir|Orus|Puck))",
    re.ASCII,
)


class VoiceProvider(StrEnum):
    BASIC = "basic"
    POLLY = "polly"
    GOOGLE = "google"


@dataclass(frozen=True, slots=True)
class Voice:
    """`languages` empty: any. `plain`: a Neural or Generative voice, which rejects `emphasis` and `pitch`."""

    name: str
    provider: VoiceProvider
    languages: tuple[str, ...]
    plain: bool = False

    @property
    def longest_text(self) -> int:
        """Characters in one `<Say>`."""
        return {VoiceProvider.BASIC: 4000, VoiceProvider.POLLY: 3000, VoiceProvider.GOOGLE: 5000}[self.provider]

    def speaks(self, language: str) -> bool:
        return not self.languages or _LANGUAGE_ALIASES.get(language, language) in self.languages


BASIC_VOICE = Voice("man", VoiceProvider.BASIC, ())
"""The default voice. Twilio does not document the languages of its Basic voices; the simulator allows all."""


def find_voice(name: str) -> Voice | None:
    """The voice with this name, at Twilio or at SignalWire (`gcloud.…`); None when there is none, and for the legacy
    name `alice`.
    """
    if name in ("man", "woman"):
        return Voice(name, VoiceProvider.BASIC, ())
    if match := _POLLY_NAME.fullmatch(name):
        languages = tuple(language for language, names in _POLLY.items() if match[1] in names.split())
        return Voice(name, VoiceProvider.POLLY, languages, plain=match[2] is not None) if languages else None
    if (
        (match := _GOOGLE_NAME.fullmatch(name))
        and match[1] in LANGUAGES
        and not _RETIRED_GOOGLE_VOICES.fullmatch(name.partition(".")[2])
    ):
        return Voice(name, VoiceProvider.GOOGLE, (match[1],), plain=match[3] is not None)
    return None
