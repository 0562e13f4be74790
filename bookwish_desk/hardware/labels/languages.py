"""The languages of label printers, side by side: how each is written, asked, and got out of a broken job."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import msgspec

from bookwish_desk.hardware.labels import epl, tspl, zpl
from bookwish_desk.hardware.links.model import Link
from bookwish_desk.shop.device import Condition, DeviceState, LabelPrinterSetup
from bookwish_desk.shop.device_words import sentence
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.label import ShippingLabel

if TYPE_CHECKING:
    from PIL.Image import Image

ANSWER_SECONDS = 1.0
_LONGEST_ANSWER = 2_000

SILENT = DeviceState(
    "unreachable",
    "The label printer is connected but does not answer. Is it out of labels or ribbon, or its head open?",
)
"""A Zebra does not answer ~HS at all then: silence is not ready."""


class Said(msgspec.Struct, frozen=True):
    """What a printer said of itself; `idle` tells that all it was sent is on paper, None where it cannot."""

    state: DeviceState
    idle: bool | None = None


class Language(msgspec.Struct, frozen=True):
    """How a family of printers is spoken to.

    `encode` makes a job of pictures, `pass_on` one of a carrier's own; `ask` finds out how the printer is;
    `free` gets it out of a job that broke off.
    """

    encode: Callable[[Sequence[Image], int, LabelPrinterSetup], bytes]
    pass_on: Callable[[ShippingLabel, int, LabelPrinterSetup], bytes]
    ask: Callable[[Link, float], Said]
    free: Callable[[LabelPrinterSetup], bytes]


def _in_words(condition: Condition) -> DeviceState:
    return DeviceState(condition, sentence("label_printer", condition))


def _ask_zpl(link: Link, deadline: float) -> Said:
    """Ask ~HS; where that stays silent ask ~HQES, which tells more models why."""
    status = zpl.read_host_status(_answer(link, zpl.ASK, deadline, zpl.END, 3))
    if status is not None:
        return Said(_in_words(status.condition), status.idle)
    condition = zpl.read_errors(_answer(link, zpl.ASK_ERRORS, deadline, zpl.END, 1))
    return Said(_in_words(condition) if condition else SILENT, False)


def _ask_tspl(link: Link, deadline: float) -> Said:
    """Ask for the status byte; many that speak TSPL have none, and print all the same."""
    return Said(_in_words(tspl.read_state(_answer(link, tspl.ASK, deadline, b"", 1)) or "unknown"))


def _ask_epl(link: Link, deadline: float) -> Said:
    return Said(_in_words(epl.read_state(_answer(link, epl.ASK, deadline, epl.END, 1)) or "unknown"))


def _answer(link: Link, question: bytes, deadline: float, end: bytes, times: int) -> bytes:
    """Ask, and return what comes until `end` came so many times; without an `end`, the first byte."""
    until = min(deadline, time.monotonic() + ANSWER_SECONDS)
    while time.monotonic() < until and link.read(64, time.monotonic() + 0.002):
        pass  # said to an earlier question
    answer = b""
    if link.write(question, until) < len(question):
        return answer
    while len(answer) < _LONGEST_ANSWER and (byte := link.read(1, until)):
        answer += byte
        if not end or answer.count(end) >= times:
            break
    return answer


def _no_pass(label: ShippingLabel, copies: int, setup: LabelPrinterSetup) -> bytes:
    raise Refused(
        "label.language",
        f"This printer does not take {label.format.upper()}. Get the label from the carrier as PNG or PDF.",
    )


def _pass_zpl(label: ShippingLabel, copies: int, setup: LabelPrinterSetup) -> bytes:
    if label.format != "zpl":
        return _no_pass(label, copies, setup)
    return zpl.pass_on(label.data, copies, setup.dpi)


def _pass_epl(label: ShippingLabel, copies: int, setup: LabelPrinterSetup) -> bytes:
    if label.format != "epl":
        return _no_pass(label, copies, setup)
    return epl.pass_on(label.data, copies)


def _filler(setup: LabelPrinterSetup) -> bytes:
    """Return white dots enough to end any picture of the loaded label, and the end of a line."""
    across, down = (int(side * setup.dpi / 25.4) + 8 for side in (setup.width_mm, setup.height_mm))
    return b"\xff" * (across // 8 * down) + b"\r\n"


LANGUAGES: dict[str, Language] = {
    "zpl": Language(
        lambda pages, copies, setup: zpl.encode(pages, copies, setup.compressed),
        _pass_zpl,
        _ask_zpl,
        lambda _setup: b"~JX",  # gives up the format that is coming in, and no other
    ),
    "tspl": Language(tspl.encode, _no_pass, _ask_tspl, _filler),
    "epl": Language(epl.encode, _pass_epl, _ask_epl, _filler),
}
