"""Keys that the operator makes: those that can be guessed are found, and no random one is."""

import base64
from collections.abc import Callable
from random import Random

import pytest

from saycode.config.key_parsers import can_be_guessed, parse_keys
from saycode.config.parsers import Secret

GUESSABLE = [
    "k" * 32,
    "k" * 500,
    "ab" * 20,
    "01" * 16,
    "abcdefgh" * 4,
    "hunter2-" * 5,
    "deadbeef" * 8,
    "0123456789abcdef" * 2,
    "0123456789" * 4,
    "abcdefghijklmnopqrstuvwxyz012345",
    "zyxwvutsrqponmlkjihgfedcba987654",
    "aaaabbbbccccddddeeeeffffgggghhhh",
    "0" * 31 + "1",
    "changeme-changeme-changeme-change",
    "CHANGE_ME_CHANGE_ME_CHANGE_ME_CHANGE_ME",
    "change-me-please-change-me-please",
    "please-change-this-to-a-long-random-string",
    "replace-this-with-a-random-secret",
    "your-secret-key-with-32-characters",
    "your_secret_key_here_32_characters",
    "this-is-a-development-secret-key!",
    "saycode-secret-key-for-testing-12",
    "django-insecure-default-secret-key",
    "passwordpasswordpasswordpassword",
    "example-secret-key-example-secret",
    "qwertyuiopasdfghjklzxcvbnm123456",
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
]


@pytest.mark.parametrize("key", GUESSABLE)
def test_a_key_that_can_be_guessed_is_found_and_taken(key: str) -> None:
    (read,) = parse_keys(key)
    assert (read.reveal(), can_be_guessed(read)) == (key, True)


FORMS: dict[str, Callable[[bytes], str]] = {
    "hexadecimal": bytes.hex,
    "base64": lambda drawn: base64.b64encode(drawn).decode(),
    "base64 for addresses": lambda drawn: base64.urlsafe_b64encode(drawn).decode().rstrip("="),
    "base32": lambda drawn: base64.b32encode(drawn).decode().rstrip("="),
    "base85 without commas": lambda drawn: base64.b85encode(drawn * 2).decode().replace(",", ""),
    "decimal": lambda drawn: str(int.from_bytes(b"\x01" + drawn)),
    "after a name": lambda drawn: "production-secret-key-" + drawn.hex(),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("length", [24, 32, 512])
def test_a_random_key_is_taken_in_every_form(form: str, length: int) -> None:
    """Not drawn by Hypothesis, which likes patterns."""
    for seed in range(1000):
        key = FORMS[form](Random(seed).randbytes(length))
        (read,) = parse_keys(key)
        assert (read.reveal(), can_be_guessed(read)) == (key, False)


def test_sixteen_random_bytes_in_hexadecimal_are_enough() -> None:
    for seed in range(5000):
        assert not can_be_guessed(Secret(Random(seed).randbytes(16).hex()))
