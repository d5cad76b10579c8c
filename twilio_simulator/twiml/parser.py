"""Parsing TwiML: from XML to a checked root element, and the attributes of a verb.

The parser is independent of the libraries that build TwiML, so that it does not share their errors. It rejects document
type declarations, and so every entity but the five of XML.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import NoReturn
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from ..core.urls import is_absolute, resolve
from .verbs import Method, Problem


class InvalidDocument(Exception):
    """The document cannot be run."""

    def __init__(self, code: int, detail: str) -> None:
        self.code = code
        self.detail = detail
        super().__init__(f"{code}: {detail}")


class _NoDoctype(ElementTree.TreeBuilder):
    def doctype(self, name: str, pubid: str | None, system: str | None) -> NoReturn:  # noqa: ARG002  (the parser's names)
        raise InvalidDocument(12100, "a document type declaration is not allowed")


def read_root(body: bytes | str, problems: list[Problem]) -> Element:
    """The `<Response>` of a document. Raises `InvalidDocument` with 12100 or 12102."""
    parser = ElementTree.XMLParser(target=_NoDoctype())
    try:
        parser.feed(body)
        root = parser.close()
    except (ElementTree.ParseError, LookupError, ValueError) as error:
        raise InvalidDocument(12100, str(error)) from error
    if root.tag != "Response":
        raise InvalidDocument(12102, f"the root is <{root.tag}>")
    for name, value in root.attrib.items():
        if name == "version":
            problems.append(Problem(12101, f'version="{value}"'))
        else:
            problems.append(Problem(12200, f"<Response> has no attribute {name}"))
    warn_about_text(root, problems)
    return root


def warn_about_text(element: Element, problems: list[Problem]) -> None:
    """Warn about text where only verbs are allowed."""
    pieces = [element.text, *(child.tail for child in element)]
    for piece in pieces:
        if piece and piece.strip():
            problems.append(Problem(12200, f"text in <{element.tag}> is ignored: {piece.strip()[:40]}"))


class Attributes:
    """The attributes of one verb. Unknown attributes and invalid values give a warning; the default then applies."""

    def __init__(self, element: Element, known: Collection[str], problems: list[Problem]) -> None:
        self._element = element
        self._problems = problems
        for name in element.attrib:
            if name not in known:
                similar = next((other for other in known if other.lower() == name.lower()), None)
                hint = f" (names are case-sensitive: {similar})" if similar else ""
                self.problem(12200, f"has no attribute {name}{hint}")

    def problem(self, code: int | None, detail: str) -> None:
        self._problems.append(Problem(code, f"<{self._element.tag}> {detail}"))

    def invalid_value(self, code: int, name: str) -> None:
        self.problem(code, f'{name}="{self._element.get(name)}"')

    def note_ineffective(self, names: Collection[str]) -> None:
        """Note each of these attributes that the verb has: Twilio knows it, and the simulator does nothing with it."""
        for name in self._element.attrib:
            if name in names:
                self.problem(None, f"with {name}: the simulator does not do this")

    def words(self, name: str, known: frozenset[str], *, default: str, code: int) -> frozenset[str]:
        """Words between spaces. With an unknown word, the default."""
        value = self._element.get(name)
        words = frozenset((default if value is None else value).split())
        if words and words <= known:
            return words
        self.invalid_value(code, name)
        return frozenset({default})

    def text(self, name: str) -> str | None:
        return self._element.get(name)

    def integer(self, name: str, *, default: int, minimum: int, code: int) -> int:
        value = self._element.get(name)
        if value is None:
            return default
        if re.fullmatch(r"\d{1,9}", value, re.ASCII) and int(value) >= minimum:
            return int(value)
        self.invalid_value(code, name)
        return default

    def boolean(self, name: str, *, default: bool, code: int) -> bool:
        value = self._element.get(name)
        if value in ("true", "false"):
            return value == "true"
        if value is not None:
            self.invalid_value(code, name)
        return default

    def method(self, name: str, *, code: int) -> Method:
        value = self._element.get(name)
        if value is None:
            return Method.POST
        if value in ("GET", "POST"):
            return Method(value)
        self.invalid_value(code, name)
        return Method.POST

    def one_of(self, name: str, values: Iterable[str], *, default: str, code: int) -> str:
        value = self._element.get(name)
        if value is None or value in values:
            return default if value is None else value
        self.invalid_value(code, name)
        return default


def text_of(element: Element) -> str:
    """The text of an element without surrounding white space."""
    return "".join(element.itertext()).strip()


def absolute(reference: str, base: str | None) -> str:
    """Resolve a URL in a document. `base`: the document's own, None for inline ones. Raises `InvalidDocument`."""
    if base is not None:
        return resolve(reference, base)
    if is_absolute(reference):
        return reference
    raise InvalidDocument(15004, reference)
