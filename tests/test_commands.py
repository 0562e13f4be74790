"""The installed command: every verb from its arguments to its answer, in words and as JSON, without Qt."""

from __future__ import annotations

import json
import logging
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from bookwish_desk import __main__ as command
from bookwish_desk.actions.configuring import remember_columns
from bookwish_desk.db import folder as place
from bookwish_desk.db.store import open_store
from bookwish_desk.settings import to_row
from bookwish_desk.shop.device import Device
from bookwish_desk.shop.staff import Actor
from tests.support import days
from tests.support.shops import found_shop, printer

COMMANDS = ["run", "demo", "import catalog", "doctor", "backup", "restore"]
LIST = """isbn,title,author,price,stock,shelf
9780141439518,Pride and Prejudice,Jane Austen,7.99,3,A1
9780000000000,Wrong check digit,Nobody,1.00,1,A2
9780140449136,Crime and Punishment,Fyodor Dostoevsky,12.00,2,A1
"""

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Call:
    """Call the command on the test's own data folder; return its exit code, output and errors."""

    def run(*words: object) -> tuple[int, str, str]:
        before = os.umask(0o022)
        try:
            code = command.main(["--data", str(tmp_path / "shop"), *map(str, words)])
        finally:
            os.umask(before)
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Make a shop that has sold, and close it."""
    store, actor = found_shop(tmp_path / "shop", days.settings())
    days.open_till(store, actor)
    days.sell(store, actor, (days.item(), 2))
    store.close()
    return tmp_path / "shop"


# ---- arguments ----


@pytest.mark.parametrize("words", [*COMMANDS, ""])
def test_every_command_has_help(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        command.main([*words.split(), "--help"])
    assert left.value.code == 0
    assert capsys.readouterr().out.startswith("usage: bookwish-desk")


@pytest.mark.parametrize(
    "words", ["backup", "restore", "import", "import catalog", "sell", "run --json", "demo --json"]
)
def test_wrong_arguments_are_refused(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        command.main(words.split())
    assert left.value.code == 2
    assert "usage: bookwish-desk" in capsys.readouterr().err


def test_the_version_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        command.main(["--version"])
    assert left.value.code == 0
    assert capsys.readouterr().out.startswith("bookwish-desk 0.")


@pytest.mark.parametrize(
    ("words", "demo", "scripted"),
    [
        ([], False, False),
        (["run"], False, False),
        (["demo"], True, False),
        (["demo", "--scripted"], True, True),
    ],
)
def test_the_desk_is_opened_on_the_folder_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], demo: bool, scripted: bool
) -> None:
    opened: list[tuple[Path, bool, bool]] = []

    class Desk:
        @staticmethod
        def run(folder: Path, *, demo: bool, scripted: bool, prepare: Callable[[], None]) -> int:
            prepare()
            opened.append((folder, demo, scripted))
            return 7

    monkeypatch.setattr(command, "_log_to", lambda _folder: None)
    monkeypatch.setattr(command, "load_desk", lambda: Desk)
    before = os.umask(0o022)
    try:
        assert command.main(["--data", str(tmp_path / "x"), *words]) == 7
        assert command.main(words) == 7
    finally:
        os.umask(before)
    assert opened[0] == (tmp_path / "x", demo, scripted)
    assert opened[1] == (place.default_folder(demo=demo), demo, scripted)


def test_no_command_but_the_desk_brings_qt_in(shop: Path) -> None:
    looked = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; from bookwish_desk.__main__ import main; main(sys.argv[1:]);"
            "heavy = {'PySide6', 'alembic', 'reportlab', 'escpos'};"
            "print(sorted(heavy.intersection(m.split('.')[0] for m in sys.modules)))",
            "--data", str(shop), "doctor", "--json",
        ],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert looked.stdout.splitlines()[-1] == "[]"


# ---- import ----


@pytest.mark.capability("BW+06")
def test_a_list_is_imported_and_its_rejected_rows_reported(call: Call, shop: Path, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text(LIST)
    code, out, _ = call("import", "catalog", tmp_path / "list.csv", "--json")
    answer = json.loads(out)
    report = answer.pop("report")
    assert code == 0
    assert answer == {
        "kind": "table", "release": None, "complete": True, "read": 3, "added": 2, "updated": 0,
        "unchanged": 0, "rejected": 1, "repaired": 0, "removed": 0, "superseded": 0,
    }  # fmt: skip
    assert "Wrong check digit" in Path(report).read_text("utf-8-sig")
    code, out, _ = call("import", "catalog", tmp_path / "list.csv")
    assert code == 0
    assert out.startswith("3 rows read.\n")
    assert "2 unchanged" in out
    assert "The rejected rows and why: " in out


def test_a_list_is_imported_beside_an_open_desk_and_into_a_folder_of_no_shop(
    call: Call, tmp_path: Path
) -> None:
    (tmp_path / "list.csv").write_text(LIST)
    assert call("import", "catalog", tmp_path / "list.csv")[0] == 0
    with place.claim(tmp_path / "shop"):
        code, out, _ = call("import", "catalog", tmp_path / "list.csv", "--json")
    assert (code, json.loads(out)["unchanged"]) == (0, 2)


def test_a_list_that_is_not_there_is_refused_in_words(call: Call, shop: Path) -> None:
    code, out, err = call("import", "catalog", "nowhere.csv")
    assert (code, out) == (1, "")
    assert err.strip().endswith("Check that the file is there.")
    code, out, _ = call("import", "catalog", "nowhere.csv", "--json")
    assert code == 1
    assert json.loads(out)["error"]["code"] == "unreadable"


FOREIGN = "ISBN;Werk;Bestand\n9780141439518;Stolz und Vorurteil;3\n9780140449136;Łódź;2\n"


def titles_of(folder: Path) -> dict[int, str]:
    """Return the titles of a catalogue by EAN."""
    store = open_store(folder)
    try:
        with store.read() as conn:
            return dict(conn.exec_driver_sql("SELECT ean, title FROM catalogue.titles").fetchall())
    finally:
        store.close()


def on_hand_of(folder: Path) -> dict[str, int]:
    store = open_store(folder)
    try:
        with store.read() as conn:
            return dict(
                conn.exec_driver_sql("SELECT sku, on_hand FROM items WHERE ean IS NOT NULL").fetchall()
            )
    finally:
        store.close()


def test_columns_and_the_encoding_are_given(call: Call, shop: Path, tmp_path: Path) -> None:
    file = tmp_path / "foreign.csv"
    file.write_bytes(FOREIGN.encode("windows-1250"))
    given = ("--encoding", "Windows-1250", "--column", "Werk=title", "--column", "Bestand=stock")
    code, out, _ = call("import", "catalog", file, *given, "--json")
    assert (code, json.loads(out)["added"]) == (0, 2)
    assert titles_of(shop) == {9780141439518: "Stolz und Vorurteil", 9780140449136: "Łódź"}
    assert on_hand_of(shop) == {"9780141439518": 3, "9780140449136": 2}


def test_columns_that_were_mapped_on_the_screen_are_known(call: Call, shop: Path, tmp_path: Path) -> None:
    (tmp_path / "foreign.csv").write_text(FOREIGN, "utf-8")
    store = open_store(shop)
    with store.read() as conn:
        owner = conn.exec_driver_sql("SELECT id FROM staff").scalar_one()
    remember_columns(store, Actor(str(owner), 1), (("Werk", "title"), ("Bestand", "stock")))
    store.close()
    assert call("import", "catalog", tmp_path / "foreign.csv", "--column", "Bestand=")[0] == 0
    assert titles_of(shop)[9780140449136] == "Łódź"
    assert on_hand_of(shop) == {}


def test_a_count_of_the_shelves_is_imported(call: Call, shop: Path, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text(LIST)
    call("import", "catalog", tmp_path / "list.csv")
    (tmp_path / "count.csv").write_text("isbn,count\n9780141439518,9\n")
    assert call("import", "catalog", tmp_path / "count.csv", "--count")[0] == 0
    assert on_hand_of(shop) == {"9780141439518": 9, "9780140449136": 2}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--encoding", "cp9"), "cp9 cannot be read here. Encodings are utf-8, "),
        (("--column", "title=titel"), "titel is nothing that a column can be. It can be code, sku, "),
        (("--column", "Nowhere=title"), 'No column is headed "Nowhere".'),
        (("--column", "isbn="), "one of them must be ISBN, EAN or SKU"),
    ],
)
def test_what_cannot_be_mapped_or_decoded_is_refused(
    call: Call, shop: Path, tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    (tmp_path / "list.csv").write_text(LIST)
    code, out, err = call("import", "catalog", tmp_path / "list.csv", "--quiet", *words)
    assert (code, out) == (1, "")
    assert said in err
    assert titles_of(shop) == {}


def test_a_column_without_a_field_is_a_wrong_argument(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        command.main(["import", "catalog", "list.csv", "--column", "Werk"])
    assert left.value.code == 2
    assert '"Werk" is not HEADING=FIELD' in capsys.readouterr().err


def test_a_quiet_import_says_nothing_but_its_json(call: Call, shop: Path, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text(LIST)
    assert call("import", "catalog", tmp_path / "list.csv", "--quiet") == (0, "", "")
    code, out, err = call("import", "catalog", tmp_path / "list.csv", "--quiet", "--json")
    assert (code, json.loads(out)["unchanged"], err) == (0, 2, "")


def test_a_second_import_at_a_time_is_refused(call: Call, shop: Path, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text(LIST)
    with place.claim_import(shop):
        code, _, err = call("import", "catalog", tmp_path / "list.csv")
    assert code == 1
    assert "Another list is being imported." in err


def test_signals_are_handled_as_before_after_an_import(call: Call, shop: Path, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text(LIST)
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    call("import", "catalog", tmp_path / "list.csv")
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


class Terminal:
    """A command at a terminal of its own: what it writes there is read, and keys can be pressed."""

    def __init__(self, folder: Path, *words: object) -> None:
        self._ours, theirs = os.openpty()
        arguments = [sys.executable, "-m", "bookwish_desk", "--data", str(folder), *map(str, words)]
        self.process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=theirs, text=True)
        os.close(theirs)
        self.seen = ""

    def read_until(self, wanted: str) -> None:
        """Read what is written until there is `wanted`, or no more comes."""
        while wanted not in self.seen:
            try:
                piece = os.read(self._ours, 4_096)
            except OSError:  # the other end was closed
                return
            if not piece:
                return
            self.seen += piece.decode()

    def end(self) -> tuple[int, str]:
        """Wait for the end; return the exit code and the answer."""
        self.read_until("\0")
        answer = self.process.communicate()[0]
        os.close(self._ours)
        return self.process.returncode, answer


def long_list(path: Path, rows: int) -> None:
    """Write a list of so many titles of the trade."""

    def ean(number: int) -> str:
        digits = f"978{number:09d}"
        total = sum(int(d) * (3 if place % 2 else 1) for place, d in enumerate(digits))
        return f"{digits}{-total % 10}"

    lines = (f"{ean(n)},Title {n},Author {n % 999},12.99\n" for n in range(rows))
    path.write_text("isbn,title,author,price\n" + "".join(lines))


@pytest.mark.capability("BW+06")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_cancelled_import_leaves_the_catalogue_as_it_was(
    call: Call, shop: Path, tmp_path: Path, number: signal.Signals
) -> None:
    (tmp_path / "list.csv").write_text(LIST)
    call("import", "catalog", tmp_path / "list.csv")
    before, files = titles_of(shop), sorted(p.name for p in shop.rglob("*"))
    long_list(tmp_path / "long.csv", 200_000)
    terminal = Terminal(shop, "import", "catalog", tmp_path / "long.csv", "--json")
    terminal.read_until("rows a second")
    terminal.process.send_signal(number)
    code, answer = terminal.end()
    assert code == 128 + number
    assert json.loads(answer)["complete"] is False
    assert titles_of(shop) == before
    assert sorted(p.name for p in shop.rglob("*")) == files
    assert call("doctor")[0] == 0


@pytest.mark.capability("BW+06")
def test_progress_is_one_line_on_a_terminal_and_gone_at_the_end(shop: Path, tmp_path: Path) -> None:
    long_list(tmp_path / "long.csv", 12_000)
    terminal = Terminal(shop, "import", "catalog", tmp_path / "long.csv")
    code, answer = terminal.end()
    assert code == 0
    assert answer.startswith("12,000 rows read.\n12,000 added\n")
    lines = [line.removesuffix("\x1b[K") for line in terminal.seen.split("\r")]
    assert lines[0] == lines[-1] == ""
    assert "\n" not in terminal.seen
    assert lines[1] == "Reading the list: 0 %"
    phases = [line.partition(":")[0] for line in lines[1:-1]]
    assert list(dict.fromkeys(phases))[:2] == ["Reading the list", "Bringing the catalogue up to date"]
    assert any("12,000 rows" in line for line in lines)
    assert all(len(line) < 80 for line in lines)


# ---- doctor ----


@pytest.mark.capability("BW+14")
def test_the_doctor_says_in_words_and_as_json_what_it_finds(call: Call, shop: Path) -> None:
    code, out, _ = call("doctor")
    assert code == 0
    assert "ok    journal: The journal is whole" in out
    assert out.strip().endswith("The books are sound. Some things want attention.")
    code, out, _ = call("doctor", "--json")
    answer = json.loads(out)
    assert (code, answer["state"]) == (0, "warn")
    assert {c["check"]: c["state"] for c in answer["checks"]}["sales"] == "ok"


def test_the_doctor_exits_with_1_on_a_fault(call: Call, shop: Path) -> None:
    store = open_store(shop)
    with store.write() as tx:
        tx.conn.exec_driver_sql("UPDATE items SET on_hand = on_hand + 1")
    store.close()
    code, out, _ = call("doctor")
    assert code == 1
    assert "FAULT stock: Some stock does not add up.\n        On hand of MUG is -1" in out
    assert json.loads(call("doctor", "--json")[1])["state"] == "fault"


def test_the_doctor_looks_while_the_desk_is_open_and_changes_nothing(call: Call, shop: Path) -> None:
    with place.claim(shop):
        (shop / "shop.db").chmod(0o644)
        code, out, _ = call("doctor")
    assert code == 0
    assert "warn  data folder" in out
    assert (shop / "shop.db").stat().st_mode & 0o777 == 0o644


def test_the_doctor_says_what_it_can_of_books_that_do_not_open(call: Call, shop: Path) -> None:
    (shop / "shop.db").write_bytes(b"noise" * 4096)
    code, out, _ = call("doctor", "--json")
    found = {c["check"]: c["state"] for c in json.loads(out)["checks"]}
    assert code == 1
    assert found["database"] == "fault"
    assert found["data folder"] == "ok"


def set_devices(shop: Path, *devices: Device) -> None:
    store = open_store(shop)
    with store.write() as tx:
        value = to_row(replace(store.settings, devices=devices), "devices")
        tx.conn.exec_driver_sql("UPDATE settings SET value = ? WHERE key = 'devices'", (value,))
    store.close()


@pytest.mark.capability("BW+12")
def test_the_doctor_names_the_device_that_is_missing_and_the_command_for_the_rules(
    call: Call, shop: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("bookwish_desk.hardware.finding.access.plugged", lambda: iter(()))
    monkeypatch.setattr("bookwish_desk.hardware.finding.access.FOLDERS", (tmp_path / "rules.d",))
    set_devices(shop, replace(printer("usb:04b8:0e28:X3"), id="till", name="Till printer"), printer())
    code, out, _ = call("doctor")
    assert code == 1
    assert "FAULT device till: Till printer (USB cable): The printer is not there. Plug it in" in out
    assert "ok    device receipt-printer: Receipt printer: It is simulated and can write." in out
    assert "warn  device rules: The rules that let this user open devices on cables are missing." in out
    command = next(line.strip() for line in out.splitlines() if "udevadm" in line)
    rules = tmp_path / "rules.d/60-bookwish-desk.rules"
    install, *others = command.split(" && ")
    assert others == ["sudo udevadm control --reload", "sudo udevadm trigger"]
    subprocess.run(shlex.split(install.removeprefix("sudo ")), check=True)
    assert rules.stat().st_mode & 0o777 == 0o644
    answer = json.loads(call("doctor", "--json")[1])
    checks = {check["check"]: check for check in answer["checks"]}
    assert checks["device rules"]["state"] == "ok"
    assert checks["device till"]["state"] == "fault"
    rules.write_text("# an older version\n")
    assert (
        "warn  device rules: The rules that let this user open devices on cables are of another"
        in (call("doctor")[1])
    )


def test_there_is_nothing_to_examine_where_there_is_no_shop(call: Call, tmp_path: Path) -> None:
    code, _, err = call("doctor")
    assert code == 1
    assert "There are no books in" in err
    assert not (tmp_path / "shop").exists()


# ---- backup and restore ----


@pytest.mark.capability("BW+14")
def test_backup_and_restore_from_the_command_line(call: Call, shop: Path, tmp_path: Path) -> None:
    file = tmp_path / "books.db"
    with place.claim(shop):
        code, out, _ = call("backup", file, "--json")
    answer: dict[str, Any] = json.loads(out)
    assert code == 0
    assert answer["files"] == [{"path": str(file), "bytes": file.stat().st_size}]
    assert answer["sales"] == 1
    code, _, err = call("backup", file)
    assert code == 1
    assert "exists already" in err
    code, out, _ = call("backup", file, "--force", "--catalogue")
    assert code == 0
    assert "One sale is in it, and the journal up to entry 3." in out
    assert (tmp_path / "books.catalogue.db").exists()
    (shop / "shop.db").unlink()
    code, out, _ = call("restore", file)
    assert code == 0
    assert "The books of Test Books were restored" in out
    assert "Sales in them: 1 (the last one is R1-000001)." in out
    code, out, _ = call("restore", file, "--json")
    answer = json.loads(out)
    assert (code, answer["sales"], answer["missing_sales"]) == (0, 1, 0)
    assert Path(answer["kept_aside"]).exists()
    assert call("doctor")[0] == 0


def test_a_restore_under_an_open_desk_is_refused(call: Call, shop: Path, tmp_path: Path) -> None:
    file = tmp_path / "books.db"
    call("backup", file)
    with place.claim(shop):
        code, out, _ = call("restore", file, "--json")
    assert code == 1
    assert json.loads(out)["error"]["code"] == "running"


def test_a_recovery_key_that_does_not_fit_is_refused_in_words(call: Call, shop: Path, tmp_path: Path) -> None:
    file = tmp_path / "books.db"
    call("backup", file)
    code, _, err = call("restore", file, "--recovery-key", "ABCD-EFGH")
    assert code == 1
    assert "A recovery key has" in err


def test_what_the_command_writes_is_private(shop: Path, tmp_path: Path) -> None:
    file = tmp_path / "books.db"
    subprocess.run(
        ["sh", "-c", f'umask 0; exec "{sys.executable}" -m bookwish_desk --data "{shop}" backup "{file}"'],
        check=True, capture_output=True,
    )  # fmt: skip
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_card_number_in_the_words_of_a_bug_is_masked_in_the_log() -> None:
    try:
        int("4111 1111 1111 1111")
    except ValueError:
        record = logging.LogRecord("desk", logging.ERROR, "", 0, "event=bug", (), sys.exc_info())
    line = command.MaskedLines("time=%(asctime)s %(message)s").format(record)
    assert "event=bug" in line and "ValueError" in line
    assert "4111 1111" not in line
