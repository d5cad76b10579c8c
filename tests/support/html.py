"""Parses a page, so that tests look for fields, buttons and sentences instead of strings of HTML."""

from dataclasses import dataclass
from html.parser import HTMLParser

_EMPTY = frozenset({"meta", "link", "input", "br", "hr", "img"})


@dataclass(slots=True)
class Element:
    """One element; `text` is all text inside of it."""

    tag: str
    attributes: dict[str, str]
    text: str = ""


class Page(HTMLParser):
    """A parsed page. HTML that a browser would have to correct fails the test."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[Element] = []
        self._open: list[Element] = []
        self.feed(html)
        self.close()
        assert not self._open, f"not closed: {[element.tag for element in self._open]}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs), f"repeated attribute in {tag}"
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.elements.append(element)
        if tag not in _EMPTY:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self._open, f"</{tag}> closes nothing"
        assert self._open[-1].tag == tag, f"</{tag}> inside <{self._open[-1].tag}>"
        self._open.pop()

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.text += data

    def all(self, tag: str, **attributes: str) -> list[Element]:
        """The elements of this tag whose attributes have these values."""
        return [e for e in self.elements if e.tag == tag and attributes.items() <= e.attributes.items()]

    def one(self, tag: str, **attributes: str) -> Element:
        """The only such element."""
        (element,) = self.all(tag, **attributes)
        return element

    @property
    def state(self) -> str:
        """`data-state` of the body."""
        return self.one("body").attributes["data-state"]

    @property
    def heading(self) -> str:
        return self.one("h1").text

    @property
    def text(self) -> str:
        """The visible text with single spaces."""
        return " ".join(self.one("body").text.split())

    @property
    def next(self) -> list[str]:
        """The values of the buttons named `next`, in order."""
        return [button.attributes["value"] for button in self.all("button", name="next")]

    @property
    def fields(self) -> dict[str, str]:
        """What the form would send unchanged."""
        sent = {}
        for element in self.all("input"):
            if element.attributes.get("type") not in ("radio", "checkbox") or "checked" in element.attributes:
                sent[element.attributes["name"]] = element.attributes.get("value", "")
        return sent

    @property
    def problems(self) -> dict[str, str]:
        """The sentence for each invalid field, found as by a screen reader (aria-describedby)."""
        invalid = [element for element in self.elements if element.attributes.get("aria-invalid") == "true"]
        sentences = {element.attributes["id"]: element.text for element in self.all("p") if "id" in element.attributes}
        problems = {}
        for element in invalid:
            (problem,) = [n for n in element.attributes["aria-describedby"].split() if n.endswith("-problem")]
            problems[problem.removesuffix("-problem")] = sentences[problem]
        return problems
