"""Lists of titles: what is read, what is repaired, what is refused and why."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import isbn

from bookwish_desk.resource import resource_path
from bookwish_desk.shop.catalogue import Preview, TableReader, preview, read_table
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.money import Currency
from bookwish_desk.shop.tabular import text_lines
from bookwish_desk.shop.title import RejectedRow, TitleRow, refused_row

GOODBOOKS = Path(__file__).parent.parent / "data" / "goodbooks"
DIRTY, CLEAN = GOODBOOKS / "raw-dirty.csv", GOODBOOKS / "catalog-clean.csv"
BOOK = 9780439023481


def file_lines(path: Path) -> Iterator[str]:
    return text_lines([path.read_bytes()])


def table(
    lines: Iterable[str],
    currency: Currency | None = None,
    classes: tuple[str, ...] = (),
    columns: dict[str, str] | None = None,
) -> TableReader:
    return read_table(lines, currency=currency or Currency(), tax_classes=classes, columns=columns or {})


def read(*lines: str, **how) -> list:
    return list(table(lines, **how))


def one(heading: str, row: str, **how) -> TitleRow:
    (got,) = read(heading, row, **how)
    assert isinstance(got, TitleRow), got
    return got


def refusal(heading: str, row: str, **how) -> str:
    (got,) = read(heading, row, **how)
    assert isinstance(got, RejectedRow), got
    return got.reason


# ---- a real list, as a spreadsheet left it ----


def test_every_row_of_the_dirty_list_is_read_or_refused() -> None:
    rows = list(table(file_lines(DIRTY)))
    good = [r for r in rows if isinstance(r, TitleRow)]
    bad = [r for r in rows if isinstance(r, RejectedRow)]
    assert [r.line for r in rows] == list(range(2, 360))
    assert (len(good), sum(r.repaired for r in good), len(bad)) == (230, 215, 128)


def test_no_code_of_the_dirty_list_is_guessed() -> None:
    with DIRTY.open(encoding="utf-8", newline="") as file:
        raw = dict(enumerate(csv.DictReader(file), 2))
    for row in table(file_lines(DIRTY)):
        left = raw[row.line]["isbn"]
        padded = left.zfill(10)
        if isinstance(row, TitleRow):
            assert row.ean == int(isbn.to_isbn13(padded))
            assert row.title == " ".join(raw[row.line]["title"].split())
        elif "different books" not in row.reason:
            assert not left or not isbn.is_valid(padded)


def test_the_reasons_of_the_dirty_list() -> None:
    reasons = [r.reason for r in table(file_lines(DIRTY)) if isinstance(r, RejectedRow)]
    assert sum(r == "There is no ISBN, EAN or SKU." for r in reasons) == 54
    assert sum(r.startswith("A spreadsheet has cut the code short: ") for r in reasons) == 47
    assert sum(r.startswith("The codes of this row belong to different books: ") for r in reasons) == 11
    assert sum("is no good ISBN, EAN or UPC" in r for r in reasons) == 16


def test_years_as_a_spreadsheet_writes_them() -> None:
    years = {r.title: r.year for r in table(file_lines(DIRTY)) if isinstance(r, TitleRow)}
    assert years["The Yiddish Policemen's Union"] == 2007
    assert min(y for y in years.values() if y) < -300


def test_the_clean_list_is_read_whole_and_says_what_the_dirty_one_does() -> None:
    rows = list(table(file_lines(CLEAN)))
    good = [r for r in rows if isinstance(r, TitleRow)]
    assert (len(rows), len(good), sum(r.repaired for r in good)) == (241, 241, 0)
    assert (good[0].demand, good[0].language, good[0].year) == (1832823, "eng", 1999)
    clean = {r.ean: (r.title, r.authors, r.year, r.language, r.demand) for r in good}
    dirty = [r for r in table(file_lines(DIRTY)) if isinstance(r, TitleRow)]
    assert {r.ean for r in dirty} < set(clean)  # 11 rows hold an ISBN-13 of another book, and are refused
    for r in dirty:
        assert clean[r.ean] == (r.title, r.authors, r.year, r.language, r.demand)


# ---- the demonstration shop ----


def test_the_demonstration_catalogue_is_sound() -> None:
    rows = [
        row for row in table(file_lines(resource_path("demo", "catalogue.csv"))) if isinstance(row, TitleRow)
    ]
    assert len(rows) == 300
    for row in rows:
        assert row.is_book and row.is_trade
        assert row.title and row.authors and row.shelf
        assert row.tax_class == "book"
        assert not row.repaired
        assert row.price_cents is not None and row.price_cents % 100 in (0, 95, 99)
        assert row.stock is not None and row.stock <= 8
    assert len({r.ean for r in rows}) == 300
    assert any(r.stock == 0 for r in rows)


def test_the_demonstration_sidelines_are_sound() -> None:
    found = list(table(file_lines(resource_path("demo", "sidelines.csv"))))
    rows = [r for r in found if isinstance(r, TitleRow)]
    assert len(found) == len({r.sku for r in rows}) == 14
    assert {r.tax_class for r in rows} == {"book", "general", "food"}
    assert not any(r.is_book for r in rows)
    assert [r.sku for r in rows if r.ean is None] == ["WRAP-SHEET", "COFFEE-CUP"]
    assert [r.sku for r in rows if not r.stocked] == ["COFFEE-CUP"]
    assert [r.sku for r in rows if r.stock is None] == ["COFFEE-CUP"]
    assert not any(r.is_trade for r in rows)


# ---- headings and shapes ----


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize(
    "names",
    [
        ("isbn", "title", "author", "publisher", "year", "price", "tax class", "stock", "shelf"),
        (
            "ISBN-13",
            "Title",
            "Author(s)",
            "Publisher",
            "Pub Year",
            "List Price",
            "Tax",
            "On Hand",
            "Location",
        ),
        ("EAN", "Book Title", "Authors", "Imprint", "Pub. date", "RRP (USD)", "tax_class", "QTY", "BIN"),
        (
            '"Barcode"',
            "NAME",
            "by",
            "Publisher name",
            "published",
            "Retail price",
            "tax-code",
            "Count",
            "Shelf",
        ),
    ],
)
def test_the_usual_headings_are_known(names: tuple[str, ...], separator: str) -> None:
    cells = (str(BOOK), "T", "A", "P", "2008", "9.50", "book", "3", "F1")
    got = one(separator.join(names), separator.join(cells))
    assert got.ean == BOOK
    assert (got.title, got.authors, got.publisher, got.year) == ("T", "A", "P", 2008)
    assert (got.price_cents, got.tax_class, got.stock, got.shelf) == (950, "book", 3, "F1")


def test_what_the_list_does_not_say_is_not_made_up() -> None:
    got = one("isbn,cover,title", f"{BOOK},x,")
    assert got == TitleRow(line=2, ean=BOOK, raw=f"{BOOK},x,")


def test_blank_rows_and_a_separator_line_are_no_rows() -> None:
    got = read("", "sep=;", "isbn;title", "", ";;", f"{BOOK};T", " ")
    assert [(r.line, r.title) for r in got] == [(6, "T")]


@pytest.mark.parametrize(
    "lines", [[], [""], ["sep=,"], ["title,author", "x,y"], [f"{BOOK},The Hunger Games"]]
)
def test_a_list_without_headings_is_refused(lines: list[str]) -> None:
    with pytest.raises(Refused, match="must name the columns"):
        read(*lines)


def test_two_columns_of_one_name_are_refused() -> None:
    with pytest.raises(Refused, match='Two columns are headed "Price"'):
        read("isbn,Price,price", f"{BOOK},1,2")


def test_the_selling_price_goes_before_the_list_price() -> None:
    assert one("isbn,list price,price", f"{BOOK},10.00,8.00").price_cents == 800


def test_a_comma_in_unquoted_text_is_refused() -> None:
    assert "more cells" in refusal("isbn,title,price", f"{BOOK},Me, Myself,9.99")
    assert one("isbn,title", f"{BOOK},T,, ").title == "T"
    assert one("isbn,title,price", f"{BOOK}").price_cents is None


def test_text_is_cleaned() -> None:
    got = one("isbn,title,author", f'{BOOK},"\x1b@ A\u202e  title ",Robert           Jackson')
    assert (got.title, got.authors) == ("@ A title", "Robert Jackson")


@pytest.mark.parametrize(
    ("cell", "title"),
    [
        ("'=1+1", "=1+1"),
        ("'@home", "@home"),
        ("'Salem's Lot", "'Salem's Lot"),
        ("'84", "'84"),
        ('"=""1984"""', "1984"),
        ("=1+1", "=1+1"),
    ],
)
def test_spreadsheet_guards_come_off_text(cell: str, title: str) -> None:
    assert one("isbn,title", f"{BOOK},{cell}").title == title


