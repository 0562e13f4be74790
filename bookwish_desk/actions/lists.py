"""Lists of titles as files: opened, recognised for what they are, looked at, and read piece by piece.

What a row means is decided in `shop`, what becomes of it in `importing`.
"""

from __future__ import annotations

import gzip
import hashlib
import struct
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from errno import EINVAL
from itertools import chain
from pathlib import Path
from typing import BinaryIO, Literal

import msgspec

from bookwish_desk.settings import Settings
from bookwish_desk.shop.catalogue import Batch, preview, read_table
from bookwish_desk.shop.errors import Refused, StorageError
from bookwish_desk.shop.tabular import encoding_of, text_lines
from bookwish_desk.shop.text import clean
from bookwish_desk.shop.title import RejectedRow, TitleRow

Kind = Literal["table", "onix", "stockv2"]

_PIECE = 65_536
_XML_BEGINS = 200  # bytes within which an XML file has its first tag
_ZIP, _GZIP = b"PK\x03\x04", b"\x1f\x8b"
_BROKEN = (OSError, EOFError, zipfile.BadZipFile, zlib.error, IndexError, ValueError, struct.error)
"""What reading a damaged file raises: zipfile passes on whatever it stumbles over."""

_OF_WORKBOOKS = ("[Content_Types].xml", "mimetype")
_LOCKED = 0x1  # the flag of encrypted members (APPNOTE.TXT, 4.4.4)
_SWELLS = 4 << 20
_MOST_TIMES = 200
"""A list is packed to a tenth. What unpacks to more than `_SWELLS` and so many times its size is none."""


class Plan(msgspec.Struct, frozen=True):
    """What is to be imported, and how a person wants it read.

    `encoding` is one of `tabular.ENCODINGS` (empty: found out), `columns` are headings and the field each
    of them is (`columns.FIELDS`; empty: left out). `counts` says that it is a count of the shelves.
    """

    path: Path
    encoding: str = ""
    columns: tuple[tuple[str, str], ...] = ()
    counts: bool = False


class Look(msgspec.Struct, frozen=True):
    """What a file turned out to be. `fields` is what each heading was taken for; left out where empty."""

    kind: Kind
    release: str = ""
    size: int = 0
    encoding: str = ""
    delimiter: str = ""
    headings: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


class Reading(msgspec.Struct, frozen=True):
    """The rows of a list, what they can say, and whether of two records about one title the later counts.

    A table can be read in `batches` instead: one of the two, and once.
    """

    rows: Iterator[TitleRow | RejectedRow]
    fields: Collection[str]
    later_counts: bool
    batches: Iterator[Batch] | None = None


def look(plan: Plan) -> Look:
    """Look at the beginning of a file. Raises Refused when it is no list, StorageError."""
    with ListFile(plan.path) as file:
        kind, release = _recognise(file.start)
        if kind != "table":
            return Look(kind, release, file.size)
        lines = text_lines(file.beginning(), plan.encoding)
        delimiter, headings, fields, rows = preview(lines, dict(plan.columns))
        encoding = plan.encoding or encoding_of(file.start)
        return Look("table", "", file.size, encoding, delimiter, headings, fields, rows)


def read(plan: Plan, file: ListFile, settings: Settings) -> Reading:
    """Begin to read a list. Raises Refused when it is none, here or while its rows are taken."""
    kind, _release = _recognise(file.start)
    classes = tuple(c.code for c in settings.tax.classes)
    if plan.counts and kind != "table":
        raise Refused("not_a_count", "This is a list of the trade. A count of the shelves is a table.")
    if kind == "onix":
        from bookwish_desk.shop import onix

        return Reading(onix.read_onix(file, currency=settings.money, on=file.day), onix.FIELDS, True)
    if kind == "stockv2":
        from bookwish_desk.shop import stockv2

        return Reading(stockv2.read_stockv2(file, currency=settings.money, on=file.day), stockv2.FIELDS, True)
    lines = text_lines(file, plan.encoding)
    table = read_table(lines, currency=settings.money, tax_classes=classes, columns=dict(plan.columns))
    return Reading(iter(table), table.fields, False, table.batches())


