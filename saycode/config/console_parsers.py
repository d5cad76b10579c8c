"""Parsers of the settings by which operators sign in at the company's provider. They follow the rules of `parsers`."""

import re

from .parsers import InvalidValue
from .url_parsers import parse_url

_EMAIL = re.compile(r"[!-?A-~]{1,64}@[A-Za-z0-9.-]{1,253}")
LONGEST_MEMBER = 254


def parse_issuer(text: str) -> str:
    """An issuer, unchanged: it is compared as it is written (OpenID Connect Discovery 1.0, 4.3)."""
    if "?" in text or "#" in text:
        raise InvalidValue("must be the issuer as the provider writes it: no query, no fragment")
    return parse_url(text)


def parse_client_id(text: str) -> str:
    """Visible ASCII and spaces (RFC 6749, appendix A.1)."""
    if not re.fullmatch(r"[ -~]+", text):
        raise InvalidValue("must be of plain ASCII characters")
    return text


def parse_members(text: str) -> frozenset[str]:
    """E-mail addresses, in lower case, and names of groups, which have no @."""
    members = [part.strip() for part in text.split(",")]
    for member in members:
        if not member or len(member) > LONGEST_MEMBER or not member.isprintable():
            raise InvalidValue("must be e-mail addresses and names of groups, separated by commas")
        if "@" in member and not _EMAIL.fullmatch(member):
            raise InvalidValue("must be whole e-mail addresses such as ann@example.com; a group's name has no @")
    return frozenset(member.lower() if "@" in member else member for member in members)
