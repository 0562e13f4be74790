"""The doctor: sound books pass, and whatever is spoilt in them is found and said where it is."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from msgspec.structs import replace

from bookwish_desk.actions import backing_up, paying, selling
from bookwish_desk.actions.checking import Finding, HowIs, examine, worst
from bookwish_desk.db import backup, ballast, checks
from bookwish_desk.db import engine as engines
from bookwish_desk.db.store import Store, open_store
from bookwish_desk.settings import to_row
from bookwish_desk.shop.device import Condition, Device, DeviceState, ScaleSetup
from bookwish_desk.shop.item import Customer
from bookwish_desk.shop.staff import Actor
from tests.support import days
from tests.support.letters import posted
from tests.support.shops import FrozenClock, found_shop, printer

KEY = "77" * 32


def fill(store: Store, actor: Actor) -> None:
    """Trade for a day and begin the next: sales, split payments, returns, a held and an open sale."""
    days.open_till(store, actor)
    books = [days.item(f"BOOK-{n}", 1_000 + 37 * n, ("book", "general", "none")[n % 3]) for n in range(6)]
    sold = [
        days.sell(store, actor, (books[n % 6], 1 + n % 3), (books[(n + 2) % 6], 2), how=how)
        for n, how in enumerate(("cash", "split", "cheque", "card", "cash", "split"))
    ]
    days.bring_back(store, actor, sold[0], 1)
    days.bring_back(store, actor, sold[1], 2, "card")
    known = days.ring(store, actor, ((books[3], 1),), exempt=True)
    customer = Customer(id="c1", name="Zoë Example", email="zoe@example.com")
    selling.set_customer(store, actor, known.id, customer)
    selling.note(store, actor, known.id, "", "signed copy")
    selling.gift_wrap(store, actor, known.id, known.lines[0].id)
    days.pay(store, actor, known)
    days.void(store, actor)
    days.close_till(store, actor, 50_000, 15_000)
    days.open_till(store, actor)
    held = days.ring(store, actor, ((books[0], 1),))
    selling.hold(store, actor, held.id)
    days.ring(store, actor, ((books[1], 2),))
    posted(store, "anna@example.com")


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[tuple[Store, Actor]]:
    store, actor = found_shop(tmp_path, days.settings())
    fill(store, actor)
    backing_up.daily(store)
    ballast.keep(tmp_path, 1 << 20)
    yield store, actor
    store.close()


def ready(device: Device) -> DeviceState:
    return DeviceState("ready", f"The {device.id} is ready.")


def allowed() -> Finding | None:
    return Finding("device rules", "ok", "The rules are in place.")


def look(
    store: Store, how_is: HowIs = ready, access: Callable[[], Finding | None] = allowed
) -> dict[str, Finding]:
    return {f.check: f for f in examine(store, how_is=how_is, access=access)}


def states(found: dict[str, Finding]) -> dict[str, str]:
    return {name: f.state for name, f in found.items() if f.state != "ok"}


@pytest.mark.capability("BW+14")
def test_sound_books_pass_every_check(shop: tuple[Store, Actor]) -> None:
    found = look(shop[0])
    assert states(found) == {}
    assert worst(tuple(found.values())) == "ok"
    assert set(found) == {
        "database", "catalogue", "settings", "journal", "clock", "numbers", "sales", "tills", "stock",
        "orders", "search", "open sales", "prints", "e-mail", "online store", "labels",
        "device receipt-printer", "data folder", "disk", "backups",
    }  # fmt: skip
    assert all(f.sentence.endswith(".") for f in found.values())


@pytest.mark.parametrize("mode", ["exclusive", "inclusive"])
def test_sound_books_pass_in_either_tax_mode_with_exempt_sales(tmp_path: Path, mode: str) -> None:
    store, actor = found_shop(tmp_path, days.settings(mode=mode, cash_step=5))
    days.open_till(store, actor)
    for exempt in (False, True):
        draft = days.ring(
            store, actor, ((days.item("A", 1_999), 3), (days.item("B", 501, "general"), 1)), exempt=exempt
        )
        sale = days.pay(store, actor, draft)
        for _ in range(3):
            days.bring_back(store, actor, sale)
    found = look(store)
    store.close()
    assert {n: f.details for n, f in found.items() if f.state == "fault"} == {}


def test_the_doctor_asks_no_question_for_each_sale(
    shop: tuple[Store, Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    store, actor = shop
    asked: list[str] = []
    real = engines.connect

    def connect(*args: Any, **named: Any) -> Any:
        raw = real(*args, **named)
        raw.set_trace_callback(asked.append)
        return raw

    monkeypatch.setattr(engines, "connect", connect)
    looking = open_store(store.folder, clock=store.clock)

    def questions() -> int:
        asked.clear()
        assert "fault" not in states(look(looking)).values()
        return len(asked)

    few = questions()
    held = selling.current(store, 1).draft
    assert held is not None
    days.pay(store, actor, held)
    for _ in range(30):
        days.sell(store, actor, (days.item("BOOK-1", 1_037, "general"), 1), how="split")
    assert questions() <= few
    looking.close()


def test_encrypted_books_are_examined_page_by_page(tmp_path: Path) -> None:
    store = open_store(tmp_path, key=KEY, clock=FrozenClock())
    found = look(store)
    assert found["database"].state == "ok"
    assert "encrypted" in found["database"].sentence
    store.checkpoint()
    store.close()
    with (tmp_path / "shop.db").open("r+b") as raw:
        raw.seek(20 * 4096 + 100)
        raw.write(b"\0\1\2\3")
    store = open_store(tmp_path, key=KEY, clock=FrozenClock())
    assert look(store)["database"].state == "fault"
    store.close()


def tamper(store: Store, *statements: str) -> None:
    """Change the books as somebody with a database tool would: past the triggers and foreign keys."""
    raw = engines.connect(store.folder / "shop.db")
    raw.execute("PRAGMA foreign_keys = OFF")
    for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        raw.execute(f"DROP TRIGGER {name}")
    for sql in statements:
        raw.execute(sql)
        assert raw.execute("SELECT changes()").fetchone()[0] > 0, f"nothing was spoilt by {sql}"
    raw.close()


ONE = "WHERE id = (SELECT id FROM sales WHERE number = 2)"
OF_ONE = "sale = (SELECT id FROM sales WHERE number = 2)"

_CHANGED_BODY = (
    "UPDATE journal SET body = replace(body, '1000', '1001') "
    "WHERE seq = (SELECT min(seq) FROM journal WHERE kind = 'sale.completed')"
)

SPOILT: list[tuple[str, str, str]] = [
    ("a sale's total", f"UPDATE sales SET total_cents = total_cents + 1 {ONE}", "sales"),
    ("a sale's clerk", f"UPDATE sales SET staff = 'nobody' {ONE}", "sales"),
    (
        "a line's price",
        f"UPDATE sale_lines SET price_cents = price_cents - 1 WHERE {OF_ONE} AND no = 1",
        "sales",
    ),
    ("a line's title", f"UPDATE sale_lines SET title = 'x' WHERE {OF_ONE} AND no = 1", "sales"),
    ("a line that is gone", f"DELETE FROM sale_lines WHERE {OF_ONE} AND no = 2", "sales"),
    ("a line of no sale", "UPDATE sale_lines SET sale = 'nothing' WHERE rowid = 2", "database"),
    ("a tender that is gone", f"DELETE FROM tenders WHERE {OF_ONE} AND no = 1", "sales"),
    ("cash become card", f"UPDATE tenders SET kind = 'card' WHERE {OF_ONE} AND kind = 'cash'", "tills"),
    ("tax", f"UPDATE sale_taxes SET tax_cents = tax_cents + 1 WHERE {OF_ONE}", "sales"),
    ("a sale that is gone", "DELETE FROM sales WHERE number = 3", "numbers"),
    ("the last sale gone", "DELETE FROM sales WHERE number = (SELECT max(number) FROM sales)", "numbers"),
    (
        "the last sale gone from the books",
        "DELETE FROM sales WHERE number = (SELECT max(number) FROM sales)",
        "journal",
    ),
    ("the receipt counter", "UPDATE counters SET value = value + 1 WHERE name = 'sale-1'", "numbers"),
    ("a receipt code", f"UPDATE sales SET receipt = 'R1-000099' {ONE}", "numbers"),
    ("a till entry gone", "DELETE FROM till_entries WHERE ref = 'R1-000002'", "tills"),
    (
        "a till entry's cash",
        "UPDATE till_entries SET cash_cents = cash_cents + 5 WHERE ref = 'R1-000001'",
        "tills",
    ),
    ("a float", "UPDATE till_entries SET cash_cents = cash_cents + 5 WHERE kind = 'float'", "tills"),
    ("a Z report's count", "UPDATE till_closings SET counted_cents = counted_cents + 1", "tills"),
    ("an open till forgotten", "UPDATE registers SET open_till = NULL", "tills"),
    (
        "a sale moved to another till",
        f"UPDATE sales SET till = (SELECT id FROM tills WHERE number = 2) {ONE}",
        "tills",
    ),
    ("another day", f"UPDATE sales SET business_date = '2020-01-01' {ONE}", "tills"),
    ("on hand", "UPDATE items SET on_hand = on_hand + 1 WHERE sku = 'BOOK-1'", "stock"),
    ("a movement gone", "DELETE FROM stock_moves WHERE ref = 'R1-000002'", "stock"),
    ("a movement of no sale", "UPDATE stock_moves SET ref = 'R1-000077' WHERE ref = 'R1-000002'", "stock"),
    ("more returned than sold", "UPDATE sale_lines SET quantity = -9 WHERE of_sale <> ''", "sales"),
    ("more paid back than paid", "UPDATE sale_lines SET total_cents = -99999 WHERE of_sale <> ''", "sales"),
    ("a return of nothing", "UPDATE sale_lines SET of_line = 9 WHERE of_sale <> ''", "sales"),
    (
        "a journal entry's text",
        _CHANGED_BODY,
        "journal",
    ),
    ("a journal entry gone", "DELETE FROM journal WHERE seq = 7", "journal"),
    ("a journal entry's clerk", "UPDATE journal SET staff = 'nobody' WHERE seq = 9", "journal"),
    ("the journal's tail cut", "DELETE FROM journal WHERE seq > (SELECT max(seq) - 8 FROM journal)", "sales"),
    ("words of an item gone", "DELETE FROM item_search WHERE rowid = 2", "search"),
    ("words of no item", "INSERT INTO item_search(rowid, title) VALUES (999, 'ghost')", "search"),
    (
        "an item's title changed past its words",
        "UPDATE items SET title = 'Unfindable' WHERE sku = 'BOOK-2'",
        "search",
    ),
    ("an open sale", "UPDATE drafts SET body = substr(body, 1, 40)", "open sales"),
    ("a held sale's code", "UPDATE drafts SET held_as = 'H1-9' WHERE state = 'held'", "open sales"),
    ("a print's state", "UPDATE outbox SET state = 'lost' WHERE channel = 'paper'", "prints"),
    ("a print's content", "UPDATE outbox SET payload = x'7b' WHERE channel = 'paper'", "prints"),
    ("an e-mail's state", "UPDATE outbox SET state = 'lost' WHERE channel = 'mail'", "e-mail"),
    ("an e-mail's content", "UPDATE outbox SET payload = x'7b' WHERE channel = 'mail'", "e-mail"),
    ("a setting", "UPDATE settings SET value = '\"Nowhere/Here\"' WHERE key = 'zone'", "settings"),
]


@pytest.mark.parametrize(("sql", "check"), [s[1:] for s in SPOILT], ids=[s[0] for s in SPOILT])
def test_what_is_spoilt_is_found(shop: tuple[Store, Actor], sql: str, check: str) -> None:
    store, _ = shop
    tamper(store, sql)
    store.close()
    fresh = open_store(store.folder, clock=store.clock)
    found = look(fresh)
    fresh.close()
    assert found[check].state == "fault", states(found)
    assert found[check].details
    assert worst(tuple(found.values())) == "fault"


def test_the_numbers_of_a_fault_are_said_once_each_and_not_without_end(shop: tuple[Store, Actor]) -> None:
    store, _ = shop
    tamper(store, "UPDATE items SET on_hand = on_hand + 1")
    found = look(store)["stock"]
    assert found.details[0].startswith("On hand of BOOK-0 is ")
    assert len(found.details) == len(set(found.details)) <= checks.MOST


def test_a_database_that_cannot_be_read_is_a_finding_and_the_rest_goes_on(shop: tuple[Store, Actor]) -> None:
    store, _ = shop
    raw = engines.connect(store.folder / "shop.db")
    root = raw.execute("SELECT rootpage FROM sqlite_master WHERE name = 'stock_moves'").fetchone()[0]
    raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    raw.close()
    store.close()
    with (store.folder / "shop.db").open("r+b") as file:
        file.seek((root - 1) * 4096)
        file.write(b"\xa5" * 4096)
    fresh = open_store(store.folder, clock=store.clock)
    assert checks.quick_check(fresh)
    found = look(fresh)
    fresh.close()
    assert (found["database"].state, found["stock"].state) == ("fault", "fault")
    assert (found["journal"].state, found["backups"].state) == ("ok", "ok")


def test_sound_books_pass_the_quick_check(shop: tuple[Store, Actor]) -> None:
    assert checks.quick_check(shop[0]) == []


# ---- around the books ----


def set_devices(store: Store, *devices: Device) -> None:
    with store.write() as tx:
        value = to_row(replace(store.settings, devices=devices), "devices")
        tx.conn.exec_driver_sql("UPDATE settings SET value = ? WHERE key = 'devices'", (value,))
        tx.touch("settings")


SCALE = Device("scale", "Scale", "hid:0922:8003:", ScaleSetup())
TILL = replace(printer("tcp:192.168.1.50:9100"), id="till", name="Till printer")


@pytest.mark.capability("BW+12")
def test_each_device_is_said_to_be_as_it_is(shop: tuple[Store, Actor]) -> None:
    store, _ = shop
    set_devices(store, TILL, SCALE)

    def how_is(device: Device) -> DeviceState:
        if device == SCALE:
            return DeviceState("denied", "This computer does not let the desk use the scale.")
        return DeviceState("paper_out", "Paper out. Put in a new roll.")

    found = look(store, how_is)
    assert states(found) == {"device till": "warn", "device scale": "fault"}
    assert found["device till"].sentence == "Till printer (192.168.1.50): Paper out. Put in a new roll."
    assert found["device scale"].sentence.startswith("Scale (USB cable): This computer does not let")
    assert "devices" not in found


@pytest.mark.parametrize("condition", get_args(Condition))
def test_every_condition_has_its_worth(shop: tuple[Store, Actor], condition: Condition) -> None:
    store, _ = shop
    set_devices(store, TILL)
    found = look(store, lambda _device: DeviceState(condition, "So it is."))["device till"]
    fine = {"ready", "busy", "unknown"}
    broken = {"unreachable", "unplugged", "held", "denied", "error"}
    assert found.state == ("ok" if condition in fine else "fault" if condition in broken else "warn")


def test_rules_count_only_where_a_device_hangs_on_a_cable(shop: tuple[Store, Actor]) -> None:
    store, _ = shop

    def missing() -> Finding | None:
        return Finding("device rules", "warn", "The rules are missing.", ("sudo install",))

    assert "device rules" not in look(store, access=missing)
    set_devices(store, TILL)
    assert "device rules" not in look(store, access=missing)
    set_devices(store, TILL, SCALE)
    assert look(store, access=missing)["device rules"].details == ("sudo install",)
    assert "device rules" not in look(store, access=lambda: None)


def test_a_device_that_cannot_even_be_looked_at_hides_no_other(shop: tuple[Store, Actor]) -> None:
    store, _ = shop
    set_devices(store, TILL, SCALE)

    def broken(device: Device) -> DeviceState:
        if device == TILL:
            raise OSError("libusb")
        return ready(device)

    assert states(look(store, broken)) == {"device till": "fault"}


def test_files_that_others_can_open_are_named(shop: tuple[Store, Actor]) -> None:
    store, _ = shop
    (store.folder / "catalogue.db").chmod(0o644)
    found = look(store)["data folder"]
    assert found.state == "warn"
    assert found.details == (str(store.folder / "catalogue.db"),)


@pytest.mark.parametrize(("free", "state"), [(10 << 20, "fault"), (400 << 20, "warn"), (9 << 30, "ok")])
def test_a_disk_that_fills_up_is_said_in_time(
    shop: tuple[Store, Actor], monkeypatch: pytest.MonkeyPatch, free: int, state: str
) -> None:
    monkeypatch.setattr(ballast, "free_bytes", lambda _folder: free)
    assert look(shop[0])["disk"].state == state


def test_a_reserve_that_is_used_up_is_said(shop: tuple[Store, Actor]) -> None:
    ballast.give_up(shop[0].folder)
    assert look(shop[0])["disk"].state == "warn"


def test_backups_that_are_missing_old_or_not_sound(shop: tuple[Store, Actor]) -> None:
    store, _ = shop
    clock: Any = store.clock
    clock.at += 3 * 24 * 3_600_000
    assert look(store)["backups"].state == "warn"
    made = backing_up.daily(store)
    assert made is not None
    assert look(store)["backups"].state == "ok"
    with made.open("r+b") as file:
        file.seek(made.stat().st_size // 2 // 4096 * 4096)
        file.write(os.urandom(4096))
    assert look(store)["backups"].state == "fault"
    for _, path in backup.kept(store.folder):
        path.unlink()
    assert look(store)["backups"].state == "warn"


def test_a_clock_behind_the_journal_is_said(shop: tuple[Store, Actor]) -> None:
    store, _ = shop
    clock: Any = store.clock
    clock.at -= 2 * 3_600_000 + 30_000
    found = look(store)["clock"]
    assert found.state == "warn"
    assert "120 minutes" in found.sentence


def test_prints_and_payments_that_wait_for_somebody_are_said(shop: tuple[Store, Actor]) -> None:
    store, actor = shop
    tamper(store, "UPDATE outbox SET state = 'unknown' WHERE channel = 'paper' AND kind = 'receipt'")
    draft = selling.current(store, 1).draft
    assert draft is not None
    paying.start_card(store, actor, draft.id, 500)
    found = look(store)
    assert states(found) == {"prints": "warn", "open sales": "warn"}


def test_e_mails_that_did_not_go_are_said(shop: tuple[Store, Actor]) -> None:
    store, _ = shop
    for state in ("uncertain", "refused", "dead"):
        tamper(store, f"UPDATE outbox SET state = '{state}' WHERE channel = 'mail'")
        assert states(look(store)) == {"e-mail": "warn"}
    assert look(store)["e-mail"].details == ("E-mails that were tried for days and not sent: 1.",)


def test_entries_that_no_key_seals_are_said_where_the_shop_has_a_key(tmp_path: Path) -> None:
    """Whoever rewrites the journal without the key can only write it without."""
    store = open_store(tmp_path, clock=FrozenClock())
    for _ in range(2):
        with store.write() as tx:
            tx.record("test", staff="", register=1, ref="", body={})
    assert look(store)["journal"].state == "ok", "a shop without a keyring has no key"
    store.journal_key = b"k" * 32
    found = look(store)["journal"]
    assert found.state == "warn"
    assert found.details == ("2 of the journal entries 1 to 2 were written without the journal key.",)
    store.close()


def test_a_journal_whose_key_is_lost_is_a_warning_and_a_wrong_key_a_fault(tmp_path: Path) -> None:
    store = open_store(tmp_path, journal_key=b"k" * 32, clock=FrozenClock())
    with store.write() as tx:
        tx.record("test", staff="", register=1, ref="", body={})
    assert look(store)["journal"].state == "ok"
    for key, state in ((None, "warn"), (b"x" * 32, "fault")):
        store.journal_key = key
        assert look(store)["journal"].state == state
    store.close()
