"""CAP 1.2 messages in XML as the same values that their JSON form has.

Parsed by defusedxml: no document type, no entities, nothing from elsewhere. What the message is not asked for
(resources, parameters, signatures) is passed over.
"""

from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from spatial.errors import InvalidInput

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"

MEDIA_TYPES = ("application/cap+xml", "application/xml", "text/xml")

ALERT = ("identifier", "sender", "sent", "status", "msgType", "scope", "references")
INFO = ("language", "event", "urgency", "severity", "certainty", "effective", "onset", "expires", "headline",
        "description", "instruction")


def read(body: bytes) -> dict[str, Any]:
    """Return a message in XML as its JSON form says it (``webmap/views/warnings.py``); values are not checked here.

    Raises:
        InvalidInput: it is no XML, declares a document type, is no CAP 1.2, or says twice what may be said once.
    """
    try:
        root = fromstring(body, forbid_dtd=True)
    except DefusedXmlException as error:
        raise _refused("declares a document type or entities, which can read other files",
                       "Send it without <!DOCTYPE>.") from error
    except (ParseError, ValueError, LookupError) as error:
        raise _refused(f"cannot be read: {error}", "Send well-formed XML, in UTF-8.") from error
    if root.tag != _name("alert"):
        raise _refused(f"begins with {root.tag[:100]!r} and not with alert of {NAMESPACE}", "Send a CAP 1.2 message.")
    faults: list[tuple[str, str]] = []
    message = _single(root, ALERT, "", faults)
    infos = []
    for number, element in enumerate(root.findall(_name("info"))):
        place = f"info[{number}]"
        info = _single(element, INFO, f"{place}.", faults)
        info["category"] = _texts(element, "category")
        info["area"] = [_area(area, f"{place}.area[{index}]", faults)
                        for index, area in enumerate(element.findall(_name("area")))]
        infos.append(info)
    if faults:
        raise InvalidInput("The message says twice what may be said once; nothing was done.", faults,
                           "See OASIS CAP-v1.2, section 3.2.")
    return {**message, "info": infos}


def _area(element: Element, place: str, faults: list[tuple[str, str]]) -> dict[str, Any]:
    geocodes = [_single(found, ("valueName", "value"), f"{place}.geocode[{index}].", faults)
                for index, found in enumerate(element.findall(_name("geocode")))]
    return {**_single(element, ("areaDesc",), f"{place}.", faults), "geocode": [one for one in geocodes if one],
            **{name: _texts(element, name) for name in ("polygon", "circle")}}


def _single(element: Element, names: tuple[str, ...], place: str, faults: list[tuple[str, str]]) -> dict[str, str]:
    """Return the texts of elements that may come once, by name; absent and empty ones are left out."""
    values = {}
    for name in names:
        found = element.findall(_name(name))
        if len(found) > 1:
            faults.append((f"{place}{name}", f"comes {len(found)} times"))
        elif found and (text := _text(found[0])):
            values[name] = text
    return values


def _texts(element: Element, name: str) -> list[str]:
    """Return the texts of elements that may come often; templates of issuers write empty ones, which say nothing."""
    return [text for found in element.findall(_name(name)) if (text := _text(found))]


def _text(element: Element) -> str:
    return (element.text or "").strip()


def _name(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _refused(what: str, cure: str) -> InvalidInput:
    return InvalidInput(f"The message {what}; nothing was done.", [("body", what)], cure)
