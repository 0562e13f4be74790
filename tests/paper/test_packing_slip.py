"""Packing slips: what they say, where the address stands, what a scanner reads, and what no input breaks."""

from __future__ import annotations

import re
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from PIL import Image

from bookwish_desk.paper.packing_slip import SlipSize, packing_slips
from bookwish_desk.resource import resource_path
from bookwish_desk.shop.packing import PackedLine, PackingSlip, Sum
from bookwish_desk.shop.receipt import Letterhead
from tests.support.papers import codes_on, fonts_of, ink_box, pictures_of, read, words_of
from tests.support.shops import NOON

SIZES: tuple[SlipSize, ...] = get_args(SlipSize)
POINTS = {"letter": (612, 792), "a4": (595, 842), "4x6": (288, 432)}
LOGO = resource_path("demo", "logo.png").read_bytes()
HEAD = Letterhead("Harbour Lane Books", "12 Harbour Lane\nSalem, MA 01970", "harbourlane.example", logo=LOGO)
STAR = PackedLine(1, "The Hour of the Star", "Clarice Lispector", "9780811219808", "$13.95")
CAT = PackedLine(2, "I Am a Cat 吾輩は猫である", "Natsume Sōseki", "9780804832656", "$31.77", "Signed")
SLIP = PackingSlip(
    HEAD,
    "BW-20261122-AB12",
    "Ada Łukasiewicz\nApartment 4B\n1815 Analytical Engine Road\nSpringfield, IL 62701",
    (STAR, CAT),
    placed_at=NOON,
    source="BookWish",
    instructions="Leave it with the neighbour.",
    insert="Thank you.\nCome to our reading on Friday.",
    sums=(Sum("Shipping", "$4.13"), Sum("Total", "$49.85", strong=True)),
)
GIFT = replace(SLIP, gift=True, message="Dear Ada,\n\nhappy birthday!\nCharles")


def lines(count: int) -> tuple[PackedLine, ...]:
    return tuple(PackedLine(1, f"Title {n} end", "Author", str(9780000000000 + n)) for n in range(count))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.capability("OMG-15", "OMG-29")
def test_a_slip_reads_back(size: SlipSize) -> None:
    pdf = packing_slips([SLIP], size)
    whole = " ".join(words_of(pdf))
    for words in (
        "Harbour Lane Books",
        "Packing slip",
        "BW-20261122-AB12",
        "BookWish",
        "Sep 21, 2026",
        "Ada Łukasiewicz",
        "Apartment 4B",
        "1815 Analytical Engine Road",
        "Springfield, IL 62701",
        "Leave it with the neighbour.",
        "The Hour of the Star",
        "Clarice Lispector · 9780811219808",
        "$13.95",
        "I Am a Cat 吾輩は猫である",
        "Signed",
        "3 copies of 2 titles",
        "Shipping",
        "$49.85",
        "Page 1 of",
    ):
        assert words in whole, words
    assert "Bag" not in whole and "Parcel" not in whole
    box = read(pdf).pages[0].mediabox
    assert (round(box.width), round(box.height)) == POINTS[size]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.capability("OMG-15")
def test_the_insert_stands_at_the_foot_however_full_the_slip_is(size: SlipSize) -> None:
    plain = replace(SLIP, sums=(), thanks="Thank you for your order.", insert="Come on Friday.")
    (words,) = words_of(packing_slips([plain], size))
    assert "3 copies of 2 titles Thank you for your order. Come on Friday. Page 1 of 1" in words
    more = 0
    for count in range(1, 30):
        full = replace(plain, lines=lines(count), insert="Come\nto our reading\non Friday.")
        without = words_of(packing_slips([replace(full, thanks="", insert="")], size))
        thanked = words_of(packing_slips([replace(full, insert="")], size))
        whole = words_of(packing_slips([full], size))
        assert len(thanked) == len(without)
        assert "Come to our reading on Friday. Page" in whole[-1]
        more += len(whole) - len(without)
    assert more


@pytest.mark.parametrize("size", SIZES)
def test_one_of_several_parcels_says_which(size: SlipSize) -> None:
    words = words_of(packing_slips([replace(SLIP, parcel=2, parcels=3)], size))[0]
    assert "2 of 3" in words
    assert "Parcel" in words


