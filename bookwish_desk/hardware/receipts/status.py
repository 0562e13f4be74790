"""What ESC/POS printers answer, sorted and in words: pure readers of bytes, no line to a printer here.

Bits and the marks that tell answers apart are from Epson's ESC/POS command reference: DLE EOT, GS a, GS r,
GS ( H function 48, DLE DC4 function 8, and "Transmission status identification".
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

import msgspec

from bookwish_desk.shop.device import Condition, DeviceState
from bookwish_desk.shop.device_words import sentence

PRINTER, CAUSE, ERROR, PAPER = 1, 2, 3, 4
"""What DLE EOT n is asked for; answered at once, also while the printer cannot print."""

_FIXED_BITS, _REAL_TIME, _PUSHED = 0x93, 0x12, 0x10
_PLAIN_BITS = 0x90
_FLOW = (0x11, 0x13)  # XON and XOFF may stand between any two bytes of a serial line
_PAPER, _NO_PAPER = (0x00, 0x03), (0x0C, 0x0F)  # of GS r 1
_BLOCK, _PROCESS_ID, _CLEARED = 0x37, 0x22, 0x25
_LONGEST_BLOCK = 80


class Seen(msgspec.Struct, frozen=True):
    """What a printer's status bits say. `pin_3` is the level of the drawer's sensor, high or low."""

    offline: bool = False
    cover_open: bool = False
    paper_out: bool = False
    paper_low: bool = False
    cutter: bool = False
    broken: bool = False
    hot: bool = False
    pin_3: bool = False

    @property
    def condition(self) -> Condition:
        """Return the one thing to say: what a person has to do first."""
        faults: tuple[tuple[bool, Condition], ...] = (
            (self.cover_open, "cover_open"),
            (self.paper_out, "paper_out"),
            (self.cutter, "cutter"),
            (self.broken, "error"),
            (self.hot, "hot"),
            (self.offline, "offline"),
            (self.paper_low, "paper_low"),
        )
        return next((condition for is_so, condition in faults if is_so), "ready")

    def state(self, drawer_open: bool | None = None) -> DeviceState:
        """Return it as the shop says it."""
        return in_words(self.condition, drawer_open)


def in_words(condition: Condition, drawer_open: bool | None = None) -> DeviceState:
    """Return a receipt printer's condition with its sentence."""
    return DeviceState(condition, sentence("receipt_printer", condition), drawer_open)


def read_real_time(answers: Mapping[int, int]) -> Seen | None:
    """Return what the answers to DLE EOT n say, by n; None where none came or one is no such answer."""
    if not answers or any(byte & _FIXED_BITS != _REAL_TIME for byte in answers.values()):
        return None
    printer, cause, error, paper = (answers.get(n, _REAL_TIME) for n in (PRINTER, CAUSE, ERROR, PAPER))
    known = error & 0x6C
    return Seen(
        offline=bool(printer & 0x08),
        cover_open=bool(cause & 0x04),
        paper_out=bool(paper & 0x60 or cause & 0x20),
        paper_low=bool(paper & 0x0C),
        cutter=bool(error & 0x0C),
        broken=bool(error & 0x20 or (cause & 0x40 and not known)),
        hot=bool(error & 0x40),
        pin_3=bool(printer & 0x04),
    )


def read_pushed(block: bytes) -> Seen:
    """Return what the four bytes say that a printer sends by itself when something changes (ASB)."""
    first, second, third = block[:3]
    return Seen(
        offline=bool(first & 0x08),
        cover_open=bool(first & 0x20),
        paper_out=bool(third & 0x0C),
        paper_low=bool(third & 0x03),
        cutter=bool(second & 0x0C),
        broken=bool(second & 0x20),
        hot=bool(second & 0x40),
        pin_3=bool(first & 0x04),
    )


class Answers:
    """Sorts the bytes that come back by what they answer; what belongs to nothing is counted as `rubbish`.

    `ids` are the process ids that came, `paper` how many answers to GS r 1 that there is paper, `cleared`
    that the buffer was emptied; `seen` is the newest word about the printer, None before the first.
    `questions` is how many DLE EOT were asked, `heard` how many answers to them came, also late ones.
    """

    def __init__(self) -> None:
        self.seen: Seen | None = None
        self.ids: set[bytes] = set()
        self.paper = 0
        self.cleared = False
        self.rubbish = 0
        self.questions = 0
        self.heard = 0
        self._asked: deque[int] = deque()
        self._real_time: dict[int, int] = {}
        self._part = bytearray()

    def ask(self, which: int) -> None:
        """Expect an answer to DLE EOT `which`; they come in the order of asking."""
        self._asked.append(which)
        self.questions += 1
        self._real_time.pop(which, None)

    def forget_questions(self) -> None:
        """Expect no answers any more to what was asked so far."""
        self._asked.clear()

    def has(self, which: int) -> bool:
        """Say whether the answer to the latest DLE EOT `which` came."""
        return which in self._real_time

    def take(self, data: bytes) -> None:
        """Sort what came."""
        for byte in data:
            if byte not in _FLOW:
                self._take(byte)

    def _take(self, byte: int) -> None:
        if self._part and self._part[0] == _BLOCK:
            self._go_on_with_block(byte)
        elif self._part and byte & _PLAIN_BITS == 0:
            self._part.append(byte)
            if len(self._part) == 4:
                self.seen = read_pushed(bytes(self._part))
                self._part.clear()
        else:
            self.rubbish += len(self._part)  # the beginning of something that did not go on
            self._part.clear()
            self._begin(byte)

    def _begin(self, byte: int) -> None:
        if byte == _BLOCK or byte & _FIXED_BITS == _PUSHED:
            self._part.append(byte)
        elif byte & _FIXED_BITS == _REAL_TIME and self.heard < self.questions:
            self.heard += 1
            if self._asked:
                self._real_time[self._asked.popleft()] = byte
                self.seen = read_real_time(self._real_time)
        elif byte in _PAPER:
            self.paper += 1
        elif byte in _NO_PAPER:
            pass  # it came to the end of the job, and not to the end of printing it
        else:
            self.rubbish += 1

    def _go_on_with_block(self, byte: int) -> None:
        self._part.append(byte)
        if byte and len(self._part) < _LONGEST_BLOCK:
            return
        block = bytes(self._part)
        self._part.clear()
        if byte:
            self.rubbish += len(block)
        elif block[1] == _PROCESS_ID and len(block) == 7:
            self.ids.add(block[2:6])
        elif block[1] == _CLEARED and len(block) == 3:
            self.cleared = True
