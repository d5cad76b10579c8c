"""The forms of settings: what each one takes, and the nonsense that it refuses."""

from pathlib import Path

import pytest

from saycode.config.databases import parse_database
from saycode.config.limit_parsers import parse_budgets, parse_limits, parse_prices, parse_spacing
from saycode.config.parsers import (
    InvalidValue,
    Secret,
    int_between,
    parse_countries,
    parse_language,
    parse_yes_no,
)
from saycode.config.sender_parsers import parse_voices
from saycode.config.settings import SETTINGS
from saycode.config.url_parsers import parse_base_url, parse_url
from tests.support.keys import KEY
from verification.counters.rules import Budget, Limit, Price

PARSERS = {row.name: row.parse for row in SETTINGS}
#: All that `whole` makes.
WHOLE = int_between(0, 1).__qualname__

BAD = {
    "TWILIO_ACCOUNT_SID": ["AC1", "SK" + "0" * 32, "AC" + "g" * 32, "AC" + "0" * 33],
    "TWILIO_AUTH_TOKEN": ["two words", "tökén"],
    "TWILIO_FROM_NUMBER": [
        "14155550100",
        "+1415555",
        "(415) 555-0100",
        "Acme",
        "+14155550100 ext. 5",
        "+" + "1" * 80,
        "+447700900123",
    ],
    "TWILIO_MESSAGING_SERVICE_SID": ["AC" + "0" * 32],
    "TWILIO_API_BASE_URL": ["http://api.example.com", "ftp://api.example.com", "api.twilio.com"],
    "SAYCODE_PUBLIC_URL": [
        "http://verify.example.com",
        "https://my_host.example.com",
        "https://verify.example.com/path",
        "https://verify.example.com?x",
        "https://verify.example.com/#x",
        "https://user@verify.example.com",
        "https://verify.example.com:0",
        "https://verify.example.com:70000",
        "https://-x.example.com",
        "https://bücher.example",
        "https://verify.example.com\\@evil.example",
        "https://a b",
        "https://a\nb",
        "https://[::1",
        "https://",
        "verify.example.com",
    ],
    "SAYCODE_SECRET_KEY": [
        "k" * 31,
        f"{KEY},short",
        f"{KEY},{KEY}",
        f"{KEY},",
        "k " * 20,
    ],
    "SAYCODE_DATABASE_URL": [
        "postgresql://host",
        "mysql://host/name",
        "saycode.db",
        "sqlite://saycode.db",
        "sqlite:///",
        "sqlite:///:memory:",
        "sqlite:///folder/",
        "sqlite:///saycode.db?mode=ro",
    ],
    "TWILIO_WEBHOOK_SECRET": ["two words", "schlüssel"],
    "SAYCODE_WHATSAPP_SENDER": ["14155550100", "whatsapp:14155550100", "sms:+14155550100", "Acme"],
    "SAYCODE_WHATSAPP_TEMPLATES": [
        "HX" + "0" * 32,
        "en:HX" + "0" * 31,
        "en:MG" + "0" * 32,
        "xx:HX" + "0" * 32,
        f"en:HX{'0' * 32},en-US:HX{'1' * 32}",
        f"en:HX{'0' * 32},",
    ],
    "SAYCODE_DATABASE_CREATE": ["true", "YES", "0"],
    "SAYCODE_VOICES": ["de-DE", "de-DE=", "xx-XX=Polly.Vicki", "de=Polly.Vicki", "de-DE=alice", 'de-DE=Polly."><Play'],
    "SAYCODE_FALLBACK_VOICES": ["de-DE=", "xx-XX=Polly.Vicki", 'de-DE=Polly."><Play'],
    "SAYCODE_COLOR": ["1f5f5b", "#1f5", "#1f5f5g", "#1f5f5b00", "teal", "#1f5f5b;}"],
    "SAYCODE_WELCOME_URL": [
        "http://example.com/",
        "javascript:alert(1)",
        "//example.com/",
        "/account",
        "https://ann@example.com/",
        "https://example.com/a b",
        "https://example.com:port/",
    ],
    "SAYCODE_PHONES": ["both", "TYPED"],
    "SAYCODE_COUNTRIES": ["UK", "USA", "US,", "+1", "001"],
    "SAYCODE_KEYPRESS": ["none"],
    "SAYCODE_CALL_STYLE": ["both", "SAY"],
    "SAYCODE_FALLBACK": ["AUTO", "none"],
    "SAYCODE_MACHINE_DETECTION": ["yes", "ON"],
    "SAYCODE_CONSOLE": ["yes", "ON"],
    "SAYCODE_LANGUAGE": ["english", "../../etc/passwd", "e", "sw-KE", "xx", "C.UTF-8"],
    "SAYCODE_TRUSTED_PROXIES": ["*", "proxy.example.com", "10.0.0.1/8", "0.0.0.0/0", "::/0", "10.0.0.1,"],
    "SAYCODE_RETENTION_DAYS": ["0", "367", "30d", "never"],
    "SAYCODE_AUDIT_RETENTION_DAYS": ["0", "367"],
    "SAYCODE_CARRIER": ["Twilio", "telnyx", "twilio,signalwire"],
    "SAYCODE_STANDBY_CARRIER": ["Twilio", "telnyx", "none"],
    "SAYCODE_STANDBY_ACCOUNT_SID": ["AC1", "SK" + "0" * 32],
    "SAYCODE_STANDBY_AUTH_TOKEN": ["two words"],
    "SAYCODE_STANDBY_FROM_NUMBER": ["14155550100", "+1415555"],
    "SAYCODE_STANDBY_WEBHOOK_SECRET": ["two words"],
    "SAYCODE_STANDBY_API_BASE_URL": ["http://api.example.com", "api.example.com"],
    "TWILIO_REGION": ["ireland", "IE1", "de1", "us1,ie1"],
    "TWILIO_EDGE": ["Dublin", "dublin.ie1", "-ix", "1"],
    "SAYCODE_TWILIO_RECORDS": ["off", "DELETE"],
    "SAYCODE_TEST_NUMBERS": ["+14155550100", "+14155550100 1 2027-01-31", "+14155550100 123456 2027-13-01", "on"],
    "SAYCODE_METRICS_ACCESS": [
        "0.0.0.0/0",
        "127.0.0.1,",
        "127.0.0.1/8",
        "short",
        f"{KEY}, two words of thirty-two characters",
        "on",
    ],
    "SAYCODE_ALERT_URLS": ["ann@example.com", "json://h, two words", "json://h,json://h", "json://höst", "://host"],
    "SAYCODE_CONSOLE_ISSUER": [
        "acme.example",
        "http://acme.example",
        "https://acme.example?a=b",
        "https://a.example#b",
    ],
    "SAYCODE_CONSOLE_CLIENT_ID": ["schlüssel", "a\tb"],
    "SAYCODE_CONSOLE_HELP_DESK": ["ann@acme.example,", "ann@", "@acme.example", "ann@@acme.example", "a\tb", "x" * 255],
    "SAYCODE_CONSOLE_ADMINISTRATORS": [",", "änn@acme.example"],
    "SAYCODE_LIMITS": ["off"],
    "SAYCODE_SIZE": ["huge", "LARGE"],
    "SAYCODE_LIMIT_NEIGHBORS": ["5", "5/59s", "5/601s", "5/30%/1d"],
    "SAYCODE_LIMIT_NUMBER": ["5", "0/1d", "5/0m", "5/32d", "5/10", "5/10m,", "5/10m,6/600s", "-5/1d", "99999999/1d"],
    "SAYCODE_LOOKUP": ["on", "line,off", "line,", "sim_swap", "LINE"],
    "SAYCODE_LOOKUP_LINE_TYPES": ["any", "mobile,", "Mobile", "mobile;landline"],
    "SAYCODE_LOOKUP_ON_LINE_TYPE": ["off", "REFUSE"],
    "SAYCODE_LOOKUP_ON_SIM_SWAP": ["allow"],
    "SAYCODE_LOOKUP_ON_FORWARDING": ["sms"],
    "SAYCODE_LOOKUP_ON_ERROR": ["wait"],
    "SAYCODE_UNCONFIRMED_COUNTRY": [
        "20",
        "20/1d",
        "20/30/1d",
        "0/30%/1d",
        "20/401%/1d",
        "20/30%/601s",
        "20/30%/59s",
        "5/5%/1h,6/6%/60m",
    ],
    "SAYCODE_FAILED_CHECKS_ALERT": ["50/100%/10m,60/100%/20m", "none"],
    "SAYCODE_LOCKOUT_ACCOUNT": ["10", "0/50", "51/50", "10/101", "10/50/60", "-1/5"],
    "SAYCODE_TRUSTED_BROWSER_LIMIT": ["3", "21/1d", "1/1h,3/1d"],
    "SAYCODE_MONEY_PER_DAY": ["-1", "1,5", "0.00001", "much"],
    "SAYCODE_PRICES": ["no-such-file", "US:0.0140", "XX:1:1", "US:a:b", "US:1:1;DE:1:1"],
    "SAYCODE_REPEAT_SPACING": ["30,60,120,300,600", "601", "-1", "30,", "x"],
}


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in BAD.items() for text in texts])
def test_nonsense_is_refused_with_what_would_do(name: str, text: str) -> None:
    with pytest.raises(InvalidValue, match=r"^must ") as caught:
        PARSERS[name](text)
    assert "\n" not in str(caught.value)


