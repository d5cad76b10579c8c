"""Form bodies, bounded before they are parsed.

The limits are our own, so they hold whatever the libraries below allow. Twilio's longest field is a text's body with
1600 characters, but for tokens of a few kilobytes that networks hand on.
"""

import re
from urllib.parse import unquote_to_bytes

from starlette.requests import Request

LARGEST_BODY = 64 * 1024
MOST_FIELDS = 200
LONGEST_NAME = 128
#: Characters as they are sent: a letter of another alphabet takes six.
LONGEST_VALUE = 20_000
TYPE = "application/x-www-form-urlencoded"
_NAME_OF_TWILIOS = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")


class FormMalformed(Exception):
    """The body is no form. `status` is the answer: 400, or 415 for another type of content."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class Fields(dict[str, list[str]]):
    """All fields of a form in the order they came, blank ones too."""

    def text(self, name: str) -> str:
        """The one value of a field, or nothing. Raises FormMalformed when it is doubled: none of them counts."""
        values = self.get(name, [])
        if len(values) > 1:
            raise FormMalformed(400, "This form has a field twice.")
        return values[0] if values else ""

    def agrees(self, name: str, alias: str) -> bool:
        """Whether a field and its other name hold the same; the other name may be missing."""
        return alias not in self or self.text(alias) == self.text(name)

    def require_uncut(self) -> None:
        """Raises FormMalformed unless each name looks like one of Twilio's and comes once.

        Twilio signs names and values with nothing between them: `Digits=12` is signed like `Digits1=2`, and a text that
        says `From+1415…` like one with that field. Cutting such a form anew makes a name that is odd, or there twice.
        """
        for name, values in self.items():
            if len(values) > 1:
                raise FormMalformed(400, "This form has a field twice.")
            if not _NAME_OF_TWILIOS.fullmatch(name):
                raise FormMalformed(400, "This form has an odd field.")


async def read(request: Request) -> Fields:
    """The fields of a form body. Raises FormMalformed."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != TYPE:
        raise FormMalformed(415, "Please send a form.")
    try:
        return parse((await request.body()).decode("ascii"))
    except UnicodeDecodeError as problem:
        raise FormMalformed(400, "This form cannot be read.") from problem


def parse(body: str) -> Fields:
    """The fields of `a=1&b=2`, decoded once. Raises FormMalformed for bytes that are no UTF-8, for too many fields, and
    for a field that is too long.

    As urllib's parse_qsl does it, which takes six times as long: most of what Twilio sends has nothing to decode.
    """
    fields = Fields()
    if body.count("&") >= MOST_FIELDS:
        raise FormMalformed(400, "This form has too many fields.")
    for pair in body.split("&") if body else ():
        if not pair:
            continue
        name, _, value = pair.partition("=")
        if len(name) > LONGEST_NAME or len(value) > LONGEST_VALUE:
            raise FormMalformed(400, "This form has a field that is too long.")
        if "%" in pair or "+" in pair:
            try:
                name, value = _decode(name), _decode(value)
            except UnicodeDecodeError as problem:
                raise FormMalformed(400, "This form cannot be read.") from problem
        fields.setdefault(name, []).append(value)
    return fields


def _decode(text: str) -> str:
    # unquote_plus() would look for letters that are not ASCII first; there are none here.
    return unquote_to_bytes(text.replace("+", " ")).decode()
