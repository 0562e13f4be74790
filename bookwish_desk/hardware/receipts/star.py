"""Slips for Star printers that know no ESC/POS and no text at all: TSP100 and TSP143 take pictures only.

Star raster mode as in "STAR Line Mode Command Specifications" for line thermal printers (Star Micronics),
chapter 3: ESC * r R, A, P, E, Y and B, b n1 n2, ESC FF EOT, ESC * r C; BEL and SUB drive the external
devices, which are the drawers. These printers confirm nothing that is read here: their jobs end as sent.
"""

from __future__ import annotations

import itertools

from bookwish_desk.hardware.model import PrinterProfile
from bookwish_desk.hardware.receipts.drawing import draw
from bookwish_desk.shop.slip import Slip

_RASTER = b"\x1b*r"
_BEGIN = _RASTER + b"R" + _RASTER + b"A"
_ENDLESS_PAPER = _RASTER + b"P0\0"
_CUT_AT_END = _RASTER + b"E13\0"  # feed to the cutter, cut but for a point
_FEED_AT_END = _RASTER + b"E3\0"  # feed to the tear bar
_END = b"\x1b\x0c\x04" + _RASTER + b"B"
_MOST_EMPTY_ROWS = 24_000

# The rest of a row that broke off, then away with what was not printed, and out of raster mode.
FREE = b"\0" * 256 + _RASTER + b"C" + _RASTER + b"B"


def render_raster(slip: Slip, profile: PrinterProfile) -> bytes:
    """Return one job: the whole slip as a picture, then the cut. Never raises on any text."""
    image = draw(slip, profile)
    wide = -(-image.width // 8)
    dots = bytes(byte ^ 0xFF for byte in image.tobytes())
    rows = (dots[at : at + wide].rstrip(b"\0") for at in range(0, len(dots), wide))
    job = bytearray(_BEGIN + _ENDLESS_PAPER + (_CUT_AT_END if profile.cut else _FEED_AT_END))
    for empty, group in itertools.groupby(rows, key=lambda row: not row):
        if empty:
            job += _RASTER + b"Y%d\0" % min(_MOST_EMPTY_ROWS, sum(1 for _ in group))
        else:
            for row in group:
                job += b"b" + len(row).to_bytes(2, "little") + row
    return bytes(job + _END)


def drawer_pulse(profile: PrinterProfile) -> bytes:
    """Return what opens the drawer: BEL drives the first one, SUB the second (pin 5)."""
    return b"\x1a" if profile.kick_pin == 5 else b"\x07"
