"""Labels as dots: what fits and what is refused, letters, and codes that a scanner reads back."""

from __future__ import annotations

import io

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops
from reportlab.pdfgen.canvas import Canvas

from bookwish_desk.hardware.labels.drawing import draw, page_of
from bookwish_desk.hardware.labels.shipping import draw_shipping
from bookwish_desk.shop.bars import bars_of
from bookwish_desk.shop.device import LabelPrinterSetup
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.label import PriceLabel, ShelfLabel, ShippingLabel
from bookwish_desk.shop.label import TestLabel as TrialLabel
from tests.hardware.label_readers import codes

ORLANDO, USED, OWN = "9780156701600", "9780156701600U1", "2000000000015"
LONG = "The Long and Winding Title of a Very Serious Book About Łódź, 東京 and Everything Else " * 3

SIZES = [(57.0, 32.0), (38.0, 25.0)]
DENSITIES = [203, 300]


def loaded(dpi: int = 203, width: float = 57.0, height: float = 32.0) -> LabelPrinterSetup:
    return LabelPrinterSetup(dpi=dpi, width_mm=width, height_mm=height)  # type: ignore[arg-type]


def four_by_six(dpi: int = 203) -> LabelPrinterSetup:
    return loaded(dpi, 101.6, 152.4)


def ink(image: Image.Image) -> tuple[int, int, int, int] | None:
    return ImageChops.invert(image.convert("L")).getbbox()


def same(one: Image.Image, other: Image.Image) -> bool:
    return one.size == other.size and one.convert("1").tobytes() == other.convert("1").tobytes()


# ---- shelf and price labels ----


@pytest.mark.parametrize("dpi", DENSITIES)
@pytest.mark.parametrize("size", SIZES, ids=["57x32", "38x25"])
@pytest.mark.parametrize("code", [ORLANDO, USED, OWN, "MUG", "A-100/b_7"])
def test_every_code_is_read_back_from_every_label(code: str, size: tuple[float, float], dpi: int) -> None:
    setup = loaded(dpi, *size)
    for label in (
        PriceLabel(LONG, code, "$1,234.50", "Anna Kowalska-Żółć; 村上春樹", "Used: spine worn", "Test Books"),
        PriceLabel("Orlando", code),
        ShelfLabel(LONG, code, "$16.99", "Virginia Woolf", "NATURE/ESSAYS"),
    ):
        image = draw(label, setup)
        assert image.mode == "1" and image.size == (page_of(setup).width, page_of(setup).height)
        assert codes(image) == [code]


def test_the_digits_and_check_digit_decide_which_code_it_is() -> None:
    assert bars_of(ORLANDO).kind == "ean13" and len(bars_of(ORLANDO).modules) == 95
    assert (
        bars_of("9780156701601").kind == "code128"
    )  # its check digit does not fit: an article of the shop's
    image = draw(PriceLabel("Orlando", ORLANDO), loaded())
    (found,) = zxingcpp.read_barcodes(image.convert("L"))
    assert found.format == zxingcpp.BarcodeFormat.EAN13


@pytest.mark.parametrize("dpi", DENSITIES)
def test_modules_are_whole_dots_with_their_quiet_zones(dpi: int) -> None:
    image = draw(PriceLabel("", ORLANDO, "$16.99"), loaded(dpi))
    bars, middle = bars_of(ORLANDO), image.height - round(8 * dpi / 25.4)
    black = [x for x in range(image.width) if image.getpixel((x, middle)) == 0]
    dots = (black[-1] - black[0] + 1) / 95
    assert dots == int(dots) >= 2
    assert black[0] >= bars.left * dots and image.width - black[-1] - 1 >= bars.right * dots
    row = [image.getpixel((black[0] + int(m * dots), middle)) for m in range(95)]
    assert "".join("1" if dot == 0 else "0" for dot in row) == bars.modules


