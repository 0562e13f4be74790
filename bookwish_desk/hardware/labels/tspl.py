"""TSPL for label printers of TSC and the many that speak like them: dots to a job, and what they answer.

Our labels are pictures, so no text can become a command.
Source: TSC, TSPL/TSPL2 Programming Manual: SIZE, GAP, BITMAP, PRINT, <ESC>!?. A BITMAP's 0 burns; a SIZE
that comes after CLS is not heeded by some printers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bookwish_desk.hardware.labels.dots import white_is_one
from bookwish_desk.shop.device import Condition, LabelPrinterSetup

if TYPE_CHECKING:
    from PIL.Image import Image

ASK = b"\x1b!?"

_STATUS_BITS: tuple[tuple[int, Condition], ...] = (
    (0x01, "cover_open"),  # head opened
    (0x40, "cover_open"),  # cover opened, where there is a sensor (Gprinter GP-2120T manual, page 30)
    (0x04, "paper_out"),
    (0x08, "ribbon_out"),
    (0x02, "cutter"),  # paper jam: a part is stuck
    (0x80, "error"),  # another error at TSC, out of its range of temperature at Gprinter
    (0x10, "paused"),
    (0x20, "busy"),  # printing
)


def encode(pages: Sequence[Image], copies: int, setup: LabelPrinterSetup) -> bytes:
    """Return one job: the loaded label said first, then each page and `copies` labels of it."""
    head = (
        f"SIZE {setup.width_mm:g} mm,{setup.height_mm:g} mm\r\n"
        f"GAP {setup.gap_mm:g} mm,0 mm\r\nDIRECTION 1\r\nREFERENCE 0,0\r\n"
    )
    return b"\r\n" + head.encode() + b"".join(_label(page, copies) for page in pages)


def _label(page: Image, copies: int) -> bytes:
    row = (page.width + 7) // 8
    return (
        b"CLS\r\nBITMAP 0,0,%d,%d,0," % (row, page.height) + white_is_one(page) + b"\r\nPRINT %d\r\n" % copies
    )


def read_state(answer: bytes) -> Condition | None:
    """Return what the one byte of an answer to <ESC>!? says, the worst of it; None where none came."""
    if len(answer) != 1:
        return None
    return next((named for bit, named in _STATUS_BITS if answer[0] & bit), "ready")
