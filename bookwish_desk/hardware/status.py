"""What ESC/POS printers answer about themselves, in words: pure readers of single bytes."""

from __future__ import annotations

from collections.abc import Sequence

from bookwish_desk.shop.device import DeviceState

# DLE EOT n: answered at once, also while the printer is out of paper or busy.
STATUS_QUERIES = (b"\x10\x04\x01", b"\x10\x04\x02", b"\x10\x04\x04")

READY = DeviceState("ready", "The printer is ready.")
SILENT = DeviceState("unknown", "The printer does not say how it is.")

_FIXED_BITS, _FIXED = 0x93, 0x12
_OFFLINE = 0x08  # of DLE EOT 1
_COVER_OPEN, _STOPPED_WITHOUT_PAPER = 0x04, 0x20  # of DLE EOT 2
_PAPER_END = 0x60  # of DLE EOT 4


def read_state(answers: Sequence[bytes]) -> DeviceState:
    """Return the state in the answers to `STATUS_QUERIES`, one byte each; empty where none came."""
    if len(answers) != 3 or any(len(x) != 1 or x[0] & _FIXED_BITS != _FIXED for x in answers):
        return SILENT
    printer, cause, paper = (answer[0] for answer in answers)
    if cause & _COVER_OPEN:
        return DeviceState("cover_open", "The printer's cover is open.")
    if paper & _PAPER_END or cause & _STOPPED_WITHOUT_PAPER:
        return DeviceState("paper_out", "The printer is out of paper.")
    if printer & _OFFLINE:
        return DeviceState("offline", "The printer is switched to offline.")
    return READY


def is_confirmation(answer: bytes) -> bool:
    """Say whether a byte is the answer to GS r 1, which comes after everything before it is printed."""
    return len(answer) == 1 and answer[0] & 0x90 == 0
