"""What browsers get: files under names that tell their content, and the icons that are used."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ppplanner import assets


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package of our own with one template, to be filled by the test."""
    package = tmp_path / "package"
    package.mkdir()
    monkeypatch.setattr(assets, "PACKAGE", package)
    return package / "page.html"


def test_each_file_is_found_by_its_plain_name(tmp_path: Path, source: Path) -> None:
    source.write_text("")
    manifest = assets.build(tmp_path / "vendor")
    assert set(manifest) == {*assets.FILES, "icons.svg", "places.css"}
    assert json.loads((tmp_path / "vendor" / "manifest.json").read_text()) == manifest
    assert all((tmp_path / "vendor" / name).stat().st_size for name in manifest.values())


def test_the_same_content_keeps_its_name_and_old_files_go(tmp_path: Path, source: Path) -> None:
    source.write_text("")
    first = assets.build(tmp_path / "vendor")
    source.write_text("{{ icon('truck') }}")
    second = assets.build(tmp_path / "vendor")
    assert first["tabler.css"] == second["tabler.css"]
    assert first["icons.svg"] != second["icons.svg"]
    assert not (tmp_path / "vendor" / first["icons.svg"]).exists()


def test_an_icon_is_there_when_any_of_our_files_names_it(tmp_path: Path, source: Path) -> None:
    source.write_text("{{ icon('truck') }}")
    source.with_suffix(".py").write_text('MENU = [("Settings", "adjustments-horizontal")]')
    vendor = tmp_path / "vendor"
    sprite = (vendor / assets.build(vendor)["icons.svg"]).read_text()
    assert 'id="tabler-truck"' in sprite
    assert 'id="tabler-adjustments-horizontal"' in sprite
    assert 'id="tabler-ad"' not in sprite


def test_an_icon_that_does_not_exist_is_told_with_its_page(tmp_path: Path, source: Path) -> None:
    source.write_text("{{ icon('no-such-icon') }}")
    with pytest.raises(assets.MissingAsset, match="page.html.*no-such-icon"):
        assets.build(tmp_path / "vendor")


def test_browsers_are_not_sent_looking_for_source_maps(tmp_path: Path, source: Path) -> None:
    source.write_text("")
    vendor = tmp_path / "vendor"
    for name in assets.build(vendor).values():
        assert "sourceMappingURL" not in (vendor / name).read_text()


def test_every_file_is_asked_for_by_a_page() -> None:
    pages = "".join(path.read_text() for path in assets.PACKAGE.rglob("*.html"))
    assert [name for name in assets.FILES if f"asset('{name}')" not in pages] == []


def test_every_thousandth_of_the_board_has_a_class(tmp_path: Path, source: Path) -> None:
    source.write_text("")
    vendor = tmp_path / "vendor"
    places = (vendor / assets.build(vendor)["places.css"]).read_text()
    for rule in (".l0{left:0%}", ".l1000{left:100%}", ".w1{width:0.1%}", ".w1000{width:100%}"):
        assert rule in places
    assert f".tall-{assets.LANES}{{" in places