def test_every_setting_with_a_form_of_its_own_has_nonsense_to_refuse() -> None:
    alike = (
        "TWILIO_AUTH_TOKEN",
        "SAYCODE_CONSOLE_CLIENT_SECRET",
        "SAYCODE_LIMIT_",
        "SAYCODE_UNCONFIRMED_",
        "SAYCODE_LOCKOUT_",
    )
    untested = {
        row.name
        for row in SETTINGS
        if row.name not in BAD and not row.name.startswith(alike) and row.parse.__qualname__ != WHOLE
    }
    elsewhere = {
        *("TWILIO_API_KEY", "TWILIO_API_SECRET", "SAYCODE_BRAND", "SAYCODE_ACTIONS", "SAYCODE_LOGO"),
        *("SAYCODE_HOOKS", "SAYCODE_SENDERS"),
    }
    assert untested == elsewhere, "tested in files of their own"


@pytest.mark.parametrize("name", [row.name for row in SETTINGS if row.parse.__qualname__ == WHOLE])
def test_a_whole_number_is_written_in_plain_digits(name: str) -> None:
    for text in ("six", "6.0", "+6", "٦", "-6", "1_0"):
        with pytest.raises(InvalidValue, match=r"^must be a whole number from"):
            PARSERS[name](text)


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [("SAYCODE_CODE_LENGTH", 6, 10), ("SAYCODE_CODE_LIFETIME", 10, 600), ("SAYCODE_MAX_CHECKS", 1, 5)],
)
def test_whole_numbers_end_at_their_bounds(name: str, low: int, high: int) -> None:
    assert [PARSERS[name](str(good)) for good in (low, high)] == [low, high]
    for bad in (low - 1, high + 1):
        with pytest.raises(InvalidValue, match=rf"^must be a whole number from {low} to {high}$"):
            PARSERS[name](str(bad))