@pytest.mark.parametrize(
    ("code", "size"),
    [("X" * 40, (57, 32)), (USED, (12, 25)), (ORLANDO, (13, 32)), ("naïve", (57, 32)), ("", (57, 32))],
)
def test_a_code_that_cannot_be_read_back_is_refused_in_words(code: str, size: tuple[float, float]) -> None:
    with pytest.raises(Refused) as refused:
        draw(PriceLabel("Orlando", code, "$1.00"), loaded(203, *size))
    assert refused.value.message.endswith(".") and len(refused.value.message) > 30


@pytest.mark.parametrize("size", [(0.0, 32.0), (57.0, 4000.0), (float("nan"), 32.0)])
def test_a_label_of_no_size_is_refused(size: tuple[float, float]) -> None:
    with pytest.raises(Refused):
        draw(PriceLabel("Orlando", ORLANDO), loaded(203, *size))


@pytest.mark.parametrize("dpi", DENSITIES)
@pytest.mark.parametrize("size", [*SIZES, (101.6, 152.4), (50.0, 25.0), (40.0, 60.0)])
def test_text_stays_off_the_edge_however_long_it_is(size: tuple[float, float], dpi: int) -> None:
    setup = loaded(dpi, *size)
    for label in (
        PriceLabel(LONG, ORLANDO, "CHF 99’999.95", LONG, LONG, LONG),
        ShelfLabel("W" * 160, ORLANDO, "$9.99", "W" * 80, "W" * 60),
    ):
        box = ink(draw(label, setup))
        assert box is not None
        edge = round(0.5 * dpi / 25.4)
        assert box[0] >= edge and box[1] >= edge
        assert page_of(setup).width - box[2] >= edge and page_of(setup).height - box[3] >= edge


def test_letters_of_every_kind_leave_their_ink_and_none_leaves_a_box() -> None:
    def drawn(title: str) -> bytes:
        return draw(PriceLabel(title, ORLANDO), loaded()).tobytes()

    titles = ["Łódź", "東京", "村上", "é", "🙂", "", "\U0010ffff"]
    assert len({drawn(title) for title in titles[:6]}) == 6
    assert drawn("\U0010ffff") == drawn("")  # no character at all: cleaned away


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=80))
def test_any_text_is_drawn(text: str) -> None:
    image = draw(PriceLabel(text, ORLANDO, text, text, text, text), loaded(203, 38, 25))
    assert codes(image) == [ORLANDO]


@pytest.mark.parametrize("dpi", DENSITIES)
@pytest.mark.parametrize("size", [(57.0, 32.0), (38.0, 25.0), (101.6, 152.4)])
def test_the_test_label_shows_the_edge_and_a_code(size: tuple[float, float], dpi: int) -> None:
    setup = loaded(dpi, *size)
    image = draw(TrialLabel("Zebra by the till"), setup)
    assert ink(image) == (0, 0, page_of(setup).width, page_of(setup).height)
    assert codes(image) == ["TEST-LABEL"]


# ---- carriers' labels ----


