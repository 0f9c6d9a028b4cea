"""Bytes to bodies and back: media types, JSON, XML, gzip.

API: https://cloudsigma-docs.readthedocs.io/en/latest/general.html
"""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from simulator.errors import Invalid, NotAcceptable, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

JSON_TYPE, XML_TYPE = "application/json", "application/xml"


def wants_xml(accept: str, wish: str | None) -> bool:
    """Whether the answer is to be XML; refuses what can be neither XML nor JSON."""
    # documented: the query parameter format overrides Accept
    if wish is not None:
        if wish not in {"json", "xml"}:
            raise Invalid(Problem("Select json or xml", "format"))
        return wish == "xml"
    kinds = {part.split(";")[0].strip().lower() for part in accept.split(",") if part.strip()}
    # documented: JSON is the default and wins over XML
    if not kinds or kinds & {JSON_TYPE, "application/*", "*/*"}:
        return False
    if XML_TYPE in kinds:
        return True
    raise NotAcceptable(f"Cannot answer with {accept}")


def decode(raw: bytes, headers: Mapping[str, str]) -> Any:
    """The JSON of a request body."""
    # observed: a POST or PUT without a body is a fault; callers send {}
    if not raw:
        raise Invalid("The body is empty")
    kind = headers.get("Content-Type", "").split(";")[0].strip().lower()
    # documented: a body needs the content type application/json
    if kind != JSON_TYPE:
        raise Invalid(f"The content type is {kind or 'missing'}, not {JSON_TYPE}")
    try:
        return json.loads(raw, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        # assumed: malformed JSON answers 400 with a null point
        raise Invalid("The body is no JSON") from error


def readable(raw: bytes) -> Any:
    """The JSON of a request body for the record, or None."""
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return None


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def encode(body: Any, *, xml: bool = False) -> bytes:
    """The bytes of an answer."""
    return _xml(body) if xml else json.dumps(body).encode()


def zipped(raw: bytes) -> bytes:
    """The bytes as gzip, always the same for the same bytes."""
    return gzip.compress(raw, compresslevel=1, mtime=0)


def _xml(body: Any) -> bytes:
    # assumed: the element names and type attributes of XML answers
    root = ElementTree.Element("response")
    _fill(root, body)
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True))


def _fill(node: ElementTree.Element, value: Any) -> None:
    if isinstance(value, dict):
        node.set("type", "hash")
        for key, inner in value.items():
            child = ElementTree.SubElement(node, "value", name=key)
            _fill(child, inner)
    elif isinstance(value, list):
        node.set("type", "list")
        for inner in value:
            _fill(ElementTree.SubElement(node, "object"), inner)
    elif value is None:
        node.set("type", "null")
    else:
        node.set("type", type(value).__name__)
        node.text = str(value)
