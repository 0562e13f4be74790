"""Pages of a PDF from outside as pictures in grey, at the density of the device that prints them.

The reader (PDFium) is imported at the first page, on a device's lane. It must not be used by two threads
at a time, not even on two documents: one lock holds them apart.
"""

from __future__ import annotations

import threading
from collections.abc import Generator
from typing import TYPE_CHECKING, Any

from bookwish_desk.shop.errors import Refused

if TYPE_CHECKING:
    from PIL.Image import Image

POINTS_PER_INCH = 72

_MOST_BYTES = 20_000_000
_MOST_PAGES = 50
_MOST_PIXELS = 40_000_000  # a letter page at 600 dpi has 34 million
_ONE_AT_A_TIME = threading.Lock()


def each_page(pdf: bytes, dpi: int, most: int = _MOST_PAGES) -> Generator[Image, None, None]:
    """Yield every page 1:1 at `dpi`, in grey on white, at least one. Close it, or take it to its end.

    Raises Refused for what is no PDF, is damaged, locked by a password, or has too many or too large pages.
    """
    if not pdf[:1024].lstrip().startswith(b"%PDF-"):
        raise Refused("pdf.unreadable", "This is no PDF.")
    if len(pdf) > _MOST_BYTES:
        raise Refused("pdf.too_big", f"This PDF is larger than {_MOST_BYTES // 1_000_000} MB.")
    document = _opened(pdf)
    try:
        with _ONE_AT_A_TIME:
            count = len(document)
        if not 1 <= count <= most:
            raise Refused("pdf.pages", f"This PDF has {count} pages; at most {most} are printed at once.")
        for number in range(count):
            with _ONE_AT_A_TIME:
                drawn = _drawn(document, number, dpi)
            yield drawn
    finally:
        with _ONE_AT_A_TIME:
            document.close()


def _opened(pdf: bytes) -> Any:
    with _ONE_AT_A_TIME:
        import pypdfium2

        try:
            return pypdfium2.PdfDocument(pdf)
        except pypdfium2.PdfiumError as fault:
            raise Refused(
                "pdf.unreadable", "This PDF cannot be read: it is damaged or has a password."
            ) from fault


def _drawn(document: Any, number: int, dpi: int) -> Image:
    """Draw one page; its sides are rounded to whole pixels, never up by a rounding fault.

    A page stretched by one pixel would be resampled, and bars of single dots with it.
    """
    import pypdfium2

    try:
        page = document[number]
        try:
            width, height = page.get_size()
            across, down = (round(side * dpi / POINTS_PER_INCH) for side in (width, height))
            if not (across > 0 and down > 0 and across * down <= _MOST_PIXELS):
                raise Refused("pdf.page_size", "A page of this PDF has a size that cannot be printed.")
            bitmap = page.render(scale=min((across - 0.01) / width, (down - 0.01) / height), grayscale=True)
            try:
                drawn: Image = bitmap.to_pil().copy()
            finally:
                bitmap.close()
            return drawn
        finally:
            page.close()
    except pypdfium2.PdfiumError as fault:
        raise Refused("pdf.unreadable", "A page of this PDF cannot be read: it is damaged.") from fault
