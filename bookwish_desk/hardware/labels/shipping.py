"""Carriers' shipping labels as dots: a PNG or PDF from outside, never dithered, at 100 %.

Where the size fits nothing is resampled: a dot of the file is a dot on the label. A PDF is drawn at the
printer's density. Only a PNG of another density is scaled; its bars stay readable where they are three
dots or wider before, as carriers' bars are. Bytes from outside are bounded before they are unpacked.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from bookwish_desk.hardware.labels.drawing import MM_PER_INCH, Page, page_of
from bookwish_desk.hardware.labels.setting import Setter, Type
from bookwish_desk.hardware.lettering import WHITE
from bookwish_desk.hardware.pages.pdf_pages import each_page
from bookwish_desk.shop.device import LabelPrinterSetup
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.label import ShippingLabel
from bookwish_desk.shop.text import clean

if TYPE_CHECKING:
    from PIL.Image import Image

_MOST_BYTES = 5_000_000
_MOST_PIXELS = 12_000_000  # 4 x 6 inches at 600 dpi have 8.6 million
_MOST_LABELS = 20
_CUT = 127  # of 255: what is darker burns
_DENSITIES = (203, 300, 200, 600, 150, 100)  # of labels that do not say theirs, the likeliest first
_NEARLY = 0.03
_LONGEST_MARK = 40


def draw_shipping(label: ShippingLabel, setup: LabelPrinterSetup) -> list[Image]:
    """Draw a PNG or PDF label for the size that is loaded: one picture a page.

    Raises Refused for what cannot be read and for what is larger than the label.
    """
    page = page_of(setup)
    if label.format == "pdf":
        drawn = [_cut(image) for image in each_page(label.data, setup.dpi, _MOST_LABELS)]
    else:
        drawn = [_at_density(*_read_png(label.data), setup, page)]
    return [_marked(_placed(image, setup, page), label.mark, page) for image in drawn]


def draw_slip(label: ShippingLabel, setup: LabelPrinterSetup) -> list[Image]:
    """Draw the packing slip that comes with a label, one picture a page; none where it has none."""
    if not label.slip:
        return []
    return draw_shipping(ShippingLabel(label.slip, "pdf", label.ref), setup)


def _read_png(data: bytes) -> tuple[Image, float]:
    """Return a PNG in grey on white, and the dots per inch it says it has; 0 where it does not say."""
    from PIL import Image

    if len(data) > _MOST_BYTES:
        raise Refused("label.too_big", f"The label's file is larger than {_MOST_BYTES // 1_000_000} MB.")
    try:
        with Image.open(io.BytesIO(data), formats=["PNG"]) as opened:
            if opened.width * opened.height > _MOST_PIXELS:
                raise Refused("label.too_big", "The label's picture is too large for a label.")
            density = float(opened.info.get("dpi", (0.0, 0.0))[0])
            return _grey(opened), density
    except Refused:
        raise
    except Exception as fault:  # Pillow raises many kinds of errors on damaged files
        raise Refused("label.unreadable", "The label's picture is damaged or is no PNG.") from fault


def _grey(image: Image) -> Image:
    from PIL import Image as Images

    if image.mode.startswith("I"):  # 16 bits a pixel
        return image.convert("I").point(lambda grey: grey / 257).convert("L")
    if image.mode in ("1", "L") and "transparency" not in image.info:
        return image.convert("L")
    layer = image.convert("RGBA")
    ground = Images.new("RGBA", layer.size, "white")
    ground.alpha_composite(layer)
    return ground.convert("L")


def _cut(grey: Image) -> Image:
    """Return black where it is darker than the middle, else white: no dither, which bars do not survive."""
    from PIL import Image

    cut = grey.point(lambda value: 255 if value > _CUT else 0)
    return cut.convert("1", dither=Image.Dither.NONE)


def _at_density(grey: Image, said: float, setup: LabelPrinterSetup, page: Page) -> Image:
    """Return the label at the printer's density: as it is where it nearly has it, else scaled."""
    from PIL import Image

    density = _density(grey, said, setup, page)
    scale = setup.dpi / density
    if abs(scale - 1) <= _NEARLY:
        return _cut(grey)
    size = (max(1, round(grey.width * scale)), max(1, round(grey.height * scale)))
    if size[0] * size[1] > _MOST_PIXELS:
        raise Refused("label.too_big", "The label's picture is too large for a label.")
    return _cut(grey.resize(size, Image.Resampling.HAMMING))


def _density(grey: Image, said: float, setup: LabelPrinterSetup, page: Page) -> float:
    """Return the dots per inch of a picture: those that make it this label, else what it says, else 203.

    What files say is often the 72 or 96 of a screen, so the size counts first.
    """
    short, long = sorted(grey.size)
    sides = sorted((page.width / setup.dpi, page.height / setup.dpi))
    for known in sorted(_DENSITIES, key=lambda each: each != setup.dpi):
        if any(
            abs(dots / known / side - 1) <= _NEARLY for dots, side in zip((short, long), sides, strict=True)
        ):
            return known
    return said if 140 <= said <= 1200 else _DENSITIES[0]


def _placed(image: Image, setup: LabelPrinterSetup, page: Page) -> Image:
    """Put a picture on the label dot for dot, turned where only that fits, without white edges if need be."""
    from PIL import Image as Images

    ink = image.convert("L").point(lambda value: 255 - value).getbbox()
    if ink is None:
        raise Refused("label.blank", "There is nothing on this label. Get it from the carrier again.")
    if image.size == (page.width, page.height):
        return image
    for part in (image, image.crop(ink)):
        for turned in (part, part.transpose(Images.Transpose.ROTATE_90)):
            if turned.width <= page.width and turned.height <= page.height:
                whole = Images.new("1", (page.width, page.height), WHITE)
                whole.paste(turned, ((page.width - turned.width) // 2, (page.height - turned.height) // 2))
                return whole
    wide, high = ((side[1] - side[0]) / setup.dpi for side in ((ink[0], ink[2]), (ink[1], ink[3])))
    loaded = f"{setup.width_mm / MM_PER_INCH:.3g} x {setup.height_mm / MM_PER_INCH:.3g}"
    raise Refused(
        "label.does_not_fit",
        f"This label needs {wide:.2f} x {high:.2f} inches, and the printer's labels are {loaded}."
        " Choose another printer, or get the label from the carrier as 4 x 6.",
    )


def _marked(image: Image, mark: str, page: Page) -> Image:
    """Write a mark at the lower or upper edge where there is nothing of the carrier's, else leave it out.

    The white around it keeps the quiet zones of bars that stand near.
    """
    text = clean(mark, _LONGEST_MARK)
    if not text:
        return image
    setter = Setter()
    how = Type("Regular", round(2.4 * page.mm))
    text = setter.shortened(text, how, page.width // 2)
    wide, edge, around = setter.width(text, how), round(1.5 * page.mm), round(3.2 * page.mm)
    tail = round(how.size * 0.25)
    for baseline in (page.height - edge - tail, edge + how.cap):
        for left in ((page.width - wide) // 2, edge, page.width - edge - wide):
            box = (
                max(0, left - around),
                max(0, baseline - how.cap - edge),
                min(page.width, left + wide + around),
                min(page.height, baseline + tail + edge),
            )
            if _white(image.crop(box)):
                marked = image.copy()
                setter.put(marked, text, how, (left, baseline))
                return marked
    return image


def _white(part: Any) -> bool:
    darkest, _lightest = part.convert("L").getextrema()
    return bool(darkest == 255)
