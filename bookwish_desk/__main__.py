"""The installed command `bookwish-desk`: arguments, log, run."""

from __future__ import annotations

import argparse
import builtins
import gc
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from bookwish_desk.db import folder as place
from bookwish_desk.shop.errors import ShopError, StorageError

LOG_FOLDER, LOG_FILE = "log", "desk.log"
_LOG_BYTES, _LOGS_KEPT = 2 << 20, 4


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0, 1 for a fault or a refusal, 2 for wrong arguments.

    128 and the signal's number when it was cancelled.
    """
    # Whatever is written holds sales and customers: for the person at the register only.
    os.umask(0o077)
    given = _parser().parse_args(arguments)
    command = given.command or "run"
    folder = (given.data or place.default_folder(demo=command == "demo")).expanduser().absolute()
    if command == "open":
        return _open(folder, given.link)
    if command in ("run", "demo"):
        return _desk(folder, demo=command == "demo", scripted=getattr(given, "scripted", False))
    return _command(folder, command, given)


def _open(folder: Path, link: str) -> int:
    """Have the desk show the order of a link: the one that is open, or one that is opened for it."""
    from bookwish_desk import pointing
    from bookwish_desk.shop.order_link import number_in

    try:
        number = number_in(link)
        place.prepare(folder)
        pointing.leave(folder, number)
        place.claim(folder).release()
    except StorageError as fault:
        if fault.code == "running":
            return 0
        print(fault, file=sys.stderr)
        return 1
    except (ShopError, OSError) as fault:
        print(fault, file=sys.stderr)
        return 1
    return _desk(folder, demo=False, scripted=False)


def _desk(folder: Path, *, demo: bool, scripted: bool) -> int:
    def prepare() -> None:
        try:
            place.prepare(folder)
            _log_to(folder)
        except (ShopError, OSError) as fault:
            # The desk refuses the folder again, in its window.
            print(fault, file=sys.stderr)

    code: int = load_desk().run(folder, demo=demo, scripted=scripted, prepare=prepare)
    return code


def load_desk() -> ModuleType:
    """Return the module `start`, imported in the quickest way.

    Nothing made by imports is ever garbage: it is not looked for until the desk is open (`Start`).
    """
    gc.disable()
    plain = builtins.__import__
    from bookwish_desk import start

    # PySide puts its own __import__ in the place of Python's and reads the source of every module that is
    # imported from then on, looking for `from __feature__ import`, which nothing here uses; a third of the
    # time of importing the rest. Classes of Qt are made as before: that is done by its modules themselves.
    builtins.__import__ = plain
    return start


def _log_to(folder: Path) -> None:
    from logging.handlers import RotatingFileHandler

    path = folder / LOG_FOLDER / LOG_FILE
    path.parent.mkdir(mode=0o700, exist_ok=True)
    handler = RotatingFileHandler(path, maxBytes=_LOG_BYTES, backupCount=_LOGS_KEPT, encoding="utf-8")
    handler.setFormatter(MaskedLines("time=%(asctime)s level=%(levelname)s at=%(name)s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])


class MaskedLines(logging.Formatter):
    """Lines of the log; a bug's own words may hold what was typed, and that may be a card number."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, traceback and all, with every card number masked."""
        from bookwish_desk.shop.text import mask_cards

        return mask_cards(super().format(record))


