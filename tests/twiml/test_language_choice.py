import pytest
from hypothesis import given
from hypothesis import strategies as st

from twiml.words import LANGUAGES, from_accept_language, language_of_country, match_language


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_known_tag_is_itself_in_any_spelling(language: str) -> None:
    assert (
        match_language(language)
        == match_language(language.upper())
        == match_language(language.lower().replace("-", "_"))
        == language
    )


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("de", "de-DE"),
        ("de-AT", "de-DE"),
        ("de-Latn-CH-1996", "de-DE"),
        ("en", "en-US"),
        ("en-IE", "en-GB"),
        ("en-NZ", "en-AU"),
        ("en-PH", "en-US"),
        ("es", "es-ES"),
        ("es-419", "es-MX"),
        ("es-AR", "es-MX"),
        ("es-US", "es-US"),
        ("es-PR", "es-US"),
        ("en-IN", "en-IN"),
        ("en-Latn-IN", "en-IN"),
        ("in", "id-ID"),
        ("in_ID", "id-ID"),
        ("vi", "vi-VN"),
        ("ko", "ko-KR"),
        ("hi", "hi-IN"),
        ("hi-Latn-IN", "hi-IN"),
        ("th-TH-u-nu-thai", "th-TH"),
        ("ru-UA", "ru-RU"),
        ("pt", "pt-BR"),
        ("pt_AO", "pt-PT"),
        ("zh", "cmn-CN"),
        ("zh-CN", "cmn-CN"),
        ("zh-SG", "cmn-CN"),
        ("zh-Hans-HK", "cmn-CN"),
        ("zh-TW", "cmn-TW"),
        ("zh-Hant", "cmn-TW"),
        ("zh_Hant_TW", "cmn-TW"),
        ("zh-cmn-Hant", "cmn-TW"),
        ("cmn-Hant-TW", "cmn-TW"),
        ("cmn-HK", "cmn-TW"),
        ("zh-HK", "yue-HK"),
        ("zh-Hant-HK", "yue-HK"),
        ("zh-MO", "yue-HK"),
        ("zh-yue", "yue-HK"),
        ("yue-Hant", "yue-HK"),
        ("yue-CN", "yue-HK"),
        ("no", "nb-NO"),
        ("nn-NO", "nb-NO"),
        ("ar-EG", "ar"),
        ("arb", "ar"),
        ("fr", "fr-FR"),
        ("fr-BE", "fr-FR"),
        ("fr-Latn-CA", "fr-CA"),
        ("sk", "sk-SK"),
        ("uk-Cyrl", "uk-UA"),
        ("ro-MD", "ro-RO"),
        ("mo", "ro-RO"),
        ("hu", "hu-HU"),
        ("iw", "he-IL"),
        ("iw_IL", "he-IL"),
        ("el-CY", "el-GR"),
        ("bg", "bg-BG"),
        ("ca-valencia", "ca-ES"),
        ("ca-AD", "ca-ES"),
    ],
)
def test_a_tag_finds_its_nearest_language(tag: str, language: str) -> None:
    assert match_language(tag) == language


@pytest.mark.parametrize(
    "tag",
    [
        None,
        "",
        "x",
        "xx",
        "tlh",
        "eu-ES",
        "../../etc",
        "../../etc/passwd",
        "de\n",
        "de\x00",
        "de/..",
        "d" * 1000,
        "de" + "-x" * 500,
        "de-",
        "-de",
        "de--AT",
        "дe",
        "ｄｅ",
        "en-US; q=1",
        "__init__",
        "*",
        "\ud800",
    ],
)
def test_a_malformed_tag_finds_no_language(tag: str | None) -> None:
    assert match_language(tag) is None


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("de-CH,de;q=0.9,en;q=0.8", "de-DE"),
        ("en;q=0.3, fr;q=0.7", "fr-FR"),
        ("eu, sv;q=0.5", "sv-SE"),
        ("de;q=0, it;q=0.1", "it-IT"),
        ("*, nl;q=0.2", "nl-NL"),
        ("fi ; q=0.4 , da ; q = 0.9", "da-DK"),
        ("pl, cs", "pl-PL"),
        ("tr;q=banana, ja;q=0.1", "ja-JP"),
        ("en-US;q=1.5", None),
        ("de;q=nan", None),
        ("", None),
        (None, None),
        ("*", None),
        (",;=,;q=1,,", None),
    ],
)
def test_a_browser_gets_the_language_that_it_weighs_most(header: str | None, language: str | None) -> None:
    assert from_accept_language(header) == language


def test_a_header_that_is_cut_never_matches_a_cut_tag() -> None:
    assert from_accept_language("xx," * 332 + "xx, denim") is None  # the first 1000 characters end in `den`


def test_a_huge_header_is_read_only_at_its_beginning() -> None:
    assert from_accept_language("xx," * 100_000 + "de") is None
    assert from_accept_language("de," + "xx," * 100_000) == "de-DE"


@pytest.mark.parametrize(
    ("country", "language"),
    [
        ("US", "en-US"),
        ("gb", "en-GB"),
        ("NZ", "en-AU"),
        ("MX", "es-MX"),
        ("PR", "es-US"),
        ("IN", "en-IN"),
        ("ID", "id-ID"),
        ("VN", "vi-VN"),
        ("KR", "ko-KR"),
        ("KP", None),
        ("KZ", "ru-RU"),
        ("TW", "cmn-TW"),
        ("TH", "th-TH"),
        ("HK", "yue-HK"),
        ("AT", "de-DE"),
        ("BR", "pt-BR"),
        ("AO", "pt-PT"),
        ("EG", "ar"),
        ("CN", "cmn-CN"),
        ("NO", "nb-NO"),
        ("SK", "sk-SK"),
        ("UA", "uk-UA"),
        ("MD", "ro-RO"),
        ("HU", "hu-HU"),
        ("CY", "el-GR"),
        ("BG", "bg-BG"),
        ("AD", "ca-ES"),
        ("IL", "he-IL"),
        ("AX", "sv-SE"),
        ("CA", None),
        ("EE", None),
        ("", None),
        (None, None),
        ("001", None),
    ],
)
def test_a_country_has_its_usual_language(country: str | None, language: str | None) -> None:
    assert language_of_country(country) == language


@given(st.text(max_size=60))
def test_any_input_gives_a_known_language_or_none(text: str) -> None:
    for answer in (match_language(text), from_accept_language(text), language_of_country(text)):
        assert answer is None or answer in LANGUAGES
