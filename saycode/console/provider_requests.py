"""Requests to the company's provider, with limits on their time and size."""

import json
from collections.abc import Mapping
from typing import Any

TOTAL_TIMEOUT, CONNECT_TIMEOUT = 10.0, 5.0
LARGEST_ANSWER = 256 * 1024


class ProviderAway(Exception):
    """The provider does not answer, or not as a provider does. Its text is for the log."""


async def fetch(
    address: str,
    *,
    body: str | None = None,
    headers: Mapping[str, str] | None = None,
    login: tuple[str, str] | None = None,
) -> tuple[int, dict[str, Any]]:
    """The status of an answer and its JSON object. With a body it is a POST; `login` is for basic authentication.

    No redirect is followed: it would carry secrets to where nothing was checked. Raises ProviderAway.
    """
    import aiohttp  # only once an operator signs in so

    own = {"Accept": "application/json", **(headers or {})}
    if login is not None:
        own["Authorization"] = aiohttp.encode_basic_auth(*login)
    limits = aiohttp.ClientTimeout(total=TOTAL_TIMEOUT, sock_connect=CONNECT_TIMEOUT)
    method = "GET" if body is None else "POST"
    try:
        async with (
            aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), timeout=limits) as session,
            session.request(method, address, data=body, headers=own, allow_redirects=False) as answer,
        ):
            text = b""
            async for chunk in answer.content.iter_any():
                text += chunk
                if len(text) > LARGEST_ANSWER:
                    raise ProviderAway("its answer is too large")
    except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as problem:
        raise ProviderAway(f"it cannot be reached: {type(problem).__name__}") from problem
    return answer.status, _object(text)


def _object(text: bytes) -> dict[str, Any]:
    """Empty for an answer that is no JSON object."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