def test_text_without_end_is_refused() -> None:
    assert refusal("isbn,title", f"{BOOK},{'x' * 501}") == "The title is longer than 500 characters."
    assert refusal("isbn,shelf", f"{BOOK},{'x' * 41}") == "The shelf is longer than 40 characters."


# ---- more columns ----


def test_everything_that_a_list_says_of_a_title() -> None:
    said = {
        "ISBN": str(BOOK),
        "Title": "T",
        "Subtitle": "A novel",
        "Series": "S #1",
        "Binding": "Mass Market Paperback",
        "Pub Date": "2008-09-14",
        "On-sale date": "20080916",
        "Language": "eng",
        "Pages": "374",
        "BISAC": "FIC000000; YAF001000",
        "Weight (lb)": "1.5",
        "Discount": "REG",
        "Returnable": "Yes",
        "Last return date": "31 Dec 2009",
        "Availability": "21",
        "On order": "4",
        "Units sold": "120.0",
    }
    got = one(",".join(said), ",".join(said.values()))
    assert (got.title, got.subtitle, got.series, got.format) == ("T", "A novel", "S #1", "MM")
    assert (got.published, got.year, got.street_date) == ("2008-09-14", 2008, "2008-09-16")
    assert (got.language, got.pages, got.subjects, got.grams) == ("eng", 374, "FIC000000; YAF001000", 680)
    assert (got.discount, got.returnable, got.last_return) == ("REG", "Y", "2009-12-31")
    assert (got.availability, got.on_order, got.demand) == ("21", 4, 120)
    assert got.stock is None


