"""Text files as editors and other programs write them: in UTF-8, or in UTF-16 with its byte-order mark.

Windows' own programs put a byte-order mark in front of either. It is never part of the text.
"""

import codecs
import tomllib
from pathlib import Path
from typing import Any

from .parsers import InvalidValue

MAX_TOML_BYTES = 256 * 1024


def read_text(path: Path) -> str:
    """The text of a file, with its lines ended by `\\n`. Raises OSError and UnicodeDecodeError."""
    content = path.read_bytes()  # at once: a pipe, such as /dev/stdin, can be read only once
    text = content.decode(encoding_of(content)).replace("\r\n", "\n").replace("\r", "\n")
    if "\0" in text:  # UTF-16 without its mark
        raise UnicodeDecodeError("utf-8", b"\0", 0, 1, "a null character")
    return text


def read_toml(path: str) -> dict[str, Any]:
    """The content of a TOML file that a setting names. Raises InvalidValue."""
    try:
        if Path(path).stat().st_size > MAX_TOML_BYTES:
            raise InvalidValue(f"names a file that is larger than {MAX_TOML_BYTES // 1024} kB")
        return tomllib.loads(read_text(Path(path)))
    except OSError as problem:
        raise InvalidValue(f"names a file that cannot be read ({type(problem).__name__})") from problem
    except ValueError as problem:
        if isinstance(problem, InvalidValue):
            raise
        raise InvalidValue(f"names a file that is no TOML: {problem}") from problem


def why_unreadable(problem: OSError | UnicodeDecodeError) -> str:
    """The reason that a file cannot be read, in the system's words."""
    return "it is not UTF-8" if isinstance(problem, UnicodeDecodeError) else problem.strerror or type(problem).__name__


def encoding_of(beginning: bytes) -> str:
    """The name of the encoding that reads a file with this beginning without its byte-order mark."""
    return "utf-16" if beginning.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
