"""Importing what publishers and wholesalers send: ONIX messages and Ingram's stock files, packed or not."""

from __future__ import annotations

import gzip
import os
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bookwish_desk.actions import selling
from bookwish_desk.actions.importing import Plan, look, run_import
from bookwish_desk.db import search, tables, titles
from bookwish_desk.db.store import Store
from bookwish_desk.settings import Settings
from bookwish_desk.shop.errors import Refused, ShopError, StorageError
from bookwish_desk.shop.staff import Actor
from bookwish_desk.shop.title import ImportReport, Title
from tests.support import days
from tests.support.shops import found_shop

DATA = Path(__file__).parent.parent / "data"
MULTI, SINGLE = DATA / "onix" / "onix30-multi.xml", DATA / "onix" / "onix31-single.xml"
STOCK = DATA / "stockv2" / "two-titles.dat"
ROSEANNA, THINGS = 9780007232833, 9781509854172
INGRAM = (9780071418218, 9780140177398)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[tuple[Store, Actor]]:
    store, owner = found_shop(tmp_path / "data", Settings(shop_name="Test Books"))
    yield store, owner
    store.close()


@pytest.fixture
def store(shop: tuple[Store, Actor]) -> Store:
    return shop[0]


@pytest.fixture
def message(tmp_path: Path) -> Callable[..., Path]:
    """Write an ONIX 3.0 message of products and return its path."""

    def write(*products: str) -> Path:
        path = tmp_path / "feed.xml"
        head = '<ONIXMessage xmlns="http://ns.editeur.org/onix/3.0/reference" release="3.0">'
        path.write_text(f"{head}{''.join(products)}</ONIXMessage>", encoding="utf-8")
        return path

    return write


def product(reference: str, ean: int, title: str = "", notification: str = "03", price: str = "") -> str:
    words = (
        f"<DescriptiveDetail><TitleDetail><TitleType>01</TitleType><TitleElement>"
        f"<TitleElementLevel>01</TitleElementLevel><TitleText>{title}</TitleText></TitleElement>"
        f"</TitleDetail></DescriptiveDetail>"
    )
    supply = (
        f"<ProductSupply><SupplyDetail><Price><PriceType>01</PriceType><PriceAmount>{price}</PriceAmount>"
        f"<CurrencyCode>USD</CurrencyCode></Price></SupplyDetail></ProductSupply>"
    )
    return (
        f"<Product><RecordReference>{reference}</RecordReference>"
        f"<NotificationType>{notification}</NotificationType><ProductIdentifier>"
        f"<ProductIDType>15</ProductIDType><IDValue>{ean}</IDValue></ProductIdentifier>"
        f"{words if title else ''}{supply if price else ''}</Product>"
    )


def counts(report: ImportReport) -> tuple[int, ...]:
    assert report.read == report.added + report.updated + report.unchanged + report.rejected
    return report.added, report.updated, report.unchanged, report.rejected


def title(store: Store, ean: int) -> Title | None:
    with store.read() as conn:
        return titles.by_eans(conn, [ean]).get(ean)


def found(store: Store, words: str) -> list[int | None]:
    with store.read() as conn:
        return [item.ean for item in search.search(conn, words)]


# ---- ONIX ----


@pytest.mark.parametrize(("path", "products"), [(MULTI, 10), (SINGLE, 1)])
def test_a_message_is_imported_and_once_more_changes_nothing(store: Store, path: Path, products: int) -> None:
    assert counts(run_import(store, Plan(path))) == (products, 0, 0, 0)
    assert counts(run_import(store, Plan(path))) == (0, 0, products, 0)
    with store.read() as conn:
        assert len(conn.execute(select(tables.titles.c.id)).all()) == products
        assert conn.execute(select(tables.unsearched.c.id)).all() == []


def test_its_titles_are_found_by_author_and_series(store: Store) -> None:
    run_import(store, Plan(SINGLE))
    for words in ("sjowall", "martin beck", "roseanna wahloo", "beck roseanna", "000723283"):
        assert found(store, words) == [ROSEANNA]
    got = title(store, ROSEANNA)
    assert got is not None
    assert (got.format, got.published, got.availability, got.grams) == ("BC", "2006-08-07", "21", 195)


def test_prices_are_those_in_the_shops_currency(tmp_path: Path) -> None:
    for currency, locale, cents in (("AUD", "en_AU", 1999), ("USD", "en_US", None)):
        made = Settings(shop_name="Test Books", currency=currency, locale=locale)
        store, _ = found_shop(tmp_path / currency, made)
        run_import(store, Plan(MULTI))
        got = title(store, THINGS)
        assert got is not None
        assert got.price_cents == cents
        store.close()