def test_what_is_only_good_to_know_is_left_out_where_it_is_not_understood() -> None:
    heading = "isbn,format,pubdate,street date,pages,weight,returnable,last return,availability,sold"
    got = one(heading, f"{BOOK},codex,soon,TBD,many,350,perhaps,never,yes,-3")
    assert got == TitleRow(line=2, ean=BOOK, raw=got.raw)


def test_a_number_on_order_that_is_none_is_refused() -> None:
    assert refusal("isbn,on order", f"{BOOK},some") == "The number on order is no whole number: some."


def test_dates_of_a_column_that_shows_where_the_month_stands() -> None:
    heading = "isbn,pubdate"
    rows = [f"{BOOK},5/6/2008", f"{BOOK},5/13/2008"]
    assert [r.published for r in read(heading, *rows)] == ["2008-05-06", "2008-05-13"]
    assert [r.published for r in read(heading, rows[0], f"{BOOK},13/5/2008")] == ["2008-06-05", "2008-05-13"]
    alone = one(heading, rows[0])
    assert (alone.published, alone.year) == ("", 2008)
    assert one("isbn,pubdate,on sale date", f"{BOOK},5/13/2008,5/6/2008").street_date == ""


def test_the_year_of_a_list_goes_before_that_of_its_dates() -> None:
    heading = "isbn,pubdate,year"
    assert [r.year for r in read(heading, f"{BOOK},2009-05-01,2008", f"{BOOK},2009-05-01,")] == [2008, 2009]


