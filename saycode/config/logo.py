"""The operator's logo: a file that browsers show as an image. Its kind is known by its beginning, not by its name."""

import re
from pathlib import Path
from typing import ClassVar

from verification.types import Record

from .parsers import InvalidValue

MAX_LOGO_BYTES = 100 * 1024
_BEGINNINGS = (
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "image/png"),
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg"),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), "image/webp"),
    # After a byte-order mark, declarations and comments.
    (re.compile(rb"(?:\xef\xbb\xbf)?(?:\s|<[?!][^>]*>)*<svg[\s>]"), "image/svg+xml"),
)


class LogoFile(Record, frozen=True):
    """The content of the file, and its media type."""

    hidden: ClassVar = frozenset({"content"})

    media_type: str
    content: bytes


def parse_logo(path: str) -> LogoFile:
    """The image in this file. Raises InvalidValue."""
    try:
        with Path(path).open("rb") as file:
            content = file.read(MAX_LOGO_BYTES + 1)
    except OSError as problem:
        raise InvalidValue(f"names a file that cannot be read ({type(problem).__name__})") from problem
    if len(content) > MAX_LOGO_BYTES:
        raise InvalidValue(f"names a file that is larger than {MAX_LOGO_BYTES // 1024} kB")
    for beginning, media_type in _BEGINNINGS:
        if beginning.match(content):
            return LogoFile(media_type, content)
    raise InvalidValue("names a file that is no SVG, PNG, JPEG or WebP image")