def test_a_record_that_comes_twice_counts_as_it_came_last(store: Store, message: Callable[..., Path]) -> None:
    path = message(product("a", ROSEANNA, "Old"), product("b", THINGS, "B"), product("a", ROSEANNA, "New"))
    report = run_import(store, Plan(path))
    assert (*counts(report), report.superseded) == (2, 0, 0, 1, 1)
    assert report.problems == ("1: Record 3 is about a too, and the later one counts.",)
    assert title(store, ROSEANNA) == Title(ROSEANNA, "New")


def test_a_block_update_leaves_the_rest_and_a_record_replaces_it(
    store: Store, message: Callable[..., Path]
) -> None:
    run_import(store, Plan(SINGLE))
    before = title(store, ROSEANNA)
    assert before is not None
    run_import(store, Plan(message(product("a", ROSEANNA, notification="04", price="12.50"))))
    after = title(store, ROSEANNA)
    assert after is not None
    assert (after.title, after.authors, after.series) == (before.title, before.authors, before.series)
    assert after.price_cents == 1250
    run_import(store, Plan(message(product("a", ROSEANNA, "Roseanna again"))))
    last = title(store, ROSEANNA)
    assert last is not None
    assert (last.title, last.authors, last.series) == ("Roseanna again", "", "")
    # What a message does not price keeps the price that another list gave it.
    assert last.price_cents == 1250


def test_a_deleted_title_goes_and_its_copies_keep_their_price(
    shop: tuple[Store, Actor], message: Callable[..., Path]
) -> None:
    store, owner = shop
    run_import(
        store, Plan(message(product("a", ROSEANNA, "Roseanna", price="9.99"), product("b", THINGS, "B")))
    )
    days.open_till(store, owner)
    item = selling.find(store, str(ROSEANNA), ROSEANNA)
    assert item is not None
    days.sell(store, owner, (item, 1))
    gone = message(*(product(name, ean, notification="05") for name, ean in (("a", ROSEANNA), ("b", THINGS))))
    report = run_import(store, Plan(gone))
    assert (*counts(report), report.removed) == (0, 2, 0, 0, 2)
    assert title(store, ROSEANNA) is None
    kept = selling.find(store, str(ROSEANNA), ROSEANNA)
    assert kept is not None
    assert (kept.title, kept.price_cents) == ("Roseanna", 999)
    assert (found(store, "roseanna"), found(store, "b")) == ([ROSEANNA], [])
    again = run_import(store, Plan(gone))
    assert (*counts(again), again.removed) == (0, 0, 2, 0, 0)


