"""Reads a page as a browser does, so that tests ask for fields, buttons and sentences and not for strings of HTML."""

from dataclasses import dataclass
from html.parser import HTMLParser

_EMPTY = frozenset({"meta", "link", "input", "br", "hr", "img"})


@dataclass(slots=True)
class Element:
    """One element; `text` is all that stands inside it."""

    tag: str
    attributes: dict[str, str]
    text: str = ""


class Page(HTMLParser):
    """A parsed page. Anything that a browser would have to mend fails the test."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[Element] = []
        self._open: list[Element] = []
        self.feed(html)
        self.close()
        assert not self._open, f"never closed: {[element.tag for element in self._open]}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs), f"an attribute twice in {tag}"
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
        (found,) = self.all(tag, **attributes)
        return found

    @property
    def state(self) -> str:
        """`data-state` of the body."""
        return self.one("body").attributes["data-state"]

    @property
    def heading(self) -> str:
        """What the page says first."""
        return self.one("h1").text

    @property
    def text(self) -> str:
        """All that can be read, with single spaces."""
        return " ".join(self.one("body").text.split())

    @property
    def next(self) -> list[str]:
        """The values of the buttons named `next`, in their order."""
        return [button.attributes["value"] for button in self.all("button", name="next")]

    @property
    def fields(self) -> dict[str, str]:
        """What the form would send as it stands."""
        sent = {}
        for element in self.all("input"):
            if element.attributes.get("type") not in ("radio", "checkbox") or "checked" in element.attributes:
                sent[element.attributes["name"]] = element.attributes.get("value", "")
        return sent

    @property
    def problems(self) -> dict[str, str]:
        """The sentence beside each field that is wrong, found as a screen reader finds it."""
        wrong = [element for element in self.elements if element.attributes.get("aria-invalid") == "true"]
        sentences = {element.attributes["id"]: element.text for element in self.all("p") if "id" in element.attributes}
        found = {}
        for element in wrong:
            (problem,) = [n for n in element.attributes["aria-describedby"].split() if n.endswith("-problem")]
            found[problem.removesuffix("-problem")] = sentences[problem]
        return found
