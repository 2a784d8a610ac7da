"""What browsers get besides our own files: taken from npm packages, put into `static/vendor`.

`python -m ppplanner.assets` does it once `npm ci` has run; `./ppp` calls it when something changed.
The board's style sheet of places is made here: no element may carry a style of its own.
Files get names that tell their content, so that browsers may keep them for ever; `manifest.json`
says which name is the present one: `{"tabler.css": "tabler-1f3a5c7e.css"}`. Of the icons, only
those that our own files name go into the sprite: 20 kB instead of 2 MB.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

PACKAGE = Path(__file__).parent
NODE_MODULES = PACKAGE.parent / "node_modules"
VENDOR = PACKAGE / "static" / "vendor"

FILES = {
    "htmx.js": "htmx.org/dist/htmx.min.js",
    "tabler.css": "@tabler/core/dist/css/tabler.min.css",
}

#: Lanes above each other on the board, and rows that make one piece.
LANES = 200

ICONS = "@tabler/icons/icons/outline"
#: Any quoted word may be an icon's name, handed to a macro or kept in a Python list.
WORD = re.compile(r"""["']([a-z0-9]+(?:-[a-z0-9]+)*)["']""")
#: Here it must be one.
CERTAIN = re.compile(r"""\bicon\(\s*["']([^"']+)["']""")
SOURCE_MAP = re.compile(rb"\s*(//|/\*)# sourceMappingURL=[^\s*]+(\s*\*/)?\s*$")

SPRITE = '<svg xmlns="http://www.w3.org/2000/svg">\n{}\n</svg>\n'
SYMBOL = (
    '<symbol id="tabler-{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor"'
    ' stroke-width="2" stroke-linecap="round" stroke-linejoin="round">{shape}</symbol>'
)


class MissingAsset(RuntimeError):
    """A file or an icon that does not exist; the text says who asks for it."""


def build(vendor: Path = VENDOR, node_modules: Path = NODE_MODULES) -> dict[str, str]:
    """Fill `vendor` anew and return its manifest."""
    contents = {name: _content(node_modules / path) for name, path in FILES.items()}
    contents["places.css"] = _places().encode()
    contents["icons.svg"] = _sprite(node_modules / ICONS, _sources(PACKAGE)).encode()
    vendor.mkdir(parents=True, exist_ok=True)
    manifest = {name: _write(vendor, name, content) for name, content in contents.items()}
    (vendor / "manifest.json").write_text(json.dumps(manifest, indent=1))
    _remove_others(vendor, {*manifest.values(), "manifest.json"})
    return manifest


def _places() -> str:
    """A class for each place on the board: thousandths of its width, lanes, rows of height."""
    lefts = (f".l{n}{{left:{n / 10:g}%}}" for n in range(1001))
    widths = (f".w{n}{{width:{n / 10:g}%}}" for n in range(1, 1001))
    lanes = (f".lane-{n}{{--lane:{n}}}" for n in range(LANES))
    heights = (f".tall-{n}{{height:calc({n}*var(--row))}}" for n in range(1, LANES + 1))
    return "\n".join((*lefts, *widths, *lanes, *heights))


def _content(path: Path) -> bytes:
    try:
        return SOURCE_MAP.sub(b"\n", path.read_bytes())
    except FileNotFoundError as error:
        raise MissingAsset(f"{path} is missing: `./ppp setup` brings it.") from error


def _write(vendor: Path, name: str, content: bytes) -> str:
    stem, suffix = name.rsplit(".", 1)
    hashed = f"{stem}-{hashlib.sha256(content).hexdigest()[:8]}.{suffix}"
    (vendor / hashed).write_bytes(content)
    return hashed


def _remove_others(vendor: Path, present: set[str]) -> None:
    for path in vendor.iterdir():
        if path.name not in present:
            path.unlink()


def _sources(folder: Path) -> Iterator[Path]:
    """The files that may name an icon: the core's and those of the add-ons that come with it."""
    for suffix in ("py", "html", "js"):
        yield from (path for path in folder.rglob(f"*.{suffix}") if VENDOR not in path.parents)


def _sprite(icons: Path, sources: Iterable[Path]) -> str:
    known = {path.stem for path in icons.glob("*.svg")}
    used: set[str] = set()
    for path in sources:
        text = path.read_text()
        if unknown := set(CERTAIN.findall(text)) - known:
            raise MissingAsset(f"{path} asks for icons that Tabler lacks: {sorted(unknown)}")
        used |= known.intersection(WORD.findall(text))
    return SPRITE.format("\n".join(_symbol(icons / f"{name}.svg") for name in sorted(used)))


def _symbol(path: Path) -> str:
    lines = path.read_text().splitlines()
    shape = "".join(line.strip() for line in lines[lines.index(">") + 1 : -1])
    return SYMBOL.format(name=path.stem, shape=shape)


if __name__ == "__main__":
    try:
        build()
    except MissingAsset as problem:
        sys.exit(str(problem))