@pytest.mark.parametrize("size", SIZES)
def test_a_bag_to_be_picked_up_has_a_name_and_no_sender(size: SlipSize) -> None:
    (words,) = words_of(packing_slips([replace(SLIP, pickup=True, to="Grace Hopper", sums=())], size))
    assert "For pickup by" in words
    assert "Grace Hopper" in words
    assert "Harbour Lane Books · 12 Harbour Lane" not in words


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.capability("BW+10")
def test_a_gift_has_its_message_and_no_price(size: SlipSize) -> None:
    (first, *more) = words_of(packing_slips([GIFT], size))
    assert first.index("Dear Ada, happy birthday! Charles") < " ".join([first, *more]).index("The Hour of")
    for page in (first, *more):
        assert not {"$", "Price", "Total", "Shipping"} & set(page.replace("$", "$ ").split()), page
        assert "$" not in page


@pytest.mark.capability("IC+06")
def test_invoices_with_their_figures_are_printed_in_bulk() -> None:
    bills = [replace(SLIP, heading="Invoice", order=f"W-{n}") for n in range(12)]
    pages = words_of(packing_slips(bills, "letter"))
    assert len(pages) == 12
    for n, page in enumerate(pages):
        assert f"W-{n} " in page
        assert "Invoice" in page and "Packing slip" not in page
        assert "Total $49.85" in page


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.capability("BW-27")
def test_many_slips_are_one_document_each_on_pages_of_its_own(size: SlipSize) -> None:
    slips = [replace(SLIP, order=f"WSM-{n:03d}", lines=lines(n % 50 + 1), sums=()) for n in range(60)]
    pages = words_of(packing_slips(iter(slips), size))
    at = 0
    for n, slip in enumerate(slips):
        count = int(pages[at].partition("Page 1 of ")[2].split()[0])
        own = " ".join(pages[at : at + count])
        assert [f"Page {page} of {count}" in pages[at + page - 1] for page in range(1, count + 1)] == [
            True
        ] * count
        assert all(f"WSM-{n:03d}" in page for page in pages[at : at + count])
        assert [line.title for line in slip.lines if line.title not in own] == []
        at += count
    assert at == len(pages)


@pytest.mark.parametrize(("size", "pages"), [("letter", 3), ("a4", 3), ("4x6", 5)])
def test_long_slips_go_on_and_say_so(size: SlipSize, pages: int) -> None:
    found = words_of(packing_slips([replace(SLIP, lines=lines(40))], size))
    assert len(found) == pages
    assert all("BW-20261122-AB12, continued" in page for page in found[1:])
    assert "40 copies of 40 titles" in found[-1]


# ---- what a scanner reads ----


@pytest.mark.parametrize(("size", "dpi"), [("letter", 300), ("a4", 300), ("4x6", 203), ("4x6", 300)])
@pytest.mark.parametrize(
    "order", ["BW-20261122-AB12", "1", "WSM-100234", "9780811219808", "A" * 14 + "-00017"]
)
def test_a_scanner_reads_the_number_of_the_order(size: SlipSize, dpi: int, order: str) -> None:
    (picture,) = pictures_of(packing_slips([replace(SLIP, order=order)], size), dpi)
    black = picture.point(lambda grey: 255 if grey > 127 else 0)
    assert codes_on(black) == [(order, "Code 128")]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("order", ["Zamówienie-1", "", "B" * 300])
def test_a_number_that_cannot_be_bars_is_written_out(size: SlipSize, order: str) -> None:
    pdf = packing_slips([replace(SLIP, order=order)], size)
    assert codes_on(pictures_of(pdf, 300)[0]) == []
    assert order[:12] in words_of(pdf)[0]


# ---- how it looks ----


def test_a_label_is_black_and_white() -> None:
    for page in read(packing_slips([GIFT, replace(SLIP, lines=lines(30))], "4x6")).pages:
        contents = page.get_contents()
        assert contents is not None
        coloured = re.findall(r"([\d.]+ [\d.]+ [\d.]+) (?:rg|RG)\b", contents.get_data().decode("latin-1"))
        assert set(coloured) == {"0 0 0"}


