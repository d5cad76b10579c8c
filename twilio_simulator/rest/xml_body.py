"""Response bodies as XML, which the 2010 API sends for addresses without `.json`.

<TwilioResponse><Call><Sid>CA…</Sid>…</Call></TwilioResponse>
<TwilioResponse><Calls page="0" pagesize="50" …><Call>…</Call>…</Calls></TwilioResponse>
<TwilioResponse><RestException><Code>20404</Code>…</RestException></TwilioResponse>
"""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from starlette.responses import Response


def xml_response(body: dict[str, Any], status: int, element: str) -> Response:
    """`element`: the name of one resource, such as `Call`."""
    root = Element("TwilioResponse")
    items = next((name for name, value in body.items() if isinstance(value, list)), None)
    if items is None:
        _fill(SubElement(root, element), body)
    else:
        attributes = {name.replace("_", ""): _text(value) for name, value in body.items() if name != items}
        listed = SubElement(root, _pascal(items), attributes)
        for item in body[items]:
            _fill(SubElement(listed, element), item)
    content = ElementTree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return Response(content, status, media_type="application/xml")


def _fill(parent: Element, body: dict[str, Any]) -> None:
    for name, value in body.items():
        child = SubElement(parent, _pascal(name))
        if isinstance(value, dict):
            _fill(child, value)
        else:
            child.text = _text(value)


def _pascal(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("_"))


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)
