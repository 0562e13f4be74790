"""Tables of text as spreadsheets leave them: bytes to lines, lines to records. Knows nothing of books.

Damage stays where it is: one stray quotation mark, endless line or wrong byte costs its own record and
not the rest of the file. Everything streams: no more than a stretch of lines and one record are held.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from typing import AnyStr

import msgspec

from bookwish_desk.shop.errors import Refused

MOST_RECORD = 100_000
"""The longest record that is read, in characters; below the field limit of the csv module (131,072)."""

ENCODINGS = {
    "utf-8": "Unicode (UTF-8)",
    "utf-16": "Unicode (UTF-16)",
    "utf-32": "Unicode (UTF-32)",
    "windows-1252": "Western European (Windows 1252)",
    "windows-1250": "Central European (Windows 1250)",
    "windows-1251": "Cyrillic (Windows 1251)",
    "windows-1253": "Greek (Windows 1253)",
    "windows-1254": "Turkish (Windows 1254)",
    "windows-1257": "Baltic (Windows 1257)",
    "iso-8859-2": "Central European (ISO 8859-2)",
    "iso-8859-15": "Western European (ISO 8859-15)",
    "mac-roman": "Western European (Mac)",
    "cp437": "United States (DOS 437)",
    "cp850": "Western European (DOS 850)",
    "koi8-r": "Russian (KOI8-R)",
    "shift_jis": "Japanese (Shift JIS)",
    "gb18030": "Chinese (GB 18030)",
    "big5": "Chinese, traditional (Big5)",
    "euc-kr": "Korean (EUC-KR)",
}
"""The encodings that a person can choose: names, and labels for people. Not choosing is usually right."""

_WIDER = {"shift_jis": "cp932", "big5": "cp950", "euc-kr": "cp949"}  # what Windows writes under these names
_WIDE = ("utf-16", "utf-32")
_MARKS = (  # UTF-32 first: its mark begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_START = 1_024  # bytes by which a file is recognised
_MOST_LINES = 200  # a record with more line breaks than this has lost a closing quotation mark
_STRETCH = 256  # lines that are looked over at once
_MOST_HELD = 10 * MOST_RECORD  # characters of lines that are held, about
_SIP = 32  # lines that are fetched at once
_DELIMITERS = (",", ";", "\t", "|")
_WORKBOOK = "This is a workbook, not a list. Open it in the spreadsheet and save it as CSV (UTF-8)."
_NO_TEXT = {
    b"PK\x03\x04": _WORKBOOK,
    b"\xd0\xcf\x11\xe0": _WORKBOOK,
    b"%PDF": "This is a PDF. Ask for the list as CSV.",
    b"\x1f\x8b": "This file is compressed. Unpack it first.",
}
_UNREADABLE = "\udfff"  # stands where bytes are no text; no encoding gives it for anything else
_OPEN = "A quotation mark is opened and not closed."

codecs.register_error("bookwish.unreadable", lambda fault: (_UNREADABLE, fault.end))  # type: ignore[attr-defined]


class Record(msgspec.Struct, frozen=True):
    """One record: its first line counted from 1, its text as it stood, and its cells.

    `fault` says in plain words why the record cannot be read; then there are no cells.
    """

    line: int
    raw: str
    cells: tuple[str, ...] = ()
    fault: str = ""


class Block(msgspec.Struct, frozen=True):
    """Records of one line each and without a fault: the first one's line, and the texts of all.

    Where all have as many cells as the first, these stand in `columns`; else row by row, in `ragged`.
    """

    first: int
    texts: list[str]
    columns: list[list[str]] = []
    ragged: list[list[str]] = []

    @property
    def rows(self) -> list[list[str]]:
        """Return the cells row by row."""
        return self.ragged or list(map(list, zip(*self.columns, strict=True)))


# ---- bytes to lines ----


def text_lines(pieces: Iterable[bytes], encoding: str = "") -> Iterator[str]:
    """Return the lines of a text file given in pieces of any size, without their line ends.

    Without an `encoding`: UTF-16 and UTF-32 by their marks or zeros; else each line is UTF-8 or, where
    that fails, Windows 1252: lists glued together from two sources are read right. With one: a line that
    is no text in it becomes a record with a fault. Line ends may be LF, CRLF or CR.
    Raises Refused when the file is plainly something else than text, or no such encoding is known.
    """
    return chain.from_iterable(_line_lists(iter(pieces), encoding))


def encoding_of(start: bytes) -> str:
    """Return which of `ENCODINGS` a file that begins with these bytes is taken for."""
    if codec := _unicode_by_zeros(start[:_START]):
        return codec[:6]
    try:
        codecs.getincrementaldecoder("utf-8")().decode(start)
    except UnicodeDecodeError:
        return "windows-1252"
    return "utf-8"


def _line_lists(pieces: Iterator[bytes], encoding: str) -> Iterator[list[str]]:
    if encoding and encoding not in ENCODINGS:
        raise Refused("encoding", f'"{encoding[:40]}" is no encoding that can be read here.')
    start = b""
    for piece in pieces:
        start += piece
        if len(start) >= _START:
            break
    for magic, reason in _NO_TEXT.items():
        if start.startswith(magic):
            raise Refused("not_text", reason)
    whole = chain((start,), pieces)
    wide = _unicode_by_zeros(start[:_START])
    if encoding:
        wide = "" if encoding not in _WIDE else wide if wide.startswith(encoding) else f"{encoding}-le"
    if wide:
        yield from (text.split("\n") for text in _whole_lines(_decoded(whole, wide), "\r", "\n", "\ufeff"))
        return
    codec = _WIDER.get(encoding, encoding)
    mark = codecs.BOM_UTF8 if codec in ("", "utf-8") else b""
    for block in _whole_lines(whole, b"\r", b"\n", mark):
        try:
            text = block.decode(codec or "utf-8")
        except UnicodeDecodeError:
            yield [_decoded_line(line, codec) for line in block.split(b"\n")]
        else:
            yield text.split("\n")


def _unicode_by_zeros(start: bytes) -> str:
    """Return which UTF-16 or UTF-32 bytes are by their mark, or by where their zeros stand; else nothing."""
    for mark, codec in _MARKS:
        if start.startswith(mark):
            return codec
    size = len(start) // 4
    zeros = [4 * start[place : 4 * size : 4].count(0) > size for place in range(4)]
    none = [not start[place : 4 * size : 4].count(0) for place in range(4)]
    if size >= 2 and none[0] and zeros[1] and zeros[3]:
        return "utf-32-le" if zeros[2] else "utf-16-le"
    if size >= 2 and none[3] and zeros[0] and zeros[2]:
        return "utf-32-be" if zeros[1] else "utf-16-be"
    return ""


def _decoded(pieces: Iterable[bytes], codec: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(codec)("bookwish.unreadable")
    for piece in pieces:
        yield decoder.decode(piece)
    yield decoder.decode(b"", True)


def _decoded_line(line: bytes, codec: str) -> str:
    if codec:
        return line.decode(codec, "bookwish.unreadable")
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("cp1252", "replace")


def _whole_lines(pieces: Iterable[AnyStr], carriage: AnyStr, feed: AnyStr, mark: AnyStr) -> Iterator[AnyStr]:
    """Cut pieces anew after line ends, which all become LF between lines; take `mark` off the beginning.

    No second byte of any encoding offered is LF or CR, so bytes can be cut before they are decoded.
    Of an endless line only enough is kept to see that it is too long.
    """
    longest = 4 * MOST_RECORD + 1  # a character of UTF-8 takes up to four bytes
    held, first = carriage[:0], True
    for piece in pieces:
        body = held + piece
        if first and len(body) < len(mark):
            held = body
            continue
        body, first = body.removeprefix(mark) if first else body, False
        # A CR at the very end is perhaps half of a CRLF: decided with the next piece.
        end = max(body.rfind(feed), body.rfind(carriage, 0, -1)) + 1
        if end:
            yield _lines_ended(body[:end], carriage, feed)
        held = body[end:]
        if len(held) > longest:
            held = held[:longest] + (carriage if held.endswith(carriage) else carriage[:0])
    if held:
        yield _lines_ended(held, carriage, feed)


def _lines_ended(text: AnyStr, carriage: AnyStr, feed: AnyStr) -> AnyStr:
    if isinstance(text, bytes):  # which part at nothing else: quicker than to replace one end after the other
        return feed.join(text.splitlines())
    if carriage in text:
        text = text.replace(carriage + feed, feed).replace(carriage, feed)
    return text.removesuffix(feed)


# ---- lines to records ----


class Lines:
    """Numbered lines that can be looked at before they are taken."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._fresh = iter(lines)
        self._held: list[str] = []
        self._at = 0
        self.number = 1
        """The number of the next line, counted from 1."""

    def ahead(self, most: int) -> list[str]:
        """Return the next lines without taking them: `most`, or fewer at the end and where they are huge."""
        if len(self._held) - self._at < most:
            self._fill(1, most)
        return self._held[self._at : self._at + most]

    def peek(self, place: int = 0) -> str | None:
        """Return the next line, or the one `place` lines behind it; None at the end."""
        if self._at + place >= len(self._held):
            self._fill(place + 1, place + 1)
        return self._held[self._at + place] if self._at + place < len(self._held) else None

    def take(self, count: int) -> None:
        """Go on by `count` lines that were looked at."""
        self._at += count
        self.number += count

    def _fill(self, least: int, most: int) -> None:
        """Hold `most` lines from the next one on; where they are huge, no more than `least`."""
        del self._held[: self._at]
        self._at = 0
        size = sum(map(len, self._held))
        while len(self._held) < least or (len(self._held) < most and size < _MOST_HELD):
            fresh = list(islice(self._fresh, _SIP))
            if not fresh:
                break
            self._held += fresh
            size += sum(map(len, fresh))


