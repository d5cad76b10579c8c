"""Which language to use: from a tag, a browser's header, or the country of a number.

The answer is always one of `LANGUAGES` or None. Input is only compared with known tags, never used as a path.
"""

import re
from functools import lru_cache

#: Neighbors stand together; of the files of one language the most common is the first.
LANGUAGES: tuple[str, ...] = (
    "en-US",
    "en-GB",
    "en-AU",
    "en-IN",
    "es-ES",
    "es-MX",
    "es-US",
    "fr-FR",
    "fr-CA",
    "de-DE",
    "it-IT",
    "pt-BR",
    "pt-PT",
    "ca-ES",
    "ro-RO",
    "nl-NL",
    "sv-SE",
    "da-DK",
    "nb-NO",
    "fi-FI",
    "pl-PL",
    "cs-CZ",
    "sk-SK",
    "hu-HU",
    "bg-BG",
    "uk-UA",
    "ru-RU",
    "el-GR",
    "tr-TR",
    "he-IL",
    "ar",
    "hi-IN",
    "th-TH",
    "vi-VN",
    "id-ID",
    "ja-JP",
    "ko-KR",
    "cmn-CN",
    "cmn-TW",
    "yue-HK",
)

# RFC 5646 needs at most 35 characters; longer input is not a language.
_TAG = re.compile(r"(?=.{2,35}\Z)([A-Za-z]{2,3})((?:[-_][A-Za-z0-9]{1,8})*)\Z")
_REGION = re.compile(r"[-_]([A-Za-z]{2}|[0-9]{3})(?=[-_]|\Z)")

# Retired and broader codes (IANA language subtag registry).
_ALIASES = {"iw": "he", "in": "id", "mo": "ro", "no": "nb", "nn": "nb", "arb": "ar"}
# `zh` is written Chinese; a script or a region says who reads it. The first subtag that is there decides.
_CHINESE = {"hans": "cmn-CN", "hk": "yue-HK", "mo": "yue-HK", "tw": "cmn-TW", "hant": "cmn-TW"}
# `zh-yue` is an older form of `yue` (RFC 5646, 3.4.2).
_EXTENDED = re.compile(r"\Azh[-_](?=(?:yue|cmn)(?:[-_]|\Z))", re.IGNORECASE)

# For a tag without a known region.
_BY_LANGUAGE = {tag.split("-")[0]: tag for tag in reversed(LANGUAGES)}
_BY_REGION = {
    (tag.split("-")[0], region): tag
    for tag, regions in {
        "en-GB": "GB BW CY GG GH GI HK IE IM JE KE MT MY NG PK SG TZ UG ZA ZM",
        "en-AU": "AU CC CK CX FJ KI NF NR NU NZ PG SB TK TO TV VU WS",
        "en-IN": "IN",
        "es-MX": "419 MX AR BO CL CO CR CU DO EC GT HN NI PA PE PY SV UY VE",
        "es-US": "PR US",
        "fr-CA": "CA",
        "pt-PT": "PT AO CV GW MO MZ ST TL",
    }.items()
    for region in regions.split()
}

# The language that most people of a country expect from an unknown caller, where there is a file for it. Canada has
# none: the operator's language decides, which in Québec has to be French.
_BY_COUNTRY = {
    country: tag
    for tag, countries in {
        "en-US": "US AS GU MP PH LR",
        "en-GB": "GB GG GH GI IE IM JE KE MT NG SG UG ZA ZM AG BB BS JM TT",
        "en-AU": "AU CC CX FJ NF NZ PG",
        "en-IN": "IN",
        "es-ES": "ES GQ",
        "es-MX": "MX AR BO CL CO CR CU DO EC GT HN NI PA PE PY SV UY VE",
        "es-US": "PR",
        "fr-FR": "FR BF BJ CD CG CI GA GF GP LU MC MQ NC PF RE SN TG",
        "de-DE": "DE AT CH LI",
        "it-IT": "IT SM VA",
        "pt-BR": "BR",
        "pt-PT": "PT AO CV GW MZ ST",
        "ca-ES": "AD",
        "ro-RO": "RO MD",
        "nl-NL": "NL BE SR AW CW",
        "sv-SE": "SE AX",
        "da-DK": "DK FO GL",
        "nb-NO": "NO SJ",
        "fi-FI": "FI",
        "pl-PL": "PL",
        "cs-CZ": "CZ",
        "sk-SK": "SK",
        "hu-HU": "HU",
        "bg-BG": "BG",
        "uk-UA": "UA",
        "ru-RU": "RU BY KG KZ",
        "el-GR": "GR CY",
        "tr-TR": "TR",
        "he-IL": "IL",
        "ar": "AE BH DZ EG IQ JO KW LB LY MA MR OM PS QA SA SD SY TN YE",
        "th-TH": "TH",
        "vi-VN": "VN",
        "id-ID": "ID",
        "ja-JP": "JP",
        "ko-KR": "KR",
        "cmn-CN": "CN",
        "cmn-TW": "TW",
        "yue-HK": "HK MO",
    }.items()
    for country in countries.split()
}

# No browser sends a longer header. Its beginning is still read.
_HEADER_LIMIT = 1000
_RANGE = re.compile(r"\s*([A-Za-z0-9_-]{1,35})\s*(?:;\s*q\s*=\s*(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)\s*)?\Z", re.ASCII)


@lru_cache(maxsize=512)
def match_language(tag: str | None) -> str | None:
    """The best language for a tag such as `de`, `de-AT`, `zh-Hant-TW` or `pt_PT`, or None. Never raises."""
    parts = _TAG.match(_EXTENDED.sub("", tag or ""))
    if parts is None:
        return None
    language = parts[1].lower()
    if language in ("zh", "cmn"):
        subtags = re.split("[-_]", parts[2].lower())
        nearest = next((known for subtag, known in _CHINESE.items() if subtag in subtags), "cmn-CN")
        return "cmn-TW" if (language, nearest) == ("cmn", "yue-HK") else nearest
    language = _ALIASES.get(language, language)
    region = _REGION.search(parts[2])
    if region is not None and (known := _BY_REGION.get((language, region[1].upper()))):
        return known
    return _BY_LANGUAGE.get(language)


def from_accept_language(header: str | None) -> str | None:
    """The best language for a browser's `Accept-Language` (RFC 9110, 12.5.4), or None. Never raises.

    Higher weights come first, then the order of the header; weight 0 excludes. Malformed parts are skipped.
    """
    parts = (header or "")[: _HEADER_LIMIT + 1].split(",")
    if len(header or "") > _HEADER_LIMIT:
        parts.pop()  # cut in the middle, it could match another language
    weighted: list[tuple[float, str]] = []
    for part in parts:
        match = _RANGE.match(part)
        if match is not None:
            weighted.append((float(match[2] or 1), match[1]))
    for weight, tag in sorted(weighted, key=lambda item: -item[0]):
        if weight > 0 and (language := match_language(tag)):
            return language
    return None


def language_of_country(iso: str | None) -> str | None:
    """The language for a country (ISO 3166), or None where there is no file for it."""
    return _BY_COUNTRY.get((iso or "").upper())
