"""Pictures as the bytes of a printer: rows of whole bytes, the first dot in the highest bit."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

_TURNED = bytes(255 - byte for byte in range(256))


def white_is_one(page: Image) -> bytes:
    """Return the dots of a picture, 0 for black; those behind its edge are white."""
    from PIL import Image

    whole = Image.new("1", ((page.width + 7) // 8 * 8, page.height), 1)
    whole.paste(page.convert("1"), (0, 0))
    return whole.tobytes()


def black_is_one(page: Image) -> bytes:
    """Return the dots of a picture, 1 for black; those behind its edge are white.

    Pillow's own inversion is not asked: a white of 1 in its memory becomes 254, which is white again.
    """
    return white_is_one(page).translate(_TURNED)
