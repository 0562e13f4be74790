"""PDFs read back: their words, their barcodes and where their ink is."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pypdfium2
import zxingcpp
from PIL import Image
from pypdf import PdfReader


def read(pdf: bytes) -> PdfReader:
    """Return a PDF, opened."""
    return PdfReader(BytesIO(pdf))


def words_of(pdf: bytes) -> list[str]:
    """Return the words of each page, with one blank between."""
    return [" ".join(page.extract_text().split()) for page in read(pdf).pages]


def pictures_of(pdf: bytes, dpi: int, *, most: int = 1) -> list[Image.Image]:
    """Return the first pages in greys, as a printer with so many dots an inch sees them."""
    opened = pypdfium2.PdfDocument(pdf)
    try:
        pages = [opened[place] for place in range(min(most, len(opened)))]
        return [page.render(scale=dpi / 72, grayscale=True).to_pil() for page in pages]
    finally:
        opened.close()


def codes_on(picture: Image.Image) -> list[tuple[str, str]]:
    """Return what a scanner reads on a picture, and in which kind of code."""
    return [(found.text, str(found.format)) for found in zxingcpp.read_barcodes(picture)]


def fonts_of(pdf: bytes) -> list[Any]:
    """Return every font that pages of a PDF name."""
    named: dict[int, Any] = {}
    for page in read(pdf).pages:
        resources: Any = page["/Resources"]
        for font in resources["/Font"].values():
            named[font.idnum] = font.get_object()
    return list(named.values())


def ink_box(picture: Image.Image) -> tuple[int, int, int, int]:
    """Return the box of all that is not white: left, top, right, bottom."""
    box = picture.convert("L").point(lambda grey: 255 if grey < 250 else 0).getbbox()
    assert box is not None
    return box