def records(lines: Iterable[str], delimiter: str) -> Iterator[Record]:
    """Read `lines` as delimited records; blank lines are left out. Never raises.

    A quotation mark that is never closed costs the record it stands in: reading goes on at the next line.
    """
    rows = Lines(lines)
    while record := next_record(rows, delimiter):
        yield record


def next_record(lines: Lines, delimiter: str) -> Record | None:
    """Take the next record, as `records` does; None at the end."""
    while (text := lines.peek()) is not None:
        if text.strip():
            return _record(lines, text, delimiter)
        lines.take(1)
    return None


def blocks(lines: Lines, delimiter: str) -> Iterator[Block | Record]:
    """Read what `records` reads, but records that are plain lines many at a time. Never raises.

    Blank lines are left in as rows without text, so that rows and lines stay side by side; but not where
    there is nothing else.
    """
    while ahead := lines.ahead(_STRETCH):
        if not any(ahead):
            lines.take(len(ahead))
            continue
        block = _block(lines.number, ahead, delimiter)
        plain = len(block.texts)
        if plain:
            lines.take(plain)
            yield block
        if plain < len(ahead) and (record := next_record(lines, delimiter)):
            yield record


def delimiter_of(heading: str, score: Callable[[tuple[str, ...]], int]) -> str:
    """Return the delimiter under which the heading line gets the best `score`.

    Where it gets none under any, the one that stands in it most often; the comma when none does.
    """
    cells = {
        delimiter: tuple(cell.strip().strip('"') for cell in heading.split(delimiter))
        for delimiter in _DELIMITERS
    }
    scores = {delimiter: score(found) for delimiter, found in cells.items()}
    if not any(scores.values()):
        scores = {delimiter: len(found) for delimiter, found in cells.items()}
    return max(scores, key=lambda delimiter: scores[delimiter])