def test_a_reader_says_what_its_rows_can_say() -> None:
    reader = table(["isbn,sku,pub date,price,stock,weight g,cover"])
    assert reader.headings == ("isbn", "sku", "pub date", "price", "stock", "weight g", "cover")
    assert reader.recognised == ("code", "sku", "published", "price", "stock", "weight", "")
    assert reader.fields == (
        *("ean", "sku", "year", "price_cents", "stock", "stocked", "published", "grams"),
    )
    assert set(reader.fields) <= set(TitleRow.__struct_fields__)
    assert table(["isbn"]).fields == ("ean",)


# ---- columns as a person mapped them ----


def test_columns_are_mapped() -> None:
    columns = {"Nummer": "code", "Titel": "title", "Preis": "price", "Title": ""}
    (got,) = read("Nummer;Titel;Title;Preis", f"{BOOK};Die Tribute;The Hunger Games;9,50", columns=columns)
    assert (got.ean, got.title, got.price_cents) == (BOOK, "Die Tribute", 950)


def test_a_mapping_that_does_not_fit_is_refused() -> None:
    lines = ["isbn,a,b", f"{BOOK},x,y"]
    for columns in ({"a": "title", "b": "title"}, {"c": "title"}, {"a": "titel"}, {"isbn": ""}):
        with pytest.raises(Refused, match=r"\.$"):
            table(lines, columns=columns)


def test_two_columns_may_be_codes() -> None:
    (got,) = read("a,b", f",{BOOK}", columns={"a": "code", "b": "code"})
    assert got.ean == BOOK


def test_the_beginning_of_a_list_is_shown() -> None:
    lines = ["", "sep=;", "Nummer;Title;x", "", f'{BOOK};"Two\nlines"', ";;;;", "4111111111111111;\x1b@;3;4"]
    got = preview([*lines, *(f"{n};;" for n in range(40))], {"Nummer": "code"})
    assert got[:3] == (";", ("Nummer", "Title", "x"), ("code", "title", ""))
    assert len(got.rows) == 20
    assert got.rows[:2] == ((str(BOOK), "Two lines"), ("••••••••••••1111", "@", "3"))


def test_the_beginning_is_shown_where_nothing_is_recognised() -> None:
    assert preview(["Titel;Nummer", "a;b", 'c;"d'], {}) == Preview(
        ";", ("Titel", "Nummer"), ("", ""), (("a", "b"), ('c;"d',))
    )
    assert preview([], {}) == Preview(",", (), (), ())
    assert preview(["isbn,price,Price"], {"x": "y"}).fields == ("code", "price", "price")


def test_a_preview_reads_no_more_than_the_beginning() -> None:
    def endless() -> Iterator[str]:
        yield "isbn"
        while True:
            yield ""

    assert preview(endless(), {}).rows == ()


# ---- codes ----


@pytest.mark.parametrize(
    ("cell", "ean"),
    [
        ("978-0-439-02348-1", BOOK),
        ("0439023483", BOOK),
        ('"=""9780439023481"""', BOOK),
        ("'9780439023481", BOOK),
        ("9780439023481.0", BOOK),
        ("ISBN 978 0 439 02348 1", BOOK),
        ("043965548X", 9780439655484),
        ("9790060115615", 9790060115615),
        ("9798886971231", 9798886971231),
        ("036000291452", 36000291452),
        ("2012345000018", 2012345000018),
    ],
)
def test_good_codes(cell: str, ean: int) -> None:
    got = one("isbn", cell)
    assert (got.ean, got.repaired, got.sku) == (ean, False, "")