@pytest.mark.parametrize(
    ("size", "window"),  # inches: what a No. 10 shows of a letter folded in three; DIN 5008 form B
    [("letter", (0.875, 2.04, 5.0, 3.17)), ("a4", (0.79, 1.77, 4.13, 3.54))],
)
def test_the_address_stands_in_the_window_of_an_envelope(size: SlipSize, window: tuple[float, ...]) -> None:
    left, top, right, bottom = window
    words: list[tuple[float, float, str]] = []

    def visit(text: str, _cm: object, matrix: list[float], _font: object, _size: float) -> None:
        words.append((matrix[4] / 72, (POINTS[size][1] - matrix[5]) / 72, text.strip()))

    read(packing_slips([SLIP], size)).pages[0].extract_text(visitor_text=visit)
    for line in SLIP.to.splitlines():
        ((x, y, _),) = [word for word in words if word[2] == line] or [(0, 0, "")]
        assert left <= x < right, line
        assert top + 0.12 <= y <= bottom - 0.03, line
    shown = [text for x, y, text in words if text and left <= x < right and top + 0.1 <= y <= bottom]
    assert shown[-4:] == SLIP.to.splitlines()


@pytest.mark.parametrize("size", SIZES)
def test_nothing_runs_off_the_page_or_into_the_foot(size: SlipSize) -> None:
    wide = "W" * 500
    line = PackedLine(999, wide, wide, "9" * 60, wide, wide)
    slip = PackingSlip(
        replace(HEAD, name=wide, address=f"{wide}\n" * 9, contact=wide),
        "X" * 90,
        f"{wide}\n" * 20,
        (line,) * 12,
        placed_at=NOON,
        source=wide,
        instructions=wide * 9,
        insert=f"{wide}\n" * 30,
        message=f"{wide}\n" * 30,
        sums=(Sum(wide, wide),) * 30,
        parcel=12,
        parcels=99,
        heading=wide,
    )
    pdf = packing_slips([slip], size)
    dpi = 72
    for picture in pictures_of(pdf, dpi, most=99):
        left, top, right, bottom = ink_box(picture)
        width, height = picture.size
        assert left >= 12 and right <= width - 12
        assert top >= 10 and bottom <= height - 10


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("logo", [b"", b"not a picture", LOGO[:200], b"\x89PNG\r\n\x1a\n"])
def test_a_slip_without_a_logo_is_a_slip(size: SlipSize, logo: bytes) -> None:
    pdf = packing_slips([replace(SLIP, head=replace(HEAD, logo=logo))], size)
    assert "Harbour Lane Books" in words_of(pdf)[0]
    assert b"/Image" not in pdf.replace(b"/ImageC", b"").replace(b"/ImageB", b"").replace(b"/ImageI", b"")


def test_a_label_has_a_logo_of_black_dots() -> None:
    file = BytesIO()
    Image.new("RGB", (40, 20), (200, 60, 60)).save(file, "PNG")
    slip = replace(SLIP, head=replace(HEAD, logo=file.getvalue()), to="")
    (picture,) = pictures_of(packing_slips([slip], "4x6"), 72)
    logo = picture.convert("L").crop((16, 16, 76, 46))
    counts = logo.histogram()
    assert counts[0] and counts[255]


def test_bars_on_a_label_begin_and_end_at_dots_of_its_printer() -> None:
    contents = read(packing_slips([SLIP], "4x6")).pages[0].get_contents()
    assert contents is not None
    boxes = re.findall(r"([\d.]+) [\d.]+ ([\d.]+) 36.000 re", contents.get_data().decode("latin-1"))
    edges = [edge * 203 / 72 for x, wide in boxes for edge in (float(x), float(x) + float(wide))]
    assert len(edges) > 100
    assert max(abs(edge - round(edge)) for edge in edges) < 0.01


def test_fonts_and_the_logo_are_in_the_document_once() -> None:
    pdf = packing_slips([replace(SLIP, order=f"W-{n}") for n in range(40)], "letter")
    used = [font for font in fonts_of(pdf) if "Helvetica" not in font["/BaseFont"]]
    assert len({font["/BaseFont"] for font in used}) == len(used) == 4
    assert all("/FontFile2" in font["/FontDescriptor"].get_object() for font in used)
    assert pdf.count(b"/Subtype /Image") == 1