class _Unclosed(Exception):
    """The record goes on where no record does."""


def _block(first: int, texts: list[str], delimiter: str) -> Block:
    """Return the first lines that are each a whole record without any doubt."""
    whole = "\n".join(texts)
    too_long = len(whole) > MOST_RECORD and len(max(texts, key=len)) > MOST_RECORD
    if too_long or _is_doubtful(whole, len(texts)):
        sound = next((n for n, text in enumerate(texts) if len(text) > MOST_RECORD or _is_doubtful(text)), 0)
        return _block(first, texts[:sound], delimiter) if sound else Block(first, [])
    marked = [place for place, text in enumerate(texts) if '"' in text] if '"' in whole else []
    unmarked = _unmarked([texts[place] for place in marked], delimiter)
    if len(unmarked) < len(marked):
        texts = texts[: marked[len(unmarked)]]
    cells = dict(zip(marked, unmarked, strict=False))
    if columns := _columns(texts, cells, delimiter):
        return Block(first, texts, columns)
    # A line without a mark has its cells between the delimiters.
    return Block(
        first, texts, [], [cells.get(place) or text.split(delimiter) for place, text in enumerate(texts)]
    )


def _unmarked(texts: list[str], delimiter: str) -> list[list[str]]:
    """Return the cells of lines with quotation marks, up to the first one whose record goes on."""
    rows: list[list[str]] = []
    reader = csv.reader([*texts, "."], delimiter=delimiter)  # the last: something for an open mark to swallow
    try:
        for cells in reader:
            if reader.line_num > len(rows) + 1:
                return rows
            rows.append(cells)
    except csv.Error:
        return rows
    return rows[:-1]