def test_music_is_sold_and_is_no_book() -> None:
    assert not one("isbn", "9790060115615").is_book
    assert one("isbn", "9791090636071").is_book
    assert one("isbn", str(BOOK)).is_book


@pytest.mark.parametrize("cell", ["439023483", "61120081", "6280560"])
def test_lost_zeros_are_put_back_when_the_check_digit_then_holds(cell: str) -> None:
    got = one("isbn", cell)
    assert got.repaired
    assert got.ean == int(isbn.to_isbn13(cell.zfill(10)))


def test_a_upc_gets_its_zero_back_only_in_its_own_column() -> None:
    assert one("upc", "36000291452").ean == 36000291452
    assert one("upc", "36000291452").repaired
    assert "no good ISBN" in refusal("isbn", "36000291452")


def test_eight_digits_are_an_ean_where_eans_stand() -> None:
    both = "71560106"  # a good EAN-8, and with two zeros before it a good ISBN-10
    assert one("ean", both).ean == int(both)
    assert not one("ean", both).repaired
    assert one("isbn", both).ean == 9780071560108


def test_a_number_cut_short_is_rebuilt_from_the_isbn_10_of_its_row() -> None:
    got = one("isbn,isbn13", "439023483,9.78043902348e+12")
    assert (got.ean, got.repaired) == (BOOK, True)
    assert one("isbn13,isbn", "9.78E+12,0439023483").repaired
    assert one("isbn13,isbn", "9.8E+12,0439023483").ean == BOOK  # rounded up


@pytest.mark.parametrize("cell", ["9.78043902348e+12", "9.78E+12", "9,78044E+12", "1E+13"])
def test_a_number_cut_short_is_never_guessed(cell: str) -> None:
    assert refusal("isbn", f'"{cell}"').startswith("A spreadsheet has cut the code short")


@pytest.mark.parametrize(
    "cells",
    [
        "1484724917,9.78142314674e+12",
        "439692393,9.78044041579e+12",
        "0439023483,9780439655484",
        "0439023483,9780439655480",
    ],
)
def test_codes_of_different_books_are_refused(cells: str) -> None:
    assert refusal("isbn,isbn13", cells).startswith("The codes of this row belong to different books")


def test_a_misread_isbn_13_beside_its_own_isbn_10_is_repaired() -> None:
    got = one("isbn,isbn13", "0439023483,9780439023482")
    assert (got.ean, got.repaired) == (BOOK, True)


def test_other_numbers_beside_an_isbn_do_no_harm() -> None:
    assert one("isbn,isbn13", "310247527,25986247522.0").ean == 9780310247524
    assert one("isbn,upc", f"{BOOK},036000291452").ean == BOOK
    assert one("isbn,upc", f"{BOOK},none").ean == BOOK


def test_a_price_point_upc_does_not_stand_in_for_a_damaged_isbn() -> None:
    assert "cut the code short" in refusal("isbn,upc", "9.78043902348e+12,036000291452")


@pytest.mark.parametrize(
    "cell", ["1479359083", "9781479359083", "9780571405093", "152061548", "97893806587.0", "12", "R1-000042"]
)
def test_bad_codes_are_refused(cell: str) -> None:
    assert "no good ISBN, EAN or UPC" in refusal("isbn", cell)


def test_a_row_without_a_code_is_taken_by_its_sku() -> None:
    got = one("sku,isbn,title", "TOTE-NAT,,Tote bag")
    assert (got.ean, got.sku) == (None, "TOTE-NAT")
    assert one("sku,isbn", "U-1,n/a").sku == "U-1"
    assert refusal("sku,isbn,title", ",,Tote bag") == "There is no ISBN, EAN or SKU."
    assert refusal("isbn,title", "n/a,Tote bag") == "There is no ISBN, EAN or SKU."
    assert refusal("isbn,ean,title", "0000000000,0000000000000,Tote bag") == "There is no ISBN, EAN or SKU."


