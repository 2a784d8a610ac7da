"""Small logos of each kind, in one colour that nothing else on paper has."""

from __future__ import annotations

from io import BytesIO

from PIL import Image

COLOUR = (255, 0, 255)
SVG = """\
<?xml version="1.0" encoding="UTF-8"?>
<!-- Made by hand -->
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20" width="40" height="20">
  <rect width="40" height="20" fill="#f0f"/>
</svg>
"""


def picture(kind: str, mode: str = "RGB", size: tuple[int, int] = (40, 20)) -> bytes:
    content = BytesIO()
    Image.new("RGB", size, COLOUR).convert(mode).save(content, kind)
    return content.getvalue()


LOGOS = {"png": picture("PNG"), "jpeg": picture("JPEG"), "svg": SVG.encode()}