def _columns(texts: list[str], marked: dict[int, list[str]], delimiter: str) -> list[list[str]]:
    """Return the cells of lines by their columns, or nothing where not all have as many cells.

    All lines are cut at once, with those that are `marked` as so many empty cells, filled in afterwards.
    """
    if marked:
        texts = texts.copy()
        for place, row in marked.items():
            texts[place] = delimiter * (len(row) - 1)
    cells = f"{delimiter}\n".join(texts).split(delimiter)  # the line feed stays in each line's first cell
    width = len(cells) // max(1, len(texts))
    firsts = "".join(cells[::width]).split("\n")
    if len(cells) != width * len(texts) or len(firsts) != len(texts):
        return []
    columns = [firsts, *(cells[place::width] for place in range(1, width))]
    for place, row in marked.items():
        for column, cell in zip(columns, row, strict=True):
            column[place] = cell
    return columns


def _is_doubtful(text: str, lines: int = 1) -> bool:
    return "\0" in text or "\r" in text or _UNREADABLE in text or text.count("\n") != lines - 1


def _record(lines: Lines, text: str, delimiter: str) -> Record:
    number, taken = lines.number, [text]
    if len(text) > MOST_RECORD:
        lines.take(1)
        return Record(number, _shown(text), fault="The line is too long.")

    def feed() -> Iterator[str]:
        yield text + "\n"
        size = len(text)
        while (line := lines.peek(len(taken))) is not None:
            taken.append(line)
            size += len(line)
            if len(taken) > _MOST_LINES or size > MOST_RECORD:
                break
            yield line + "\n"
        raise _Unclosed

    try:
        cells = next(csv.reader(feed(), delimiter=delimiter))
        if len(taken) > 1:  # a stray mark ends at the next mark of any row: then text follows that
            cells = next(csv.reader([line + "\n" for line in taken], delimiter=delimiter, strict=True))
    except (_Unclosed, csv.Error):
        lines.take(1)
        return Record(number, _shown(text), fault=_OPEN)
    lines.take(len(taken))
    raw = "\n".join(taken)
    if "\0" in raw:
        return Record(number, _shown(raw), fault="The row holds characters that are no text.")
    if _UNREADABLE in raw:
        return Record(number, _shown(raw), fault="The row holds bytes that are no text in this encoding.")
    return Record(number, raw, tuple(cells))


def _shown(raw: str) -> str:
    """Return the text of a record as it can be written and shown."""
    return raw.replace(_UNREADABLE, "\N{REPLACEMENT CHARACTER}")