def test_a_damaged_code_is_not_passed_over_for_a_sku() -> None:
    assert "cut the code short" in refusal("sku,isbn", "U-1,9.78E+12")
    assert "check digit" in refusal("sku,isbn", "U-1,9781479359083")


def test_a_sku_that_is_the_code_is_no_sku_of_its_own() -> None:
    assert one("sku,isbn", f"{BOOK},{BOOK}") == TitleRow(line=2, ean=BOOK, raw=f"{BOOK},{BOOK}")
    assert one("sku", str(BOOK)).ean == BOOK
    assert one("sku,upc", "036000291452,036000291452").sku == ""
    assert one("sku,isbn", f"9780393356182S,{BOOK}").sku == "9780393356182S"


def test_a_shops_own_number_does_not_become_an_isbn() -> None:
    assert one("sku", "0439023483") == TitleRow(line=2, ean=None, sku="0439023483", raw="0439023483")


@pytest.mark.parametrize("sku", ["R1-000042", "H1-000042", "9.78E+12", "4111 1111 1111 1111", "x" * 65])
def test_a_sku_that_would_be_taken_for_something_else_is_refused(sku: str) -> None:
    assert "SKU" in refusal("sku,title", f"{sku},T") or "sku" in refusal("sku,title", f"{sku},T")


def test_card_numbers_are_masked_in_refusals() -> None:
    (got,) = read("sku,title,price", "4111111111111111,4111111111111111,4111111111111111")
    assert isinstance(got, RejectedRow)
    (priced,) = read("sku,price", "A,4111111111111111")
    assert "41111111" not in got.raw + got.reason + priced.raw + priced.reason
    row = one("sku,title", "A,4111111111111111")
    assert "41111111" not in refused_row(row.line, row.raw, "No.").raw


# ---- prices, tax classes and stock ----


@pytest.mark.parametrize(
    ("cell", "cents"),
    [
        ("", None),
        ("0", 0),
        ("12", 1200),
        ("12.5", 1250),
        ("12.50", 1250),
        ("12.500", 1250),
        ("$12.50", 1250),
        ("US$ 12.50", 1250),
        ("12.50 USD", 1250),
        ("usd 12.50", 1250),
        ('"1,234.50"', 123450),
        ('"12,50"', 1250),
        ("'12.50", 1250),
        (".50", 50),
    ],
)
def test_prices(cell: str, cents: int | None) -> None:
    assert one("isbn,price", f"{BOOK},{cell}").price_cents == cents


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ("-1", "negative"),
        ("(5.00)", "negative"),
        ("\N{MINUS SIGN}5", "negative"),
        ("12.999", "2 decimals"),
        ("12.990000000000001", "2 decimals"),
        ("1e5", "no amount"),
        ("1a2", "no amount"),
        ("free", "no amount"),
        ("nan", "no amount"),
        ("9.99 - 12.99", "no amount"),
        ("$12 USD", "no amount"),
        ("٣", "no amount"),
        ("1.2.3", "cannot be read"),
        ("10000000000", "too large"),
        ("€12.50", "not in USD"),
        ("12.50 EUR", "not in USD"),
        ("C$12.50", "not in USD"),
    ],
)
def test_prices_that_are_refused(cell: str, why: str) -> None:
    assert why in refusal("isbn,price", f"{BOOK},{cell}")


def test_prices_in_another_currency() -> None:
    euro, yen = Currency("EUR", "de_DE"), Currency("JPY", "ja_JP")
    assert one("isbn;price", f"{BOOK};12,50 €", currency=euro).price_cents == 1250
    assert one("isbn;price", f"{BOOK};1.234,50\N{NO-BREAK SPACE}EUR", currency=euro).price_cents == 123450
    assert one("isbn,price", f"{BOOK},1200", currency=yen).price_cents == 1200
    assert "not in EUR" in refusal("isbn;price", f"{BOOK};$12", currency=euro)
    assert "0 decimals" in refusal("isbn,price", f"{BOOK},12.5", currency=yen)


