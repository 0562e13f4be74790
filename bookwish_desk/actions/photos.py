"""Photos that staff add to orders, made small and harmless: pixels only, whatever the file was."""

from __future__ import annotations

import io
import warnings
from typing import TYPE_CHECKING

from bookwish_desk.shop.errors import Refused

if TYPE_CHECKING:
    from pathlib import Path

    from PIL.Image import Image

LONGEST_SIDE = 1_600
MOST_BYTES = 300_000
"""How large a photo is kept, as a JPEG."""

_MOST_READ = 40_000_000
_MOST_PIXELS = 120_000_000
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "MPO")
_SIDES = (LONGEST_SIDE, 1_200, 800)
_QUALITIES = (85, 70, 50)


def from_file(path: Path) -> bytes:
    """Return the picture in a file as `as_jpeg` does. Raises Refused, also for a file that cannot be read."""
    try:
        with path.open("rb") as file:
            return as_jpeg(file.read(_MOST_READ + 1))
    except OSError as fault:
        why = "That file cannot be read. Choose another."
        raise Refused("picture", why, field="picture") from fault


def as_jpeg(picture: bytes) -> bytes:
    """Return a picture as an upright JPEG of at most LONGEST_SIDE pixels, with nothing but its pixels in it.

    Where, when and by which telephone it was taken does not stay. Raises Refused for what is no picture,
    or is far too large.
    """
    if len(picture) > _MOST_READ:
        raise Refused("picture", "That file is too large. Choose a photo of at most 40 MB.", field="picture")
    image = _opened(picture)
    for side in _SIDES:
        image.thumbnail((side, side))
        for quality in _QUALITIES:
            out = io.BytesIO()
            image.save(out, "JPEG", quality=quality, optimize=True)
            if out.tell() <= MOST_BYTES:
                return out.getvalue()
    return out.getvalue()


def _opened(picture: bytes) -> Image:
    from PIL import Image, ImageOps

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(picture), formats=_FORMATS) as found:
                if found.width * found.height > _MOST_PIXELS:
                    raise Refused(
                        "picture", "That picture is too large. Take a smaller one.", field="picture"
                    )
                found.draft("RGB", (LONGEST_SIDE * 2, LONGEST_SIDE * 2))
                upright = ImageOps.exif_transpose(found)
                upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
                seen = upright.convert("RGBA") if "transparency" in upright.info else upright
                # On a new sheet: of what a file says beside its pixels nothing comes along.
                sheet = Image.new("RGB", seen.size, "white")
                sheet.paste(seen, mask=seen.getchannel("A") if seen.mode in ("RGBA", "LA") else None)
                return sheet
    except Refused:
        raise
    except Exception as fault:
        # A file made to do harm can make the decoder fail in any way.
        why = "That is no picture that can be read here. Choose a JPEG, PNG or WebP file."
        raise Refused("picture", why, field="picture") from fault