def _recognise(start: bytes) -> tuple[Kind, str]:
    from bookwish_desk.shop.stockv2 import is_stockv2

    if b"<" in start[:_XML_BEGINS]:
        from bookwish_desk.shop.onix import onix_release

        if release := onix_release(start):
            return "onix", release
    return ("stockv2" if is_stockv2(start) else "table"), ""


class ListFile:
    """The bytes of a list, unpacked where it is packed: once through, with how far it is and its hash.

    `day` is when the file was written last, UTC: what it says of stock is as of then. `step` is called for
    each piece: it may raise, however long a line is.
    Raises StorageError when the file cannot be read, Refused for an archive that is no packed list.
    """

    def __init__(self, path: Path, step: Callable[[], None] = lambda: None) -> None:
        self._path = path
        self._step = step
        self._hash = hashlib.sha256()
        self._unpacked = 0

    def __enter__(self) -> ListFile:
        with ExitStack() as opened:
            try:
                self._file = opened.enter_context(self._path.open("rb"))
                about = self._path.stat()
                self._content = _unpacked(self._file)
                opened.callback(self._content.close)
                self.start = self._read()
            except NotImplementedError as fault:
                raise Refused(
                    "archive", "The archive cannot be unpacked here. Unpack it, and import the list in it."
                ) from fault
            except _BROKEN as fault:
                raise self._unreadable(fault) from fault
            self._opened = opened.pop_all()
        self.size = about.st_size
        self.day = datetime.fromtimestamp(about.st_mtime, UTC).strftime("%Y-%m-%d")
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    def __iter__(self) -> Iterator[bytes]:
        piece = self.start
        while piece:
            self._step()
            self._hash.update(piece)
            yield piece
            piece = self._read()

    def beginning(self) -> Iterable[bytes]:
        """Return enough of the file for a look at its first rows."""
        return chain((self.start,), (self._read() for _ in range(3)))

    def _read(self) -> bytes:
        try:
            piece = self._content.read(_PIECE)
        except _BROKEN as fault:
            raise self._unreadable(fault) from fault
        self._unpacked += len(piece)
        if self._unpacked > max(_SWELLS, _MOST_TIMES * self._file.tell()):
            times = f"more than {_MOST_TIMES} times its size"
            raise Refused("archive", f"{clean(self._path.name, 100)} unpacks to {times}, which no list does.")
        return piece

    def _unreadable(self, fault: Exception) -> StorageError:
        name = clean(self._path.name, 100)
        if isinstance(fault, OSError) and fault.errno and fault.errno != EINVAL:
            return StorageError("unreadable", f"{name} cannot be read. Check that the file is there.")
        return StorageError("unreadable", f"{name} is damaged and cannot be unpacked. Get it once more.")

    @property
    def per_cent(self) -> int:
        """Return how much of the file was read, 0 to 100."""
        return min(100, 100 * self._file.tell() // max(1, self.size))

    @property
    def sha256(self) -> str:
        """Return the hash of what was read."""
        return self._hash.hexdigest()


def _unpacked(file: BinaryIO) -> BinaryIO:
    """Return the content of a list that came packed, as Ingram sends its stock files.

    A workbook is a zip archive too: it is left as it is, and refused in words when it is read.
    """
    magic = file.read(4)
    file.seek(0)
    if magic.startswith(_GZIP):
        return gzip.open(file)  # type: ignore[return-value]
    if magic != _ZIP:
        return file
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, NotImplementedError):
        file.seek(0)
        if any(name.encode() in file.read(_XML_BEGINS) for name in _OF_WORKBOOKS):
            file.seek(0)
            return file
        raise
    names = {
        one.filename: one for one in archive.infolist() if not one.is_dir() and not _is_of_mac(one.filename)
    }
    if any(name in names for name in _OF_WORKBOOKS):
        file.seek(0)
        return file
    if len(names) != 1:
        how = "holds several files. Unpack it, and import them one by one." if names else "is empty."
        raise Refused("archive", f"The archive {how}")
    (member,) = names.values()
    if member.flag_bits & _LOCKED or member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise NotImplementedError
    return archive.open(member)  # type: ignore[return-value]


def _is_of_mac(name: str) -> bool:
    """Say whether a member is what macOS packs beside every file."""
    return name.startswith("__MACOSX/") or name.rpartition("/")[2] == ".DS_Store"