@pytest.mark.parametrize(
    ("cell", "stock"), [("", None), ("0", 0), ("3", 3), ("3.0", 3), ("'3", 3), (" 7 ", 7)]
)
def test_stock(cell: str, stock: int | None) -> None:
    assert one("isbn,stock", f"{BOOK},{cell}").stock == stock


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ("-1", "negative"),
        ("1.5", "no whole number"),
        ("many", "no whole number"),
        ("100000", "more than 99,999"),
    ],
)
def test_stock_that_is_refused(cell: str, why: str) -> None:
    assert why in refusal("isbn,stock", f"{BOOK},{cell}")


def test_goods_that_are_not_counted() -> None:
    got = one("sku,stock", "COFFEE,Not counted")
    assert (got.stock, got.stocked) == (None, False)
    assert one("sku,stock", "COFFEE,").stocked


def test_tax_classes() -> None:
    classes = ("book", "food")
    assert one("isbn,tax", f"{BOOK},Food", classes=classes).tax_class == "food"
    assert one("isbn,tax", f"{BOOK},", classes=classes).tax_class is None
    assert refusal("isbn,tax", f"{BOOK},wine", classes=classes) == (
        '"wine" is not one of the shop\'s tax classes: book, food.'
    )


@pytest.mark.parametrize(
    ("cell", "year"),
    [
        *(
            ("2008", 2008),
            ("2008.0", 2008),
            ("-720.0", -720),
            ("8", 8),
            ("2008-05-01", 2008),
            ("5/1/2008", 2008),
        ),
        *(
            ("May 2008", 2008),
            ("", None),
            ("unknown", None),
            ("2008-2010", None),
            ("20080501", None),
            ("0", None),
        ),
    ],
)
def test_years(cell: str, year: int | None) -> None:
    assert one("isbn,year", f"{BOOK},{cell}").year == year


# ---- what a row is ----


def test_what_is_a_title_of_the_trade() -> None:
    assert TitleRow(2, 36000291452).is_trade
    assert not TitleRow(2, 36000291452, sku="X").is_trade
    assert not TitleRow(2, 2012345000018).is_trade
    assert not TitleRow(2, 400000010014).is_trade
    assert not TitleRow(2, None, sku="X").is_trade
    assert (TitleRow(2, BOOK).key, TitleRow(2, BOOK, sku="X").key) == (str(BOOK), "X")


# ---- anything at all ----

CELL = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        [
            "439023483",
            "9.78043902348e+12",
            str(BOOK),
            "'=1",
            '="x"',
            '"',
            '"a',
            "-1",
            "1e5",
            "9" * 4_000,
            "\0",
            "$",
        ]
    ),
)
NAME = st.sampled_from(
    ["isbn", "ean", "sku", "title", "price", "stock", "year", "tax", "shelf", "author", "x"]
)


@given(st.lists(NAME, min_size=1, max_size=6, unique=True), st.lists(st.lists(CELL, max_size=7), max_size=5))
def test_any_row_is_read_or_refused_in_words(names: list[str], rows: list[list[str]]) -> None:
    lines = [",".join(names), *(",".join(cells) for cells in rows)]
    try:
        got = read(*lines)
    except Refused as refused:
        assert not {"isbn", "ean", "sku"} & set(names)
        assert refused.message
        return
    assert len(got) <= len(rows)
    assert [r.line for r in got] == sorted({r.line for r in got})
    for row in got:
        if isinstance(row, RejectedRow):
            assert row.reason and "\n" not in row.reason
        else:
            assert row.ean is not None or row.sku
            assert row.price_cents is None or row.price_cents >= 0
            assert row.stock is None or 0 <= row.stock <= 99_999
