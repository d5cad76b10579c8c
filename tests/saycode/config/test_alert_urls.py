"""SAYCODE_ALERT_URLS: addresses with secrets, which no message of ours shows."""

import sys

import pytest

from saycode.config.parsers import InvalidValue
from saycode.config.url_parsers import MOST_TARGETS, parse_alert_urls, scheme_of


@pytest.mark.parametrize(
    "text",
    [
        "mailto://u:p@example.com?to=a@example.com,b@example.com,json://host/path",
        " mailto://u:p@example.com?to=a@example.com,b@example.com , json://host/path, ",
        "mailto://u:p@example.com?to=a@example.com,b@example.com\njson://host/path",
    ],
)
def test_a_comma_within_an_address_does_not_end_it(text: str) -> None:
    urls = [url.reveal() for url in parse_alert_urls(text)]
    assert urls == ["mailto://u:p@example.com?to=a@example.com,b@example.com", "json://host/path"]


@pytest.mark.parametrize(
    "text", ["json://ok,json://a-secret path", "a-secret", "json://a-secret,json://a-secret", "json://sécret"]
)
def test_what_is_wrong_is_said_without_the_address(text: str) -> None:
    with pytest.raises(InvalidValue) as raised:
        parse_alert_urls(text)
    assert "cret" not in str(raised.value)


def test_there_is_a_bound() -> None:
    urls = [f"json://host/{n}" for n in range(MOST_TARGETS + 1)]
    assert len(parse_alert_urls(",".join(urls[1:]))) == MOST_TARGETS
    with pytest.raises(InvalidValue, match="20 addresses at most"):
        parse_alert_urls(",".join(urls))


def test_the_values_are_hidden() -> None:
    assert "password" not in repr(parse_alert_urls("mailtos://ann:password@example.com"))
    assert scheme_of("MailtoS://ann:password@example.com") == "mailtos"


def test_without_the_package_the_settings_say_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)  # as Python has what cannot be imported
    with pytest.raises(InvalidValue, match=r"pip install 'saycode\[alerts\]'"):
        parse_alert_urls("json://host")