# ---- what comes from outside ----


@pytest.mark.parametrize("size", SIZES)
def test_what_customers_and_publishers_write_is_words_and_nothing_else(size: SlipSize) -> None:
    evil = "</para><b>x</b> & \x1b@\x00 <font size=90> \u202egone ^XZ (Tj) ET\\"
    slip = replace(
        GIFT,
        head=replace(HEAD, name=evil),
        to=f"{evil}\n{evil}",
        lines=(PackedLine(1, evil, evil, evil, evil, evil),),
        message=evil,
        instructions=evil,
        insert=evil,
    )
    whole = " ".join(words_of(packing_slips([slip], size)))
    assert whole.count("</para><b>x</b> & @ <font size=90> gone ^XZ (Tj) ET\\") >= 3
    assert not {"\x1b", "\x00", "\u202e"} & set(whole)


def test_what_no_font_has_becomes_a_question_mark() -> None:
    slip = replace(SLIP, to="Łódź 東京\nGift 🎁 road", lines=(replace(STAR, title="Cats 📚 and Ελληνικά"),))
    (words,) = words_of(packing_slips([slip], "letter"))
    for shown in ("Łódź 東京", "Gift ? road", "Cats ? and Ελληνικά"):
        assert shown in words


def test_a_long_message_is_printed_to_its_end() -> None:
    message = "\n\n\n".join(f"Verse {n} of a poem, and it goes on a little." for n in range(40))
    for size in SIZES:
        whole = " ".join(words_of(packing_slips([replace(GIFT, message=message)], size)))
        assert [n for n in range(40) if f"Verse {n} of" not in whole] == []


def test_huge_texts_are_cut_to_a_few_pages() -> None:
    huge = "word " * 200_000
    slip = replace(
        GIFT,
        lines=(PackedLine(1, huge, huge, huge, huge, huge),),
        message=huge,
        instructions="\n" * 99_999 + huge,
    )
    assert len(read(packing_slips([slip], "letter")).pages) <= 2
    assert len(read(packing_slips([slip], "4x6")).pages) <= 6


_TEXT = st.text(st.characters(codec="utf-8"), max_size=60)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    size=st.sampled_from(SIZES),
    texts=st.lists(_TEXT, min_size=9, max_size=9),
    sold=st.lists(st.tuples(st.integers(1, 999), _TEXT, _TEXT, _TEXT, _TEXT), max_size=25),
    gift=st.booleans(),
    pickup=st.booleans(),
)
def test_any_slip_is_a_pdf_that_says_how_many_copies(
    size: SlipSize,
    texts: list[str],
    sold: list[tuple[int, str, str, str, str]],
    gift: bool,
    pickup: bool,
) -> None:
    name, order, to, source, message, instructions, insert, price, heading = texts
    packed = tuple(PackedLine(n, title, author, code, price, note) for n, title, author, code, note in sold)
    slip = PackingSlip(
        Letterhead(name, to, source),
        order,
        to,
        packed,
        source=source,
        pickup=pickup,
        gift=gift,
        message=message,
        instructions=instructions,
        insert=insert,
        sums=(Sum(price, price),),
        heading=heading,
    )
    pages = words_of(packing_slips([slip], size))
    assert f"Page {len(pages)} of {len(pages)}" in pages[-1]
    copies = sum(line[0] for line in sold)
    assert f"{copies} {'copy' if copies == 1 else 'copies'}" in " ".join(pages)


def test_the_same_slips_have_the_same_bytes() -> None:
    for size in SIZES:
        assert packing_slips([SLIP, GIFT], size) == packing_slips([SLIP, GIFT], size)


def test_no_slips_are_no_document() -> None:
    with pytest.raises(ValueError, match="at least one page"):
        packing_slips([], "letter")


def test_reportlab_and_pillow_are_not_imported_with_the_module() -> None:
    code = "import sys, bookwish_desk.paper.packing_slip, bookwish_desk.paper.pick_list as p; "
    code += "sys.exit('reportlab' in sys.modules or 'PIL' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2]).returncode == 0
