"""What can be printed as a logo: PNG, JPEG or SVG, small enough, and nothing but a picture."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from math import isfinite
from threading import Lock
from xml.etree import ElementTree

from PIL import Image, ImageFile

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
WITHIN = re.compile(r"\s*(#|data:image/(?!svg))")
#: What an SVG file may say of its width and height.
LENGTH = re.compile(r"auto|\d{0,5}(\.\d+)? ?(%|[A-Za-z]{2,3})?")
#: What is used again counts each time it is drawn: ten lines can stand for a billion.
MOST_PARTS = 5000
REFERENCE = re.compile(r"#([^\s\"')]+)")

#: How strict Pillow is holds for the whole process.
_pillow = Lock()


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
        with _whole(), Image.open(BytesIO(content), formats=tuple(MEDIA_TYPES)) as picture:
            _refuse_unprintable(picture)
            picture.load()
            return MEDIA_TYPES[picture.format or ""]
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise Invalid(file=_("This is not a picture: use a PNG, JPEG or SVG file.")) from error


@contextmanager
def _whole() -> Iterator[None]:
    """Let Pillow refuse a picture that breaks off: once WeasyPrint is loaded, it forgives that."""
    with _pillow:
        forgiving = ImageFile.LOAD_TRUNCATED_IMAGES
        ImageFile.LOAD_TRUNCATED_IMAGES = False
        try:
            yield
        finally:
            ImageFile.LOAD_TRUNCATED_IMAGES = forgiving


def _refuse_unprintable(picture: Image.Image) -> None:
    if max(picture.size) > LONGEST_SIDE:
        raise Invalid(
            file=_("This picture is too large: use at most %(most)s pixels.", most=LONGEST_SIDE)
        )
    if picture.mode == INK:
        raise Invalid(
            file=_("This picture has the colours of a printing press: save it with RGB colours.")
        )


def _check_drawing(content: bytes) -> None:
    try:
        if b"<!ENTITY" in content:
            raise ValueError("an entity could stand for anything")
        drawing = ElementTree.fromstring(content)
        _refuse_bombs(drawing)
        _refuse_odd_sizes(drawing)
    except (ElementTree.ParseError, ValueError) as error:
        raise Invalid(file=_("This SVG file cannot be read: export it anew.")) from error
    if _name(drawing.tag) != "svg":
        raise Invalid(file=_("This is not a picture: use a PNG, JPEG or SVG file."))
    if any(not _is_still(element) for element in drawing.iter()):
        raise Invalid(
            file=_("This SVG file holds more than a picture: export it without scripts and links.")
        )


def _refuse_bombs(drawing: ElementTree.Element) -> None:
    """Raise ValueError for what would be drawn all too often, or for ever."""
    named = {element.get("id"): element for element in drawing.iter()}
    waiting, parts = [drawing], 1
    while waiting and parts <= MOST_PARTS:
        element = waiting.pop()
        used = REFERENCE.findall(" ".join(element.attrib.values()))
        more = [*element, *(named[name] for name in used if name in named)]
        waiting, parts = waiting + more, parts + len(more)
    if waiting:
        raise ValueError("it draws too much")


def _refuse_odd_sizes(drawing: ElementTree.Element) -> None:
    """Raise ValueError for a size that is none: printing would fail, long after it was chosen."""
    if not all(LENGTH.fullmatch(drawing.get(side, "").strip()) for side in ("width", "height")):
        raise ValueError("its width or height is none")
    for view in (element.get("viewBox", "0 0 1 1") for element in drawing.iter()):
        sides = [float(each) for each in view.replace(",", " ").split()]
        if len(sides) != 4 or not all(map(isfinite, sides)):
            raise ValueError("a part of it has no view")


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
