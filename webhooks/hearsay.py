"""What a request says about the address that was asked for: Host, and the headers that proxies add.

Nobody here believes it, because anybody can write it. It tells an operator what happened on the way when a signature
does not fit.
"""

from urllib.parse import urlsplit

from starlette.datastructures import Headers

LONGEST = 100
NAMES = ("Host", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Forwarded-Port")


def hearsay(headers: Headers, public_url: str) -> dict[str, str]:
    """The headers that tell of another address than the public one, each with what it says, fit to be shown."""
    parts = urlsplit(public_url)
    usual = {"http": "80", "https": "443"}[parts.scheme]
    port = str(parts.port or usual)
    hosts = {parts.netloc.lower(), f"{parts.netloc}:{port}".lower()} if port == usual else {parts.netloc.lower()}
    expected = {
        "Host": hosts,
        "X-Forwarded-Proto": {parts.scheme},
        "X-Forwarded-Host": hosts | {(parts.hostname or "").lower()},
        "X-Forwarded-Port": {port},
    }
    # A proxy behind another one adds its word at the end; the first is about what was asked from outside.
    said = {name: headers[name].partition(",")[0].strip() for name in NAMES if name in headers}
    return {name: shown(value) for name, value in said.items() if value.lower() not in expected[name]}


def shown(text: str) -> str:
    """A text from outside as one short line of visible ASCII."""
    return "".join(c if "!" <= c <= "~" else "?" for c in text[:LONGEST]) + ("…" if len(text) > LONGEST else "")
