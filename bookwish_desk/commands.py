"""What the command line does without a window: import, doctor, backup and restore. No Qt in here.

Each command returns (exit code, what to print, what to print with --json).
"""

from __future__ import annotations

import shutil
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from bookwish_desk.db import engine as engines
from bookwish_desk.db import folder as place
from bookwish_desk.db.store import Store, open_store
from bookwish_desk.keychain import Keys, keys_of, open_keychain
from bookwish_desk.shop.errors import Refused, ShopError, StorageError

if TYPE_CHECKING:
    from bookwish_desk.actions.checking import Finding
    from bookwish_desk.actions.importing import Progress
    from bookwish_desk.shop.mapping import Mapped


class Answer(msgspec.Struct, frozen=True):
    """What a command has to say: its exit code, lines for people, and the same as one JSON object."""

    code: int
    lines: tuple[str, ...]
    json: dict[str, Any]


def refusal(error: ShopError) -> Answer:
    """Return what is said when a command is refused."""
    return Answer(1, (error.message,), {"error": {"code": error.code, "message": error.message}})


# ---- import ----


def import_catalog(
    folder: Path,
    file: Path,
    *,
    encoding: str = "",
    columns: Mapped = (),
    counts: bool = False,
    quiet: bool = False,
) -> Answer:
    """Import a list of titles and goods; the desk may be open beside it.

    `columns` are headings and the field each is mapped to; those that were mapped on the import screen are
    known without them. `counts` says that it is a count of the shelves. On a terminal it tells how far it
    is, unless `quiet`. Ctrl+C or a SIGTERM cancels: nothing was changed, and the code is 130 or 143.
    """
    from bookwish_desk.actions.importing import Plan, look, run_import
    from bookwish_desk.shop.headings import refuse_unknown
    from bookwish_desk.shop.import_words import CANCELLED
    from bookwish_desk.shop.mapping import Mapping

    _refuse_unknown(encoding, columns)
    plan = Plan(file.resolve(), encoding, columns, counts)
    with _Stop() as stop, _for_writing(folder) as store, _ProgressLine(quiet) as line:
        found = look(plan)
        refuse_unknown(found.headings, dict(columns))
        said = Mapping(found.headings, store.settings.list_columns, columns).said
        plan = msgspec.structs.replace(plan, columns=said)
        report = run_import(store, plan, progress=line.show, cancelled=stop.asked)
    numbers = {key: getattr(report, key) for key in _NUMBERS}
    answer = {"kind": found.kind, "release": found.release or None, "complete": report.complete, **numbers}
    answer["report"] = report.report_path or None
    if not report.complete:
        return Answer(128 + stop.signal, (CANCELLED,), answer)
    lines = [f"{report.read:,} rows read."]
    lines += [f"{numbers[key]:,} {key}" for key in _NUMBERS[1:] if numbers[key] or key in _ALWAYS]
    if report.report_path:
        lines.append(f"The rejected rows and why: {report.report_path}")
    return Answer(0, tuple(lines), answer)


_ALWAYS = ("added", "updated", "unchanged", "rejected")
_NUMBERS = ("read", *_ALWAYS, "repaired", "removed", "superseded")


def _refuse_unknown(encoding: str, columns: Mapped) -> None:
    """Refuse what is no encoding or no field, and say which there are."""
    from bookwish_desk.shop.headings import FIELDS
    from bookwish_desk.shop.tabular import ENCODINGS

    if encoding and encoding not in ENCODINGS:
        names = ", ".join(ENCODINGS)
        raise Refused("encoding", f"{encoding} cannot be read here. Encodings are {names}.")
    for _, field in columns:
        if field and field not in FIELDS:
            names = ", ".join(FIELDS)
            raise Refused("headings", f"{field} is nothing that a column can be. It can be {names}.")


class _Stop:
    """Takes Ctrl+C and SIGTERM for a wish to cancel; a second one ends the program at once."""

    def __init__(self) -> None:
        self.signal = 0

    def __enter__(self) -> _Stop:
        self._before = {number: signal.signal(number, self._ask) for number in _SIGNALS}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _ask(self, number: int, _frame: object) -> None:
        self.signal = number
        signal.signal(number, signal.SIG_DFL)

    def asked(self) -> bool:
        """Say whether somebody wants it to end."""
        return self.signal != 0


_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class _ProgressLine:
    """How far an import is: one line on the terminal, written anew; elsewhere nothing."""

    def __init__(self, quiet: bool) -> None:
        self._shown = not quiet and sys.stderr.isatty()

    def __enter__(self) -> _ProgressLine:
        return self

    def __exit__(self, *_: object) -> None:
        self._write("")

    def show(self, progress: Progress) -> None:
        """Write the line anew."""
        from bookwish_desk.shop.import_words import PHASES, figures

        words = figures(progress.rows, progress.rows_per_second, progress.seconds_left)
        line = f"{PHASES[progress.phase]}: {progress.per_cent} %"
        self._write(f"{line} · {words}" if words else line)

    def _write(self, line: str) -> None:
        if self._shown:
            room = shutil.get_terminal_size().columns - 1
            # Carriage return, the line, and "erase to the end of the line".
            print(f"\r{line[:room]}\x1b[K", end="", file=sys.stderr, flush=True)


@contextmanager
def _for_writing(folder: Path) -> Iterator[Store]:
    """Open the books; beside an open desk they are neither made nor upgraded."""
    keys = keys_of(folder)
    try:
        with place.claim(folder):
            store = _opened(folder, keys, upgrade=True)
    except StorageError as fault:
        if fault.code != "running":
            raise
        store = _opened(folder, keys, upgrade=False)
    try:
        yield store
    finally:
        store.close()


