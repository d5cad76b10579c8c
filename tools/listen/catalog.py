"""The languages that have a voice in a package. `voices` speaks with them; this module needs no package."""

#: Piper's English voice.
PIPER = ("en-US",)
#: Kokoro's voices by language, and the language of the phonemes that espeak makes for them.
KOKORO = {
    "en-US": ("af_heart", "en-us"),
    "en-GB": ("bf_emma", "en"),
    "en-IN": ("bf_emma", "en"),
    "en-AU": ("bf_emma", "en"),
    "es-ES": ("ef_dora", "es"),
    "es-MX": ("ef_dora", "es-419"),
    "es-US": ("ef_dora", "es-419"),
    "fr-FR": ("ff_siwis", "fr"),
    "fr-CA": ("ff_siwis", "fr"),
    "it-IT": ("if_sara", "it"),
    "pt-BR": ("pf_dora", "pt-br"),
    "hi-IN": ("hf_alpha", "hi"),
    "ja-JP": ("jf_alpha", ""),
    "cmn-CN": ("zf_xiaoxiao", ""),
    "cmn-TW": ("zf_xiaoxiao", ""),
}
#: Pico's languages.
PICO = ("en-US", "en-GB", "es-ES", "fr-FR", "de-DE", "it-IT")
