"""The simulated broker's labels, read back: size, barcode, address, marks, and that nobody can mail one."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pytest

from bookwish_desk.demo.carriers import drawing
from bookwish_desk.demo.carriers.drawing import BANNER, LabelWords
from bookwish_desk.hardware.labels import zpl
from tests.demo.test_carriers_money import ABROAD, BOOKS
from tests.support.carriers import TO, Reached, carriers_server

DAY = 86_400_000


@pytest.fixture(scope="module")
def far() -> Iterator[Reached]:
    with carriers_server() as reached:
        yield reached


def codes(image: Any) -> list[str]:
    import zxingcpp

    return [found.text for found in zxingcpp.read_barcodes(image.convert("L"))]


def png(data: bytes) -> Any:
    from PIL import Image

    return Image.open(io.BytesIO(data))


def page(data: bytes) -> tuple[Any, Any]:
    import pypdfium2

    with pypdfium2.PdfDocument(data) as document:
        assert len(document) == 1
        return document[0].get_size(), document[0].render(scale=300 / 72).to_pil()


def fetched(far: Reached, made: dict[str, Any], fmt: str) -> bytes:
    label = far.get(f"/shipments/{made['id']}/label", file_format=fmt).json()["postage_label"]
    url = label["label_url"] if fmt == "PNG" else label[f"label_{fmt.lower()}_url"]
    said = far.client.get(url)  # without the key, as the desk fetches it
    assert said.status_code == 200
    return said.content


def test_a_label_in_each_format_is_4x6_and_its_barcode_reads(far: Reached) -> None:
    from zebrafy.zebrafy_zpl import ZebrafyZPL

    made = far.bought("GroundAdvantage", options={"print_custom_1": "BW-20261122-SH02"})
    code = made["tracking_code"]
    picture = png(fetched(far, made, "PNG"))
    assert picture.size == (1200, 1800) and round(picture.info["dpi"][0]) == 300
    assert codes(picture) == [code]
    size, drawn = page(fetched(far, made, "PDF"))
    assert size == (288, 432) and codes(drawn) == [code]
    text = fetched(far, made, "ZPL")
    assert zpl.pass_on(text, 1, 203) and b"\n" not in text.strip()
    dots = ZebrafyZPL(text.decode("ascii")).to_images()
    assert len(dots) == 1 and dots[0].height == 1218 and codes(dots[0]) == [code]


@pytest.mark.parametrize(("fmt", "ending"), [("PDF", "pdf"), ("ZPL", "zpl")])
def test_a_label_made_in_another_format_cannot_be_converted(far: Reached, fmt: str, ending: str) -> None:
    made = far.bought("Priority", options={"label_format": fmt})
    assert made["postage_label"]["label_url"].endswith(f".{ending}")
    said = far.get(f"/shipments/{made['id']}/label", file_format="PNG")
    assert said.json()["error"]["code"] == "SHIPMENT.POSTAGE.FORMAT_UNAVAILABLE"
    unpaid = far.made()
    said = far.get(f"/shipments/{unpaid['id']}/label")
    assert said.json()["error"]["code"] == "SHIPMENT.POSTAGE.REQUIRED"
    assert far.client.get(f"{far.root}/files/postage_label/20200101/none.png").status_code == 404


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what is written on labels, as it is asked for."""
    lines: list[str] = []
    text = drawing._Sheet.text

    def write(sheet: Any, words: str, *more: Any, **named: Any) -> None:
        lines.append(words)
        text(sheet, words, *more, **named)

    monkeypatch.setattr(drawing._Sheet, "text", write)
    return lines


def test_it_says_that_it_is_no_postage_and_for_whom_it_is(far: Reached, written: list[str]) -> None:
    marks = {"print_custom_1": "BW-SH02", "print_custom_2": "Shelf C-01"}
    made = far.bought("Express", to_address=TO | {"name": "Łucja 東京 ^XZ~JR"}, options=marks)
    fetched(far, made, "PNG")
    assert written.count(BANNER) == 2 and "NO POSTAGE PAID" in written
    assert {"8 MILL RD", "BRISTOL CT 06010-6802", "BW-SH02", "Shelf C-01", "USPS EXPRESS"} <= set(written)
    assert "ŁUCJA 東京 ^XZ~JR" in written
    data = fetched(far, made, "ZPL")
    assert data.count(b"^XZ") == 1 and b"~JR" not in data


def test_abroad_it_declares_and_names_the_country(far: Reached, written: list[str]) -> None:
    made = far.bought("PriorityMailInternational", to_address=ABROAD, customs_info=BOOKS)
    fetched(far, made, "PNG")
    assert {"Kraków 31-056", "POLAND", "CUSTOMS DECLARATION", "2 x Books $30.0"} <= set(written)


def test_a_return_goes_the_other_way(far: Reached, written: list[str]) -> None:
    made = far.bought("Priority", is_return=True)
    fetched(far, made, "PNG")
    to = written[written.index("SHIP TO:") + 1 :]
    assert to[:2] == ["Alder Falls Books", "27 Quarry Street"] and "CLARA LINDQVIST" in written


@pytest.mark.parametrize(
    ("code", "read"),
    [
        ("9400599999938000000016", "9400 5999 9993 8000 0000 16"),
        ("1Z999AA10000000042", "1Z 999 AA1 00 0000 0042"),
        ("LZ000000005US", "LZ 000 000 005 US"),
        ("794600000001", "7946 0000 0001"),
    ],
)
def test_numbers_are_written_as_carriers_write_them(code: str, read: str) -> None:
    assert drawing._grouped(code) == read


def test_long_and_empty_texts_stay_on_the_label() -> None:
    long = "A name that is far longer than any label is wide, and that goes on " * 3
    words = LabelWords("UPS", "Ground", "1Z999AA10000000042", (), (long,) * 6, 1_120.0, "", (long, "", long))
    for dpi in (203, 300):
        image = drawing.draw(words, dpi)
        assert image.size == (4 * dpi, 6 * dpi) and codes(image) == ["1Z999AA10000000042"]
        edge = [image.getpixel((image.width - 1, y)) for y in range(3 * dpi)]
        assert edge.count(0) < dpi  # the bands and lines only
    assert drawing.as_png(LabelWords("USPS", "Priority", "9400", (), (), 0.0, ""))


def test_forms_are_one_page(far: Reached) -> None:
    made = [far.bought("Priority") for _ in range(2)]
    form = far.post("/scan_forms", scan_form={"shipments": [{"id": m["id"]} for m in made]}).json()
    assert form["status"] == "creating" and form["form_url"] is None
    far.house.move_clock(3_000)
    form = far.get(f"/scan_forms/{form['id']}").json()
    assert form["status"] == "created"
    size, drawn = page(far.client.get(form["form_url"]).content)
    assert size == (288, 432) and codes(drawn) == [form["id"][-22:].upper()]
    far.house.move_clock(0)
