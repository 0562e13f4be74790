"""Backups: one moment of the books while selling goes on, checked, private, and kept by the day."""

from __future__ import annotations

import stat
import threading
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bookwish_desk.actions import backing_up
from bookwish_desk.actions.action import action
from bookwish_desk.actions.posting import post_drawer, post_label, post_slip
from bookwish_desk.db import backup, ballast
from bookwish_desk.db import engine as engines
from bookwish_desk.db.store import Tx, open_store
from bookwish_desk.shop.errors import Refused, ShopError, StorageError
from bookwish_desk.shop.label import LabelJob, PriceLabel
from bookwish_desk.shop.slip import Slip
from tests.support import days
from tests.support.shops import FrozenClock, found_shop, label_printer, printer, with_settings

KEY = "1f" * 32


@action
def two_halves(tx: Tx) -> None:
    """Write two rows that belong together: a copy that holds one of them is of no moment."""
    tx.count("left")
    tx.record("test", staff="", register=1, ref="", body={})
    tx.count("right")


@pytest.mark.parametrize("key", [None, KEY])
@pytest.mark.capability("BW+14")
def test_a_backup_made_while_selling_is_of_one_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str | None
) -> None:
    store = open_store(tmp_path / "shop", key=key)
    with store.write() as tx:
        for number in range(300):
            tx.record("filler", staff="", register=1, ref=str(number), body={"text": "x" * 4000})
    two_halves(store)
    pauses: list[int] = []

    def sell_in_the_pause(_status: int, left: int, _total: int) -> None:
        pauses.append(left)
        thread = threading.Thread(target=two_halves, args=(store,))
        thread.start()
        thread.join(10)
        assert not thread.is_alive(), "a sale had to wait for the backup"

    monkeypatch.setattr(backup, "_breathe", sell_in_the_pause)
    file = tmp_path / "usb" / "books.db"
    file.parent.mkdir()
    made = backup.copy_database(tmp_path / "shop" / "shop.db", file, key)
    assert len(pauses) > 1, "the copy was made in one piece: nothing was tried here"
    assert made.mark is not None
    with backup.opened(file, key) as raw:
        counters = dict(raw.execute("SELECT name, value FROM counters").fetchall())
        head = raw.execute("SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1").fetchone()
        assert backup.faults_of(raw, key) == []
    assert counters == {"left": 1, "right": 1}
    assert head == (made.mark.journal_seq, made.mark.journal_hash)
    with store.read() as conn:
        later = conn.exec_driver_sql("SELECT value FROM counters WHERE name = 'left'").scalar_one()
    assert later == 1 + len(pauses)
    store.close()


