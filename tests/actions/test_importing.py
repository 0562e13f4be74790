"""Importing lists into the catalogue and the shop: counts that add up, and no file imported twice over."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from sqlalchemy import select

from bookwish_desk.actions import following, importing
from bookwish_desk.actions.importing import Plan, Progress, run_import
from bookwish_desk.db import filling, items, search, tables
from bookwish_desk.db.store import Store
from bookwish_desk.resource import resource_path
from bookwish_desk.settings import Settings
from bookwish_desk.shop.errors import NeedsApproval, Refused, StorageError
from bookwish_desk.shop.item import Item
from bookwish_desk.shop.journal import Entry, verify
from bookwish_desk.shop.staff import Actor
from bookwish_desk.shop.tax import TaxClass
from bookwish_desk.shop.title import ImportReport
from tests.support.shops import found_shop, hire

DIRTY = Path(__file__).parent.parent / "data" / "goodbooks" / "raw-dirty.csv"
CATALOGUE = resource_path("demo", "catalogue.csv")
SIDELINES = resource_path("demo", "sidelines.csv")
BOOK, OTHER, THIRD = 9780439023481, 9780439655484, 9780140449068

DEFAULT = Settings(shop_name="Test Books")
WITH_FOOD = replace(
    DEFAULT, tax=replace(DEFAULT.tax, classes=(*DEFAULT.tax.classes, TaxClass("food", "Food and drink")))
)

Writer = Callable[..., Path]


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[tuple[Store, Actor]]:
    store, owner = found_shop(tmp_path / "data", WITH_FOOD)
    yield store, owner
    store.close()


@pytest.fixture
def store(shop: tuple[Store, Actor]) -> Store:
    return shop[0]


@pytest.fixture
def written(tmp_path: Path) -> Writer:
    """Write a list and return its path."""

    def write(*lines: str, name: str = "list.csv") -> Path:
        path = tmp_path / name
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return write


def import_catalogue(store: Store, path: Path, **options: Any) -> ImportReport:
    return run_import(store, Plan(path), **options)


def import_opening_stock(store: Store, path: Path, **options: Any) -> ImportReport:
    return run_import(store, Plan(path, counts=True), **options)


def sums(report: ImportReport) -> tuple[int, ...]:
    assert report.read == report.added + report.updated + report.unchanged + report.rejected
    assert bool(report.report_path) == bool(report.rejected)
    return report.added, report.updated, report.unchanged, report.rejected


def item(store: Store, ean: int | None = None, sku: str = "") -> Item:
    with store.read() as conn:
        found = items.find(conn, sku or str(ean), ean)
    assert found is not None
    return found


def kept(store: Store) -> int:
    with store.read() as conn:
        return len(conn.execute(select(tables.items.c.id)).all())


def moves(store: Store) -> list[tuple[str, int, str]]:
    m = tables.stock_moves.c
    with store.read() as conn:
        return [tuple(r) for r in conn.execute(select(m.sku, m.quantity, m.cause).order_by(m.id))]


def journal(store: Store) -> list[Entry]:
    with store.read() as conn:
        rows = conn.execute(select(tables.journal).order_by(tables.journal.c.seq)).all()
    return [Entry(**row._mapping) for row in rows]


def everything(store: Store) -> tuple[Any, ...]:
    """Return the facts that an import writes, without ids, times and journal."""
    t, i = tables.titles.c, tables.items.c
    with store.read() as conn:
        titles = conn.execute(select(*(c for c in t if c.name != "id")).order_by(t.ean)).all()
        own = conn.execute(select(*(c for c in i if c.name != "id")).order_by(i.sku)).all()
        found = [[x.sku for x in search.search(conn, w, 50)] for w in ("the", "97801", "tote", "murakami")]
    return titles, own, sorted(moves(store)), [sorted(x) for x in found]


def rejected(report: ImportReport) -> list[list[str]]:
    with Path(report.report_path).open(encoding="utf-8-sig", newline="") as file:
        heading, *rows = csv.reader(file)
    assert heading == ["line", "reason", "row"]
    return rows


# ---- the demonstration shop, and a real dirty list ----


def test_the_demonstration_shop_is_stocked_and_found(store: Store) -> None:
    assert sums(import_catalogue(store, CATALOGUE)) == (300, 0, 0, 0)
    assert sums(import_catalogue(store, SIDELINES)) == (14, 0, 0, 0)
    with CATALOGUE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows[::25]:
        found = item(store, int(row["isbn"]))
        assert (found.title, found.authors, found.shelf) == (row["title"], row["author"], row["shelf"])
        assert found.price_cents == int(row["price"].replace(".", ""))
        assert found.on_hand == int(row["stock"])
    with store.read() as conn:
        assert search.search(conn, "lackberg stenhugg")[0].authors == "Camilla Läckberg"
        assert search.search(conn, "村上")[0].sku == "9784103534228"
    coffee, tote = item(store, sku="COFFEE-CUP"), item(store, 400000010014)
    assert (coffee.stocked, coffee.tax_class, coffee.price_cents) == (False, "food", 300)
    assert (tote.sku, tote.publisher, tote.on_hand) == ("TOTE-NAT", "Riverbend Canvas", 6)


def test_importing_again_changes_nothing(store: Store) -> None:
    for path in (CATALOGUE, SIDELINES):
        import_catalogue(store, path)
    before = everything(store)
    assert sums(import_catalogue(store, CATALOGUE)) == (0, 0, 300, 0)
    assert sums(import_catalogue(store, SIDELINES)) == (0, 0, 14, 0)
    assert everything(store) == before


def test_a_dirty_list_is_repaired_or_reported(store: Store) -> None:
    report = import_catalogue(store, DIRTY)
    assert (report.read, *sums(report)) == (358, 230, 0, 0, 128)
    assert report.repaired == 215
    rows = rejected(report)
    assert len(rows) == 128
    assert [int(r[0]) for r in rows] == sorted(int(r[0]) for r in rows)
    raw = DIRTY.read_text(encoding="utf-8").splitlines()
    for line, reason, row in rows:
        assert reason.endswith(".")
        assert row.split()[0] in raw[int(line) - 1]
    assert kept(store) == 0
    again = import_catalogue(store, DIRTY)
    assert sums(again) == (0, 0, 230, 128)
    assert again.repaired == 215


def test_the_report_is_safe_and_private(store: Store, written: Writer) -> None:
    bad = [
        '=HYPERLINK("http://x"),T,1',
        "+1,T,1",
        "@SUM(A1),T,1",
        '"\x1b@1","two\nlines",1',
        "4111111111111111,T,1",
    ]
    report = import_catalogue(store, written("isbn,title,price", *bad, name="=cmd|calc ..x.csv"))
    path = Path(report.report_path)
    assert path.parent == store.folder / "reports"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert path.name.startswith("rejected-cmd-calc-")
    rows = rejected(report)
    assert len(rows) == 5
    for row in rows:
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row)
        assert all(cell.isprintable() for cell in row)
    assert [r[2][:2] for r in rows[:3]] == ["'=", "'+", "'@"]
    assert "two ¶ lines" in rows[3][2]
    assert "41111111" not in path.read_text(encoding="utf-8-sig")


# ---- what a list changes ----


def test_what_the_list_says_replaces_and_the_rest_stays(store: Store, written: Writer) -> None:
    first = written("isbn,title,author,price,stock,shelf", f"{BOOK},Old,Ann,9.99,2,F1")
    assert sums(import_catalogue(store, first)) == (1, 0, 0, 0)
    second = written("isbn,title,author,year,price,shelf", f"{BOOK},New,,2008,8.50,F2")
    assert sums(import_catalogue(store, second)) == (0, 1, 0, 0)
    got = item(store, BOOK)
    assert (got.title, got.authors, got.year, got.price_cents) == ("New", "Ann", 2008, 850)
    assert (got.shelf, got.on_hand) == ("F2", 2)
    with store.read() as conn:
        assert [x.sku for x in search.search(conn, "new ann")] == [str(BOOK)]
        assert search.search(conn, "old") == ()


def test_a_list_of_titles_alone_puts_nothing_on_the_shelf(store: Store, written: Writer) -> None:
    assert sums(import_catalogue(store, written("isbn,title", f"{BOOK},T"))) == (1, 0, 0, 0)
    assert kept(store) == 0
    assert item(store, BOOK).title == "T"


def test_stock_opens_only_what_has_never_moved(store: Store, written: Writer) -> None:
    lines = ["isbn,title,stock", f"{BOOK},A,3", f"{OTHER},B,0"]
    import_catalogue(store, written(*lines))
    assert moves(store) == [(str(BOOK), 3, "import")]
    with store.write() as tx:
        items.move(tx, str(BOOK), -1, "sale", staff="s")
    report = import_catalogue(store, written("isbn,title,stock", f"{BOOK},A,9", f"{OTHER},B,4"))
    assert sums(report) == (0, 1, 1, 0)
    assert moves(store)[2:] == [(str(OTHER), 4, "import")]
    assert (item(store, BOOK).on_hand, item(store, OTHER).on_hand) == (2, 4)


def test_a_count_sets_what_is_on_hand(store: Store, written: Writer) -> None:
    import_catalogue(store, written("isbn,title,price,stock", f"{BOOK},A,9.99,3", f"{OTHER},B,5.00,2"))
    count = written("ISBN;Count;Shelf;Price", f"{BOOK};1;F1;8,00", f"{OTHER};2;F2;5.00", name="count.csv")
    assert sums(import_opening_stock(store, count)) == (0, 2, 0, 0)
    assert moves(store)[2:] == [(str(BOOK), -2, "count")]
    assert (item(store, BOOK).on_hand, item(store, BOOK).shelf, item(store, BOOK).price_cents) == (
        1,
        "F1",
        800,
    )
    assert sums(import_opening_stock(store, count)) == (0, 0, 2, 0)
    with store.read() as conn:
        own = conn.execute(select(tables.items.c.price_cents).order_by(tables.items.c.ean)).scalars().all()
    assert own == [800, None]  # the second asks what the trade asks, and follows it
    import_catalogue(store, written("isbn,price", f"{BOOK},12.00", f"{OTHER},6.00"))
    assert (item(store, BOOK).price_cents, item(store, OTHER).price_cents) == (800, 600)


def test_a_count_of_what_nobody_knows_needs_a_title(store: Store, written: Writer) -> None:
    import_catalogue(store, written("isbn,title,price", f"{BOOK},A,9.99"))
    count = written(
        "isbn,count,title", f"{BOOK},2,", f"{OTHER},3,", f"{THIRD},4,Round the World", "0786901640,,T"
    )
    report = import_opening_stock(store, count)
    assert sums(report) == (2, 0, 0, 2)
    assert [r[1] for r in rejected(report)] == [
        "The catalogue does not know this code, and the list gives no title.",
        "There is no count.",
    ]
    assert [item(store, e).on_hand for e in (BOOK, THIRD)] == [2, 4]
    assert item(store, BOOK).title == "A"


def test_a_title_is_needed_once(store: Store, written: Writer) -> None:
    report = import_catalogue(store, written("isbn,title,stock", f"{BOOK},,", f"{OTHER},,3"))
    assert sums(report) == (0, 0, 0, 2)
    assert kept(store) == 0
    import_catalogue(store, written("isbn,title", f"{BOOK},A"))
    assert sums(import_catalogue(store, written("isbn,price", f"{BOOK},9.99"))) == (0, 1, 0, 0)


def test_what_was_sold_before_it_was_known_is_described(store: Store, written: Writer) -> None:
    with store.write() as tx:
        items.keep(tx, Item(sku=str(BOOK), ean=BOOK, title="Unknown 9780439023481", to_catalogue=True))
        items.move(tx, str(BOOK), -1, "sale", staff="s")
    report = import_catalogue(store, written("isbn,title,price,stock", f"{BOOK},The Hunger Games,9.99,5"))
    assert sums(report) == (1, 0, 0, 0)
    got = item(store, BOOK)
    assert (got.title, got.to_catalogue, got.on_hand) == ("The Hunger Games", False, -1)


def test_skus_and_codes_that_clash_are_refused(store: Store, written: Writer) -> None:
    import_catalogue(store, written("sku,ean,title", f"A,{BOOK},One", f"B,{OTHER},Two", "C,,Three"))
    clashes = written("sku,ean,title", f"A,{THIRD},One", f"D,{OTHER},Two", name="clash.csv")
    report = import_catalogue(store, clashes)
    assert [r[1] for r in rejected(report)] == [
        f"The SKU A is {BOOK} in this shop.",
        f"The shop has {OTHER} under the SKU B already.",
    ]
    report = import_catalogue(store, written("sku,ean,title", f"C,{BOOK},Three"))
    assert [r[1] for r in rejected(report)] == [f"The shop has {BOOK} and C as two different items."]
    assert sums(import_catalogue(store, written("sku,ean,title", f"C,{THIRD},Three"))) == (0, 1, 0, 0)
    assert item(store, THIRD).sku == "C"


def test_a_code_that_stands_twice_is_taken_once(store: Store, written: Writer) -> None:
    lines = ["isbn,sku,title,stock", f"{BOOK},,A,2", f"{BOOK},,A,2", f"{BOOK},,A,3", f"{BOOK},X,A,2"]
    report = import_catalogue(store, written(*lines))
    assert sums(report) == (1, 0, 1, 2)
    assert {r[1] for r in rejected(report)} == {f"{BOOK} is in line 2 too, and there it says otherwise."}
    assert item(store, BOOK).on_hand == 2


def test_the_first_list_decides_between_rows_of_one_code_as_any_later_one(
    store: Store, written: Writer
) -> None:
    rows = [
        *(f"{BOOK},A,One,9.99,5", f"{BOOK},,One,9.99,5"),  # in the shop itself, then as a title alone
        *("43965548X,,Two,8,7", "043965548X,,Two,8,9", "43965548X,,Two,7,9"),  # repaired, popular, refused
        *(f"{THIRD},,,3,", f"{THIRD},,Three,3,"),  # without a title, then with one
    ]
    path = written("isbn,sku,title,price,sales", *rows)
    first = import_catalogue(store, path)
    before = everything(store)
    again = import_catalogue(store, path)
    assert sums(first) == (2, 0, 1, 4)
    assert sums(again) == (0, 0, 3, 4)
    assert first.repaired == again.repaired == 1
    assert [r[:2] for r in rejected(first)] == [r[:2] for r in rejected(again)]
    assert everything(store) == before


def test_two_codes_of_one_item_do_not_undo_each_other(store: Store, written: Writer) -> None:
    import_catalogue(store, written("sku,ean,title", f"A,{BOOK},One"))
    again = written("sku,ean,title,stock", f",{BOOK},Two,1", "A,,Three,2")
    report = import_catalogue(store, again)
    assert [r[1] for r in rejected(report)] == ["This is the item of line 2 under another code."]
    assert (item(store, sku="A").title, item(store, sku="A").on_hand) == ("Two", 1)


def test_prices_that_change_are_journalled(store: Store, written: Writer) -> None:
    import_catalogue(
        store, written("isbn,sku,title,price,stock", f"{BOOK},,A,9.99,1", ",TOTE,B,5.00,1", f"{OTHER},,C,1,")
    )
    again = written("isbn,sku,price", f"{BOOK},,8.99", ",TOTE,6.00", f"{OTHER},,2", name="new prices.csv")
    import_catalogue(store, again)
    changed = [e for e in journal(store) if e.kind == "items.repriced"]
    assert [e.body for e in changed] == [
        '{"file":"new prices.csv","prices":[["9780439023481",999,899],["TOTE",500,600]]}'
    ]
    assert kept(store) == 2


def test_an_import_is_journalled_with_who_and_what(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    import_catalogue(store, CATALOGUE, actor=owner)
    import_opening_stock(store, SIDELINES)
    entries = journal(store)
    assert [(e.kind, e.staff) for e in entries[1:]] == [
        ("catalogue.imported", owner.staff),
        ("stock.counted", ""),
    ]
    assert '"added":300' in entries[1].body
    assert '"sha256":"' in entries[1].body
    assert verify(entries, None) == []
    with store.read() as conn:
        refs = set(conn.execute(select(tables.stock_moves.c.ref, tables.stock_moves.c.staff)).all())
    assert refs == {(entries[1].ref, owner.staff), (entries[2].ref, "")}


# ---- who may, and what can go wrong ----


def test_it_needs_permission(shop: tuple[Store, Actor]) -> None:
    store, _ = shop
    clerk, manager = hire(store, "staff"), hire(store, "manager", "Mo Manager")
    before = everything(store)
    for function, permission in ((import_catalogue, "items.edit"), (import_opening_stock, "stock.adjust")):
        with pytest.raises(NeedsApproval) as asked:
            function(store, CATALOGUE, actor=clerk)
        assert asked.value.facts["permission"] == permission
    assert everything(store) == before
    assert import_catalogue(store, CATALOGUE, actor=manager).added == 300


@pytest.mark.parametrize("name", ["missing.csv", "."])
def test_a_file_that_cannot_be_read_is_said(store: Store, tmp_path: Path, name: str) -> None:
    with pytest.raises(StorageError, match="cannot be read"):
        import_catalogue(store, tmp_path / name)


def test_a_file_that_is_no_list_is_refused(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "stock.xlsx"
    path.write_bytes(b"PK\x03\x04" + bytes(26) + b"[Content_Types].xml cut off")
    with pytest.raises(Refused, match="save it as CSV"):
        import_catalogue(store, path)
    path.write_text("name,amount\nx,1\n")
    with pytest.raises(Refused, match="must name the columns"):
        import_catalogue(store, path)
    assert not (store.folder / "reports").exists()
    assert len(journal(store)) == 1


def test_a_report_that_cannot_be_written_is_said(store: Store, written: Writer) -> None:
    (store.folder / "reports").write_text("in the way")
    with pytest.raises(StorageError, match="report of rejected rows"):
        import_catalogue(store, written("isbn,title", "1,T"))


def test_progress_goes_up_to_the_end(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "CHUNK", 50)
    seen: list[Progress] = []
    import_catalogue(store, CATALOGUE, progress=seen.append)
    phases = list(dict.fromkeys(p.phase for p in seen))
    assert phases == ["reading", "merging", "items", "indexing"]
    for phase in phases:
        parts = [p.per_cent for p in seen if p.phase == phase]
        assert parts == sorted(parts)
    assert [p.rows for p in seen if p.phase == "reading"] == [0, 50, 100, 150, 200, 250, 300]
    assert seen[-1].per_cent == 100


def test_cancelled_anywhere_nothing_was_changed(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "CHUNK", 40)
    monkeypatch.setattr(importing, "_OPS", 50)
    before = everything(store)
    for most in (*range(9), 20, 40):
        asked = iter(range(most))
        report = import_catalogue(store, DIRTY, cancelled=lambda left=asked: next(left, None) is None)
        assert not report.complete
        assert everything(store) == before
        assert not list(store.folder.glob("import.tmp*"))
        assert not list((store.folder / "reports").glob("*"))
    assert len(journal(store)) == 1
    assert sums(import_catalogue(store, DIRTY)) == (230, 0, 0, 128)


def test_within_an_endless_line_it_can_be_cancelled(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "endless.csv"
    for start in ("", f"isbn,title\n{BOOK},T\n"):
        path.write_text(start + "x" * 2_000_000)
        asked = iter(range(5))
        assert not import_catalogue(
            store, path, cancelled=lambda left=asked: next(left, None) is None
        ).complete
        assert next(asked, None) is None


def test_two_lists_are_not_imported_at_once(store: Store, written: Writer) -> None:
    def second(_progress: Progress) -> None:
        with pytest.raises(Refused, match="Another list is being imported"):
            import_catalogue(store, CATALOGUE)

    assert import_catalogue(store, written("isbn,title", f"{BOOK},T"), progress=second).added == 1


@pytest.mark.parametrize("stop", [1, 2, 3, 5, 8])
def test_broken_off_anywhere_it_is_healed_by_importing_again(
    shop: tuple[Store, Actor], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop: int
) -> None:
    store, _ = shop
    other, _ = found_shop(tmp_path / "other", WITH_FOOD)
    import_catalogue(other, CATALOGUE)
    whole = everything(other)
    other.close()
    monkeypatch.setattr(following, "CHUNK", 30)
    left = iter(range(stop, -1, -1))

    def breaks(action: Any) -> Any:
        if next(left) == 0:
            raise StorageError("disk_full", "The disk is full.")
        return action(store).value

    with pytest.raises(StorageError):
        import_catalogue(store, CATALOGUE, act=breaks)
    assert everything(store) != whole
    sums(import_catalogue(store, CATALOGUE))
    assert everything(store) == whole


def test_a_sale_waits_for_few_rows(store: Store) -> None:
    done: list[int] = []

    def act(action: Any) -> Any:
        before = kept(store)
        value = action(store).value
        done.append(kept(store) - before)
        return value

    import_catalogue(store, CATALOGUE, act=act)
    assert done == [200, 100, 0]


ROW = st.tuples(
    st.sampled_from(["9780439023481", "439023483", "0439655484", "9780140449068", "bad", "", "036000291452"]),
    st.sampled_from(["", "A", "B", "9780439023481"]),
    st.sampled_from(["", "One", "Two", '"Th,ree"']),
    st.sampled_from(["", "9.99", "8", "-1", "x"]),
    st.sampled_from(["", "0", "2", "5", "not counted", "1.5"]),
    st.sampled_from(["", "F1", "F2"]),
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(ROW, max_size=8), counts=st.booleans())
def test_any_list_adds_up_and_changes_nothing_the_second_time(
    store: Store, tmp_path: Path, rows: list[tuple[str, ...]], counts: bool
) -> None:
    path = tmp_path / "any.csv"
    path.write_text("\n".join(["isbn,sku,title,price,stock,shelf", *(",".join(r) for r in rows)]))
    function = import_opening_stock if counts else import_catalogue
    sums(function(store, path))
    before = everything(store)
    again = function(store, path)
    assert sums(again)[:2] == (0, 0)
    assert everything(store) == before
    with store.read() as conn:
        for row in conn.execute(select(tables.items)).all():
            assert row.on_hand == sum(m.quantity for m in items.stock_history(conn, row.sku, most=100_000))


TRADE_ROW = st.tuples(
    st.sampled_from(
        ["9780439023481", "439023483", "978-0-439-65548-4", "9780140449068", "bad", "036000291452"]
    ),
    st.sampled_from(["", "One", "Two", "Łódź", '"Th,ree"']),
    st.sampled_from(["", "Ann", "  Bo  "]),
    st.sampled_from(["", "9.99", "8", "x"]),
    st.sampled_from(["", "general"]),
    st.sampled_from(["", "0", "7", "90000"]),
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(lists=st.lists(st.lists(TRADE_ROW, max_size=9), min_size=1, max_size=3))
def test_what_is_taken_without_being_staged_is_what_staging_makes(
    tmp_path: Path, lists: list[list[tuple[str, ...]]]
) -> None:
    outcomes = []
    for off_shop in (filling.OF_SHOP, frozenset({"title"})):
        folder = Path(tempfile.mkdtemp(dir=tmp_path))
        store, _ = found_shop(folder / "data", DEFAULT)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(filling, "OF_SHOP", off_shop)
            reports = []
            for rows in (*lists, lists[-1]):
                path = folder / "list.csv"
                heading = "isbn,title,author,price,tax class,units sold"
                path.write_text("\n".join([heading, *(",".join(row) for row in rows)]), encoding="utf-8")
                report = run_import(store, Plan(path))
                lines = [problem.partition(":")[0] for problem in report.problems]
                reports.append((sums(report), report.repaired, lines))
        outcomes.append((reports, everything(store)))
        store.close()
    assert outcomes[0] == outcomes[1]