def test_a_message_that_breaks_off_changes_nothing(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "cut.xml"
    path.write_bytes(MULTI.read_bytes()[:60_000])
    with pytest.raises(Refused):
        run_import(store, Plan(path))
    with store.read() as conn:
        assert conn.execute(select(tables.titles.c.id)).all() == []
    assert not list((store.folder / "reports").glob("*")) if (store.folder / "reports").exists() else True
    assert not list(store.folder.glob("import.tmp*"))


def test_onix_2_is_refused_in_a_sentence(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "old.xml"
    path.write_text('<?xml version="1.0"?><ONIXMessage><Header/><Product/></ONIXMessage>')
    for refused in (look, lambda plan: run_import(store, plan)):
        with pytest.raises(Refused, match=r"ONIX 2\.1.*3"):
            refused(Plan(path))


def test_a_message_is_no_count_of_the_shelves(store: Store) -> None:
    with pytest.raises(Refused, match="A count of the shelves is a table"):
        run_import(store, Plan(MULTI, counts=True))


# ---- Ingram's stock files ----


def test_a_stock_file_prices_titles_and_names_none(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    assert counts(run_import(store, Plan(STOCK))) == (2, 0, 0, 0)
    one, other = (title(store, ean) for ean in INGRAM)
    assert one is not None and other is not None
    assert (one.title, one.price_cents, other.price_cents) == ("", 3495, 1000)
    assert (one.supplier, one.supplier_on_hand, one.supplier_on_order) == ("Ingram", 12, 24)
    assert (other.supplier_on_hand, other.supplier_on_order) == (153 + 919 + 405, 385 + 960)
    days.open_till(store, owner)
    item = selling.find(store, str(INGRAM[0]), INGRAM[0])
    assert item is not None
    assert str(INGRAM[0]) in item.title
    assert days.sell(store, owner, (item, 1)).total_cents >= 3495


def test_the_same_stock_another_day_changes_nothing(store: Store, tmp_path: Path) -> None:
    path = Path(shutil.copy(STOCK, tmp_path))
    run_import(store, Plan(path))
    os.utime(path, (2_000_000_000, 2_000_000_000))
    assert counts(run_import(store, Plan(path))) == (0, 0, 2, 0)


def test_a_delta_changes_what_it_says_and_keeps_the_words(store: Store, tmp_path: Path) -> None:
    names = tmp_path / "names.csv"
    names.write_text(f"isbn,title,author\n{INGRAM[0]},Chemistry,Ann Author\n")
    run_import(store, Plan(names))
    run_import(store, Plan(STOCK))
    record = STOCK.read_bytes().split(b"\n")[0]
    delta = tmp_path / "stockv2delta221122a@ingram.zip"
    with zipfile.ZipFile(delta, "w") as archive:
        archive.writestr("delta.dat", record[:150] + b"0004000" + record[157:] + b"\r\n")
    assert counts(run_import(store, Plan(delta))) == (0, 1, 0, 0)
    got = title(store, INGRAM[0])
    assert got is not None
    assert (got.title, got.authors, got.price_cents) == ("Chemistry", "Ann Author", 4000)
    assert found(store, "chemistry") == [INGRAM[0]]
    assert found(store, "007141821") == [INGRAM[0]]


# ---- packed ----


def test_a_packed_list_is_unpacked_on_the_way(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "feed.xml.gz"
    path.write_bytes(gzip.compress(MULTI.read_bytes()))
    assert look(Plan(path)).kind == "onix"
    assert counts(run_import(store, Plan(path))) == (10, 0, 0, 0)


def test_an_archive_of_several_lists_is_refused(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "two.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.csv", "isbn\n")
        archive.writestr("b.csv", "isbn\n")
    with pytest.raises(Refused, match="several files"):
        run_import(store, Plan(path))


def test_an_archive_of_a_mac_holds_one_list(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "mac.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("list.csv", f"isbn,title\n{THINGS},T\n")
        archive.writestr("__MACOSX/._list.csv", b"\0\5\x16\7")
    assert counts(run_import(store, Plan(path))) == (1, 0, 0, 0)


@pytest.mark.parametrize(("flag", "method"), [(1, 0), (0, 9), (0, 99), (0, 14)])
def test_an_archive_that_needs_a_password_or_another_program_is_refused(
    store: Store, tmp_path: Path, flag: int, method: int
) -> None:
    path = tmp_path / "packed.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("list.csv", f"isbn,title\n{THINGS},T\n")
    packed = bytearray(path.read_bytes())
    for header, at in ((b"PK\3\4", 6), (b"PK\1\2", 8)):  # flags and method of one member, said twice
        place = packed.index(header) + at
        packed[place], packed[place + 2] = flag, method
    path.write_bytes(packed)
    for refused in (look, lambda plan: run_import(store, plan)):
        with pytest.raises(Refused, match="Unpack it, and import the list in it"):
            refused(Plan(path))


def test_an_archive_without_a_list_is_refused(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "empty.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("lists/", "")
    with pytest.raises(Refused, match="The archive is empty"):
        run_import(store, Plan(path))


@pytest.mark.parametrize("line", [b"\n", b"\0" * 1000, b"9781509854172,T\n"])
def test_what_swells_beyond_measure_when_unpacked_is_refused(
    store: Store, tmp_path: Path, line: bytes
) -> None:
    path = tmp_path / "bomb.gz"
    path.write_bytes(gzip.compress(b"isbn,title\n" + line * (8_000_000 // len(line))))
    with pytest.raises(Refused, match="more than 200 times its size"):
        run_import(store, Plan(path))
    assert title(store, THINGS) is None
    assert not list(store.folder.glob("import.tmp*"))


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), max_size=6),
    st.integers(0, 400),
    st.booleans(),
)
def test_a_broken_archive_is_refused_in_a_sentence(
    tmp_path: Path, changes: list[tuple[int, int]], size: int, zipped: bool
) -> None:
    path = tmp_path / "broken"
    content = f"isbn,title\n{THINGS},T\n".encode()
    if zipped:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("list.csv", content)
        packed = bytearray(path.read_bytes())
    else:
        packed = bytearray(gzip.compress(content))
    for place, byte in changes:
        packed[place % len(packed)] = byte
    path.write_bytes(packed[: size or None])
    try:
        look(Plan(path))
    except ShopError as error:
        assert error.message.endswith(".")


def test_an_archive_that_breaks_off_is_no_workbook(tmp_path: Path) -> None:
    path = tmp_path / "cut.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(MULTI)
    path.write_bytes(path.read_bytes()[:9_000])
    with pytest.raises(StorageError, match="damaged"):
        look(Plan(path))


def test_an_archive_that_is_damaged_changes_nothing(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "cut.gz"
    path.write_bytes(gzip.compress(MULTI.read_bytes())[:-200])
    with pytest.raises(StorageError, match="damaged"):
        run_import(store, Plan(path))
    assert title(store, THINGS) is None
