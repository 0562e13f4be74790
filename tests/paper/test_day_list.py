"""The list of a day's parcels on pages and on a slip: every parcel, its sums, room to sign; plain words."""

from __future__ import annotations

from bookwish_desk.paper.day_list import day_list
from bookwish_desk.shop.day_list_words import day_slip, one_carrier
from bookwish_desk.shop.handover import CarrierDay, DayList, DayRow
from bookwish_desk.shop.receipt import Letterhead
from bookwish_desk.shop.slip import Pair, Words
from tests.support.papers import words_of
from tests.support.shops import NOON

HEAD = Letterhead("Test Books")


def row(number: str, **more: object) -> DayRow:
    facts = {
        "postage": number, "numbers": (number,), "to": "Ada Example, Łódź", "service": "GroundAdvantage",
        "tracking": f"9400{number}", "weight_grams": 560, "cents": 425, **more,
    }  # fmt: skip
    return DayRow(**facts)  # type: ignore[arg-type]


def made(count: int) -> DayList:
    rows = tuple(row(f"BW-{n:03}") for n in range(count))
    return DayList("2026-09-21", (CarrierDay("USPS", rows, True), CarrierDay("UPSDAP", (row("R-1"),))))


def test_the_pages_name_every_parcel_once_with_the_sums_of_its_carrier() -> None:
    pages = words_of(day_list(made(60), HEAD, "letter", NOON))
    said = "\n".join(pages)
    assert len(pages) == 4
    # Once as its number, once in the number it is followed by.
    assert all(said.count(f"BW-{n:03}") == 2 for n in range(60))
    assert "60 parcels, 74 lb 1.2 oz, $255.00" in said
    assert "61 parcels" in pages[0]
    assert "USPS, continued" in pages[1]
    assert "UPS" in pages[3]
    assert said.count("Taken by") == 2
    assert "Łódź" in said
    assert "Page 4 of 4" in pages[3]


def test_the_same_list_is_the_same_bytes() -> None:
    assert day_list(made(3), HEAD, "a4", NOON) == day_list(made(3), HEAD, "a4", NOON)


def test_what_comes_from_outside_stays_words() -> None:
    nasty = row("BW-\x1b^XZ", to="<b>Ada</b>\x1b@", tracking="=1+1" * 40)
    day = DayList("2026-09-21", (CarrierDay("U\x1bPS", (nasty,)),))
    slip = day_slip(day, HEAD, NOON)
    texts = [e.text for e in slip.elements if isinstance(e, Words)]
    texts += [t for e in slip.elements if isinstance(e, Pair) for t in (e.left, e.right)]
    assert not any("\x1b" in text for text in texts)
    assert all(len(text) <= 100 for text in texts)
    assert len(words_of(day_list(day, HEAD, "letter", NOON))) == 1


def test_one_carriers_list_leaves_the_others_out() -> None:
    slip = str(day_slip(one_carrier(made(2), "UPSDAP"), HEAD, NOON).elements)
    assert "R-1" in slip
    assert "BW-000" not in slip
    assert one_carrier(made(2), "") == made(2)
