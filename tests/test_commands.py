"""The installed command: every verb from its arguments to its answer, in words and as JSON, without Qt."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bookwish_desk import __main__ as command
from bookwish_desk.db import folder as place
from bookwish_desk.db.store import open_store
from tests.support import days
from tests.support.shops import found_shop

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
        def run(folder: Path, *, demo: bool, scripted: bool) -> int:
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
    assert answer == {"read": 3, "added": 2, "updated": 0, "unchanged": 0, "repaired": 0, "rejected": 1}
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
