"""SAYCODE_LOGO: an image file, known by its content."""

from pathlib import Path

import pytest

from saycode.config.loader import load
from saycode.config.logo import MAX_LOGO_BYTES
from tests.saycode.config.test_settings import REQUIRED, problems

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"/>'


def written(folder: Path, content: bytes) -> str:
    path = folder / "logo"
    path.write_bytes(content)
    return str(path)


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (SVG, "image/svg+xml"),
        (b'\xef\xbb\xbf<?xml version="1.0"?>\n<!-- Acme -->\n<svg\nwidth="1"/>', "image/svg+xml"),
        (b"\x89PNG\r\n\x1a\n0", "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"RIFF\x01\x02\x03\x0aWEBPVP8 ", "image/webp"),
    ],
)
def test_an_image_is_known_by_its_beginning(tmp_path: Path, content: bytes, media_type: str) -> None:
    logo = load(REQUIRED | {"SAYCODE_LOGO": written(tmp_path, content)}).logo
    assert logo is not None
    assert (logo.media_type, logo.content) == (media_type, content)
    assert len(repr(logo)) < 100


@pytest.mark.parametrize("content", [b"", b"<html><svg/></html>", b"GIF89a", b"<script>alert(1)</script>"])
def test_any_other_file_stops_the_start(tmp_path: Path, content: bytes) -> None:
    (problem,) = problems(REQUIRED | {"SAYCODE_LOGO": written(tmp_path, content)})
    assert problem == "SAYCODE_LOGO names a file that is no SVG, PNG, JPEG or WebP image"


def test_a_file_that_is_missing_or_too_large_stops_the_start(tmp_path: Path) -> None:
    (problem,) = problems(REQUIRED | {"SAYCODE_LOGO": str(tmp_path / "none")})
    assert problem == "SAYCODE_LOGO names a file that cannot be read (FileNotFoundError)"
    (problem,) = problems(REQUIRED | {"SAYCODE_LOGO": written(tmp_path, SVG + b" " * MAX_LOGO_BYTES)})
    assert problem == "SAYCODE_LOGO names a file that is larger than 100 kB"


def test_without_the_setting_there_is_no_logo() -> None:
    assert load(REQUIRED).logo is None