def carrier(dpi: int = 203, size: tuple[int, int] | None = None, modules: int = 3) -> Image.Image:
    """Draw a made-up label of a carrier: bars of `modules` dots, a square code, text up to the corners."""
    image = Image.new("L", size or (round(4 * dpi), round(6 * dpi)), 255)
    bars = bars_of("9405536106153087214200")
    strip = Image.new("L", (len(bars.modules), 1))
    strip.putdata([0 if module == "1" else 255 for module in bars.modules])
    image.paste(
        strip.resize((strip.width * modules, dpi // 2), Image.Resampling.NEAREST), (dpi // 3, 3 * dpi)
    )
    square = zxingcpp.create_barcode("MADE UP 0001", zxingcpp.BarcodeFormat.DataMatrix).to_image(scale=1)
    grid = Image.fromarray(square)
    grid = grid.resize((grid.width * 2 * modules, grid.height * 2 * modules), Image.Resampling.NEAREST)
    image.paste(grid.convert("L"), (dpi // 3, dpi))
    for corner in ((10, 10), (image.width - 30, 10), (image.width - 30, image.height - 30)):
        image.paste(0, (*corner, corner[0] + 20, corner[1] + 20))
    return image


CARRIED = ["9405536106153087214200", "MADE UP 0001"]


def png(image: Image.Image, **how: object) -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG", **how)
    return file.getvalue()


def pdf(
    image: Image.Image, width: float, height: float, copies: int = 1, at: tuple[float, float] = (0, 0)
) -> bytes:
    """Return a PDF whose pages, in points, hold a picture of 4 by 6 inches at `at`."""
    from reportlab.lib.utils import ImageReader

    file = io.BytesIO()
    canvas = Canvas(file, pagesize=(width, height))
    for _ in range(copies):
        canvas.drawImage(ImageReader(image), *at, 288, 432)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def shipping(data: bytes, kind: str = "png", mark: str = "") -> ShippingLabel:
    return ShippingLabel(data, kind, "W1-000042", mark)  # type: ignore[arg-type]


@pytest.mark.parametrize("dpi", DENSITIES)
@pytest.mark.parametrize("mode", ["1", "L", "RGB", "RGBA", "P", "LA"])
def test_a_picture_of_the_printers_density_goes_dot_for_dot(dpi: int, mode: str) -> None:
    image = carrier(dpi)
    (drawn,) = draw_shipping(shipping(png(image.convert(mode))), four_by_six(dpi))
    assert same(drawn, image)
    assert codes(drawn) == CARRIED


def test_grey_is_cut_in_the_middle_and_never_dithered() -> None:
    image = carrier()
    image.paste(127, (400, 300, 500, 400))
    image.paste(128, (600, 300, 700, 400))
    (drawn,) = draw_shipping(shipping(png(image)), four_by_six())
    assert ink(drawn.crop((400, 300, 500, 400))) == (0, 0, 100, 100)
    assert drawn.crop((400, 300, 500, 400)).getextrema() == (0, 0)
    assert ink(drawn.crop((600, 300, 700, 400))) is None


def test_sixteen_bits_a_pixel_and_clear_ground_are_read() -> None:
    deep = carrier().convert("I").point(lambda grey: grey * 257).convert("I;16")
    clear = Image.new("RGBA", (812, 1218), (0, 0, 0, 0))
    clear.paste((0, 0, 0, 255), (0, 0, 812, 1218), ImageChops.invert(carrier()))
    for image in (deep, clear):
        (drawn,) = draw_shipping(shipping(png(image)), four_by_six())
        assert same(drawn, carrier())


@pytest.mark.parametrize(("made", "printed"), [(203, 300), (300, 203), (600, 203), (600, 300), (150, 300)])
@pytest.mark.parametrize("modules", [3, 4])
def test_a_picture_of_another_density_is_scaled_and_read(made: int, printed: int, modules: int) -> None:
    wide = modules * (2 if made == 600 else 1)
    image = carrier(made, modules=wide if made > 150 else 2)
    (drawn,) = draw_shipping(shipping(png(image, dpi=(72, 72))), four_by_six(printed))
    assert drawn.size == (page_of(four_by_six(printed)).width, page_of(four_by_six(printed)).height)
    assert codes(drawn) == CARRIED


def test_a_picture_of_nearly_the_size_is_not_resampled() -> None:
    for size in ((800, 1200), (816, 1218), (832, 1230)):
        image = carrier(203, size)
        (drawn,) = draw_shipping(shipping(png(image)), four_by_six())
        before, after = ink(image), ink(drawn)
        assert before is not None and after is not None
        assert same(drawn.crop(after), image.crop(before))


def test_a_label_that_lies_on_its_side_is_turned() -> None:
    image = carrier().transpose(Image.Transpose.ROTATE_270)
    (drawn,) = draw_shipping(shipping(png(image)), four_by_six())
    assert same(drawn, carrier())


@pytest.mark.parametrize("dpi", DENSITIES)
def test_a_pdf_is_drawn_at_the_printers_density(dpi: int) -> None:
    image = carrier(dpi)
    (drawn,) = draw_shipping(shipping(pdf(image, 288, 432), "pdf"), four_by_six(dpi))
    assert same(drawn, image)
    (other,) = draw_shipping(shipping(pdf(carrier(300, modules=4), 288, 432), "pdf"), four_by_six(203))
    assert codes(other) == CARRIED


def test_a_pdf_of_several_pages_is_several_labels() -> None:
    drawn = draw_shipping(shipping(pdf(carrier(), 288, 432, copies=3), "pdf"), four_by_six())
    assert len(drawn) == 3 and all(codes(one) == CARRIED for one in drawn)


def test_a_label_on_a_letter_page_is_cut_out_and_not_made_smaller() -> None:
    letter = pdf(carrier(), 612, 792, at=(100, 200))
    (drawn,) = draw_shipping(shipping(letter, "pdf"), four_by_six())
    assert drawn.size == (812, 1218) and codes(drawn) == CARRIED
    box = ink(drawn)
    assert box is not None and abs(box[2] - box[0] - (812 - 20)) <= 1


def test_a_label_that_is_too_large_is_refused_with_its_size() -> None:
    with pytest.raises(Refused, match=r"needs 3\.\d+ x 5\.\d+ inches.* are 2\.24 x 1\.26") as refused:
        draw_shipping(shipping(png(carrier())), loaded())
    assert refused.value.code == "label.does_not_fit"


def test_a_mark_is_put_where_nothing_is_and_else_left_out() -> None:
    image = carrier()
    (plain,) = draw_shipping(shipping(png(image)), four_by_six())
    (marked,) = draw_shipping(shipping(png(image), mark="W1-000042"), four_by_six())
    added = ImageChops.difference(plain.convert("L"), marked.convert("L")).getbbox()
    assert added is not None and codes(marked) == CARRIED
    assert plain.crop(added).getextrema() == (255, 255)
    full = image.copy()
    for y in (0, 1217):
        full.paste(0, (0, y, 812, y + 1))
    (unmarked,) = draw_shipping(shipping(png(full), mark="W1-000042"), four_by_six())
    assert same(unmarked, full)


def bomb() -> bytes:
    return png(Image.new("1", (30_000, 30_000)))


@pytest.mark.parametrize("kind", ["png", "pdf"])
@pytest.mark.parametrize("cut", [0, 7, 100, 0.5, 0.99])
def test_a_damaged_file_is_refused_in_a_sentence(kind: str, cut: float) -> None:
    data = png(carrier()) if kind == "png" else pdf(carrier(), 288, 432)
    short = data[: int(cut if cut >= 1 else len(data) * cut)]
    try:
        draw_shipping(shipping(short, kind), four_by_six())
    except Refused as refused:
        assert refused.message.endswith(".")
    else:
        assert kind == "pdf" and cut == 0.99  # a reader of PDFs mends a lost end


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["png", "pdf"]), st.integers(0, 10**6), st.binary(min_size=1, max_size=8))
def test_flipped_bytes_never_raise_anything_else(kind: str, place: int, with_: bytes) -> None:
    data = bytearray(SMALL[kind])
    at = place % len(data)
    data[at : at + len(with_)] = with_
    try:
        draw_shipping(shipping(bytes(data), kind), four_by_six())
    except Refused as refused:
        assert refused.message.endswith(".")


SMALL = {"png": png(carrier().convert("1")), "pdf": pdf(carrier(), 288, 432)}


def test_large_files_and_pictures_are_refused_before_they_are_unpacked() -> None:
    for data, kind in (
        (bomb(), "png"),
        (b"\x89PNG\r\n\x1a\n" + bytes(6_000_000), "png"),
        (b"%PDF-1.7\n" + bytes(21_000_000), "pdf"),
        (pdf(carrier(), 14_000, 14_000), "pdf"),
        (pdf(Image.new("1", (8, 8)), 288, 432, copies=21), "pdf"),
        (png(Image.new("L", (812, 1218), 255)), "png"),
    ):
        with pytest.raises(Refused) as refused:
            draw_shipping(shipping(data, kind), four_by_six())
        assert refused.value.message.endswith(".")
