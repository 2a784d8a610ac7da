"""What can be printed as a logo: PNG, JPEG or SVG, small enough, and nothing but a picture."""

from __future__ import annotations

import re
from io import BytesIO
from xml.etree import ElementTree

from PIL import Image

from ppplanner.errors import Invalid
from ppplanner.i18n import _

#: In bytes: it goes into each invoice. And the longest side, in pixels.
LARGEST, LONGEST_SIDE = 300_000, 4000
#: By the format as Pillow calls it.
MEDIA_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg"}
SVG = "image/svg+xml"
#: Printers' colours, which a PDF for archives cannot hold beside those of screens.
INK = "CMYK"
#: What an SVG file may not have, since browsers would run or fetch it.
ACTIVE = {"script", "foreignObject", "iframe"}
WITHIN = re.compile(r"\s*(#|data:image/)")


def logo_type(content: bytes) -> str:
    """The media type of a logo. Raises Invalid for what cannot be one."""
    if len(content) > LARGEST:
        raise Invalid(
            file=_(
                "This file has %(size)s kB: use one of at most %(most)s kB, since it goes into each"
                " invoice.",
                size=len(content) // 1000,
                most=LARGEST // 1000,
            )
        )
    if content.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
        _check_drawing(content)
        return SVG
    return _type_of_picture(content)


def _type_of_picture(content: bytes) -> str:
    try:
        with Image.open(BytesIO(content), formats=tuple(MEDIA_TYPES)) as picture:
            size, mode, kind = picture.size, picture.mode, picture.format
            picture.verify()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise Invalid(file=_("This is not a picture: use a PNG, JPEG or SVG file.")) from error
    if max(size) > LONGEST_SIDE:
        raise Invalid(
            file=_("This picture is too large: use at most %(most)s pixels.", most=LONGEST_SIDE)
        )
    if mode == INK:
        raise Invalid(
            file=_("This picture has the colours of a printing press: save it with RGB colours.")
        )
    return MEDIA_TYPES[kind or ""]


def _check_drawing(content: bytes) -> None:
    try:
        if b"<!ENTITY" in content:
            raise ValueError("an entity could stand for anything")
        drawing = ElementTree.fromstring(content)
    except (ElementTree.ParseError, ValueError) as error:
        raise Invalid(file=_("This SVG file cannot be read: export it anew.")) from error
    if _name(drawing.tag) != "svg":
        raise Invalid(file=_("This is not a picture: use a PNG, JPEG or SVG file."))
    if any(not _is_still(element) for element in drawing.iter()):
        raise Invalid(
            file=_("This SVG file holds more than a picture: export it without scripts and links.")
        )


def _is_still(element: ElementTree.Element) -> bool:
    """Whether an element only draws, with nothing from elsewhere."""
    if _name(element.tag) in ACTIVE:
        return False
    names = {_name(name): value for name, value in element.attrib.items()}
    links = [value for name, value in names.items() if name == "href"]
    return all(map(WITHIN.match, links)) and not any(name.startswith("on") for name in names)


def _name(qualified: object) -> str:
    """A name without its namespace; comments have none."""
    return str(qualified).rpartition("}")[2]
