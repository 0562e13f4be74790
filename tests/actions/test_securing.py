"""The papers of last resort: for owners only, printed only when asked, and journalled."""

from pathlib import Path

import msgspec
import pytest

from bookwish_desk.actions import configuring, founding, securing
from bookwish_desk.db import outbox
from bookwish_desk.db.store import Store, open_store
from bookwish_desk.settings import Settings
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.recovery import key_from_recovery
from bookwish_desk.shop.secret import Secret
from bookwish_desk.shop.staff import Actor
from tests.support.shops import FrozenClock, found_shop, hire, printer

KEY = bytes(range(32))
PRINTS = Settings(devices=(printer(),))


def last_job(store: Store) -> outbox.Job:
    with store.read() as conn:
        return outbox.unfinished(conn)[-1]


def test_a_new_recovery_code_is_printed_only_when_asked(tmp_path: Path) -> None:
    store, owner = found_shop(tmp_path / "shop", PRINTS)
    securing.renew_recovery(store, owner, "$first")
    with store.read() as conn:
        assert outbox.unfinished(conn) == ()
    securing.renew_recovery(store, owner, "$second", Secret("ABCD-EFGH"))
    job = last_job(store)
    assert (job.kind, job.ref) == ("key", "Owner's recovery code")
    assert b"ABCD-EFGH" in job.payload
    assert store.settings.recovery_hash == "$second"
    store.close()


def test_without_a_printer_the_old_code_stays_good(tmp_path: Path) -> None:
    store, owner = found_shop(tmp_path / "shop")
    configuring.change_settings(store, owner, devices=())
    securing.renew_recovery(store, owner, "$first")
    with pytest.raises(Refused, match="receipt printer"):
        securing.renew_recovery(store, owner, "$second", Secret("ABCD-EFGH"))
    assert store.settings.recovery_hash == "$first"
    store.close()


def test_the_key_of_encrypted_books_is_printed_again(tmp_path: Path) -> None:
    store = open_store(tmp_path / "shop", key=KEY.hex(), clock=FrozenClock())
    owner = Actor(founding.found(store, PRINTS, "Register 1", "Olive", "!").value)
    securing.print_key(store, owner)
    words = [
        e["text"] for e in msgspec.json.decode(last_job(store).payload)["elements"] if e["type"] == "words"
    ]
    assert key_from_recovery("".join(w for w in words if w.count("-") == 3)) == KEY
    configuring.change_settings(store, owner, devices=())
    with pytest.raises(Refused, match="receipt printer"):
        securing.print_key(store, owner)
    store.close()


def test_nobody_but_an_owner_and_nothing_where_there_is_no_key(tmp_path: Path) -> None:
    store, owner = found_shop(tmp_path / "shop", PRINTS)
    manager = hire(store, "manager")
    for attempt in (
        lambda: securing.print_key(store, manager),
        lambda: securing.renew_recovery(store, manager, "$mine"),
    ):
        with pytest.raises(Refused, match="Only an owner"):
            attempt()
    with pytest.raises(Refused, match="not encrypted"):
        securing.print_key(store, owner)
    store.close()