def _command(folder: Path, command: str, given: argparse.Namespace) -> int:
    from bookwish_desk import commands

    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(message)s")
    try:
        if command == "import":
            answer = commands.import_catalog(
                folder,
                given.file,
                encoding=given.encoding.casefold(),
                columns=tuple(given.column),
                counts=given.count,
                quiet=given.quiet,
            )
        elif command == "doctor":
            answer = commands.doctor(folder)
        elif command == "backup":
            answer = commands.backup(folder, given.file, catalogue=given.catalogue, force=given.force)
        else:
            answer = commands.restore(
                folder,
                given.file,
                recovery_key=given.recovery_key,
                other_shop=given.other_shop,
                force=given.force,
            )
    except ShopError as error:
        answer = commands.refusal(error)
    except OSError as fault:
        answer = commands.refusal(StorageError("no_access", str(fault)))
    if given.json:
        import msgspec

        print(msgspec.json.format(msgspec.json.encode(answer.json), indent=2).decode())
    elif "error" in answer.json or not getattr(given, "quiet", False):
        print("\n".join(answer.lines), file=sys.stderr if "error" in answer.json else sys.stdout)
    return answer.code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="bookwish-desk", description="The register of a bookshop. Without a command it opens the desk."
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version and end")
    parser.add_argument(
        "--data", type=Path, metavar="DIR", help="the data folder; by default the one of this computer's user"
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    _add(commands, "run", "open the register's desk", json=False)
    demo = _add(commands, "demo", "open the demonstration shop, in a data folder of its own", json=False)
    demo.add_argument("--scripted", action="store_true", help="make one sale through the screens, then end")
    opens = _add(commands, "open", "show an order on the desk, as links in e-mails do", json=False)
    opens.add_argument("link", metavar="LINK", help="as in bookwish-desk:order/BW-20261122-AB12")
    imports = commands.add_parser("import", help="import a list", description="Import a list.")
    lists = imports.add_subparsers(dest="list", metavar="LIST", required=True, title="lists")
    catalog = _add(lists, "catalog", "import titles, prices, stock and shelves from a list")
    catalog.add_argument("file", type=Path, metavar="FILE", help="a table (CSV, TSV), ONIX 3 or StockV2")
    catalog.add_argument(
        "--encoding", default="", metavar="NAME", help="how a table is written: windows-1250"
    )
    catalog.add_argument(
        "--column", action="append", default=[], type=_column, metavar="HEADING=FIELD",
        help="what a column of a table is: Werk=title; nothing after the = leaves it out",
    )  # fmt: skip
    catalog.add_argument("--count", action="store_true", help="it is a count of the shelves")
    catalog.add_argument("--quiet", action="store_true", help="say nothing unless it is refused")
    _add(commands, "doctor", "check books, journal, tills, search, devices and backups; exit 1 on a fault")
    backup = _add(commands, "backup", "copy the books into a file, also while somebody sells")
    backup.add_argument("file", type=Path, metavar="FILE", help="the file to make")
    backup.add_argument("--force", action="store_true", help="replace the file when it exists")
    backup.add_argument(
        "--catalogue", action="store_true", help="copy the catalogue too, into a file beside it"
    )
    restore = _add(commands, "restore", "put a backup back; the present books are kept beside it")
    restore.add_argument("file", type=Path, metavar="FILE", help="the backup")
    restore.add_argument("--force", action="store_true", help="also when the present books hold later sales")
    restore.add_argument("--other-shop", action="store_true", help="also when it is another shop's backup")
    restore.add_argument("--recovery-key", metavar="TEXT", help="the printed key of an encrypted backup")
    return parser


def _column(text: str) -> tuple[str, str]:
    heading, mark, field = text.rpartition("=")
    if not mark or not heading.strip():
        raise argparse.ArgumentTypeError(f'"{text}" is not HEADING=FIELD')
    return heading.strip(), field.strip().casefold()


def _add(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], name: str, says: str, *, json: bool = True
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=says, description=f"{says[0].upper()}{says[1:]}.")
    if json:
        parser.add_argument("--json", action="store_true", help="answer with one JSON object")
    return parser


class _Version(argparse.Action):
    """Looks the version up when it is asked for: that takes longer than reading the arguments."""

    def __call__(self, parser: argparse.ArgumentParser, *_others: Any) -> None:
        from importlib import metadata

        try:
            print(f"bookwish-desk {metadata.version('bookwish-desk')}")
        except metadata.PackageNotFoundError:
            print("bookwish-desk unknown")
        parser.exit()


if __name__ == "__main__":
    sys.exit(main())
