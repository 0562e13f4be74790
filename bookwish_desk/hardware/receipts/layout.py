"""Where everything of a slip stands on paper of so many columns: pure, the same for printers and screens.

A column is one cell of the printer's font; East Asian wide characters take two, combining marks none;
large text is twice as wide and as high. Every text is cleaned and its typographic marks are made
plain here, so no renderer meets a control character or a width it did not expect.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

import msgspec

from bookwish_desk.shop.slip import Align, Code, Gap, Logo, Pair, Rule, Slip, Words
from bookwish_desk.shop.text import clean

COPY_MARK = "*** COPY ***"
_NUMBERED_COPY = "*** COPY {} ***"

_CODE = re.compile(r"[A-Z0-9-]{1,24}")
_LONGEST_TEXT = 2000
_MOST_GAP_LINES = 20
_BETWEEN = 2  # empty cells between the left text and the figure


class TextLine(msgspec.Struct, frozen=True):
    """One line of text in `columns` cells (half the paper's when `large`), `right` at the right edge."""

    text: str
    columns: int
    right: str = ""
    align: Align = "left"
    indent: int = 0
    bold: bool = False
    large: bool = False

    def padded(self) -> str:
        """Return the line filled with blanks to its place; nothing follows the last character."""
        free = max(0, self.columns - self.indent - cells(self.text) - cells(self.right))
        if self.right:
            return " " * self.indent + self.text + " " * free + self.right
        before = {"left": 0, "center": free // 2, "right": free}[self.align]
        return (" " * (self.indent + before) + self.text).rstrip()


class RuleLine(msgspec.Struct, frozen=True):
    """A line across the paper."""


class CodeLine(msgspec.Struct, frozen=True):
    """A barcode in the middle, its text below."""

    text: str


class LogoLine(msgspec.Struct, frozen=True):
    """The shop's logo in the middle, as it came: not checked yet."""

    png: bytes


Line = TextLine | RuleLine | CodeLine | LogoLine


def lay_out(slip: Slip, columns: int) -> tuple[Line, ...]:
    """Return the lines of `slip` for paper of `columns` cells, from top to bottom."""
    lines: list[Line] = []
    if slip.copy:
        lines.extend(_words(Words(_copy_mark(slip), align="center", bold=True, large=True), columns))
    for element in slip.elements:
        match element:
            case Words():
                lines.extend(_words(element, columns))
            case Pair():
                lines.extend(_pair(element, columns))
            case Rule():
                lines.append(RuleLine())
            case Gap():
                lines.extend([TextLine("", columns)] * max(0, min(element.lines, _MOST_GAP_LINES)))
            case Code():
                lines.append(_code(element, columns))
            case Logo():
                lines.append(LogoLine(element.png))
    return tuple(lines)


def plain_text(slip: Slip, columns: int) -> str:
    """Return the slip as text, as a file or a test can hold it.

    Large text is as on paper but for its size; a barcode is its text in brackets.
    """
    rows: list[str] = []
    for line in lay_out(slip, columns):
        match line:
            case TextLine():
                rows.append(msgspec.structs.replace(line, columns=columns).padded())
            case RuleLine():
                rows.append("-" * columns)
            case CodeLine():
                rows.append(TextLine(f"[{line.text}]", columns, align="center").padded())
            case LogoLine():
                rows.append(TextLine("[logo]", columns, align="center").padded())
    return "".join(f"{row}\n" for row in rows)


def cells(text: str) -> int:
    """Return how many cells `text` takes."""
    return len(text) if text.isascii() else sum(_cells_of(char) for char in text)


def wrap(text: str, width: int) -> tuple[str, ...]:
    """Break `text` into lines of at most `width` cells.

    At blanks and between wide characters; within a word only where the word alone is too long.
    """
    lines: list[str] = []
    line = ""
    for piece in pieces(text):
        if cells(line) + cells(piece.rstrip()) <= width:
            line += piece
            continue
        if line.strip():
            lines.append(line.rstrip())
        line = piece.lstrip()
        while cells(line.rstrip()) > width:
            head = _head(line, width)
            lines.append(head)
            line = line[len(head) :]
    if line.strip() or not lines:
        lines.append(line.rstrip())
    return tuple(lines)


def fold(text: str) -> str:
    """Return `text` on one line, cleaned, with typographic quotes, dashes and dots made plain.

    No code page of a printer has all of them, and a reader of a receipt does not miss them.
    """
    return clean(text, _LONGEST_TEXT).translate(_PLAIN)


_PLAIN = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u02bc", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
        "\u2022": "*",
        "\u2026": "...",
        "\ufb00": "ff",
        "\ufb01": "fi",
        "\ufb02": "fl",
        "\ufb03": "ffi",
        "\ufb04": "ffl",
    }
)


def _copy_mark(slip: Slip) -> str:
    return _NUMBERED_COPY.format(slip.copy_number) if 0 < slip.copy_number < 1000 else COPY_MARK


def _words(words: Words, columns: int) -> Iterator[TextLine]:
    width = columns // 2 if words.large else columns
    for row in wrap(fold(words.text), width):
        yield TextLine(row, width, align=words.align, bold=words.bold, large=words.large)


def _pair(pair: Pair, columns: int) -> Iterator[TextLine]:
    """Yield the lines of a pair: the figure beside the last line of text, or below when too wide."""
    width = columns // 2 if pair.large else columns
    indent = max(0, min(pair.indent, width // 2))
    right = fold(pair.right)
    room = width - indent - cells(right) - _BETWEEN
    beside = bool(right) and room >= width // 4
    rows = wrap(fold(pair.left), room if beside else width - indent)
    for row in rows[:-1] if beside else rows:
        yield TextLine(row, width, indent=indent, bold=pair.bold, large=pair.large)
    if beside:
        yield TextLine(rows[-1], width, right=right, indent=indent, bold=pair.bold, large=pair.large)
    elif right:
        for row in wrap(right, width):
            yield TextLine(row, width, align="right", bold=pair.bold, large=pair.large)


def _code(code: Code, columns: int) -> Line:
    """Return the barcode, or its text alone when it holds what our barcodes do not."""
    if _CODE.fullmatch(code.text):
        return CodeLine(code.text)
    return TextLine(_head(fold(code.text), columns), columns, align="center")


def pieces(text: str) -> Iterator[str]:
    """Yield what may not be parted: words with the blank behind them, and single wide characters."""
    word = ""
    for char in text:
        if not char.isascii() and _cells_of(char) == 2:
            if word:
                yield word
            word = char
        elif char == " ":
            yield word + char
            word = ""
        elif word and _cells_of(char) and _cells_of(word[0]) == 2:
            yield word
            word = char
        else:
            word += char
    if word:
        yield word


def _head(text: str, width: int) -> str:
    """Return as much of the beginning of `text` as fits; at least one character."""
    used = 0
    for place, char in enumerate(text):
        used += _cells_of(char)
        if used > width and place:
            return text[:place]
    return text


def _cells_of(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in ("W", "F") else 1