def _opened(folder: Path, keys: Keys, *, upgrade: bool) -> Store:
    return open_store(folder, key=keys.database, journal_key=keys.journal, upgrade=upgrade)


# ---- doctor ----

_MARKS = {"ok": "ok   ", "warn": "warn ", "fault": "FAULT"}
_VERDICTS = {
    "ok": "All is well.",
    "warn": "The books are sound. Some things want attention.",
    "fault": "Something is wrong. Read the lines marked FAULT.",
}


def doctor(folder: Path) -> Answer:
    """Examine books, journal, tills, stock, search, devices, folder and backups; reads only."""
    from bookwish_desk.actions.checking import Finding, examine, surroundings, worst
    from bookwish_desk.hardware.finding.checkup import how_is

    if not (folder / engines.SHOP_FILE).exists():
        raise StorageError("no_shop", f"There are no books in {folder} yet. Start the desk there first.")
    try:
        keys = keys_of(folder)
        store = _opened(folder, keys, upgrade=False)
    except StorageError as fault:
        findings = (Finding("database", "fault", fault.message), *surroundings(folder))
    else:
        try:
            findings = examine(
                store,
                how_is=lambda device: how_is(device, folder, time.monotonic() + _DEVICE_SECONDS),
                access=_access,
            )
        finally:
            store.close()
    state = worst(findings)
    lines: list[str] = []
    for found in findings:
        lines.append(f"{_MARKS[found.state]} {found.check}: {found.sentence}")
        lines += [f"        {detail}" for detail in found.details]
    lines += ["", _VERDICTS[state]]
    found_json = [msgspec.to_builtins(f) for f in findings]
    return Answer(1 if state == "fault" else 0, tuple(lines), {"state": state, "checks": found_json})


def _access() -> Finding | None:
    """Return whether this user may use devices on cables: what a rule of Linux decides."""
    from bookwish_desk.actions.checking import Finding
    from bookwish_desk.hardware.finding.access import RULES, rules
    from bookwish_desk.resource import resource_path

    found = rules(resource_path("udev", RULES))
    if found is None:
        return None
    name = "device rules"
    if found.state == "in place":
        return Finding(name, "ok", "The rules that let this user open devices on cables are in place.")
    return Finding(name, "warn", _RULE_WORDS[found.state], (found.command, _PLUG_AGAIN))


_DEVICE_SECONDS = 3.0
_RULE_WORDS = {
    "missing": "The rules that let this user open devices on cables are missing. Put them in place with:",
    "older": "The rules that let this user open devices on cables are of another version. Renew them with:",
}
_PLUG_AGAIN = "Then pull the devices out and plug them in again."


# ---- backup and restore ----


def backup(folder: Path, file: Path, *, catalogue: bool, force: bool) -> Answer:
    """Copy the books into a file, also while somebody sells."""
    from bookwish_desk.actions import backing_up

    keys = keys_of(folder)
    made = backing_up.backup(folder, file.absolute(), key=keys.database, catalogue=catalogue, force=force)
    mark = made[0].mark
    lines = [f"{copy.path}: {copy.size:,} bytes, checked" for copy in made]
    if mark is not None:
        sales = "One sale is" if mark.sales == 1 else f"{mark.sales:,} sales are"
        lines.append(f"{sales} in it, and the journal up to entry {mark.journal_seq:,}.")
    return Answer(
        0,
        tuple(lines),
        {
            "files": [{"path": str(copy.path), "bytes": copy.size} for copy in made],
            "sales": mark.sales if mark else None,
            "journal_entries": mark.journal_seq if mark else None,
            "journal_head": mark.journal_hash if mark else None,
        },
    )


def restore(folder: Path, file: Path, *, recovery_key: str | None, other_shop: bool, force: bool) -> Answer:
    """Make a backup the books of a data folder; the earlier ones are kept beside them."""
    from bookwish_desk.actions import backing_up

    recovered, keychain = None, None
    if recovery_key is not None:
        from bookwish_desk.shop.recovery import key_from_recovery

        recovered, keychain = key_from_recovery(recovery_key), open_keychain()
    done, with_catalogue = backing_up.put_back(
        folder,
        file.absolute(),
        keys=_keys_or_none(folder),
        recovered=recovered,
        keychain=keychain,
        other_shop=other_shop,
        force=force,
    )
    lines = [f"The books of {done.shop_name} were restored from {done.path}."]
    last = f" (the last one is {done.last_receipt})" if done.last_receipt else ""
    lines.append(f"Sales in them: {done.sales:,}{last}.")
    if done.aside is not None:
        lines.append(f"The earlier books are kept: {done.aside}")
    if done.missing is None:
        lines.append("The earlier books could not be read, so nobody knows which sales are missing now.")
    elif done.missing:
        lines.append(f"Sales of the earlier books that are not in the restored ones: {done.missing:,}.")
    if with_catalogue:
        lines.append("The catalogue that lay beside the backup was restored too.")
    return Answer(
        0,
        tuple(lines),
        {
            "restored": str(done.path),
            "shop": done.shop_name,
            "sales": done.sales,
            "last_receipt": done.last_receipt or None,
            "missing_sales": done.missing,
            "kept_aside": str(done.aside) if done.aside else None,
            "catalogue": with_catalogue,
        },
    )


def _keys_or_none(folder: Path) -> Keys:
    """Return the keys of the present books; a restore must be possible without them."""
    try:
        return keys_of(folder)
    except StorageError:
        return Keys()
