"""Form bodies: read as browsers and Twilio write them, bounded, and nothing guessed."""

from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.types import Message

from webhooks.requests import LONGEST_NAME, LONGEST_VALUE, MOST_FIELDS, FormMalformed, parse_form, read_form


async def read_body(body: bytes, kind: str) -> dict[str, list[str]]:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return await read_form(Request({"type": "http", "headers": [(b"content-type", kind.encode())]}, receive))


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ("", {}),
        ("a=1&b=2", {"a": ["1"], "b": ["2"]}),
        ("a=", {"a": [""]}),
        ("a", {"a": [""]}),
        ("=1", {"": ["1"]}),
        ("&&a=1&", {"a": ["1"]}),
        ("a=1&a=2&a=1", {"a": ["1", "2", "1"]}),
        ("a=1=2", {"a": ["1=2"]}),
        ("a=1;b=2", {"a": ["1;b=2"]}),
        ("a=+1+", {"a": [" 1 "]}),
        ("a=%2B1%20%26", {"a": ["+1 &"]}),
        ("caf%C3%A9=%F0%9F%91%8B", {"caf\u00e9": ["\U0001f44b"]}),
        ("a=%00", {"a": ["\0"]}),
        ("a=100%", {"a": ["100%"]}),
        ("a=%2", {"a": ["%2"]}),
        ("a=%zz", {"a": ["%zz"]}),
        ("a=%252B", {"a": ["%2B"]}),
        ("a=%0D%0Ab", {"a": ["\r\nb"]}),
    ],
)
def test_fields_are_decoded_once_and_kept_as_they_are(body: str, fields: dict[str, list[str]]) -> None:
    assert parse_form(body) == fields


@given(st.lists(st.tuples(st.text(min_size=1, max_size=10), st.text()), max_size=20))
@settings(max_examples=50)
def test_decoding_equals_the_standard_library(pairs: list[tuple[str, str]]) -> None:
    body = urlencode(pairs)
    parsed = [(name, value) for name, values in parse_form(body).items() for value in values]
    assert sorted(parsed) == sorted(parse_qsl(body, keep_blank_values=True)) == sorted(pairs)


@pytest.mark.parametrize("body", ["a=%FF", "a=%C3", "%FF=1", "a=%ED%A0%80", "a=%C3%28"])
def test_bytes_that_are_no_text_are_refused(body: str) -> None:
    with pytest.raises(FormMalformed) as refused:
        parse_form(body)
    assert refused.value.status == 400


def test_too_many_fields_are_refused() -> None:
    assert len(parse_form("&".join(f"a{n}=" for n in range(MOST_FIELDS)))) == MOST_FIELDS
    with pytest.raises(FormMalformed) as refused:
        parse_form("&".join(["a=1"] * (MOST_FIELDS + 1)))
    assert refused.value.status == 400


def test_a_field_that_is_not_there_is_empty() -> None:
    assert parse_form("a=1").text("b") == ""


def test_of_a_doubled_field_none_counts() -> None:
    with pytest.raises(FormMalformed) as refused:
        parse_form("a=1&a=1").text("a")
    assert refused.value.status == 400


@pytest.mark.parametrize(
    "kind",
    [
        "application/x-www-form-urlencoded",
        "application/x-www-form-urlencoded; charset=UTF-8",
        "Application/X-WWW-Form-URLEncoded ;charset=utf-8",
    ],
)
async def test_the_type_of_a_form_may_say_its_charset(kind: str) -> None:
    assert await read_body(b"a=1", kind) == {"a": ["1"]}


@pytest.mark.parametrize(
    "kind", ["", "text/plain", "application/json", "multipart/form-data; boundary=x", "application/x-www-form", "a;b=c"]
)
async def test_another_type_of_content_is_415(kind: str) -> None:
    with pytest.raises(FormMalformed) as refused:
        await read_body(b"a=1", kind)
    assert refused.value.status == 415


@pytest.mark.parametrize("body", [b"a=\xc3\xa9", b"\xff", b"a=1\x80"])
async def test_raw_bytes_outside_ascii_are_400(body: bytes) -> None:
    with pytest.raises(FormMalformed) as refused:
        await read_body(body, "application/x-www-form-urlencoded")
    assert refused.value.status == 400


@pytest.mark.parametrize(
    "body", ["a" * LONGEST_NAME + "=1", "a=" + "x" * LONGEST_VALUE, "a=" + "%41" * (LONGEST_VALUE // 3)]
)
def test_a_name_or_a_value_may_be_so_long_and_no_longer(body: str) -> None:
    assert parse_form(body)
    for longer in (body.replace("=", "x=", 1) if body.startswith("aa") else body + "%41",):
        with pytest.raises(FormMalformed) as refused:
            parse_form(longer)
        assert refused.value.status == 400
