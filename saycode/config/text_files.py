"""Text files as editors and other programs write them: in UTF-8, or in UTF-16 with its byte-order mark.

Windows' own programs put a byte-order mark in front of either. It is never part of the text.
"""

import codecs
from pathlib import Path


def read_text(path: Path) -> str:
    """The text of a file, with its lines ended by `\\n`. Raises OSError and UnicodeDecodeError."""
    content = path.read_bytes()  # at once: a pipe, such as /dev/stdin, can be read only once
    text = content.decode(encoding_of(content)).replace("\r\n", "\n").replace("\r", "\n")
    if "\0" in text:  # UTF-16 without its mark
        raise UnicodeDecodeError("utf-8", b"\0", 0, 1, "a null character")
    return text


def why_unreadable(problem: OSError | UnicodeDecodeError) -> str:
    """The reason that a file cannot be read, in the system's words."""
    return "it is not UTF-8" if isinstance(problem, UnicodeDecodeError) else problem.strerror or type(problem).__name__


def encoding_of(beginning: bytes) -> str:
    """The name of the encoding that reads a file with this beginning without its byte-order mark."""
    return "utf-16" if beginning.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
