"""Requests that two parsers could split in two ways (RFC 9112, section 11.2), with another one hidden behind each."""

FORM = b"Content-Type: application/x-www-form-urlencoded\r\n"
_CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"


def doubtful(hidden: bytes) -> dict[str, bytes]:
    """By name: what follows the host's line of a `POST`, with the hidden request at its end."""
    size, odd = len(hidden), b"Transfer-Encoding: %b\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"
    heads = {
        "a length and chunks": b"Content-Length: 5\r\n" + _CHUNKED + b"0\r\n\r\n",
        "chunks and a length": odd % b"chunked",
        "chunks after something": odd % b"identity, chunked",
        "chunks and something": odd % b"chunked, identity",
        "chunks after a tab": odd % b"\x0bchunked",
        "chunks in quotes": odd % b'"chunked"',
        "chunks twice": b"Transfer-Encoding: chunked\r\n" + odd % b"x",
        "a space before the colon of chunks": b"Transfer-Encoding : chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
        "two lengths": b"Content-Length: 0\r\nContent-Length: %d\r\n\r\n" % size,
        "a length with a plus": b"Content-Length: +%d\r\n\r\n" % size,
        "a length in hexadecimal": b"Content-Length: 0x%x\r\n\r\n" % size,
        "a list of lengths": b"Content-Length: 0, %d\r\n\r\n" % size,
        "a space before the colon": b"Content-Length : %d\r\n\r\n" % size,
        "another coding": b"Transfer-Encoding: xchunked\r\n\r\n",
        "a folded header": b"X: a\r\n Content-Length: %d\r\n\r\n" % size,
        "a bare return": b"X: a\rContent-Length: %d\r\n\r\n" % size,
        "a zero byte": b"Content-Length\x00: %d\r\n\r\n" % size,
        "a chunk size that is too large": _CHUNKED + b"FFFFFFFFFFFFFFFFFF\r\n",
        "a chunk size that wraps around": _CHUNKED + b"10000000000000000\r\n\r\n",
        "a negative chunk size": _CHUNKED + b"-1\r\n\r\n",
        "a chunk size in C": _CHUNKED + b"0x0\r\n\r\n",
        "a chunk that is longer than it says": _CHUNKED + b"1\r\nab0\r\n\r\n",
    }
    return {name: FORM + head + hidden for name, head in heads.items()}