def test_a_country_code_that_is_none_is_named() -> None:
    with pytest.raises(InvalidValue, match=r"not one: UK$"):
        parse_countries("US,UK")


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https://Verify.Example.com/", "https://verify.example.com"),
        ("https://verify.example.com:8443", "https://verify.example.com:8443"),
        ("https://verify.example.com:443", "https://verify.example.com"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://localhost:80/", "http://localhost"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("https://192.0.2.7", "https://192.0.2.7"),
    ],
)
def test_an_address_has_one_spelling(text: str, address: str) -> None:
    assert parse_base_url(text) == address


@pytest.mark.parametrize(
    "text", ["https://example.com/account?from=phone#top", "https://Example.com", "http://localhost:3000/signed-in"]
)
def test_a_link_stays_as_it_stands(text: str) -> None:
    assert parse_url(text) == text


@pytest.mark.parametrize(
    ("text", "path"),
    [("sqlite:///codes.db", "codes.db"), ("sqlite:////var/lib/codes.db", "/var/lib/codes.db")],
)
def test_three_slashes_are_relative_and_four_absolute(text: str, path: str) -> None:
    assert parse_database(text) == Path(path)


def test_limits_are_counts_within_seconds() -> None:
    assert parse_limits("7/90s, 9/31d") == (Limit(count=7, seconds=90), Limit(count=9, seconds=31 * 86400))
    assert parse_limits("1/1m,2/1h") == (Limit(count=1, seconds=60), Limit(count=2, seconds=3600))


def test_budgets_are_counts_or_shares_within_seconds_and_off_is_none() -> None:
    assert parse_budgets("3/20%/1h, 20/0%/1d") == (
        Budget(count=3, percent=20, seconds=3600),
        Budget(count=20, percent=0, seconds=86400),
    )
    assert parse_budgets("off") == ()


def test_prices_come_from_the_setting_or_from_the_lines_of_a_file(tmp_path: Path) -> None:
    prices = {"US": Price(minute=140, text=83), "*": Price(minute=5000, text=2000)}
    assert parse_prices("us:0.0140:0.0083,*:0.5:0.2") == prices
    (tmp_path / "prices").write_text("US:0.0140:0.0083\n*:0.5:0.2\n")
    assert parse_prices(str(tmp_path / "prices")) == prices


