"""The parser of the addresses that alerts are sent to. It follows the rules of `parsers`.

What is wrong is said without the address: it holds passwords and tokens.
"""

import re
from importlib.util import find_spec

from .parsers import InvalidValue, Secret

#: Addresses may have commas: a new one begins where a scheme does.
_BETWEEN = re.compile(r"[\s,]+(?=[A-Za-z][A-Za-z0-9+.-]*://)")
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,30}://[\x21-\x7e]+")
MOST_TARGETS = 20


def parse_alert_urls(text: str) -> tuple[Secret, ...]:
    """Addresses of Apprise, with commas between them. Whether Apprise knows them is not asked here: it loads slowly."""
    urls = _BETWEEN.split(text.strip().strip(","))
    for place, url in enumerate(urls, start=1):
        if not _ADDRESS.fullmatch(url):
            raise InvalidValue(
                f"must be addresses such as mailtos://user:password@example.com, separated by commas; number {place}"
                " is not one"
            )
    if len(urls) > MOST_TARGETS:
        raise InvalidValue(f"must be {MOST_TARGETS} addresses at most")
    if len(set(urls)) < len(urls):
        raise InvalidValue("must not have the same address twice")
    if find_spec("apprise") is None:
        raise InvalidValue("needs a package that is not installed: pip install 'saycode[alerts]'")
    return tuple(map(Secret, urls))


def scheme_of(url: str) -> str:
    """What can be said of an address: which kind of service it is."""
    return url.partition("://")[0].lower()
