"""Messaging TwiML: `<Message>` and `<Redirect>`, with the errors and warnings that Twilio gives."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from ..core.phone_numbers import CHANNEL, SHORT_CODE, is_e164
from .parser import Attributes, read_root, text_of
from .verbs import Message, MessagingDocument, MessagingVerb, Method, Problem, Redirect

MAX_BODY_LENGTH = 1600
MAX_MEDIA = 10


def read_messaging(body: bytes | str) -> MessagingDocument:
    """Parse and check a document. Raises `InvalidDocument`."""
    problems: list[Problem] = []
    verbs: list[MessagingVerb] = []
    for element in read_root(body, problems):
        if element.tag == "Message":
            message = _message(element, problems)
            if message is not None:
                verbs.append(message)
        elif element.tag == "Redirect":
            attributes = Attributes(element, ("method",), problems)
            verbs.append(Redirect(text_of(element), _method(attributes)))
        else:
            problems.append(Problem(14110, f"<{element.tag}>"))
    return MessagingDocument(tuple(verbs), tuple(problems))


def _method(attributes: Attributes) -> Method:
    return attributes.method("method", code=14104)


def _message(element: Element, problems: list[Problem]) -> Message | None:
    attributes = Attributes(element, ("to", "from", "action", "statusCallback", "method"), problems)
    to, sender = attributes.text("to"), attributes.text("from")
    if to is not None and CHANNEL.fullmatch(to):
        attributes.problem(None, f'to="{to}": the simulator sends to phones only; nothing is sent')
        return None
    if to is not None and not is_e164(to):
        attributes.invalid_value(14101, "to")
        return None
    if sender is not None and not is_e164(sender) and not SHORT_CODE.fullmatch(sender):
        attributes.invalid_value(14102, "from")
        return None
    body, media = _content(element, attributes)
    if (not body and not media) or len(body) > MAX_BODY_LENGTH:
        attributes.problem(14103, f"has a body of {len(body)} characters")
        return None
    if len(media) > MAX_MEDIA:
        attributes.problem(14103, f"has {len(media)} Media elements")
        return None
    return Message(
        body=body,
        media=tuple(media),
        to=to,
        sender=sender,
        action=attributes.text("action"),
        status_callback=attributes.text("statusCallback"),
        method=_method(attributes),
    )


def _content(element: Element, attributes: Attributes) -> tuple[str, list[str]]:
    """The body, from the element's text or its `<Body>` children, and the media."""
    bodies, media = [], []
    for child in element:
        if child.tag == "Body":
            bodies.append(text_of(child))
        elif child.tag == "Media":
            media.append(text_of(child))
        else:
            attributes.problem(12200, f"has the unknown child <{child.tag}>")
    own = " ".join(
        piece.strip() for piece in [element.text or "", *(child.tail or "" for child in element)] if piece.strip()
    )
    if own and bodies:
        attributes.problem(12200, "has both text and <Body>: the text is ignored")
        own = ""
    return own + "".join(bodies), media