VOICE = "Polly.Daniel-Neural"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (f"de-DE={VOICE},fr-FR={VOICE},de-DE=Polly.Vicki", r"one voice for each.*entry 3 is the second for de-DE"),
        (f"de-DE={VOICE},fr-FR=", r"such as Polly\..*entry 2, for fr-FR, has none"),
        (f"de-DE={VOICE},fr-FR=alice", r"such as Polly\..*entry 2, for fr-FR, has another text"),
        (f"fr-FR={VOICE},de_DE={VOICE}", "entry 2 has de_DE, for which write de-DE"),
        ("de_DE=", "entry 1 has de_DE, for which write de-DE"),
        (f"de={VOICE}", "entry 1 has de, for which write de-DE"),
        (f"DE-de={VOICE}", "entry 1 has DE-de, for which write de-DE"),
        (f"zh-Hant-TW={VOICE}", "entry 1 has zh-Hant-TW, for which write cmn-TW"),
        (f"xx-XX={VOICE}", r"a language of en-US, .*entry 1 has xx-XX"),
        (f"={VOICE}", r"a language of en-US, .*entry 1 has none of them"),
        (f"de-DE={VOICE},", "entry 2 has no ="),
        (f"de-DE:{VOICE}", "entry 1 has no ="),
        (f"de-DE={VOICE};fr-FR={VOICE}", r"entry 1, for de-DE, has another text"),
    ],
)
@pytest.mark.parametrize("name", ["SAYCODE_VOICES", "SAYCODE_FALLBACK_VOICES"])
def test_a_wrong_entry_of_the_voices_is_named(name: str, text: str, sentence: str) -> None:
    with pytest.raises(InvalidValue, match=sentence):
        PARSERS[name](text)


def test_voices_are_of_languages_once_each() -> None:
    assert dict(parse_voices(f" de-DE = {VOICE} , ar=Google.ar-XA-Wavenet-A")) == {
        "de-DE": VOICE,
        "ar": "Google.ar-XA-Wavenet-A",
    }


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("US:1:1,*:2:2,us:3:3", "entry 3 is the second for US"),
        ("*:1:1,*:2:2", r"entry 2 is the second for \*"),
        ("US:1:1,UK:1:1", "entry 2 has UK"),
        ("US:1:1,DE:1.2.3:1", "not entry 2$"),
        ("US:1:1,DE:1", "not entry 2$"),
        ("US:1:1,", "not entry 2$"),
    ],
)
def test_a_wrong_entry_of_the_prices_is_named(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(InvalidValue, match=sentence):
        parse_prices(text)
    if text.endswith(","):
        return
    (tmp_path / "prices").write_text("\n".join(text.split(",")))
    with pytest.raises(InvalidValue, match=sentence.replace("entry", "line")):
        parse_prices(str(tmp_path / "prices"))


def test_a_file_of_prices_may_have_comments_blank_lines_and_commas(tmp_path: Path) -> None:
    file = tmp_path / "prices"
    file.write_text("# ours\nUS:1:1,\n\n  DE:2:2, FR:3:3  # euros\n")
    assert set(parse_prices(str(file))) == {"US", "DE", "FR"}
    file.write_text("# none\n\n")
    with pytest.raises(InvalidValue, match="or a file of such lines"):
        parse_prices(str(file))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("SAYCODE_LIMIT_NUMBER", "5/10m,10/1w"),
        ("SAYCODE_LIMIT_NUMBER", "5/10m,0/1d"),
        ("SAYCODE_LIMIT_NUMBER", "5/10m,"),
        ("SAYCODE_UNCONFIRMED_COUNTRY", "20/30%/1h,20/30/1d"),
        ("SAYCODE_UNCONFIRMED_COUNTRY", "20/30%/1h,20/401%/1d"),
        ("SAYCODE_UNCONFIRMED_COUNTRY", "20/30%/1h,20/30%/59s"),
    ],
)
def test_a_wrong_entry_of_the_limits_is_named(name: str, text: str) -> None:
    with pytest.raises(InvalidValue, match=r"not entry 2$"):
        PARSERS[name](text)


def test_spacing_is_pauses_in_seconds_and_zero_is_none() -> None:
    assert parse_spacing("0, 600") == (0, 600)
    assert parse_spacing("0") == ()


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("CMN-cn", "cmn-CN"),
        ("zh_TW", "cmn-TW"),
        ("ar", "ar"),
        ("es-419", "es-MX"),
        ("de_AT", "de-DE"),
        ("en_US", "en-US"),
    ],
)
def test_a_language_is_the_nearest_one_that_is_spoken(text: str, language: str) -> None:
    assert parse_language(text) == language


def test_countries_have_one_spelling() -> None:
    assert parse_countries("de, FR") == {"DE", "FR"}


def test_yes_and_no_are_the_only_answers() -> None:
    assert [parse_yes_no(text) for text in ("yes", "no")] == [True, False]


def test_secrets_are_equal_by_their_text_only() -> None:
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert len({Secret("é"), Secret("é")}) == 1
