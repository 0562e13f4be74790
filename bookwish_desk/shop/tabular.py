"""Tables of text as spreadsheets leave them: bytes to lines, lines to records. Knows nothing of books.

Damage stays where it is: one stray quotation mark, endless line or wrong encoding costs its own record
and not the rest of the file. Everything streams; nothing here holds more than one record's lines.
"""

from __future__ import annotations

import codecs
import csv
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import chain

import msgspec

from bookwish_desk.shop.errors import Refused

MOST_RECORD = 100_000
"""The longest record that is read, in characters; below the field limit of the csv module (131,072)."""

_MOST_LINES = 200  # a record with more line breaks than this has lost a closing quotation mark
_DELIMITERS = (",", ";", "\t", "|")
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_WORKBOOK = "This is a workbook, not a list. Open it in the spreadsheet and save it as CSV (UTF-8)."
_NO_TEXT = {
    b"PK\x03\x04": _WORKBOOK,
    b"\xd0\xcf\x11\xe0": _WORKBOOK,
    b"%PDF": "This is a PDF. Ask for the list as CSV.",
    b"\x1f\x8b": "This file is compressed. Unpack it first.",
}


class Record(msgspec.Struct, frozen=True):
    """One record: its first line counted from 1, its text as it stood, and its cells.

    `fault` says in plain words why the record cannot be read; then there are no cells.
    """

    line: int
    raw: str
    cells: tuple[str, ...] = ()
    fault: str = ""


def text_lines(chunks: Iterable[bytes]) -> Iterator[str]:
    """Return the lines of a text file given in pieces of any size, without their line ends.

    UTF-16 by its byte order mark; else each line is UTF-8 or, where that fails, Windows 1252: lists
    glued together from two sources are read right. Line ends may be LF, CRLF or CR.
    Raises Refused when the file is plainly something else than text.
    """
    pieces = iter(chunks)
    start = b""
    for piece in pieces:
        start += piece
        if len(start) >= 4:
            break
    for magic, reason in _NO_TEXT.items():
        if start.startswith(magic):
            raise Refused("not_text", reason)
    whole: Iterable[bytes] = chain((start,), pieces)
    if start.startswith(_UTF_16):
        decoder = codecs.getincrementaldecoder("utf-16")("replace")
        whole = (decoder.decode(piece).encode() for piece in chain((start,), pieces))
    first = True
    for line in _split(whole):
        yield _decoded(line.removeprefix(codecs.BOM_UTF8) if first else line)
        first = False


def records(lines: Iterable[str], delimiter: str) -> Iterator[Record]:
    """Read `lines` as delimited records; blank lines are left out. Never raises.

    A quotation mark that is never closed costs the record it stands in: reading goes on at the next line.
    """
    rows = _Lines(lines)
    while (line := rows.next_line()) is not None:
        number, text = line
        if not text.strip():
            continue
        yield _record(rows, number, text, delimiter)


def delimiter_of(heading: str, score: Callable[[tuple[str, ...]], int]) -> str:
    """Return the delimiter under which the heading line gets the best `score`; the comma when none does."""
    best, most = ",", 0
    for delimiter in _DELIMITERS:
        found = score(tuple(cell.strip().strip('"') for cell in heading.split(delimiter)))
        if found > most:
            best, most = delimiter, found
    return best


class _Lines:
    """Numbered lines, of which some may be given back."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._fresh = enumerate(lines, 1)
        self._back: deque[tuple[int, str]] = deque()

    def next_line(self) -> tuple[int, str] | None:
        if self._back:
            return self._back.popleft()
        return next(self._fresh, None)

    def give_back(self, taken: list[tuple[int, str]]) -> None:
        self._back.extendleft(reversed(taken))


class _Unclosed(Exception):
    """The record goes on where no record does."""


def _record(rows: _Lines, number: int, text: str, delimiter: str) -> Record:
    if len(text) > MOST_RECORD:
        return Record(number, text, fault="The line is too long.")
    taken: list[tuple[int, str]] = []

    def feed() -> Iterator[str]:
        yield text + "\n"
        size = len(text)
        while (line := rows.next_line()) is not None:
            taken.append(line)
            size += len(line[1])
            if len(taken) >= _MOST_LINES or size > MOST_RECORD:
                break
            yield line[1] + "\n"
        raise _Unclosed

    try:
        cells = next(csv.reader(feed(), delimiter=delimiter))
    except (_Unclosed, csv.Error):
        rows.give_back(taken)
        return Record(number, text, fault="A quotation mark is opened and not closed.")
    raw = "\n".join([text, *(line for _, line in taken)])
    if "\0" in raw:
        return Record(number, raw, fault="The row holds characters that are no text.")
    return Record(number, raw, tuple(cells))


def _decoded(line: bytes) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("cp1252", "replace")


def _split(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Cut pieces at LF, CRLF and CR; of an endless line only enough is kept to see that it is too long."""
    longest = 4 * MOST_RECORD + 1  # a character of UTF-8 takes up to four bytes
    held, carriage = b"", False
    for piece in pieces:
        body = b"\r" + piece if carriage else piece
        carriage = body.endswith(b"\r")  # perhaps half of a CRLF: decided with the next piece
        body = body[:-1] if carriage else body
        first, *more = body.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        held = (held + first)[:longest]
        for line in more:
            yield held
            held = line[:longest]
    if carriage or held:
        yield held
