"""A receipt printer in software, without any line to it: bytes in, answers out, and what is on paper.

Written from Epson's command reference, not from our driver. It behaves as a thermal printer does where it
matters: real-time commands act when they arrive, also while the rest waits (and also inside a picture, where
a careless host did not mean them); everything else waits its turn, and nothing of it happens without paper.
Plain standard library, for any Python from 3.11: it also runs outside the project's own.

The line to it is the caller's: read at most `free()` bytes, `feed` them, send `take_replies()` back, call
`step` now and then where `slow` is set, hang up when `gone`.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

ESC, GS, FS, DLE, LF = 0x1B, 0x1D, 0x1C, 0x10, 0x0A
REAL_TIME = {0x04, 0x05, 0x14}  # EOT, ENQ, DC4

# How many bytes follow a command of two bytes.
_FOLLOW_ESC = {
    **dict.fromkeys(b"@2<im", 0),
    **dict.fromkeys(b"tEadJ!RM-3=GVrS{ ", 1),
    **dict.fromkeys(b"$\\c", 2),
    **dict.fromkeys(b"p", 3),
}
_FOLLOW_GS = {**dict.fromkeys(b"!hwfHarIBb", 1), **dict.fromkeys(b"LWP$", 2)}
_CLEAR = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"


@dataclass
class Engine:
    """One printer. Set its fields before or between jobs; `order` does it by words, also from outside.

    `process_ids` off: it does not know GS ( H and prints what follows as text, as simple clones do; `gs_r`
    off: it does not answer GS r either. `status` off: it does not answer DLE EOT; `hangs_when_asked`: it
    reads nothing more once it was asked. `slow` bytes are worked off in each `step`, all at once when None.
    `paper_left` bytes still fit on the roll. The link (or with `cut_power` the power) goes after
    `cut_off_after` bytes, counted from when it was set.
    """

    room: int = 4096
    process_ids: bool = True
    gs_r: bool = True
    asb: bool = True
    status: bool = True
    hangs_when_asked: bool = False
    slow: int | None = None
    cut_off_after: int | None = None
    cut_power: bool = False

    powered: bool = True
    gone: bool = False
    paper_out: bool = False
    paper_low: bool = False
    paper_left: int | None = None
    cover_open: bool = False
    offline: bool = False
    hot: bool = False
    cutter_stuck: bool = False
    cutter_error: bool = False
    mute: bool = False
    deaf: bool = False
    rubbish: bool = False
    drawer_open: bool = False
    drawer_stuck: bool = False
    drawer_high_when_open: bool = True

    paper: bytearray = field(default_factory=bytearray)
    display: bytearray = field(default_factory=bytearray)
    pulses: list[tuple[int, str]] = field(default_factory=list)
    cuts: int = 0
    received: int = 0
    recoveries: list[int] = field(default_factory=list)
    cleared: int = 0

    _asb_on: bool = False
    _to_display: bool = False
    _head: bytearray = field(default_factory=bytearray)
    _data_left: int = 0
    _data_tail: bytes = b""
    _queue: deque[tuple[bytes, bool]] = field(default_factory=deque)
    _held: int = 0
    _line: bytearray = field(default_factory=bytearray)
    _replies: bytearray = field(default_factory=bytearray)

    # ---- the line ----

    def free(self) -> int:
        """Return how many bytes it reads now."""
        if not self.powered or self.gone or self.deaf:
            return 0
        free = max(0, self.room - self._held - len(self._head))
        return free if self.cut_off_after is None else min(free, self.cut_off_after)

    def feed(self, data: bytes) -> None:
        """Take bytes from the line, at most `free()` of them."""
        if len(data) > self.free():
            raise ValueError("more than it reads now")
        self.received += len(data)
        at = 0
        while at < len(data):
            at = self._take_data(data, at) if self._data_left else self._take_head(data[at], at)
        self._work(None if self.slow is None else 0)
        if self.cut_off_after is not None:
            self.cut_off_after -= len(data)
            if self.cut_off_after <= 0:
                self.cut_off_after = None
                self.gone = True
                if self.cut_power:
                    self.order("power off")

    def step(self) -> None:
        """Let a moment pass: a slow printer works off some bytes."""
        self._work(self.slow)

    def take_replies(self) -> bytes:
        """Return what it says since the last call; nothing when it is off or mute."""
        replies = bytes(self._replies)
        self._replies.clear()
        return replies

    def hang_up(self) -> None:
        """Lose the line: answers on the way are lost, what was read stays."""
        self._replies.clear()
        self.gone = False

    def waiting(self) -> int:
        """Return how many bytes were read and are not on paper."""
        return self._held + len(self._head)

    # ---- people at the printer ----

    def order(self, words: str) -> None:
        """Do what a person at the printer does.

        paper ok|low|out|BYTES LEFT, cover open|shut, offline on|off, power on|off, mute on|off, deaf on|off,
        rubbish on|off, hot on|off, cutter stuck|free, drawer open|shut|stuck|free, slow off|BYTES,
        cut BYTES, cut-power BYTES.
        """
        what, _, how = words.strip().partition(" ")
        on = how == "on"
        match what:
            case "paper":
                self.paper_left = int(how) if how.isdigit() else None
                self.paper_out, self.paper_low = how == "out", how == "low"
            case "cover":
                self.cover_open = how == "open"
            case "offline" | "mute" | "deaf" | "rubbish" | "hot":
                setattr(self, what, on)
            case "power":
                self._switch(on)
            case "cutter":
                self.cutter_stuck = how == "stuck"
            case "drawer":
                self.drawer_stuck = self.drawer_stuck if how in ("open", "shut") else how == "stuck"
                self.drawer_open = how == "open" if how in ("open", "shut") else self.drawer_open
            case "slow":
                self.slow = int(how) if how.isdigit() else None
            case "cut" | "cut-power":
                self.cut_off_after, self.cut_power = int(how), what == "cut-power"
            case _:
                raise ValueError(words)
        self._changed()
        self._work(None if self.slow is None else 0)

    def _switch(self, on: bool) -> None:
        """Switch it on or off; what was not on paper is lost, and so is everything it was told."""
        self.powered = on
        self._forget()
        self._replies.clear()
        self._asb_on = self._to_display = self.cutter_error = False

    def _forget(self) -> None:
        self._queue.clear()
        self._held = self._data_left = 0
        self._head.clear()
        self._line.clear()
        self._data_tail = b""

    # ---- reading ----

    def _take_head(self, byte: int, at: int) -> int:
        self._head.append(byte)
        head = bytes(self._head)
        size = _length(head)
        if size is None or len(head) < size[0]:
            return at + 1
        self._head.clear()
        if head[0] == DLE:
            self._real_time(head)
        else:
            self._put(head)
            self._data_left = size[1]
            self._data_tail = b""
        return at + 1

    def _take_data(self, data: bytes, at: int) -> int:
        part = data[at : at + self._data_left]
        self._data_left -= len(part)
        self._put(part, dots=True)
        self._real_time_within(self._data_tail + part)
        self._data_tail = (self._data_tail + part)[-4:]
        return at + len(part)

    def _put(self, token: bytes, dots: bool = False) -> None:
        self._queue.append((token, dots))
        self._held += len(token)

    def _real_time_within(self, data: bytes) -> None:
        """Do what a picture's dots happen to say: a printer cannot know that it was not meant."""
        start = 0
        while (found := data.find(DLE, start)) >= 0:
            size = _length(data[found : found + 10]) if found + 1 < len(data) else None
            fresh = size is not None and found + size[0] > len(self._data_tail)
            if size and size[0] > 1 and found + size[0] <= len(data) and fresh:
                self._real_time(data[found : found + size[0]])
            start = found + 1

    def _real_time(self, command: bytes) -> None:
        match bytes(command[:2]):
            case b"\x10\x04" if command[2] in (1, 2, 3, 4):
                if self.hangs_when_asked:
                    self.deaf = True
                elif self.status:
                    self._say(bytes([self._status(command[2])]))
            case b"\x10\x05" if command[2] in (1, 2):
                self._recover(command[2])
            case b"\x10\x14" if command[2] == 1 and not self.cutter_error:
                self._pulse(command[3], "at once")
            case b"\x10\x14" if command == _CLEAR:
                self._forget()
                self.cleared += 1
                self.cutter_error = False
                self._say(b"\x37\x25\x00")

    def _recover(self, how: int) -> None:
        if not self.cutter_error:
            return
        self.recoveries.append(how)
        self.cutter_error = self.cutter_stuck and how == 1
        if how == 2:
            self._forget()
        self._changed()
        self._work(None)

    # ---- working ----

    def _stopped(self) -> bool:
        return (
            not self.powered
            or self.paper_out
            or self.cover_open
            or self.offline
            or self.hot
            or self.cutter_error
            or (self.deaf and self.hangs_when_asked)
        )

    def _work(self, most: int | None) -> None:
        done = 0
        while self._queue and not self._stopped() and (most is None or done < most):
            token, dots = self._queue.popleft()
            self._held -= len(token)
            done += len(token)
            if dots:
                self._print(token)
            else:
                self._execute(token)

    def _execute(self, token: bytes) -> None:
        if self._to_display and token != b"\x1b=\x01":
            self.display += token
            return
        match token[:2]:
            case b"\x1b=":
                self._to_display = token[2] == 2
            case b"\x1b@":
                self._line.clear()
                self._print(token)
            case b"\x1bp":
                self._pulse(token[2], "in turn")
            case b"\x1dV":
                self._cut(token)
            case b"\x1da" | b"\x1dr" | b"\x1dI":
                self._answer(token)
            case b"\x1d(" if token[2:3] == b"H":
                self._answer_process_id(token)
            case b"\n":
                self._print(bytes(self._line) + token)
                self._line.clear()
            case _ if token[0] in (ESC, GS, FS) or len(token) > 1:
                self._print(token)
            case _ if token[0] >= 0x20:
                self._line += token

    def _print(self, data: bytes) -> None:
        self.paper += data
        if self.paper_left is not None:
            self.paper_left -= len(data)
            if self.paper_left <= 0:
                self.order("paper out")

    def _cut(self, token: bytes) -> None:
        if self.cutter_stuck:
            self.cutter_error = True
            self._queue.appendleft((token, False))
            self._held += len(token)
            self._changed()
        else:
            self.cuts += 1
            self._print(token)

    def _pulse(self, pin: int, when: str) -> None:
        self.pulses.append((5 if pin in (1, 49) else 2, when))
        if not self.drawer_stuck:
            self.drawer_open = True
            self._changed()

    # ---- answering ----

    def _answer(self, token: bytes) -> None:
        what, which = token[:2], token[2]
        if what == b"\x1da":
            self._asb_on = self.asb and which != 0
            self._changed()
        elif what == b"\x1dI":
            self._say({1: b"\x20", 2: b"\x02", 67: b"_Engine\0", 66: b"_NOBODY\0"}.get(which, b""))
        elif self.gs_r and which in (1, 49):
            self._say(bytes([0x03 * self.paper_low]))
        elif self.gs_r and which in (2, 50):
            self._say(bytes([self._pin_3()]))

    def _answer_process_id(self, token: bytes) -> None:
        if not self.process_ids:
            self._line += bytes(byte for byte in token[2:] if byte >= 0x20)
        elif len(token) == 11 and token[5:7] == b"00":
            self._say(b"\x37\x22" + token[7:] + b"\0")

    def _say(self, answer: bytes) -> None:
        if self.powered and not self.mute:
            self._replies += b"\xff\x7f" if self.rubbish and answer else answer

    def _changed(self) -> None:
        if self._asb_on:
            first = 0x10 | self._pin_3() << 2 | self._off() << 3 | self.cover_open << 5
            second = self.cutter_error << 3 | self.hot << 6
            third = 0x03 * (self.paper_low or self.paper_out) | 0x0C * self.paper_out
            self._say(bytes([first, second, third, 0x0F]))

    def _status(self, which: int) -> int:
        error = self.cutter_error or self.hot
        return (
            0x12
            | {
                1: self._pin_3() << 2 | self._off() << 3,
                2: self.cover_open << 2 | self.paper_out << 5 | error << 6,
                3: self.cutter_error << 3 | self.hot << 6,
                4: 0x0C * (self.paper_low or self.paper_out) | 0x60 * self.paper_out,
            }[which]
        )

    def _off(self) -> bool:
        return self.paper_out or self.cover_open or self.offline or self.hot or self.cutter_error

    def _pin_3(self) -> int:
        return int(self.drawer_open == self.drawer_high_when_open)


def _length(head: bytes) -> tuple[int, int] | None:
    """Return the bytes of the command that `head` begins, and how many bytes of a picture follow it.

    None when more must be known first. What nobody knows has two bytes.
    """
    if head[0] not in (ESC, GS, FS, DLE):
        return 1, 0
    if len(head) < 2:
        return None
    lead, second = head[0], head[1]
    if lead == DLE:
        return _length_of_real_time(head)
    if second == ord("(") and lead in (ESC, GS, FS):
        return _counted(head, 5, lambda h: (5 + h[3] + 256 * h[4], 0), big=True)
    if lead == ESC and second == ord("*"):
        return _counted(head, 5, lambda h: (5, (h[3] + 256 * h[4]) * (3 if h[2] in (32, 33) else 1)))
    if lead == ESC:
        return 2 + _FOLLOW_ESC.get(second, 0), 0
    if lead == GS:
        return _length_of_gs(head, second)
    return 2 + (second == ord("!")), 0


def _length_of_gs(head: bytes, second: int) -> tuple[int, int] | None:
    if second == ord("v"):
        return _counted(head, 8, lambda h: (8, (h[4] + 256 * h[5]) * (h[6] + 256 * h[7])))
    if second == ord("8"):
        return _counted(head, 7, lambda h: (7, int.from_bytes(h[3:7], "little")))
    if second == ord("k"):
        if len(head) > 2 and head[2] < 65:  # until NUL
            return (len(head), 0) if head[-1] == 0 and len(head) > 3 else None
        return _counted(head, 4, lambda h: (4 + h[3], 0))
    if second == ord("V"):
        return _counted(head, 3, lambda h: (4 if h[2] >= 65 else 3, 0))
    return 2 + _FOLLOW_GS.get(second, 0), 0


def _length_of_real_time(head: bytes) -> tuple[int, int] | None:
    if head[1] not in REAL_TIME:
        return 2, 0
    if len(head) < 3:
        return None
    if head[1] != 0x14:
        return 3, 0
    return {1: 5, 2: 5, 8: 10}.get(head[2], 3), 0


def _counted(head, need, count, big=False):
    """Return what `count` says once `need` bytes are there; the body of a large one counts as a picture."""
    if len(head) < need:
        return None
    size = count(head)
    return (need, size[0] - need) if big and size[0] > 64 else size
