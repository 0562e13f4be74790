"""What scanners with a line of their own send, turned into the text of a scan: pure, nothing is read here.

What a scan means is for `shop.barcode`.
"""

from __future__ import annotations

import re

import msgspec

LONGEST = 512
"""Characters of one scan that are kept: four times what `shop.barcode` takes for a code."""

_REPORT = 2
_DATA_AT, _DATA_SIZE, _MORE_AT = 5, 56, 63
_AIM = re.compile(rb"\][A-Za-z][0-9A-Za-z]")
_GROUP_SEPARATOR = "\x1d"  # FNC1 between the elements of a GS1 code; the meaning hangs on it


class ScanPart(msgspec.Struct, frozen=True):
    """One report of a HID-POS scanner. `aim` is empty where it sent none; with `more` the scan goes on."""

    aim: str
    data: bytes
    more: bool


def read_report(report: bytes) -> ScanPart | None:
    """Return what one HID-POS input report says, or None for a cut-off or senseless one.

    Byte 0: report 2. 1: how many bytes of data. 2-4: AIM identifier. 5-60: data. 63, bit 0: more follows.
    (Access-IS LSR118 product manual, appendix B; Honeywell's scanners send the same.)
    """
    if len(report) < _DATA_AT or report[0] != _REPORT:
        return None
    length = report[1]
    if length > _DATA_SIZE or len(report) < _DATA_AT + length:
        return None
    aim = report[2:_DATA_AT]
    return ScanPart(
        aim.decode("ascii") if _AIM.fullmatch(aim) else "",
        report[_DATA_AT : _DATA_AT + length],
        len(report) > _MORE_AT and bool(report[_MORE_AT] & 1),
    )


def text_of(data: bytes) -> str:
    """Return the scan that a scanner sent as bytes: no control characters but GS, at most LONGEST characters.

    Bytes that are no UTF-8 are taken as Latin-1, as most scanners send what a QR code holds.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    return "".join(c for c in text if c.isprintable() or c == _GROUP_SEPARATOR)[:LONGEST].strip()


class Joining:
    """Joins the parts of one scan. A broken part takes the scan with it: half a code is another code."""

    def __init__(self) -> None:
        self._aim = ""
        self._data = b""

    def add(self, report: bytes) -> str | None:
        """Take one report; return the scan that it ends, or None. Other reports are passed over."""
        if report[:1] != bytes([_REPORT]):
            return None
        part = read_report(report)
        if part is None:
            self.drop()
            return None
        self._aim = self._aim or part.aim
        if len(self._data) <= LONGEST:
            self._data += part.data
        if part.more:
            return None
        aim, data = self._aim, self._data
        self.drop()
        text = text_of(data)
        return aim + text if text else None

    @property
    def waiting(self) -> bool:
        """Say whether more of a scan is to come."""
        return bool(self._aim or self._data)

    def drop(self) -> None:
        """Forget what was begun."""
        self._aim, self._data = "", b""


class Line:
    """Cuts what a serial scanner sends into scans: CR, LF or both end one, and so does silence."""

    def __init__(self) -> None:
        self._begun = bytearray()

    @property
    def waiting(self) -> bool:
        """Say whether a scan has begun that nothing has ended yet."""
        return bool(self._begun)

    def add(self, data: bytes) -> list[str]:
        """Take what came; return the scans that it ends, in order."""
        scans = []
        for byte in data:
            if byte in b"\r\n":
                scans.append(self.end())
            elif len(self._begun) <= LONGEST:
                self._begun.append(byte)
        return [scan for scan in scans if scan]

    def end(self) -> str:
        """Return the scan that has begun, as nothing follows; an empty text for none."""
        scan = text_of(bytes(self._begun))
        self._begun.clear()
        return scan