@pytest.mark.parametrize("key", [None, KEY])
def test_a_backup_is_one_private_file_in_the_same_hand(tmp_path: Path, key: str | None) -> None:
    open_store(tmp_path / "shop", key=key).close()
    file = tmp_path / "usb" / "books.db"
    file.parent.mkdir()
    made = backup.copy_database(tmp_path / "shop" / "shop.db", file, key)
    assert [p.name for p in file.parent.iterdir()] == ["books.db"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert made.size == file.stat().st_size
    assert backup.is_encrypted(file) == (key is not None)
    with (
        pytest.raises(StorageError, match=r"books\.db cannot be read"),
        backup.opened(file, "22" * 32) as raw,
    ):
        raw.execute("SELECT count(*) FROM sqlite_master").fetchone()


def test_what_is_there_is_not_replaced_unasked(tmp_path: Path) -> None:
    source = tmp_path / "shop" / "shop.db"
    open_store(source.parent).close()
    file = tmp_path / "books.db"
    file.write_text("a letter")
    with pytest.raises(Refused, match="exists already"):
        backup.copy_database(source, file, None)
    assert file.read_text() == "a letter"
    backup.copy_database(source, file, None, force=True)
    assert file.read_bytes()[:6] == b"SQLite"


@pytest.mark.parametrize("force", [True, False])
def test_a_backup_never_goes_through_a_link_or_over_the_books(tmp_path: Path, force: bool) -> None:
    source = tmp_path / "shop" / "shop.db"
    open_store(source.parent).close()
    target = tmp_path / "target"
    target.write_text("a letter")
    link = tmp_path / "books.db"
    link.symlink_to(target)
    with pytest.raises(Refused, match="is a link"):
        backup.copy_database(source, link, None, force=force)
    with pytest.raises(Refused, match="among the books"):
        backup.copy_database(source, source, None, force=force)
    (tmp_path / "usb").mkdir()
    with pytest.raises(Refused, match="is a folder"):
        backup.copy_database(source, tmp_path / "usb", None, force=force)
    with pytest.raises(StorageError, match="cannot be used"):
        backup.copy_database(source, tmp_path / "nowhere" / "books.db", None, force=force)
    assert target.read_text() == "a letter"


def test_a_copy_that_is_not_sound_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "shop" / "shop.db"
    store = open_store(source.parent)
    two_halves(store)
    store.close()
    file = tmp_path / "usb" / "books.db"
    file.parent.mkdir()
    backup.copy_database(source, file, None)
    good = file.read_bytes()
    real = backup._copy

    def spoilt(source: Path, part: Path, key: str | None) -> backup.Mark | None:
        mark = real(source, part, key)
        with part.open("r+b") as copy:
            copy.seek(4096)
            copy.write(b"\xff" * 4096)
        return mark

    monkeypatch.setattr(backup, "_copy", spoilt)
    with pytest.raises(StorageError) as refused:
        backup.copy_database(source, file, None, force=True)
    assert refused.value.code in ("unsound", "damaged")
    assert file.read_bytes() == good
    assert [p.name for p in file.parent.iterdir()] == ["books.db"]


def test_what_killed_backups_left_is_cleared_away(tmp_path: Path) -> None:
    import os

    source = tmp_path / "shop" / "shop.db"
    open_store(source.parent).close()
    old, fresh = tmp_path / ".books.db.aaaa.part", tmp_path / ".books.db.bbbb.part"
    old.touch()
    fresh.touch()
    os.utime(old, (0, 0))
    backup.copy_database(source, tmp_path / "books.db", None)
    assert not old.exists()
    assert fresh.exists()


# ---- kept by the day ----


def test_one_backup_a_day_in_the_day_of_the_shop(tmp_path: Path) -> None:
    clock = FrozenClock(int(datetime(2026, 3, 10, 3, 30, tzinfo=UTC).timestamp() * 1000))
    store, _ = found_shop(tmp_path, with_settings(days.settings(), zone="America/New_York"), clock)
    made = backing_up.daily(store)
    assert made is not None
    assert made.name == "shop-2026-03-09.db"
    assert backing_up.daily(store) is None
    before = made.read_bytes()
    two_halves(store)
    assert backing_up.daily(store, renew=True) == made
    assert made.read_bytes() != before
    clock.at += 24 * 3_600_000
    assert backing_up.daily(store) == tmp_path / "backups" / "shop-2026-03-10.db"
    assert backup.newest(tmp_path) == tmp_path / "backups" / "shop-2026-03-10.db"
    store.close()


def test_a_backup_never_takes_the_room_that_sales_need(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, _ = found_shop(tmp_path, days.settings())
    monkeypatch.setattr(ballast, "free_bytes", lambda _folder: backing_up.MARGIN_BYTES)
    with pytest.raises(StorageError, match="no room for today's backup"):
        backing_up.daily(store)
    assert backup.kept(tmp_path) == []
    store.close()


def test_books_that_were_never_set_up_are_not_backed_up(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    assert backing_up.daily(store) is None
    store.close()


def test_seven_daily_and_four_weekly_are_kept_and_nothing_else_is_touched(tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    last = date(2026, 11, 22)
    for back in range(100):
        backup.daily_path(tmp_path, last - timedelta(days=back)).touch()
    others = [folder / "shop-before-0002.db", folder / "mine.db", folder / "shop-2020-13-99.db"]
    for path in others:
        path.touch()
    backup.prune(tmp_path, 7, backup.daily_path(tmp_path, last))
    kept = [day for day, _ in backup.kept(tmp_path)]
    assert kept[:7] == [last - timedelta(days=back) for back in range(7)]
    weekly = kept[7:]
    assert len(weekly) == 4
    assert len({day.isocalendar()[:2] for day in weekly}) == 4
    assert all(day.weekday() == 6 for day in weekly), "the newest of a past week is its Sunday"
    assert all(path.exists() for path in others)


def test_a_clock_that_once_ran_ahead_does_not_cost_todays_backup(tmp_path: Path) -> None:
    (tmp_path / "backups").mkdir()
    today = backup.daily_path(tmp_path, date(2026, 11, 22))
    for path in (today, backup.daily_path(tmp_path, date(2027, 11, 22))):
        path.touch()
    backup.prune(tmp_path, 1, today)
    assert today.exists()


# ---- putting one back ----


def shop_with_sales(folder: Path, sales: int, key: str | None = None) -> tuple[Path, list[str]]:
    """Make a shop with some sales; return its newest backup and the receipts in it."""
    store = open_store(folder, key=key, clock=FrozenClock())
    from bookwish_desk.actions import founding
    from bookwish_desk.shop.staff import Actor

    owner = founding.found(store, days.settings(), "Register 1", "Olive Owner", "!").value
    actor = Actor(owner, 1)
    days.open_till(store, actor)
    receipts = [days.sell(store, actor, (days.item(), 1)).receipt for _ in range(sales)]
    made = backing_up.daily(store)
    assert made is not None
    store.close()
    return made, receipts


def receipts_in(folder: Path, key: str | None = None) -> list[str]:
    store = open_store(folder, key=key)
    with store.read() as conn:
        found = conn.exec_driver_sql("SELECT receipt FROM sales ORDER BY number").scalars().all()
    store.close()
    return list(found)


@pytest.mark.capability("BW+14")
def test_books_that_were_lost_come_back_whole(tmp_path: Path) -> None:
    made, receipts = shop_with_sales(tmp_path / "shop", 3)
    (tmp_path / "shop" / "shop.db").unlink()
    done, with_catalogue = backing_up.put_back(tmp_path / "shop", made)
    assert (done.sales, done.last_receipt, done.missing) == (3, receipts[-1], 0)
    assert (done.aside, with_catalogue) == (None, False)
    assert receipts_in(tmp_path / "shop") == receipts


def test_a_new_computer_gets_books_and_catalogue(tmp_path: Path) -> None:
    shop_with_sales(tmp_path / "old", 2)
    store = open_store(tmp_path / "old")
    from tests.support.shops import put_titles

    put_titles(store, [(9780141439518, "Pride and Prejudice", "Jane Austen", 799)])
    store.close()
    file = tmp_path / "books.db"
    made = backing_up.backup(tmp_path / "old", file, catalogue=True)
    assert [copy.path.name for copy in made] == ["books.db", "books.catalogue.db"]
    _, with_catalogue = backing_up.put_back(tmp_path / "new", file)
    assert with_catalogue
    store = open_store(tmp_path / "new")
    with store.read() as conn:
        assert (
            conn.exec_driver_sql("SELECT title FROM catalogue.titles").scalar_one() == "Pride and Prejudice"
        )
    store.close()
    assert len(receipts_in(tmp_path / "new")) == 2
    _, again = backing_up.put_back(tmp_path / "new", file, force=True)
    assert not again, "a catalogue that is there is not replaced"


def test_earlier_books_are_kept_aside_and_the_journal_tells_of_it(tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    made, _ = shop_with_sales(folder, 2)
    store = open_store(folder)
    with store.write() as tx:
        tx.count("only-in-the-present-books")
    store.close()
    done, _ = backing_up.put_back(folder, made)
    assert done.aside is not None
    assert stat.S_IMODE(done.aside.stat().st_mode) == 0o600
    raw = engines.connect(done.aside, None, writes=False)
    assert raw.execute("SELECT value FROM counters WHERE name LIKE 'only%'").fetchone() == (1,)
    raw.close()
    store = open_store(folder)
    with store.read() as conn:
        kind, body = conn.exec_driver_sql("SELECT kind, body FROM journal ORDER BY seq DESC LIMIT 1").one()
        gone = conn.exec_driver_sql("SELECT 1 FROM counters WHERE name LIKE 'only%'").first()
    store.close()
    assert kind == "shop.restored"
    assert done.aside.name in body
    assert gone is None


def test_a_backup_that_lacks_sales_is_put_back_only_when_told_so(tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    made, receipts = shop_with_sales(folder, 2)
    store = open_store(folder)
    with store.read() as conn:
        owner = conn.exec_driver_sql("SELECT id FROM staff").scalar_one()
    from bookwish_desk.shop.staff import Actor

    days.sell(store, Actor(owner, 1), (days.item(), 1))
    store.close()
    with pytest.raises(Refused, match="hold one sale that this backup does not") as refused:
        backing_up.put_back(folder, made)
    assert refused.value.code == "older"
    assert len(receipts_in(folder)) == 3
    done, _ = backing_up.put_back(folder, made, force=True)
    assert done.missing == 1
    assert receipts_in(folder) == receipts


def test_the_backup_of_another_shop_is_refused_unless_it_is_wanted(tmp_path: Path) -> None:
    made, _ = shop_with_sales(tmp_path / "one", 2)
    shop_with_sales(tmp_path / "two", 0)
    with pytest.raises(Refused, match="of another shop") as refused:
        backing_up.put_back(tmp_path / "two", made)
    assert refused.value.code == "other_shop"
    backing_up.put_back(tmp_path / "two", made, other_shop=True)
    assert len(receipts_in(tmp_path / "two")) == 2


def test_a_damaged_present_is_no_obstacle_and_kept_with_its_log(tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    made, receipts = shop_with_sales(folder, 2)
    (folder / "shop.db").write_bytes(b"noise" * 5000)
    done, _ = backing_up.put_back(folder, made)
    assert done.missing is None
    assert done.aside is not None
    assert done.aside.read_bytes()[:5] == b"noise"
    assert receipts_in(folder) == receipts


def test_the_log_of_books_that_somebody_still_reads_goes_aside_with_them(tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    made, receipts = shop_with_sales(folder, 2)
    store = open_store(folder)
    with store.read() as conn:
        conn.exec_driver_sql("SELECT count(*) FROM main.counters").all()
        with store.write() as tx:
            tx.count("in-the-log-only")
        done, _ = backing_up.put_back(folder, made)
    store.close()
    assert receipts_in(folder) == receipts
    assert done.aside is not None
    # The earlier books can be put back in their turn, with what only their log held.
    backing_up.put_back(folder, done.aside)
    store = open_store(folder)
    with store.read() as conn:
        assert conn.exec_driver_sql("SELECT value FROM counters WHERE name LIKE 'in-%'").scalar_one() == 1
    store.close()


def damage_page(file: Path) -> None:
    size = file.stat().st_size
    with file.open("r+b") as raw:
        raw.seek(size // 2 // 4096 * 4096)
        raw.write(b"\xa5" * 4096)


def change_journal(file: Path) -> None:
    raw = engines.driver().connect(str(file), isolation_level=None)
    raw.execute("DROP TRIGGER journal_keep_update")
    raw.execute("UPDATE journal SET body = replace(body, '1000', '9000') WHERE kind = 'sale.completed'")
    raw.close()


def newer_version(file: Path) -> None:
    raw = engines.driver().connect(str(file), isolation_level=None)
    raw.execute("UPDATE alembic_version SET version_num = '9999'")
    raw.close()


def another_program(file: Path) -> None:
    file.unlink()
    raw = engines.driver().connect(str(file), isolation_level=None)
    raw.execute("CREATE TABLE letters (x)")
    raw.close()


def text_file(file: Path) -> None:
    file.write_text("Dear sir or madam, " * 999)


def empty_file(file: Path) -> None:
    file.write_bytes(b"")


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (damage_page, "damaged"),
        (change_journal, "damaged"),
        (newer_version, "newer"),
        (another_program, "foreign"),
        (text_file, "no_key"),
        (empty_file, "foreign"),
    ],
)
def test_what_is_no_sound_backup_is_refused_and_the_books_stay(
    tmp_path: Path, spoil: object, code: str
) -> None:
    folder = tmp_path / "shop"
    made, receipts = shop_with_sales(folder, 6)
    spoil(made)  # type: ignore[operator]
    with pytest.raises(ShopError) as refused:
        backing_up.put_back(folder, made)
    assert refused.value.code == code
    assert receipts_in(folder) == receipts
    assert not list(folder.glob("*restoring*"))
    assert not list(folder.glob("*before-restore*"))


def test_no_backup_is_put_back_under_an_open_desk(tmp_path: Path) -> None:
    from bookwish_desk.db import folder as place

    made, _ = shop_with_sales(tmp_path / "shop", 1)
    with place.claim(tmp_path / "shop"), pytest.raises(StorageError) as refused:
        backing_up.put_back(tmp_path / "shop", made)
    assert refused.value.code == "running"


def test_an_encrypted_backup_needs_its_key(tmp_path: Path) -> None:
    from bookwish_desk.keychain import Keys, read_mark

    made, receipts = shop_with_sales(tmp_path / "shop", 2, KEY)
    with pytest.raises(StorageError, match="--recovery-key") as refused:
        backing_up.put_back(tmp_path / "new", made)
    assert refused.value.code == "no_key"
    with pytest.raises(StorageError, match="another key"):
        backing_up.put_back(tmp_path / "new", made, keys=Keys(database="00" * 32))
    backing_up.put_back(tmp_path / "new", made, recovered=bytes.fromhex(KEY))
    assert receipts_in(tmp_path / "new", KEY) == receipts
    mark = read_mark(tmp_path / "new")
    assert mark is not None
    assert mark.encrypted
    # The folder's own keys open it from then on.
    backing_up.put_back(tmp_path / "new", made, keys=Keys(database=KEY))


@pytest.mark.parametrize(("shop_of_mark", "asked"), [("", True), ("same", False), ("another", True)])
def test_a_keyring_that_never_had_keys_of_the_shop_is_not_asked_after_a_restore(
    tmp_path: Path, shop_of_mark: str, asked: bool
) -> None:
    from bookwish_desk.keychain import Mark, read_mark, write_mark

    made, _ = shop_with_sales(tmp_path / "shop", 1)
    folder = tmp_path / "shop"
    store = open_store(folder)
    shop_id = store.settings.shop_id
    store.close()
    if shop_of_mark:
        write_mark(folder, Mark(shop_id if shop_of_mark == "same" else "x", keyring=False))
    backing_up.put_back(folder, made)
    assert read_mark(folder) == Mark(shop_id, encrypted=False, keyring=asked)


def test_what_waited_for_a_printer_in_a_backup_waits_for_a_person(tmp_path: Path) -> None:
    """Labels do not expire: without this those of an old backup would come out of the printer once more."""
    folder = tmp_path / "shop"
    store, _actor = found_shop(folder, days.settings(devices=(printer(), label_printer())))
    with store.write() as tx:
        post_slip(tx, Slip("receipt", "R1-000001", ()), register=1)
        post_label(tx, LabelJob(PriceLabel("Orlando", "9780156701600"), ref="label"), register=1)
        post_drawer(tx, register=1, ref="R1-000001", why="sale")
    made = backing_up.daily(store)
    assert made is not None
    store.close()
    backing_up.put_back(folder, made)
    store = open_store(folder)
    with store.read() as conn:
        rows = conn.exec_driver_sql("SELECT ref, channel, state FROM outbox").all()
    store.close()
    assert sorted(tuple(row) for row in rows) == [
        ("R1-000001", "drawer", "expired"),
        ("R1-000001", "paper", "unknown"),
        ("label", "label", "unknown"),
    ]
